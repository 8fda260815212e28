import { useQuery } from "@tanstack/react-query";
import { FileText, Plus } from "lucide-react";
import { useState } from "react";
import { reportsData } from "../api/data.ts";
import { Button } from "../shell/Button.tsx";
import { Empty, Loaded, Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { ReportTable } from "./ReportTable.tsx";
import { useNewReport } from "./useNewReport.ts";

const findFrom = 8;

export function ReportsPage() {
  const words = useWords();
  const { team, mayEdit } = useSigned();
  const reports = useQuery(reportsData(team.id));
  const newReport = useNewReport();
  const [sought, seek] = useState("");
  const create = mayEdit ? <Button look="primary" icon={<Plus size={16} aria-hidden />} disabled={newReport.isPending} onClick={() => newReport.create()}>{words.reports.create}</Button> : null;
  return (
    <Page title={words.reports.title} actions={reports.data?.items.length ? create : null}>
      <Loaded query={reports}>
        {({ items }) => {
          if (items.length === 0) return <Empty icon={<FileText size={22} aria-hidden />} title={words.reports.emptyTitle} text={words.reports.emptyText}>{create}</Empty>;
          const shown = items.filter((report) => report.title.toLowerCase().includes(sought.trim().toLowerCase()));
          return (
            <>
              {items.length >= findFrom ? <input type="search" className="input max-w-[340px] mb-4" aria-label={words.reports.find} placeholder={words.reports.find} value={sought} onChange={(event) => seek(event.target.value)} /> : null}
              {shown.length === 0 ? <p role="status" className="text-ink-2">{words.reports.noMatch}</p> : <ReportTable items={shown} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Database, Upload } from "lucide-react";
import { useCallback, useState } from "react";
import { databasesData } from "../api/data.ts";
import { buttonClass } from "../shell/Button.tsx";
import { Empty, Loaded, Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { DatabaseTable } from "./DatabaseTable.tsx";
import { usePaste } from "./paste.ts";
import { addUploads } from "./uploads.ts";

const findFrom = 8;

export function DatabasesPage() {
  const words = useWords();
  const { team, mayEdit } = useSigned();
  const databases = useQuery(databasesData(team.id));
  const [sought, seek] = useState("");
  const navigate = useNavigate();
  const take = useCallback((files: File[]) => {
    if (!mayEdit) return;
    addUploads({ files, team: team.id, ...(files[0]?.name.startsWith("pasted.") ? { name: words.previews.pastedName } : {}) });
    void navigate({ to: "/databases/new" });
  }, [mayEdit, team.id, words, navigate]);
  usePaste(take);
  const upload = mayEdit ? (
    <Link to="/databases/new" className={buttonClass({ look: "primary" })}><Upload size={16} aria-hidden />{words.databases.upload}</Link>
  ) : null;
  return (
    <Page title={words.databases.title} actions={databases.data?.items.length ? upload : null}>
      <Loaded query={databases}>
        {({ items }) => {
          if (items.length === 0) return <Empty icon={<Database size={22} aria-hidden />} title={words.databases.emptyTitle} text={words.databases.emptyText}>{upload}</Empty>;
          const shown = items.filter((database) => database.name.toLowerCase().includes(sought.trim().toLowerCase()));
          return (
            <>
              {items.length >= findFrom ? <input type="search" className="input max-w-[340px] mb-4" aria-label={words.databases.find} placeholder={words.databases.find} value={sought} onChange={(event) => seek(event.target.value)} /> : null}
              {shown.length === 0 ? <p role="status" className="text-ink-2">{words.databases.noMatch}</p> : <DatabaseTable items={shown} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

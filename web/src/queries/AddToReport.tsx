import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/api.ts";
import { reportsData } from "../api/data.ts";
import type { ColumnBrief, Engine } from "../api/types.ts";
import type { Chart } from "../charts/chart.ts";
import { definitionOf, emptyReport, newBlockId, placeFor } from "../reports/definition.ts";
import type { ReportBlock, ReportDefinition, ReportParameter, StoredReport } from "../reports/definition.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useLanguage, useWords } from "../words/language.ts";

interface Props {
  open: boolean;
  onClose: () => void;
  database: string;
  sql: string;
  /** Where the SQL was made of it. */
  question?: Record<string, unknown> | undefined;
  engine: Engine;
  chart: Chart | null;
  view: string;
  /** Of the question: the block's, to begin with. */
  title: string;
  /** Of the parameters, as they were given here: the report's defaults. */
  values: Record<string, string | number | null>;
  columns: ColumnBrief[];
}

type Kind = "chart" | "table" | "number";
const fresh = "";

/** Puts the question and its chart into a report, and opens that. */
export function AddToReport({ open, onClose, database, sql, question, engine, chart, view, title: suggested, values, columns }: Props) {
  const words = useWords();
  const language = useLanguage();
  const { team } = useSigned();
  const client = useQueryClient();
  const navigate = useNavigate();
  const reports = useQuery({ ...reportsData(team.id), enabled: open });
  const [kind, setKind] = useState<Kind | null>(null);
  const [report, setReport] = useState(fresh);
  const [reportTitle, setReportTitle] = useState("");
  const [title, setTitle] = useState(suggested);
  const chosen = kind ?? (view === "chart" && chart ? "chart" : "table");
  const add = useMutation({
    async mutationFn() {
      const stored = report === fresh ? null : await call<StoredReport>(`/api/v1/reports/${encodeURIComponent(report)}`);
      const before = stored ? definitionOf(stored) : emptyReport(reportTitle.trim() || title.trim() || words.reports.untitled, language);
      const after = withBlock(before, { kind: chosen, database, sql, question, engine, chart, title: title.trim(), values, field: columns[0]?.name });
      if (!stored) return await call<StoredReport>(`/api/v1/teams/${encodeURIComponent(team.id)}/reports`, { method: "POST", body: after });
      return await call<StoredReport>(`/api/v1/reports/${encodeURIComponent(stored.id)}`, { method: "PUT", body: after, headers: { "If-Match": `"${stored.version}"` } });
    },
    async onSuccess(stored) {
      client.removeQueries({ queryKey: ["report", stored.id] });
      await client.invalidateQueries({ queryKey: ["reports"] });
      await navigate({ to: "/reports/$report/edit", params: { report: stored.id } });
    },
  });
  const kinds: { value: Kind; label: string }[] = [
    ...(chart ? [{ value: "chart" as const, label: words.queries.addChart }] : []), { value: "table", label: words.queries.addTable }, { value: "number", label: words.queries.addNumber },
  ];
  return (
    <Dialog open={open} onClose={onClose} title={words.queries.addTitle}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); add.mutate(); }}>
        <SelectField<Kind> label={words.editor.block} value={chosen} onPick={setKind} options={kinds} />
        <TextField label={words.queries.blockTitle} value={title} onText={setTitle} maxLength={200} />
        <SelectField label={words.queries.which} value={report} onPick={setReport} options={[{ value: fresh, label: words.queries.newReport }, ...(reports.data?.items ?? []).map((one) => ({ value: one.id, label: one.title }))]} />
        {report === fresh ? <TextField label={words.queries.reportTitle} value={reportTitle} onText={setReportTitle} maxLength={200} placeholder={title.trim() || words.reports.untitled} /> : null}
        <ProblemNotice error={add.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={add.isPending}>{words.queries.addButton}</Button>
        </div>
      </form>
    </Dialog>
  );
}

interface Addition {
  kind: Kind;
  database: string;
  sql: string;
  question: Record<string, unknown> | undefined;
  engine: Engine;
  chart: Chart | null;
  title: string;
  values: Record<string, string | number | null>;
  field: string | undefined;
}

function withBlock(report: ReportDefinition, { kind, database, sql, question, engine, chart, title, values, field }: Addition): ReportDefinition {
  const common = { id: newBlockId(kind, report.blocks), layout: placeFor(kind, report.blocks), database, sql, ...(question ? { question } : {}), ...(engine === "duckdb" ? { engine } : {}), ...(title ? { title } : {}) };
  const block = kind === "chart" ? { ...common, kind, chart } : kind === "number" ? { ...common, kind, ...(field === undefined ? {} : { field }) } : { ...common, kind };
  const known = new Set(report.parameters.map((parameter) => parameter.name));
  const parameters = Object.entries(values).filter(([name]) => !known.has(name))
    .map(([name, value]): ReportParameter => ({ name, type: typeof value === "number" ? "number" : "text", default: value }));
  return { ...report, parameters: [...report.parameters, ...parameters], blocks: [...report.blocks, block as ReportBlock] };
}

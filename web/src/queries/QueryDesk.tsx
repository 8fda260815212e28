import { Blocks, FilePlus2, Play, Save, Square } from "lucide-react";
import { Tabs } from "radix-ui";
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode, RefObject } from "react";
import { Problem } from "../api/api.ts";
import type { Database, Engine, SavedQuery } from "../api/types.ts";
import { ChartBuilder } from "../charts/ChartBuilder.tsx";
import { ChartView } from "../charts/ChartView.tsx";
import { mainTable } from "../databases/tables.ts";
import { chartFor, fits } from "../charts/chart.ts";
import type { Chart } from "../charts/chart.ts";
import { ResultDownload } from "../exports/ResultDownload.tsx";
import { Button } from "../shell/Button.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { AddToReport } from "./AddToReport.tsx";
import { Flaw } from "#src/rooms/questions/question.ts";
import { emptyDraft, write } from "./builder.ts";
import type { Draft } from "./builder.ts";
import { EngineChoice } from "./EngineChoice.tsx";
import { ParameterFields } from "./ParameterFields.tsx";
import type { ParameterText } from "./ParameterFields.tsx";
import { QuestionBuilder } from "./QuestionBuilder.tsx";
import { ResultTable } from "./ResultTable.tsx";
import { SaveQuery } from "./SaveQuery.tsx";
import type { SqlEditorHandle } from "./SqlEditor.tsx";
import { parametersOf, valueOf } from "./sql.ts";
import { useRun } from "./useRun.ts";

const SqlEditor = lazy(() => import("./SqlEditor.tsx"));

interface DeskProps {
  database: Database;
  start: { sql: string; engine: Engine; chart: Record<string, unknown> | null; run: boolean };
  saved: SavedQuery | null;
  /** What the question is called, for what is made of it. */
  title: string;
  editor: RefObject<SqlEditorHandle | null>;
  /** The SQL, its engine, and its chart while that is shown, have changed. */
  onChange: (now: { sql: string; engine: Engine; chart: Chart | null }) => void;
}

/** The SQL, its parameters, and its answer as a table or a chart. */
export function QueryDesk({ database, start, saved, title, editor, onChange }: DeskProps) {
  const words = useWords();
  const { mayEdit } = useSigned();
  const [sql, setSql] = useState(start.sql);
  const [engine, setEngine] = useState(start.engine);
  const [values, setValues] = useState<Record<string, ParameterText>>({});
  const [chart, setChart] = useState<Chart | null>(start.chart as Chart | null);
  const [view, setView] = useState(start.chart ? "chart" : "table");
  const [downloadError, setDownloadError] = useState<unknown>(null);
  const [open, setOpen] = useState<"save" | "report" | null>(null);
  const { answer, asked, error, running, cancelled, elapsedMs, run, cancel } = useRun(database.id);
  const builder = useBuilder(database, editor);
  const names = useMemo(() => parametersOf(sql, engine), [sql, engine]);
  const given = useMemo(() => Object.fromEntries(names.map((name) => [name, valueOf(values[name]?.text ?? "", values[name]?.asText ?? false)])), [names, values]);
  const ask = useCallback(() => run({ sql, ...(engine === "duckdb" ? { engine } : {}), ...(names.length > 0 ? { parameters: given } : {}) }), [run, sql, engine, names, given]);
  useEffect(() => {
    if (start.run && parametersOf(start.sql, start.engine).length === 0) run({ sql: start.sql, ...(start.engine === "duckdb" ? { engine: start.engine } : {}) });
  }, [start, run]);
  // The asked-for day is today until somebody says another one.
  useEffect(() => {
    if (builder.draft && names.includes("today")) setValues((before) => (before["today"] ? before : { ...before, today: { text: new Date().toLocaleDateString("sv"), asText: true } }));
  }, [builder.draft, names]);
  // A chart whose fields are gone is replaced by one that the new columns suggest.
  useEffect(() => {
    if (answer) setChart((before) => (before && fits(before, answer.columns) ? before : chartFor(answer.columns, answer.rows)));
  }, [answer]);
  const shown = view === "chart" ? chart : null;
  const told = useRef({ sql: start.sql, engine: start.engine, chart: shown });
  useEffect(() => {
    if (told.current.sql === sql && told.current.engine === engine && told.current.chart === shown) return;
    told.current = { sql, engine, chart: shown };
    onChange(told.current);
  });
  const problem = error instanceof Problem ? error : null;
  const wrongAt = useMemo(() => (problem?.line === undefined ? null : { line: problem.line, column: problem.column ?? 1 }), [problem]);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {database.tables.length > 0 ? (
        <div><Button size="small" icon={<Blocks size={15} aria-hidden />} aria-expanded={builder.draft !== null} onClick={() => { builder.toggle(); setEngine("sqlite"); }}>{builder.draft ? words.builder.close : words.builder.open}</Button></div>
      ) : null}
      {builder.draft ? <QuestionBuilder tables={database.tables} draft={builder.draft} onDraft={builder.setDraft} onSql={builder.write} onRun={ask} /> : null}
      <div onKeyDown={(event) => { if (event.key === "Escape" && running) cancel(); }}>
        <Suspense fallback={<div className="skeleton h-[150px]" />}>
          <SqlEditor ref={editor} initial={start.sql} tables={database.tables} engine={engine} label={words.queries.sql} onSql={(text) => { setSql(text); builder.noticeSql(text); }} onRun={ask} wrongAt={wrongAt} />
        </Suspense>
        <p className="hint max-sm:hidden">{words.queries.sqlHint}</p>
      </div>
      {builder.draft ? null : <EngineChoice database={database.id} engine={engine} onEngine={setEngine} running={running} />}
      <ParameterFields names={names} sign={engine === "duckdb" ? "$" : ":"} values={values} onValues={setValues} onRun={ask} />
      <div className="flex flex-wrap items-center gap-2">
        {running ? <Button look="secondary" icon={<Square size={14} aria-hidden />} onClick={cancel}>{words.queries.cancel}</Button>
          : <Button look="primary" icon={<Play size={15} aria-hidden />} disabled={sql.trim() === ""} onClick={ask} title="Ctrl-Enter">{words.queries.run}</Button>}
        <div className="grow min-w-0"><RunStatus running={running} cancelled={cancelled} elapsedMs={elapsedMs} answer={answer} /></div>
        {mayEdit ? <Button size="small" icon={<Save size={15} aria-hidden />} disabled={sql.trim() === ""} onClick={() => setOpen("save")}>{words.queries.save}</Button> : null}
        {mayEdit ? <Button size="small" icon={<FilePlus2 size={15} aria-hidden />} disabled={!answer} onClick={() => setOpen("report")}>{words.queries.addToReport}</Button> : null}
      </div>
      {error ? <ProblemNotice error={error} /> : null}
      {downloadError ? <ProblemNotice error={downloadError} /> : null}
      {answer && asked ? <Answer key={view} view={view} onView={setView} answer={answer} download={<ResultDownload database={database.id} question={asked} name={(title || database.name).slice(0, 200)} onError={setDownloadError} />} chart={chart} onChart={setChart} stale={running} /> : error || running ? null : (
        <p className="rounded-xl border border-dashed border-line-2/50 px-5 py-10 text-center text-ink-2">{isMac() ? words.queries.startMac : words.queries.start}</p>
      )}
      <SaveQuery open={open === "save"} onClose={() => setOpen(null)} database={database.id} sql={sql} question={builder.questionOf(sql)} engine={engine} chart={view === "chart" ? chart : null} saved={saved} />
      {answer ? <AddToReport open={open === "report"} onClose={() => setOpen(null)} database={database.id} sql={sql} question={builder.questionOf(sql)} engine={engine} chart={chart} view={view} title={title} values={given} columns={answer.columns} /> : null}
    </div>
  );
}

/** The choices that write the SQL, until it is changed by hand. */
function useBuilder(database: Database, editor: RefObject<SqlEditorHandle | null>) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const last = useRef<Draft | null>(null);
  const written = useRef<string | null>(null);
  if (draft) last.current = draft;
  return {
    draft,
    setDraft,
    toggle: () => setDraft(draft ? null : last.current ?? emptyDraft(mainTable(database.tables)!.name)),
    write(sql: string) {
      written.current = sql;
      editor.current?.replace(sql);
    },
    noticeSql(sql: string) {
      if (draft && written.current !== null && sql !== written.current) setDraft(null);
    },
    /** What is saved beside the SQL while the two say the same. */
    questionOf(sql: string): Record<string, unknown> | undefined {
      const table = database.tables.find(({ name }) => name === draft?.table);
      const now = draft && table ? write(draft, table) : null;
      return now && !(now instanceof Flaw) && now.sql === sql ? (now.question as unknown as Record<string, unknown>) : undefined;
    },
  };
}

const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

function RunStatus({ running, cancelled, elapsedMs, answer }: { running: boolean; cancelled: boolean; elapsedMs: number; answer: { rowCount: number; elapsedMs: number; engine?: Engine } | null }) {
  const words = useWords();
  const formats = useFormats();
  const summary = ({ rowCount, elapsedMs: ms, engine }: NonNullable<typeof answer>): string => {
    const figures = [words.counts.rows(formats.number(rowCount)), formats.milliseconds(ms)] as const;
    return engine === "duckdb" ? words.queries.summaryBy(...figures, "DuckDB") : words.queries.summary(...figures);
  };
  const text = running
    ? elapsedMs > 300 ? words.queries.running(formats.milliseconds(elapsedMs)) : ""
    : cancelled ? words.queries.cancelled : answer ? summary(answer) : "";
  return <p role="status" aria-live={running ? "off" : "polite"} className="text-[0.9rem] text-ink-2 numeric">{text}</p>;
}

interface AnswerProps {
  view: string;
  onView: (view: string) => void;
  answer: NonNullable<ReturnType<typeof useRun>["answer"]>;
  download: ReactNode;
  chart: Chart | null;
  onChart: (chart: Chart) => void;
  stale: boolean;
}

function Answer({ view, onView, answer, download, chart, onChart, stale }: AnswerProps) {
  const words = useWords();
  const formats = useFormats();
  const tab = "min-h-9 px-3.5 text-[0.93rem] font-medium text-ink-2 border-b-2 border-transparent data-[state=active]:text-ink data-[state=active]:border-accent -mb-px";
  return (
    <Tabs.Root value={view} onValueChange={onView} className={stale ? "opacity-60 transition-opacity" : ""}>
      <div className="flex items-center border-b border-line mb-3">
        <Tabs.List aria-label={words.queries.views} className="grow">
          <Tabs.Trigger value="table" className={tab}>{words.queries.result}</Tabs.Trigger>
          <Tabs.Trigger value="chart" className={tab}>{words.queries.chart}</Tabs.Trigger>
        </Tabs.List>
        {download}
      </div>
      {answer.truncated ? <div className="mb-3"><Notice>{words.queries.truncated(words.counts.rows(formats.number(answer.rows.length)))}</Notice></div> : null}
      <Tabs.Content value="table" tabIndex={-1}>
        {answer.rows.length === 0 ? <p className="text-ink-2 py-4">{words.queries.noRows}</p> : <ResultTable columns={answer.columns} rows={answer.rows} label={words.queries.resultLabel} height={520} sortable />}
      </Tabs.Content>
      <Tabs.Content value="chart" tabIndex={-1}>
        {chart ? (
          <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_300px]">
            <div className="card p-4 self-start xl:sticky xl:top-[76px]"><ChartView chart={chart as unknown as Record<string, unknown>} result={answer} height={420} /></div>
            <ChartBuilder chart={chart} result={answer} onChart={onChart} />
          </div>
        ) : null}
      </Tabs.Content>
    </Tabs.Root>
  );
}

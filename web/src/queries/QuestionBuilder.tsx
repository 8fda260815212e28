import { Plus, X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";
import { Flaw } from "#src/rooms/questions/question.ts";
import type { TableBrief } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { Check, SelectField } from "../shell/Field.tsx";
import { Notice } from "../shell/Notice.tsx";
import { useLanguage, useWords } from "../words/language.ts";
import { bins, columnsFor, emptyDraft, figureKinds, kindOf, newFilter, ofRows, tests, units, write } from "./builder.ts";
import type { Draft, FilterDraft } from "./builder.ts";

interface Props {
  tables: readonly TableBrief[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  /** The SQL of the choices, each time it changes. */
  onSql: (sql: string) => void;
  onRun: () => void;
}

/** A question by choices: what is chosen is written as SQL at once. */
export function QuestionBuilder({ tables, draft, onDraft, onSql, onRun }: Props) {
  const words = useWords().builder;
  const language = useLanguage();
  const table = tables.find(({ name }) => name === draft.table) ?? tables[0]!;
  const written = write(draft, table);
  const sql = written instanceof Flaw ? null : written.sql;
  const told = useRef(onSql);
  told.current = onSql;
  // What stands in the editor stays until something is chosen.
  const last = useRef(sql);
  useEffect(() => {
    if (sql === null || sql === last.current) return;
    last.current = sql;
    told.current(sql);
  }, [sql]);
  const change = (part: Partial<Draft>): void => onDraft({ ...draft, ...part });
  const isList = draft.groups.length === 0 && draft.figures.length === 0;
  return (
    <section aria-label={words.open} className="card p-4 grid gap-4" onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onRun(); }}>
      <div className="sm:max-w-80">
        <SelectField small label={words.table} value={table.name} options={tables.map(({ name }) => ({ value: name, label: name }))} onPick={(name) => onDraft(emptyDraft(name))} />
      </div>
      <Part title={words.figures} add={words.addFigure} onAdd={() => change({ figures: [...draft.figures, { kind: "count", column: table.columns[0]!.name }] })}>
        {draft.figures.map((figure, i) => {
          const put = (part: Partial<typeof figure>): void => change({ figures: draft.figures.map((one, at) => (at === i ? { ...one, ...part } : one)) });
          const columns = columnsFor(figure.kind, table);
          return (
            <Row key={i} name={words.kinds[figure.kind as keyof typeof words.kinds]} onRemove={() => change({ figures: draft.figures.filter((_, at) => at !== i) })}>
              <SelectField bare small label={words.figure} value={figure.kind} options={figureKinds.filter((kind) => columnsFor(kind, table).length > 0).map((kind) => ({ value: kind, label: words.kinds[kind as keyof typeof words.kinds] }))}
                onPick={(kind) => put({ kind, column: columnsFor(kind, table).includes(figure.column) ? figure.column : columnsFor(kind, table)[0]! })} />
              {ofRows.includes(figure.kind) ? null : <SelectField bare small label={words.column} value={figure.column} options={columns.map((name) => ({ value: name, label: name }))} onPick={(column) => put({ column })} />}
            </Row>
          );
        })}
      </Part>
      <Part title={words.groups} add={words.addGroup} onAdd={() => change({ groups: [...draft.groups, { column: table.columns[0]!.name, bin: "" }] })}>
        {draft.groups.map((group, i) => {
          const put = (part: Partial<typeof group>): void => change({ groups: draft.groups.map((one, at) => (at === i ? { ...one, ...part } : one)) });
          const offered = bins[kindOf(table.columns.find(({ name }) => name === group.column)!)];
          return (
            <Row key={i} name={group.column} onRemove={() => change({ groups: draft.groups.filter((_, at) => at !== i) })}>
              <SelectField bare small label={words.column} value={group.column} options={table.columns.map(({ name }) => ({ value: name, label: name }))} onPick={(column) => put({ column, bin: "" })} />
              {offered.length > 1 ? <SelectField bare small label={words.bin} value={group.bin} options={offered.map((bin) => ({ value: bin, label: binLabel(words, bin) }))} onPick={(bin) => put({ bin })} /> : null}
            </Row>
          );
        })}
      </Part>
      <Part title={words.filters} add={words.addFilter} onAdd={() => change({ filters: [...draft.filters, newFilter(table)] })}>
        {draft.filters.map((filter, i) => (
          <Row key={i} name={filter.column} onRemove={() => change({ filters: draft.filters.filter((_, at) => at !== i) })}>
            <FilterFields table={table} filter={filter} onFilter={(next) => change({ filters: draft.filters.map((one, at) => (at === i ? next : one)) })} />
          </Row>
        ))}
      </Part>
      {isList ? (
        <fieldset>
          <legend className="label">{words.columns}</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1 max-h-40 overflow-y-auto">
            {table.columns.map(({ name }) => <Check small key={name} label={name} checked={draft.columns.includes(name)} onCheck={(on) => change({ columns: table.columns.map((one) => one.name).filter((one) => (one === name ? on : draft.columns.includes(one))) })} />)}
          </div>
          <p className="hint">{words.allColumns}</p>
        </fieldset>
      ) : null}
      <div className="grid gap-3 sm:grid-cols-[minmax(0,20rem)_auto_8rem] sm:justify-start sm:items-end">
        <SelectField small label={words.sort} value={written instanceof Flaw || !written.columns.includes(draft.sort) ? "" : draft.sort}
          options={[{ value: "", label: words.unsorted }, ...(written instanceof Flaw ? [] : written.columns.map((name) => ({ value: name, label: name })))]} onPick={(sort) => change({ sort })} />
        <Check small label={words.descending} checked={draft.isDescending} onCheck={(isDescending) => change({ isDescending })} />
        <label className="block"><span className="label">{words.limit}</span><input className="input input-small" type="number" min={1} max={1_000_000} value={draft.limit} onChange={(event) => change({ limit: event.target.value })} /></label>
      </div>
      {written instanceof Flaw ? <Notice>{language === "ja" ? written.ja : written.en}</Notice> : null}
      <p className="hint">{words.hint}</p>
    </section>
  );
}

function binLabel(words: ReturnType<typeof useWords>["builder"], bin: string): string {
  if (bin.startsWith("count ")) return words.binCount(bin.slice(6));
  return Number(bin) > 0 ? words.binWidth(bin) : words.bins[bin as keyof typeof words.bins];
}

function Part({ title, add, onAdd, children }: { title: string; add: string; onAdd: () => void; children: ReactNode[] }) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className="grid gap-2 sm:grid-cols-[6rem_minmax(0,1fr)]">
      <p id={id} className="label sm:pt-1.5">{title}</p>
      <div className="grid gap-2 justify-items-start">
        {children}
        <Button size="small" look="quiet" icon={<Plus size={14} aria-hidden />} onClick={onAdd}>{add}</Button>
      </div>
    </div>
  );
}

function Row({ name, onRemove, children }: { name: string; onRemove: () => void; children: ReactNode }) {
  const words = useWords().builder;
  return (
    <div className="flex flex-wrap items-center gap-2 w-full [&>select]:w-auto [&>select]:max-w-full [&>input]:w-40">
      {children}
      <IconButton label={words.remove(name)} onClick={onRemove}><X size={15} aria-hidden /></IconButton>
    </div>
  );
}

function FilterFields({ table, filter, onFilter }: { table: TableBrief; filter: FilterDraft; onFilter: (filter: FilterDraft) => void }) {
  const words = useWords().builder;
  const kind = kindOf(table.columns.find(({ name }) => name === filter.column)!);
  const field = (key: "to" | "until", label: string, type: string): ReactNode =>
    <input className="input input-small" aria-label={label} type={type} value={filter[key]} {...(type === "number" ? { step: "any" } : {})} onChange={(event) => onFilter({ ...filter, [key]: event.target.value })} />;
  return (
    <>
      <SelectField bare small label={words.column} value={filter.column} options={table.columns.map(({ name }) => ({ value: name, label: name }))}
        onPick={(column) => onFilter({ ...newFilter(table), column, is: tests[kindOf(table.columns.find(({ name }) => name === column)!)][0] })} />
      <SelectField bare small label={words.test} value={filter.is} options={tests[kind].map((is) => ({ value: is, label: words.tests[is] }))} onPick={(is) => onFilter({ ...filter, is, to: is === "last" ? "12" : filter.is === "last" || is === "during" ? "" : filter.to })} />
      {filter.is === "empty" || filter.is === "not empty" ? null : filter.is === "during" ? <>{field("to", words.from, "date")}{field("until", words.until, "date")}</>
        : filter.is === "last" ? <>{field("to", words.count, "number")}<SelectField bare small label={words.unit} value={filter.unit} options={units.map((unit) => ({ value: unit, label: words.units[unit] }))} onPick={(unit) => onFilter({ ...filter, unit })} /></>
          : field("to", words.value, kind === "number" ? "number" : "text")}
    </>
  );
}

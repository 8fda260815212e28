import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../api/api.ts";
import { descriptionsData } from "../api/data.ts";
import type { ColumnBrief, Database, SchemaColumn, SchemaTable } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { Field } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { ColumnProfile } from "./ColumnProfile.tsx";

interface Props {
  database: Database;
  table: string;
  columns: readonly (ColumnBrief | SchemaColumn)[];
  schema: SchemaTable | undefined;
}

/** The columns of a table: each opens to what stands in it and what it means. */
export function Columns({ database, table, columns, schema }: Props) {
  const words = useWords();
  const formats = useFormats();
  const meanings = useQuery(descriptionsData(database.id));
  const meaningOf = (column?: string): string => meanings.data?.items.find((one) => one.table === table && one.column === column)?.words ?? "";
  return (
    <div>
      <h3 className="mb-2 min-h-8 flex items-center">{words.databases.structure}<span className="font-normal text-ink-2 text-[0.88rem] ml-1.5 numeric">{formats.number(columns.length)}</span></h3>
      <Meaning database={database.id} table={table} words={meaningOf()} label={words.catalog.tableMeaning} />
      <ul className="rounded-lg border border-line divide-y divide-line/60 max-h-[520px] overflow-y-auto text-[0.9rem]" tabIndex={0} aria-label={words.databases.structure}>
        {columns.map((column) => {
          const key = "primaryKey" in column && Boolean(column.primaryKey);
          const refers = schema?.foreignKeys?.find((one) => one.columns?.includes(column.name))?.table;
          const meaning = meaningOf(column.name);
          return (
            <li key={column.name}>
              <Opening head={
                <>
                  <span className="font-medium grow min-w-0 break-words">{column.name} {key ? <KeyRound size={12} className="inline text-accent" aria-label={words.databases.primaryKey} /> : null}</span>
                  <span className="text-ink-2 text-[0.8rem] font-mono shrink-0">{column.type.toLowerCase()}</span>
                  {refers ? <span className="text-ink-2 text-[0.78rem] w-full">{words.databases.refersTo(refers)}</span> : null}
                  {meaning ? <span className="text-ink-2 text-[0.82rem] w-full whitespace-pre-line">{meaning}</span> : null}
                </>
              }>
                <ColumnProfile database={database.id} version={database.version} table={table} column={column.name} />
                <Meaning database={database.id} table={table} column={column.name} words={meaning} label={words.catalog.meaning} />
              </Opening>
            </li>
          );
        })}
      </ul>
      <Indexes schema={schema} />
    </div>
  );
}

/** What is inside is asked for when it is opened. */
function Opening({ head, children }: { head: ReactNode; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="px-3 py-1.5 flex flex-wrap items-baseline gap-x-2 hover:bg-paper-2 list-none">{head}</summary>
      {open ? <div className="px-3 pb-3 pt-1 grid gap-3">{children}</div> : null}
    </details>
  );
}

function Meaning({ database, table, column, words: known, label }: { database: string; table: string; column?: string; words: string; label: string }) {
  const words = useWords();
  const client = useQueryClient();
  const { mayEdit } = useSigned();
  const [text, setText] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (said: string) => call(`/api/v1/databases/${encodeURIComponent(database)}/descriptions`, { method: "PUT", body: { items: [{ table, ...(column === undefined ? {} : { column }), words: said }] } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["database", database, "descriptions"] });
      setText(null);
      say(words.catalog.saved);
    },
  });
  if (!mayEdit || text === null) {
    return (
      <div className={column === undefined && (known || mayEdit) ? "mb-2" : ""}>
        {column === undefined && known ? <p className="text-[0.88rem] text-ink-2 whitespace-pre-line">{known}</p> : null}
        {mayEdit ? <button type="button" className="text-accent text-[0.82rem] underline underline-offset-2 min-h-6" onClick={() => setText(known)}>{known ? words.actions.edit : words.catalog.describe}</button> : null}
      </div>
    );
  }
  return (
    <form className="grid gap-2 mb-2" onSubmit={(event) => { event.preventDefault(); save.mutate(text); }}>
      <Field label={label} hint={words.catalog.meaningHint}>
        {(control) => <textarea className="input input-small min-h-16" rows={2} maxLength={2_000} autoFocus {...control} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => { if (event.key === "Escape") setText(null); }} />}
      </Field>
      <ProblemNotice error={save.error} />
      <div className="flex gap-2 justify-end">
        <Button size="small" onClick={() => setText(null)}>{words.actions.cancel}</Button>
        <Button size="small" type="submit" look="primary" disabled={save.isPending}>{words.actions.save}</Button>
      </div>
    </form>
  );
}

function Indexes({ schema }: { schema: SchemaTable | undefined }) {
  const words = useWords().catalog;
  const indexes = schema?.indexes ?? [];
  if (indexes.length === 0) return null;
  return (
    <div className="mt-4">
      <h3 className="mb-1.5">{words.indexes}</h3>
      <ul className="text-[0.84rem] grid gap-1">
        {indexes.map(({ name, unique, columns }) => <li key={name} className="break-words"><span className="font-mono">{columns.map((one) => one ?? "(…)").join(", ")}</span>{unique ? <span className="text-ink-2"> · {words.unique}</span> : null}</li>)}
      </ul>
    </div>
  );
}

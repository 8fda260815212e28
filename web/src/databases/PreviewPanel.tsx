import { useState } from "react";
import type { Choices, Preview, PreviewTable } from "../api/arrivals.ts";
import { Check, SelectField, TextField } from "../shell/Field.tsx";
import { Notice } from "../shell/Notice.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { PreviewGrid } from "./PreviewGrid.tsx";
import { withTable, without } from "./choices.ts";

interface Props {
  preview: Preview;
  isBusy: boolean;
  onCorrect: (choices: Choices) => void;
}

/** A file as it would be read, and everything about it that can be corrected. */
export function PreviewPanel({ preview, isBusy, onCorrect }: Props) {
  const words = useWords();
  const { tables } = preview;
  const [picked, pick] = useState<string | null>(null);
  const table = tables.find((one) => one.from === picked) ?? tables[0];
  return (
    <div className="grid gap-3.5" aria-busy={isBusy}>
      <Reading preview={preview} isBusy={isBusy} onCorrect={onCorrect} />
      {preview.problem ? <Notice tone="bad" title={preview.problem.title} role="alert"><p>{preview.problem.detail}</p></Notice> : null}
      {tables.length > 1 ? (
        <div role="group" aria-label={words.databases.tables} className="flex flex-wrap gap-1.5">
          {tables.map((one) => (
            <button
              key={one.from} type="button" aria-pressed={one === table} onClick={() => pick(one.from)}
              className={`min-h-8 px-3 rounded-full border border-line text-[0.88rem] hover:border-line-2 aria-pressed:bg-ink aria-pressed:text-paper aria-pressed:border-ink max-w-full truncate ${one.leftOut ? "line-through text-ink-2" : ""}`}
            >
              {one.name}
            </button>
          ))}
        </div>
      ) : null}
      {table ? <TableView key={`${table.from} ${table.name}`} preview={preview} table={table} onCorrect={onCorrect} /> : null}
      <Misfits preview={preview} onCorrect={onCorrect} />
      <Warnings preview={preview} />
    </div>
  );
}

const encodings = { "utf-8": "UTF-8", shift_jis: "Shift_JIS (CP932)", "euc-jp": "EUC-JP", "utf-16le": "UTF-16 LE", "utf-16be": "UTF-16 BE", "windows-1252": "Windows-1252" };
const delimiters = [",", "\t", ";", "|", ":"];

/** How the text is read: as found, or as chosen. */
function Reading({ preview, isBusy, onCorrect }: Props) {
  const words = useWords();
  const { choices, corrections } = preview;
  const kind = words.previews.formats[preview.format] ?? preview.format.toUpperCase();
  if (!corrections.includes("encoding")) return <p className="text-[0.9rem] text-ink-2">{kind}{corrections.length === 0 && preview.tables.length > 0 ? ` · ${words.previews.asItIs}` : ""}</p>;
  const found = (text: string | undefined): string => (text === undefined ? words.previews.automatic : words.previews.found(text));
  const delimiterWord = (delimiter: string): string => words.previews.delimiters[delimiter] ?? delimiter;
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-2.5">
      <SelectField
        label={words.previews.encoding} small className="w-auto" disabled={isBusy} value={choices.encoding ?? ""}
        options={[{ value: "", label: found(choices.encoding === undefined ? (encodings[preview.encoding as keyof typeof encodings] ?? preview.encoding) : undefined) }, ...Object.entries(encodings).map(([value, label]) => ({ value, label }))]}
        onPick={(value) => onCorrect(value === "" ? without(choices, "encoding") : { ...choices, encoding: value })}
      />
      <SelectField
        label={words.previews.delimiter} small className="w-auto" disabled={isBusy} value={choices.delimiter ?? ""}
        options={[{ value: "", label: found(choices.delimiter === undefined && preview.delimiter ? delimiterWord(preview.delimiter) : undefined) }, ...delimiters.map((value) => ({ value, label: delimiterWord(value) }))]}
        onPick={(value) => onCorrect(value === "" ? without(choices, "delimiter") : { ...choices, delimiter: value })}
      />
      <Check small label={words.previews.header} checked={choices.header ?? preview.header ?? true} onCheck={(header) => onCorrect({ ...choices, header })} />
    </div>
  );
}

function TableView({ preview, table, onCorrect }: { preview: Preview; table: PreviewTable; onCorrect: (choices: Choices) => void }) {
  const words = useWords();
  const formats = useFormats();
  const [name, setName] = useState(table.name);
  const { choices } = preview;
  const isFixed = !preview.corrections.includes("tables");
  const rename = (): void => {
    const plain = name.trim();
    if (plain === "") setName(table.name);
    else if (plain !== table.name) onCorrect(withTable(choices, table.from, { name: plain }));
  };
  return (
    <div className="grid gap-2.5 min-w-0">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        {isFixed ? <p className="font-medium">{table.name}</p> : (
          <TextField label={words.previews.tableName} small className="max-w-[280px]" value={name} maxLength={120} onText={setName} onBlur={rename} onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); }} />
        )}
        {!isFixed && preview.tables.length > 1 ? <Check small label={words.previews.takeTable} checked={!table.leftOut} onCheck={(take) => onCorrect(withTable(choices, table.from, { leftOut: !take }))} /> : null}
        <p className="text-[0.86rem] text-ink-2 numeric min-h-7 flex items-center">
          {table.rows === null ? words.previews.beginning(formats.number(table.sample.length)) : words.previews.rows(formats.number(table.sample.length), formats.number(table.rows))}
        </p>
      </div>
      {table.leftOut ? null : <PreviewGrid table={table} choices={choices} isFixed={isFixed} onCorrect={onCorrect} />}
    </div>
  );
}

/** Cells that contradict a chosen type, and what becomes of them. */
function Misfits({ preview: { choices, corrections, misfits, isWhole }, onCorrect }: Omit<Props, "isBusy">) {
  const words = useWords();
  const formats = useFormats();
  const hasTypes = choices.tables?.some((table) => table.columns?.some((column) => column.type !== undefined));
  if (!hasTypes) return null;
  const isLeftEmpty = choices.misfits === "empty";
  return (
    <Notice tone={misfits.length > 0 && !isLeftEmpty ? "bad" : "plain"} title={misfits.length > 0 ? words.previews.misfits : words.previews.noMisfits} role="status">
      {misfits.length > 0 ? (
        <ul className="list-disc pl-5">
          {misfits.map(({ table, column, line, value, count, type }) => <li key={`${table} ${column}`}>{words.previews.misfit({ isRow: !corrections.includes("encoding"), column, line: formats.number(line), value, count: formats.number(count), type: words.previews.types[type] ?? type })}</li>)}
        </ul>
      ) : null}
      {!isWhole ? <p>{words.previews.onlyBeginning}</p> : null}
      <SelectField
        label={words.previews.misfitsDo} small className="w-auto mt-1" value={choices.misfits ?? "refuse"}
        options={[{ value: "refuse", label: words.previews.refuse }, { value: "empty", label: words.previews.empty }]} onPick={(what) => onCorrect({ ...choices, misfits: what })}
      />
    </Notice>
  );
}

function Warnings({ preview: { warnings } }: Pick<Props, "preview">) {
  const words = useWords();
  const formats = useFormats();
  const lines = warnings.flatMap(({ code, count, line, names, file }) => {
    const note = words.databases.notes[code]?.(formats.number(count ?? 0), formats.number(line ?? 0), names ?? "");
    return note === undefined ? [] : [file === undefined ? note : `${file}: ${note}`];
  });
  if (lines.length === 0) return null;
  return (
    <details className="text-[0.88rem] text-ink-2">
      <summary className="cursor-pointer min-h-7">{words.previews.notes(formats.number(lines.length))}</summary>
      <ul className="list-disc pl-5">{lines.map((line) => <li key={line}>{line}</li>)}</ul>
    </details>
  );
}

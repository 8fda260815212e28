import { useState } from "react";
import type { Choices, ColumnType, PreviewTable } from "../api/arrivals.ts";
import { SelectField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { withColumn } from "./choices.ts";

interface Props {
  table: PreviewTable;
  choices: Choices;
  /** Nothing can be chosen: the columns are shown as they are. */
  isFixed: boolean;
  onCorrect: (choices: Choices) => void;
}

/** The first rows of a table below what becomes of its columns. */
export function PreviewGrid({ table, choices, isFixed, onCorrect }: Props) {
  const words = useWords();
  const rightOf = (type: string): string => (type === "integer" || type === "real" ? "text-right numeric" : "");
  return (
    <div tabIndex={0} role="region" aria-label={words.previews.sampleOf(table.name)} className="overflow-auto max-h-[380px] rounded-lg border border-line focus-visible:outline-offset-[-2px]">
      <table className="border-separate border-spacing-0 text-[0.86rem] min-w-full">
        <thead className="sticky top-0 z-10">
          <tr>
            {table.columns.map((column) => (
              <th key={column.from} scope="col" className="bg-paper-2 border-b border-r border-line last:border-r-0 p-2 text-left align-top font-normal min-w-[150px]">
                {isFixed ? <><span className="font-semibold block">{column.name}</span><span className="text-ink-2 text-[0.8rem]">{column.type}</span></> : (
                  <ColumnHead key={column.name} column={column} onChoose={(change) => onCorrect(withColumn(choices, { table: table.from, column: column.from }, change))} />
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.sample.map((row, at) => (
            // Rows have nothing but their place.
            <tr key={at}>
              {row.map((cell, i) => (
                <td key={table.columns[i]?.from ?? i} className={`h-8 px-2.5 border-b border-line/60 max-w-[320px] truncate ${rightOf(table.columns[i]?.type ?? "")} ${table.columns[i]?.leftOut ? "text-ink-2 line-through" : ""}`}>
                  {cell === null ? <span className="text-ink-2 italic">{words.queries.nullValue}</span> : String(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const types: ColumnType[] = ["text", "integer", "real", "date", "datetime"];

function ColumnHead({ column, onChoose }: { column: PreviewTable["columns"][number]; onChoose: (change: { name?: string; type?: ColumnType; leftOut?: boolean }) => void }) {
  const words = useWords();
  const [name, setName] = useState(column.name);
  const isKnown = (types as string[]).includes(column.type);
  const options = [...types.map((type) => ({ value: type as string, label: words.previews.types[type] ?? type })), ...(isKnown ? [] : [{ value: column.type, label: column.type }])];
  const rename = (): void => {
    const plain = name.trim();
    if (plain === "") setName(column.name);
    else if (plain !== column.name) onChoose({ name: plain });
  };
  return (
    <div className={`grid gap-1.5 ${column.leftOut ? "line-through" : ""}`}>
      <span className="flex items-center gap-2">
        <input type="checkbox" className="size-4 accent-accent shrink-0" aria-label={words.previews.takeColumn(column.name)} title={words.previews.takeColumn(column.name)} checked={!column.leftOut} onChange={(event) => onChoose({ leftOut: !event.target.checked })} />
        <input
          className="input input-small !border-transparent hover:!border-line-2 !bg-transparent font-semibold min-w-0" aria-label={words.previews.columnName(column.from)} value={name} maxLength={120} disabled={column.leftOut}
          onChange={(event) => setName(event.target.value)} onBlur={rename} onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); }}
        />
      </span>
      <SelectField bare small label={words.previews.typeOf(column.name)} value={column.type} options={options} disabled={column.leftOut} onPick={(type) => onChoose({ type: type as ColumnType })} />
    </div>
  );
}

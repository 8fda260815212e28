import { Table2 } from "lucide-react";
import type { TableBrief } from "../api/types.ts";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { written } from "./sql.ts";

const openColumnsMax = 40;

/** Tables and columns; a click writes the name into the SQL. */
export function SchemaTree({ tables, onInsert }: { tables: TableBrief[]; onInsert: (text: string) => void }) {
  const words = useWords();
  const formats = useFormats();
  const insert = "text-left rounded hover:bg-paper-3 min-h-6 px-1.5 min-w-0 break-words";
  return (
    <ul className="grid gap-1 text-[0.88rem]">
      {tables.map((table) => (
        <li key={table.name}>
          <details open={tables.length <= 3 && table.columns.length <= openColumnsMax}>
            <summary className="flex items-center gap-1.5 min-h-7 rounded hover:bg-paper-3 px-1">
              <Table2 size={14} className="text-accent shrink-0" aria-hidden />
              <span className="font-medium truncate grow" title={table.words}>{table.name}</span>
              {table.rows === null ? null : <span className="text-ink-2 text-[0.78rem] numeric">{formats.number(table.rows)}</span>}
            </summary>
            <ul className="ml-[7px] border-l border-line pl-2.5 my-1">
              <li><button type="button" className={`${insert} text-ink-2`} aria-label={words.queries.insert(table.name)} onClick={() => onInsert(written(table.name))}>+ {table.name}</button></li>
              {table.columns.map((column) => (
                <li key={column.name} className="flex items-baseline gap-1">
                  <button type="button" className={`${insert} grow`} aria-label={words.queries.insert(column.name)} title={column.words} onClick={() => onInsert(written(column.name))}>{column.name}</button>
                  <span className="text-ink-2 text-[0.74rem] font-mono shrink-0">{column.type.toLowerCase()}</span>
                </li>
              ))}
            </ul>
          </details>
        </li>
      ))}
    </ul>
  );
}

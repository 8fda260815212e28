import { Link } from "@tanstack/react-router";
import { Database as DatabaseIcon } from "lucide-react";
import type { Database } from "../api/types.ts";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

/** Databases as a table; on a phone as lines. */
export function DatabaseTable({ items }: { items: Database[] }) {
  const words = useWords();
  const formats = useFormats();
  const { columns } = words.databases;
  return (
    <div className="card overflow-hidden">
      <table className="table">
        <thead className="max-sm:sr-only">
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col" className="!text-right">{columns.tables}</th>
            <th scope="col" className="!text-right">{columns.rows}</th>
            <th scope="col" className="!text-right">{columns.size}</th>
            <th scope="col">{columns.updated}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((database) => {
            const rows = rowsOf(database);
            return (
              <tr key={database.id} className="hover:bg-paper-2 relative">
                <td className="max-w-0 w-full">
                  <Link to="/databases/$database" params={{ database: database.id }} className="flex items-center gap-2.5 font-medium text-ink no-underline after:absolute after:inset-0">
                    <DatabaseIcon size={16} className="text-accent shrink-0" aria-hidden />
                    <span className="truncate">{database.name}</span>
                  </Link>
                  <span className="sm:hidden text-[0.84rem] text-ink-2 block mt-0.5">
                    {words.counts.tables(formats.number(database.tables.length))} · {database.sizeBytes === null ? "" : `${formats.bytes(database.sizeBytes)} · `}{formats.ago(database.updatedAt)}
                  </span>
                </td>
                <td className="text-right max-sm:hidden">{formats.number(database.tables.length)}</td>
                <td className="text-right max-sm:hidden">{rows === null ? "–" : formats.number(rows)}</td>
                <td className="text-right whitespace-nowrap max-sm:hidden">{database.sizeBytes === null ? "–" : formats.bytes(database.sizeBytes)}</td>
                <td className="whitespace-nowrap text-ink-2 max-sm:hidden"><time dateTime={database.updatedAt} title={formats.dateTime(database.updatedAt)}>{formats.ago(database.updatedAt)}</time></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf(database: Database): number | null {
  return database.tables.reduce<number | null>((sum, table) => (sum === null || table.rows === null ? null : sum + table.rows), 0);
}

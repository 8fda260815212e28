import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, TerminalSquare } from "lucide-react";
import { useState } from "react";
import { answerData } from "../api/data.ts";
import type { Database, SchemaTable } from "../api/types.ts";
import { TableDownload } from "../exports/TableDownload.tsx";
import { ResultTable } from "../queries/ResultTable.tsx";
import { quoted } from "../queries/sql.ts";
import { IconButton, buttonClass } from "../shell/Button.tsx";
import { Loaded } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { Columns } from "./Columns.tsx";

const pageRows = 100;

/** One table: its rows, a page at a time, and its columns. */
export function TablePanel({ database, table, schema }: { database: Database; table: string; schema: SchemaTable | undefined }) {
  const words = useWords();
  const formats = useFormats();
  const [page, setPage] = useState(0);
  const brief = database.tables.find((one) => one.name === table);
  const rows = schema?.rows ?? brief?.rows ?? null;
  const offset = page * pageRows;
  const answer = useQuery({ ...answerData(database.id, { sql: `select * from ${quoted(table)} limit ${pageRows} offset ${offset}` }), placeholderData: keepPreviousData });
  const shown = answer.data?.rows.length ?? 0;
  const more = rows === null ? shown === pageRows : offset + shown < rows;
  const [from, to] = [formats.number(shown === 0 ? 0 : offset + 1), formats.number(offset + shown)];
  const columns = schema?.columns ?? brief?.columns ?? [];
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_280px]">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-2 mb-2">
          <h3 className="grow">{words.databases.preview} <span className="font-normal text-ink-2 text-[0.88rem] numeric">{rows === null ? words.databases.pageOpen(from, to) : words.databases.page(from, to, formats.number(rows))}</span></h3>
          <IconButton label={words.databases.previous} disabled={page === 0} onClick={() => setPage(page - 1)}><ChevronLeft size={18} aria-hidden /></IconButton>
          <IconButton label={words.databases.next} disabled={!more || answer.isPlaceholderData} onClick={() => setPage(page + 1)}><ChevronRight size={18} aria-hidden /></IconButton>
          <TableDownload database={database.id} table={table} />
          <Link to="/databases/$database/query" params={{ database: database.id }} search={{ sql: `select *\nfrom ${quoted(table)}\nlimit 1000` }} className={buttonClass({ size: "small" })}><TerminalSquare size={15} aria-hidden />{words.databases.writeSql}</Link>
        </div>
        <Loaded query={answer} lines={6}>{({ columns: heads, rows: cells }) => <ResultTable columns={heads} rows={cells} label={`${table}: ${words.databases.preview}`} offset={offset} height={440} />}</Loaded>
      </div>
      <Columns database={database} table={table} columns={columns} schema={schema} />
    </div>
  );
}

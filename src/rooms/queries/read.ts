import type { RowAccess } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { bindValues } from "./bind.ts";
import type { Handle, Prepared } from "./handle.ts";
import { explain, openHandle, prepareNew } from "./run.ts";
import { openReadOnly } from "./open.ts";
import { quoteName } from "./walled.ts";

export { quoteName };

/** What is read: a table or view by its name, or the answer to one question. */
export type Source = { table: string } | { sql: string; parameters?: Record<string, unknown> };

export interface Reading {
  columns: { name: string; declared: string | null }[];
  /** Rows, many at a time, to be read once. Values as SQLite has them: whole numbers as bigint, so that 5 and 5.0 stay apart. */
  batches: AsyncIterable<unknown[][]>;
}

/**
 * All rows of a source, one at a time, behind the same walls as a query's: for other work in the sandbox. Throws a Problem, also
 * while the rows are read; TABLE_NOT_FOUND where there is no such table in sight.
 */
export function readRows({ file, rows, source }: { file: string; rows?: RowAccess | undefined; source: Source }): Reading {
  const handle = openHandle(file, rows);
  const sql = "table" in source ? `SELECT * FROM ${quoteName(source.table)}` : source.sql;
  let prepared: Prepared | undefined;
  try {
    prepared = prepareNew(handle, sql);
    const values = bindValues(prepared.read.parameters, "table" in source ? {} : source.parameters, sql);
    prepared.statement.setReadBigInts(true);
    return { columns: prepared.columns, batches: batchesOf(handle, sql, prepared.statement.iterate(values.named, ...values.positional) as Iterator<unknown[]>) };
  } catch (error) {
    if (error instanceof Problem) throw error;
    if ("table" in source && (error as Error).message.startsWith("no such table: ")) throw noTable(handle, source.table);
    throw explain(handle, sql, error as Error, prepared !== undefined);
  }
}

/** How an ordinary table is declared in its file, with its indexes: words without rows. Null for what is none. */
export function declarationsOf(file: string, table: string): { name: string; table: string; indexes: string[] } | null {
  const database = openReadOnly(file);
  try {
    const found = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").get(table);
    if (found === undefined) return null;
    const indexes = database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL").all(table);
    return { name: String(found["name"]), table: String(found["sql"]), indexes: indexes.map((row) => String(row["sql"])) };
  } finally {
    database.close();
  }
}

const namesMax = 20;

function noTable(handle: Handle, table: string): Problem {
  const names = handle.names();
  return new Problem("TABLE_NOT_FOUND", { values: { table: table.slice(0, 200), tables: `${names.slice(0, namesMax).join(", ")}${names.length > namesMax ? ", …" : ""}` } });
}

const batchRows = 512;

async function* batchesOf(handle: Handle, sql: string, rows: Iterator<unknown[]>): AsyncGenerator<unknown[][]> {
  for (;;) {
    const batch: unknown[][] = [];
    try {
      while (batch.length < batchRows) {
        const next = rows.next();
        if (next.done === true) break;
        batch.push(next.value);
      }
    } catch (error) {
      throw explain(handle, sql, error as Error, true);
    }
    if (batch.length > 0) yield batch;
    if (batch.length < batchRows) return;
  }
}

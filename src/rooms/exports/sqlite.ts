import { DatabaseSync } from "node:sqlite";
import { Problem } from "#src/base/problems/problem.ts";
import { declarationsOf, quoteName, readRows } from "#src/rooms/queries/read.ts";
import type { Reading } from "#src/rooms/queries/read.ts";
import { read } from "./source.ts";
import type { ExportTask } from "./run.ts";
import { uniqueNames } from "./values.ts";

const pageBytes = 4096;
/** SQLite's result code for a database that is full. */
const full = 13;

/**
 * Writes rows into a new SQLite file with one table: a table of the file as it is declared there, with its indexes; a view or an
 * answer with the types of the columns that it shows. Throws a Problem.
 */
export async function writeSqlite(task: Omit<ExportTask, "format" | "options" | "title">, path: string, { asDeclared }: { asDeclared: boolean }): Promise<number> {
  const { source, file, bytesMax } = task;
  const database = new DatabaseSync(path, { allowExtension: false, defensive: true, enableForeignKeyConstraints: false, enableDoubleQuotedStringLiterals: false, limits: { attach: 0 } });
  try {
    database.exec(`PRAGMA page_size=${pageBytes}; PRAGMA trusted_schema=OFF; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=2; PRAGMA ignore_check_constraints=ON; PRAGMA max_page_count=${Math.floor(bytesMax / pageBytes)}`);
    const declared = asDeclared && "table" in source ? declarationsOf(file, source.table) : null;
    const name = "table" in source ? source.table : "result";
    const copied = declared === null ? null : await fillDeclared(database, readRows({ ...task, source: { table: declared.name } }), declared.table, declared.name);
    if (declared !== null && copied !== null) {
      for (const sql of declared.indexes) attempt(() => database.prepare(sql).run());
      return copied;
    }
    return await fillPlain(database, await read(task), declared?.name ?? name);
  } catch (error) {
    if ((((error as { errcode?: number }).errcode ?? 0) & 0xff) === full) throw new Problem("EXPORT_TOO_LARGE", { values: { bytesMax } });
    throw error;
  } finally {
    database.close();
  }
}

/** What cannot be made here is left out: every row is there without it. */
function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Null where the table cannot be made as it was declared, or does not take its own rows so. */
async function fillDeclared(database: DatabaseSync, { columns, batches }: Reading, sql: string, name: string): Promise<number | null> {
  if (!attempt(() => database.prepare(sql).run())) return null;
  const own = new Set(database.prepare("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0").all(name).map((row) => String(row["name"])));
  // What is calculated from other columns comes by itself.
  const places = columns.flatMap((column, at) => (own.has(column.name) ? [at] : []));
  try {
    return await fill(database, batches, { name, places, names: places.map((at) => columns[at]!.name) });
  } catch (error) {
    if (error instanceof Problem || (((error as { errcode?: number }).errcode ?? 0) & 0xff) === full) throw error;
    database.exec(`DROP TABLE ${quoteName(name)}`);
    return null;
  }
}

/** Types as SQLite writes them, and no word that would change values: ANY means one thing in a strict table and another elsewhere. */
const plainType = /^(?!.*\bany\b)[\p{L}_][\p{L}\p{N}_ ]*(?:\( *[+-]?\d+ *(?:, *[+-]?\d+ *)?\))?$/iu;

async function fillPlain(database: DatabaseSync, { columns, batches }: Reading, name: string): Promise<number> {
  const names = uniqueNames(columns.map((column) => column.name || "column"));
  const declare = (typed: boolean): string =>
    `CREATE TABLE ${quoteName(name)} (${columns.map(({ declared }, at) => `${quoteName(names[at]!)}${typed && declared !== null && plainType.test(declared) ? ` ${declared}` : ""}`).join(", ")})`;
  if (!attempt(() => database.exec(declare(true)))) database.exec(declare(false));
  return await fill(database, batches, { name, names, places: names.map((_, at) => at) });
}

async function fill(database: DatabaseSync, batches: AsyncIterable<unknown[][]>, { name, names, places }: { name: string; names: string[]; places: number[] }): Promise<number> {
  database.exec("BEGIN");
  let count = 0;
  try {
    const insert = database.prepare(`INSERT INTO ${quoteName(name)} (${names.map(quoteName).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`);
    for await (const rows of batches) {
      for (const row of rows) insert.run(...(places.map((at) => row[at]) as never[]));
      count += rows.length;
    }
    database.exec("COMMIT");
    return count;
  } catch (error) {
    // One that is full has ended it already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

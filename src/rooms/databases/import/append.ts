import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { cellsOf, commitRows, insertOf, refused, shown, statementFor } from "./cells.ts";
import type { Target, TargetColumn } from "./cells.ts";
import { JsonRows } from "./json.ts";
import type { JsonRow } from "./json.ts";
import { asDamage } from "./damage.ts";
import { named, refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome, Report } from "./run.ts";
import { describeTables } from "./schema.ts";
import { ByteSource } from "./source.ts";
import { openHostile } from "./sqlite.ts";
import { upsertAll } from "./upsert.ts";

export interface AppendRequest {
  mode: "append";
  workDir: string;
  /** A copy of the database, in the work folder; it becomes `out.sqlite`. */
  file: "in.sqlite";
  table: string;
  /** A row with these columns' values takes the place of the row that has them. */
  key?: string[] | undefined;
  /** How many rows the tables have, by name: they need not be counted again. */
  counts?: Record<string, number>;
  fileName?: string;
  limits: ImportLimits;
}

const reportRows = 10_000;

/**
 * Adds rows (a JSON array, or NDJSON) to a table of a copy of a database, or with a key changes those that are there: all of
 * them or, with a `Problem` that names the row, none. A column that an object leaves out gets its default value.
 */
export async function appendRows(request: AppendRequest, input: AsyncIterable<Uint8Array>, report: Report): Promise<ImportOutcome> {
  const source = new ByteSource(input, request.limits.uploadBytesMax);
  const path = join(request.workDir, request.file);
  const database = openHostile(path, { readOnly: false });
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN");
    const target = findTarget(database, request);
    const rows = new JsonRows(source, request.limits.lineBytesMax);
    const { limits: { rowsMax }, key } = request;
    const made = key ? await upsertAll(database, target, { rows, report, rowsMax, key }) : { added: await insertAll(database, target, { rows, report, rowsMax }), updated: 0 };
    const tables = describeTables(database, request.limits, countsAfter(database, request, { table: target.table, added: made.added }));
    database.close();
    const out = join(request.workDir, "out.sqlite");
    renameSync(path, out);
    return { file: "out.sqlite", format: "sqlite", tables, sizeBytes: statSync(out).size, warnings: [], rowsAdded: made.added, rowsUpdated: made.updated };
  } catch (error) {
    throw named(asDamage(error), request.fileName);
  } finally {
    if (database.isOpen) database.close();
    await source.close();
  }
}

/** What the counts are once rows were added; undefined where the schema itself may have changed or removed others. */
function countsAfter(database: DatabaseSync, { counts }: AppendRequest, { table, added }: { table: string; added: number }): Map<string, number> | undefined {
  if (counts?.[table] === undefined) return undefined;
  // Triggers write what they like, a clause for conflicts replaces rows, and a virtual table does as it does.
  const acts = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'trigger' OR sql LIKE '%conflict%' OR sql LIKE '%virtual%' LIMIT 1").get();
  return acts ? undefined : new Map([...Object.entries(counts), [table, counts[table] + added]]);
}

function findTarget(database: DatabaseSync, request: AppendRequest): Target {
  const tables = describeTables(database, request.limits, request.counts && new Map(Object.entries(request.counts))).map((table) => table.name);
  const table = tables.find((name) => name === request.table) ?? tables.find((name) => name.toLowerCase() === request.table.toLowerCase());
  if (table === undefined) throw refuse("TABLE_NOT_FOUND", { table: request.table.slice(0, 200), tables: shown(tables) });
  const found = database.prepare("SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden = 0").all(table) as { name: string; type: string }[];
  const columns = found.map(({ name, type }) => ({ name, affinity: affinityOf(type) }));
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  for (const column of columns) byName.set(column.name, column);
  return { table, columns, byName };
}

/** As SQLite derives it from the declared type (https://sqlite.org/datatype3.html, 3.1). */
function affinityOf(type: string): TargetColumn["affinity"] {
  if (/int/i.test(type)) return "integer";
  if (/char|clob|text|blob/i.test(type)) return "other";
  return /real|floa|doub/i.test(type) ? "real" : "other";
}

async function insertAll(database: DatabaseSync, target: Target, options: { rows: JsonRows; report: Report; rowsMax: number | undefined }): Promise<number> {
  const { rows, report, rowsMax = Number.POSITIVE_INFINITY } = options;
  const statements = new Map<string, StatementSync>();
  let added = 0;
  let last: JsonRow | null = null;
  for (let row = await rows.next(); row; row = await rows.next()) {
    last = row;
    if (row.item > rowsMax) throw refuse("FILE_ROWS_TOO_MANY", { rowsMax, line: row.line });
    const { columns, values } = cellsOf(row, target);
    try {
      added += Number(statementFor(database, statements, insertOf(target.table, columns)).run(...values).changes);
    } catch (error) {
      throw refused(error, row);
    }
    if (row.item % reportRows === 0) report({ done: row.item, unit: "rows", phase: "adding" });
  }
  commitRows(database, last);
  return added;
}

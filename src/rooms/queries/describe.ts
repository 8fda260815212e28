import type { DatabaseSync } from "node:sqlite";

import { openReadOnly } from "./open.ts";
import { fileProblem } from "./run.ts";

export interface DescribeRequest {
  file: string;
  /** Counting rows stops after so long; the counts not reached are null. Default 2,000. */
  countMs?: number;
}

export interface DescribedColumn {
  name: string;
  /** As declared; empty where nothing is. */
  type: string;
  primaryKey: boolean;
  notNull: boolean;
}

export interface DescribedTable {
  name: string;
  kind: "table" | "view" | "virtual" | "shadow";
  columns: DescribedColumn[];
  /** null: not counted (a view, or time was up). */
  rows: number | null;
  /** `partial`: of some rows only, so that a unique one does not make the others unique. */
  indexes: { name: string; unique: boolean; partial: boolean; columns: (string | null)[] }[];
  foreignKeys: { columns: string[]; table: string; references: (string | null)[] }[];
  /** SQLite's message, when this table or view cannot be read. The others are not concerned. */
  error?: string;
}

export interface Description {
  tables: DescribedTable[];
  /** There are more tables than are described. */
  truncated: boolean;
}

const tablesMax = 2000;
const indexesMax = 200;
const countStepRows = 250_000;

/** Tables and views of a file with their columns, keys and row counts. Throws QUERY_FILE_DAMAGED. */
export function describe({ file, countMs = 2000 }: DescribeRequest): Description {
  let database: DatabaseSync;
  try {
    database = openReadOnly(file);
  } catch (error) {
    throw fileProblem(error as Error);
  }
  try {
    const listed = listTables(database);
    const tables = listed.slice(0, tablesMax).map((table) => describeTable(database, table));
    countRows(database, tables, countMs);
    return { tables, truncated: listed.length > tablesMax };
  } catch (error) {
    throw fileProblem(error as Error);
  } finally {
    database.close();
  }
}

function listTables(database: DatabaseSync): { name: string; kind: DescribedTable["kind"] }[] {
  const kinds = new Map<string, string>();
  try {
    // Connects every virtual table; one that is broken must not hide the others.
    for (const { name, type } of database.prepare("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").all()) {
      kinds.set(String(name), String(type));
    }
  } catch {
    kinds.clear();
  }
  const rows = database
    .prepare("SELECT name, type, sql LIKE 'create virtual%' AS virtual FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT ?")
    .all(tablesMax + 1);
  return rows.map((row) => {
    const name = String(row["name"]);
    const fallback = row["virtual"] === 1 ? "virtual" : String(row["type"]);
    return { name, kind: (kinds.get(name) ?? fallback) as DescribedTable["kind"] };
  });
}

function describeTable(database: DatabaseSync, { name, kind }: { name: string; kind: DescribedTable["kind"] }): DescribedTable {
  const table: DescribedTable = { name, kind, columns: [], rows: null, indexes: [], foreignKeys: [] };
  try {
    // hidden = 1 is a virtual table's own, 2 and 3 are generated columns, which people may read.
    const columns = database.prepare("SELECT name, type, pk, \"notnull\" AS required FROM pragma_table_xinfo(?) WHERE hidden <> 1").all(name);
    table.columns = columns.map((column) => ({
      name: String(column["name"]),
      type: String(column["type"] ?? ""),
      primaryKey: Number(column["pk"]) > 0,
      notNull: column["required"] === 1,
    }));
    if (kind === "view" || kind === "virtual") database.prepare(`SELECT 1 FROM ${quoted(name)} LIMIT 0`).all();
    if (kind === "table") {
      table.indexes = describeIndexes(database, name);
      table.foreignKeys = describeForeignKeys(database, name);
    }
  } catch (error) {
    table.error = (error as Error).message.slice(0, 500);
  }
  return table;
}

function describeIndexes(database: DatabaseSync, table: string): DescribedTable["indexes"] {
  const indexes = database.prepare('SELECT name, "unique" AS only, partial FROM pragma_index_list(?) ORDER BY seq LIMIT ?').all(table, indexesMax);
  const columns = database.prepare("SELECT name FROM pragma_index_info(?) ORDER BY seqno");
  return indexes.map((index) => ({
    name: String(index["name"]),
    unique: index["only"] === 1,
    partial: index["partial"] === 1,
    // An expression has no name.
    columns: columns.all(String(index["name"])).map((column) => column["name"] as string | null),
  }));
}

function describeForeignKeys(database: DatabaseSync, table: string): DescribedTable["foreignKeys"] {
  const rows = database.prepare('SELECT id, "table" AS target, "from" AS source, "to" AS reference FROM pragma_foreign_key_list(?) ORDER BY id, seq').all(table);
  const byId = new Map<unknown, DescribedTable["foreignKeys"][number]>();
  for (const row of rows) {
    const key = byId.get(row["id"]) ?? { columns: [], table: String(row["target"]), references: [] };
    key.columns.push(String(row["source"]));
    key.references.push(row["reference"] as string | null);
    byId.set(row["id"], key);
  }
  return [...byId.values()];
}

/** Counts in steps, so that a large table cannot use more than the time that is left. */
function countRows(database: DatabaseSync, tables: DescribedTable[], countMs: number): void {
  const endsMs = performance.now() + countMs;
  for (const table of tables) {
    if (table.kind === "view" || table.kind === "shadow" || table.error !== undefined) continue;
    if (performance.now() > endsMs) return;
    try {
      table.rows = countTable(database, table, endsMs);
    } catch (error) {
      table.error = (error as Error).message.slice(0, 500);
    }
  }
}

function countTable(database: DatabaseSync, table: DescribedTable, endsMs: number): number | null {
  const name = quoted(table.name);
  const few = database.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${name} LIMIT ${countStepRows})`).get()!["n"] as number;
  if (few < countStepRows) return few;
  const rowid = rowidName(table);
  if (table.kind !== "table" || rowid === undefined) return null;
  let step;
  try {
    step = database.prepare(
      `SELECT count(*) AS n, max(${rowid}) AS last FROM (SELECT ${rowid} FROM ${name} WHERE ${rowid} > ? ORDER BY ${rowid} LIMIT ${countStepRows})`,
    );
  } catch {
    // Without a rowid there are no cheap steps.
    return null;
  }
  step.setReadBigInts(true);
  let rows = 0;
  for (let last = -(2n ** 63n); ; ) {
    const taken = step.get(last)! as { n: bigint; last: bigint | null };
    rows += Number(taken.n);
    if (taken.last === null || taken.n < BigInt(countStepRows) || taken.last <= last) return rows;
    last = taken.last;
    if (performance.now() > endsMs) return null;
  }
}

/** A name of the rowid that no column of the table hides. */
function rowidName(table: DescribedTable): string | undefined {
  return ["rowid", "_rowid_", "oid"].find((name) => !table.columns.some((column) => column.name.toLowerCase() === name));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

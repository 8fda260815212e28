import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { JsonRows } from "./json.ts";
import type { JsonRow, Value } from "./json.ts";
import { quoteName } from "./names.ts";
import { asDamage } from "./damage.ts";
import { named, refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome, Report } from "./run.ts";
import { describeTables } from "./schema.ts";
import { ByteSource } from "./source.ts";
import { openHostile } from "./sqlite.ts";

export interface AppendRequest {
  mode: "append";
  workDir: string;
  /** A copy of the database, in the work folder; it becomes `out.sqlite`. */
  file: "in.sqlite";
  table: string;
  fileName?: string;
  limits: ImportLimits;
}

interface TargetColumn {
  name: string;
  affinity: "integer" | "real" | "other";
}

interface Target {
  table: string;
  columns: TargetColumn[];
  byName: Map<string, TargetColumn>;
}

const statementsMax = 50;
const reportRows = 10_000;
const shownMax = 30;

/**
 * Adds rows (a JSON array, or NDJSON) to a table of a copy of a database: all of them or, with a
 * `Problem` that names the row, none. A column that an object leaves out gets its default value.
 */
export async function appendRows(request: AppendRequest, input: AsyncIterable<Uint8Array>, report: Report): Promise<ImportOutcome> {
  const source = new ByteSource(input, request.limits.uploadBytesMax);
  const path = join(request.workDir, request.file);
  const database = openHostile(path, { readOnly: false });
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN");
    const target = findTarget(database, request);
    const rowsAdded = await insertAll(database, target, { rows: new JsonRows(source, request.limits.lineBytesMax), report, rowsMax: request.limits.rowsMax });
    const tables = describeTables(database, request.limits);
    database.close();
    const out = join(request.workDir, "out.sqlite");
    renameSync(path, out);
    return { file: "out.sqlite", format: "sqlite", tables, sizeBytes: statSync(out).size, warnings: [], rowsAdded };
  } catch (error) {
    throw named(asDamage(error), request.fileName);
  } finally {
    if (database.isOpen) database.close();
    await source.close();
  }
}

function findTarget(database: DatabaseSync, request: AppendRequest): Target {
  const tables = describeTables(database, request.limits).map((table) => table.name);
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
      added += Number(statementFor(database, statements, { table: target.table, columns }).run(...values).changes);
    } catch (error) {
      throw refused(error, row);
    }
    if (row.item % reportRows === 0) report({ done: row.item, unit: "rows", phase: "adding" });
  }
  if (!last) throw refuse("ROWS_EMPTY");
  try {
    // Constraints that wait for the end are held here.
    database.exec("COMMIT");
  } catch (error) {
    throw refused(error, last);
  }
  return added;
}

/** A row that SQLite does not take; a file that it cannot read is another matter. */
function refused(error: unknown, { item, line }: JsonRow): unknown {
  const { code, errcode, message } = error as { code?: string; errcode?: number; message: string };
  const primary = (errcode ?? 0) & 255;
  const [tooBig, constraint, mismatch, general] = [18, 19, 20, 1];
  if (code !== "ERR_SQLITE_ERROR" || ![tooBig, constraint, mismatch, general].includes(primary)) return error;
  return refuse("ROWS_VALUE_REFUSED", { item, line, reason: message.slice(0, 300) }, error);
}

function statementFor(database: DatabaseSync, statements: Map<string, StatementSync>, into: { table: string; columns: string[] }): StatementSync {
  const key = JSON.stringify(into.columns);
  const known = statements.get(key);
  if (known) return known;
  if (statements.size >= statementsMax) statements.clear();
  const names = into.columns.map(quoteName).join(", ");
  const values = into.columns.length === 0 ? "DEFAULT VALUES" : `(${names}) VALUES (${into.columns.map(() => "?").join(", ")})`;
  const statement = database.prepare(`INSERT INTO ${quoteName(into.table)} ${values}`);
  statements.set(key, statement);
  return statement;
}

function cellsOf({ row, item, line }: JsonRow, target: Target): { columns: string[]; values: SQLInputValue[] } {
  const columns: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (column: TargetColumn, value: Value) => {
    columns.push(column.name);
    values.push(cellOf(value, column, { item, line }));
  };
  if (Array.isArray(row)) {
    const expected = target.columns.length;
    if (row.length !== expected) throw refuse("ROWS_WIDTH", { item, line, cells: row.length, columns: expected });
    target.columns.forEach((column, i) => add(column, row[i] as Value));
    return { columns, values };
  }
  for (const [name, value] of Object.entries(row)) {
    const column = target.byName.get(name) ?? target.byName.get(name.toLowerCase());
    if (!column) {
      const columnsShown = shown(target.columns.map((each) => each.name));
      throw refuse("ROWS_COLUMN_UNKNOWN", { item, line, name: name.slice(0, 200), table: target.table, columns: columnsShown });
    }
    if (columns.includes(column.name)) throw refuse("ROWS_COLUMN_TWICE", { item, line, name: column.name });
    add(column, value);
  }
  return { columns, values };
}

/** A JSON value as a cell: true is 1, lists and objects are their JSON. A number's column takes numbers only, so that its type stays true. */
function cellOf(value: Value, column: TargetColumn, place: { item: number; line: number }): SQLInputValue {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "object") return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? rawJson(inner.toString()) : inner));
  if (column.affinity === "other") return value;
  const number = typeof value === "string" ? numberOf(value) : value;
  const fits = column.affinity === "integer" ? typeof number === "bigint" || Number.isInteger(number) : number !== null;
  if (!fits) throw refuse("ROWS_NUMBER_NEEDED", { ...place, name: column.name, type: column.affinity.toUpperCase(), value: JSON.stringify(String(value).slice(0, 80)) });
  return number as number | bigint;
}

function numberOf(text: string): number | bigint | null {
  const plain = text.trim();
  if (!/^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  if (!/^-?\d+$/.test(plain)) return Number(plain);
  const exact = BigInt(plain);
  return BigInt.asIntN(64, exact) === exact ? exact : null;
}

function shown(names: string[]): string {
  return names.slice(0, shownMax).join(", ") + (names.length > shownMax ? ", …" : "");
}

// Not yet among the types of the language.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

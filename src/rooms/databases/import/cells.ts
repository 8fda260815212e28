import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { JsonRow, Value } from "./json.ts";
import { quoteName } from "./names.ts";
import { refuse } from "./refuse.ts";

export interface TargetColumn {
  name: string;
  affinity: "integer" | "real" | "other";
}

export interface Target {
  table: string;
  columns: TargetColumn[];
  byName: Map<string, TargetColumn>;
}

const statementsMax = 50;
const shownMax = 30;

/** The column that a name means: as it stands, or but for the letters' case. */
export const columnOf = ({ byName }: Target, name: string): TargetColumn | undefined => byName.get(name) ?? byName.get(name.toLowerCase());

/** Constraints that wait for the end are held here. */
export function commitRows(database: DatabaseSync, last: JsonRow | null): void {
  if (!last) throw refuse("ROWS_EMPTY");
  try {
    database.exec("COMMIT");
  } catch (error) {
    throw refused(error, last);
  }
}

/** A row that SQLite does not take; a file that it cannot read is another matter. */
export function refused(error: unknown, { item, line }: Pick<JsonRow, "item" | "line">): unknown {
  const { code, errcode, message } = error as { code?: string; errcode?: number; message: string };
  const primary = (errcode ?? 0) & 255;
  const [tooBig, constraint, mismatch, general] = [18, 19, 20, 1];
  if (code !== "ERR_SQLITE_ERROR" || ![tooBig, constraint, mismatch, general].includes(primary)) return error;
  return refuse("ROWS_VALUE_REFUSED", { item, line, reason: message.slice(0, 300) }, error);
}

export function statementFor(database: DatabaseSync, statements: Map<string, StatementSync>, sql: string): StatementSync {
  const known = statements.get(sql);
  if (known) return known;
  if (statements.size >= statementsMax) statements.clear();
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

export function insertOf(table: string, columns: string[]): string {
  const values = columns.length === 0 ? "DEFAULT VALUES" : `(${columns.map(quoteName).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
  return `INSERT INTO ${quoteName(table)} ${values}`;
}

export function cellsOf({ row, item, line }: JsonRow, target: Target): { columns: string[]; values: SQLInputValue[] } {
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
    const column = columnOf(target, name);
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

export function shown(names: string[]): string {
  return names.slice(0, shownMax).join(", ") + (names.length > shownMax ? ", …" : "");
}

// Not yet among the types of the language.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

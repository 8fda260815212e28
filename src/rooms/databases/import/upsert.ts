import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { cellsOf, columnOf, commitRows, insertOf, refused, shown, statementFor } from "./cells.ts";
import type { Target } from "./cells.ts";
import type { JsonRow, JsonRows } from "./json.ts";
import { quoteName } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { Report } from "./run.ts";

interface Incoming {
  columns: string[];
  values: SQLInputValue[];
  /** Of its key among those of the batch. */
  key: number;
  item: number;
  line: number;
}

interface Way {
  table: string;
  key: string[];
  /** What the table's row number is called, where no column has that name. */
  rowid: string;
  statements: Map<string, StatementSync>;
}

/** So many rows are looked up at once: where no index has the key, each lookup reads the table. */
const batchRows = 20_000;
const batchBytes = 32 * 1024 ** 2;

/**
 * Adds rows, or changes the columns that they name of the one row with the same values in the key's columns. Of two incoming
 * rows with one key the second changes what the first made. Values are compared byte by byte, as SQLite's `=` does without a collation.
 */
export async function upsertAll(
  database: DatabaseSync,
  target: Target,
  options: { rows: JsonRows; report: Report; rowsMax: number | undefined; key: string[] },
): Promise<{ added: number; updated: number }> {
  const { rows, report, rowsMax = Number.POSITIVE_INFINITY } = options;
  const way = prepareKeys(database, target, options.key);
  const made = { added: 0, updated: 0 };
  const note = database.prepare(`INSERT INTO temp.kliv_keys VALUES (${way.key.map(() => "?").join(", ")}) ON CONFLICT DO UPDATE SET k0 = excluded.k0 RETURNING rowid AS n`);
  let batch: Incoming[] = [];
  let bytes = 0;
  let last: JsonRow | null = null;
  const flush = (): void => {
    applyBatch(database, way, { batch, made });
    database.exec("DELETE FROM temp.kliv_keys");
    batch = [];
    bytes = 0;
  };
  for (let row = await rows.next(); row; row = await rows.next()) {
    last = row;
    if (row.item > rowsMax) throw refuse("FILE_ROWS_TOO_MANY", { rowsMax, line: row.line });
    const { columns, values } = cellsOf(row, target);
    const { item, line } = row;
    const keys = way.key.map((name) => values[columns.indexOf(name)] ?? missing(name, row));
    batch.push({ columns, values, key: Number((note.get(...keys) as { n: number }).n), item, line });
    bytes += values.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length * 2 : 16), 64);
    if (batch.length >= batchRows || bytes >= batchBytes) flush();
    if (row.item % 10_000 === 0) report({ done: row.item, unit: "rows", phase: "adding" });
  }
  flush();
  commitRows(database, last);
  return made;
}

function missing(name: string, { item, line }: JsonRow): never {
  throw refuse("ROWS_KEY_MISSING", { item, line, name: name.slice(0, 200) });
}

/** A table of the batch's keys, typed as the columns are, so that the two compare as the column's values do. */
function prepareKeys(database: DatabaseSync, target: Target, names: string[]): Way {
  const { table } = target;
  const key = [...new Set(names.map((name) => columnOf(target, name)?.name ?? unknown(name, target)))];
  const rowid = ["rowid", "_rowid_", "oid"].find((name) => !target.byName.has(name));
  const { wr } = database.prepare("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'").get(table) as { wr: number };
  if (wr !== 0 || rowid === undefined) throw refuse("ROWS_KEY_UNFIT", { table });
  database.exec(`CREATE TEMP TABLE kliv_typed AS SELECT ${key.map((name, at) => `${quoteName(name)} AS k${at}`).join(", ")} FROM main.${quoteName(table)} WHERE 0`);
  const types = database.prepare("SELECT type FROM pragma_table_info('kliv_typed')").all() as { type: string }[];
  database.exec(`CREATE TEMP TABLE kliv_keys (${types.map(({ type }, at) => `k${at} ${type}`).join(", ")}, UNIQUE (${key.map((_, at) => `k${at}`).join(", ")}))`);
  return { table, key, rowid, statements: new Map() };
}

function unknown(name: string, { table, columns }: Target): never {
  throw refuse("ROWS_KEY_UNKNOWN", { name: name.slice(0, 200), table, columns: shown(columns.map((each) => each.name)) });
}

function applyBatch(database: DatabaseSync, way: Way, { batch, made }: { batch: Incoming[]; made: { added: number; updated: number } }): void {
  const { table, key, rowid, statements } = way;
  const found = findRows(database, way, batch);
  for (const row of batch) {
    try {
      const there = found.get(row.key);
      if (there === undefined) {
        const { lastInsertRowid, changes } = statementFor(database, statements, insertOf(table, row.columns)).run(...row.values);
        made.added += Number(changes);
        found.set(row.key, BigInt(lastInsertRowid));
        continue;
      }
      const changed = row.columns.flatMap((name, at) => (key.includes(name) ? [] : [{ name, value: row.values[at]! }]));
      if (changed.length > 0) {
        const sets = changed.map(({ name }) => `${quoteName(name)} = ?`).join(", ");
        statementFor(database, statements, `UPDATE main.${quoteName(table)} SET ${sets} WHERE ${rowid} = ?`).run(...changed.map(({ value }) => value), there);
      }
      made.updated++;
    } catch (error) {
      throw refused(error, row);
    }
  }
}

/** The row that each key of the batch has, where there is one. */
function findRows(database: DatabaseSync, { table, key, rowid, statements }: Way, batch: Incoming[]): Map<number, bigint> {
  // The planner goes by an index of the table where one has the key, else through the table once by that of the keys.
  const on = key.map((name, at) => `k.k${at} = t.${quoteName(name)}`).join(" AND ");
  const statement = statementFor(database, statements, `SELECT k.rowid AS n, t.${rowid} AS there FROM temp.kliv_keys AS k JOIN main.${quoteName(table)} AS t ON ${on}`);
  statement.setReadBigInts(true);
  const found = new Map<number, bigint>();
  for (const { n, there } of statement.iterate() as Iterable<{ n: bigint; there: bigint }>) {
    if (found.has(Number(n))) {
      const { item, line } = batch.find((row) => row.key === Number(n))!;
      throw refuse("ROWS_KEY_AMBIGUOUS", { item, line, table, key: key.join(", ") });
    }
    found.set(Number(n), there);
  }
  return found;
}

/* Generated questions over real data on both engines: where DuckDB is offered, it gives SQLite's answer. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import { make } from "#src/rooms/columnar/make.ts";
import type { MadeTable } from "#src/rooms/columnar/make.ts";
import { describe as describeFile } from "#src/rooms/queries/describe.ts";
import { runDuck } from "#src/rooms/queries/duck.ts";
import { runQuery } from "#src/rooms/queries/run.ts";
import { compile } from "./compile.ts";
import { withCopy } from "./engine.ts";
import { Flaw } from "./question.ts";
import type { Question, QuestionSchema, SchemaColumn, SchemaTable } from "./question.ts";
import { readQuestion } from "./read.ts";
import { typeOf } from "./scope.ts";

const seed = Number(process.env["KLIV_SEED"] ?? 41);
const questionsMax = Number(process.env["KLIV_QUESTIONS"] ?? 350);
const corpora = process.env["KLIV_CORPORA"];
const vega = join(import.meta.dirname, "../../../node_modules/vega-datasets/data");

let state = seed;
const next = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pick = <T>(items: readonly T[]): T => items[next(items.length)]!;
const some = <T>(items: readonly T[], most: number): T[] => Array.from({ length: 1 + next(most) }, () => pick(items));
const maybe = (percent: number): boolean => next(100) < percent;

interface Data {
  file: string;
  workDir: string;
  schema: QuestionSchema;
  tables: MadeTable[];
  /** Values that stand in a column, to ask for. */
  samples: Map<string, unknown[]>;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Real tables as an import would type them. */
async function importVega(file: string): Promise<void> {
  const database = new DatabaseSync(file);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const sources = { strikes: "birdstrikes.csv", weather: "weather.csv", airports: "airports.csv", routes: "flights-airport.csv", movies: "movies.json", flights: "flights-10k.json", zipcodes: "zipcodes.csv", deaths: "la-riots.csv", github: "github.csv" };
  const declared: Record<string, string> = { BIGINT: "INTEGER", DOUBLE: "REAL", DATE: "DATE TEXT", TIMESTAMP: "DATETIME TEXT", VARCHAR: "TEXT" };
  database.exec("BEGIN");
  for (const [table, source] of Object.entries(sources)) {
    const reader = await connection.runAndReadAll(`SELECT * FROM read_${source.endsWith("csv") ? "csv" : "json"}_auto('${join(vega, source)}') LIMIT 8000`);
    const columns = reader.columnNames().map((name, at) => `${quote(name)} ${declared[String(reader.columnType(at))] ?? "TEXT"}`);
    // Keys as people have them, so that joins find their way.
    const keys: Record<string, string> = { airports: ", PRIMARY KEY (iata)", routes: ", FOREIGN KEY (origin) REFERENCES airports (iata)" };
    database.exec(`CREATE TABLE ${table} (${columns.join(", ")}${keys[table] ?? ""})`);
    const insert = database.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => "?").join(", ")})`);
    for (const row of reader.getRowsJson()) insert.run(...row.map((value, at) => (value === null ? null : String(reader.columnType(at)) === "BIGINT" ? BigInt(String(value)) : typeof value === "number" ? value : String(value))));
  }
  // And what real files have too: several kinds of values, texts in their own order, numbers that sums overflow.
  database.exec(`CREATE TABLE odd (id INTEGER PRIMARY KEY, mixed, folded TEXT COLLATE NOCASE, large INTEGER, day DATE TEXT, price NUMERIC);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO odd SELECT i, CASE i % 3 WHEN 0 THEN i WHEN 1 THEN 'text ' || i END, CASE i % 2 WHEN 0 THEN 'a' ELSE 'A' END, i * 17000000000001, CASE i % 50 WHEN 0 THEN 'soon' ELSE date(1e9 + i * 1e5, 'unixepoch') END, i / 4.0 FROM n`);
  database.exec("COMMIT");
  database.close();
}

async function open(workDir: string): Promise<Data> {
  const file = join(workDir, "in.sqlite");
  const { tables } = await make({ workDir, memoryBytesMax: 1024 ** 3, threads: 2, tablesMax: 500 }, () => {});
  const schema = withCopy(describeFile({ file }) as unknown as QuestionSchema, tables);
  const database = new DatabaseSync(file, { readOnly: true });
  const samples = new Map<string, unknown[]>();
  for (const { name, columns } of tables) {
    for (const column of columns) samples.set(`${name}\0${column.name}`, database.prepare(`SELECT DISTINCT ${quote(column.name)} AS v FROM ${quote(name)} WHERE v IS NOT NULL AND typeof(v) <> 'blob' LIMIT 40`).all().map((row) => row["v"]));
  }
  database.close();
  return { file, workDir, schema, tables, samples };
}

interface Place {
  table: SchemaTable;
  column: SchemaColumn;
}

/** A question at random; many do not fit and are refused, which is right. */
function invent({ schema, samples, tables }: Data): unknown {
  const from = pick(schema.tables.filter((table) => tables.some((one) => one.name === table.name)));
  const joined = maybe(25) ? (from.foreignKeys ?? []).slice(0, 1 + next(2)).map((key) => key.table) : [];
  const joins = [...new Set(joined)].filter((name) => name !== from.name).map((table) => ({ table, ...(maybe(40) ? { kind: pick(["left", "inner"]) } : {}) }));
  const places: Place[] = [from, ...joins.map(({ table }) => schema.tables.find((one) => one.name.toLowerCase() === table.toLowerCase())!)].flatMap((table) => table.columns.map((column) => ({ table, column })));
  const of = (fits: (column: SchemaColumn) => boolean): Place => pick(places.filter(({ column }) => fits(column)).length > 0 ? places.filter(({ column }) => fits(column)) : places);
  const isNumber = (column: SchemaColumn): boolean => ["integer", "real"].includes(typeOf(column));
  const isDated = (column: SchemaColumn): boolean => ["date", "datetime"].includes(typeOf(column));
  const refer = ({ table, column }: Place): object => ({ column: column.name, table: table.name });
  const sampleOf = ({ table, column }: Place): unknown => pick(samples.get(`${table.name}\0${column.name}`) ?? [1]) ?? 1;
  const calculation = (): object => ({
    op: pick(["+", "-", "*", "/"]), of: [refer(of(isNumber)), maybe(60) ? { value: pick([0, 1, 2, 10, 0.5, -3]) } : refer(of(isNumber))],
  });
  const number = (): object => (maybe(25) ? calculation() : refer(of(isNumber)));
  const condition = (depth = 0): object => {
    if (depth < 2 && maybe(25)) return maybe(20) ? { not: condition(depth + 1) } : { [pick(["and", "or"])]: [condition(depth + 1), condition(depth + 1)] };
    const place = of(() => true);
    const value = refer(place);
    switch (next(9)) {
      case 0: return { value, is: pick(["empty", "not empty"]) };
      case 1: return { value, is: pick(["in", "not in"]), to: some([0, 1, 2], 3).map(() => sampleOf(place)) };
      case 2: return { value, is: "between", from: sampleOf(place), to: sampleOf(place) };
      case 3: return { value: refer(of((column) => typeOf(column) === "text")), is: pick(["contains", "not contains", "starts with"]), to: pick(["a", "S", "ann", "é", "1", " ", "%", "_"]) };
      case 4: return { value: refer(of(isDated)), is: "during", from: pick(["2008-01-01", "1990-06-15", "2012-02-29"]), to: pick(["2013-12-31", "2001-01-01"]) };
      case 5: return { value: refer(of(isDated)), is: "last", count: 1 + next(30), unit: pick(["year", "quarter", "month", "week", "day"]), ...(maybe(30) ? { complete: true } : {}) };
      case 6: return { value: number(), is: pick(["=", "!=", "<", "<=", ">", ">="]), to: pick([0, 1, 100, 2.5, -7]) };
      default: return { value, is: pick(["=", "!=", "<", "<=", ">", ">="]), to: sampleOf(place) };
    }
  };
  const group = (): object => {
    const place = of(maybe(40) ? isDated : () => true);
    const bins: unknown[] = isDated(place.column) ? ["year", "quarter", "month", "week", "day", "hour", "weekday"] : isNumber(place.column) ? [{ width: pick([1, 10, 0.5, 1000]) }, { count: 1 + next(12) }] : [];
    return { value: maybe(10) && isDated(place.column) ? { op: "part", part: pick(["year", "quarter", "month", "week", "day", "hour", "minute", "weekday"]), of: refer(place) } : refer(place), ...(bins.length > 0 && maybe(70) ? { bin: pick(bins) } : {}), name: `g${next(1000)}` };
  };
  const aggregate = (): object => {
    const kind = pick(["count", "count", "count distinct", "sum", "sum", "average", "min", "max", "median", "share"]);
    return { kind, ...(kind === "count" && maybe(60) ? {} : kind === "share" && maybe(40) ? {} : { of: ["sum", "average", "median", "share"].includes(kind) ? number() : refer(of(() => true)) }), name: `a${next(1000)}` };
  };
  const filter = maybe(55) ? { filter: condition() } : {};
  const base = { schema: 1, from: from.name, ...(joins.length > 0 ? { joins } : {}), ...filter };
  if (maybe(20)) {
    const columns = some(places, 5).map((place) => ({ value: maybe(15) ? calculation() : refer(place), name: `c${next(1000)}` }));
    return { ...base, columns, sort: columns.map(({ name }) => ({ by: name, ...(maybe(50) ? { direction: "descending" } : {}) })), limit: 1 + next(50) };
  }
  const groups = maybe(85) ? Array.from({ length: 1 + next(2) }, group) : [];
  const aggregates = Array.from({ length: 1 + next(3) }, aggregate);
  const sort = maybe(40) ? [{ by: (pick(aggregates) as { name: string }).name, direction: pick(["ascending", "descending"]) }] : [];
  return { ...base, groups, aggregates, sort, ...(maybe(30) ? { limit: 1 + next(20) } : {}) };
}

async function answerOf(run: (output: TaskOutput) => unknown): Promise<{ columns: { name: string }[]; rows: unknown[][] }> {
  const parts: Buffer[] = [];
  await run({ head: () => {}, body: (bytes) => void parts.push(Buffer.from(bytes)), end: () => {}, progress: () => {} });
  return JSON.parse(Buffer.concat(parts).toString());
}

const isFraction = (value: unknown): value is number => typeof value === "number" && (!Number.isInteger(value) || Math.abs(value) > 1e13);
const shortened = (row: unknown[], digits: number): string => JSON.stringify(row.map((value) => (isFraction(value) ? value.toPrecision(digits) : value)));

/** The last of a fraction's sixteen digits depend on the order of adding. */
function isAlike(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "number" && typeof b === "number" && (isFraction(a) || isFraction(b)) && Math.abs(a - b) <= 1e-11 * Math.max(Math.abs(a), Math.abs(b)));
}

/**
 * Rows that are sorted by a calculated fraction: those of one value, but for its last digits, stand in any order among
 * themselves, and a limit may leave others of them.
 */
function ordered(rows: unknown[][], { question, columns }: { question: Question; columns: { name: string }[] }): unknown[][] {
  const by = question.sort?.[0]?.by;
  const at = columns.findIndex(({ name }) => name === by);
  if (at < 0 || !question.aggregates?.some(({ name }) => name === by) || !rows.some((row) => isFraction(row[at]))) return rows;
  const ties = Map.groupBy(rows, (row) => shortened([row[at]], 9));
  const last = rows.length === question.limit ? shortened([rows.at(-1)?.[at]], 9) : null;
  return [...ties].flatMap(([key, tied]) => (key === last ? [[tied.length]] : tied.toSorted((a, b) => (shortened(a, 7) < shortened(b, 7) ? -1 : 1))));
}

function isSame(a: unknown[][], b: unknown[][]): boolean {
  return a.length === b.length && a.every((row, at) => row.length === b[at]!.length && row.every((value, place) => isAlike(value, b[at]![place])));
}

async function compare(data: Data, t: { diagnostic(text: string): void }): Promise<void> {
  const figures = { asked: 0, refused: 0, sqliteOnly: 0, equal: 0 };
  const why = new Map<string, number>();
  for (let tries = 0; figures.asked < questionsMax && tries < questionsMax * 20; tries += 1) {
    const question = invent(data);
    let read: Question;
    let sql: string;
    try {
      read = readQuestion(question);
      sql = compile(read, data.schema, "sqlite").sql;
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      figures.refused += 1;
      continue;
    }
    figures.asked += 1;
    const duck = compile(read, data.schema, "duckdb");
    if (duck.sqliteOnly.length > 0) {
      figures.sqliteOnly += 1;
      for (const { en } of duck.sqliteOnly) why.set(en.replace(/^\S+ (?=holds|is)/, ""), (why.get(en.replace(/^\S+ (?=holds|is)/, "")) ?? 0) + 1);
      continue;
    }
    const parameters = Object.fromEntries(duck.parameters.map(({ name }) => [name, "2010-05-17"]));
    const limits = { rowsMax: 20_000, bytesMax: 1e8, parameters };
    let expected: Awaited<ReturnType<typeof answerOf>>;
    try {
      expected = await answerOf((output) => runQuery({ file: data.file, sql, ...limits }, output));
    } catch (error) {
      // A sum of whole numbers beyond 2^63: SQLite has no answer then, and is asked in the end.
      if (!/integer overflow/.test((error as Error).message)) throw error;
      continue;
    }
    const tables = data.tables.map((table) => ({ ...table, path: join(data.workDir, table.file) }));
    const label = (): string => `seed ${seed}\n${JSON.stringify(question)}\n${sql}\n--\n${duck.sql}`;
    let found: typeof expected;
    try {
      found = await answerOf((output) => runDuck({ file: data.file, tables, version: "v", sql: duck.sql, ...limits, memoryBytesMax: 1024 ** 3, threads: 2 }, output));
    } catch (error) {
      throw new Error(label(), { cause: error });
    }
    assert.deepEqual(found.columns.map(({ name }) => name), expected.columns.map(({ name }) => name), label());
    const told = { question: read, columns: expected.columns };
    const [a, b] = [ordered(found.rows, told), ordered(expected.rows, told)];
    if (!isSame(a, b)) assert.deepEqual(a, b, label());
    figures.equal += 1;
  }
  t.diagnostic(`${JSON.stringify(figures)} ${JSON.stringify(Object.fromEntries(why))}`);
  assert.ok(figures.equal > questionsMax / 4, `DuckDB was offered for ${figures.equal} of ${figures.asked}`);
}

test(`vega-datasets (seed ${seed})`, async (t) => {
  const workDir = mkdtempSync(join(tmpdir(), "kliv-difference-"));
  t.after(() => rmSync(workDir, { recursive: true, force: true }));
  await importVega(join(workDir, "in.sqlite"));
  await compare(await open(workDir), t);
});

test(`chinook (seed ${seed})`, { skip: corpora === undefined ? "KLIV_CORPORA is not set" : false }, async (t) => {
  const workDir = mkdtempSync(join(tmpdir(), "kliv-difference-"));
  t.after(() => rmSync(workDir, { recursive: true, force: true }));
  copyFileSync(join(corpora!, "data/chinook.sqlite"), join(workDir, "in.sqlite"));
  await compare(await open(workDir), t);
});

/* Generated questions over real data: both engines' answers to the written SQL are the one that plain TypeScript finds row by row. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import { make } from "#src/rooms/columnar/make.ts";
import type { OpenTable } from "#src/rooms/columnar/columnar.ts";
import { runDuck } from "#src/rooms/queries/duck.ts";
import { Handle } from "#src/rooms/queries/handle.ts";
import { describe } from "#src/rooms/queries/describe.ts";
import { readStatement } from "#src/rooms/queries/sql.ts";
import { Check } from "typebox/schema";
import { compile } from "./compile.ts";
import { withCopy } from "./engine.ts";
import { Flaw } from "./question.ts";
import type { Question, QuestionSchema, SchemaTable } from "./question.ts";
import { readQuestion } from "./read.ts";
import { questionSchema } from "./schema.ts";
import { typeOf } from "./scope.ts";
import { evaluate } from "./testing.ts";
import type { Evaluation, Row, Value, World } from "./testing.ts";

const seed = Number(process.env["KLIV_SEED"] ?? 7);
const questionsMax = Number(process.env["KLIV_QUESTIONS"] ?? 150);
const corpora = process.env["KLIV_CORPORA"];
const vega = join(import.meta.dirname, "../../../node_modules/vega-datasets/data");
const folder = mkdtempSync(join(tmpdir(), "kliv-evaluated-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let state = seed;
const roll = (sides: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * sides);
};
const pick = <T>(items: readonly T[]): T => items[roll(items.length)]!;
const maybe = (percent: number): boolean => roll(100) < percent;

interface Data {
  handle: Handle;
  copies: OpenTable[];
  schema: QuestionSchema;
  world: World;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function open(workDir: string): Promise<Data> {
  const file = join(workDir, "in.sqlite");
  const made = await make({ workDir, memoryBytesMax: 1024 ** 3, threads: 2, tablesMax: 100 }, () => {});
  const copies = made.tables.map((table) => ({ ...table, path: join(workDir, table.file) }));
  const schema = withCopy(describe({ file }) as unknown as QuestionSchema, copies);
  const database = new DatabaseSync(file, { readOnly: true });
  const tables = new Map(schema.tables.map(({ name, columns }) => [name, { columns: columns.map((one) => one.name), rows: database.prepare(`SELECT * FROM ${quote(name)}`).all() as Row[] }]));
  database.close();
  const keys = Object.fromEntries(schema.tables.flatMap(({ name, foreignKeys = [] }) => foreignKeys.map((key) => {
    const target = schema.tables.find((one) => one.name === key.table)!;
    return [target.name, { table: name, column: key.columns[0]!, right: key.references[0] ?? target.columns.find((one) => one.primaryKey)!.name }] as const;
  })));
  return { handle: new Handle(file), copies, schema, world: { tables, keys, parameters: {} } };
}

/** A table with the types that its values have, as an import finds them. */
function store(database: DatabaseSync, name: string, { rows, more = "" }: { rows: Record<string, unknown>[]; more?: string }): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const typed = names.map((column) => {
    const values = rows.map((row) => row[column]).filter((value) => value !== null && value !== undefined);
    if (values.every((value) => Number.isSafeInteger(value))) return "INTEGER";
    if (values.every((value) => typeof value === "number")) return "REAL";
    if (values.every((value) => /^\d{4}-\d\d-\d\d$/.test(String(value)))) return "DATE TEXT";
    return values.every((value) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(value))) ? "DATETIME TEXT" : "TEXT";
  });
  database.exec(`CREATE TABLE ${quote(name)} (${names.map((column, i) => `${quote(column)} ${typed[i]}`).join(", ")}${more})`);
  const insert = database.prepare(`INSERT INTO ${quote(name)} VALUES (${names.map(() => "?").join(", ")})`);
  for (const row of rows) {
    insert.run(...names.map((column, i) => {
      const value = row[column] ?? null;
      return value === null || typeof value !== "number" ? (value === null ? null : String(value)) : typed[i] === "INTEGER" ? BigInt(value) : typed[i] === "REAL" ? value : String(value);
    }));
  }
}

const json = (name: string): Record<string, unknown>[] => (JSON.parse(readFileSync(join(vega, name), "utf8")) as Record<string, unknown>[]).slice(0, 2000);

function csv(name: string): Record<string, unknown>[] {
  const [head, ...lines] = readFileSync(join(vega, name), "utf8").trim().split(/\r?\n/).filter((line) => !line.includes('"')).slice(0, 2001).map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(head!.map((column, i) => [column, cells[i] === "" ? null : /^-?\d+(\.\d+)?$/.test(cells[i] ?? "") ? Number(cells[i]) : cells[i]])));
}

function makeVega(file: string): void {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec("BEGIN");
  const airports = csv("airports.csv");
  store(database, "airports", { rows: airports, more: ", PRIMARY KEY (iata)" });
  const known = new Set(airports.map((one) => one["iata"]));
  const flights = json("flights-2k.json").map((one) => ({ ...one, date: String(one["date"]).replaceAll("/", "-") + ":00", origin: known.has(one["origin"]) ? one["origin"] : null }));
  store(database, "flights", { rows: flights, more: ", FOREIGN KEY (origin) REFERENCES airports (iata)" });
  for (const name of ["cars.json", "movies.json", "penguins.json", "gapminder.json", "barley.json"]) store(database, name.split(".")[0]!, { rows: json(name) });
  for (const name of ["seattle-weather.csv", "weather.csv"]) store(database, name.split(".")[0]!, { rows: csv(name) });
  // And what the others have little of: nothing, empty texts, letters of all kinds, the ends of years and months.
  const odd = Array.from({ length: 600 }, (_, id) => ({
    id, "select": pick([null, "", "a", "A", "Ä", "東京", "O'Hare", "100%", "a_b", "a"]), day: pick([null, "2020-02-29", "2020-12-31", "2021-01-01", "2021-01-03", "2021-01-04", "2019-12-30", "0001-01-01"]),
    at: pick([null, "2020-12-31 23:59:59", "2021-01-01 00:00:00", "2020-03-29 02:30:00"]), whole: pick([null, 0, -1, 1, 7, -7, 2 ** 40]), part: pick([null, 0.5, -0.5, 0.1, 1e-9, 1e15 + 0.5]), parent: pick([null, 0, 1, 2, 3, 599, 700]),
  }));
  store(database, "odd ones", { rows: odd, more: ", PRIMARY KEY (id), FOREIGN KEY (parent) REFERENCES \"odd ones\" (id)" });
  database.exec("COMMIT");
  database.close();
}

/** Makes questions that mostly fit; what does not is refused by the compiler, which is right. */
class Inventor {
  private readonly tables: { alias: string; table: SchemaTable }[];
  private readonly data: Data;
  private readonly from: SchemaTable;
  private parameters: Record<string, unknown> = { today: "2020-12-31" };
  private calculated: { name: string; kind: string; value: object }[] = [];
  private names = 0;

  constructor(data: Data) {
    this.data = data;
    this.from = pick(data.schema.tables);
    this.tables = [{ alias: this.from.name, table: this.from }];
  }

  private column(kinds: string[]): { expression: object; values: Value[]; kind: string } | null {
    const fitting = this.tables.flatMap(({ alias, table }) => table.columns.filter((one) => kinds.includes(typeOf(one))).map((column) => ({ alias, table, column })));
    if (fitting.length === 0) return null;
    const { alias, table, column } = pick(fitting);
    const values = this.data.world.tables.get(table.name)!.rows.slice(0, 300).map((row) => row[column.name]!).filter((value) => value !== null);
    return { expression: { column: column.name, table: alias }, values, kind: typeOf(column) };
  }

  private number(depth = 0): object {
    const made = this.calculated.filter((one) => one.kind === "number");
    if (made.length > 0 && maybe(30)) return { calculated: pick(made).name };
    if (depth < 2 && maybe(30)) {
      if (maybe(15)) return { op: "round", of: this.number(depth + 1), digits: roll(3) };
      if (maybe(25)) return this.choice(() => this.number(depth + 1));
      const dated = this.column(["date", "datetime"]);
      if (dated && maybe(30)) return { op: "part", part: pick(["year", "quarter", "month", "week", "day", "hour", "minute", "weekday"]), of: dated.expression };
      return { op: pick(["+", "-", "*", "/"]), of: Array.from({ length: 2 + roll(2) }, () => this.number(depth + 1)) };
    }
    return maybe(20) ? { value: pick([0, 1, -3, 2.5, 10]) } : (this.column(["integer", "real"])?.expression ?? { value: 4 });
  }

  private text(): object {
    const made = this.calculated.filter((one) => one.kind === "text");
    if (made.length > 0 && maybe(30)) return { calculated: pick(made).name };
    if (maybe(10)) return this.choice(() => this.text());
    const found = this.column(["text"])?.expression ?? { value: "text" };
    return maybe(15) ? { op: "concat", of: [found, { value: pick([" - ", "'", ""]) }, this.column(["integer", "text"])?.expression ?? { value: "x" }] } : found;
  }

  private choice(of: () => object): object {
    return { op: "case", when: Array.from({ length: 1 + roll(2) }, () => ({ if: this.condition(1), value: of() })), ...(maybe(70) ? { else: of() } : {}) };
  }

  private given(value: unknown): object {
    if (!maybe(25)) return { value };
    const name = `p${Object.keys(this.parameters).length}`;
    this.parameters[name] = value;
    return { parameter: name };
  }

  condition(depth = 0): object {
    if (depth < 2 && maybe(30)) return maybe(25) ? { not: this.condition(depth + 1) } : { [pick(["and", "or"])]: Array.from({ length: 1 + roll(3) }, () => this.condition(depth + 1)) };
    const dated = this.column(["date", "datetime"]);
    if (dated && maybe(30)) {
      if (maybe(50)) return { value: dated.expression, is: "last", count: 1 + roll(30), unit: pick(["year", "quarter", "month", "week", "day"]), complete: maybe(30) };
      return { value: dated.expression, is: "during", from: pick(["2001-01-01", "2020-02-29", "2010-06-15"]), to: pick(["2020-12-31", "2012-02-28", "2021-01-03"]) };
    }
    const one = this.column(["text", "integer", "real", "date", "datetime"])!;
    const { expression: value, kind } = one;
    const sample = (): Value => (one.values.length > 0 ? pick(one.values) : kind === "text" ? "x" : kind === "date" || kind === "datetime" ? "2020-01-01" : 1);
    const operand = (): unknown => (maybe(40) ? sample() : this.given(sample()));
    switch (roll(kind === "text" ? 6 : 4)) {
      case 0: return { value, is: pick(["empty", "not empty"]) };
      case 1: return { value, is: pick(["in", "not in"]), to: Array.from({ length: 1 + roll(4) }, sample) };
      case 2: return { value, is: "between", from: operand(), to: operand() };
      case 3: return { value, is: pick(["=", "!=", "<", "<=", ">", ">="]), to: operand() };
      default: {
        const found = String(sample());
        const start = roll(found.length);
        const piece = found.slice(start, start + 1 + roll(4));
        const to = piece.isWellFormed() && piece !== "" ? piece : "a";
        return { value: maybe(20) ? this.text() : value, is: pick(["contains", "not contains", "starts with"]), to: maybe(50) ? to.toUpperCase().slice(0, 4) : to };
      }
    }
  }

  private group(): object {
    const name = `g${(this.names += 1)}`;
    const dated = this.column(["date", "datetime"]);
    if (dated && maybe(50)) return { value: dated.expression, name, ...(maybe(85) ? { bin: pick(["year", "quarter", "month", "week", "day", "hour", "weekday"]) } : {}) };
    if (maybe(40)) return { value: this.text(), name };
    const bin = pick([undefined, { width: pick([1, 10, 0.5]) }, { count: 1 + roll(12) }]);
    return { value: bin ? (this.column(["integer", "real"])?.expression ?? this.number()) : this.number(), name, ...(bin ? { bin } : {}) };
  }

  private aggregate(): object {
    const kind = pick(["count", "count distinct", "sum", "average", "min", "max", "median", "share"]);
    const name = `a${(this.names += 1)}`;
    if ((kind === "count" || kind === "share") && maybe(60)) return { kind, name };
    return { kind, name, of: ["sum", "average", "median", "share"].includes(kind) ? this.number() : maybe(50) ? this.text() : this.number() };
  }

  question(): { question: unknown; parameters: Record<string, unknown> } {
    const joins: object[] = [];
    for (const key of this.from.foreignKeys ?? []) {
      if (joins.length > 1 || !maybe(50)) continue;
      const table = this.data.schema.tables.find((one) => one.name === key.table)!;
      const alias = this.tables.some((one) => one.alias === table.name) ? `joined ${joins.length}` : table.name;
      const { right } = this.data.world.keys[table.name]!;
      joins.push({ table: table.name, as: alias, kind: pick(["left", "inner"]), on: [{ left: { column: key.columns[0], table: this.from.name }, right: key.references[0] ?? right }] });
      this.tables.push({ alias, table });
    }
    for (let i = roll(3); i > 0; i -= 1) {
      const kind = pick(["number", "text"]);
      const value = kind === "number" ? this.number() : this.text();
      this.calculated.push({ name: `c${(this.names += 1)}`, kind, value });
    }
    const filter = maybe(60) ? { filter: this.condition() } : {};
    const base = { schema: 1, from: this.from.name, joins, calculated: this.calculated.map(({ name, value }) => ({ name, value })), ...filter };
    const parameters = this.parameters;
    if (maybe(20)) {
      const columns = Array.from({ length: 1 + roll(4) }, () => ({ value: maybe(50) ? this.text() : this.number(), name: `l${(this.names += 1)}` }));
      const isSorted = maybe(60);
      const sort = isSorted ? columns.map(({ name }) => ({ by: name, direction: pick(["ascending", "descending"]) })) : [];
      return { question: { ...base, columns, sort, ...(isSorted ? { limit: 1 + roll(50) } : {}) }, parameters };
    }
    const groups = Array.from({ length: roll(3) }, () => this.group());
    const aggregates = Array.from({ length: (groups.length === 0 ? 1 : 0) + roll(3) }, () => this.aggregate());
    const all = [...groups, ...aggregates] as { name: string }[];
    const sort = maybe(50) ? [{ by: pick(all).name, ...(maybe(60) ? { direction: "descending" } : {}) }] : [];
    return { question: { ...base, groups, aggregates, sort, ...(maybe(40) ? { limit: 1 + roll(20) } : {}) }, parameters };
  }
}

/** Null where SQLite calculates beyond what JavaScript's numbers hold exactly. */
function ask({ handle }: Data, sql: string, parameters: Record<string, unknown>): Value[][] | null {
  const { statement } = handle.prepare(sql, readStatement(sql));
  try {
    return answer(statement, parameters);
  } catch (error) {
    if (/too large to be represented|integer overflow/.test((error as Error).message)) return null;
    throw error;
  }
}

/** Null where DuckDB is not offered, or its whole numbers overflow, as it says: SQLite answers instead. */
async function askDuck({ copies, schema }: Data, question: Question, parameters: Record<string, unknown>): Promise<{ rows: Value[][] | null; error?: string }> {
  const { sql, sqliteOnly } = compile(question, schema, "duckdb");
  if (sqliteOnly.length > 0) return { rows: null };
  const parts: Buffer[] = [];
  const output: TaskOutput = { head: () => {}, body: (bytes) => void parts.push(Buffer.from(bytes)), end: () => {}, progress: () => {} };
  try {
    await runDuck({ file: "copy", tables: copies, version: "v", sql, parameters, rowsMax: 1e6, bytesMax: 1e9, memoryBytesMax: 1024 ** 3, threads: 2 }, output);
    return { rows: (JSON.parse(Buffer.concat(parts).toString()) as { rows: Value[][] }).rows };
  } catch (error) {
    const { message } = error as Error;
    return { rows: null, ...(/Overflow in|out of range/i.test(message) ? {} : { error: `${message}\n${sql}` }) };
  }
}

function answer(statement: StatementSync, parameters: Record<string, unknown>): Value[][] {
  return statement.all(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`:${name}`, Number.isSafeInteger(value) ? BigInt(value as number) : (value as string)]))) as unknown as Value[][];
}

/** Sums of fractions depend in their last digits on the order of adding. */
const isAlike = (a: Value, b: Value): boolean => a === b || (typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= 1e-9 * Math.max(1e-3, Math.abs(a), Math.abs(b)));
const areAlike = (a: Value[][], b: Value[][]): boolean => a.length === b.length && a.every((row, i) => row.length === b[i]!.length && row.every((value, j) => isAlike(value, b[i]![j]!)));
const inOrder = (rows: Value[][]): Value[][] => {
  const keyed = rows.map((row) => ({ row, key: JSON.stringify(row.map((value) => (typeof value === "number" ? value.toPrecision(13) : value))) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row);
};

/** Sorted by sums that are equal but for their last digits, rows stand in either order, and a limit may leave either. */
function isNearlyTied({ sort, aggregates = [] }: Question, rows: Value[][], columns: { name: string }[]): boolean {
  const by = sort?.[0]?.by;
  if (!aggregates.some(({ name }) => name === by)) return false;
  const at = columns.findIndex(({ name }) => name === by);
  const values = rows.map((row) => row[at]!).filter((value): value is number => typeof value === "number" && !Number.isInteger(value)).toSorted((a, b) => a - b);
  return values.some((value, i) => i > 0 && value !== values[i - 1] && isAlike(value, values[i - 1]!));
}

async function compare(data: Data, t: { diagnostic(text: string): void }): Promise<void> {
  const published = questionSchema() as never;
  const figures = { asked: 0, refused: 0, large: 0, ties: 0, byDuck: 0, rows: 0 };
  while (figures.asked < questionsMax && figures.refused < questionsMax * 3) {
    const { question: invented, parameters } = new Inventor(data).question();
    let compiled;
    let question: Question;
    try {
      question = readQuestion(invented);
      compiled = compile(question, data.schema, "sqlite");
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      figures.refused += 1;
      continue;
    }
    figures.asked += 1;
    const label = `KLIV_SEED=${seed}, question ${figures.asked}\n${JSON.stringify(invented)}\n${JSON.stringify(parameters)}\n${compiled.sql}`;
    assert.ok(Check(published, invented), `the published schema refuses ${label}`);
    const taken = Object.fromEntries(compiled.parameters.map(({ name }) => [name, parameters[name]]));
    const found = ask(data, compiled.sql, taken);
    if (found === null) {
      figures.large += 1;
      continue;
    }
    const expected = evaluate(question, { ...data.world, parameters }, compiled.columns.map(({ name }) => name));
    figures.rows += found.length;
    if (isNearlyTied(question, [...expected.rows, ...found], compiled.columns)) {
      figures.ties += 1;
      continue;
    }
    hold("SQLite", found, expected, label);
    const duck = await askDuck(data, question, taken);
    assert.equal(duck.error, undefined, label);
    if (duck.rows === null) continue;
    figures.byDuck += 1;
    hold("DuckDB", duck.rows, expected, label);
  }
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.asked === questionsMax && figures.rows > questionsMax && figures.large + figures.ties < questionsMax / 20, JSON.stringify(figures));
}

function hold(who: string, found: Value[][], expected: Evaluation, label: string): void {
  const [a, b] = expected.isOrdered ? [found, expected.rows] : [inOrder(found), inOrder(expected.rows)];
  const at = Math.max(0, a.findIndex((row, i) => !areAlike([row], b.slice(i, i + 1))));
  assert.ok(areAlike(a, b), `${label}\n${who}, ${a.length} rows: ${JSON.stringify(a.slice(at, at + 3))}\nfound,  ${b.length} rows: ${JSON.stringify(b.slice(at, at + 3))}`);
}

test(`questions over vega-datasets (KLIV_SEED=${seed})`, async (t) => {
  const workDir = mkdtempSync(join(folder, "vega-"));
  makeVega(join(workDir, "in.sqlite"));
  await compare(await open(workDir), t);
});

const shop = join(corpora ?? "", "data/chinook.sqlite");
test(`questions over chinook (KLIV_SEED=${seed})`, { skip: corpora !== undefined && existsSync(shop) ? false : "KLIV_CORPORA with data/chinook.sqlite is not set" }, async (t) => {
  const workDir = mkdtempSync(join(folder, "chinook-"));
  copyFileSync(shop, join(workDir, "in.sqlite"));
  await compare(await open(workDir), t);
});

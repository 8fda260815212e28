import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measured, median } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import type { Served } from "./served.ts";

const rows = 2_000_000;
const rounds = 5;

/** With another `from` in each round, so that no answer is one that is kept. */
const question = (rest: object): object => ({ schema: 1, from: "orders", filter: { value: { column: "id", table: "orders" }, is: ">=", to: { parameter: "from", type: "number" } }, ...rest });
const by = (column: string): object => ({ value: { column } });
const quantity = { column: "quantity" };

const questions: Record<string, object> = {
  count: question({ aggregates: [{ kind: "count" }] }),
  "by month": question({ groups: [{ value: { column: "ordered_at" }, bin: "month" }], aggregates: [{ kind: "count" }, { kind: "sum", of: { column: "amount" } }] }),
  "top N": question({ groups: [by("product")], aggregates: [{ kind: "sum", of: quantity, name: "sold" }], sort: [{ by: "sold", direction: "descending" }], limit: 10 }),
  join: question({ joins: [{ table: "customers" }], groups: [by("region")], aggregates: [{ kind: "count" }, { kind: "sum", of: quantity }] }),
  distinct: question({ aggregates: [{ kind: "count distinct", of: { column: "customer" } }] }),
  share: question({ groups: [by("prefecture")], aggregates: [{ kind: "share", of: quantity }] }),
};

export const builder2m: Measurement = {
  name: "builder-2m",
  about: "six questions without SQL (count, by month, top N, join, distinct, share) over 2 million rows through REST on the columnar copy, how many times as fast as in plain node:sqlite (the median), with the same answers",
  async measure({ shared, tell }) {
    const served = await shared();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-data-"));
    try {
      const file = join(folder, "shop.sqlite");
      makeShop(file);
      const { id } = await served.ask<{ id: string }>("POST", `/api/v1/teams/${served.team}/databases?name=shop`, {
        body: createReadStream(file, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": "shop.sqlite", "content-type": "application/vnd.sqlite3" }, expected: 201,
      });
      await waitForCopy(served, id);
      const database = new DatabaseSync(file, { readOnly: true });
      const found = await compare({ served, id, database });
      database.close();
      for (const one of found) tell(`${one.name}: ${one.value.toFixed(1)} ms against ${one.baseline.toFixed(0)} ms, ${(one.baseline / one.value).toFixed(1)} x`);
      const total = (of: "value" | "baseline"): number => found.reduce((sum, one) => sum + one[of], 0);
      return measured({
        name: "builder-2m", value: total("value"), unit: "ms", baseline: total("baseline"), baselineName: "plain node:sqlite, all six",
        ratio: middle(found.map((one) => one.baseline / one.value)), goal: { of: "ratio", atLeast: 10 },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Of an even number of figures. */
function middle(figures: number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
}

function makeShop(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;
    CREATE TABLE customers (id INTEGER PRIMARY KEY, region TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, ordered_at DATETIME TEXT, prefecture TEXT, product TEXT, quantity INTEGER, amount REAL, customer INTEGER REFERENCES customers);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO customers SELECT i, 'region ' || (i * 7919 % 47) FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO orders
      SELECT i, datetime(1577836800 + i * 60, 'unixepoch'), 'prefecture ' || (i * 31 % 47), 'product number ' || (i * 7919 % 2000), i * 13 % 20 + 1, (i * 104729 % 1000000) / 100.0, i * 15485863 % 100000 + 1 FROM n;
    COMMIT`);
  database.close();
}

/** Asked for in DuckDB's SQL it is made, and waited for as long as a question may take. */
async function waitForCopy(served: Served, id: string): Promise<void> {
  for (;;) {
    const { status, body } = await served.call("POST", `/api/v1/databases/${id}/query`, { body: { sql: "SELECT count(*) FROM orders, customers LIMIT 0", engine: "duckdb" } });
    if (status === 200) return;
    if (status !== 503) throw new Error(body.toString("utf8", 0, 500));
  }
}

async function compare({ served, id, database }: { served: Served; id: string; database: DatabaseSync }): Promise<{ name: string; value: number; baseline: number }[]> {
  const found = [];
  for (const [name, asked] of Object.entries(questions)) {
    const { sql } = await served.ask<{ sql: string }>("POST", `/api/v1/databases/${id}/question/sql`, { body: { question: asked } });
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const figures: { value: number; baseline: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const parameters = { from: -round };
      const startedAt = performance.now();
      const expected = statement.all(parameters) as unknown as unknown[][];
      const between = performance.now();
      const { rows: answered, engine } = await served.ask<{ rows: unknown[][]; engine: string }>("POST", `/api/v1/databases/${id}/query`, { body: { question: asked, parameters } });
      const endedAt = performance.now();
      if (engine !== "duckdb") throw new Error(`${name} was answered by ${engine}`);
      holdEqual({ name, expected, answered });
      figures.push({ baseline: between - startedAt, value: endedAt - between });
    }
    found.push({ name, value: median(figures.map((one) => one.value)), baseline: median(figures.map((one) => one.baseline)) });
  }
  return found;
}

/** Equal, but for the last of a fraction's sixteen digits, which depend on the order of adding. */
function holdEqual({ name, expected, answered }: { name: string; expected: unknown[][]; answered: unknown[][] }): void {
  const told = (rows: unknown[][]): string => JSON.stringify(rows.map((row) => row.map((value) => (typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value))));
  if (told(expected) !== told(answered)) throw new Error(`${name}: DuckDB answers ${told(answered).slice(0, 200)}, SQLite ${told(expected).slice(0, 200)}`);
}

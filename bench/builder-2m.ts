import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measured, median } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import type { Served } from "./served.ts";

const rows = 2_000_000;
const rounds = 5;

interface Question {
  name: string;
  /** With `:from`, another in each round, so that no answer is one that is kept. */
  sqlite: string;
  duckdb: string;
}

const questions: Question[] = [
  { name: "count", sqlite: "SELECT count(*) FROM orders WHERE id >= :from", duckdb: "SELECT count(*) FROM orders WHERE id >= $from" },
  {
    name: "by month",
    sqlite: "SELECT strftime('%Y-%m', ordered_at) AS month, count(*), sum(amount) FROM orders WHERE id >= :from GROUP BY 1 ORDER BY 1",
    duckdb: "SELECT strftime(ordered_at, '%Y-%m') AS month, count(*), fsum(amount) FROM orders WHERE id >= $from GROUP BY 1 ORDER BY 1",
  },
  {
    name: "top N",
    sqlite: "SELECT product, sum(quantity) AS n FROM orders WHERE id >= :from GROUP BY product ORDER BY n DESC, product LIMIT 10",
    duckdb: "SELECT product, sum(quantity) AS n FROM orders WHERE id >= $from GROUP BY product ORDER BY n DESC, product LIMIT 10",
  },
  {
    name: "join",
    sqlite: "SELECT region, count(*), sum(quantity) FROM orders JOIN customers ON customers.id = orders.customer WHERE orders.id >= :from GROUP BY region ORDER BY region",
    duckdb: "SELECT region, count(*), sum(quantity) FROM orders JOIN customers ON customers.id = orders.customer WHERE orders.id >= $from GROUP BY region ORDER BY region",
  },
  { name: "distinct", sqlite: "SELECT count(DISTINCT customer) FROM orders WHERE id >= :from", duckdb: "SELECT count(DISTINCT customer) FROM orders WHERE id >= $from" },
  {
    name: "share",
    sqlite: "SELECT prefecture, sum(quantity) * 100.0 / sum(sum(quantity)) OVER () AS share FROM orders WHERE id >= :from GROUP BY prefecture ORDER BY prefecture",
    duckdb: "SELECT prefecture, sum(quantity) * 100.0::DOUBLE / sum(sum(quantity)) OVER () AS share FROM orders WHERE id >= $from GROUP BY prefecture ORDER BY prefecture",
  },
];

export const builder2m: Measurement = {
  name: "builder-2m",
  about: "six questions as the builder makes them (count, by month, top N, join, distinct, share) over 2 million rows through REST on the columnar copy, how many times as fast as in plain node:sqlite (the median), with the same answers",
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

async function waitForCopy(served: Served, id: string): Promise<void> {
  for (;;) {
    const { status, body } = await served.call("POST", `/api/v1/databases/${id}/query`, { body: { sql: "SELECT count(*) FROM orders, customers LIMIT 0", engine: "duckdb" } });
    if (status === 200) return;
    // It waits itself, as long as a question may take.
    if (status !== 503) throw new Error(body.toString("utf8", 0, 500));
  }
}

async function compare({ served, id, database }: { served: Served; id: string; database: DatabaseSync }): Promise<{ name: string; value: number; baseline: number }[]> {
  const found = [];
  for (const { name, sqlite, duckdb } of questions) {
    const statement = database.prepare(sqlite);
    statement.setReturnArrays(true);
    const figures: { value: number; baseline: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const parameters = { from: -round };
      const startedAt = performance.now();
      const expected = statement.all(parameters) as unknown as unknown[][];
      const between = performance.now();
      const { rows: answered } = await served.ask<{ rows: unknown[][] }>("POST", `/api/v1/databases/${id}/query`, { body: { sql: duckdb, parameters, engine: "duckdb" } });
      const endedAt = performance.now();
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

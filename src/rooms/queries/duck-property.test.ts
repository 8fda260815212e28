/* Random tables through the columnar copy: what is not marked as different is the same, value by value. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import { make } from "#src/rooms/columnar/make.ts";
import { runDuck } from "./duck.ts";
import { runQuery } from "./run.ts";

type Cell = string | number | bigint | null | Uint8Array;

const seed = Number(process.env["KLIV_SEED"] ?? 23);
let state = seed;
const next = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pick = <T>(items: readonly T[]): T => items[next(items.length)]!;
const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");
const day = (): string => `${pick(["2026", "1999", "0001", "9999", "0000"])}-${pad(1 + next(12))}-${pad(1 + next(28))}`;

const kinds: Record<string, () => Cell> = {
  small: () => next(100) - 50,
  whole: () => pick([0n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, BigInt(next(2 ** 31))]),
  real: () => pick([0.5, -0.25, 1e300, 5e-324, 0.1 + 0.2, 1e15, 123456.789, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, next(1000) / 8]),
  text: () => pick(["", " ", "a", "A", "é", "e\u0301", "京都", "𠮷野家", "👩‍👩‍👧", "O'Hare", '"', "\\", "\n", "\t", "null", "1", "1.0", "007", "x".repeat(5000), "\u{10ffff}", "\u0001", "2026-01-01"]),
  odd: () => pick(["a", "a\0b", "\ufffd"]),
  date: () => day(),
  nearlyDate: () => pick([day(), "2026-02-30", "2026-1-1", "26-01-01", " 2026-01-01", "2026-01-01 "]),
  moment: () => `${day()} ${pad(next(24))}:${pad(next(60))}:${pad(next(60))}`,
  nearlyMoment: () => pick([`${day()} 00:00:00`, `${day()}T10:00:00`, `${day()} 24:00:00`, `${day()} 10:00`, `${day()} 10:00:00.5`]),
  bytes: () => pick([new Uint8Array(0), new Uint8Array([0]), new Uint8Array([255, 0, 65]), Buffer.from("京都")]),
};
const declarations = ["", "INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "DATE TEXT", "DATETIME TEXT", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR(10)", "DATE TEXT", "DATETIME TEXT"];
const names = ["c", "select", "Größe", "日付", 'say "hi"', "it's", "rowid", "a b", "🙂", "group", "at"];

function fillTable(database: DatabaseSync, at: number): string {
  const name = `${pick(["t", "Table", "表", "order", 'q"'])} ${at}`;
  const last = next(8) === 0 ? ", folded TEXT COLLATE NOCASE DEFAULT 'a'" : "";
  const chosen = names.filter(() => next(2) === 0).map((column) => ({ column, declared: pick(declarations), kinds: next(4) === 0 ? [pick(["date", "nearlyDate", "moment", "nearlyMoment"])] : next(4) === 0 ? [pick(Object.keys(kinds)), pick(Object.keys(kinds))] : [pick(Object.keys(kinds))] }));
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  database.exec(`CREATE TABLE ${quote(name)} (id INTEGER PRIMARY KEY${chosen.map(({ column, declared }) => `, ${quote(column)} ${declared}`).join("")}${last})`);
  const insert = database.prepare(`INSERT INTO ${quote(name)} (id${chosen.map(({ column }) => `, ${quote(column)}`).join("")}) VALUES (?${", ?".repeat(chosen.length)})`);
  for (let row = 0; row < next(60); row += 1) insert.run(row, ...chosen.map((one) => (next(6) === 0 ? null : kinds[pick(one.kinds)]!())));
  return name;
}

async function answerOf(run: (output: TaskOutput) => unknown): Promise<unknown[][]> {
  const parts: Buffer[] = [];
  await run({ head: () => {}, body: (bytes) => void parts.push(Buffer.from(bytes)), end: () => {}, progress: () => {} });
  return JSON.parse(Buffer.concat(parts).toString()).rows;
}

test(`clean columns are the same on both engines (seed ${seed})`, async (t) => {
  const workDir = mkdtempSync(join(tmpdir(), "kliv-columnar-"));
  t.after(() => rmSync(workDir, { recursive: true, force: true }));
  const file = join(workDir, "in.sqlite");
  const database = new DatabaseSync(file);
  database.exec("BEGIN");
  for (let at = 0; at < 60; at += 1) fillTable(database, at);
  database.exec("COMMIT");
  database.close();
  const made = await make({ workDir, memoryBytesMax: 1024 ** 3, threads: 2, tablesMax: 500 }, () => {});
  assert.equal(made.tables.length, 60);
  const limits = { rowsMax: 10_000, bytesMax: 1e8 };
  type Made = (typeof made.tables)[number];
  const ofSqlite = (sql: string): Promise<unknown[][]> => answerOf((output) => runQuery({ file, sql, ...limits }, output));
  const ofDuck = (sql: string, table: Made): Promise<unknown[][]> =>
    answerOf((output) => runDuck({ file, tables: [{ ...table, path: join(workDir, table.file) }], version: "v", sql, ...limits, memoryBytesMax: 1024 ** 3, threads: 1 }, output));
  const seen: Record<string, number> = {};
  for (const table of made.tables) {
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const clean = table.columns.filter((column) => column.unclean === null || column.unclean === "range");
    for (const { type, unclean } of table.columns) seen[unclean === null ? type : unclean] = (seen[unclean === null ? type : unclean] ?? 0) + 1;
    const source = quote(table.name);
    const same = async (sql: string, told = sql): Promise<void> => assert.deepEqual(await ofDuck(sql, table), await ofSqlite(told), `${sql} ${JSON.stringify(table.columns)}`);
    await same(`SELECT ${clean.map((column) => quote(column.name)).join(", ")} FROM ${source} ORDER BY id`);
    for (const column of clean.map(({ name }) => quote(name))) {
      await same(`SELECT count(*), count(${column}), count(DISTINCT ${column}), min(${column}), max(${column}) FROM ${source}`);
      await same(`SELECT ${column}, count(*) FROM ${source} GROUP BY 1 ORDER BY 1`);
    }
    // What is mixed is shown as SQLite would show it as text.
    for (const { name } of table.columns.filter((column) => column.unclean === "mixed" && column.type === "VARCHAR")) {
      const column = quote(name);
      await same(`SELECT ${column} FROM ${source} ORDER BY id`, `SELECT CASE typeof(${column}) WHEN 'blob' THEN hex(${column}) ELSE CAST(${column} AS TEXT) END FROM ${source} ORDER BY id`);
    }
  }
  t.diagnostic(JSON.stringify(seen));
  for (const kind of ["BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "BLOB", "mixed", "characters", "collation", "range"]) assert.ok((seen[kind] ?? 0) > 0, kind);
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { runImport } from "./run.ts";
import { inChunks, inFolder, limits, problemOf } from "./testing.ts";

function upserted(body: string, options: { sql: string; key: string[]; counts?: Record<string, number> }) {
  return inFolder(async (workDir) => {
    const made = new DatabaseSync(join(workDir, "in.sqlite"));
    made.exec(options.sql);
    made.close();
    const { key, counts } = options;
    const outcome = await runImport({ mode: "append", workDir, file: "in.sqlite", table: "t", key, ...(counts ? { counts } : {}), limits }, inChunks(Buffer.from(body), 4096), () => {});
    const database = new DatabaseSync(join(workDir, outcome.file), { readOnly: true });
    const rows = database.prepare("SELECT * FROM t ORDER BY rowid").all().map((row) => Object.values(row));
    assert.deepEqual(database.prepare("PRAGMA integrity_check").all().map((row) => Object.values(row)), [["ok"]]);
    database.close();
    return { made: [outcome.rowsAdded, outcome.rowsUpdated], rows, tables: outcome.tables.map((table) => table.rows) };
  });
}

const plain = "CREATE TABLE t(a INTEGER, b TEXT, c REAL); INSERT INTO t VALUES (1, 'x', 1.5), (2, 'y', 2.5), (3, 'z', NULL)";
const ways = { "no index": plain, "an index": `${plain}; CREATE UNIQUE INDEX i ON t(a)`, "a primary key": plain.replace("a INTEGER", "a INTEGER PRIMARY KEY") };

test("rows with the key's values are changed, others are added, with and without an index", async () => {
  for (const [name, sql] of Object.entries(ways)) {
    const { made, rows, tables } = await upserted('{"a":2,"b":"new"}\n{"a":"4","c":4.5}\n{"a":4,"b":"again"}\n[3,"w",3.5]', { sql, key: ["A"] });
    assert.deepEqual(rows, [[1, "x", 1.5], [2, "new", 2.5], [3, "w", 3.5], [4, "again", 4.5]], name);
    assert.deepEqual([made, tables], [[1, 3], [4]], name);
  }
});

test("keys of several columns, texts and numbers, as the columns' types compare them", async () => {
  const { rows } = await upserted('[{"a":1,"b":"x","c":9},{"a":1,"b":"X","c":8}]', { sql: plain, key: ["a", "b"] });
  assert.deepEqual(rows, [[1, "x", 9], [2, "y", 2.5], [3, "z", null], [1, "X", 8]]);
  const untyped = await upserted('[{"a":"1","b":2},{"a":1,"b":3}]', { sql: "CREATE TABLE t(a, b); INSERT INTO t VALUES ('1', 1)", key: ["a"] });
  assert.deepEqual(untyped.rows, [["1", 2], [1, 3]]);
});

test("what is not clear is refused, and nothing is changed", async () => {
  const twice = `${plain}; INSERT INTO t VALUES (1, 'other', 0)`;
  const cases: [string, { sql: string; key: string[] }, string, RegExp][] = [
    ['{"a":2}\n{"a":1,"b":"q"}', { sql: twice, key: ["a"] }, "ROWS_KEY_AMBIGUOUS", /Row 2 .*t has several rows with these values of a/],
    ['{"b":"q"}', { sql: plain, key: ["a"] }, "ROWS_KEY_MISSING", /Row 1 .*no value for a/],
    ['{"a":null}', { sql: plain, key: ["a"] }, "ROWS_KEY_MISSING", /no value for a/],
    ['{"a":1}', { sql: plain, key: ["d"] }, "ROWS_KEY_UNKNOWN", /names d, but .*: a, b, c/],
    ['{"a":1}', { sql: "CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID", key: ["a"] }, "ROWS_KEY_UNFIT", /no row numbers/],
    ["[]", { sql: plain, key: ["a"] }, "ROWS_EMPTY", /./],
  ];
  for (const [body, options, code, words] of cases) {
    const problem = await problemOf(upserted(body, options));
    assert.equal(problem.code, code, body);
    assert.match(problem.message, words);
  }
});

test("counts that are known are not counted again, unless the schema writes by itself", async () => {
  const counts = { t: 1_000 };
  assert.deepEqual((await upserted('{"a":9}', { sql: plain, key: ["a"], counts })).tables, [1_001]);
  const trigger = `${plain}; CREATE TRIGGER w AFTER INSERT ON t BEGIN DELETE FROM t WHERE a = 1; END`;
  assert.deepEqual((await upserted('{"a":9}', { sql: trigger, key: ["a"], counts })).tables, [3]);
});

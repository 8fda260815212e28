import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Problem } from "#src/base/problems/problem.ts";
import { SandboxPool } from "#src/base/sandbox/pool.ts";

const folder = mkdtempSync(join(tmpdir(), "kliv-queries-"));
const file = join(folder, "sample.sqlite");
const database = new DatabaseSync(file);
database.exec(`
  CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT NOT NULL, people INTEGER, area REAL, code TEXT, flag BLOB);
  INSERT INTO city VALUES (1, '札幌', 1973395, 1121.26, '5', x'00ff'), (2, '那覇', 317625, NULL, '47', NULL), (3, 'Nowhere', 9007199254740993, 0.5, '', x'');
  CREATE INDEX city_name ON city (name);
  CREATE TABLE twin (id INTEGER REFERENCES city (id), name TEXT, PRIMARY KEY (id, name)) WITHOUT ROWID;
  CREATE VIEW large AS SELECT name, people * 2 AS doubled FROM city WHERE people > 1000000;
  CREATE VIEW broken AS SELECT gone FROM city;
  CREATE VIRTUAL TABLE note USING fts5 (words);
  INSERT INTO note VALUES ('the quick brown fox'), ('lazy dog');
  CREATE VIRTUAL TABLE box USING rtree (id, x1, x2);
  INSERT INTO box VALUES (1, 0, 10), (2, 5, 6);
  CREATE TABLE big (n INTEGER PRIMARY KEY, t TEXT);
  WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 30000) INSERT INTO big SELECT x, 'text number ' || x FROM c;
  INSERT INTO big VALUES (9007199254740993, 'beyond');
`);
database.close();
chmodSync(folder, 0o711);
chmodSync(file, 0o644);

const pool = new SandboxPool({
  entry: fileURLToPath(new URL("../../worker.ts", import.meta.url)),
  workersMax: 2,
  workersIdle: 1,
  idleMs: 60_000,
  memoryBytesMax: 256 * 1024 * 1024,
  readableDirs: [folder],
});
after(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  parameters?: Record<string, unknown>;
  rowsMax?: number;
  bytesMax?: number;
  timeoutMs?: number;
}

async function ask(sql: string, { parameters, rowsMax = 100_000, bytesMax = 64e6, timeoutMs = 20_000 }: Asked = {}): Promise<any> {
  const { body } = await pool.run("query", { file, version: "v1", sql, parameters, rowsMax, bytesMax }, { timeoutMs });
  return JSON.parse((await body.bytes()).toString());
}

const rowsOf = async (sql: string, asked?: Asked) => (await ask(sql, asked)).rows;

async function refusal(sql: string, asked?: Asked): Promise<{ code: string; status: number; at: string; values: Record<string, unknown> }> {
  try {
    await ask(sql, asked);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { line, column, values = {} } = error.options;
    return { code: error.code, status: error.status, at: line === undefined ? "" : `${line}:${column}`, values };
  }
  throw new Error(`not refused: ${sql}`);
}

test("an answer has columns, rows and figures", async () => {
  const { elapsedMs, ...rest } = await ask("SELECT id, name, area FROM city WHERE id < 3 ORDER BY id");
  assert.equal(typeof elapsedMs, "number");
  assert.deepEqual(rest, {
    columns: [{ name: "id", type: "INTEGER" }, { name: "name", type: "TEXT" }, { name: "area", type: "REAL" }],
    rows: [[1, "札幌", 1121.26], [2, "那覇", null]],
    rowCount: 2,
    truncated: false,
    version: "v1",
    engine: "sqlite",
  });
});

test("what JSON cannot say is said in another way", async () => {
  const { columns, rows } = await ask("SELECT people, flag, 9e999, -9e999, NULL, 1.5, 'a' || char(0) || 'b', CAST(x'80ff' AS TEXT), char(0xD800) FROM city WHERE id = 3");
  assert.deepEqual(rows, [["9007199254740993", { base64: "" }, "Infinity", "-Infinity", null, 1.5, "a\u0000b", "\uFFFD\uFFFD", "\uFFFD\uFFFD\uFFFD"]]);
  assert.deepEqual(columns.map((column: { type: string }) => column.type), ["INTEGER", "BLOB", "TEXT", "TEXT", null, "REAL", "TEXT", "TEXT", "TEXT"]);
  assert.deepEqual(await rowsOf("SELECT -9223372036854775808, 9007199254740991, -9007199254740991"), [["-9223372036854775808", 9007199254740991, -9007199254740991]]);
});

test("a whole number that appears only far down is still exact, and nothing is lost or doubled", async () => {
  const { rows, rowCount } = await ask("SELECT n, t, 'filler filler filler filler' FROM big ORDER BY n");
  assert.equal(rowCount, 30_001);
  assert.deepEqual(rows.map((row: unknown[]) => row[0]), [...Array.from({ length: 30_000 }, (_, nth) => nth + 1), "9007199254740993"]);
});

test("empty and equal column names stay apart", async () => {
  const { columns, rows } = await ask(`SELECT 1 AS a, 2 AS a, 3 AS "", 4 AS "__proto__"`);
  assert.deepEqual(columns.map((column: { name: string }) => column.name), ["a", "a", "", "__proto__"]);
  assert.deepEqual(rows, [[1, 2, 3, 4]]);
});

test("limits on rows and bytes cut off and say so", async () => {
  const rows = await ask("SELECT n FROM big ORDER BY n", { rowsMax: 10 });
  assert.deepEqual([rows.rowCount, rows.rows.length, rows.truncated], [10, 10, true]);
  const exact = await ask("SELECT n FROM big ORDER BY n LIMIT 10", { rowsMax: 10 });
  assert.equal(exact.truncated, false);
  const bytes = await ask("SELECT t FROM big", { bytesMax: 10_000 });
  assert.equal(bytes.truncated, true);
  assert.ok(JSON.stringify(bytes.rows).length < 11_000);
  assert.equal(bytes.rows.length, bytes.rowCount);
  const endless = await ask("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c", { rowsMax: 1000 });
  assert.deepEqual([endless.rowCount, endless.truncated], [1000, true]);
});

test("parameters are given by name, in every notation, with their types", async () => {
  const parameters = { a: 1, b: 1.5, c: "日本", d: null, e: true, f: { base64: "AP8=" }, "1": "first", "9": "ninth" };
  assert.deepEqual(await rowsOf("SELECT ?, :a, @a, $a, typeof(:a), :b, :c, :d, :e, ?9, :f, ?9, ?2, ?1", { parameters }), [
    ["first", 1, 1, 1, "integer", 1.5, "日本", null, 1, "ninth", { base64: "AP8=" }, "ninth", 1, "first"],
  ]);
  // A whole number must compare with a text column as '5', not as '5.0'.
  assert.deepEqual(await rowsOf("SELECT name FROM city WHERE code = :code", { parameters: { code: 5 } }), [["札幌"]]);
  assert.deepEqual(await rowsOf("SELECT :big", { parameters: { big: "9007199254740993" } }), [["9007199254740993"]]);
});

test("parameters that are missing, unknown or unusable are named", async () => {
  const missing = await refusal("SELECT 1,\n  :town", { parameters: {} });
  assert.deepEqual([missing.code, missing.at, missing.values["parameter"]], ["QUERY_PARAMETER_MISSING", "2:3", ":town"]);
  assert.equal((await refusal("SELECT :toString", { parameters: {} })).code, "QUERY_PARAMETER_MISSING");
  const unknown = await refusal("SELECT :town", { parameters: { town: 1, twon: 2 } });
  assert.deepEqual([unknown.code, unknown.values["parameter"]], ["QUERY_PARAMETER_UNKNOWN", "twon"]);
  assert.equal((await refusal("SELECT :town", { parameters: { town: [1] } })).code, "QUERY_PARAMETER_INVALID");
});

test("errors of SQL carry SQLite's message and the place", async () => {
  const cases: [string, string][] = [
    ["SELECT id FROM city WHERE (id = 1) AND\n  id = 2) ORDER BY id", "2:9"],
    ["SELECT\n\t nope FROM city", "2:3"],
    ['SELECT "札幌" FROM city', "1:8"],
    ["SELECT 1 FROM city, missing", "1:21"],
    ["SELECT c.id, nofunction(c.id) FROM city c", "1:14"],
    ["SELECT id FROM city, twin", "1:8"],
    ["SELECT 'open", "1:8"],
    ["SELECT 1 FROM", "1:14"],
    ["SELEC 1", "1:1"],
    ["SELECT 1, , 2", "1:11"],
    ["SELECT abs(id, id) FROM city", "1:8"],
    ["SELECT id FROM city WHERE sum(id) > 1", "1:27"],
  ];
  for (const [sql, at] of cases) {
    const problem = await refusal(sql);
    assert.deepEqual([problem.code, problem.status, problem.at], ["QUERY_INVALID", 400, at], `${sql}: ${problem.values["message"]}`);
  }
});

test("only one statement, and only a reading one", async () => {
  const second = await refusal("SELECT 1;\n -- next\n SELECT 2");
  assert.deepEqual([second.code, second.at], ["QUERY_SEVERAL_STATEMENTS", "3:2"]);
  assert.deepEqual(await rowsOf("SELECT 1; -- done"), [[1]]);
  assert.equal((await refusal("  -- nothing")).code, "QUERY_EMPTY");
  const writing = [
    "INSERT INTO city (id) VALUES (9)",
    "WITH x AS (SELECT 1) DELETE FROM city",
    "UPDATE city SET name = ''",
    "REPLACE INTO city (id) VALUES (1)",
    "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)",
    "DROP TABLE city",
    "PRAGMA user_version",
    "PRAGMA writable_schema = 1",
    `ATTACH '${join(folder, "other.sqlite")}' AS other`,
    `VACUUM INTO '${join(folder, "copy.sqlite")}'`,
    "BEGIN",
    "REINDEX",
    "ANALYZE",
    "EXPLAIN DELETE FROM city",
    "INSERT INTO note (note) VALUES ('rebuild')",
  ];
  for (const sql of writing) {
    const { code, status } = await refusal(sql);
    assert.deepEqual([code, status], ["QUERY_NOT_READING", 400], sql);
  }
  assert.deepEqual(readdirSync(folder), ["sample.sqlite"]);
});

test("what would look outside or at other queries is denied by name", async () => {
  const cases: [string, string][] = [
    ["SELECT load_extension('x')", "load_extension()"],
    ["SELECT fts3_tokenizer('simple')", "fts3_tokenizer()"],
    ["SELECT * FROM pragma_database_list", "pragma_database_list"],
    ["SELECT * FROM (SELECT count(*) FROM pragma_compile_options())", "pragma_compile_options"],
    ["SELECT count(*) FROM dbstat", "dbstat"],
    ["EXPLAIN PRAGMA trusted_schema = 1", "PRAGMA trusted_schema"],
  ];
  for (const [sql, what] of cases) {
    const problem = await refusal(sql);
    assert.deepEqual([problem.code, problem.status, problem.values["what"]], ["QUERY_DENIED", 403, what], sql);
  }
  for (const sql of ["SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')", "SELECT * FROM sqlite_stmt", "SELECT * FROM sqlite_dbpage"]) {
    assert.ok(["QUERY_DENIED", "QUERY_INVALID"].includes((await refusal(sql)).code), sql);
  }
});

test("views, full text, rtree, JSON and recursion work", async () => {
  assert.deepEqual(await rowsOf("SELECT name FROM large WHERE doubled < 5000000"), [["札幌"]]);
  assert.deepEqual(await rowsOf("SELECT rowid, highlight(note, 0, '<', '>') FROM note WHERE note MATCH 'quick'"), [[1, "the <quick> brown fox"]]);
  assert.deepEqual(await rowsOf("SELECT id FROM box WHERE x1 > 1"), [[2]]);
  assert.deepEqual(await rowsOf("SELECT value FROM json_each('[1,\"二\"]')"), [[1], ["二"]]);
  assert.deepEqual(await rowsOf("EXPLAIN QUERY PLAN SELECT * FROM city WHERE id = 1").then((rows) => rows[0][3]), "SEARCH city USING INTEGER PRIMARY KEY (rowid=?)");
});

test("endless and exploding queries end at their limit while others go on", async () => {
  const bombs = [
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
    "SELECT count(*) FROM big a, big b, big c WHERE a.t || b.t > c.t",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT sum(length(randomblob(1000000))) FROM c",
    "SELECT group_concat(hex(randomblob(5000000))) FROM big a, big b",
    "SELECT zeroblob(2000000000)",
    "SELECT length(printf('%.*c', 2000000000, 'x'))",
    "SELECT hex(zeroblob(60000000)) || hex(zeroblob(30000000))",
    "WITH RECURSIVE c(x, b) AS (SELECT 1, zeroblob(60000000) UNION SELECT x + 1, zeroblob(60000000 - x) FROM c) SELECT count(*) FROM c ORDER BY b",
    `SELECT ${"(".repeat(2000)}1${")".repeat(2000)}`,
    `SELECT ${"1+".repeat(5000)}1`,
    `SELECT '${"a".repeat(40_000)}' LIKE '${"%a".repeat(10_000)}b'`,
    `SELECT sum(t GLOB '${"*a".repeat(2000)}b') FROM (SELECT printf('%.*c', 50000, 'a') AS t FROM big)`,
    `SELECT 1 ${"UNION ALL SELECT 1 ".repeat(1000)}`,
    `SELECT 1 AS x ${"x".repeat(1_100_000)}`,
    "WITH RECURSIVE c(x) AS (SELECT '[' UNION ALL SELECT x || '[[[[[[[[[[' FROM c LIMIT 100000) SELECT json_valid(x) FROM c",
  ];
  const others = [];
  for (const sql of bombs) {
    const bomb = ask(sql, { timeoutMs: 400 }).then(() => "answered", (error: unknown) => error);
    others.push(await rowsOf("SELECT name FROM city WHERE id = :id", { parameters: { id: 1 } }));
    const outcome = await bomb;
    if (outcome === "answered") continue;
    assert.ok(outcome instanceof Problem, `${sql.slice(0, 80)}: ${outcome}`);
    assert.ok(outcome.status >= 400 && outcome.status < 500, `${sql.slice(0, 80)}: ${outcome.code}`);
  }
  assert.equal(others.length, bombs.length);
  for (const rows of others) assert.deepEqual(rows, [["札幌"]]);
});

test("a long list of values is a query like any other", async () => {
  const list = Array.from({ length: 50_000 }, (_, nth) => nth).join(",");
  assert.deepEqual(await rowsOf(`SELECT count(*) FROM city WHERE id IN (${list})`), [[3]]);
});

test("one child serves many files and texts with a bounded memory of them", async () => {
  for (let nth = 0; nth < 200; nth += 1) assert.deepEqual(await rowsOf(`SELECT ${nth} + :n`, { parameters: { n: 1 } }), [[nth + 1]]);
  assert.equal((await refusal("SELECT 1 + :n")).code, "QUERY_PARAMETER_MISSING");
});

test("a file that is missing or is no database is a problem of the file", async () => {
  for (const path of [join(folder, "missing.sqlite"), folder]) {
    await assert.rejects(pool.run("query", { file: path, sql: "SELECT 1 FROM sqlite_schema", rowsMax: 1, bytesMax: 1000 }, { timeoutMs: 20_000 }), {
      code: "QUERY_FILE_DAMAGED",
    });
  }
});

test("a file is described: columns, keys, indexes, counts, and what is broken in it", async () => {
  const { head } = await pool.run("describe", { file }, { timeoutMs: 20_000 });
  const byName = new Map(head.tables.map((table: { name: string }) => [table.name, table] as const)) as Map<string, any>;
  assert.deepEqual(byName.get("city"), {
    name: "city",
    kind: "table",
    columns: [
      { name: "id", type: "INTEGER", primaryKey: true, notNull: false },
      { name: "name", type: "TEXT", primaryKey: false, notNull: true },
      { name: "people", type: "INTEGER", primaryKey: false, notNull: false },
      { name: "area", type: "REAL", primaryKey: false, notNull: false },
      { name: "code", type: "TEXT", primaryKey: false, notNull: false },
      { name: "flag", type: "BLOB", primaryKey: false, notNull: false },
    ],
    rows: 3,
    indexes: [{ name: "city_name", unique: false, partial: false, columns: ["name"] }],
    foreignKeys: [],
  });
  assert.equal(byName.get("big").rows, 30_001);
  assert.deepEqual(byName.get("twin").foreignKeys, [{ columns: ["id"], table: "city", references: ["id"] }]);
  assert.deepEqual([byName.get("large").kind, byName.get("large").rows], ["view", null]);
  assert.match(byName.get("broken").error, /no such column: gone/);
  assert.deepEqual([byName.get("note").kind, byName.get("note").rows, byName.get("note_data").kind], ["virtual", 2, "shadow"]);
  assert.equal(head.truncated, false);
});

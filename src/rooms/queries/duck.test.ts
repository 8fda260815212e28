import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Problem } from "#src/base/problems/problem.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import { SandboxPool } from "#src/base/sandbox/pool.ts";
import type { OpenTable } from "#src/rooms/columnar/columnar.ts";
import type { Made } from "#src/rooms/columnar/make.ts";

const folder = mkdtempSync(join(tmpdir(), "kliv-duck-"));
const workDir = join(folder, "work");
mkdirSync(workDir);
chmodSync(folder, 0o711);
const source = join(workDir, "in.sqlite");
const database = new DatabaseSync(source);
database.exec(`
  CREATE TABLE sale (id INTEGER PRIMARY KEY, day DATE TEXT, moment DATETIME TEXT, city TEXT, amount REAL, n INTEGER, wide INTEGER, raw BLOB, mixed, price NUMERIC, wrongday DATE TEXT, empty INTEGER);
  INSERT INTO sale VALUES (1, '2026-01-31', '2026-01-31 23:59:59', '札幌', 1.5, 3, 9007199254740993, x'00ff', 'a', 1, '2026-02-30', NULL);
  INSERT INTO sale VALUES (2, '2026-02-01', '2026-02-01 00:00:00', 'O''Hare', -0.25, NULL, -9223372036854775808, x'', 7, 1.25, '2026-02-01', NULL);
  INSERT INTO sale VALUES (3, NULL, NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, NULL, NULL);
  CREATE TABLE "odd ""name" ("select" TEXT, "Größe" REAL);
  INSERT INTO "odd ""name" VALUES ('x', 2.0);
  CREATE TABLE folded (name TEXT COLLATE NOCASE);
  INSERT INTO folded VALUES ('a');
  CREATE TABLE bad (t TEXT);
  INSERT INTO bad VALUES (cast(x'ff41' AS TEXT)), ('a' || char(0) || 'b');
  CREATE TABLE blank (a TEXT);
  CREATE VIEW shown AS SELECT city FROM sale;
`);
database.close();
chmodSync(source, 0o644);
const canary = join(folder, "canary.csv");
writeFileSync(canary, "secret\ncanary-5531\n", { mode: 0o644 });

let made: Made;
let tables: OpenTable[];
const pool = new SandboxPool({
  entry: fileURLToPath(new URL("../../worker.ts", import.meta.url)), workersMax: 1, workersIdle: 0, idleMs: 60_000, memoryBytesMax: 1024 ** 3, readableDirs: [folder], packages: true,
});
before(async () => {
  made = await runOnce("columnar-make", { workDir, memoryBytesMax: 1024 ** 3, threads: 2, tablesMax: 100 }, { workDir, memoryBytesMax: 1024 ** 3, fileBytesMax: 1e9 });
  chmodSync(workDir, 0o755);
  for (const file of readdirSync(workDir)) chmodSync(join(workDir, file), 0o644);
  tables = made.tables.map(({ file, name, rows, columns }) => ({ name, rows, columns, path: join(workDir, file) }));
});
after(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  parameters?: Record<string, unknown>;
  rowsMax?: number;
  memoryBytesMax?: number;
  timeoutMs?: number;
}

async function ask(sql: string, { parameters, rowsMax = 100_000, memoryBytesMax = 1024 ** 3, timeoutMs = 20_000 }: Asked = {}): Promise<any> {
  const request = { file: "of the test", tables, version: "v1", sql, parameters, rowsMax, bytesMax: 64e6, memoryBytesMax, threads: 2 };
  const { body } = await pool.run("query-columnar", request, { timeoutMs });
  return JSON.parse((await body.bytes()).toString());
}

async function refusal(sql: string, asked?: Asked): Promise<Problem> {
  try {
    const { rows } = await ask(sql, asked);
    throw new Error(`not refused: ${sql}: ${JSON.stringify(rows).slice(0, 300)}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error;
  }
}

const columnOf = (table: string, name: string) => made.tables.find((one) => one.name === table)!.columns.find((one) => one.name === name)!;

test("a column becomes what all of its values are", () => {
  const types = Object.fromEntries(made.tables.find((table) => table.name === "sale")!.columns.map(({ name, type, unclean }) => [name, `${type} ${unclean ?? "clean"}`]));
  assert.deepEqual(types, {
    id: "BIGINT clean", day: "DATE clean", moment: "TIMESTAMP clean", city: "VARCHAR clean", amount: "DOUBLE clean", n: "BIGINT clean", wide: "BIGINT range", raw: "BLOB clean",
    mixed: "VARCHAR mixed", price: "DOUBLE mixed", wrongday: "VARCHAR clean", empty: "BIGINT clean",
  });
  assert.equal(columnOf("folded", "name").unclean, "collation");
  assert.equal(columnOf("bad", "t").unclean, "characters");
  assert.deepEqual(made.tables.map(({ name, rows }) => [name, rows]), [["sale", 3], ['odd "name', 1], ["folded", 1], ["bad", 2], ["blank", 0]]);
});

test("an answer has the shape of SQLite's", async () => {
  const { elapsedMs, ...rest } = await ask("SELECT id, day, moment, city, amount, n, wide, raw, mixed FROM sale ORDER BY id");
  assert.equal(typeof elapsedMs, "number");
  assert.deepEqual(rest, {
    columns: [
      { name: "id", type: "INTEGER" }, { name: "day", type: "DATE TEXT" }, { name: "moment", type: "DATETIME TEXT" }, { name: "city", type: "TEXT" }, { name: "amount", type: "REAL" },
      { name: "n", type: "INTEGER" }, { name: "wide", type: "INTEGER" }, { name: "raw", type: "BLOB" }, { name: "mixed", type: "TEXT" },
    ],
    rows: [
      [1, "2026-01-31", "2026-01-31 23:59:59", "札幌", 1.5, 3, "9007199254740993", { base64: "AP8=" }, "a"],
      [2, "2026-02-01", "2026-02-01 00:00:00", "O'Hare", -0.25, null, "-9223372036854775808", { base64: "" }, "7"],
      [3, null, null, null, null, 5, null, null, null],
    ],
    rowCount: 3, truncated: false, version: "v1", engine: "duckdb",
  });
  assert.deepEqual((await ask("SELECT true, 1.50, [1, 2], {'a': 1}, interval 1 day, sum(n), 'nan'::double, 'inf'::double FROM sale")).rows, [[1, 1.5, "[1,2]", '{"a":1}', "1 day", 8, null, "Infinity"]]);
  assert.deepEqual((await ask(`SELECT "select", "Größe" FROM "odd ""name"`)).rows, [["x", 2]]);
  assert.deepEqual((await ask("FROM blank")).rows, []);
  const { rows, truncated } = await ask("SELECT * FROM range(100000)", { rowsMax: 5000 });
  assert.deepEqual([rows.length, rows[4999], truncated], [5000, [4999], true]);
});

test("parameters have names and values of every kind", async () => {
  const { rows } = await ask("SELECT $a, $b, $c::BIGINT, $d, $e::BLOB, count(*) FROM sale WHERE day >= $from", { parameters: { a: "x", b: null, c: 5, d: 1.5, e: { base64: "AP8=" }, from: "2026-02-01" } });
  assert.deepEqual(rows, [["x", null, 5, 1.5, { base64: "AP8=" }, 1]]);
  assert.equal((await refusal("SELECT $a")).code, "QUERY_PARAMETER_MISSING");
  assert.equal((await refusal("SELECT 1", { parameters: { a: 1 } })).code, "QUERY_PARAMETER_UNKNOWN");
  assert.equal((await refusal("SELECT $a", { parameters: { a: [1] } })).code, "QUERY_PARAMETER_INVALID");
});

test("a mistake is told with its place", async () => {
  for (const [sql, at, says] of [
    ["SELECT city,\n  nope FROM sale", "2:3", /nope/], ["SELECT 1 +* 2 FROM", "1:19", /syntax error/], ["SELECT * FROM sales", "1:15", /sales does not exist/], ["SELECT * FROM shown", "1:15", /not its views/],
    ["SELECT '札幌', cit FROM sale", "1:14", /cit/],
  ] as const) {
    const { code, options } = await refusal(sql);
    assert.deepEqual([code, `${options.line}:${options.column}`], ["QUERY_INVALID", at], `${sql}: ${options.values?.["message"]}`);
    assert.match(String(options.values?.["message"]), says);
  }
  assert.equal((await refusal("  -- nothing")).code, "QUERY_EMPTY");
  assert.equal((await refusal("SELECT 1; SELECT 2")).code, "QUERY_SEVERAL_STATEMENTS");
});

test("nothing but the given tables can be read, and nothing changed", async () => {
  const path = tables[0]!.path;
  const hostile = [
    `SELECT * FROM read_csv('${canary}')`, `SELECT * FROM '${canary}'`, `SELECT * FROM read_text('${canary}')`, `SELECT * FROM read_blob('/etc/passwd')`, `SELECT * FROM glob('${folder}/*')`,
    `SELECT * FROM read_parquet('${path}')`, `SELECT * FROM parquet_metadata('${path}')`, `SELECT * FROM sniff_csv('${canary}')`, `FROM query('SELECT * FROM ''${canary}''')`, "FROM query_table('sale')",
    "SELECT current_setting('allowed_paths')", "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_views()", "SELECT sql FROM duckdb_views", "SELECT * FROM pg_catalog.pg_views", "SELECT * FROM sqlite_master",
    "SELECT * FROM information_schema.tables", "SELECT * FROM system.main.duckdb_views", "SHOW TABLES", "SHOW ALL TABLES", "PRAGMA show_tables", "PRAGMA threads=8", "SET threads=8", "RESET memory_limit",
    `ATTACH '${folder}/x.db'`, `ATTACH '${source}' (TYPE sqlite)`, `COPY sale TO '${folder}/out.csv'`, `COPY (SELECT 1) TO '/tmp/kliv-duck-out'`, `EXPORT DATABASE '${folder}/e'`, `IMPORT DATABASE '${folder}'`,
    "INSTALL httpfs", "LOAD httpfs", "CREATE TABLE t (a INT)", "CREATE MACRO f(a) AS a", "CREATE OR REPLACE VIEW sale AS SELECT 1", "DROP VIEW sale", "INSERT INTO sale VALUES (1)", "CALL enable_logging()",
    "SET VARIABLE a = 1", "PREPARE p AS SELECT 1", "EXECUTE p", "BEGIN", "CHECKPOINT", "USE memory", "EXPLAIN SELECT 1", "DETACH memory", "CREATE SECRET (TYPE s3)", "SELECT sleep_ms(100)", "SELECT write_log('x')",
    "SELECT nextval('s')", "SELECT setseed(0.5)", "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))", "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM seq_scan()", "SELECT * FROM test_all_types()",
    "SELECT * FROM duckdb_settings WHERE EXISTS (WITH duckdb_settings AS (SELECT 1) SELECT 1)", `WITH a AS (SELECT * FROM '${canary}') SELECT * FROM a`, `SELECT (SELECT secret FROM '${canary}')`,
    `SELECT 1 WHERE EXISTS (FROM read_csv('${canary}'))`, `SELECT * FROM sale, LATERAL (SELECT * FROM read_text('${canary}'))`, `SELECT list_transform([1], x -> (SELECT count(*) FROM '${canary}'))`,
    `SELECT * FROM sale ORDER BY (SELECT secret FROM '${canary}')`, `PIVOT sale ON city USING (SELECT 1)`, "SELECT pg_get_viewdef(1)", "SELECT __internal_decompress_string(1)", `DESCRIBE SELECT * FROM '${canary}'`,
    `SUMMARIZE SELECT * FROM read_csv('${canary}')`, "SELECT 1; DROP VIEW sale", "SELECT * FROM main.duckdb_views", "SELECT getvariable('a')", "SELECT getenv('HOME')", "SELECT * FROM which_secret('a', 'b')",
  ];
  for (const sql of hostile) {
    const { code, message } = await refusal(sql);
    assert.match(code, /^QUERY_(DENIED|NOT_READING|SEVERAL_STATEMENTS|INVALID)$/, sql);
    assert.doesNotMatch(message, /canary-5531/, sql);
  }
  assert.ok(hostile.length > 70);
  assert.deepEqual((await ask("SELECT count(*) FROM sale")).rows, [[3]]);
  assert.deepEqual((await ask("SELECT count(*) FROM (DESCRIBE sale)")).rows, [[12]]);
});

test("time and memory end, and the next question is answered", async () => {
  const little = { memoryBytesMax: 200e6, timeoutMs: 60_000 };
  assert.equal((await refusal("SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range * b.range = 7", { timeoutMs: 400 })).code, "QUERY_TIMEOUT");
  assert.equal((await refusal("SELECT count(*) FROM (SELECT range, random() AS r FROM range(8000000) ORDER BY r)", little)).code, "QUERY_MEMORY");
  assert.equal((await refusal("SELECT repeat('x', 2000000000)", little)).code, "QUERY_MEMORY");
  assert.equal((await refusal("SELECT list(range) FROM range(400000000)", little)).code, "QUERY_MEMORY");
  assert.deepEqual((await ask("SELECT count(*) FROM sale")).rows, [[3]]);
});

test("what asks for chance or the moment is told", async () => {
  const figures = async (sql: string) => (await (await pool.run("query-columnar", { file: "f", tables, version: "v", sql, rowsMax: 10, bytesMax: 1e6, memoryBytesMax: 1024 ** 3, threads: 2 }, { timeoutMs: 9_000 })).body.figures) as { volatile?: true };
  assert.equal((await figures("SELECT random()")).volatile, true);
  assert.equal((await figures("SELECT count(*) FROM sale WHERE day < today()")).volatile, true);
  assert.equal((await figures("SELECT count(*) FROM sale WHERE moment < current_timestamp")).volatile, true);
  assert.equal((await figures("SELECT count(*) FROM sale")).volatile, undefined);
});

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { runImport } from "./run.ts";
import type { ImportOutcome } from "./run.ts";
import { inChunks, inFolder, limits, problemOf } from "./testing.ts";

const hasCli = spawnSync("sqlite3", ["--version"]).status === 0;

/** A SQLite file made by the given statements, changed by hand where wanted. */
function made(sql: string, change?: (bytes: Buffer) => Buffer | void): Promise<Buffer> {
  return inFolder((folder) => {
    const path = join(folder, "made.sqlite");
    const database = new DatabaseSync(path, { defensive: false });
    database.exec(sql);
    database.close();
    const bytes = readFileSync(path);
    return change?.(bytes) ?? bytes;
  });
}

/** Imports a file; `look` sees the result. */
function imported<T>(bytes: Buffer, look: (outcome: ImportOutcome, path: string) => T, over: object = {}): Promise<T> {
  return inFolder(async (workDir) => {
    const request = { workDir, fileName: "x.sqlite", limits: { ...limits, ...over } };
    const outcome = await runImport(request, inChunks(bytes, 1000), () => {});
    return look(outcome, join(workDir, outcome.file));
  });
}

const refused = async (bytes: Buffer, over: object = {}) => problemOf(imported(bytes, () => {}, over));
const rows = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); WITH n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t SELECT i, printf('%0200d', i) FROM n;";

test("a database is stored byte by byte as it was", async () => {
  const bytes = await made(`PRAGMA user_version = 7; PRAGMA application_id = 42; ${rows} CREATE INDEX i ON t(b); CREATE VIEW v AS SELECT b FROM t`);
  await imported(bytes, (outcome, path) => {
    assert.ok(readFileSync(path).equals(bytes));
    assert.deepEqual(outcome.tables, [{ name: "t", rows: 100, columns: [{ name: "a", type: "INTEGER" }, { name: "b", type: "TEXT" }] }]);
    assert.equal(outcome.format, "sqlite");
    assert.equal(outcome.sizeBytes, bytes.length);
  });
});

test("a file in write-ahead mode becomes a plain one with the same rows", async () => {
  const bytes = await made(`PRAGMA journal_mode = WAL; ${rows}`);
  assert.equal(bytes[18], 2);
  await imported(bytes, (outcome, path) => {
    assert.deepEqual(outcome.warnings, [{ code: "WAL_CONVERTED" }]);
    const database = new DatabaseSync(path, { readOnly: true });
    assert.equal((database.prepare("PRAGMA journal_mode").get() as { journal_mode: string }).journal_mode, "delete");
    assert.equal(outcome.tables[0]!.rows, 100);
    database.close();
    if (hasCli) assert.equal(execFileSync("sqlite3", [path, "PRAGMA integrity_check"], { encoding: "utf8" }), "ok\n");
  });
});

test("page sizes, text encodings and automatic vacuum of all kinds are taken", async () => {
  for (const pragma of ["page_size = 512", "page_size = 65536", "encoding = 'UTF-16le'", "encoding = 'UTF-16be'", "auto_vacuum = FULL", "auto_vacuum = INCREMENTAL"]) {
    assert.equal(await imported(await made(`PRAGMA ${pragma}; ${rows}`), (outcome) => outcome.tables[0]!.rows), 100);
  }
});

test("a full-text table is listed without the tables it keeps its data in", async () => {
  const bytes = await made("CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('x'), ('y'); CREATE VIRTUAL TABLE r USING rtree(id, a, b); CREATE TABLE g(a, b AS (a * 2), c AS (a * 3) STORED); INSERT INTO g(a) VALUES (1)");
  const tables = await imported(bytes, (outcome) => outcome.tables.map(({ name, rows: count, columns }) => [name, count, columns.map((column) => column.name).join()]));
  assert.deepEqual(tables, [["f", 2, "body"], ["r", 0, "id,a,b"], ["g", 1, "a,b,c"]]);
});

test("what is not well-formed is refused with SQLite's reason", async () => {
  const whole = await made(`${rows} CREATE INDEX i ON t(b)`);
  const cases: [string, Buffer, RegExp][] = [
    ["cut short", whole.subarray(0, whole.length - 4096), /the copy is not complete/],
    ["cut to a head", whole.subarray(0, 100), /100 bytes/],
    ["magic", Buffer.concat([Buffer.from("SQLite format 4\0"), whole.subarray(16)]), /first 16 bytes/],
    ["page size", await made(rows, (bytes) => void bytes.writeUInt16BE(1000, 16)), /page size of 1000/],
    ["fractions", await made(rows, (bytes) => void (bytes[21] = 65)), /payload fractions/],
    ["a page of zeros", await made(rows, (bytes) => void bytes.fill(0, 8192, 12_288)), /./],
    ["an index that disagrees", await made(`${rows} CREATE INDEX i ON t(b); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t(a + 1)' WHERE name = 'i'`), /index i/],
  ];
  for (const [name, bytes, reason] of cases) {
    const problem = await refused(bytes);
    assert.equal(problem.code, "FILE_DAMAGED", name);
    assert.match(problem.message, reason, name);
  }
});

test("bytes after the last page are let go", async () => {
  const bytes = await made(rows);
  await imported(Buffer.concat([bytes, Buffer.alloc(5000, 7)]), (outcome, path) => {
    assert.deepEqual(outcome.warnings, [{ code: "BYTES_AFTER_END", count: 5000 }]);
    assert.ok(readFileSync(path).equals(bytes));
  });
});

test("a schema that was tampered with is refused", async () => {
  const tampered = (sql: string) => made(`${rows} CREATE TABLE u(x); PRAGMA writable_schema = ON; ${sql}`);
  const cases = [
    "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'u'",
    "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'u'",
    "UPDATE sqlite_schema SET rootpage = 0 WHERE name = 'u'",
    "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'u'",
    "UPDATE sqlite_schema SET type = 'thing' WHERE name = 'u'",
    "UPDATE sqlite_schema SET sql = 'SELECT 1' WHERE name = 'u'",
    "UPDATE sqlite_schema SET sql = 'CREATE VIEW u AS SELECT 1' WHERE name = 'u'",
    "UPDATE sqlite_schema SET name = 't' WHERE name = 'u'",
    "UPDATE sqlite_schema SET sql = 'CREATE TABLE u(x' WHERE name = 'u'",
    "INSERT INTO sqlite_schema VALUES ('view', 'w', 'w', 2, 'CREATE VIEW w AS SELECT 1')",
  ];
  for (const sql of cases) assert.equal((await refused(await tampered(sql))).code, "FILE_DAMAGED", sql);
});

test("virtual tables that read something else than the file are refused by name", async () => {
  for (const module of ["dbstat", "csv(filename='/etc/passwd')", "no_such_module"]) {
    const sql = `CREATE VIRTUAL TABLE spy USING ${module}`.replaceAll("'", "''");
    const problem = await refused(await made(`${rows} PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'spy', 'spy', 0, '${sql}')`));
    assert.equal(problem.code, "FILE_SCHEMA_REFUSED");
    assert.match(problem.message, /^FILE_SCHEMA_REFUSED: spy cannot be read/);
  }
});

test("views and triggers are kept and never run", async () => {
  const bytes = await made(`${rows} CREATE VIEW broken AS SELECT * FROM gone; CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT load_extension('x'); END`);
  assert.equal(await imported(bytes, (outcome) => outcome.tables.length), 1);
});

test("views that unfold without end are not unfolded", async () => {
  const views = Array.from({ length: 40 }, (_, i) => `CREATE VIEW v${i + 1} AS SELECT a.* FROM v${i} a, v${i} b`).join(";");
  assert.equal(await imported(await made(`${rows} CREATE VIEW v0 AS SELECT 1 AS x; ${views}`), (outcome) => outcome.tables.length), 1);
});

test("a database without tables, and one with too many, are refused", async () => {
  assert.equal((await refused(await made("CREATE TABLE x(a); DROP TABLE x"))).code, "FILE_WITHOUT_TABLES");
  assert.equal((await refused(await made("CREATE VIEW v AS SELECT 1"))).code, "FILE_WITHOUT_TABLES");
  assert.equal((await refused(await made("CREATE TABLE a(x); CREATE TABLE b(x)"), { tablesMax: 1 })).code, "FILE_TABLES_TOO_MANY");
  assert.equal((await refused(await made("CREATE TABLE a(x, y)"), { columnsMax: 1 })).code, "FILE_COLUMNS_TOO_MANY");
});

test("the sqlite3 command opens what was imported", { skip: hasCli ? false : "there is no sqlite3 command on this machine" }, async () => {
  const bytes = await made(`PRAGMA journal_mode = WAL; ${rows}`);
  await imported(bytes, (_outcome, path) => {
    const original = `${path}.original`;
    writeFileSync(original, bytes);
    const dump = (file: string) => execFileSync("sqlite3", [file, ".dump"], { encoding: "utf8" });
    assert.equal(dump(path), dump(original));
  });
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { runImport } from "./run.ts";
import { imported, inChunks, inFolder, limits, problemOf, random } from "./testing.ts";

const read = (sql: string, options: Parameters<typeof imported>[1] = {}) => imported(sql, { fileName: "dump.sql", ...options });
const hasCommand = spawnSync("sqlite3", ["--version"]).status === 0;

/** Runs a dump and asks the database that it makes. */
function asked(sql: string, question: string, chunkBytes = 64 * 1024): Promise<unknown[]> {
  return inFolder(async (workDir) => {
    await runImport({ workDir, fileName: "dump.sql", limits }, inChunks(Buffer.from(sql), chunkBytes), () => {});
    const database = new DatabaseSync(join(workDir, "out.sqlite"), { readOnly: true });
    try {
      return database.prepare(question).all();
    } finally {
      database.close();
    }
  });
}

const dump = `-- a comment; with a semicolon
/* another; 'one' */
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "city" ([id] INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, note BLOB DEFAULT 'a;b', CHECK (id > 0));
INSERT INTO city VALUES(1,'東京; "capital"',X'00ff');
INSERT INTO city VALUES(2,'O''Brien
line 2 -- no comment',NULL), (3, replace('a\\nb','\\n',char(10)), 9.0e+999);
CREATE TABLE log(x);
CREATE TRIGGER added AFTER INSERT ON city BEGIN INSERT INTO log VALUES (CASE WHEN new.id > 1 THEN 'end;' ELSE 'x' END); SELECT 1; END;
CREATE INDEX city_name ON city(name);
CREATE VIEW named AS SELECT name FROM city;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('city',7);
PRAGMA user_version = 42;
COMMIT;
`;

test("a dump of SQLite's becomes what it was made of", async () => {
  for (const chunkBytes of [1, 7, 65_536]) {
    const { outcome, rows } = await read(dump, { chunkBytes });
    assert.deepEqual([outcome.format, outcome.tables.map(({ name, rows: count }) => [name, count])], ["sql", [["city", 3], ["log", 0]]]);
    assert.deepEqual(rows.map((row) => row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString("hex") : cell))), [[1, '東京; "capital"', "00ff"], [2, "O'Brien\nline 2 -- no comment", null], [3, "a\nb", Number.POSITIVE_INFINITY]]);
  }
  assert.deepEqual((await asked(dump, "SELECT name, type FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY rowid")).map((row) => ({ ...(row as object) })), [
    { name: "city", type: "table" }, { name: "log", type: "table" }, { name: "added", type: "trigger" }, { name: "city_name", type: "index" }, { name: "named", type: "view" },
  ]);
  assert.deepEqual((await asked(dump, "SELECT seq FROM sqlite_sequence")).map((row) => ({ ...(row as object) })), [{ seq: 7 }]);
  assert.deepEqual((await asked(dump, "PRAGMA user_version")).map((row) => ({ ...(row as object) })), [{ user_version: 42 }]);
  assert.deepEqual((await read("CREATE TABLE t(a); INSERT INTO t VALUES (1)")).rows, [[1]]);
});

test("what sqlite3 dumps comes back as it was", { skip: hasCommand ? false : "there is no sqlite3 command on this machine" }, async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const next = random(seed);
    const cells = [() => null, () => next(1e6) - 5e5, () => next(1e9) / 7, () => "東京'\n\r;--/*".repeat(next(4)), () => Buffer.alloc(next(50), next(256)), () => 2n ** 62n, () => "x".repeat(next(9000)), () => "\\n \\u0041 END;"];
    const rows = Array.from({ length: next(200) }, () => [0, 1, 2].map(() => cells[next(cells.length)]!()));
    await inFolder(async (folder) => {
      const path = join(folder, "in.sqlite");
      const database = new DatabaseSync(path);
      database.exec('CREATE TABLE "a ""b;" (x, "y z" TEXT, [w] NUMERIC)');
      const insert = database.prepare('INSERT INTO "a ""b;" VALUES (?, ?, ?)');
      for (const row of rows) insert.run(...row);
      const select = 'SELECT quote(x), quote("y z"), quote(w) FROM "a ""b;" ORDER BY rowid';
      const before = database.prepare(select).all();
      database.close();
      const text = spawnSync("sqlite3", [path, ".dump"], { maxBuffer: 1024 ** 3 }).stdout.toString();
      assert.deepEqual(await asked(text, select, 1 + next(5000)), before, `seed ${seed}`);
    });
  }
});

test("a dump makes and fills tables, and nothing else", async () => {
  const cases: [string, string, number?][] = [
    ["CREATE TABLE t(a);\nATTACH '/etc/passwd' AS p;", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\n\nVACUUM INTO '/tmp/kliv-pwned';\nSELECT load_extension('/tmp/x.so');", "FILE_SQL_REFUSED", 4],
    ["CREATE TABLE t(a);\nPRAGMA writable_schema = ON;\nINSERT INTO sqlite_schema VALUES ('table','v','v',0,'x');", "FILE_SQL_REFUSED", 3],
    ["CREATE TABLE t(a);\nCREATE VIRTUAL TABLE v USING csv(filename='/etc/passwd');", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\nCREATE VIRTUAL TABLE v USING dbstat;", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\nCREATE TEMP TABLE u(a);", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\nSELECT * FROM pragma_database_list;", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\nDETACH main;", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\nINSERT INTO t VALUES (1, 2);", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a NOT NULL);\nINSERT INTO t\nVALUES (NULL);", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\n.read /etc/passwd\n", "FILE_SQL_REFUSED", 2],
    ["CREATE TABLE t(a);\nINSERT INTO t VALUES ('x", "FILE_SQL_QUOTE_OPEN", 2],
    ["BEGIN TRANSACTION;\nCREATE TABLE t(a);\nROLLBACK; -- due to errors\n", "FILE_SQL_REFUSED", 3],
    ["PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCOMMIT;\n", "FILE_WITHOUT_TABLES"],
    ["CREATE TABLE t(a);\nINSERT INTO t WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT randomblob(100000) FROM n;", "FILE_UNPACKED_TOO_LARGE"],
    ["CREATE TABLE t(a);\nINSERT INTO t VALUES ('\u0000');", "FILE_BINARY", 2],
    ["-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (`a` int(11) NOT NULL AUTO_INCREMENT) ENGINE=InnoDB;\n", "FILE_SQL_DIALECT"],
    ["--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\nCREATE TABLE public.t (a integer);\nCOPY public.t (a) FROM stdin;\n1\n\\.\n", "FILE_SQL_DIALECT"],
    ["USE [shop]\nGO\nSET ANSI_NULLS ON\nGO\nCREATE TABLE [dbo].[t]([a] [int])\nGO\n", "FILE_SQL_DIALECT"],
  ];
  for (const [sql, code, line] of cases) {
    const problem = await problemOf(read(sql, { limits: { uploadBytesMax: 8 * 1024 ** 2 } }));
    assert.deepEqual([problem.code, problem.line], [code, line], `${sql}: ${problem.message}`);
  }
  assert.equal((await problemOf(imported("CREATE TABLE t(a);\n", { fileName: "x.csv" }))).code, "FILE_EXTENSION_WRONG");
  await inFolder(async (workDir) => {
    await problemOf(runImport({ workDir, fileName: "x.sql", limits }, inChunks(Buffer.from("CREATE TABLE t(a); SELECT nothing;"), 100), () => {}));
    assert.deepEqual(readdirSync(workDir), []);
  });
});

test("a text about SQL is no dump", async () => {
  for (const text of ["create,insert\n1,2\n", "CREATE TABLES,b\n1,2\n", "-- a,b\n1,2\n3,4\n", "begin,end\n1,2\n", "set,x\n1,2\n"]) assert.match((await imported(text, { fileName: "x.csv" })).outcome.format, /csv/, text);
});

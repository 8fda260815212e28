import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { workbook } from "./import/workbooks.ts";
import { zipOf } from "./import/zipping.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

/** A SQLite file of the given statements. */
function database(sql: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "kliv-bad-"));
  try {
    const path = join(folder, "made.sqlite");
    const made = new DatabaseSync(path, { defensive: false });
    made.exec(sql);
    made.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const changed = (bytes: Buffer, change: (bytes: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};

const good = database("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); WITH n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, printf('%0200d', i) FROM n; CREATE INDEX i ON t(b)");
const wide = Array.from({ length: 5_000 }, (_, i) => `c${i}`).join(",");

interface Case {
  name: string;
  file: string;
  body: Buffer;
  status: number;
  code: string;
  /** In the detail, in either language. */
  says?: RegExp;
  line?: number;
  column?: number;
}

const cases: Case[] = [
  { name: "a truncated database", file: "a.db", body: good.subarray(0, good.length - 5_000), status: 422, code: "FILE_DAMAGED" },
  { name: "a database cut in its header", file: "a.db", body: good.subarray(0, 60), status: 422, code: "FILE_DAMAGED", says: /60/ },
  { name: "a database with a page of noise", file: "a.db", body: changed(good, (bytes) => void bytes.fill(0xa5, 8_192, 12_288)), status: 422, code: "FILE_DAMAGED" },
  { name: "a database whose schema points elsewhere", file: "a.db", body: database("CREATE TABLE t(a); CREATE TABLE u(b); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'u'"), status: 422, code: "FILE_DAMAGED" },
  { name: "a virtual table that reads files", file: "a.db", body: database("CREATE TABLE t(a); PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING csv(filename=\"/etc/passwd\")')"), status: 422, code: "FILE_SCHEMA_REFUSED", says: /csv/ },
  { name: "CSV with binary in it", file: "a.csv", body: Buffer.concat([Buffer.from("a,b\n1,"), Buffer.from([0, 1, 2, 0xff])]), status: 422, code: "FILE_BINARY", line: 2 },
  { name: "5,000 columns", file: "a.csv", body: Buffer.from(`${wide}\n${wide}\n`), status: 422, code: "FILE_COLUMNS_TOO_MANY", says: /5000|5,000/ },
  { name: "an empty file", file: "a.csv", body: Buffer.alloc(0), status: 422, code: "FILE_EMPTY" },
  { name: "nothing but space", file: "a.csv", body: Buffer.from(" \n \n"), status: 422, code: "FILE_EMPTY" },
  { name: "a single line without end", file: "a.csv", body: Buffer.alloc(20 * 1024 ** 2, "x"), status: 422, code: "FILE_LINE_TOO_LONG", line: 1 },
  { name: "a quotation mark that stays open", file: "a.csv", body: Buffer.from('a,b\n1,"x\n2,y\n'), status: 422, code: "FILE_QUOTE_OPEN", line: 2, column: 3 },
  { name: "a row that is too wide", file: "a.csv", body: Buffer.from("a,b\n1,2\n1,2,3\n"), status: 422, code: "FILE_ROW_WIDTH", line: 3 },
  { name: "CSV called a database", file: "a.sqlite", body: Buffer.from("a,b\n1,2\n"), status: 415, code: "FILE_EXTENSION_WRONG", says: /\.sqlite/ },
  { name: "a database called CSV", file: "a.csv", body: good, status: 415, code: "FILE_EXTENSION_WRONG", says: /\.csv/ },
  { name: "a picture called CSV", file: "a.csv", body: Buffer.from("89504e470d0a1a0a0000000d", "hex"), status: 415, code: "FILE_FORMAT_UNSUPPORTED", says: /PNG/ },
  { name: "JSON with a comma too many", file: "a.json", body: Buffer.from('[{"a":1},\n{"a":2,}]'), status: 422, code: "FILE_JSON_SYNTAX", line: 2, column: 8 },
  { name: "JSON that is cut", file: "a.ndjson", body: Buffer.from('{"a":1}\n{"a":"x'), status: 422, code: "FILE_JSON_CUT", line: 2 },
  { name: "JSON of depth 100,000", file: "a.json", body: Buffer.from(`[{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}]`), status: 422, code: "FILE_JSON_DEPTH", says: /64/, line: 1 },
  { name: "JSON without rows", file: "a.json", body: Buffer.from("[]"), status: 422, code: "FILE_JSON_NO_ROWS" },
  { name: "SQL that reads another file", file: "a.sql", body: Buffer.from("CREATE TABLE t(a);\nATTACH '/etc/passwd' AS p;\n"), status: 422, code: "FILE_SQL_REFUSED", says: /ATTACH/, line: 2 },
  { name: "a dump of another system", file: "a.sql", body: Buffer.from("-- MySQL dump 10.13\nCREATE TABLE `t` (`a` int) ENGINE=InnoDB;\n"), status: 415, code: "FILE_SQL_DIALECT", says: /MySQL/ },
  { name: "gzip that is cut", file: "a.csv.gz", body: gzipSync(wide).subarray(0, 2_000), status: 422, code: "FILE_PACKED_DAMAGED", says: /gzip/ },
  { name: "gzip of zeros", file: "a.csv.gz", body: gzipSync(Buffer.alloc(70 * 1024 ** 2, `${"x".repeat(5_000)},1\n`)), status: 422, code: "FILE_UNPACKED_RATIO", says: /500/ },
  { name: "a ZIP file in a ZIP file", file: "a.zip", body: zipOf([{ name: "b.zip", body: zipOf([{ name: "c.csv", body: "a\n1\n" }]) }]), status: 422, code: "FILE_PACKED_NESTED", says: /b\.zip/ },
  { name: "a ZIP file with a name that leads out", file: "a.zip", body: zipOf([{ name: "../../../tmp/x.csv", body: "a\n1\n" }]), status: 422, code: "FILE_ZIP_NAME", says: /\.\./ },
  { name: "a ZIP file with a password", file: "a.zip", body: zipOf([{ name: "x.csv", body: "a\n1\n", flags: 1 }]), status: 422, code: "FILE_ZIP_ENCRYPTED", says: /x\.csv/ },
  { name: "Parquet that is cut", file: "a.parquet", body: Buffer.from("PAR1 and then nothing more"), status: 422, code: "FILE_UNREADABLE", says: /PAR1/ },
  { name: "an Excel workbook with a DOCTYPE", file: "a.xlsx", body: workbook({ sheets: [], parts: [{ name: "xl/styles.xml", body: "<!DOCTYPE a><styleSheet/>" }] }), status: 422, code: "FILE_UNREADABLE", says: /DOCTYPE/ },
  { name: "an Excel workbook with a password", file: "a.xlsx", body: Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(2_000)]), status: 422, code: "FILE_ENCRYPTED", says: /password|パスワード/ },
  { name: "an old Excel file", file: "a.xls", body: Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(2_000)]), status: 415, code: "FILE_EXCEL_OLD", says: /\.xlsx/ },
  { name: "an Excel workbook of zeros", file: "a.xlsx", body: workbook({ sheets: [{ name: "S", rows: "" }], parts: [{ name: "xl/worksheets/sheet1.xml", body: Buffer.alloc(70 * 1024 ** 2, " ") }] }), status: 422, code: "FILE_UNPACKED_RATIO", says: /500/ },
  { name: "a name that leads out of its folder", file: "../../x", body: Buffer.from("a,b\n1,2\n"), status: 422, code: "FILE_NAME_INVALID", says: /\.\./ },
];

describe("bad input", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("bad");
  });
  after(() => kliv.stop());

  const upload = (one: { file: string; body: Buffer }, language = "en") =>
    kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=bad`, { token: mine.token, body: one.body, headers: { "x-filename": one.file, "accept-language": language } });
  const stored = (): string[] => readdirSync(kliv.config.blobsUrl.slice("dir:".length), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  const listed = async (): Promise<unknown[]> => (await kliv.api("GET", `/api/v1/teams/${mine.team}/databases`, { token: mine.token })).json.items;

  for (const one of cases) {
    it(`${one.name} is refused with a reason in both languages, and nothing of it stays`, async () => {
      const before = stored();
      for (const language of ["en", "ja"]) {
        const { status, headers, json } = await upload(one, language);
        assert.deepEqual([status, json?.code], [one.status, one.code], json?.detail);
        assert.match(String(headers["content-type"]), /^application\/problem\+json/);
        assert.match(json.detail, one.says ?? /./);
        assert.doesNotMatch(json.detail, /\{\w+\}|undefined/);
        if (language === "ja") assert.match(json.detail, /[ぁ-ん]/);
        if (one.line !== undefined) assert.equal(json.line, one.line);
        if (one.column !== undefined) assert.equal(json.column, one.column);
        if (one.code !== "FILE_NAME_INVALID") assert.ok(json.file === one.file || json.file?.startsWith(`${one.file}/`), json.file);
      }
      assert.deepEqual([stored(), await listed()], [before, []]);
    });
  }

  it("packed files and JSON are read in the sandbox as what they are", async () => {
    const files: [string, Buffer, [string, number][]][] = [
      ["売上.csv.gz", gzipSync("a,b\n1,2\n"), [["売上", 1]]], ["x.ndjson.zst", zstdCompressSync('{"a":1}\n{"a":2}\n'), [["x", 2]]],
      ["x.zip", zipOf([{ name: "a.csv", body: "a\n1\n" }, { name: "b.json", body: '[{"x":{"y":1}}]' }, { name: "c.sqlite.gz", body: gzipSync(good) }]), [["t", 500], ["a", 1], ["b", 1]]],
    ];
    for (const [file, body, tables] of files) {
      const made = await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=good`, { token: mine.token, body, headers: { "x-filename": encodeURIComponent(file) } });
      assert.equal(made.status, 201, made.json?.detail);
      assert.deepEqual(made.json.tables.map((table: { name: string; rows: number }) => [table.name, table.rows]), tables);
      await kliv.api("DELETE", `/api/v1/databases/${made.json.id}`, { token: mine.token });
    }
  });

  it("a bad replacement leaves the version that was there, and its readers", async () => {
    const made = await upload({ file: "good.db", body: good });
    assert.equal(made.status, 201, made.json?.detail);
    for (const { file, body, code } of cases) {
      const refused = await kliv.api("PUT", `/api/v1/databases/${made.json.id}/contents`, { token: mine.token, body, headers: { "x-filename": file } });
      assert.equal(refused.json?.code, code, file);
    }
    const now = await kliv.api("GET", `/api/v1/databases/${made.json.id}`, { token: mine.token });
    assert.equal(now.json.version, made.json.version);
    const counted = await kliv.api("POST", `/api/v1/databases/${made.json.id}/query`, { token: mine.token, body: { sql: "select count(*) from t" } });
    assert.deepEqual(counted.json.rows, [[500]]);
  });

  it("a hostile schema is kept and never run", async () => {
    const hostile = database("CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE TABLE log(x); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log SELECT load_extension('/tmp/x.so'); END; CREATE VIEW v AS SELECT writefile('/tmp/kliv-pwned', 'x') FROM t; CREATE VIEW deep AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n");
    const made = await upload({ file: "hostile.db", body: hostile });
    assert.equal(made.status, 201, made.json?.detail);
    const ask = (sql: string) => kliv.api("POST", `/api/v1/databases/${made.json.id}/query`, { token: mine.token, body: { sql } });
    assert.deepEqual((await ask("select a from t")).json.rows, [[1]]);
    for (const sql of ["select * from v", "select load_extension('/tmp/x.so')", "insert into t values (2)", "attach '/etc/passwd' as p", "pragma writable_schema = on", "select readfile('/etc/passwd')"]) {
      const refused = await ask(sql);
      assert.ok(refused.status === 422 || refused.status === 400 || refused.status === 403, `${sql}: ${refused.status}`);
      assert.match(String(refused.headers["content-type"]), /^application\/problem\+json/, sql);
    }
  });
});

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { runImport } from "./run.ts";
import { inChunks, inFolder, limits, problemOf } from "./testing.ts";

const schema = "CREATE TABLE t(a INTEGER, b TEXT CHECK (b <> 'bad'), c REAL DEFAULT 9.5); CREATE UNIQUE INDEX i ON t(b)";

function appended(body: string | Buffer, options: { table?: string; chunkBytes?: number; sql?: string; over?: object } = {}): Promise<{ rowsAdded: number | undefined; rows: unknown[][] }> {
  return inFolder(async (workDir) => {
    const made = new DatabaseSync(join(workDir, "in.sqlite"));
    made.exec(options.sql ?? schema);
    made.close();
    const request = { mode: "append" as const, workDir, file: "in.sqlite" as const, table: options.table ?? "t", limits: { ...limits, ...options.over } };
    const outcome = await runImport(request, inChunks(Buffer.from(body as Buffer), options.chunkBytes ?? 4096), () => {});
    assert.deepEqual(readdirSync(workDir), ["out.sqlite"]);
    const database = new DatabaseSync(join(workDir, outcome.file), { readOnly: true });
    const statement = database.prepare("SELECT * FROM t");
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const rows = (statement.all() as unknown as unknown[][]).map((row) => row.map((cell) => (typeof cell === "bigint" && cell < 2n ** 53n ? Number(cell) : cell)));
    assert.equal((database.prepare("PRAGMA integrity_check").get() as { integrity_check: string }).integrity_check, "ok");
    database.close();
    return { rowsAdded: outcome.rowsAdded, rows };
  });
}

const both: [string, unknown[][]][] = [
  ['[{"a":1,"b":"x"},{"c":2.5},[3,"z",null]]', [[1, "x", 9.5], [null, null, 2.5], [3, "z", null]]],
  ['{"a":1}\n\n{"B":"é\\u00e9"}\r\n{"b":[1,{"x":12345678901234567890}],"a":9007199254740993}', [[1, null, 9.5], [null, "éé", 9.5], [9007199254740993n, '[1,{"x":"12345678901234567890"}]', 9.5]]],
  ['\ufeff[1,"x",0]\n["2","y]\\"[",true]\n', [[1, "x", 0], [2, 'y]"[', 1]]],
  [' [ [1,"x\\\\",0] ,\n [2,"{",1] ] ', [[1, "x\\", 0], [2, "{", 1]]],
  ["{}", [[null, null, 9.5]]],
];

test("arrays and NDJSON, objects and lists, in chunks of any size", async () => {
  for (const [body, rows] of both) {
    for (const chunkBytes of [1, 2, 7, 4096]) assert.deepEqual(await appended(body, { chunkBytes }), { rowsAdded: rows.length, rows }, `${body} in ${chunkBytes}`);
  }
});

test("a bad row is named and nothing is added", async () => {
  const cases: [string | Buffer, string, number | undefined, RegExp][] = [
    ["", "ROWS_EMPTY", undefined, /./],
    [" [] ", "ROWS_EMPTY", undefined, /./],
    ['[{"a":1},\n{"d":2}]', "ROWS_COLUMN_UNKNOWN", 2, /Row 2 .*for d, but .*: a, b, c/],
    ['{"a":1}\n{"a":"x"}', "ROWS_NUMBER_NEEDED", 2, /Row 2 .*a is INTEGER, and "x"/],
    ['[{"a":1.5}]', "ROWS_NUMBER_NEEDED", 1, /1\.5/],
    ["[[1,2]]", "ROWS_WIDTH", 1, /2 values.*3 columns/],
    ['{"a":1,"A":2}', "ROWS_COLUMN_TWICE", 1, /a/],
    ['{"b":"x"}\n{"b":"x"}', "ROWS_VALUE_REFUSED", 2, /UNIQUE/],
    ['{"b":"x"}\n{"b":"bad"}', "ROWS_VALUE_REFUSED", 2, /CHECK/],
    ['[{"a":1}\n{"a":2}]', "ROWS_SYNTAX", 2, /comma/],
    ['[{"a":1}]x', "ROWS_SYNTAX", 1, /after the end/],
    ['[{"a":1},', "ROWS_SYNTAX", 1, /before the \]/],
    ['{"a":1}\n{"a"', "ROWS_SYNTAX", 2, /ends inside/],
    ['{"a":}', "ROWS_SYNTAX", 1, /Unexpected/],
    ["a,b\n1,2", "ROWS_SYNTAX", 1, /object or an array/],
    [Buffer.from('{"b":"\xff"}', "latin1"), "ROWS_SYNTAX", 1, /UTF-8/],
    [`{"b":${"[".repeat(1000)}`, "ROWS_SYNTAX", 1, /nested/],
  ];
  for (const [body, code, line, message] of cases) {
    const problem = await problemOf(appended(body));
    assert.deepEqual([problem.code, problem.line], [code, line], problem.message);
    assert.match(problem.message, message);
  }
});

test("a table that is not there, and rows without end, are refused", async () => {
  const none = await problemOf(appended("{}", { table: "v", sql: `${schema}; CREATE VIEW v AS SELECT 1` }));
  assert.deepEqual([none.code, none.status], ["TABLE_NOT_FOUND", 404]);
  assert.equal((await problemOf(appended(`{"b":"${"x".repeat(5000)}"}`, { over: { lineBytesMax: 1000 }, chunkBytes: 100 }))).code, "FILE_LINE_TOO_LONG");
  assert.equal((await problemOf(appended("{}\n{}\n{}", { over: { rowsMax: 2 } }))).code, "FILE_ROWS_TOO_MANY");
  assert.equal((await problemOf(appended("{}\n{}\n{}", { over: { uploadBytesMax: 4 } }))).code, "FILE_TOO_LARGE");
});

test("a trigger of a hostile file that cannot run refuses the rows, and one that never ends is cut off", async () => {
  const unsafe = await problemOf(appended("{}", { sql: `${schema}; CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT load_extension('x'); END` }));
  assert.equal(unsafe.code, "ROWS_VALUE_REFUSED");
  const endless = await problemOf(appended("{}", { sql: "CREATE TABLE t(a); CREATE TABLE u(a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO u VALUES (1); END; CREATE TRIGGER ur AFTER INSERT ON u BEGIN INSERT INTO t VALUES (1); END; PRAGMA recursive_triggers = ON" }).then(() => { throw new Error("accepted"); }, (error: unknown) => { throw error; })).catch((error: Error) => ({ code: error.message }));
  assert.ok(["ROWS_VALUE_REFUSED", "accepted"].includes(endless.code), endless.code);
});

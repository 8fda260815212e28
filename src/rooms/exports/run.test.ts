import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "#src/base/problems/problem.ts";
import { neutralize } from "./delimited.ts";
import { exported, inDatabase } from "./testing.ts";
import type { Table } from "./testing.ts";

const cities: Table = {
  name: "都市",
  columns: [{ name: "name", type: "TEXT" }, { name: "people", type: "INTEGER" }, { name: "area", type: "REAL" }, { name: "flag", type: "BLOB" }],
  rows: [["札幌", 1973395n, 1121, Buffer.from("00ff", "hex")], ['a "b", c', -5n, null, null], ["", 9007199254740993n, -0.5, Buffer.alloc(0)], ["two\nlines", null, 1e300, null], ["007", 0n, Infinity, null]],
};
const textOf = (source: object = { table: "都市" }, rest: object = {}): Promise<string> => inDatabase([cities], async (file) => (await exported({ file, source: source as never, format: "csv", ...rest })).bytes.toString());

test("a table as CSV", async () => {
  assert.equal(await textOf(), [
    "name,people,area,flag", "札幌,1973395,1121.0,AP8=", '"a ""b"", c",-5,,', '"",9007199254740993,-0.5,""', '"two\nlines",,1e+300,', "007,0,Infinity,", "",
  ].join("\r\n"));
});

test("a byte order mark and line ends as they are asked for", async () => {
  const text = await textOf(undefined, { options: { bom: true, lineEnd: "lf" } });
  assert.ok(text.startsWith("\ufeffname,people"));
  assert.ok(!text.includes("\r"));
});

test("tabs between, and quotes only where a tab is within", async () => {
  const { bytes } = await inDatabase([{ name: "t", columns: [{ name: "a", type: "TEXT" }, { name: "b", type: "TEXT" }], rows: [["x,y", "x\ty"]] }], (file) => exported({ file, source: { table: "t" }, format: "tsv" }));
  assert.equal(bytes.toString(), 'a\tb\r\nx,y\t"x\ty"\r\n');
});

test("the only column has something in each row, since readers skip empty lines", async () => {
  const { bytes, figures } = await inDatabase([{ name: "t", columns: [{ name: "a", type: "TEXT" }], rows: [[null], [""], ["x"]] }], (file) => exported({ file, source: { table: "t" }, format: "csv" }));
  assert.equal(bytes.toString(), 'a\r\n""\r\n""\r\nx\r\n');
  assert.equal(figures.rowCount, 3);
});

test("what a spreadsheet takes for a formula is neutralized, and can be had back", () => {
  for (const text of ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1+1", "－1+1", "＠a", "+81-90-1234", "'=1", "''@a"]) {
    assert.equal(neutralize(text), `'${text}`, text);
  }
  for (const text of ["-5", "+1.5", "-1e9", "it's", "'tis", "a=b", "", "100%", "''", "札幌"]) assert.equal(neutralize(text), text, text);
});

test("formulas stay where they are asked for, and names of columns are texts too", async () => {
  const table: Table = { name: "t", columns: [{ name: "=a", type: "TEXT" }], rows: [["=1+1"]] };
  await inDatabase([table], async (file) => {
    assert.equal((await exported({ file, source: { table: "t" }, format: "csv" })).bytes.toString(), "'=a\r\n'=1+1\r\n");
    assert.equal((await exported({ file, source: { table: "t" }, format: "csv", options: { formulas: "kept" } })).bytes.toString(), "=a\r\n=1+1\r\n");
  });
});

test("a question with parameters, and columns of one name", async () => {
  await inDatabase([cities], async (file) => {
    const source = { sql: "select name as a, :x as A, 5.0 as a from 都市 where people > :x", parameters: { x: 100 } };
    assert.equal((await exported({ file, source, format: "csv" })).bytes.toString(), 'a,A,a\r\n札幌,100,5.0\r\n"",100,5.0\r\n');
    assert.deepEqual(JSON.parse((await exported({ file, source, format: "json" })).bytes.toString()), [{ a: "札幌", A_2: 100, a_3: 5 }, { a: "", A_2: 100, a_3: 5 }]);
  });
});

test("JSON says bytes, large numbers and infinity as the API does; no rows are an empty list", async () => {
  await inDatabase([cities], async (file) => {
    const rows = JSON.parse((await exported({ file, source: { table: "都市" }, format: "json" })).bytes.toString()) as unknown[];
    assert.deepEqual(rows[0], { name: "札幌", people: 1973395, area: 1121, flag: { base64: "AP8=" } });
    assert.deepEqual([rows[2], rows[4]], [{ name: "", people: "9007199254740993", area: -0.5, flag: { base64: "" } }, { name: "007", people: 0, area: "Infinity", flag: null }]);
    const { bytes } = await exported({ file, source: { table: "都市" }, format: "ndjson" });
    assert.deepEqual(bytes.toString().trimEnd().split("\n").map((line) => JSON.parse(line) as unknown), rows);
    const none = { sql: "select 1 as a where 0" };
    assert.deepEqual(JSON.parse((await exported({ file, source: none, format: "json" })).bytes.toString()), []);
    assert.equal((await exported({ file, source: none, format: "ndjson" })).bytes.toString(), "");
    assert.equal((await exported({ file, source: none, format: "csv" })).bytes.toString(), "a\r\n");
  });
});

test("refusals say what is wrong before the first byte", async () => {
  const refused = (source?: object, rest: object = {}) => textOf(source, rest).then(() => assert.fail("not refused"), (error: unknown) => (error instanceof Problem ? [error.code, error.options.values?.["tables"]] : assert.fail(String(error))));
  assert.deepEqual(await refused({ table: "towns" }), ["TABLE_NOT_FOUND", "都市"]);
  assert.deepEqual(await refused({ table: "pragma_table_list" }), ["QUERY_DENIED", undefined]);
  for (const [sql, code] of [["delete from 都市", "QUERY_NOT_READING"], ["select nothing", "QUERY_INVALID"], ["select :a", "QUERY_PARAMETER_MISSING"], ["select 1; select 2", "QUERY_SEVERAL_STATEMENTS"], ["select abs(-9223372036854775808)", "QUERY_INVALID"]] as const) {
    assert.deepEqual(await refused({ sql }), [code, undefined], sql);
  }
  assert.deepEqual(await refused(undefined, { bytesMax: 20 }), ["EXPORT_TOO_LARGE", undefined]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { contradictionOf, formatOf } from "./detect.ts";

test("what a file is, its bytes decide", () => {
  const cases: [Buffer, string][] = [
    [Buffer.alloc(0), "empty"], [Buffer.from("a,b\n1,2\n"), "text"], [Buffer.from("SQLite format 3\0"), "sqlite"], [Buffer.from("1f8b0800", "hex"), "gzip"],
    ...['[{"a":1}]', '{"a":1}', " [ [1], [2]]", '["a", 2]', "[1]\n[2]", "[-1.5e3,", "[]", "{}", "\ufeff{ }"].map((text): [Buffer, string] => [Buffer.from(text), "json"]),
    ...["[id],[name]", "[1],x\n", "{x}", "[x", "{'a': 1}"].map((text): [Buffer, string] => [Buffer.from(text), "text"]),
    [Buffer.from("PAR1"), "parquet"], [Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.alloc(26), Buffer.from("xl/worksheets/sheet1.xml")]), "xlsx"],
    [Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.alloc(26), Buffer.from("excel/xl/data.csv")]), "zip"],
    [Buffer.from("<!doctype html><p>"), "HTML"], [Buffer.from("89504e470d0a", "hex"), "PNG"], [Buffer.from("%PDF-1.7"), "PDF"],
  ];
  for (const [bytes, expected] of cases) {
    const found = formatOf(bytes);
    assert.equal(found.format === "other" ? found.looksLike : found.format, expected);
  }
});

test("a name that contradicts the content is seen, one that says nothing is not", () => {
  assert.deepEqual(["a.sqlite", "a.XLSX", "a.png", "b.db"].map((name) => contradictionOf(name, "text")), ["sqlite", "xlsx", "png", "db"]);
  assert.deepEqual(["a.csv", "a.TSV", "a.txt", "a", "a.data", "2024.01", ".csv", ""].map((name) => contradictionOf(name, "text")), Array(8).fill(null));
  assert.deepEqual(["a.csv", "a.sqlite", "a.db", "a.kliv"].map((name) => contradictionOf(name, "sqlite")), ["csv", null, null, null]);
});

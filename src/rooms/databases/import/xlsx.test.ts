import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeXlsx } from "hucre";
import { runOnce } from "#src/base/sandbox/once.ts";
import { imported, inChunks, inFolder, limits, problemOf, random } from "./testing.ts";
import type { Imported } from "./testing.ts";
import { SharedStrings } from "./sharedstrings.ts";
import { rowsOf, workbook } from "./workbooks.ts";
import type { BookXml } from "./workbooks.ts";
import { zipOf } from "./zipping.ts";

const read = (book: BookXml): Promise<Imported> => imported(workbook(book), { fileName: "売上.xlsx", chunkBytes: 1000 });
const sheet = (rows: string, after = ""): BookXml => ({ sheets: [{ name: "Sheet1", rows, after }] });
const refused = async (bytes: Buffer, fileName = "a.xlsx"): Promise<{ code: string; message: string }> => await problemOf(imported(bytes, { fileName }));

test("cells of every kind: shared, inline and rich text without its ふりがな, numbers, truth, errors, formulas by their results", async () => {
  const { rows, outcome } = await read({
    sheets: [{ name: "Sheet1", rows: `
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>商品</t></is></c><c r="C1" t="s"><v>1</v></c><c r="D1" t="str"><v>ok?</v></c><c r="E1" t="s"><v>2</v></c></row>
<row r="2" spans="1:5"><c r="A2" t="s"><v>3</v></c><c r="B2" t="inlineStr"><is><r><t>東</t></r><r><rPr><b/></rPr><t xml:space="preserve">京 </t></r><rPh sb="0" eb="1"><t>トウ</t></rPh></is></c><c r="C2"><f>1+1</f><v>1234.5</v></c><c r="D2" t="b"><v>1</v></c><c r="E2" t="e"><v>#N/A</v></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>007</t></is></c><c r="B4" t="str"><f>"a"</f><v>a &lt;&amp;&#x1F600; _x000D_b</v></c><c r="C4"><v>1E-3</v></c><c r="D4" t="b"><v>0</v></c><c r="E4"><f>A1</f></c></row>` }],
    strings: '<si><t>番号</t><rPh sb="0" eb="2"><t>バンゴウ</t></rPh><phoneticPr fontId="1"/></si><si><t>単価</t></si><si><r><t>備</t></r><r><t>考</t></r></si><si><t>001</t></si>',
  });
  assert.deepEqual(outcome.tables, [{ name: "売上", rows: 2, columns: [{ name: "番号", type: "TEXT" }, { name: "商品", type: "TEXT" }, { name: "単価", type: "REAL" }, { name: "ok?", type: "BOOLEAN" }, { name: "備考", type: "TEXT" }] }]);
  assert.deepEqual(rows, [["001", "東京 ", 1234.5, 1, null], ["007", "a <&😀 \rb", 0.001, 0, null]]);
  assert.deepEqual(outcome.warnings, [{ code: "CELLS_ERROR", count: 1, names: "Sheet1!E2" }, { code: "FORMULAS_UNCALCULATED", count: 1 }]);
});

test("dates, times and durations by their number formats, also Japanese ones", async () => {
  const formats = ["[$-411]ggge\"年\"m\"月\"d\"日\"", "yyyy\"年\"m\"月\"d\"日\"", "令和e年m月d日", "[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\";@", 14, 31, 57, "yyyy/m/d h:mm", "h:mm:ss", "[h]:mm", "0.0%", "#,##0\"円\"", "0.00E+00", "General", "h\"時\"mm\"分\"", "m\"月\"d\"日\"", "ge.m.d", "[Red]0", "\"d\"0", "aaa"];
  const values = [45413, 45413, 45413, 45413, 45413.5, 45413, 45413, 45413.395833333336, 0.75, 1.5, 0.25, 1200, 1500, 3, 0.5, 45413, 45413, 7, 8, 45413];
  const { rows, outcome } = await read({
    sheets: [{ name: "Sheet1", rows: `<row>${formats.map((_, i) => `<c t="str"><v>h${i}</v></c>`).join("")}</row><row>${values.map((value, i) => `<c s="${i + 1}"><v>${value}</v></c>`).join("")}</row>` }], formats,
  });
  assert.deepEqual(rows[0], ["2024-05-01", "2024-05-01", "2024-05-01", "2024-05-01", "2024-05-01 12:00:00", "2024-05-01", "2024-05-01", "2024-05-01 09:30:00", "18:00:00", "36:00:00", 0.25, 1200, 1500, 3, "12:00:00", "2024-05-01", "2024-05-01", 7, 8, "2024-05-01"]);
  assert.deepEqual(outcome.tables[0]!.columns.map(({ type }) => type).slice(0, 12), ["DATE TEXT", "DATE TEXT", "DATE TEXT", "DATE TEXT", "DATETIME TEXT", "DATE TEXT", "DATE TEXT", "DATETIME TEXT", "TEXT", "TEXT", "REAL", "INTEGER"]);
});

test("both date systems, and the 29th of February 1900 that never was", async () => {
  const rows = `<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>${[0, 1, 59, 61, 2_958_465].map((value) => `<row><c s="1"><v>${value}</v></c><c><v>1</v></c></row>`).join("")}`;
  const days = async (is1904: boolean): Promise<unknown[]> => (await read({ sheets: [{ name: "S", rows }], formats: [14], is1904 })).rows.map(([day]) => day);
  assert.deepEqual(await days(false), ["1899-12-31", "1900-01-01", "1900-02-28", "1900-03-01", "9999-12-31"]);
  assert.deepEqual((await days(true)).slice(0, 4), ["1904-01-01", "1904-01-02", "1904-02-29", "1904-03-02"]);
});

test("titles above the table are left out, merged headers are joined, the table may begin anywhere", async () => {
  const { rows, outcome } = await read(sheet(`
<row r="2"><c r="B2" t="str"><v>2026年度 売上報告</v></c></row>
<row r="3"><c r="F3" t="str"><v>単位：千円</v></c></row>
<row r="5"><c r="B5" t="str"><v>支店</v></c><c r="C5" t="str"><v>上期</v></c><c r="E5" t="str"><v>下期</v></c></row>
<row r="6"><c r="C6" t="str"><v>計画</v></c><c r="D6" t="str"><v>実績</v></c><c r="E6" t="str"><v>計画</v></c><c r="F6" t="str"><v>実績</v></c></row>
<row r="7"><c r="B7" t="str"><v>東京</v></c><c r="C7"><v>1</v></c><c r="D7"><v>2</v></c><c r="E7"><v>3</v></c><c r="F7"><v>4</v></c></row>
<row r="8"><c r="B8" t="str"><v>大阪</v></c><c r="C8"><v>5</v></c><c r="D8"><v>6</v></c><c r="E8"><v>7</v></c></row>`,
    '<mergeCells count="4"><mergeCell ref="B2:F2"/><mergeCell ref="B5:B6"/><mergeCell ref="C5:D5"/><mergeCell ref="E5:F5"/></mergeCells>'));
  assert.deepEqual(outcome.tables[0]!.columns.map(({ name }) => name), ["支店", "上期 / 計画", "上期 / 実績", "下期 / 計画", "下期 / 実績"]);
  assert.deepEqual(rows, [["東京", 1, 2, 3, 4], ["大阪", 5, 6, 7, null]]);
  assert.deepEqual(outcome.warnings, [{ code: "LINES_ABOVE", count: 2 }, { code: "HEADERS_JOINED", count: 4 }]);
});

test("without a header the columns are numbered, years are one, and a column that comes late is one too", async () => {
  const plain = await read(sheet(rowsOf([["x", 1], ["y", 2]])));
  assert.deepEqual([plain.outcome.tables[0]!.columns.map(({ name }) => name), plain.rows], [["column_1", "column_2"], [["x", 1], ["y", 2]]]);
  const years = await read(sheet(rowsOf([["県", 2024, 2025, 2026], ["東京", 1, 2, 3]])));
  assert.deepEqual(years.outcome.tables[0]!.columns.map(({ name }) => name), ["県", "2024", "2025", "2026"]);
  const late = await read(sheet(rowsOf([["a", "b"], ...Array.from({ length: 300 }, (_, i) => [i, "x"]), [300, "y", 3.5]])));
  assert.deepEqual(late.outcome.tables[0]!.columns, [{ name: "a", type: "INTEGER" }, { name: "b", type: "TEXT" }, { name: "column_3", type: "REAL" }]);
  assert.deepEqual(late.rows.at(-1), [300, "y", 3.5]);
});

test("each sheet with cells becomes a table; empty and hidden ones are named", async () => {
  const { outcome } = await read({ sheets: [
    { name: "東京", rows: rowsOf([["a", "b"], [1, 2]]) }, { name: "空", rows: '<row r="3"><c r="A3" s="0"/></row>' }, { name: 'O"x', rows: rowsOf([["a", "b"], [1, "x"], [2, 3]]) },
    { name: "secret", rows: rowsOf([["a", "b"], [1, 2]]), state: "veryHidden" },
  ] });
  assert.deepEqual(outcome.tables.map(({ name, rows }) => [name, rows]), [["東京", 1], ['O"x', 2]]);
  assert.deepEqual(outcome.warnings, [{ code: "SHEETS_EMPTY", count: 1, names: "空" }, { code: "SHEETS_HIDDEN", count: 1, names: "secret" }, { code: "COLUMNS_MIXED", count: 1, names: "b" }]);
  assert.equal((await refused(workbook({ sheets: [{ name: "空", rows: "" }] }))).code, "FILE_SHEETS_EMPTY");
});

test("prefixes, another encoding and other writers' liberties make no difference", async () => {
  const wild = '<?xml version="1.0"?><x:worksheet xmlns:x="urn:x"><!-- <row> --><x:sheetData><x:row r=\'1\'><x:c r="A1" t = "inlineStr" ><x:is><x:t><![CDATA[a<b]]></x:t></x:is></x:c><x:c r="B1" t="str"><x:v>n&gt;</x:v></x:c></x:row><x:row r="2"><x:c r="B2"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>';
  for (const body of [Buffer.from(wild), Buffer.from(`\ufeff${wild}`, "utf16le"), Buffer.from(`\ufeff${wild}`)]) {
    const parts = [{ name: "xl/worksheets/sheet1.xml", body }];
    const { rows, outcome } = await imported(workbook({ sheets: [{ name: "S", rows: "" }], parts }), { fileName: "a.xlsx" });
    assert.deepEqual(outcome.tables[0]!.columns.map(({ name }) => name), ["a<b", "n>"]);
    assert.deepEqual(rows, [[null, 5]]);
  }
});

test("what is meant to do harm, or is damaged, is refused with a reason", async () => {
  const xml = async (body: string): Promise<string> => {
    const { code, message } = await refused(workbook({ sheets: [{ name: "S", rows: "" }], parts: [{ name: "xl/worksheets/sheet1.xml", body }] }));
    assert.equal(code, "FILE_UNREADABLE", message);
    return message;
  };
  assert.match(await xml('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'), /DOCTYPE/);
  assert.match(await xml('<worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'), /entity/);
  assert.match(await xml("<worksheet><sheetData><row><c><v>1</v></c></row>"), /its end is missing/);
  assert.match(await xml("<worksheet><sheetData><row></c></row></sheetData></worksheet>"), /not well-formed/);
  assert.match(await xml("<a>".repeat(5000)), /nested more than 200 deep/);
  assert.match(await xml('<worksheet><sheetData><row><c t="s"><v>7</v></c></row></sheetData></worksheet>'), /names the text 7, and there are 0/);
  assert.match(await xml('<worksheet><sheetData><row r="9"/><row r="2"/></sheetData></worksheet>'), /row 2 follows row 9/);
  assert.match(await xml('<worksheet><sheetData><row r="1"><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>'), /is in no column/);
  assert.match(await xml("<worksheet><sheetData><row><c><v>12x</v></c></row></sheetData></worksheet>"), /said to be a number/);
  assert.equal((await refused(workbook(sheet(`<row>${Array.from({ length: 16_384 }, (_, i) => `<c><v>${i}</v></c>`).join("")}</row>`)))).code, "FILE_COLUMNS_TOO_MANY");
  assert.equal((await refused(zipOf([{ name: "[Content_Types].xml", body: "" }, { name: "xl/workbook.xml", body: "<workbook/>" }, { name: "../../etc/passwd", body: "" }]))).code, "FILE_ZIP_NAME");
  assert.equal((await refused(workbook({ sheets: [{ name: "S", rows: "" }], parts: [{ name: "xl/worksheets/sheet1.xml", body: Buffer.concat([Buffer.from("<worksheet>"), Buffer.alloc(80 * 1024 ** 2, 32)]) }] }))).code, "FILE_UNPACKED_RATIO");
  assert.equal((await refused(zipOf([{ name: "xl/workbook.xml", body: "<workbook/>" }]))).code, "FILE_SHEETS_EMPTY");
  const whole = workbook(sheet(rowsOf([["a", "b"], [1, 2]])));
  assert.equal((await refused(whole.subarray(0, whole.length - 30))).code, "FILE_PACKED_DAMAGED");
});

test("a workbook with a password, and an old one, are told apart", async () => {
  const container = (stream: string): Buffer => Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(1000), Buffer.from(stream, "utf16le"), Buffer.alloc(1000)]);
  assert.equal((await refused(container("EncryptedPackage"), "a")).code, "FILE_ENCRYPTED");
  assert.equal((await refused(container("?"), "a.xlsx")).code, "FILE_ENCRYPTED");
  assert.equal((await refused(container("Workbook"), "a.xls")).code, "FILE_EXCEL_OLD");
});

const words = ["", "東京", "007", "1", "x < y & z", "a\nb", " spaces ", "é€", "𠮷野家", "=1+1", "TRUE", "z".repeat(3000)];

test("random tables come back as another program wrote them", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const makers: (() => [written: string | number | boolean | Date | null, stored: unknown])[] = [
      () => { const word = words[next(words.length)]!; return [word, word === "" ? null : word]; },
      () => { const value = next(2 ** 31) - 2 ** 30; return [value, value]; },
      () => { const value = (next(2 ** 31) - 2 ** 30) / 7 ** next(20); return [value, value]; },
      () => { const value = next(2) === 1; return [value, value ? 1 : 0]; },
      () => { const day = new Date(Date.UTC(1990 + next(60), next(12), 1 + next(28))); return [day, day.toISOString().slice(0, 10)]; },
    ];
    const columns = Array.from({ length: 2 + next(6) }, () => makers[next(makers.length)]!);
    const cells = Array.from({ length: 2 + next(300) }, (_, i) => columns.map((make) => (i > 0 && next(9) === 0 ? [null, null] as const : make())));
    // Rows without a value are none in a sheet.
    const kept = cells.filter((row) => row.some(([, stored]) => stored !== null));
    const names = columns.map((_, i) => `列 ${i}`);
    const bytes = Buffer.from(await writeXlsx({ sheets: [{ name: "S", rows: [names, ...kept.map((row) => row.map(([written]) => written))] }], stringMode: next(2) ? "shared" : "inline" }));
    const found = await imported(bytes, { fileName: "a.xlsx", chunkBytes: 1 + next(5000) });
    const types = found.outcome.tables[0]!.columns.map(({ name }) => name);
    assert.deepEqual(types, names, `seed ${seed}`);
    assert.equal(found.rows.length, kept.length, `seed ${seed}`);
    for (const [i, row] of found.rows.entries()) assert.deepEqual(row, kept[i]!.map(([, stored]) => stored), `seed ${seed} row ${i}`);
  }
});

test("the sandbox in which uploads are read suffices, and nothing is left there but the tables", async () => {
  const bytes = workbook({ sheets: ["a", "b"].map((name) => ({ name, rows: rowsOf([["n", "t"], ...Array.from({ length: 5_000 }, (_, i) => [i, `text ${i}`])]) })) });
  await inFolder(async (workDir) => {
    chmodSync(workDir, 0o755);
    const outcome = await runOnce("import", { workDir, fileName: "x.xlsx", limits }, { input: inChunks(bytes, 65_536), workDir, memoryBytesMax: 1024 ** 3, fileBytesMax: 1024 ** 3 });
    assert.deepEqual((outcome as Imported["outcome"]).tables.map(({ name, rows }) => [name, rows]), [["a", 5_000], ["b", 5_000]]);
    assert.deepEqual(readdirSync(workDir), ["out.sqlite"]);
  });
});

test("texts that do not fit into memory are read from the disk", async () => {
  await inFolder((folder) => {
    const strings = new SharedStrings(join(folder, "texts"), 1000);
    const textOf = (i: number): string => `${i} ${"東京x".repeat((i * 7) % 90)}${i % 997 === 0 ? "z".repeat(200_000) : ""}`;
    for (let i = 0; i < 3_000; i++) strings.add(textOf(i));
    assert.deepEqual([strings.count, readdirSync(folder)], [3_000, ["texts"]]);
    const next = random(1);
    for (let i = 0; i < 6_000; i++) {
      const at = next(3_000);
      assert.ok(strings.get(at) === textOf(at), `text ${at}`);
    }
    assert.deepEqual([strings.get(3_000), strings.get(-1), strings.get(Number.NaN), strings.get(0.5)], [undefined, undefined, undefined, undefined]);
    strings.close();
    assert.deepEqual(readdirSync(folder), []);
  });
});

test("a large sheet can be left in the middle: its first rows are looked at before all are read", async () => {
  const noise = (i: number): string => createHash("sha512").update(String(i)).digest("base64");
  const bytes = workbook({ sheets: ["a", "b", "c"].map((name) => ({ name, rows: rowsOf([["n", "t"], ...Array.from({ length: 12_000 }, (_, i) => [i, noise(i)])]) })) });
  assert.ok(bytes.length > 2 * 1024 ** 2);
  const { outcome, rows } = await imported(bytes, { fileName: "a.xlsx" });
  assert.deepEqual(outcome.tables.map(({ rows: count }) => count), [12_000, 12_000, 12_000]);
  assert.deepEqual(rows[11_999], [11_999, noise(11_999)]);
});

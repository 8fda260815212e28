import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { runImport } from "./run.ts";
import { encode, imported, inFolder, limits, problemOf } from "./testing.ts";

const typesOf = async (text: string) => (await imported(text)).outcome.tables[0]!.columns.map((column) => column.type);
const namesOf = async (text: string) => (await imported(text)).outcome.tables[0]!.columns.map((column) => column.name);

test("a Shift_JIS file keeps its leading zeros", async () => {
  const { outcome, rows } = await imported(encode("都市,番号\n東京,0123\n大阪,0456\n", "shift_jis"), { fileName: "都市.csv" });
  assert.deepEqual(rows, [["東京", "0123"], ["大阪", "0456"]]);
  assert.equal(outcome.encoding, "shift_jis");
  assert.equal(outcome.header, true);
  assert.deepEqual(outcome.tables, [{ name: "都市", rows: 2, columns: [{ name: "都市", type: "TEXT" }, { name: "番号", type: "TEXT" }] }]);
});

test("types hold for every cell of a column", async () => {
  assert.deepEqual(await typesOf("a,b,c,d,e,f\n1,1.5,x,2026-01-02,2026-01-02 03:04,\n-2,3,y,2026-02-28,2026-01-02,\n"), ["INTEGER", "REAL", "TEXT", "DATE TEXT", "DATETIME TEXT", "TEXT"]);
  assert.deepEqual(await typesOf("a,b,c,d\n007,+1,1234567890123456,1e400\n1,2,3,4\n"), ["TEXT", "TEXT", "TEXT", "TEXT"]);
  assert.deepEqual(await typesOf('a,b,c,d\n"1,23",50%,true,2026-02-30\n1,2,3,2026-01-01\n'), ["TEXT", "TEXT", "TEXT", "TEXT"]);
  assert.deepEqual(await typesOf("a,b,c,d\n-0.5,.5,1.5e-7,0.30000000000000004\n1,2,3,4\n"), ["REAL", "REAL", "REAL", "REAL"]);
  assert.deepEqual(await typesOf("a,b,c\n0.30000000000000001,5.,12E5\n1,2,3\n"), ["TEXT", "TEXT", "TEXT"]);
});

test("numbers are stored as numbers, up to the largest", async () => {
  const numbers = [0, 1, -1, 127, 128, -128, -129, 32_767, 32_768, -32_769, 8_388_607, 8_388_608, -8_388_609, 2_147_483_647, 2_147_483_648, -2_147_483_649, 140_737_488_355_327, 140_737_488_355_328, -140_737_488_355_329, 999_999_999_999_999];
  const { rows } = await imported(`n,r\n${numbers.map((n) => `${n},${n}`).join("\n")}\n2,0.1\n3,-1234.5678\n4,-0.0\n`);
  assert.deepEqual(rows.slice(0, -3), numbers.map((n) => [n, n]));
  assert.deepEqual(rows.slice(-3), [[2, 0.1], [3, -1234.5678], [4, -0]]);
});

test("a cell that contradicts a number's column late changes the whole column, exactly", async () => {
  const lines = Array.from({ length: 80_000 }, (_, i) => `${i},${i}.50,${i % 2 ? i : ""}, ${i},${"x".repeat(10)}`);
  const { outcome, rows } = await imported(`a,b,c,d,e\n${lines.join("\n")}\n1,n.a.,7,8,x\n007,1,1.5,9,y\n`);
  assert.deepEqual(outcome.tables[0]!.columns.map((column) => column.type), ["TEXT", "TEXT", "REAL", "INTEGER", "TEXT"]);
  assert.deepEqual(rows[3], ["3", "3.50", 3, 3, "xxxxxxxxxx"]);
  assert.deepEqual(rows.slice(-2), [["1", "n.a.", 7, 8, "x"], ["007", "1", 1.5, 9, "y"]]);
  assert.equal(rows.length, 80_002);
});

test("a column that is empty for long takes the type of what comes", async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i},,,`);
  const { outcome, rows } = await imported(`a,b,c,d\n${lines.join("\n")}\n1,5,x,2026-01-01\n2,2.5, ,2026-01-01\n`);
  assert.deepEqual(outcome.tables[0]!.columns.map((column) => column.type), ["INTEGER", "REAL", "TEXT", "DATE TEXT"]);
  assert.deepEqual(rows.slice(-2), [[1, 5, "x", "2026-01-01"], [2, 2.5, " ", "2026-01-01"]]);
});

test("quoting, line breaks and the forms that programs write", async () => {
  assert.deepEqual((await imported('a,b\r\n"x, y","p""q"\r\n"line 1\nline 2",z\r\n')).rows, [["x, y", 'p"q'], ["line 1\nline 2", "z"]]);
  assert.deepEqual((await imported('a,b\r1,x\r\n2,y\n3,"z"')).rows, [[1, "x"], [2, "y"], [3, "z"]]);
  assert.deepEqual((await imported('a,b\n5" pipe,say "hi"\n"a"b"c,d\n')).rows, [['5" pipe', 'say "hi"'], ['ab"c', "d"]]);
  assert.deepEqual((await imported("sep=;\r\na;b\r\n1,5;x\r\n")).rows, [[1.5, "x"]]);
  assert.deepEqual((await imported("=1+1,@SUM(A1)\n=2+2,+cmd\n")).rows, [["=2+2", "+cmd"]]);
  assert.deepEqual((await imported("a\n\n1\n\n2\n")).rows, [[1], [2]]);
});

test("delimiters are found, the name of the file only tips the balance", async () => {
  for (const delimiter of [",", "\t", ";", "|"]) {
    const { outcome } = await imported(`a${delimiter}b${delimiter}c\n1${delimiter}2${delimiter}x y\n`);
    assert.equal(outcome.delimiter, delimiter);
    assert.equal(outcome.tables[0]!.columns.length, 3);
  }
  assert.equal((await imported("a;b\n1,5;2,5\n3,5;4,5\n")).outcome.delimiter, ";");
  assert.equal((await imported("a\tb\n1\t2\n", { fileName: "x.csv" })).outcome.format, "tsv");
  assert.equal((await imported("only\nwords here\n", { fileName: "x.tsv" })).outcome.tables[0]!.columns.length, 1);
});

test("the first row names the columns unless it looks like data", async () => {
  assert.deepEqual(await namesOf("1,x\n2,y\n"), ["column_1", "column_2"]);
  assert.deepEqual(await namesOf("city,2024,2025\nTokyo,1,2\n"), ["city", "2024", "2025"]);
  assert.deepEqual(await namesOf("Tokyo,2024\nOsaka,2025\n"), ["column_1", "column_2"]);
  assert.deepEqual(await namesOf("a,A,,a_2,a\n1,2,3,4,5\n"), ["a", "A_3", "column_3", "a_2", "a_4"]);
  assert.deepEqual((await imported("a,b\n")).rows, []);
});

test("rows that are too short are filled and reported", async () => {
  const { outcome, rows } = await imported("a,b,c\n1,2,3\n4\n5,6\n7,8,9,\n");
  assert.deepEqual(rows, [[1, 2, 3], [4, null, null], [5, 6, null], [7, 8, 9]]);
  assert.deepEqual(outcome.warnings, [{ code: "ROWS_SHORT", count: 2, line: 3 }, { code: "CELLS_EXTRA_EMPTY", count: 1, line: 5 }]);
});

test("the name of a file is a label and never a path", async () => {
  const name = async (fileName: string) => (await imported("a\n1\n", { fileName })).outcome.tables[0]!.name;
  assert.equal(await name("../../x"), "x");
  assert.equal(await name("C:\\data\\売上.CSV"), "売上");
  assert.equal(await name("..\\..\\"), "data");
  assert.equal(await name('a"b\u0000c.csv'), 'a"b c');
  assert.equal(await name("sqlite_master.csv"), "_sqlite_master");
  assert.equal([...(await name(`${"𠮷".repeat(500)}.csv`))].length, 120);
});

test("what is wrong with a text is said with its line", async () => {
  const cases: [string | Buffer, string, number?, number?][] = [
    ["", "FILE_EMPTY"],
    ["\ufeff", "FILE_EMPTY"],
    [" \r\n\n", "FILE_EMPTY"],
    ['a,b\n1,"x\ny"\n2,x"\n3,"open\n4,5\n', "FILE_QUOTE_OPEN", 5, 3],
    ["a,b\n\n1,2\n3,4,5\n", "FILE_ROW_WIDTH", 4],
    ["a,b\n1,2\n3,\u0000\n", "FILE_BINARY", 3, 3],
    [Buffer.concat([Buffer.from("a,b\n1,あいうえお\n2,か"), Buffer.from([0xff]), Buffer.from("\n")]), "FILE_ENCODING", 3, 4],
    [Buffer.concat([encode("番号,名前\n1,東京\n2,大阪と", "shift_jis"), Buffer.from([0x81])]), "FILE_ENCODING", 3, 6],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), encode("a,b\n1,あ\n2,x", "utf-16le").subarray(0, -1)]), "FILE_ENCODING", 3, 3],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), encode("a,b\n1,", "utf-16le"), Buffer.from([0x00, 0xdc]), encode("\n", "utf-16le")]), "FILE_ENCODING", 2, 3],
  ];
  for (const [body, code, line, column] of cases) {
    const problem = await problemOf(imported(body));
    assert.deepEqual([problem.code, problem.line, problem.column], [code, line, column], `${code} ${problem.message}`);
    for (const chunkBytes of [1, 3]) assert.equal((await problemOf(imported(body, { chunkBytes }))).line, line, `${code} in chunks`);
  }
});

test("a bad byte far into the file is found at its line", async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i},東京都`).join("\n");
  const bad = await problemOf(imported(Buffer.concat([Buffer.from(`a,b\n${lines}\n1,`), Buffer.from([0xe6, 0x9d, 0x41]), Buffer.from("\n2,x\n")])));
  assert.deepEqual([bad.code, bad.line, bad.column], ["FILE_ENCODING", 200_002, 3]);
  const nul = await problemOf(imported(`a,b\n${lines}\n1,x\u0000\n`));
  assert.deepEqual([nul.code, nul.line, nul.column], ["FILE_BINARY", 200_002, 4]);
});

test("limits are held, and an endless line ends at its own", async () => {
  const wide = Array.from({ length: 5_000 }, (_, i) => `c${i}`).join(",");
  const columns = await problemOf(imported(`${wide}\n`));
  assert.equal(columns.code, "FILE_COLUMNS_TOO_MANY");
  assert.match(columns.message, /5000 columns.* 2000/);
  let sent = 0;
  const endless = async function* () {
    for (const block = Buffer.alloc(1024 * 1024, "x"); sent < 1024; sent++) yield block;
  };
  const long = await inFolder((workDir) => problemOf(runImport({ workDir, fileName: "x.csv", limits }, endless(), () => {})));
  assert.deepEqual([long.code, long.line], ["FILE_LINE_TOO_LONG", 1]);
  assert.ok(sent < 40, `${sent} MB were read`);
  assert.equal((await problemOf(imported(`a,b\n1,${"x".repeat(2000)}\n`, { limits: { fieldBytesMax: 1000 } }))).code, "FILE_FIELD_TOO_LONG");
  assert.deepEqual((await problemOf(imported(`a,b\n1,"x\n${"y\n".repeat(2000)}`, { limits: { lineBytesMax: 1000 } }))).line, 2);
  assert.equal((await problemOf(imported("a\n1\n2\n3\n", { limits: { rowsMax: 2 } }))).code, "FILE_ROWS_TOO_MANY");
  assert.equal((await problemOf(imported("a\n1\n2\n3\n", { limits: { uploadBytesMax: 5 } }))).code, "FILE_TOO_LARGE");
});

test("two thousand columns with long names are a table", async () => {
  const names = Array.from({ length: 2_000 }, (_, i) => `列${i}${"あ".repeat(50)}`);
  const { outcome, rows } = await imported(`${names.join(",")}\n${names.map((_, i) => i).join(",")}\n${names.join(",")}\n`);
  assert.deepEqual(outcome.tables[0]!.columns.map((column) => column.name), names);
  assert.deepEqual(rows, [names.map((_, i) => String(i)), names]);
});

test("content decides what a file is, and a name that says otherwise is refused", async () => {
  const seen = async (body: Buffer | string, fileName = "data.csv") => {
    const problem = await problemOf(imported(body, { fileName }));
    assert.equal(problem.code, "FILE_FORMAT_UNSUPPORTED");
    return /looks like (.*)\. Send/.exec(problem.message)?.[1];
  };
  assert.equal(await seen(Buffer.from("fd377a585a00", "hex")), "xz");
  for (const body of ["PAR1....", Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.alloc(26), Buffer.from("xl/workbook.xml")])]) assert.equal((await problemOf(imported(body, { fileName: "data.csv" }))).code, "FILE_EXTENSION_WRONG");
  assert.equal(await seen(Buffer.from("89504e470d0a1a0a", "hex")), "PNG");
  assert.equal(await seen("%PDF-1.7\n"), "PDF");
  assert.equal((await problemOf(imported('[{"a": 1}]', { fileName: "data.csv" }))).code, "FILE_EXTENSION_WRONG");
  assert.equal(await seen("<!DOCTYPE html><html>"), "HTML");
  assert.deepEqual((await imported("a,b\n1,2\n", { fileName: "x.data", contentType: "image/png" })).rows, [[1, 2]]);
  assert.equal((await problemOf(imported("a,b\n1,2\n", { fileName: "x.sqlite" }))).code, "FILE_EXTENSION_WRONG");
  assert.equal((await problemOf(imported(Buffer.concat([Buffer.from("overwritten"), Buffer.alloc(500)]), { fileName: "x.db" }))).code, "FILE_DAMAGED");
});

test("a refused file leaves nothing of its table behind", async () => {
  await inFolder(async (workDir) => {
    const input = (async function* () {
      yield Buffer.from("a,b\n1,2\n3,4,5\n");
    })();
    await problemOf(runImport({ workDir, fileName: "x.csv", limits }, input, () => {}));
    assert.deepEqual(readdirSync(workDir), []);
  });
});

test("words for nothing are null among numbers and dates, and text among text", async () => {
  const { outcome, rows } = await imported("n,d,code\n1,2024-01-05,NA\nNA,n/a,JP\n-,2024-02-01,NULL\n3.5,NaN,-\n");
  assert.deepEqual(outcome.tables[0]!.columns.map((each) => each.type), ["REAL", "DATE TEXT", "TEXT"]);
  assert.deepEqual(rows, [[1, "2024-01-05", "NA"], [null, null, "JP"], [null, "2024-02-01", "NULL"], [3.5, null, "-"]]);
  assert.deepEqual(outcome.warnings, [{ code: "CELLS_NULL", count: 4 }]);
});

test("numbers with thousands or a decimal comma are numbers, one way for the whole file", async () => {
  const first = await imported('name,yen\na,"1,234"\nb,"-5,678,901.5"\nc,12\n');
  assert.deepEqual(first.rows, [["a", 1234], ["b", -5678901.5], ["c", 12]]);
  assert.deepEqual(first.outcome.warnings, [{ code: "NUMBERS_REWRITTEN", count: 2 }]);
  assert.deepEqual((await imported("name;eur;n\na;1.234,50;1.000\nb;0,5;2.000\n")).rows, [["a", 1234.5, 1000], ["b", 0.5, 2000]]);
  // A point that can only stand before decimals decides for points; then a comma divides thousands.
  assert.deepEqual((await imported("a;b\n1,234;1.5\n2,345;2.5\n")).rows, [[1234, 1.5], [2345, 2.5]]);
  for (const cell of ["1,23", "1,2345", "12,34,567", "01,234", ",123", "1,234,567,890,123,456"]) {
    assert.deepEqual((await imported(`a,b\n1,"${cell}"\n`)).rows, [[1, cell]], cell);
  }
});

test("dates with the year first are stored as SQLite takes them, others are text", async () => {
  const { outcome, rows } = await imported("d,t\n2024/1/5,2024/01/05 9:30\n2024年12月31日,2024/1/6 23:59:59\n 2024-02-29 ,2024-01-07\n");
  assert.deepEqual(rows, [["2024-01-05", "2024-01-05 09:30"], ["2024-12-31", "2024-01-06 23:59:59"], ["2024-02-29", "2024-01-07"]]);
  assert.deepEqual(outcome.tables[0]!.columns.map((each) => each.type), ["DATE TEXT", "DATETIME TEXT"]);
  assert.deepEqual(outcome.warnings, [{ code: "DATES_REWRITTEN", count: 5 }]);
  for (const cell of ["2024/2/30", "2024/13/1", "1/5/2024", "24/1/5", "2024/1", "2024/1/5 25:00"]) assert.deepEqual((await imported(`a,b\n1,${cell}\n`)).rows, [[1, cell]], cell);
});

test("a text far down makes the column text again, each cell as it was written", async () => {
  const filler = Array.from({ length: 60_000 }, (_, i) => `${i},filler text of a row`).join("\n");
  for (const cells of [["2024/1/5", "NA"], ["1,234", "-"], ["2024年1月5日", " 2024-01-06"]]) {
    const { outcome, rows } = await imported(`v,n,t\n${cells.map((cell) => `"${cell}",1,x`).join("\n")}\n${filler.replace(/^\d+/gm, ",1")}\nword,1,x\n`);
    assert.equal(outcome.tables[0]!.columns[0]!.type, "TEXT");
    assert.deepEqual(rows.slice(0, cells.length).map((row) => row[0]), cells);
    assert.equal(rows.at(-1)![0], "word");
    assert.deepEqual(outcome.warnings, []);
  }
});

test("spaces around quotation marks stand outside of them", async () => {
  const { outcome, rows } = await imported('a, "b, c" , d\n1, "x, ""y""" ,"z" \n2,  plain ,"q" r\n', { chunkBytes: 7 });
  assert.deepEqual(outcome.tables[0]!.columns.map((each) => each.name), ["a", "b, c", "d"]);
  assert.deepEqual(rows, [[1, 'x, "y"', "z"], [2, "  plain ", "q r"]]);
});

test("titles and comments above a table are left out and reported, its lines are still counted right", async () => {
  const { outcome, rows } = await imported('Sales of 2024\n"two\nlines"\n\n# made by a program\nname,amount\nA,1\nB,2\n');
  assert.deepEqual([outcome.tables[0]!.columns.map((each) => each.name), rows], [["name", "amount"], [["A", 1], ["B", 2]]]);
  assert.deepEqual(outcome.warnings, [{ code: "LINES_ABOVE", count: 3 }]);
  assert.deepEqual(await problemOf(imported("title\na,b\n1,2\n3,4\n1,2,3\n")).then(({ code, line }) => [code, line]), ["FILE_ROW_WIDTH", 5]);
  assert.deepEqual((await imported("only\nwords\nhere\n")).rows, [["words"], ["here"]]);
});

test("a delimiter at the end of all lines makes no column, one with something behind it does", async () => {
  assert.deepEqual((await imported("a,b,\n1,2,\n3,4,\n")).rows, [[1, 2], [3, 4]]);
  assert.deepEqual((await imported("a,b,\n1,2,\n3,4,x\n")).rows, [[1, 2, null], [3, 4, "x"]]);
  assert.deepEqual((await imported("a,b,c\n1,2,\n3,4,\n")).rows, [[1, 2, null], [3, 4, null]]);
});

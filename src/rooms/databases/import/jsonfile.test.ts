import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runImport } from "./run.ts";
import { encode, imported, inFolder, limits, problemOf, random } from "./testing.ts";
import type { Imported } from "./testing.ts";

const read = (body: string | Buffer, options: Parameters<typeof imported>[1] = {}): Promise<Imported> => imported(body, { fileName: "data.json", ...options });
const columnsOf = ({ outcome }: Imported): string[] => outcome.tables[0]!.columns.map(({ name, type }) => `${name} ${type}`);

test("a list of objects is a table, its types found in all rows", async () => {
  const found = await read('[{"id":1,"city":"東京","people":14.1,"capital":true,"since":"1868-09-03","at":"2026-01-02T03:04:05Z","x":null},{"id":2,"city":"大阪","people":2,"capital":false,"since":null,"x":null,"later":"x"}]');
  assert.deepEqual(columnsOf(found), ["id INTEGER", "city TEXT", "people REAL", "capital BOOLEAN", "since DATE TEXT", "at DATETIME TEXT", "x TEXT", "later TEXT"]);
  assert.deepEqual(found.rows, [[1, "東京", 14.1, 1, "1868-09-03", "2026-01-02T03:04:05Z", null, null], [2, "大阪", 2, 0, null, null, null, "x"]]);
  assert.deepEqual([found.outcome.format, found.outcome.encoding, found.outcome.tables[0]!.name, found.outcome.warnings], ["json", "utf-8", "data", []]);
});

test("an object a line is a table too, whatever the line ends, and objects without any", async () => {
  for (const between of ["\n", "\r\n", "\r", "\n\n \n", "", " "]) {
    const found = await read(['{"a":1}', '{"a":2,"b":"x"}', '{"b":null}'].join(between) + between, { fileName: "data.ndjson" });
    assert.deepEqual(found.rows, [[1, null], [2, "x"], [null, null]], JSON.stringify(between));
    assert.equal(found.outcome.format, "ndjson");
  }
  assert.deepEqual((await read('{\n "a": 1,\n "b": { "c": [ 1, "x y" ] }\n}\n{\n "a": 2\n}\n')).rows, [[1, '[1,"x y"]'], [2, null]]);
  assert.deepEqual((await read("[1,\"x\"]\n[2,null]\n")).rows, [[1, "x"], [2, null]]);
});

test("objects in a row become columns, lists and what is deeper stay JSON", async () => {
  const found = await read('[{"id":1,"name":{"family":"佐藤","given":{"kana":"ハナコ"}},"tags":["a", "b"],"empty":{},"none":[]},{"id":2,"name":null,"tags":"c"},{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}]');
  assert.deepEqual(columnsOf(found), ["id INTEGER", "name.family TEXT", "name.given.kana TEXT", "tags TEXT", "none TEXT", "a.b.c.d.e TEXT"]);
  assert.deepEqual(found.rows, [[1, "佐藤", "ハナコ", '["a","b"]', "[]", null], [2, null, null, "c", null, null], [null, null, null, null, null, '{"f":1}']]);
  assert.deepEqual(found.outcome.warnings, [{ code: "JSON_FLATTENED", count: 3 }, { code: "JSON_KEPT", count: 3, names: "tags, none, a.b.c.d.e" }]);
  const lists = await read(JSON.stringify(Array.from({ length: 100 }, (_, i) => ({ by: { [`id${i}`]: { n: i } } }))));
  assert.deepEqual(columnsOf(lists), ["by TEXT"]);
  assert.deepEqual(lists.rows[7], ['{"id7":{"n":7}}']);
});

test("a document's lists of rows are its tables", async () => {
  const found = await read('{"total":2,"result":{"success":true,"records":[{"x":1},{"x":2}],"fields":[{"id":"x"}],"no":[],"plain":[1,2]}}');
  assert.deepEqual(found.outcome.tables.map(({ name, rows }) => [name, rows]), [["records", 2], ["fields", 1]]);
  assert.deepEqual(found.outcome.warnings, [{ code: "JSON_LEFT_OUT", count: 3, names: "total, result.success, result.plain" }]);
  const one = await read('{"type":"FeatureCollection","features":[{"properties":{"n":1},"geometry":{"type":"Point","coordinates":[1,2]}}]}', { fileName: "地図.geojson" });
  assert.deepEqual([one.outcome.tables[0]!.name, columnsOf(one), one.rows], ["地図", ["properties.n INTEGER", "geometry.type TEXT", "geometry.coordinates TEXT"], [[1, "Point", "[1,2]"]]]);
  assert.deepEqual((await read('{"a":1,"list":[1,2]}')).rows, [[1, "[1,2]"]]);
  const long = `{"meta":"${"x".repeat(2_000_000)}","rows":[${Array.from({ length: 50_000 }, (_, i) => `{"i":${i},"t":"text ${i}"}`).join(",\n")}],"rows":[{"y":1}]}`;
  assert.deepEqual((await read(long)).outcome.tables.map(({ name, rows }) => [name, rows]), [["rows", 50_000], ["rows_2", 1]]);
});

test("rows that are lists or plain values", async () => {
  const lists = await read('[[1,"a",null],[2,"b"],[3,"c",true,{"k":1}]]');
  assert.deepEqual(columnsOf(lists), ["column_1 INTEGER", "column_2 TEXT", "column_3 BOOLEAN", "column_4.k INTEGER"]);
  assert.deepEqual(lists.rows, [[1, "a", null, null], [2, "b", null, null], [3, "c", 1, 1]]);
  assert.deepEqual((await read('["a", 2, null]')).rows, [["a"], ["2"], [null]]);
});

test("integers are exact to 64 bits, and longer numbers stay as they are written", async () => {
  const cells = ["9007199254740993", "-9223372036854775808", "9223372036854775807", "0", "-0", "123456789012345", "1234567890123456"];
  const exact = await read(`[${cells.map((cell) => `{"n":${cell}}`).join(",")}]`);
  assert.deepEqual(exact.rows.map((row) => String(row[0])), ["9007199254740993", "-9223372036854775808", "9223372036854775807", "0", "0", "123456789012345", "1234567890123456"]);
  assert.deepEqual(columnsOf(exact), ["n INTEGER"]);
  const long = await read('[{"n":9223372036854775808,"m":1e400},{"n":1,"m":2.50}]');
  assert.deepEqual(long.rows, [["9223372036854775808", "1e400"], ["1", "2.5"]]);
  assert.deepEqual(long.outcome.warnings, [{ code: "COLUMNS_MIXED", count: 2, names: "n, m" }]);
  const reals = await read('[{"a":1.0,"b":1e3,"c":-0.1,"d":12345678901234567890.5,"e":0.1234567890123456789,"f":5e-324}]');
  assert.deepEqual(reals.rows, [[1, 1000, -0.1, Number("12345678901234567890.5"), Number("0.1234567890123456789"), 5e-324]]);
  assert.deepEqual(new Set(columnsOf(reals).map((column) => column.slice(2))), new Set(["REAL"]));
});

test("names that a table cannot have are others, a key that is there twice counts once", async () => {
  const found = await read('[{"":1,"a":2,"A":3,"a b\\n":4,"\\u0041\\"":5,"a":6},{"a":{"b":7},"a.b":8}]');
  assert.deepEqual(columnsOf(found).map((column) => column.split(" INTEGER")[0]), ["column_1", "a", "a.b", "A_2", "a b", 'A"', "a.b_2"]);
  assert.deepEqual(found.rows, [[1, 6, null, 3, 4, 5, null], [null, null, 7, null, null, null, 8]]);
  assert.deepEqual(found.outcome.warnings.map(({ code, count }) => [code, count]), [["JSON_FLATTENED", 1], ["COLUMNS_RENAMED", 3], ["KEYS_TWICE", 1]]);
});

test("escapes, surrogates without their half, and other encodings", async () => {
  const found = await read('[{"t":"a\\"\\\\\\/\\b\\f\\n\\r\\t\\u6771\\ud83d\\ude00\\u0000"},{"t":"\\ud800x"}]');
  assert.deepEqual(found.rows, [['a"\\/\b\f\n\r\t東😀\0'], ["\ufffdx"]]);
  assert.deepEqual(found.outcome.warnings, [{ code: "TEXT_REPLACED", count: 1 }]);
  for (const encoding of ["utf-16le", "utf-16be"]) assert.deepEqual((await read(encode('\ufeff[{"市":"東京"}]', encoding), { chunkBytes: 3 })).rows, [["東京"]]);
  assert.deepEqual((await read(encode('[{"市":"東京"},\n{"市":"大阪"}]', "shift_jis"))).rows, [["東京"], ["大阪"]]);
  assert.deepEqual((await read('\ufeff[{"市":"東京"}]')).rows, [["東京"]]);
});

test("what is wrong with JSON is said with its place", async () => {
  const deep = '[{"a":1},\n{"a":' + "[".repeat(100_000) + "]".repeat(100_000) + "}]";
  const cases: [string | Buffer, string, number?, number?][] = [
    ['[{"a":1},\n{"a":2 "b":3}]', "FILE_JSON_SYNTAX", 2, 8],
    ['[{"a":1},\n{"a":}]', "FILE_JSON_SYNTAX", 2, 6],
    ['[{"a":1},\n{a:1}]', "FILE_JSON_SYNTAX", 2, 2],
    ['[{"a":1},\n\n{"市":tru}]', "FILE_JSON_SYNTAX", 3, 9],
    ['[{"a":01}]', "FILE_JSON_SYNTAX", 1, 8],
    ['[{"a":1.}]', "FILE_JSON_SYNTAX", 1, 9],
    ['[{"a":-}]', "FILE_JSON_SYNTAX", 1, 8],
    ['[{"a":+1}]', "FILE_JSON_SYNTAX", 1, 7],
    ['[{"a":"x\ty"}]', "FILE_JSON_SYNTAX", 1, 9],
    ['[{"a":"x\\qy"}]', "FILE_JSON_SYNTAX", 1, 10],
    ['[{"a":"\\u12g4"}]', "FILE_JSON_SYNTAX", 1, 12],
    ['[{"a":NaN}]', "FILE_JSON_SYNTAX", 1, 7],
    ['[{"a":1},]', "FILE_JSON_SYNTAX", 1, 10],
    ['[{"a":1}\n{"a":2}]', "FILE_JSON_SYNTAX", 2, 1],
    ['[{"a":1}] x', "FILE_JSON_SYNTAX", 1, 11],
    ['{"a":1}\n{"a":2},\n', "FILE_JSON_SYNTAX", 2, 8],
    ['{"a"b":1}\n', "FILE_JSON_SYNTAX", 1, 5],
    ['{"x":[{"a":1}],"y":1', "FILE_JSON_CUT", 1, 21],
    ['[{"a":1},\n{"a":"x', "FILE_JSON_CUT", 2, 8],
    ['[{"a":1},\n', "FILE_JSON_CUT", 2, 1],
    ['[{"a":1}\n', "FILE_JSON_CUT", 2, 1],
    ['{"a":1}\n{"a":\n', "FILE_JSON_CUT", 3, 1],
    ["[]", "FILE_JSON_NO_ROWS"],
    ['{"rows":[]}\n{', "FILE_JSON_CUT", 2, 2],
    [deep, "FILE_JSON_DEPTH", 2, 69],
    [Buffer.concat([Buffer.from('[{"a":"あいうえお"},\n{"a":"う'), Buffer.from([0xff]), Buffer.from('"}]')]), "FILE_ENCODING", 2, 8],
    ['[{"a":1},\n{"a":"\u0000"}]', "FILE_BINARY", 2, 7],
  ];
  for (const [body, code, line, column] of cases) {
    for (const chunkBytes of [64 * 1024, ...(body === deep ? [] : [1, 3])]) {
      const problem = await problemOf(read(body, { chunkBytes }));
      assert.deepEqual([problem.code, problem.line, problem.column], [code, line, column], `${String(body).slice(0, 60)} in chunks of ${chunkBytes}: ${problem.message}`);
    }
  }
});

test("a damaged row far down is found at its line, in one line at its column", async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => `{"id":${i},"市":"東京都${i}"}`);
  const lines = await problemOf(read(`${rows.join("\n")}\n{"id":x}\n`));
  assert.deepEqual([lines.code, lines.line, lines.column], ["FILE_JSON_SYNTAX", 100_001, 7]);
  const text = `[${rows.join(",")},{"id":x}]`;
  const line = await problemOf(read(text));
  assert.deepEqual([line.code, line.line, line.column], ["FILE_JSON_SYNTAX", 1, text.length - 2]);
  const binary = await problemOf(read(Buffer.concat([Buffer.from(`${rows.join("\n")}\n{"id":"x`), Buffer.from([0xff])])));
  assert.deepEqual([binary.code, binary.line, binary.column], ["FILE_ENCODING", 100_001, 9]);
});

test("limits are held, and an endless row ends at its own", async () => {
  const wide = await problemOf(read(`[{${Array.from({ length: 3_000 }, (_, i) => `"c${i}":1`).join(",")}}]`));
  assert.equal(wide.code, "FILE_COLUMNS_TOO_MANY");
  const late = await problemOf(read(Array.from({ length: 30_000 }, (_, i) => `{"c${i}":1,"text":"${"x".repeat(50)}"}`).join("\n")));
  assert.deepEqual([late.code, late.line], ["FILE_COLUMNS_TOO_MANY", 2_000]);
  assert.equal((await problemOf(read(Array.from({ length: 200_000 }, (_, i) => `{"c${i}":null}`).join("\n")))).code, "FILE_COLUMNS_TOO_MANY");
  assert.equal((await problemOf(read(`[{"a":1},{"a":"${"x".repeat(2_000)}"}]`, { limits: { fieldBytesMax: 1_000 } }))).code, "FILE_FIELD_TOO_LONG");
  assert.equal((await problemOf(read('{"a":1}\n{"a":2}\n{"a":3}\n', { limits: { rowsMax: 2 } }))).code, "FILE_ROWS_TOO_MANY");
  let sent = 0;
  const endless = async function* () {
    yield Buffer.from('{"a":1}\n{"a":"');
    for (const block = Buffer.alloc(1024 * 1024, "x"); sent < 1024; sent++) yield block;
  };
  await inFolder(async (workDir) => {
    const long = await problemOf(runImport({ workDir, fileName: "x.json", limits }, endless(), () => {}));
    assert.deepEqual([long.code, long.line], ["FILE_LINE_TOO_LONG", 2]);
    assert.ok(sent < 70, `${sent} MB were read`);
    assert.deepEqual(readdirSync(workDir), []);
  });
});

test("of a file that is only looked at, the first rows are read", async () => {
  for (const layout of ["lines", "list", "document"]) {
    const rows = Array.from({ length: 200_000 }, (_, i) => `{"i":${i}}`);
    const body = layout === "lines" ? rows.join("\n") : layout === "list" ? `[${rows.join(",")}]` : `{"n":1,"rows":[${rows.join(",")}],"m":2}`;
    await inFolder(async (workDir) => {
      let sent = 0;
      const input = (async function* () {
        for (; sent < body.length; sent += 65_536) yield Buffer.from(body.slice(sent, sent + 65_536));
      })();
      const outcome = await runImport({ workDir, fileName: "x.json", limits, looksOnly: true }, input, () => {});
      assert.deepEqual([outcome.isCut, outcome.tables[0]!.rows], [true, 1_000], layout);
      assert.ok(sent < body.length / 1.3, layout);
    });
  }
});

/** A JSON value of any kind. */
function value(next: (below: number) => number, depth: number): unknown {
  const texts = ["", "x", "東京", "\u0000", '"\\\n', "👩‍👩‍👧", "007", "2026-01-01", "true", "\u2028", "é".repeat(40), "z".repeat(next(6000))];
  const made = [() => null, () => next(2) === 1, () => next(2000) - 1000, () => (next(1e9) - 5e8) / 10 ** next(12), () => next(2 ** 31) * next(2 ** 20), () => texts[next(texts.length)]!, () => 10 ** (next(600) - 300)];
  if (depth < 4 && next(6) === 0) return Array.from({ length: next(4) }, () => value(next, depth + 1));
  if (depth < 4 && next(5) === 0) return object(next, depth + 1);
  return made[next(made.length)]!();
}

const keys = ["a", "b", "名前", "long key with spaces", 'q"', "\\", "n\n"];
function object(next: (below: number) => number, depth: number): Record<string, unknown> {
  return Object.fromEntries(keys.filter(() => next(3) > 0).map((key) => [key, value(next, depth)]));
}

/** What the documentation says of a row, read off by `JSON.parse`. */
function cellsOf(row: unknown, path: string, into: Map<string, unknown>): Map<string, unknown> {
  if (typeof row === "object" && row !== null && !Array.isArray(row)) for (const [key, inner] of Object.entries(row)) cellsOf(inner, path === "" ? key : `${path}.${key}`, into);
  else if (row !== null) into.set(path, typeof row === "object" ? JSON.stringify(row) : row);
  return into;
}

/** Holds an imported row to what `JSON.parse` reads. */
function holdRow(found: Imported, { r, row, note }: { r: number; row: unknown; note: string }): void {
  const expected = cellsOf(row, "", new Map());
  const cells = found.outcome.tables[0]!.columns.flatMap(({ name, type }, c) => (found.rows[r]![c] === null ? [] : [{ name, type, cell: found.rows[r]![c] }]));
  assert.equal(cells.length, expected.size, `${note} row ${r}`);
  for (const { name, type, cell } of cells) {
    const given = [...expected].find(([path]) => path.replaceAll("\n", " ").trim() === name)?.[1];
    const same = typeof given === "boolean" ? cell === (type === "TEXT" ? String(given) : Number(given)) || cell === String(Number(given)) : type === "TEXT" ? cell === String(given) : (typeof cell === "bigint" ? Number(cell) : cell) === given;
    if (typeof given === "string" && /^[[{]/.test(given) && cell !== given) assert.deepEqual(JSON.parse(cell as string), JSON.parse(given));
    else assert.ok(same, `${note} row ${r} ${name} ${type}: ${JSON.stringify([given, String(cell)]).slice(0, 200)}`);
  }
}

test("real files are read as JSON.parse reads them", async () => {
  const folder = join(import.meta.dirname, "../../../../node_modules/vega-datasets/data");
  let lists = 0;
  for (const fileName of readdirSync(folder).filter((name) => name.endsWith(".json") && statSync(join(folder, name)).size < 2 * 1024 ** 2)) {
    const text = readFileSync(join(folder, fileName), "utf8");
    const found = await read(text, { fileName });
    assert.equal(found.outcome.format, "json", fileName);
    const rows = JSON.parse(text) as unknown;
    if (!Array.isArray(rows)) continue;
    lists++;
    assert.equal(found.rows.length, rows.length, fileName);
    rows.forEach((row, r) => holdRow(found, { r, row, note: fileName }));
  }
  assert.ok(lists > 25, `${lists} files`);
});

test("random rows come back as JSON.parse reads them, however they are laid out and cut", async () => {
  const seed = Number(process.env["KLIV_SEED"] ?? 1);
  for (let at = seed; at < seed + 150; at++) {
    const next = random(at);
    const isAscii = next(3) === 0;
    const rows = Array.from({ length: 1 + next(40) }, () => object(next, 1));
    const written = (row: unknown): string => {
      const text = JSON.stringify(row, null, next(3) === 0 ? 2 : undefined);
      return isAscii ? text.replace(/[^ -~\n]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`) : text;
    };
    const isLines = next(2) === 0;
    // A row alone could be a document with lists in it.
    const body = isLines ? `${rows.map(written).join("\n")}\n{}\n` : `[${rows.map(written).join(next(2) ? "," : " ,\r\n ")}]`;
    const found = await read(body, { chunkBytes: 1 + next(3000), fileName: "data.json" });
    const note = `seed ${at}`;
    assert.equal(found.rows.length, rows.length + (isLines ? 1 : 0), note);
    rows.forEach((row, r) => holdRow(found, { r, row, note }));
  }
});

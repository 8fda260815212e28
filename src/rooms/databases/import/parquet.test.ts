import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { runOnce } from "#src/base/sandbox/once.ts";
import { imported, inChunks, inFolder, limits, problemOf, random } from "./testing.ts";
import type { Imported } from "./testing.ts";

/* Files are written by DuckDB, which knows nothing of the reader. */

/** A Parquet file with what a query answers. */
function parquet(sql: string, options = ""): Promise<Buffer> {
  return inFolder(async (folder) => {
    const path = join(folder, "made.parquet");
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'Asia/Tokyo'");
      await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet${options})`);
      return readFileSync(path);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

async function read(sql: string, options = ""): Promise<Imported> {
  return await imported(await parquet(sql, options), { fileName: "data.parquet" });
}

test("every type of Parquet becomes what SQLite can ask for", async () => {
  const { rows, outcome } = await read(`SELECT true AS yes, 9007199254740993 AS big, 18446744073709551615::UBIGINT AS huge, -7::TINYINT AS small,
    12.34::DECIMAL(5,2) AS price, 0.5::DOUBLE AS half, 'nan'::DOUBLE AS none, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 09:30:00' AS at,
    TIMESTAMPTZ '2026-01-31 09:30:00+09' AS zoned, TIMESTAMP_NS '2026-01-31 09:30:00.123456789' AS fine, TIME '09:30:00.5' AS clock,
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID AS id, '東京'::VARCHAR AS city, 'a text of more than twelve bytes 😀' AS note, '\\x00\\xFF'::BLOB AS bytes,
    [1, NULL, 2] AS list, {'a': 1, 'b': [{'c': 'x'}]} AS struct, MAP {'k': 1.5} AS map, ['nan'::DOUBLE] AS odd, NULL::INTEGER AS nothing`);
  assert.deepEqual(rows, [[
    1, 9007199254740993n, "18446744073709551615", -7, 12.34, 0.5, null, "2026-01-31", "2026-01-31 09:30:00", "2026-01-31 00:30:00", "2026-01-31 09:30:00.123456789", "09:30:00.5",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "東京", "a text of more than twelve bytes 😀", Uint8Array.of(0, 255), "[1,null,2]", '{"a":1,"b":[{"c":"x"}]}', '{"k":1.5}', "[null]", null,
  ]]);
  assert.deepEqual(Object.fromEntries(outcome.tables[0]!.columns.map(({ name, type }) => [name, type])), {
    yes: "BOOLEAN", big: "INTEGER", huge: "TEXT", small: "INTEGER", price: "REAL", half: "REAL", none: "REAL", day: "DATE TEXT", at: "DATETIME TEXT", zoned: "DATETIME TEXT", fine: "DATETIME TEXT",
    clock: "TEXT", id: "TEXT", city: "TEXT", note: "TEXT", bytes: "BLOB", list: "TEXT", struct: "TEXT", map: "TEXT", odd: "TEXT", nothing: "INTEGER",
  });
  assert.equal(outcome.format, "parquet");
  assert.equal(outcome.tables[0]!.name, "data");
  assert.deepEqual(outcome.warnings.map(({ code, names }) => [code, names]), [["JSON_KEPT", "list, struct, map, odd"], ["TIMES_UTC", "zoned"], ["NUMBERS_AS_TEXT", "huge"]]);
});

test("no digit of a decimal is lost: what a double cannot hold is text", async () => {
  const { rows, outcome } = await read(`SELECT unnest([1.5, 2.25])::DECIMAL(38,10) AS short, unnest([12345678901234567.89, 0.01])::DECIMAL(20,2) AS long,
    unnest([999999999999999999, 1])::DECIMAL(18,0) AS whole, unnest([1, 99999999999999999999])::DECIMAL(38,0) AS wide, unnest([0.1, 0.2])::DECIMAL(38,37) AS tiny`);
  assert.deepEqual(rows, [[1.5, "12345678901234567.89", 999999999999999999n, "1", "0.1000000000000000000000000000000000000"], [2.25, "0.01", 1, "99999999999999999999", "0.2000000000000000000000000000000000000"]]);
  assert.deepEqual(outcome.tables[0]!.columns.map(({ type }) => type), ["REAL", "TEXT", "INTEGER", "TEXT", "TEXT"]);
});

test("columns are named as in other files, whatever they are called", async () => {
  const { outcome, rows } = await read(`SELECT 1 AS "a""b", 2 AS "select", 3 AS "Name", 4 AS "表 📊"`);
  assert.deepEqual(outcome.tables[0]!.columns.map(({ name }) => name), ['a"b', "select", "Name", "表 📊"]);
  assert.deepEqual(rows, [[1, 2, 3, 4]]);
});

test("a file without rows becomes an empty table", async () => {
  const { outcome, rows } = await read("SELECT 1 AS a, 'x' AS b WHERE false");
  assert.deepEqual(rows, []);
  assert.deepEqual(outcome.tables[0]!.columns.map(({ type }) => type), ["INTEGER", "TEXT"]);
});

const kinds: [type: string, value: (next: (below: number) => number) => [sql: string, stored: unknown]][] = [
  ["BIGINT", (next) => { const value = BigInt(next(2 ** 31)) * BigInt(next(2 ** 31)) * (next(2) ? 2n : -2n); return [`${value}`, Number.isSafeInteger(Number(value)) ? Number(value) : value]; }],
  ["INTEGER", (next) => { const value = next(2 ** 32) - 2 ** 31; return [`(${value})`, value]; }],
  ["DOUBLE", (next) => { const value = (next(2 ** 31) - 2 ** 30) / 7 ** next(30); return [`'${value}'`, value]; }],
  ["VARCHAR", (next) => { const text = ["", "東京", "x", "1", "'", '"', "a\nb", "z".repeat(next(40)), "吉野家𠮷".repeat(next(6)), "k".repeat(next(3) * 5000)][next(10)]!; return [`'${text.replaceAll("'", "''")}'`, text]; }],
  ["DATE", (next) => { const text = `20${10 + next(20)}-0${1 + next(9)}-1${next(10)}`; return [`DATE '${text}'`, text]; }],
  ["TIMESTAMP", (next) => { const text = `20${10 + next(20)}-0${1 + next(9)}-1${next(10)} 1${next(10)}:0${next(10)}:59`; return [`TIMESTAMP '${text}'`, text]; }],
  ["BOOLEAN", (next) => { const value = next(2); return [value ? "true" : "false", value]; }],
  ["BLOB", (next) => { const bytes = Buffer.from(Array.from({ length: next(30) }, () => next(256))); return [`unhex('${bytes.toString("hex")}')`, new Uint8Array(bytes)]; }],
];

test("random tables come back as DuckDB wrote them", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const columns = Array.from({ length: 1 + next(7) }, () => kinds[next(kinds.length)]!);
    const rows = Array.from({ length: 1 + next(150) }, () => columns.map(([, value]) => (next(8) === 0 ? ["NULL", null] as const : value(next))));
    const wanted = rows.map((row) => row.map(([, stored]) => stored));
    const sql = `SELECT * FROM (VALUES ${rows.map((row) => `(${row.map(([text], at) => `CAST(${text} AS ${columns[at]![0]})`).join(", ")})`).join(", ")}) AS t(${columns.map((_, at) => `c${at}`).join(", ")})`;
    const compression = ["uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"][next(6)]!;
    const found = await read(sql, `, COMPRESSION ${compression}, PARQUET_VERSION ${["V1", "V2"][next(2)]}`);
    assert.deepEqual(found.rows, wanted, `seed ${seed} ${compression}`);
  }
});

test("many row groups keep their order, and long texts their neighbours", async () => {
  const { rows } = await read("SELECT i AS n, 'customer-' || lpad(i::VARCHAR, 8, '0') AS who, ['Wireless headphones', 'ノートパソコン 14型', NULL][1 + i % 3] AS what FROM range(50000) AS t(i)", ", ROW_GROUP_SIZE 4096");
  assert.equal(rows.length, 50_000);
  for (const [at, row] of rows.entries()) assert.deepEqual(row, [at, `customer-${String(at).padStart(8, "0")}`, ["Wireless headphones", "ノートパソコン 14型", null][at % 3]]);
});

test("a damaged file is refused with a reason", async () => {
  const whole = await parquet("SELECT i, 'text ' || i AS t FROM range(5000) AS t(i)");
  const refused = async (bytes: Buffer): Promise<string> => {
    const { code, message } = await problemOf(imported(bytes, { fileName: "data.parquet" }));
    assert.equal(code, "FILE_UNREADABLE", message);
    assert.doesNotMatch(message, /\/tmp|in\.parquet/);
    return message;
  };
  assert.match(await refused(whole.subarray(0, whole.length - 10)), /does not end with PAR1/);
  assert.match(await refused(Buffer.from("PAR1")), /ends after 4 bytes/);
  const lying = Buffer.from(whole);
  lying.writeUInt32LE(0x7fffffff, whole.length - 8);
  assert.match(await refused(lying), /footer is said to have 2147483647 bytes/);
  await refused(Buffer.concat([whole.subarray(0, 200), Buffer.alloc(whole.length - 400, 0xa5), whole.subarray(whole.length - 200)]));
  await refused(Buffer.concat([whole.subarray(0, 4), Buffer.alloc(500), whole.subarray(whole.length - 8)]));
});

test("a file with any byte changed is read or refused, never more", async () => {
  const whole = await parquet("SELECT i, 'text ' || (i % 7) AS t, i / 3 AS d, [i] AS l FROM range(300) AS t(i)");
  const outcomes = new Map<string, number>();
  for (let seed = 1; seed <= 150; seed++) {
    const next = random(seed);
    const bytes = Buffer.from(whole);
    for (let flips = 1 + next(3); flips > 0; flips--) bytes[4 + next(bytes.length - 12)] = next(256);
    try {
      const { outcome } = await imported(bytes, { fileName: "data.parquet" });
      assert.equal(outcome.format, "parquet");
      outcomes.set("read", (outcomes.get("read") ?? 0) + 1);
    } catch (error) {
      const code = (error as { code?: string }).code ?? String(error);
      assert.ok(["FILE_UNREADABLE", "WORK_MEMORY", "FILE_COLUMNS_TOO_MANY"].includes(code), `seed ${seed}: ${String(error)}`);
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    }
  }
  assert.ok((outcomes.get("FILE_UNREADABLE") ?? 0) > 20, JSON.stringify([...outcomes]));
});

test("what unpacks out of proportion is refused before it fills the disk", async () => {
  const bomb = await parquet("SELECT repeat('z', 1000000) AS t FROM range(600)");
  assert.ok(bomb.length < 10 * 1024 ** 2);
  assert.equal((await problemOf(imported(bomb, { fileName: "bomb.parquet", limits: { uploadBytesMax: 64 * 1024 ** 2 } }))).code, "FILE_UNPACKED_TOO_LARGE");
});

test("the sandbox in which uploads are read suffices, and nothing is left there but the table", async () => {
  const bytes = await parquet("SELECT i, 'text ' || (i % 1000) AS t FROM range(300000) AS t(i)");
  await inFolder(async (workDir) => {
    chmodSync(workDir, 0o755);
    const outcome = await runOnce("import", { workDir, fileName: "数.parquet", limits }, { input: inChunks(bytes, 65_536), workDir, memoryBytesMax: 2 * 1024 ** 3, fileBytesMax: 1024 ** 3 });
    assert.deepEqual(outcome.tables, [{ name: "数", rows: 300_000, columns: [{ name: "i", type: "INTEGER" }, { name: "t", type: "TEXT" }] }]);
    assert.deepEqual(readdirSync(workDir), ["out.sqlite"]);
  });
});

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { combine } from "./combine.ts";
import { inFolder, limits, random } from "./testing.ts";
import { ValueFile } from "./valuefile.ts";
import type { CellValue, MadeTable, ValueColumn } from "./valuefile.ts";

function made(path: string, columns: ValueColumn[], rows: CellValue[][]): MadeTable {
  const file = new ValueFile({ path, table: "t", columns });
  for (const row of rows) file.add(row);
  return file.finish();
}

function read(path: string, table = "t"): unknown[][] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const messages = database.prepare("PRAGMA integrity_check(3)").all() as { integrity_check: string }[];
    assert.deepEqual(messages.map((row) => row.integrity_check), ["ok"]);
    const statement = database.prepare(`SELECT * FROM "${table}" ORDER BY rowid`);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    return (statement.all() as unknown as unknown[][]).map((row) => row.map((value) => (typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value)));
  } finally {
    database.close();
  }
}

const inFile = (columns: ValueColumn[], rows: CellValue[][]): Promise<{ table: MadeTable; rows: unknown[][] }> =>
  inFolder((folder) => {
    const path = join(folder, "values.sqlite");
    const table = made(path, columns, rows);
    return { table, rows: read(path) };
  });

const typesOf = async (rows: CellValue[][]): Promise<string[]> => {
  const { table } = await inFile(rows[0]!.map((_, i) => ({ name: `c${i}` })), rows);
  return table.columns.map((column) => column.type);
};

test("values of every kind are read as they were given", async () => {
  const numbers = [0, 1, -1, 127, -128, 128, -129, 32_767, 32_768, -32_769, 8_388_608, 2_147_483_647, 2_147_483_648, -2_147_483_649, 2 ** 47, -(2 ** 47) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const big = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
  const texts = ["", "a", "東京", "𠮷野家", "x".repeat(23), "x".repeat(24), "é".repeat(30), "a\u0000b", "z".repeat(20_000), "'\"", "\r\n"];
  const { table, rows } = await inFile(
    [{ name: "n" }, { name: "b" }, { name: "r" }, { name: "t" }, { name: "x" }, { name: "f" }],
    Array.from({ length: 20 }, (_, i) => [numbers[i], big[i % 3], i / 7, texts[i % texts.length], Buffer.from([i, 0, 255]), i % 2 === 0]),
  );
  assert.deepEqual(table.columns.map((column) => column.type), ["INTEGER", "INTEGER", "REAL", "TEXT", "BLOB", "BOOLEAN"]);
  assert.deepEqual(rows.map((row) => row[0]), [...numbers, null, null]);
  assert.deepEqual(rows.map((row) => row[1]), Array.from({ length: 20 }, (_, i) => big[i % 3]));
  assert.deepEqual(rows.map((row) => row[2]), Array.from({ length: 20 }, (_, i) => i / 7));
  assert.deepEqual(rows.map((row) => row[3]), Array.from({ length: 20 }, (_, i) => texts[i % texts.length]));
  assert.deepEqual(rows.map((row) => Buffer.from(row[4] as Uint8Array).toString("hex")), Array.from({ length: 20 }, (_, i) => `${i.toString(16).padStart(2, "0")}00ff`));
  assert.deepEqual(rows.map((row) => row[5]), Array.from({ length: 20 }, (_, i) => 1 - (i % 2)));
});

test("a column's type is what all its values agree with", async () => {
  assert.deepEqual(await typesOf([[1, 1, true, null, "2026-01-02", "2026-01-02"], [2n, 1.5, false, undefined, "2024-02-29", "2026-01-02T03:04:05Z"], [null, 2, null, Number.NaN, null, null]]), ["INTEGER", "REAL", "BOOLEAN", "TEXT", "DATE TEXT", "DATETIME TEXT"]);
  assert.deepEqual(await typesOf([[true, 2n ** 60n, "2026-01-02", "2026-02-30", Buffer.alloc(1)], [3, 0.5, "soon", "2026-01-01", "text"]]), ["INTEGER", "NUMERIC", "TEXT", "TEXT", "BLOB"]);
});

test("a type that is asked for is taken where the values agree with it", async () => {
  const types = ["REAL", "INTEGER", "DECIMAL(10,2)", "BIGINT", "TEXT", "DATE TEXT"];
  const declared = async (row: CellValue[]) => (await inFile(types.map((type, i) => ({ name: `c${i}`, type })), [row])).table.columns.map((column) => column.type);
  assert.deepEqual(await declared([1, 1, 1.5, 2n ** 60n, "x", "2026-01-02"]), types);
  assert.deepEqual(await declared([null, null, null, null, null, null]), types);
  assert.deepEqual(await declared(["x", 1.5, "x", "x", 1, 2]), ["TEXT", "REAL", "TEXT", "TEXT", "INTEGER", "INTEGER"]);
  assert.deepEqual(await declared([2n ** 60n, 1, 1, 1, "x", "x"]), ["INTEGER", ...types.slice(1)]);
});

test("numbers among text become text as they are written, longer ones than 64 bits too", async () => {
  const { table, rows } = await inFile(
    [{ name: "a" }, { name: "b" }, { name: 'c"' }, { name: "d" }],
    [[1, true, 10n ** 30n, Buffer.from("x")], [0.1, "yes", 1, 5], [2n ** 60n, false, null, "y"], ["007", null, 1e300, null]],
  );
  assert.deepEqual(table.mixed, ["a", "b", 'c"']);
  assert.deepEqual(table.columns.map((column) => column.type), ["TEXT", "TEXT", "TEXT", "BLOB"]);
  assert.deepEqual(rows.map((row) => row.slice(0, 3)), [["1", "true", `1${"0".repeat(30)}`], ["0.1", "yes", "1"], [String(2n ** 60n), "false", null], ["007", null, "1e+300"]]);
  assert.deepEqual(rows.map((row) => row[3]).slice(1), [5, "y", null]);
});

test("a column that comes later is NULL in the rows before it", async () => {
  await inFolder((folder) => {
    const path = join(folder, "values.sqlite");
    const file = new ValueFile({ path, table: "t", columns: [{ name: "c0" }] });
    for (let i = 0; i < 1_999; i++) {
      if (i % 100 === 0) file.add(Array.from({ length: i + 1 }, () => i));
      assert.equal(file.addColumn({ name: `列${i}${"あ".repeat(100)}` }), i + 1);
    }
    file.add(Array.from({ length: 5_000 }, (_, i) => `text ${i}`));
    const { columns, rows } = file.finish();
    assert.deepEqual([columns.length, rows], [2_000, 21]);
    const back = read(path);
    for (const at of [0, 5, 19]) assert.deepEqual(back[at], Array.from({ length: 2_000 }, (_, i) => (i <= 100 * at ? String(100 * at) : null)));
    assert.deepEqual(back[20], Array.from({ length: 2_000 }, (_, i) => `text ${i}`));
  });
});

test("rows without a value are rows", async () => {
  for (const rows of [[[]], [[], [], [1]], Array.from({ length: 5_000 }, () => [])]) {
    assert.deepEqual((await inFile([{ name: "a" }], rows)).rows, rows.map((row) => [row[0] ?? null]));
  }
});

test("random tables come back", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const kinds: (() => CellValue)[] = [
      () => null, () => next(1000) - 500, () => (next(2) ? 1n : -1n) * BigInt(next(2 ** 31)) * BigInt(next(2 ** 31)), () => next(1e6) / 10 ** next(6), () => "東京é".repeat(next(3000)),
      () => Buffer.alloc(next(5000), next(256)), () => `20${10 + next(80)}-01-${10 + next(18)}`,
    ];
    const picked = Array.from({ length: 1 + next(6) }, () => [kinds[next(kinds.length)]!, kinds[0]!]);
    const expected = Array.from({ length: next(300) }, () => picked.map((column) => column[next(2)]!()));
    const { rows } = await inFile(picked.map((_, i) => ({ name: `c${i}` })), expected);
    const plain = (value: unknown) => (typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);
    assert.deepEqual(rows.map((row) => row.map(plain)), expected.map((row) => row.map(plain)), `seed ${seed}`);
  }
});

test("files become one, their tables in order and none named twice", async () => {
  await inFolder((folder) => {
    const parts = ["売上", "t", "T", "t_2", "t"].map((table, i) => {
      const path = join(folder, `part${i}.sqlite`);
      const file = new ValueFile({ path, table, columns: [{ name: "a b" }, { name: "日" }] });
      for (let row = 0; row < i * 3_000; row++) file.add([row, row % 2 ? "2026-01-02" : null]);
      return { path, tables: [file.finish()] };
    });
    const tables = combine({ workDir: folder, parts, limits, report: () => {} });
    assert.deepEqual(tables.map((table) => [table.name, table.rows]), [["売上", 0], ["t", 3_000], ["T_3", 6_000], ["t_2", 9_000], ["t_4", 12_000]]);
    const out = join(folder, "out.sqlite");
    assert.deepEqual(read(out, "t_4").at(-1), [11_999, "2026-01-02"]);
    assert.deepEqual(read(out, "T_3").length, 6_000);
    assert.deepEqual(parts.map(({ path }) => existsSync(path)), [false, false, false, false, false]);
    const one = join(folder, "one.sqlite");
    made(one, [{ name: "x" }], [[1]]);
    assert.throws(() => combine({ workDir: folder, parts: [{ path: one, tables }], limits: { ...limits, tablesMax: 3 }, report: () => {} }), { code: "FILE_TABLES_TOO_MANY" });
  });
});

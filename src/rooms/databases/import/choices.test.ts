import assert from "node:assert/strict";
import { test } from "node:test";
import type { Choices } from "./choices.ts";
import { restated } from "./choices.ts";
import { runPreview } from "./preview.ts";
import type { Preview } from "./preview.ts";
import { encode, imported, inChunks, inFolder, limits, problemOf } from "./testing.ts";
import { kinds } from "./types.ts";

const csv = "code,city,amount,day\n007,東京,1,2026-01-02\n+8,大阪,2.5,2026-01-03\nx9,京都,3,later\n";

const looked = (body: string | Uint8Array, options: { choices?: Choices; fileName?: string; isRemembered?: boolean } = {}): Promise<Preview> =>
  inFolder((workDir) => runPreview({ workDir, fileName: "shops.csv", limits, rowsMax: 50, ...options }, inChunks(Buffer.from(body as Uint8Array), 4096), () => {}));
const column = (from: string, more: object) => ({ tables: [{ from: "shops", columns: [{ from, ...more }] }] });

test("a look tells how a file would be read, with its first rows", async () => {
  const { tables, ...rest } = await looked(csv);
  assert.deepEqual(rest, { format: "csv", encoding: "utf-8", delimiter: ",", header: true, corrections: ["encoding", "delimiter", "header", "tables"], isWhole: true, warnings: [], misfits: [] });
  assert.deepEqual(tables[0]!.columns.map(({ name, type }) => [name, type]), [["code", "text"], ["city", "text"], ["amount", "real"], ["day", "text"]]);
  assert.deepEqual(tables[0]!.sample[0], ["007", "東京", 1, "2026-01-02"]);
});

test("names, types and what is left out are as chosen, in the look and in the import", async () => {
  const choices: Choices = { misfits: "empty", tables: [{ from: "shops", name: "stores", columns: [{ from: "code", name: "number", type: "integer" }, { from: "city", leftOut: true }, { from: "amount", type: "text" }, { from: "day", type: "date" }] }] };
  const { tables, misfits } = await looked(csv, { choices });
  assert.deepEqual(tables[0]!.columns.map(({ from, name, type, leftOut }) => [from, name, type, leftOut]), [["code", "number", "integer", false], ["city", "city", "text", true], ["amount", "amount", "text", false], ["day", "day", "date", false]]);
  assert.deepEqual(misfits.map(({ column: name, line, value, count }) => [name, line, value, count]), [["number", 4, "x9", 1], ["day", 4, "later", 1]]);
  const { outcome, rows } = await imported(csv, { fileName: "shops.csv", choices });
  assert.deepEqual([outcome.tables[0]!.name, outcome.tables[0]!.columns.map(({ name, type }) => `${name} ${type}`)], ["stores", ["number INTEGER", "amount TEXT", "day DATE TEXT"]]);
  assert.deepEqual(rows, [[7, "1", "2026-01-02"], [8, "2.5", "2026-01-03"], [null, "3", null]]);
  assert.deepEqual(outcome.warnings.filter(({ code }) => code === "CELLS_MISFIT").map(({ line, column: name }) => [line, name]), [[4, "number"], [4, "day"]]);
});

test("a cell that contradicts a chosen type refuses the import at its line", async () => {
  const refused = await problemOf(imported(csv, { fileName: "shops.csv", choices: column("code", { type: "integer" }) }));
  assert.deepEqual([refused.code, refused.line], ["FILE_CELL_TYPE", 4]);
  assert.match(refused.message, /"x9" in the column code/);
});

test("a chosen type holds also where another column's type turns out late to be another", async () => {
  const late = `code,n\n${Array.from({ length: 200_000 }, (_, i) => `00${i},${i}`).join("\n")}\n005,N/A later\n`;
  const { rows, outcome } = await imported(late, { fileName: "shops.csv", choices: column("code", { type: "integer" }) });
  assert.deepEqual(outcome.tables[0]!.columns.map(({ type }) => type), ["INTEGER", "TEXT"]);
  assert.deepEqual([rows[3], rows.at(-1)], [[3, "3"], [5, "N/A later"]]);
});

test("encoding, delimiter and header are as chosen against what is found", async () => {
  const { tables } = await looked(encode("名前;値\n表;1\n", "shift_jis"), { choices: { encoding: "shift_jis", delimiter: ",", header: false } });
  assert.deepEqual([tables[0]!.columns.map(({ name }) => name), tables[0]!.sample], [["column_1"], [["名前;値"], ["表;1"]]]);
  const utf16 = await looked(encode("\ufeffa,b\n1,東\n", "utf-16le"), { choices: { encoding: "utf-16le" } });
  assert.deepEqual(utf16.tables[0]!.sample, [[1, "東"]]);
  assert.equal((await problemOf(looked(encode("名前,値\n", "shift_jis"), { choices: { encoding: "utf-8" } }))).code, "FILE_ENCODING");
});

test("of a long text only the beginning is read, and no row of it is cut", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read += 5 * 20_000;
      yield Buffer.from("12,ab\n".repeat(20_000));
    }
  }
  const { isWhole, tables } = await inFolder((workDir) => runPreview({ workDir, fileName: "long.csv", limits, rowsMax: 5 }, endless(), () => {}));
  assert.deepEqual([isWhole, tables[0]!.rows, tables[0]!.sample.length, tables[0]!.columns.map(({ type }) => type)], [false, null, 5, ["integer", "text"]]);
  assert.ok(read < 4 * 1024 ** 2, `${read} bytes`);
});

test("remembered choices hold for a file of the same shape, and are passed over for another", async () => {
  const choices = column("code", { type: "text", name: "id" });
  const same = await imported("code,n\n1,2\n", { fileName: "other name.csv", choices, isRemembered: true });
  assert.deepEqual(same.outcome.tables[0]!.columns.map(({ name, type }) => [name, type]), [["id", "TEXT"], ["n", "INTEGER"]]);
  const other = await imported("kode,n\n1,2\n", { choices, isRemembered: true });
  assert.deepEqual(other.outcome.tables[0]!.columns.map(({ name, type }) => [name, type]), [["kode", "INTEGER"], ["n", "INTEGER"]]);
  assert.deepEqual(other.outcome.warnings.map(({ code }) => code), ["CHOICES_PASSED_OVER"]);
});

test("at least one column stays", async () => {
  assert.equal((await problemOf(imported("a\n1\n", { fileName: "shops.csv", choices: column("a", { leftOut: true }) }))).code, "CHOICES_LEAVE_NOTHING");
});

test("a look at a SQLite file shows its tables, and nothing to correct", async () => {
  const { DatabaseSync } = await import("node:sqlite");
  const { readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const bytes = await inFolder((folder) => {
    const made = new DatabaseSync(join(folder, "x.sqlite"));
    made.exec("CREATE TABLE t(a INTEGER, b BLOB); INSERT INTO t VALUES (9007199254740993, x'0102'); CREATE TABLE u(c)");
    made.close();
    return readFileSync(join(folder, "x.sqlite"));
  });
  const preview = await looked(bytes, { fileName: "x.sqlite" });
  assert.deepEqual([preview.corrections, preview.tables.map(({ name, rows, sample }) => [name, rows, sample])], [[], [["t", 1, [["9007199254740993", "(2 bytes)"]]], ["u", 0, []]]]);
});

test("a cell is restated only where it means the same", () => {
  const cases: [string, number, string | null][] = [["007", kinds.integer, "7"], ["-0", kinds.integer, "0"], ["+5.00", kinds.integer, "5"], ["1.5", kinds.integer, null], ["12345678901234567", kinds.integer, null], ["000", kinds.integer, "0"], ["+.5", kinds.real, "0.5"], ["1e3", kinds.real, "1000"], ["1e999", kinds.real, null], ["x", kinds.real, null]];
  for (const [text, kind, result] of cases) assert.equal(restated(text, kind), result, text);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Choices } from "./choices.ts";
import { runPreview } from "./preview.ts";
import type { Preview } from "./preview.ts";
import { imported, inChunks, inFolder, limits, problemOf, random } from "./testing.ts";
import { zipOf } from "./zipping.ts";

const looked = (body: string | Uint8Array, fileName: string, choices?: Choices): Promise<Preview> =>
  inFolder((workDir) => runPreview({ workDir, fileName, limits, rowsMax: 50, choices }, inChunks(Buffer.from(body as Uint8Array), 4096), () => {}));

const people = JSON.stringify([{ id: "007", n: 1.5, day: "2026/1/5", memo: "x" }, { id: "8", n: 2, day: "2026-02-01", memo: null }, { id: "x9", n: 3, day: "later", memo: "y" }]);
const choices: Choices = { misfits: "empty", tables: [{ from: "people", name: "staff", columns: [{ from: "id", name: "number", type: "integer" }, { from: "n", type: "text" }, { from: "day", type: "date" }, { from: "memo", leftOut: true }] }] };

test("JSON is looked at and imported with the same choices, and a cell's place is its row", async () => {
  const preview = await looked(people, "people.json", choices);
  assert.deepEqual([preview.format, preview.corrections, preview.tables[0]!.name], ["json", ["tables"], "staff"]);
  assert.deepEqual(preview.tables[0]!.columns.map(({ from, name, type, leftOut }) => [from, name, type, leftOut]), [["id", "number", "integer", false], ["n", "n", "text", false], ["day", "day", "date", false], ["memo", "memo", "text", true]]);
  assert.deepEqual(preview.misfits.map(({ column, line, value }) => [column, line, value]), [["number", 3, "x9"], ["day", 3, "later"]]);
  const { outcome, rows } = await imported(people, { fileName: "people.json", choices });
  assert.deepEqual([outcome.tables[0]!.name, outcome.tables[0]!.columns.map(({ name, type }) => `${name} ${type}`)], ["staff", ["number INTEGER", "n TEXT", "day DATE TEXT"]]);
  assert.deepEqual(rows, [[7, "1.5", "2026-01-05"], [8, "2", "2026-02-01"], [null, "3", null]]);
  const refused = await problemOf(imported(people, { fileName: "people.json", choices: { ...choices, misfits: "refuse" } }));
  assert.deepEqual([refused.code, refused.line], ["FILE_CELL_TYPE", 3]);
});

test("files of an archive change names, and are left out", async () => {
  const zip = zipOf([{ name: "a.csv", body: "x\n1\n" }, { name: "b.csv", body: "y\n2\n" }, { name: "c.csv", body: "z\n3\n" }]);
  const swapped: Choices = { tables: [{ from: "a", name: "b" }, { from: "b", name: "a", columns: [{ from: "y", type: "text" }] }, { from: "c", leftOut: true }] };
  const preview = await looked(zip, "all.zip", swapped);
  assert.deepEqual(preview.tables.map(({ from, name, leftOut, sample }) => [from, name, leftOut, sample]), [["a", "b", false, [[1]]], ["b", "a", false, [["2"]]], ["c", "c", true, [[3]]]]);
  const { outcome, rows } = await imported(zip, { fileName: "all.zip", choices: swapped });
  assert.deepEqual([outcome.tables.map(({ name }) => name), rows], [["b", "a"], [[1]]]);
  assert.equal((await problemOf(imported(zip, { fileName: "all.zip", choices: { tables: ["a", "b", "c"].map((from) => ({ from, leftOut: true })) } }))).code, "CHOICES_LEAVE_NOTHING");
});

test("a packed text is looked at by its beginning, and corrected as one that is not packed", async () => {
  const random20 = random(20);
  const csv = `code,n\n${Array.from({ length: 300_000 }, (_, i) => `0${random20(1e6)},${i}`).join("\n")}\n`;
  const typed: Choices = { tables: [{ from: "x", columns: [{ from: "code", type: "integer" }] }] };
  const preview = await looked(gzipSync(csv), "x.csv.gz", typed);
  assert.deepEqual([preview.isWhole, preview.tables[0]!.rows, preview.tables[0]!.columns.map(({ type }) => type), preview.corrections.includes("delimiter")], [false, null, ["integer", "integer"], true]);
  const { outcome } = await imported(gzipSync(csv), { fileName: "x.csv.gz", choices: typed });
  assert.deepEqual([outcome.tables[0]!.rows, outcome.tables[0]!.columns[0]!.type], [300_000, "INTEGER"]);
});

test("what is a database already keeps what it has", async () => {
  const dump = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON t(b); INSERT INTO t VALUES (1, 'x');";
  const typed: Choices = { tables: [{ from: "t", columns: [{ from: "a", type: "text" }] }] };
  assert.deepEqual((await looked(dump, "t.sql", typed)).corrections, []);
  assert.deepEqual((await imported(dump, { fileName: "t.sql", choices: typed })).outcome.tables[0]!.columns.map(({ type }) => type), ["INTEGER", "TEXT"]);
  const bytes = await inFolder((folder) => {
    const made = new DatabaseSync(join(folder, "t.sqlite"));
    made.exec(dump);
    made.close();
    return readFileSync(join(folder, "t.sqlite"));
  });
  const zip = zipOf([{ name: "t.sqlite", body: bytes }, { name: "u.csv", body: "c\n1\n" }]);
  assert.equal((await problemOf(looked(zip, "all.zip", typed))).code, "FILE_TABLE_FIXED");
  assert.deepEqual((await imported(zip, { fileName: "all.zip", choices: { tables: [{ from: "t", name: "kept" }] } })).outcome.tables.map(({ name }) => name), ["kept", "u"]);
});

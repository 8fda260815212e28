import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLOutputValue } from "node:sqlite";
import { after, test } from "node:test";
import { random } from "#src/rooms/databases/import/testing.ts";
import { compareCells } from "./cells.ts";
import { compareFiles } from "./compare.ts";

const folder = mkdtempSync(join(tmpdir(), "kliv-compare-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
function fileOf(sql: string, rows: (string | number | null)[][] = []): string {
  const path = join(folder, `${made++}.sqlite`);
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA synchronous = OFF; BEGIN; ${sql}`);
  if (rows.length > 0) {
    const insert = database.prepare(`INSERT INTO t VALUES (${rows[0]!.map(() => "?").join(", ")})`);
    for (const row of rows) insert.run(...row);
  }
  database.exec("COMMIT");
  database.close();
  return path;
}
const compare = (before: string, afterwards: string, rest: object = {}) => compareFiles({ before, after: afterwards, rowsMs: 60_000, ...rest });

test("cells sort as SQLite sorts them", () => {
  const cells: SQLOutputValue[] = [null, 0n, -1n, 2n ** 62n, 1.5, -1e300, "", "a", "B", "あ", "\uffee", "😀", "é", new Uint8Array([1]), new Uint8Array([])];
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t(v)");
  for (const cell of cells) database.prepare("INSERT INTO t VALUES (?)").run(cell);
  const statement = database.prepare("SELECT v FROM t ORDER BY v");
  statement.setReadBigInts(true);
  assert.deepEqual(cells.toSorted(compareCells), statement.all().map((row) => row["v"]));
});

test("rows added, removed and changed are what a plain look says, with every kind of key", (t) => {
  const seed = Number(process.env["KLIV_SEED"] ?? randomInt(1_000_000));
  t.diagnostic(`KLIV_SEED=${seed}`);
  const below = random(seed);
  for (let round = 0; round < 12; round++) {
    const names = ["b", "ア", "😀", "A", "z", "", "\uffee"];
    const before = Array.from({ length: below(60) }, (_, n): [number, string, number | null] => [n * 3 - 20, names[below(7)]!, below(4) === 0 ? null : below(5)]);
    const afterwards = before.filter(() => below(5) > 0).map(([id, a, b]): [number, string, number | null] => [id, below(6) === 0 ? `${a}!` : a, b]);
    for (let n = 0; n < below(9); n++) afterwards.push([1_000 + n, "new", n]);
    const old = new Map(before.map((row) => [row[0], row]));
    const now = new Map(afterwards.map((row) => [row[0], row]));
    const expected = {
      added: afterwards.filter(([id]) => !old.has(id)).length, removed: before.filter(([id]) => !now.has(id)).length,
      changed: afterwards.filter((row) => old.has(row[0]) && String(old.get(row[0])) !== String(row)).length,
    };
    const ways: [string, object, string][] = [
      ["CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b)", {}, "primary key"],
      ["CREATE TABLE t(id INTEGER NOT NULL, a TEXT, b); CREATE UNIQUE INDEX i ON t(id)", {}, "unique index"],
      ["CREATE TABLE t(id INTEGER, a TEXT, b)", { table: "t", key: ["id"] }, "key"],
    ];
    for (const [sql, rest, by] of ways) {
      const [found] = compare(fileOf(sql, before), fileOf(sql, afterwards), rest).tables;
      assert.deepEqual({ by: found!.rows!.by, added: found!.rows!.added, removed: found!.rows!.removed, changed: found!.rows!.changed }, { by, ...expected });
    }
    const plain = "CREATE TABLE t(id INTEGER, a TEXT, b)";
    const [whole] = compare(fileOf(plain, before), fileOf(plain, afterwards)).tables;
    const { rows } = whole!;
    assert.deepEqual([rows!.by, rows!.added, rows!.removed, rows!.changed], ["whole rows", expected.added + expected.changed, expected.removed + expected.changed, 0]);
  }
});

test("tables and columns that come and go, and a sample that is bounded", () => {
  const before = fileOf("CREATE TABLE gone(a); CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, old REAL); CREATE VIEW v AS SELECT 1 x; INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2)");
  const afterwards = fileOf(`CREATE TABLE came(a); CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, new TEXT); CREATE VIEW v AS SELECT 1 x; INSERT INTO t VALUES (1, 'x', NULL), (2, '${"w".repeat(5_000)}', 'n')`);
  const { tables } = compare(before, afterwards);
  assert.deepEqual(tables.map(({ name, change }) => [name, change]).toSorted(), [["came", "added"], ["gone", "removed"], ["t", "changed"], ["v", "same"]]);
  const { columns, rows } = tables.find(({ name }) => name === "t")!;
  assert.deepEqual(columns, { added: ["new"], removed: ["old"], changed: [{ name: "a", before: "TEXT", after: "INTEGER" }] });
  assert.deepEqual([rows!.changed, rows!.sample.changed], [1, [{ before: [2, "y"], after: [2, `${"w".repeat(200)}…`] }]]);
  const many = (n: number) => fileOf("CREATE TABLE t(id INTEGER PRIMARY KEY)", Array.from({ length: 500 }, (_, i) => [i + n]));
  const [found] = compare(many(0), many(400)).tables;
  assert.deepEqual([found!.rows!.added, found!.rows!.removed, found!.rows!.sample.added.length], [400, 400, 10]);
});

test("a key that does not tell rows apart is said so, a row number is no key, and time is bounded", () => {
  const file = fileOf("CREATE TABLE t(a, b)", [[1, 1], [1, 2]]);
  assert.equal(compare(file, file, { table: "t", key: ["a"] }).tables[0]!.trouble, "key ambiguous");
  assert.equal(compare(file, file, { table: "t", key: ["rowid"] }).tables[0]!.trouble, "key unknown");
  assert.deepEqual([compare(file, file).tables[0]!.change, compare(file, file).tables[0]!.rows!.by], ["same", "whole rows"]);
  assert.equal(compare(file, file, { rowsMs: -1 }).tables[0]!.trouble, "time");
});

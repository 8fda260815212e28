import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { pageBytes, TableTree, varintBytes, writeVarint } from "./btree.ts";
import { inFolder, random } from "./testing.ts";

/** A file with one table of one text column, filled by `TableTree` with texts of the given lengths. */
function fill(path: string, lengths: Iterable<number>, nextPage = 3): { pages: number; bytes: number; rows: number } {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA page_size = ${pageBytes}; CREATE TABLE t(x TEXT)`);
  database.close();
  const fd = openSync(path, "r+");
  const tree = new TableTree({ fd, root: 2, nextPage });
  let bytes = 0;
  for (const length of lengths) {
    bytes += length;
    const serial = 13 + 2 * length;
    const headerBytes = 1 + varintBytes(serial);
    const payload = Buffer.alloc(headerBytes + length, "x");
    payload[0] = headerBytes;
    writeVarint(payload, serial, 1);
    if (TableTree.isLarge(payload.length)) tree.addLarge(payload);
    else payload.copy(tree.page, tree.place(payload.length));
  }
  const pages = tree.finish();
  const header = Buffer.alloc(4);
  header.writeUInt32BE(pages);
  writeSync(fd, header, 0, 4, 28);
  closeSync(fd);
  return { pages, bytes, rows: tree.rows };
}

function look(path: string): { check: string; count: number; bytes: number; last: number } {
  const database = new DatabaseSync(path, { readOnly: true });
  const check = (database.prepare("PRAGMA integrity_check(3)").all() as { integrity_check: string }[]).map((row) => row.integrity_check).join("; ");
  const { count, bytes, last } = database.prepare("SELECT count(*) AS count, coalesce(sum(length(x)), 0) AS bytes, coalesce(max(rowid), 0) AS last FROM t").get() as { count: number; bytes: number; last: number };
  database.close();
  return { check, count, bytes, last };
}

test("trees of every shape are what SQLite takes for well-formed", async () => {
  const next = random(7);
  const repeat = (count: number, length: () => number) => Array.from({ length: count }, length);
  const shapes: number[][] = [
    [], [0], [4057], [4058], [4059], [4060], [9000], repeat(2, () => 4057), repeat(3, () => 20_000), [1_000_000, 1],
    repeat(100, () => next(100)), repeat(2000, () => 3000), repeat(741, () => 4000), repeat(742, () => 4000), repeat(743, () => 4000), repeat(1113, () => 4000),
    repeat(5000, () => next(6000)), repeat(100_000, () => next(30)), repeat(3000, () => (next(20) === 0 ? next(100_000) : next(50))),
    ...Array.from({ length: 60 }, (_, i) => [480 + i, 4040 + i, 8130 + i]),
  ];
  for (const shape of shapes) {
    await inFolder((folder) => {
      const path = join(folder, "t.sqlite");
      const { pages, bytes } = fill(path, shape);
      assert.deepEqual(look(path), { check: "ok", count: shape.length, bytes, last: shape.length }, `${shape.length} rows, first ${shape[0]}`);
      assert.equal(readFileSync(path).length, pages * pageBytes);
    });
  }
});

test("three levels of interior pages", async () => {
  await inFolder((folder) => {
    const path = join(folder, "t.sqlite");
    // A row a page: 372 children an interior page make a third level beyond 138,000.
    const { bytes } = fill(path, Array.from({ length: 140_000 }, () => 2500));
    assert.deepEqual(look(path), { check: "ok", count: 140_000, bytes, last: 140_000 });
  });
});

test("the page of SQLite's locks stays unused", async () => {
  const lockPage = 2 ** 30 / pageBytes + 1;
  for (const lengths of [Array.from({ length: 50 }, () => 3000), [1, 100_000, 2]]) {
    await inFolder((folder) => {
      const path = join(folder, "t.sqlite");
      // The file has a hole before these pages, so only what reads rows can be asked here.
      const { bytes, rows } = fill(path, lengths, lockPage - 3);
      const database = new DatabaseSync(path, { readOnly: true });
      assert.deepEqual({ ...database.prepare("SELECT count(*) AS rows, sum(length(x)) AS bytes FROM t").get() }, { rows, bytes });
      database.close();
      const page = Buffer.alloc(pageBytes);
      const fd = openSync(path, "r");
      readSync(fd, page, 0, pageBytes, (lockPage - 1) * pageBytes);
      closeSync(fd);
      assert.ok(page.every((byte) => byte === 0));
    });
  }
});

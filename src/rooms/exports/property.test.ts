import assert from "node:assert/strict";
import { test } from "node:test";
import { imported, random } from "#src/rooms/databases/import/testing.ts";
import { exported, inDatabase, randomTable } from "./testing.ts";
import type { Cell, Table } from "./testing.ts";

/* Random tables leave in each format and are read again: equal, but for what docs/exports.md says is lost. The seed is in each message. */

const seeds = 60;

async function withTables(work: (of: { table: Table; file: string; note: string; next: (below: number) => number; folder: string }) => Promise<void>): Promise<void> {
  for (let seed = 1; seed <= seeds; seed++) {
    const next = random(seed * 7919);
    const table = randomTable(next);
    await inDatabase([table], (file, folder) => work({ table, file, next, folder, note: `seed ${seed}` }));
  }
}

interface Field {
  text: string;
  isQuoted: boolean;
}

/** A reader of its own for RFC 4180, which tells what stood in quotes. */
function readDelimited(text: string, delimiter: string): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  for (let at = 0; at < text.length; ) {
    let field: Field;
    if (text[at] === '"') {
      let end = at + 1;
      while (text[end] !== '"' || text[end + 1] === '"') end += text[end] === '"' ? 2 : 1;
      field = { text: text.slice(at + 1, end).replaceAll('""', '"'), isQuoted: true };
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== "\r" && text[end] !== "\n") end++;
      field = { text: text.slice(at, end), isQuoted: false };
      at = end;
    }
    record.push(field);
    if (text[at] === delimiter) {
      at++;
      if (at < text.length) continue;
    }
    assert.ok(at >= text.length || text[at] === "\n" || text[at] === "\r", `${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
    records.push(record);
    record = [];
    at += text[at] === "\r" ? 2 : 1;
  }
  return records;
}

/** What docs/exports.md says: one apostrophe goes. */
const restored = (text: string): string => (/^'+[=+\-@\t\r\n＝＋－＠]/.test(text) ? text.slice(1) : text);

function holdCell(cell: Cell, field: Field, { note, isOnly }: { note: string; isOnly: boolean }): void {
  if (cell === null) return assert.deepEqual(field, { text: "", isQuoted: isOnly }, note);
  if (typeof cell === "bigint") return assert.deepEqual([BigInt(field.text), field.isQuoted], [cell, false], note);
  if (typeof cell === "number") return assert.ok(Object.is(Number(field.text), cell) && /[.e]/.test(field.text), `${note}: ${cell} is ${field.text}`);
  if (typeof cell === "string") return assert.equal(restored(field.text), cell, note);
  assert.equal(field.text, Buffer.from(cell).toString("base64"), note);
}

for (const format of ["csv", "tsv"] as const) {
  test(`${format} is read by a plain reader as it was`, async () => {
    await withTables(async ({ table, file, note, next }) => {
      const options = { bom: next(2) === 0, lineEnd: (["crlf", "lf"] as const)[next(2)]! };
      const { bytes, figures } = await exported({ file, source: { table: table.name }, format, options });
      assert.equal(figures.rowCount, table.rows.length, note);
      const [head, ...records] = readDelimited(bytes.toString().replace(/^\ufeff/, ""), format === "csv" ? "," : "\t");
      assert.deepEqual(head!.map(({ text }) => restored(text)), table.columns.map(({ name }) => name), note);
      assert.equal(records.length, table.rows.length, note);
      for (const [r, row] of table.rows.entries()) for (const [c, cell] of row.entries()) holdCell(cell, records[r]![c]!, { note: `${note} row ${r} column ${c}`, isOnly: row.length === 1 });
    });
  });
}

test("CSV comes back by an upload: values equal, types as far as CSV has them", async () => {
  let seen = 0;
  await withTables(async ({ table, file, note }) => {
    if (table.rows.length === 0 || table.columns.length < 2) return;
    const { bytes } = await exported({ file, source: { table: table.name }, format: "csv", options: { formulas: "kept" } });
    const { rows } = await imported(bytes);
    assert.equal(rows.length, table.rows.length, note);
    for (const [r, row] of table.rows.entries()) {
      for (const [c, cell] of row.entries()) {
        const back = rows[r]![c];
        assert.ok(isAlike(cell, back), `${note} row ${r} column ${c}: ${String(cell)} became ${String(back)}`);
        seen++;
      }
    }
  });
  assert.ok(seen > 2_000, `${seen} values`);
});

/** Nothing and an empty text are one; a text that is a number may be the number, and a word for nothing among numbers nothing. */
function isAlike(cell: Cell, back: unknown): boolean {
  const text = cell === null ? "" : typeof cell === "object" ? Buffer.from(cell).toString("base64") : String(cell);
  if (back === null) return /^(\s*|null|nan|n\/a|#n\/a)$/i.test(text);
  if (typeof back === "string") return back === text || (typeof cell === "number" && Number(back) === cell);
  if (typeof cell === "bigint") return BigInt(back as number) === cell;
  return Number(back) === Number(text.replaceAll(",", ""));
}

for (const format of ["json", "ndjson"] as const) {
  test(`${format} says each value as the API does`, async () => {
    await withTables(async ({ table, file, note }) => {
      const text = (await exported({ file, source: { table: table.name }, format })).bytes.toString();
      const objects = (format === "json" ? JSON.parse(text) : text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as unknown)) as Record<string, unknown>[];
      assert.equal(objects.length, table.rows.length, note);
      for (const [r, row] of table.rows.entries()) assert.deepEqual(Object.values(objects[r]!), row.map(jsonOf), `${note} row ${r}`);
      if (objects[0]) assert.equal(new Set(Object.keys(objects[0])).size, table.columns.length, note);
    });
  });
}

function jsonOf(cell: Cell): unknown {
  if (cell === null || typeof cell === "string") return cell;
  if (typeof cell === "bigint") return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  return typeof cell === "number" ? cell : { base64: Buffer.from(cell).toString("base64") };
}

import assert from "node:assert/strict";
import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import yauzl from "yauzl";
import { random } from "#src/rooms/databases/import/testing.ts";
import { makeFile } from "./file.ts";
import { exported, inDatabase, randomTable } from "./testing.ts";
import type { Cell, Table } from "./testing.ts";

/* Random tables leave as Excel, SQLite and Parquet and are read by others: equal, but for what docs/exports.md says is lost. */

async function withTables(seeds: number, work: (of: { table: Table; file: string; note: string; folder: string }) => Promise<void>): Promise<void> {
  for (let seed = 1; seed <= seeds; seed++) {
    const table = randomTable(random(seed * 104_729));
    await inDatabase([table], (file, folder) => work({ table, file, folder, note: `seed ${seed}` }));
  }
}

test("an Excel workbook holds each value", async () => {
  await withTables(60, async ({ table, file, note }) => {
    const { bytes, figures } = await exported({ file, source: { table: table.name }, format: "xlsx", title: table.name });
    assert.equal(figures.rowCount, table.rows.length, note);
    const [head, ...rows] = cellsOf(await partOf(bytes, "xl/worksheets/sheet1.xml"), table.columns.length);
    assert.deepEqual(head, table.columns.map(({ name }) => name), note);
    // A row of nothing at the end is not there.
    for (const [r, row] of table.rows.entries()) for (const [c, cell] of row.entries()) holdCell(cell, rows[r]?.[c] ?? null, `${note} row ${r} column ${c}`);
  });
});

function holdCell(cell: Cell, back: string | number | null, note: string): void {
  if (cell === null || typeof cell === "string") {
    if (typeof back !== "number" || typeof cell !== "string") return assert.equal(back, cell, note);
    // A date that came as Excel counts them.
    const text = new Date(Date.UTC(1899, 11, 30) + Math.round(back * 86_400_000)).toISOString();
    return assert.equal(cell.replace(" ", "T"), text.slice(0, cell.length), note);
  }
  if (typeof cell === "bigint") return assert.deepEqual(back, cell >= -999999999999999n && cell <= 999999999999999n ? Number(cell) : String(cell), note);
  if (typeof cell === "number") return assert.ok(Object.is(Number(back), cell), `${note}: ${cell} is ${back}`);
  assert.equal(back, Buffer.from(cell).toString("base64"), note);
}

/** A part of a zip file, by a reader that is not the writer's. */
function partOf(bytes: Buffer, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on("entry", (entry) => {
        if (entry.fileName !== name) return zip.readEntry();
        zip.openReadStream(entry, (trouble, stream) => {
          if (trouble) return reject(trouble);
          const parts: Buffer[] = [];
          stream.on("data", (part: Buffer) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts).toString())).on("error", reject);
        });
      }).on("end", () => reject(new Error(`no ${name}`))).on("error", reject);
      zip.readEntry();
    });
  });
}

const textOf = (xml: string): string =>
  xml.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&").replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

function cellsOf(xml: string, width: number): (string | number | null)[][] {
  const rows: (string | number | null)[][] = [];
  for (const [, number, inner = ""] of xml.matchAll(/<row r="(\d+)"[^>]*>(.*?)<\/row>/gs)) {
    const row: (string | number | null)[] = Array.from({ length: width }, () => null);
    for (const [, letters = "", attributes = "", content = ""] of inner.matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const at = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      const inline = /<t[^>]*?(?:\/>|>(.*?)<\/t>)/s.exec(content);
      const value = /<v>(.*?)<\/v>/s.exec(content)?.[1];
      row[at] = attributes.includes("inlineStr") ? textOf(inline?.[1] ?? "") : value === undefined ? null : Number(value);
    }
    rows[Number(number) - 1] = row;
  }
  return rows;
}

const task = { bytesMax: 1024 ** 3, memoryBytesMax: 1024 ** 3, threads: 1 };

test("a SQLite file holds each value as it was, and the table as it was declared", async () => {
  await withTables(60, async ({ table, file, folder, note }) => {
    for (const [at, source] of [{ table: table.name }, { sql: `SELECT * FROM "${table.name.replaceAll('"', '""')}"` }].entries()) {
      const workDir = join(folder, String(at));
      mkdirSync(workDir);
      assert.deepEqual(await makeFile({ ...task, file, source, format: "sqlite", workDir }), { rowCount: table.rows.length }, note);
      const database = new DatabaseSync(join(workDir, "in.sqlite"), { readOnly: true });
      const statement = database.prepare(`SELECT * FROM "${at === 0 ? table.name.replaceAll('"', '""') : "result"}"`);
      statement.setReturnArrays(true);
      statement.setReadBigInts(true);
      assert.deepEqual(statement.columns().map(({ name, type }) => [name, type ?? ""]), table.columns.map(({ name, type }) => [name, type]), note);
      const rows = (statement.all() as unknown as Cell[][]).map((row) => row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : cell)));
      assert.deepEqual(rows, table.rows.map((row) => row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : cell))), note);
      assert.deepEqual(database.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [{ integrity_check: "ok" }], note);
      database.close();
    }
  });
});

test("a Parquet file holds each value, in order, with the type of its column; what is of several kinds is text", async () => {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", autoinstall_known_extensions: "false", autoload_known_extensions: "false" });
  const connection = await instance.connect();
  await withTables(25, async ({ table, file, folder, note }) => {
    const workDir = join(folder, "p");
    mkdirSync(workDir);
    assert.deepEqual(await makeFile({ ...task, file, source: { table: table.name }, format: "parquet", workDir }), { rowCount: table.rows.length }, note);
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${join(workDir, "0.parquet")}')`);
    assert.deepEqual(reader.columnNames(), table.columns.map(({ name }) => name), note);
    const rows = reader.getRows();
    assert.equal(rows.length, table.rows.length, note);
    for (const [r, row] of table.rows.entries()) for (const [c, cell] of row.entries()) assert.ok(isAlike(cell, rows[r]![c]), `${note} row ${r} column ${c}: ${String(cell)} became ${String(rows[r]![c])}`);
  });
  connection.closeSync();
  instance.closeSync();
});

function isAlike(cell: Cell, back: unknown): boolean {
  if (cell === null || back === null) return cell === back;
  if (cell instanceof Uint8Array) return Buffer.from(cell).equals(Buffer.from((back as { bytes?: Uint8Array }).bytes ?? [])) || String(back) === Buffer.from(cell).toString("hex").toUpperCase();
  if (typeof cell === "number" || typeof cell === "bigint") return typeof back === "string" ? Number(back) === Number(cell) : typeof back === "number" ? Object.is(back, Number(cell)) : back === cell;
  // The reader's decoder takes a byte order mark for one, the file has it.
  return String(back) === cell.replace(/^\ufeff/, "");
}

test("Excel counts days: from March 1900 on, and only those that there were", async () => {
  const { serialOf } = await import("./xlsx.ts");
  // https://support.microsoft.com/office/date-function: 2008-01-01 is 39448.
  for (const [text, serial] of [["2008-01-01", 39448], ["1900-03-01", 61], ["2024-02-29", 45351], ["2008-01-01 12:00", 39448.5], ["2008-01-01T06:00:00", 39448.25], ["9999-12-31", 2958465]] as const) assert.equal(serialOf(text), serial, text);
  for (const text of ["1900-02-28", "0001-01-01", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-01 24:00", "2024-1-1", "20240101", "2024-01-01Z", ""]) assert.equal(serialOf(text), null, text);
});

test("dates are dates where the column is declared so and has nothing else; a text that does not fit says so", async () => {
  const table: Table = {
    name: "t",
    columns: [{ name: "day", type: "DATE TEXT" }, { name: "at", type: "TIMESTAMP" }, { name: "n", type: "DATE" }, { name: "text", type: "TEXT" }],
    rows: [["2008-01-01", "2008-01-01 12:00:00", 1700000000n, "2008-01-01"], [null, "2008-01-01", null, "x".repeat(40_000)], ["unknown", null, null, "=1+1"]],
  };
  const { bytes } = await inDatabase([table], (file) => exported({ file, source: { table: "t" }, format: "xlsx" }));
  const [, ...rows] = cellsOf(await partOf(bytes, "xl/worksheets/sheet1.xml"), 4);
  assert.deepEqual(rows.map((row) => row.slice(0, 3)), [[39448, 39448.5, 1700000000], [null, 39448, null], ["unknown", null, null]]);
  assert.deepEqual([rows[0]![3], rows[2]![3]], ["2008-01-01", "=1+1"]);
  assert.match(String(rows[1]![3]), /^x{32749} … \(Excel: 32,767\)$/);
  const styles = await partOf(bytes, "xl/styles.xml");
  assert.match(styles, /formatCode="yyyy-mm-dd"/);
  assert.match(styles, /formatCode="yyyy-mm-dd hh:mm:ss"/);
  assert.match(await partOf(bytes, "xl/worksheets/sheet1.xml"), /<pane ySplit="1"[^>]*state="frozen"/);
});

test("a SQLite file keeps keys, checks, calculated columns and indexes, and takes rows that its own declaration would not", async () => {
  await inDatabase([], async (file, folder) => {
    const source = new DatabaseSync(file, { defensive: false });
    source.exec(`
      CREATE TABLE "a b" (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), twice INTEGER AS (n * 2) STORED, code TEXT COLLATE NOCASE UNIQUE) STRICT;
      CREATE INDEX by_n ON "a b" (n) WHERE n > 1; CREATE VIEW v AS SELECT n, twice + 0.5 AS half FROM "a b";
      INSERT INTO "a b" (n, code) VALUES (1, 'x'), (2, 'y');
      CREATE TABLE wrong (n INTEGER NOT NULL); PRAGMA writable_schema = ON; INSERT INTO wrong VALUES (1);
      UPDATE sqlite_schema SET sql = 'CREATE TABLE wrong (n INTEGER)' WHERE name = 'wrong'; PRAGMA writable_schema = RESET;
      INSERT INTO wrong VALUES (NULL); PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = 'CREATE TABLE wrong (n INTEGER NOT NULL)' WHERE name = 'wrong';`);
    source.close();
    const made = async (name: string): Promise<DatabaseSync> => {
      const workDir = join(folder, name);
      mkdirSync(workDir);
      await makeFile({ ...task, file, source: { table: name }, format: "sqlite", workDir });
      return new DatabaseSync(join(workDir, "in.sqlite"), { readOnly: true });
    };
    const plain = (database: DatabaseSync, sql: string): unknown => database.prepare(sql).all().map((row) => ({ ...row }));
    const table = await made("a b");
    assert.deepEqual(plain(table, "SELECT * FROM [a b]"), [{ id: 1, n: 1, twice: 2, code: "x" }, { id: 2, n: 2, twice: 4, code: "y" }]);
    assert.match(String(table.prepare("SELECT group_concat(sql) AS s FROM sqlite_schema WHERE sql IS NOT NULL").get()!["s"]), /STORED.*UNIQUE\) STRICT.*CREATE INDEX by_n/s);
    table.close();
    const view = await made("v");
    assert.deepEqual(plain(view, "SELECT * FROM v"), [{ n: 1, half: 2.5 }, { n: 2, half: 4.5 }]);
    view.close();
    const wrong = await made("wrong");
    assert.deepEqual(plain(wrong, "SELECT * FROM wrong"), [{ n: 1 }, { n: null }]);
    wrong.close();
    await assert.rejects(makeFile({ ...task, bytesMax: 8192, file, source: { sql: "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c" }, format: "sqlite", workDir: folder }), /EXPORT_TOO_LARGE/);
  });
});

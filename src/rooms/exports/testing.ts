import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runExport } from "./run.ts";
import type { ExportTask } from "./run.ts";

/* What the tests of this folder share. */

export type Cell = string | number | bigint | null | Uint8Array;

export interface Table {
  name: string;
  columns: { name: string; type: string }[];
  rows: Cell[][];
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Makes a database file with these tables, hands its path over and removes it. */
export async function inDatabase<T>(tables: Table[], work: (file: string, folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "kliv-export-"));
  const file = join(folder, "data.sqlite");
  try {
    const database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN");
    for (const { name, columns, rows } of tables) {
      database.exec(`CREATE TABLE ${quote(name)} (${columns.map((column) => `${quote(column.name)} ${column.type}`).join(", ")})`);
      const insert = database.prepare(`INSERT INTO ${quote(name)} VALUES (${columns.map(() => "?").join(", ")})`);
      for (const row of rows) insert.run(...row);
    }
    database.exec("COMMIT");
    database.close();
    return await work(file, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Exported {
  bytes: Buffer;
  figures: { rowCount: number; sizeBytes: number };
}

/** Runs an export in this process and gathers it. */
export async function exported(task: Pick<ExportTask, "file" | "source" | "format"> & Partial<ExportTask>): Promise<Exported> {
  const parts: Buffer[] = [];
  let heads = 0;
  let figures: unknown;
  await runExport({ options: {}, bytesMax: 1024 ** 3, title: "data", ...task }, {
    head: () => void heads++,
    body: (bytes) => void parts.push(Buffer.from(bytes)),
    end: (told) => void (figures = told),
    progress: () => {},
  });
  if (heads !== 1 || figures === undefined) throw new Error(`${heads} heads`);
  return { bytes: Buffer.concat(parts), figures: figures as Exported["figures"] };
}

const texts = [
  "", " ", "東京", "髙﨑①㈱", "𠮷野家", "👩‍👩‍👧", "é", "a\u0301", "\u200b", "\u202etxt", "it's", '"', '""', '","', "a,b", "a\tb", "a\nb", "a\r\nb", "a\rb", "x;y|z", "\\", "\\n", "\\N", "null", "NULL", "true", "NaN", "Infinity",
  "007", "-0", "+1", "1e5", "1.50", "1,234", "1234567890123456789", "2026-01-01", "2026-02-30", "2026-01-01 12:34:56", "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=1", "''x", "＝A1", "－1", "\t=1", "\u0001", "\u001f", "_x0041_", "_x005F_", "<b>&amp;</b>", "]]>", "\ufeffx", "{\"a\":1}", "[1]", "#N/A",
];
const integers = [0n, 1n, -1n, 42n, 2n ** 31n, -(2n ** 53n), 2n ** 53n - 1n, 2n ** 53n + 1n, 999999999999999n, 1000000000000001n, 2n ** 63n - 1n, -(2n ** 63n)];
const reals = [0.5, -0.1, 1e300, -1e-300, 5, 1e21, 0.1 + 0.2, 123456789.125, 1.7976931348623157e308, 5e-324, 100];
const names = ["id", "ID ", "名前", "select", 'a"b', "a,b", "a b", "=x", "列\n2", "😀", "'", "_x0041_", "<c>"];

type Kind = (next: (below: number) => number) => Cell;
const kinds: Record<string, Kind> = {
  INTEGER: (next) => (next(3) === 0 ? integers[next(integers.length)]! : BigInt(next(1e9)) - 5n * 10n ** 8n),
  REAL: (next) => (next(3) === 0 ? reals[next(reals.length)]! : (next(1e9) - 5e8) / 10 ** next(7)),
  TEXT: (next) => (next(12) === 0 ? "長い".repeat(next(500)) : texts[next(texts.length)]!),
  BLOB: (next) => Buffer.from(Array.from({ length: next(20) }, () => next(256))),
  "DATE TEXT": (next) => `${1900 + next(150)}-${String(1 + next(12)).padStart(2, "0")}-${String(1 + next(28)).padStart(2, "0")}`,
  "DATETIME TEXT": (next) => `20${10 + next(30)}-0${1 + next(9)}-1${next(10)} ${String(next(24)).padStart(2, "0")}:${String(next(60)).padStart(2, "0")}:0${next(10)}`,
};

/** A table of chance: columns of one kind or of all, every tenth value null. */
export function randomTable(next: (below: number) => number): Table {
  const width = 1 + next(8);
  const rows = next(60);
  const free = [...names];
  const columns = Array.from({ length: width }, () => {
    const kind = Object.keys(kinds)[next(6)]!;
    const isMixed = next(4) === 0;
    const [name] = free.splice(next(free.length), 1);
    return { name: name!, type: isMixed ? "" : kind, cells: Array.from({ length: rows }, () => (next(10) === 0 ? null : kinds[isMixed ? Object.keys(kinds)[next(6)]! : kind]!(next))) };
  });
  return { name: ["t", "表", 'a"b', "select", "😀"][next(5)]!, columns: columns.map(({ name, type }) => ({ name, type })), rows: Array.from({ length: rows }, (_, row) => columns.map(({ cells }) => cells[row]!)) };
}

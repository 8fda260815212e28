import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Problem } from "#src/base/problems/problem.ts";
import type { Choices } from "./choices.ts";
import { runImport } from "./run.ts";
import type { ImportLimits, ImportOutcome } from "./run.ts";

/* What the tests of this folder share. */

export const limits: ImportLimits = { uploadBytesMax: 2 * 1024 ** 3, columnsMax: 2_000, lineBytesMax: 16 * 1024 ** 2, fieldBytesMax: 16 * 1024 ** 2, tablesMax: 2_000 };

/** Makes a folder, hands it over and removes it. */
export async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "kliv-import-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export interface Imported {
  outcome: ImportOutcome;
  /** Of the first table, as SQLite reads them. */
  rows: unknown[][];
}

interface Options {
  fileName?: string;
  contentType?: string;
  chunkBytes?: number;
  limits?: Partial<ImportLimits>;
  choices?: Choices;
  isRemembered?: boolean;
}

/** Imports a text or bytes, has SQLite check the result fully and reads its first table. */
export function imported(body: string | Uint8Array, options: Options = {}): Promise<Imported> {
  return inFolder(async (workDir) => {
    const bytes = Buffer.from(body as Uint8Array);
    const input = inChunks(bytes, options.chunkBytes ?? 64 * 1024);
    const request = { workDir, fileName: options.fileName ?? (bytes.toString("latin1", 0, 13) === "SQLite format" ? "data.sqlite" : "data.csv"), contentType: options.contentType, limits: { ...limits, ...options.limits }, choices: options.choices, isRemembered: options.isRemembered };
    const outcome = await runImport(request, input, () => {});
    const database = new DatabaseSync(join(workDir, outcome.file), { readOnly: true });
    try {
      const [check] = database.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
      if (check?.integrity_check !== "ok") throw new Error(check?.integrity_check);
      const statement = database.prepare(`SELECT * FROM "${outcome.tables[0]!.name.replaceAll('"', '""')}"`);
      statement.setReturnArrays(true);
      // Numbers as tests write them; one that is none in JavaScript stays whole.
      statement.setReadBigInts(true);
      const plain = (value: unknown): unknown => (typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value);
      return { outcome, rows: (statement.all() as unknown as unknown[][]).map((row) => row.map(plain)) };
    } finally {
      database.close();
    }
  });
}

/** The problem that something ends in, as its code and its place. */
export async function problemOf(work: Promise<unknown>): Promise<{ code: string; status: number; line?: number; column?: number; message: string }> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { line, column } = error.options;
    return { code: error.code, status: error.status, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }), message: error.message };
  }
  throw new Error("no problem was met");
}

/** Numbers from 0 to `below`, the same every time. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const tables = new Map<string, Map<string, Buffer>>();

/** Text in an encoding; Node itself only decodes the Japanese ones, so their tables are turned round here. */
export function encode(text: string, encoding: string): Buffer {
  if (encoding === "utf-8") return Buffer.from(text);
  if (encoding === "utf-16le") return Buffer.from(text, "utf16le");
  if (encoding === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  let table = tables.get(encoding);
  if (!table) tables.set(encoding, (table = tableOf(encoding)));
  return Buffer.concat(
    [...text].map((character) => {
      const bytes = table.get(character);
      if (!bytes) throw new Error(`${character} is not in ${encoding}`);
      return bytes;
    }),
  );
}

function tableOf(encoding: string): Map<string, Buffer> {
  const table = new Map<string, Buffer>();
  const decoder = new TextDecoder(encoding, { fatal: true });
  const add = (bytes: number[]) => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !table.has(text)) table.set(text, Buffer.from(bytes));
    } catch {
      // Not a character.
    }
  };
  for (let first = 0; first < 256; first++) add([first]);
  if (encoding !== "windows-1252") for (let first = 0x81; first < 0xff; first++) for (let second = 0x40; second < 0xff; second++) add([first, second]);
  return table;
}

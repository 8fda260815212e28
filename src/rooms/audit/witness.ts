import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#src/base/clock.ts";

/** The checkpoints of all trees once more, outside the database: whoever rewrites the one does not have the other. */
export interface Witness {
  /** The number of the newest one; 0 without any. */
  last(): number;
  append(checkpoints: { number: number; note: string }[]): void;
}

/** A file a day, of a line each, in HOME/audit. Only ever added to. */
export const witnessFolder = (home: string): string => join(home, "audit");

export function openWitness({ folder, clock }: { folder: string; clock: Clock }): Witness {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const there = names(folder);
  let newest = there.at(-1) ?? "";
  let last = 0;
  // The newest file may hold half a line and nothing else.
  while (last === 0 && there.length > 0) last = mend(join(folder, there.pop() as string));
  return {
    last: () => last,
    append(checkpoints) {
      const today = `${clock.date().toISOString().slice(0, 10)}.ndjson`;
      // A clock that was set back must not put newer ones before older ones.
      if (today > newest) newest = today;
      writeFileSync(join(folder, newest), checkpoints.map((one) => `${JSON.stringify({ number: one.number, note: one.note })}\n`).join(""), { flag: "a", mode: 0o600, flush: true });
      last = checkpoints.at(-1)?.number ?? last;
    },
  };
}

/** All lines, oldest first; a line that is none gives null. */
export function* readWitness(folder: string): Generator<{ number: number; note: string } | null> {
  for (const name of names(folder)) {
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    // What follows the last line break is a line that a running server is just writing, or that a kill cut short.
    for (const line of lines.slice(0, -1)) yield read(line);
  }
}

const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name)).sort() : []);

function read(line: string): { number: number; note: string } | null {
  try {
    const { number, note } = JSON.parse(line) as { number: unknown; note: unknown };
    return typeof number === "number" && typeof note === "string" ? { number, note } : null;
  } catch {
    return null;
  }
}

const lineBytesMax = 4_096;

// A kill may have left half a line: it is cut off, and written again as a whole. Gives the last line's number.
function mend(file: string): number {
  const handle = openSync(file, "r+");
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(size - 2 * lineBytesMax, 0);
    const bytes = Buffer.alloc(size - start);
    readSync(handle, bytes, 0, bytes.length, start);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) ftruncateSync(handle, start + end);
    return read(bytes.subarray(0, end).toString("utf8").trimEnd().split("\n").at(-1) ?? "")?.number ?? 0;
  } finally {
    closeSync(handle);
  }
}

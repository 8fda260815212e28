import type { SQLOutputValue } from "node:sqlite";

const surrogate = /[\ud800-\udfff]/;

const rankOf = (cell: SQLOutputValue): number => (cell === null ? 0 : typeof cell === "string" ? 2 : typeof cell === "object" ? 3 : 1);

/** The order of SQLite's BINARY collation: null, numbers by value, texts and blobs byte by byte. */
export function compareCells(a: SQLOutputValue, b: SQLOutputValue): number {
  if (a === b) return 0;
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === "string" && typeof b === "string") {
    // UTF-16 sorts like UTF-8, but for characters beyond the first plane.
    if (surrogate.test(a) || surrogate.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
    return a < b ? -1 : 1;
  }
  if (typeof a === "object" && typeof b === "object") return a === null || b === null ? 0 : Buffer.compare(a, b);
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

import { Problem } from "../problems/problem.ts";
import type { BlobRange } from "./blobs.ts";

const keyLengthMax = 512;
// A file's name has at most 255 bytes, and the directory adds one.
const keyPartLengthMax = 200;
const keyPattern = /^[a-z0-9_][a-z0-9._-]{0,199}(?:\/[a-z0-9_][a-z0-9._-]{0,199})*$/;

/** The largest object that either driver takes. */
export const blobBytesMax = 64 * 1024 ** 3;
const listItemsMax = 1000;

/** Throws BLOB_KEY_INVALID. What passes is neither absolute nor climbing, and the same on every file system. */
export function checkKey(key: string): void {
  if (typeof key !== "string" || key.length > keyLengthMax || !keyPattern.test(key)) throw invalidKey();
}

/** A prefix or an `after` need not be a whole key. Throws BLOB_KEY_INVALID. */
export function checkPrefix(prefix: string): void {
  if (prefix === "") return;
  if (prefix.length > keyLengthMax || !/^[a-z0-9/._-]+$/.test(prefix) || /(^|\/)[./-]/.test(prefix)) throw invalidKey();
}

function invalidKey(): Problem {
  return new Problem("BLOB_KEY_INVALID", { values: { lengthMax: keyLengthMax, partLengthMax: keyPartLengthMax } });
}

/** The page's length: 1 to 1000. */
export function listLimit(limit: number = listItemsMax): number {
  return Math.min(listItemsMax, Math.max(1, Math.trunc(limit) || 1));
}

/** Throws BLOB_RANGE_INVALID for what no object can have. */
export function checkRange(range: BlobRange): void {
  const { start, end = start } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) throw invalidRange(range);
}

/** First byte and the byte after the last, within an object of `sizeBytes`. Throws BLOB_RANGE_INVALID. */
export function resolveRange(range: BlobRange | undefined, sizeBytes: number): { from: number; to: number } {
  if (range === undefined) return { from: 0, to: sizeBytes };
  checkRange(range);
  if (range.start >= sizeBytes) throw invalidRange(range);
  return { from: range.start, to: Math.min(sizeBytes, (range.end ?? sizeBytes) + 1) };
}

export function invalidRange(range: BlobRange): Problem {
  return new Problem("BLOB_RANGE_INVALID", { values: { range: `${range.start}-${range.end ?? ""}` } });
}

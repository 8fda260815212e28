import duckdb from "@duckdb/node-bindings";
import type { CellValue } from "./valuefile.ts";

/*
 * The cells of a chunk of DuckDB's, a column at a time. Its own library makes an object of each value, and a call for each
 * longer text: several times what the rest of an import costs.
 */

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

/** How the values of a column lie in memory. */
export type Layout = "boolean" | "int32" | "int64" | "uint64" | "double" | "text" | "json" | "blob";

const stringBytes = 16;
const inlineBytesMax = 12;
// Texts that lie in one page of the file have four bytes between them, those that DuckDB made are aligned to eight.
const gapBytesMax = 7;
const high = 2 ** 32;

/** The cells of one column of a chunk, NULL as null. */
export function cellsOf(vector: Vector, { rows, layout }: { rows: number; layout: Layout }): CellValue[] {
  const cells = readCells(vector, rows, layout);
  const validity = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null;
  if (validity) for (let row = 0; row < rows; row++) if ((validity[row >> 3]! & (1 << (row & 7))) === 0) cells[row] = null;
  return cells;
}

function readCells(vector: Vector, rows: number, layout: Layout): CellValue[] {
  switch (layout) {
    case "boolean":
      return Array.from(duckdb.vector_get_data(vector, rows), (byte) => byte !== 0);
    case "int32":
      return integers(viewOf(vector, rows * 4), rows);
    case "int64":
      return longs(viewOf(vector, rows * 8), rows, true);
    case "uint64":
      return longs(viewOf(vector, rows * 8), rows, false);
    case "double":
      return doubles(viewOf(vector, rows * 8), rows);
    case "text":
      return strings(vector, rows, (bytes, start, end) => bytes.toString("utf8", start, end));
    case "json":
      return strings(vector, rows, (bytes, start, end) => strictJson(bytes.toString("utf8", start, end)));
    case "blob":
      return strings(vector, rows, (bytes, start, end) => Buffer.from(bytes.subarray(start, end)));
  }
}

function viewOf(vector: Vector, bytes: number): DataView {
  const data = duckdb.vector_get_data(vector, bytes);
  return new DataView(data.buffer, data.byteOffset, bytes);
}

function integers(view: DataView, rows: number): CellValue[] {
  const cells: CellValue[] = [];
  for (let row = 0; row < rows; row++) cells[row] = view.getInt32(row * 4, true);
  return cells;
}

function doubles(view: DataView, rows: number): CellValue[] {
  const cells: CellValue[] = [];
  for (let row = 0; row < rows; row++) cells[row] = view.getFloat64(row * 8, true);
  return cells;
}

/** A number where it holds the value exactly, else a bigint. */
function longs(view: DataView, rows: number, isSigned: boolean): CellValue[] {
  const cells: CellValue[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * 8;
    const top = isSigned ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true);
    if (top >= -0x200000 && top < 0x200000) cells[row] = top * high + view.getUint32(at, true);
    else cells[row] = isSigned ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
  }
  return cells;
}

/**
 * Texts and bytes: 16 bytes each, with the length and either the bytes themselves or where they are. Those that lie one
 * behind the other are fetched together. Nothing is read there but such values and the few bytes between two of them,
 * which belong to the same memory.
 */
function strings(vector: Vector, rows: number, make: (bytes: Buffer, start: number, end: number) => CellValue): CellValue[] {
  const view = viewOf(vector, rows * stringBytes);
  const inline = Buffer.from(view.buffer, view.byteOffset, rows * stringBytes);
  const validity = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null;
  const isThere = (row: number): boolean => validity === null || (validity[row >> 3]! & (1 << (row & 7))) !== 0;
  const lengthOf = (row: number): number => view.getUint32(row * stringBytes, true);
  const placeOf = (row: number): number => view.getUint32(row * stringBytes + 8, true) + view.getUint32(row * stringBytes + 12, true) * high;
  const cells: CellValue[] = [];
  // The words of a dictionary come again and again.
  const known = new Map<number, { length: number; cell: CellValue }>();
  for (let row = 0; row < rows; ) {
    if (!isThere(row)) {
      cells[row++] = null;
      continue;
    }
    const length = lengthOf(row);
    if (length <= inlineBytesMax) {
      cells[row] = make(inline, row * stringBytes + 4, row * stringBytes + 4 + length);
      row++;
      continue;
    }
    const from = placeOf(row);
    const again = known.get(from);
    if (again?.length === length) {
      cells[row++] = again.cell;
      continue;
    }
    let end = from + length;
    let next = row + 1;
    for (; next < rows && isThere(next) && lengthOf(next) > inlineBytesMax; next++) {
      const gap = placeOf(next) - end;
      if (gap < 0 || gap > gapBytesMax) break;
      end += gap + lengthOf(next);
    }
    const data = duckdb.get_data_from_pointer(view.buffer as ArrayBuffer, view.byteOffset + row * stringBytes + 8, end - from);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (next === row + 1) known.set(from, { length, cell: (cells[row] = make(bytes, 0, length)) });
    else for (let one = row; one < next; one++) cells[one] = make(bytes, placeOf(one) - from, placeOf(one) - from + lengthOf(one));
    row = next;
  }
  return cells;
}

/** DuckDB writes numbers that JSON does not have. */
function strictJson(text: string): string {
  return /NaN|Infinity/.test(text) ? text.replaceAll(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)/g, (found) => (found.startsWith('"') ? found : "null")) : text;
}

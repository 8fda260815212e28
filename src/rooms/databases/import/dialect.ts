import { RecordScanner, unfinished } from "./records.ts";
import { kindOf, kinds, widen } from "./types.ts";
import { decimalComma, decimalOf, decimalPoint } from "./written.ts";

/** How a text's cells are divided and what its first row is. */
export interface Dialect {
  delimiter: string;
  /** Whether the first row names the columns. */
  header: boolean;
  /** The first row's cells: as many as the table has columns. */
  firstRow: string[];
  /** Cells of the first row, counted beyond those kept. */
  columns: number;
  /** What the sample's columns hold, header aside. */
  kinds: number[];
  /** Bytes and lines before the first row: a `sep=` line as Excel writes it, titles and comments above the table. */
  skippedBytes: number;
  skippedLines: number;
  /** Of these, lines with a text that is nowhere in the table. */
  titleLines: number;
  /** What stands before the decimals of numbers: the byte of a point, or of a comma. */
  decimal: number;
}

const candidates = [",", "\t", ";", "|"];
const rowsForDelimiterMax = 200;
const rowsForHeaderMax = 50;
const cellsForDecimalMax = 2_000;

/**
 * Finds the dialect from the beginning of a text. `whole`: the sample is all there is.
 * `preferred`: the delimiter that the file's name or type suggests, taken where several fit. `chosen`: what a person
 * has decided.
 */
export function dialectOf(options: { sample: Buffer; whole: boolean; preferred: string | undefined; columnsMax: number; chosen?: { delimiter?: string; header?: boolean } }): Dialect {
  const { whole, preferred, columnsMax, chosen = {} } = options;
  const separator = /^sep=([,;|\t])(?:\r\n|\n|\r)/i.exec(options.sample.toString("latin1", 0, 16));
  const separatorBytes = separator ? separator[0].length : 0;
  // The scanner makes doubled quotation marks single in place, so it gets a copy.
  const text = options.sample.subarray(separatorBytes);
  const delimiter = chosen.delimiter ?? separator?.[1] ?? delimiterOf(text, whole, preferred);
  const above = linesAbove(text, delimiter, whole);
  const sample = text.subarray(above.bytes);
  const decimal = delimiter === "," ? decimalPoint : decimalIn(sample, delimiter, whole);
  const rows = readRows(sample, { delimiter, whole, cellsMax: columnsMax + 1, decimal });
  const header = chosen.header ?? hasHeader(rows.first);
  // A column without a name and a value, at the end of all rows, comes of a delimiter that is one too many.
  const isLastEmpty = whole && header && rows.cells > 1 && rows.cells <= columnsMax && rows.firstText.at(-1) === "" && rows.kinds.at(-1) === kinds.empty && rows.isLastBlank;
  const columns = isLastEmpty ? rows.cells - 1 : rows.cells;
  const found: number[] = Array.from({ length: Math.min(columns, columnsMax) }, () => kinds.empty);
  for (let i = 0; i < found.length; i++) {
    found[i] = rows.kinds[i]!;
    if (!header) found[i] = widen(found[i]!, rows.firstKinds[i]!);
  }
  return {
    delimiter, header, firstRow: rows.firstText.slice(0, Math.min(columns, rows.firstText.length)), columns, kinds: found,
    skippedBytes: separatorBytes + above.bytes, skippedLines: (separator ? 1 : 0) + above.lines, titleLines: above.titles, decimal,
  };
}

interface Rows {
  cells: number;
  first: { kinds: number[]; years: boolean[] }[];
  firstText: string[];
  firstKinds: number[];
  /** Of all rows but the first. */
  kinds: number[];
  /** Whether the last of the first row's columns is without a text in all rows. */
  isLastBlank: boolean;
}

function readRows(sample: Buffer, options: { delimiter: string; whole: boolean; cellsMax: number; decimal: number }): Rows {
  const { delimiter, whole, cellsMax, decimal } = options;
  const bytes = Buffer.from(sample);
  const scanner = new RecordScanner(delimiter.charCodeAt(0), cellsMax);
  const rows: Rows = { cells: 0, first: [], firstText: [], firstKinds: [], kinds: [], isLastBlank: true };
  let read = 0;
  for (let at = 0; at < bytes.length; ) {
    let next = scanner.scan({ bytes, from: at, end: bytes.length, final: whole });
    if (next === unfinished) {
      if (read > 0) break;
      // A first row longer than the sample: what is seen of it. The reader refuses it if it goes on too long.
      next = scanner.scan({ bytes, from: at, end: bytes.length, final: true });
      if (next === unfinished) break;
      at = bytes.length;
    }
    at = next;
    if (scanner.isBlank) continue;
    const cells = Math.min(scanner.cells, cellsMax);
    const row = { kinds: [] as number[], years: [] as boolean[] };
    for (let i = 0; i < cells; i++) {
      const [start, end] = [scanner.starts[i]!, scanner.ends[i]!];
      const kind = kindOf(bytes, start, end, decimal);
      if (read > 0 && i === rows.cells - 1 && end > start) rows.isLastBlank = false;
      if (read < rowsForHeaderMax) {
        row.kinds.push(kind);
        row.years.push(/^(19|20)\d\d$/.test(bytes.toString("latin1", start, Math.min(end, start + 5))));
      }
      if (read === 0) rows.firstText.push(bytes.toString("utf8", start, end));
      else rows.kinds[i] = widen(rows.kinds[i] ?? kinds.empty, kind);
    }
    if (read === 0) [rows.cells, rows.firstKinds] = [scanner.cells, row.kinds];
    if (read < rowsForHeaderMax) rows.first.push(row);
    read++;
  }
  for (let i = 0; i < rows.cells; i++) rows.kinds[i] ??= kinds.empty;
  return rows;
}

const rowsAboveMax = 20;
const rowsForWidthMax = 200;

/**
 * Titles, comments and blank lines above a table: lines of a single cell, where the table has several. At least two
 * rows of the table must be seen, so that a short file is never taken for a title.
 */
function linesAbove(sample: Buffer, delimiter: string, whole: boolean): { bytes: number; lines: number; titles: number } {
  const bytes = Buffer.from(sample);
  const scanner = new RecordScanner(delimiter.charCodeAt(0), 1);
  const above = { bytes: 0, lines: 0, titles: 0 };
  const widths: number[] = [];
  let isAbove = true;
  for (let at = 0; at < bytes.length && widths.length < rowsForWidthMax; ) {
    const next = scanner.scan({ bytes, from: at, end: bytes.length, final: whole });
    if (next === unfinished) break;
    const isSingle = scanner.cells === 1;
    const isBlank = scanner.isBlank;
    at = next;
    if (isAbove && isSingle && above.titles < rowsAboveMax) {
      if (!isBlank) above.titles++;
      above.bytes = at;
      above.lines += scanner.lines;
      continue;
    }
    isAbove = false;
    if (!isBlank) widths.push(scanner.cells);
  }
  const usual = mostFrequent(widths);
  const isTable = usual > 1 && widths.filter((width) => width === usual).length >= 2 && widths[0] === usual;
  return isTable && above.titles > 0 ? above : { bytes: 0, lines: 0, titles: 0 };
}

/** A comma stands before the decimals where some cells can only be read so, and none can only be read otherwise. */
function decimalIn(sample: Buffer, delimiter: string, whole: boolean): number {
  const bytes = Buffer.from(sample);
  const scanner = new RecordScanner(delimiter.charCodeAt(0), cellsForDecimalMax);
  let commas = 0;
  for (let at = 0; at < bytes.length; ) {
    const next = scanner.scan({ bytes, from: at, end: bytes.length, final: whole });
    if (next === unfinished) break;
    for (let i = 0; i < Math.min(scanner.cells, cellsForDecimalMax); i++) {
      const [start, end] = [scanner.starts[i]!, scanner.ends[i]!];
      if (end - start < 3 || end - start > 30) continue;
      const found = decimalOf(bytes.toString("latin1", start, end));
      if (found === ".") return decimalPoint;
      if (found === ",") commas++;
    }
    at = next;
  }
  return commas > 0 ? decimalComma : decimalPoint;
}

function delimiterOf(sample: Buffer, whole: boolean, preferred: string | undefined): string {
  let best = preferred ?? ",";
  let bestScore = 0;
  for (const delimiter of candidates) {
    const score = scoreOf(sample, delimiter, whole) * (delimiter === preferred ? 1.2 : 1);
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}

/** How well a delimiter divides the sample: rows of the same width as the first, and of more than one cell. */
function scoreOf(sample: Buffer, delimiter: string, whole: boolean): number {
  const bytes = Buffer.from(sample);
  const scanner = new RecordScanner(delimiter.charCodeAt(0), 1);
  const widths: number[] = [];
  for (let at = 0; at < bytes.length && widths.length < rowsForDelimiterMax; ) {
    let next = scanner.scan({ bytes, from: at, end: bytes.length, final: whole });
    if (next === unfinished && widths.length === 0) next = scanner.scan({ bytes, from: at, end: bytes.length, final: true });
    if (next === unfinished) break;
    // A cell that is not kept has no bounds: an empty line shows in its length.
    if (scanner.cells > 1 || next - at > scanner.lines + 1 || (bytes[at] !== 10 && bytes[at] !== 13)) widths.push(scanner.cells);
    at = next;
  }
  const width = widths[0] ?? 1;
  const usual = mostFrequent(widths);
  if (usual === 1 && width === 1) return 0;
  const like = widths.filter((each) => each === usual).length / Math.max(1, widths.length);
  return like * like * (width === usual ? 1 : 0.4) * Math.log2(1 + Math.max(usual, 1));
}

function mostFrequent(numbers: number[]): number {
  const counts = new Map<number, number>();
  let best = 1;
  for (const number of numbers) {
    counts.set(number, (counts.get(number) ?? 0) + 1);
    if (counts.get(number)! > (counts.get(best) ?? 0)) best = number;
  }
  return best;
}

/**
 * A first row without numbers and dates is a header, as people's files mostly have one. With numbers
 * it is one only where they are years above columns of something else, as in "city,2024,2025".
 */
function hasHeader(rows: { kinds: number[]; years: boolean[] }[]): boolean {
  const first = rows[0];
  if (!first) return false;
  const looksLikeData = first.kinds.map((kind, i) => kind !== kinds.text && kind !== kinds.empty && !first.years[i]);
  if (looksLikeData.some(Boolean)) return false;
  if (first.kinds.every((kind) => kind === kinds.empty)) return false;
  if (!first.years.some(Boolean)) return true;
  if (rows.length < 2 || !first.kinds.includes(kinds.text)) return false;
  return rows.slice(1).every((row) => first.years.some((year, i) => year && !row.years[i]));
}

import { RecordScanner, unfinished } from "./records.ts";
import { kindOf, kinds, widen } from "./types.ts";

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
  /** Bytes before the first row: a `sep=` line as Excel writes it. */
  skippedBytes: number;
}

const candidates = [",", "\t", ";", "|"];
const rowsForDelimiterMax = 200;
const rowsForHeaderMax = 50;

/**
 * Finds the dialect from the beginning of a text. `whole`: the sample is all there is.
 * `preferred`: the delimiter that the file's name or type suggests, taken where several fit.
 */
export function dialectOf(options: { sample: Buffer; whole: boolean; preferred: string | undefined; columnsMax: number }): Dialect {
  const { whole, preferred, columnsMax } = options;
  const separator = /^sep=([,;|\t])(?:\r\n|\n|\r)/i.exec(options.sample.toString("latin1", 0, 16));
  const skippedBytes = separator ? separator[0].length : 0;
  // The scanner makes doubled quotation marks single in place, so it gets a copy.
  const sample = options.sample.subarray(skippedBytes);
  const delimiter = separator?.[1] ?? delimiterOf(sample, whole, preferred);
  const rows = readRows(sample, { delimiter, whole, cellsMax: columnsMax + 1, rowsMax: Number.POSITIVE_INFINITY });
  const columns = rows.cells;
  const header = hasHeader(rows.first);
  const found: number[] = Array.from({ length: Math.min(columns, columnsMax) }, () => kinds.empty);
  for (let i = 0; i < found.length; i++) {
    found[i] = rows.kinds[i]!;
    if (!header) found[i] = widen(found[i]!, rows.firstKinds[i]!);
  }
  return { delimiter, header, firstRow: rows.firstText, columns, kinds: found, skippedBytes };
}

interface Rows {
  cells: number;
  first: { kinds: number[]; years: boolean[] }[];
  firstText: string[];
  firstKinds: number[];
  /** Of all rows but the first. */
  kinds: number[];
}

function readRows(sample: Buffer, options: { delimiter: string; whole: boolean; cellsMax: number; rowsMax: number }): Rows {
  const { delimiter, whole, cellsMax, rowsMax } = options;
  const bytes = Buffer.from(sample);
  const scanner = new RecordScanner(delimiter.charCodeAt(0), cellsMax);
  const rows: Rows = { cells: 0, first: [], firstText: [], firstKinds: [], kinds: [] };
  let read = 0;
  for (let at = 0; at < bytes.length && read < rowsMax; ) {
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
      const kind = kindOf(bytes, start, end);
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

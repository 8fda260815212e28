import type { Merge, SheetRow } from "./sheetrows.ts";

/** Where in a sheet its table is, as far as the first rows tell. */
export interface Layout {
  /** The first row with data. */
  dataFrom: number;
  /** Rows with titles above the table. */
  above: number;
  /** The columns with a name or a value, from the left. */
  columns: number[];
  /** What the columns are called, by their place in the sheet. */
  labels: Map<number, string>;
  /** Columns whose names were joined from several rows. */
  joined: number;
}

const headerRowsMax = 4;
const yearMin = 1900;
const yearMax = 2100;
const between = " / ";
const cellOf = (row: number, column: number): number => row * 16_384 + column;

/** How many rows from the top are looked at. */
export const sampleRows = 200;

/** Finds the table's header in the first rows of a sheet, of which there is at least one. */
export function layoutOf(rows: readonly SheetRow[], merges: readonly Merge[]): Layout {
  const grid = rows.map((row) => new Map(row.columns.map((column, i) => [column, { value: row.values[i], isText: row.isText[i] === true }])));
  const places = new Map(rows.map(({ number }, at) => [number, at]));
  const byCell = new Map(merges.map((merge) => [cellOf(merge.top, merge.left), merge]));
  const columns = [...new Set(rows.flatMap((row) => row.columns))].toSorted((a, b) => a - b);
  const start = firstRowOf(rows, byCell);
  const header = isHeader(rows, start) ? headerRows({ rows, merges, start }) : 0;
  const headers = rows.slice(start, start + header).map((row) => spread(row, byCell));
  const labels = new Map<number, string>();
  let joined = 0;
  for (const column of columns) {
    const parts: string[] = [];
    for (const [at, texts] of headers.entries()) {
      const label = (texts.get(column) ?? labelBelow({ column, number: rows[start + at]!.number, merges, grid, places }) ?? "").trim();
      if (label !== "" && label !== parts.at(-1)) parts.push(label);
    }
    if (parts.length > 1) joined++;
    if (parts.length > 0) labels.set(column, parts.join(between));
  }
  const used = new Set([...labels.keys(), ...rows.slice(start + header).flatMap((row) => row.columns)]);
  const dataFrom = header > 0 ? rows[start + header - 1]!.number + 1 : rows[start]!.number;
  return { dataFrom, above: start, columns: columns.filter((column) => used.has(column)), labels, joined };
}

/** The texts of a row by column, those of merged cells in all of their columns. */
function spread(row: SheetRow, merges: Map<number, Merge>): Map<number, string> {
  const texts = new Map<number, string>();
  row.columns.forEach((column, i) => {
    const text = textOf(row.values[i]);
    texts.set(column, text);
    const right = merges.get(cellOf(row.number, column))?.right ?? column;
    // The next cell is none of it: merges that overlap are no Excel's.
    const end = Math.min(right, (row.columns[i + 1] ?? right + 1) - 1);
    for (let more = column + 1; more <= end; more++) texts.set(more, text);
  });
  return texts;
}

/** A cell merged over several rows names its column once: further down there is nothing of it. */
function labelBelow(options: { column: number; number: number; merges: readonly Merge[]; grid: Map<number, { value: unknown }>[]; places: Map<number, number> }): string | undefined {
  const { column, number, merges, grid, places } = options;
  const merge = merges.find((one) => one.top < number && one.bottom >= number && one.left <= column && one.right >= column);
  const at = merge ? places.get(merge.top) : undefined;
  return at === undefined ? undefined : textOf(grid[at]!.get(merge!.left)?.value);
}

/**
 * The first row that is wide enough for a table: a title, even one that is merged over the whole width, is one text alone.
 */
function firstRowOf(rows: readonly SheetRow[], merges: Map<number, Merge>): number {
  const width = Math.max(...rows.map((row) => row.columns.length));
  if (width < 2) return 0;
  const found = rows.findIndex((row) => row.columns.length >= 2 && spread(row, merges).size >= Math.max(2, width / 2));
  return Math.max(found, 0);
}

/** A header is text; or numbers that are the years of a table with a column each. */
function isHeader(rows: readonly SheetRow[], at: number): boolean {
  const row = rows[at]!;
  if (rows.length === 1) return row.isText.every(Boolean) && row.values.length > 1;
  const numbers = row.values.filter((_, i) => !row.isText[i]);
  if (numbers.length === 0) return true;
  if (numbers.length === row.values.length || row.isText[0] !== true) return false;
  const areYears = numbers.length > 1 && numbers.every((value, i) => typeof value === "number" && value >= yearMin && value <= yearMax && (i === 0 || value === (numbers[i - 1] as number) + 1));
  const areMoments = numbers.length > 1 && numbers.every((value) => typeof value === "string") && new Set(numbers).size === numbers.length && rows[at + 1]!.values.some((value) => typeof value === "number");
  return areYears || areMoments;
}

/** How many rows the header has: a cell merged over several columns is the heading of those in the next row. */
function headerRows({ rows, merges, start }: { rows: readonly SheetRow[]; merges: readonly Merge[]; start: number }): number {
  let count = 1;
  while (count < headerRowsMax && start + count < rows.length) {
    const { number } = rows[start + count - 1]!;
    const next = rows[start + count]!;
    const isHeading = merges.some(({ top, left, right }) => top === number && right > left);
    const goesOn = merges.some(({ top, bottom }) => top >= rows[start]!.number && top <= number && bottom >= next.number);
    if (!(isHeading || goesOn) || next.number !== number + 1 || !next.isText.every(Boolean)) break;
    count++;
  }
  return count;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value instanceof Uint8Array) return "";
  return String(value as string);
}

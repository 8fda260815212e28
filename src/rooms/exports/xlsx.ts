import { writeXlsxStream } from "hucre/xlsx";
import type { Reading } from "#src/rooms/queries/read.ts";
import type { Output } from "./output.ts";
import { base64Of, uniqueNames } from "./values.ts";

/** What one cell takes (https://support.microsoft.com/office/excel-specifications-and-limits). */
const cellCharactersMax = 32_767;
/** Excel keeps fifteen digits of a number. */
const wholeMax = 999_999_999_999_999n;
/** What columns look like is told by so many rows. */
const lookedAtRows = 1_000;
const widthMin = 8;
const widthMax = 60;

type Cell = string | number | null;
type DateKind = "date" | "moment";

/**
 * Rows as an Excel workbook: the names frozen above, texts as texts (a formula among them is none), dates as dates where a column
 * is declared so, and a further sheet wherever one is full. What Excel would round or cannot hold is written as text.
 */
export async function writeXlsx({ columns, batches }: Reading, output: Output, { title }: { title: string }): Promise<number> {
  const iterator = batches[Symbol.asyncIterator]();
  const first: unknown[][] = [];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    first.push(...next.value);
    if (first.length >= lookedAtRows) break;
  }
  const kinds = columns.map(({ declared }, at) => (declared !== null && /date|timestamp/i.test(declared) ? dateKindOf(first, at) : null));
  let rowCount = 0;
  async function* cells(): AsyncGenerator<Cell[]> {
    for (const row of first.splice(0)) yield cellsOf(row);
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) for (const row of next.value) yield cellsOf(row);
  }
  const cellsOf = (row: unknown[]): Cell[] => {
    rowCount++;
    return row.map((value, at) => cellOf(value, kinds[at] ?? null));
  };
  const heads = uniqueNames(columns.map(({ name }) => name)).map((name) => textCell(name === "" ? " " : name));
  const shapes = columns.map((_, at) => ({
    header: heads[at]!, width: widthOf([heads[at]!, ...first.slice(0, 200).map((row) => row[at])]),
    ...(kinds[at] === "date" ? { numFmt: "yyyy-mm-dd" } : kinds[at] === "moment" ? { numFmt: "yyyy-mm-dd hh:mm:ss" } : {}),
  }));
  const stream = writeXlsxStream(cells(), { name: sheetName(title), columns: shapes, freezePane: { rows: 1 } });
  for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) output.writeBytes(piece);
  return rowCount;
}

function cellOf(value: unknown, kind: DateKind | null): Cell {
  switch (typeof value) {
    case "string":
      return (kind === null ? null : serialOf(value)) ?? textCell(value);
    case "bigint":
      return value >= -wholeMax && value <= wholeMax ? Number(value) : String(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    default:
      return value === null ? null : textCell(base64Of(value as Uint8Array));
  }
}

const cut = " … (Excel: 32,767)";

/** What looks like one of Excel's escapes is escaped itself (ECMA-376 part 1, 22.9.2.19); what is no character of XML is escaped. */
function textCell(text: string): string {
  // Excel counts an escape as the one character that it stands for.
  const fitting = text.length <= cellCharactersMax ? text : text.slice(0, cellCharactersMax - cut.length).replace(/[\ud800-\udbff]$/, "") + cut;
  return fitting.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_").replace(/[\ufffe\uffff]/g, (letter) => `_x${letter.charCodeAt(0).toString(16).toUpperCase()}_`);
}

const moment = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d{1,3})?)?)?$/;
const dayMs = 86_400_000;
const epochMs = Date.UTC(1899, 11, 30);
/** Before that Excel counts a day that never was. */
const firstMs = Date.UTC(1900, 2, 1);

/** Days since the end of 1899, as Excel counts time; null for what is no date that it knows. */
export function serialOf(text: string): number | null {
  const [all, year, month, day, hours = "0", minutes = "0", seconds = "0", part = ""] = moment.exec(text) ?? [];
  // Years of two digits are others to JavaScript.
  if (all === undefined || Number(year) < 1900) return null;
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds), Number(`0${part}`) * 1_000);
  const isReal = Number(month) >= 1 && Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month)) && Number(month) <= 12 && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
  return isReal && at >= firstMs ? (at - epochMs) / dayMs : null;
}

const daysIn = (year: number, month: number): number => [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;

/** Whether the rows looked at have nothing but dates there: a number in such a column would be shown as one. */
function dateKindOf(rows: unknown[][], at: number): DateKind | null {
  let kind: DateKind | null = null;
  for (const row of rows) {
    const value = row[at];
    if (value === null) continue;
    if (typeof value !== "string") return null;
    if (serialOf(value) !== null) kind = value.length > 10 || kind === "moment" ? "moment" : "date";
  }
  return kind;
}

function widthOf(values: unknown[]): number {
  const widths = values.map((value) => (typeof value === "string" ? Array.from(value.slice(0, widthMax)).reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0) : typeof value === "bigint" ? String(value).length : 10));
  return Math.min(widthMax, Math.max(widthMin, ...widths) + 2);
}

/** As Excel takes it, with room for the numbers of further sheets. */
function sheetName(title: string): string {
  const name = title.replace(/[[\]:*?/\\\p{Cc}]/gu, "_").slice(0, 28).replace(/[\ud800-\udbff]$/, "").replace(/^'+|'+$/g, "_").trim();
  return name === "" || name.toLowerCase() === "history" ? "Data" : name;
}

/*
 * What people and their programs write where a database wants a number, a date or nothing: `1,234.50`, `1.234,50`,
 * `2026/1/5`, `NA`. Looked at only where the plain forms do not fit, so that it costs nothing in files without them.
 */

/** The byte that stands before the decimals in a file: its numbers are read one way or the other, never both. */
export const decimalPoint = 46;
export const decimalComma = 44;

const nullWords = new Set(["NA", "N/A", "n/a", "#N/A", "NULL", "null", "Null", "NaN", "nan", "None", "-", "－"]);
const nullWordBytesMax = 4;
const numberBytesMax = 30;
const digitsMax = 15;
const groupedByComma = /^-?(?:0|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?$/;
const groupedByPoint = /^-?(?:(?:0|[1-9]\d*),\d+|[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?)$/;
const slashed = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const japanese = /^(\d{4})年(\d{1,2})月(\d{1,2})日$/;
const momentBytesMax = 24;

const textOf = (bytes: Uint8Array, start: number, end: number): string => Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");

/** A word that says that there is no value. Only where numbers or dates stand: in a column of text it is text. */
export function isNullWord(bytes: Uint8Array, start: number, end: number): boolean {
  while (start < end && bytes[start] === 32) start++;
  while (start < end && bytes[end - 1] === 32) end--;
  return end > start && end - start <= nullWordBytesMax && nullWords.has(textOf(bytes, start, end));
}

/** A number with separators between its thousands, or with a decimal comma in a file that writes them so; else NaN. */
export function groupedOf(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  while (start < end && bytes[start] === 32) start++;
  while (start < end && bytes[end - 1] === 32) end--;
  if (end - start > numberBytesMax || end - start < 3) return Number.NaN;
  const text = textOf(bytes, start, end);
  if (!(decimal === decimalComma ? groupedByPoint : groupedByComma).test(text)) return Number.NaN;
  if (text.replace(/\D/g, "").replace(/^0+/, "").length > digitsMax) return Number.NaN;
  return Number(decimal === decimalComma ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", ""));
}

/** A date or a date with a time, year first, in the form that SQLite's functions take; null where it is none. */
export function momentOf(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > momentBytesMax || end - start < 8) return null;
  const text = textOf(bytes, start, end).trim();
  const parts = slashed.exec(text) ?? japanese.exec(text);
  if (!parts) return null;
  const [year, month, day, hours, minutes, seconds] = parts.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  // A day that does not exist comes out as another one.
  const date = new Date(Date.UTC(year!, month! - 1, day));
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day) return null;
  const iso = `${String(year).padStart(4, "0")}-${pad(month!)}-${pad(day!)}`;
  if (hours === undefined) return iso;
  if (hours > 23 || minutes! > 59 || (seconds ?? 0) > 59) return null;
  return `${iso} ${pad(hours)}:${pad(minutes!)}${seconds === undefined ? "" : `:${pad(seconds)}`}`;
}

const pad = (number: number): string => String(number).padStart(2, "0");

/** What a cell tells about the decimals of its file: "," or "." where it can be nothing else. */
export function decimalOf(cell: string): "," | "." | null {
  const text = cell.trim();
  // A group of three digits can be thousands; anything else behind the mark is decimals.
  if (/^-?(?:(?:0|[1-9]\d*),(?:\d{1,2}|\d{4,})|0,\d+|[1-9]\d{0,2}(?:\.\d{3})+,\d+)$/.test(text)) return ",";
  if (/^-?(?:(?:0|[1-9]\d*)\.(?:\d{1,2}|\d{4,})|0\.\d+|[1-9]\d{0,2}(?:,\d{3})+\.\d+)$/.test(text)) return ".";
  return null;
}

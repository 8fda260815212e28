import { decimalComma, decimalPoint, groupedOf, isNullWord, momentOf } from "./written.ts";

/** What the cells of a column have in common. The order is that of the table below. */
export const kinds = { empty: 0, integer: 1, real: 2, date: 3, datetime: 4, text: 5 } as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/**
 * The declared type of each kind. Dates keep their text and TEXT's comparison: with SQLite's plain
 * DATE, which compares as numbers do, `day < '2021'` would silently be false for every row.
 */
export const declaredTypes = ["TEXT", "INTEGER", "REAL", "DATE TEXT", "DATETIME TEXT", "TEXT"] as const;

// Integers of more digits are ids more often than amounts, and no longer safe in every client.
const digitsMax = 15;
const numberBytesMax = 40;

/** The kind that holds both. */
export function widen(a: number, b: number): number {
  if (a === b || b === kinds.empty) return a;
  if (a === kinds.empty) return b;
  if (a + b === kinds.integer + kinds.real) return kinds.real;
  if (a + b === kinds.date + kinds.datetime && a !== kinds.real && b !== kinds.real) return kinds.datetime;
  return kinds.text;
}

/**
 * Whether values stored as `from` would have to be stored differently as `to`. An integer is a valid way to store a
 * REAL; a date stands as its text, unless the column `wasAltered`.
 */
export function isRestored(from: number, to: number, wasAltered: boolean): boolean {
  return to !== from && to === kinds.text && (from === kinds.integer || from === kinds.real || wasAltered);
}

/** The kind of one cell, bytes `start` to `end` of `bytes`. Spaces before and after do not count; a word for nothing is empty. */
export function kindOf(bytes: Uint8Array, start: number, end: number, decimal: number = decimalPoint): number {
  while (start < end && bytes[start] === 32) start++;
  if (end <= start) return kinds.empty;
  const first = bytes[start]!;
  // Most text is told by its first byte: numbers and dates start with a digit, a sign or a point.
  if (first > 57 || (first < 48 && first !== 45 && first !== 46)) return isNullWord(bytes, start, end) ? kinds.empty : kinds.text;
  while (bytes[end - 1] === 32) end--;
  if (!Number.isNaN(integerOf(bytes, start, end))) return kinds.integer;
  if (decimal !== decimalComma && !Number.isNaN(realOf(bytes, start, end))) return kinds.real;
  if (isDate(bytes, start, end)) return kinds.date;
  if (isDatetime(bytes, start, end)) return kinds.datetime;
  const grouped = groupedOf(bytes, start, end, decimal);
  if (!Number.isNaN(grouped)) return Number.isInteger(grouped) ? kinds.integer : kinds.real;
  const moment = momentOf(bytes, start, end);
  if (moment) return moment.length === 10 ? kinds.date : kinds.datetime;
  return first === 45 && isNullWord(bytes, start, end) ? kinds.empty : kinds.text;
}

/** A canonical integer of up to 15 digits: no leading zeros, no plus sign, no "-0". NaN for everything else. */
export function integerOf(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && bytes[start] === 32) start++;
  while (start < end && bytes[end - 1] === 32) end--;
  let at = start;
  const negative = bytes[at] === 45;
  if (negative) at++;
  const digits = end - at;
  if (digits <= 0 || digits > digitsMax) return Number.NaN;
  if (bytes[at] === 48 && (digits > 1 || negative)) return Number.NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * A decimal number, or NaN. Leading zeros and plus signs make text; more than 15 digits are taken
 * only where the number, written again, is the same text.
 */
export function realOf(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && bytes[start] === 32) start++;
  while (start < end && bytes[end - 1] === 32) end--;
  let at = start;
  const negative = bytes[at] === 45;
  if (negative) at++;
  if (at >= end || end - start > numberBytesMax) return Number.NaN;
  if (bytes[at] === 48 && at + 1 < end && bytes[at + 1]! >= 48 && bytes[at + 1]! <= 57) return Number.NaN;
  let mantissa = 0;
  let digits = 0;
  let significant = 0;
  let decimals = 0;
  let point = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 46 && !point) {
      point = true;
      continue;
    }
    const digit = byte - 48;
    if (digit < 0 || digit > 9) break;
    digits++;
    if (point) decimals++;
    if (significant > 0 || digit > 0) significant++;
    if (significant <= digitsMax) mantissa = mantissa * 10 + digit;
  }
  // "5." and "." are no numbers; ".5" is.
  if (digits === 0 || (point && decimals === 0)) return Number.NaN;
  if (at < end && bytes[at] !== 69 && bytes[at] !== 101) return Number.NaN;
  if (at < end || significant > digitsMax || decimals > 22) return slowReal({ bytes, start, end, at, significant, point });
  const value = mantissa / powersOfTen[decimals]!;
  return negative ? -value : value;
}

function slowReal(options: { bytes: Uint8Array; start: number; end: number; at: number; significant: number; point: boolean }): number {
  const { bytes, start, end, at, significant, point } = options;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
  if (at < end) {
    // Only an exponent may follow, and only after a decimal point or with a sign: "12E5" is rather a product's code.
    const exponent = text.slice(at - start);
    if (!/^[eE][+-]?\d{1,3}$/.test(exponent) || !(point || /[+-]/.test(exponent))) return Number.NaN;
  } else if (!point) {
    return Number.NaN;
  }
  const value = Number(text);
  if (!Number.isFinite(value)) return Number.NaN;
  if (value === 0 && significant > 0) return Number.NaN;
  return significant <= digitsMax || String(value) === text ? value : Number.NaN;
}

/** 2026-11-24, a day that exists. */
export function isDate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 10 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return false;
  const century = pair(bytes, start);
  const years = pair(bytes, start + 2);
  const month = pair(bytes, start + 5);
  const day = pair(bytes, start + 8);
  if (century < 0 || years < 0 || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= daysOf(century * 100 + years, month);
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** 2026-11-24 09:30, with T or a space, seconds, decimals and Z or an offset where given. */
export function isDatetime(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 16 || end - start > 35) return false;
  const between = bytes[start + 10];
  if ((between !== 32 && between !== 84) || !isDate(bytes, start, start + 10)) return false;
  if (!isPair(bytes, start + 11, 23) || bytes[start + 13] !== 58 || !isPair(bytes, start + 14, 59)) return false;
  let at = start + 16;
  if (bytes[at] === 58 && at + 3 <= end) {
    if (!isPair(bytes, at + 1, 59)) return false;
    at += 3;
    if (bytes[at] === 46 && at < end) {
      const from = ++at;
      while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
      if (at === from) return false;
    }
  }
  if (at === end) return true;
  if (bytes[at] === 90) return at + 1 === end;
  if ((bytes[at] !== 43 && bytes[at] !== 45) || at + 6 !== end) return false;
  return isPair(bytes, at + 1, 14) && bytes[at + 3] === 58 && isPair(bytes, at + 4, 59);
}

/** Two digits as a number, negative where they are none. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

function isPair(bytes: Uint8Array, at: number, max: number): boolean {
  const value = pair(bytes, at);
  return value >= 0 && value <= max;
}

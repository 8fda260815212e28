import { levels, stepOf, within } from "./dialect.ts";
import type { Dialect } from "./dialect.ts";
import type { DateBin, DatePart } from "./question.ts";

/* DuckDB over the columnar copy, so that every answer is SQLite's. */

const real = (value: number): string => (/e/.test(String(value)) ? String(value) : `${value}e0`);

function bin(x: string, by: DateBin): string {
  if (by === "hour") return `date_trunc('hour', CAST(${x} AS TIMESTAMP))`;
  if (by === "weekday") return `isodow(${x})`;
  return by === "day" ? `CAST(${x} AS DATE)` : `CAST(date_trunc('${by}', ${x}) AS DATE)`;
}

const parts: Record<DatePart, string> = { year: "year", quarter: "quarter", month: "month", week: "weekofyear", day: "day", hour: "hour", minute: "minute", weekday: "isodow" };

function part(x: string, wanted: DatePart): string {
  return wanted === "hour" || wanted === "minute" ? `${parts[wanted]}(CAST(${x} AS TIMESTAMP))` : `${parts[wanted]}(${x})`;
}

export const duckdb: Dialect = {
  parameter: (name, type) => (type === "real" ? `CAST($${name} AS DOUBLE)` : `CAST($${name} AS VARCHAR)`),
  // Without an exponent it would be a decimal number, which calculates otherwise.
  real,
  integer: (value) => `${value}::BIGINT`,
  bin,
  part,
  periodStart(day, unit, moved) {
    const { by, unit: step } = stepOf(unit, moved);
    const start = unit === "day" ? `TRY_CAST(${day} AS DATE)` : `date_trunc('${unit}', TRY_CAST(${day} AS DATE))`;
    return `CAST(${start}${by === 0 ? "" : ` ${by > 0 ? "+" : "-"} INTERVAL ${Math.abs(by)} ${step.toUpperCase()}`} AS DATE)`;
  },
  // SQLite folds the case of these letters only.
  lower: (x) => `translate(${x}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`,
  contains: (x, text) => `contains(${x}, ${text})`,
  startsWith: (x, text) => `starts_with(${x}, ${text})`,
  divide: (x, y, { isNeverZero }) => ({ text: `${within(x, levels.product)} / ${isNeverZero ? within(y, levels.product + 1) : `nullif(${y.text}, 0)`}`, level: levels.product }),
  ascending: " NULLS FIRST",
  descending: " DESC NULLS LAST",
};

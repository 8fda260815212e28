import { levels, stepOf, within } from "./dialect.ts";
import type { Dialect } from "./dialect.ts";
import type { DateBin, DatePart, DateUnit } from "./question.ts";

/* SQLite's dates are texts, and its date functions make texts of them (https://sqlite.org/lang_datefunc.html). */

const quarterStart = (x: string): string => `'start of month', ((1 - strftime('%m', ${x})) % 3) || ' months'`;

/** The modifiers that lead from a moment to the start of its period. */
function startOf(x: string, unit: DateUnit): string {
  if (unit === "quarter") return quarterStart(x);
  // To the Sunday that ends the week, and back.
  if (unit === "week") return "'weekday 0', '-6 days'";
  return unit === "day" ? "" : `'start of ${unit}'`;
}

function bin(x: string, by: DateBin): string {
  if (by === "hour") return `strftime('%Y-%m-%d %H:00:00', ${x})`;
  if (by === "weekday") return `CAST(strftime('%u', ${x}) AS INTEGER)`;
  const start = startOf(x, by);
  return start === "" ? `date(${x})` : `date(${x}, ${start})`;
}

const partFormats: Record<Exclude<DatePart, "quarter">, string> = { year: "%Y", month: "%m", week: "%V", day: "%d", hour: "%H", minute: "%M", weekday: "%u" };

function part(x: string, wanted: DatePart): string {
  if (wanted === "quarter") return `((strftime('%m', ${x}) + 2) / 3)`;
  return `CAST(strftime('${partFormats[wanted]}', ${x}) AS INTEGER)`;
}

export const sqlite: Dialect = {
  parameter: (name) => `:${name}`,
  real: (value) => (/[.e]/.test(String(value)) ? String(value) : `${value}.0`),
  integer: String,
  bin,
  part,
  periodStart(day, unit, moved) {
    const { by, unit: step } = stepOf(unit, moved);
    const start = startOf(day, unit);
    const move = by === 0 ? "" : `'${by > 0 ? "+" : ""}${by} ${step}${Math.abs(by) === 1 ? "" : "s"}'`;
    return `date(${[day, start, move].filter((one) => one !== "").join(", ")})`;
  },
  lower: (x) => `lower(${x})`,
  contains: (x, text) => `instr(${x}, ${text}) > 0`,
  startsWith: (x, text) => `instr(${x}, ${text}) = 1`,
  // Whole numbers divide to whole numbers here; by zero, all give null.
  divide: (x, y, { isReal }) => ({ text: `${within(x, levels.product)}${isReal ? "" : " * 1.0"} / ${within(y, levels.product + 1)}`, level: levels.product }),
  ascending: "",
  descending: " DESC",
};

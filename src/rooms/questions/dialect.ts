import type { DateBin, DatePart, DateUnit, ValueType } from "./question.ts";
import type { Typed } from "./typed.ts";

/** How strongly a text of SQL holds together: inside a stronger one it stands in parentheses. */
export const levels = { or: 1, and: 2, not: 3, comparison: 4, concat: 5, negative: 6, sum: 7, product: 8, whole: 10 } as const;

export interface Written {
  text: string;
  level: number;
}

export const whole = (text: string): Written => ({ text, level: levels.whole });
export const within = ({ text, level }: Written, least: number): string => (level < least ? `(${text})` : text);

/** Why only SQLite can give the answer that SQLite gives. */
export interface Obstacle {
  /** The place in the question, as a JSON pointer. */
  pointer: string;
  en: string;
  ja: string;
}

/** How values stand in DuckDB; SQLite's values have no such types. */
export type Stored = "BIGINT" | "DOUBLE" | "VARCHAR" | "DATE" | "TIMESTAMP" | "BLOB" | "NULL";

/** What the two dialects write differently. `x` is SQL that holds together. */
export interface Dialect {
  parameter(name: string, type: ValueType): string;
  real(value: number): string;
  /** A whole number to calculate with. */
  integer(value: number): string;
  bin(x: string, bin: DateBin): string;
  part(x: string, part: DatePart): string;
  /** The first day of the period that `day` is in, moved by so many periods. */
  periodStart(day: string, unit: DateUnit, moved: number): string;
  contains(x: string, text: string): string;
  startsWith(x: string, text: string): string;
  lower(x: string): string;
  divide(x: Written, y: Written, of: { isReal: boolean; isNeverZero: boolean }): Written;
  ascending: string;
  descending: string;
}

/** Days and months to move the start of a period by. */
const steps: Record<DateUnit, [number, "day" | "month" | "year"]> = { year: [1, "year"], quarter: [3, "month"], month: [1, "month"], week: [7, "day"], day: [1, "day"] };
export const stepOf = (unit: DateUnit, moved: number): { by: number; unit: "day" | "month" | "year" } => ({ by: moved * steps[unit][0], unit: steps[unit][1] });

/** The columns that an expression reads. */
export function columnsOf(typed: Typed): (Typed & { node: "column" })[] {
  switch (typed.node) {
    case "column": return [typed];
    case "arithmetic":
    case "concat": return typed.of.flatMap(columnsOf);
    case "round":
    case "part": return columnsOf(typed.of);
    case "case": return [...typed.when.map((one) => one.value), ...(typed.else ? [typed.else] : [])].flatMap(columnsOf);
    default: return [];
  }
}

import { compile } from "../../../src/rooms/questions/compile.ts";
import { dateBins, dateUnits, Flaw } from "../../../src/rooms/questions/question.ts";
import type { AggregateKind, Bin, Comparison, Condition, DateUnit, Question, QuestionSchema } from "../../../src/rooms/questions/question.ts";
import { typeOf } from "../../../src/rooms/questions/scope.ts";
import type { TableBrief } from "../api/types.ts";

/** What somebody has chosen so far; what is not complete yet is left out of the question. */
export interface Draft {
  table: string;
  /** Of a list; none chosen is all of them. */
  columns: string[];
  filters: FilterDraft[];
  groups: { column: string; bin: string }[];
  figures: { kind: AggregateKind; column: string }[];
  sort: string;
  isDescending: boolean;
  limit: string;
}

export interface FilterDraft {
  column: string;
  is: Test;
  to: string;
  until: string;
  unit: DateUnit;
}

export type Kind = "number" | "text" | "date";
export const tests = {
  number: ["=", "!=", ">", ">=", "<", "<=", "empty", "not empty"],
  text: ["=", "!=", "contains", "not contains", "starts with", "empty", "not empty"],
  date: ["during", "last", "empty", "not empty"],
} as const;
export type Test = (typeof tests)[Kind][number];
export const units = dateUnits;
/** Widths are offered as numbers: "10" is a bin of that width, "count 20" so many bins. */
export const bins: Record<Kind, readonly string[]> = { number: ["", "count 10", "count 20", "1", "10", "100", "1000"], text: [""], date: ["", ...dateBins] };
export const figureKinds: AggregateKind[] = ["count", "sum", "average", "median", "min", "max", "count distinct", "share"];
/** These speak of the rows, or of numbers only. */
export const ofRows: readonly AggregateKind[] = ["count", "share"];
const ofNumbers: readonly AggregateKind[] = ["sum", "average", "median"];

export const emptyDraft = (table: string): Draft => ({ table, columns: [], filters: [], groups: [], figures: [], sort: "", isDescending: false, limit: "100" });

export function kindOf(column: { type: string }): Kind {
  const type = typeOf({ name: "", primaryKey: false, ...column });
  return type === "integer" || type === "real" ? "number" : type === "date" || type === "datetime" ? "date" : "text";
}

/** The columns that a figure can be of. */
export function columnsFor(kind: AggregateKind, table: TableBrief): string[] {
  return table.columns.filter((column) => !ofNumbers.includes(kind) || kindOf(column) === "number").map(({ name }) => name);
}

export function newFilter(table: TableBrief): FilterDraft {
  const column = table.columns[0]!;
  return { column: column.name, is: tests[kindOf(column)][0], to: "", until: "", unit: "month" };
}

function conditionOf({ column, is, to, until, unit }: FilterDraft, kind: Kind): Condition | null {
  const value = { column };
  switch (is) {
    case "empty":
    case "not empty": return { value, is };
    case "during": return to === "" || until === "" ? null : { value, is, from: to, to: until };
    case "last": return Number.isInteger(Number(to)) && Number(to) >= 1 ? { value, is, count: Number(to), unit } : null;
    case "contains":
    case "not contains":
    case "starts with": return to === "" ? null : { value, is, to };
    default: {
      const wanted = kind === "number" ? Number(to) : to;
      return to.trim() === "" || (typeof wanted === "number" && !Number.isFinite(wanted)) ? null : { value, is: is as Comparison, to: wanted };
    }
  }
}

function binOf(text: string): Bin | undefined {
  if (text === "") return undefined;
  if (text.startsWith("count ")) return { count: Number(text.slice(6)) };
  return Number(text) > 0 ? { width: Number(text) } : (text as Bin);
}

export function questionOf(draft: Draft, table: TableBrief): Question {
  const kinds = new Map(table.columns.map((column) => [column.name, kindOf(column)]));
  const conditions = draft.filters.flatMap((filter) => conditionOf(filter, kinds.get(filter.column) ?? "text") ?? []);
  const isList = draft.groups.length === 0 && draft.figures.length === 0;
  const limit = Number(draft.limit);
  return {
    schema: 1,
    from: table.name,
    ...(conditions.length > 0 ? { filter: { and: conditions } } : {}),
    ...(draft.groups.length > 0 ? { groups: draft.groups.map(({ column, bin }) => ({ value: { column }, ...(binOf(bin) === undefined ? {} : { bin: binOf(bin)! }) })) } : {}),
    ...(draft.figures.length > 0 ? { aggregates: draft.figures.map(({ kind, column }) => ({ kind, ...(ofRows.includes(kind) ? {} : { of: { column } }) })) } : {}),
    ...(isList && draft.columns.length > 0 ? { columns: draft.columns.map((column) => ({ value: { column } })) } : {}),
    ...(draft.sort === "" ? {} : { sort: [{ by: draft.sort, ...(draft.isDescending ? { direction: "descending" as const } : {}) }] }),
    ...(Number.isInteger(limit) && limit >= 1 ? { limit } : {}),
  };
}

export interface Written {
  question: Question;
  sql: string;
  /** By which it can be sorted. */
  columns: string[];
}

/** The SQL of what is chosen, or why there is none. A sort by a column that is no longer shown is left out. */
export function write(draft: Draft, table: TableBrief): Written | Flaw {
  const schema: QuestionSchema = { tables: [{ name: table.name, columns: table.columns.map(({ name, type }) => ({ name, type, primaryKey: false })) }] };
  try {
    const unsorted = compile(questionOf({ ...draft, sort: "" }, table), schema, "sqlite");
    const columns = unsorted.columns.map(({ name }) => name);
    const question = questionOf({ ...draft, sort: columns.includes(draft.sort) ? draft.sort : "" }, table);
    return { question, sql: compile(question, schema, "sqlite").sql, columns };
  } catch (error) {
    if (error instanceof Flaw) return error;
    throw error;
  }
}

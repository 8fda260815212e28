/*
 * A question without SQL, as JSON. The files that read, check and write it depend on nothing: the web app uses them too.
 * The published JSON schema is made in schema.ts; read.ts holds a value to it and says where it does not fit.
 */

export type Scalar = string | number | boolean;

export const dateUnits = ["year", "quarter", "month", "week", "day"] as const;
export type DateUnit = (typeof dateUnits)[number];
export const dateBins = [...dateUnits, "hour", "weekday"] as const;
export type DateBin = (typeof dateBins)[number];
export const dateParts = ["year", "quarter", "month", "week", "day", "hour", "minute", "weekday"] as const;
export type DatePart = (typeof dateParts)[number];
export const arithmetics = ["+", "-", "*", "/"] as const;
export type Arithmetic = (typeof arithmetics)[number];
export const comparisons = ["=", "!=", "<", "<=", ">", ">="] as const;
export type Comparison = (typeof comparisons)[number];
export const textTests = ["contains", "not contains", "starts with"] as const;
export type TextTest = (typeof textTests)[number];
export const aggregateKinds = ["count", "count distinct", "sum", "average", "min", "max", "median", "share"] as const;
export type AggregateKind = (typeof aggregateKinds)[number];
export const parameterTypes = ["number", "text", "date"] as const;
export type ParameterType = (typeof parameterTypes)[number];

export type Expression =
  | { column: string; table?: string }
  | { calculated: string }
  | { value: Scalar | null }
  | { parameter: string; type?: ParameterType }
  | { op: Arithmetic | "concat"; of: Expression[] }
  | { op: "round"; of: Expression; digits?: number }
  | { op: "part"; part: DatePart; of: Expression }
  | { op: "case"; when: { if: Condition; value: Expression }[]; else?: Expression };

/** What a value is compared to: a scalar by itself, or an expression. */
export type Operand = Scalar | Expression;

export type Condition =
  | { and: Condition[] }
  | { or: Condition[] }
  | { not: Condition }
  | { value: Expression; is: Comparison; to: Operand; optional?: boolean }
  | { value: Expression; is: TextTest; to: Operand; optional?: boolean }
  | { value: Expression; is: "between"; from: Operand; to: Operand }
  | { value: Expression; is: "in" | "not in"; to: Scalar[] | { parameter: string } }
  | { value: Expression; is: "empty" | "not empty" }
  /** Whole days, both included. */
  | { value: Expression; is: "during"; from: Operand; to: Operand }
  /** The period that the asked-for day is in and those before it, `count` together; with `complete` only those that have ended. */
  | { value: Expression; is: "last"; count: number; unit: DateUnit; day?: string; complete?: boolean };

export type Bin = DateBin | { width: number } | { count: number };

export interface Join {
  table: string;
  /** Another name for it in this question; needed where a table stands twice. */
  as?: string;
  /** "left" keeps rows that have no partner. */
  kind?: "left" | "inner";
  /** Pairs of columns that are equal; along a foreign key of the schema without it. */
  on?: { left: { column: string; table?: string }; right: string }[];
  /** Whoever asks knows that the join repeats rows, and wants it. */
  multiplies?: boolean;
}

export interface Named {
  value: Expression;
  name?: string;
}

export interface Group extends Named {
  bin?: Bin;
}

export interface Aggregate {
  kind: AggregateKind;
  /** Of each row; without it, "count" and "share" speak of the rows themselves. */
  of?: Expression;
  name?: string;
}

export interface Question {
  schema: 1;
  from: string;
  joins?: Join[];
  /** Columns of one's own, each of which may use those before it. */
  calculated?: { name: string; value: Expression }[];
  filter?: Condition;
  groups?: Group[];
  aggregates?: Aggregate[];
  /** What a list shows: only where nothing is grouped or aggregated. All columns of `from` without it. */
  columns?: Named[];
  /** By names of the answer's columns. */
  sort?: { by: string; direction?: "ascending" | "descending" }[];
  limit?: number;
}

export const questionLimits = {
  joinsMax: 10,
  calculatedMax: 50,
  groupsMax: 10,
  aggregatesMax: 50,
  columnsMax: 2_000,
  sortMax: 10,
  listMax: 1_000,
  conditionsMax: 100,
  operandsMax: 20,
  /** Of expressions and conditions within each other. */
  depthMax: 30,
  /** Of all expressions, where each calculated column counts again wherever it is used. */
  expressionsMax: 5_000,
  nameCharactersMax: 500,
  textCharactersMax: 5_000,
  binsMax: 1_000,
  periodsMax: 10_000,
  rowsMax: 1_000_000,
};

/** The parameter that gives the day that was asked for. */
export const dayParameter = "today";

/** Why a question is refused: the place in its JSON, and what to do, in both languages. */
export class Flaw extends Error {
  readonly pointer: string;
  readonly en: string;
  readonly ja: string;

  constructor(pointer: string, en: string, ja: string) {
    super(`${pointer || "/"}: ${en}`);
    this.name = "Flaw";
    this.pointer = pointer;
    this.en = en;
    this.ja = ja;
  }
}

/** The tables that a question may speak of: what `databases.describe` tells of a version. */
export interface QuestionSchema {
  tables: SchemaTable[];
}

export interface SchemaTable {
  name: string;
  columns: SchemaColumn[];
  indexes?: { unique: boolean; partial?: boolean; columns: (string | null)[] }[];
  foreignKeys?: { columns: string[]; table: string; references: (string | null)[] }[];
  error?: string;
}

export interface SchemaColumn {
  name: string;
  /** As declared. */
  type: string;
  primaryKey: boolean;
  /** How the columnar copy holds it; without it, DuckDB is not offered. */
  columnar?: { type: string; unclean: string | null };
}

/** Dates are texts in SQLite; `any` is a column of which nothing is declared. */
export type ValueType = "integer" | "real" | "text" | "date" | "datetime" | "any";

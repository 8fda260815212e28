import type { AggregateKind, Arithmetic, Bin, Comparison, DatePart, DateUnit, ParameterType, SchemaColumn, TextTest, ValueType } from "./question.ts";
import type { Scope } from "./scope.ts";

/*
 * A question after it was held to the schema: names are found, types known, calculated columns put in their places. What is
 * written of it is SQL; nothing in it can be wrong any more.
 */

export type Typed = { type: ValueType; at: string } & (
  | { node: "column"; alias: string; column: SchemaColumn }
  | { node: "literal"; value: string | number | null }
  | { node: "parameter"; name: string }
  | { node: "arithmetic"; op: Arithmetic; of: Typed[] }
  | { node: "concat"; of: Typed[] }
  | { node: "round"; of: Typed; digits: number }
  | { node: "part"; part: DatePart; of: Typed }
  | { node: "case"; when: { if: Test; value: Typed }[]; else: Typed | null }
);

export type Test = { at: string } & (
  | { node: "and" | "or"; of: Test[] }
  | { node: "not"; of: Test }
  | { node: "compare"; is: Comparison; of: Typed; to: Typed; optional: string | null }
  | { node: "text"; is: TextTest; of: Typed; to: Typed; optional: string | null }
  | { node: "between"; of: Typed; from: Typed; to: Typed }
  | { node: "in"; isNot: boolean; of: Typed; to: (string | number)[] | { parameter: string } }
  | { node: "empty"; isNot: boolean; of: Typed }
  | { node: "during"; of: Typed; from: Typed; to: Typed }
  | { node: "last"; of: Typed; count: number; unit: DateUnit; day: string; complete: boolean }
);

export interface TypedGroup {
  value: Typed;
  bin: Bin | null;
  name: string;
  type: ValueType;
}

export interface TypedAggregate {
  kind: AggregateKind;
  of: Typed | null;
  name: string;
  type: ValueType;
  at: string;
}

export interface QuestionParameter {
  name: string;
  type: ParameterType | "list";
  /** Without a value, the condition that uses it does not count. */
  optional: boolean;
}

export interface TypedQuestion {
  scope: Scope;
  filter: Test | null;
  groups: TypedGroup[];
  aggregates: TypedAggregate[];
  /** Empty where something is grouped or aggregated. */
  columns: { value: Typed; name: string }[];
  sort: { by: string; descending: boolean }[];
  limit: number | null;
  parameters: QuestionParameter[];
}

export const isNumber = (type: ValueType): boolean => type === "integer" || type === "real";
export const isTemporal = (type: ValueType): boolean => type === "date" || type === "datetime";
export const isText = (type: ValueType): boolean => type === "text" || isTemporal(type);

/** Two types whose values can be compared with each other. */
export const fits = (a: ValueType, b: ValueType): boolean => a === "any" || b === "any" || isNumber(a) === isNumber(b);

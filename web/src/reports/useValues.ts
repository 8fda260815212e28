import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { readValues } from "#src/rooms/reports/values.ts";
import type { Option, Value } from "#src/rooms/reports/values.ts";
import { answerData } from "../api/data.ts";
import type { QueryAnswer } from "../api/types.ts";
import { parametersOf } from "../queries/sql.ts";
import type { ReportParameter } from "./definition.ts";

export type { Option, Value };

const choicesMax = 1_000;

export interface ReportValues {
  values: Record<string, Value>;
  choices: ReadonlyMap<string, readonly Option[]>;
  invalid: string[];
}

/** The parameters' values from the texts that a reader gave, and the choices that there are. */
export function useValues(parameters: ReportParameter[], given: Record<string, string | undefined>): ReportValues {
  const asked = parameters.flatMap(({ name, type, options }) => (type === "choice" && options && !Array.isArray(options) ? [{ name, ...options }] : []));
  const answers = useQueries({
    queries: asked.map(({ database, sql }) => answerData(database, { sql, rowsMax: choicesMax })),
    combine: (results) => results.map((result) => result.data),
  });
  return useMemo(() => {
    const choices = new Map<string, Option[]>();
    for (const { name, type, options } of parameters) {
      if (type === "choice" && Array.isArray(options)) choices.set(name, options.map(({ value, label }) => ({ value, label: label ?? String(value ?? "") })));
    }
    asked.forEach(({ name }, i) => { if (answers[i]) choices.set(name, optionsOf(answers[i])); });
    return { ...readValues(parameters, given, choices), choices };
    // `asked` follows from the parameters.
  }, [parameters, given, answers]);
}

const optionsOf = ({ rows }: QueryAnswer): Option[] =>
  rows.map(([value, label]) => ({ value: typeof value === "object" ? null : (value ?? null), label: String((typeof label === "object" ? null : label) ?? value ?? "") }));

/** Of the report's values those that the SQL names: a query refuses what it does not know. */
export function givenTo(sql: string, values: Record<string, Value>): Record<string, Value> | undefined {
  const names = parametersOf(sql).filter((name) => Object.hasOwn(values, name));
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

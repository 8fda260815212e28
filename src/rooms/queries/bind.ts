import type { SQLInputValue } from "node:sqlite";

import { Problem } from "#src/base/problems/problem.ts";
import { placeOf } from "./sql.ts";
import type { SqlParameter } from "./sql.ts";

export interface BoundValues {
  /** By the name as written in the SQL. */
  named: Record<string, SQLInputValue>;
  /** For each `?`, in order. */
  positional: SQLInputValue[];
}

const none: BoundValues = { named: {}, positional: [] };

/**
 * Gives each parameter of the SQL its value. Values are given under the bare name; one value serves
 * `:city`, `@city` and `$city`. Throws QUERY_PARAMETER_MISSING, _UNKNOWN or _INVALID.
 */
export function bindValues(parameters: SqlParameter[], given: Record<string, unknown> = {}, sql = ""): BoundValues {
  const names = Object.keys(given);
  if (parameters.length === 0 && names.length === 0) return none;
  const bound: BoundValues = { named: {}, positional: [] };
  for (const { written, name, at } of parameters) {
    if (!Object.hasOwn(given, name)) {
      throw new Problem("QUERY_PARAMETER_MISSING", { values: { parameter: written === "?" ? `?${name}` : written }, ...placeOf(sql, at) });
    }
    const value = sqliteValue(name, given[name]);
    if (written === "?") bound.positional.push(value);
    else bound.named[written] = value;
  }
  const unknown = names.find((name) => !parameters.some((parameter) => parameter.name === name));
  if (unknown !== undefined) throw new Problem("QUERY_PARAMETER_UNKNOWN", { values: { parameter: unknown.slice(0, 200) } });
  return bound;
}

function sqliteValue(name: string, value: unknown): SQLInputValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  // A JavaScript number is bound as REAL; a whole one must arrive as INTEGER, or text columns compare '5.0'.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  const base64 = (value as { base64?: unknown } | undefined)?.base64;
  if (typeof base64 === "string") return Buffer.from(base64, "base64");
  throw new Problem("QUERY_PARAMETER_INVALID", { values: { parameter: name.slice(0, 200) } });
}

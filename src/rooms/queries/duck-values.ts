import {
  DuckDBBlobValue, DuckDBDecimalValue, DuckDBTypeId, JsonDuckDBValueConverter,
} from "@duckdb/node-api";
import type { DuckDBPreparedStatement, DuckDBResult, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { Problem } from "#src/base/problems/problem.ts";

const numbers = new Set<DuckDBTypeId>([
  DuckDBTypeId.BOOLEAN, DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT, DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT, DuckDBTypeId.USMALLINT, DuckDBTypeId.UINTEGER, DuckDBTypeId.UBIGINT, DuckDBTypeId.UHUGEINT, DuckDBTypeId.BIGNUM,
]);
const fractions = new Set<DuckDBTypeId>([DuckDBTypeId.FLOAT, DuckDBTypeId.DOUBLE, DuckDBTypeId.DECIMAL]);
const nested = new Set<DuckDBTypeId>([DuckDBTypeId.LIST, DuckDBTypeId.ARRAY, DuckDBTypeId.STRUCT, DuckDBTypeId.MAP, DuckDBTypeId.UNION, DuckDBTypeId.VARIANT]);

/** The columns of an answer in SQLite's words. */
export function shownTypes(result: DuckDBResult): { name: string; declared: string }[] {
  return Array.from({ length: result.columnCount }, (_, at) => ({ name: result.columnName(at), declared: shownType(result.columnTypeId(at)) }));
}

function shownType(id: DuckDBTypeId): string {
  if (numbers.has(id)) return "INTEGER";
  if (fractions.has(id)) return "REAL";
  if (id === DuckDBTypeId.DATE) return "DATE TEXT";
  if (id === DuckDBTypeId.TIMESTAMP) return "DATETIME TEXT";
  return id === DuckDBTypeId.BLOB ? "BLOB" : "TEXT";
}

/** A value as SQLite would give it: truth as 1 and 0, dates and times as text, what has parts as JSON. */
export function toRow(value: DuckDBValue, type: DuckDBType): unknown {
  switch (typeof value) {
    case "number":
      // SQLite has no such number: its arithmetic gives null.
      return Number.isNaN(value) ? null : value;
    case "string":
    case "bigint":
      return value;
    case "boolean":
      return value ? 1 : 0;
  }
  if (value === null) return null;
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (nested.has(type.typeId)) return JSON.stringify(JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter));
  return String(value);
}

/** Throws QUERY_PARAMETER_MISSING, _UNKNOWN or _INVALID. */
export function bindParameters(statement: DuckDBPreparedStatement, given: Record<string, unknown>): void {
  const names = new Set<string>();
  for (let at = 1; at <= statement.parameterCount; at += 1) {
    const name = statement.parameterName(at);
    names.add(name);
    if (!Object.hasOwn(given, name)) throw new Problem("QUERY_PARAMETER_MISSING", { values: { parameter: `$${name}`.slice(0, 200) } });
    bindOne(statement, { at, name, value: given[name] });
  }
  const unknown = Object.keys(given).find((name) => !names.has(name));
  if (unknown !== undefined) throw new Problem("QUERY_PARAMETER_UNKNOWN", { values: { parameter: unknown.slice(0, 200) } });
}

function bindOne(statement: DuckDBPreparedStatement, { at, name, value }: { at: number; name: string; value: unknown }): void {
  if (value === null) return statement.bindNull(at);
  if (typeof value === "string") return statement.bindVarchar(at, value);
  if (typeof value === "boolean") return statement.bindBoolean(at, value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? statement.bindBigInt(at, BigInt(value)) : statement.bindDouble(at, value);
  const base64 = (value as { base64?: unknown } | undefined)?.base64;
  if (typeof base64 === "string") return statement.bindBlob(at, Buffer.from(base64, "base64"));
  throw new Problem("QUERY_PARAMETER_INVALID", { values: { parameter: name.slice(0, 200) } });
}

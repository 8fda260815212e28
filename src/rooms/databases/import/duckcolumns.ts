import { DuckDBDecimalType, DuckDBTypeId } from "@duckdb/node-api";
import type { DuckDBType } from "@duckdb/node-api";
import type { Layout } from "./duckcells.ts";

/** How a column is asked for, so that few kinds of values come out. */
export interface DuckColumn {
  select: string;
  layout: Layout;
  type?: string;
  /** A decimal that a double may not hold: how large its values may be for that. */
  exactBelow?: string;
  isZoned?: true;
  isNested?: true;
}

const doubleDigits = 15;
const longDigits = 18;

/** `place` is the column's number in its table, 1-based: names may be anything. */
export function columnOf(type: DuckDBType, place: number): DuckColumn {
  const column = `#${place}`;
  const text = { select: `CAST(${column} AS VARCHAR)`, layout: "text" } as const;
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { select: column, layout: "boolean", type: "BOOLEAN" };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return { select: `CAST(${column} AS INTEGER)`, layout: "int32", type: "INTEGER" };
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
      return { select: `CAST(${column} AS BIGINT)`, layout: "int64", type: "INTEGER" };
    case DuckDBTypeId.UBIGINT:
      // Those beyond 63 bits make the column text.
      return { select: column, layout: "uint64", type: "INTEGER" };
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { select: `CAST(${column} AS DOUBLE)`, layout: "double", type: "REAL" };
    case DuckDBTypeId.DECIMAL:
      return decimalOf(type as DuckDBDecimalType, column);
    case DuckDBTypeId.DATE:
      return { ...text, type: "DATE TEXT" };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return { ...text, type: "DATETIME TEXT" };
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { select: `CAST(${column} AT TIME ZONE 'UTC' AS VARCHAR)`, layout: "text", type: "DATETIME TEXT", isZoned: true };
    case DuckDBTypeId.BLOB:
      return { select: column, layout: "blob", type: "BLOB" };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.VARIANT:
      return { select: `CAST(to_json(${column}) AS VARCHAR)`, layout: "json", type: "TEXT", isNested: true };
    default:
      return text;
  }
}

/** Digits are never lost: what neither a whole number nor a double holds is text, as it is written. */
function decimalOf({ width, scale }: DuckDBDecimalType, column: string): DuckColumn {
  if (scale === 0 && width <= longDigits) return { select: `CAST(${column} AS BIGINT)`, layout: "int64", type: "INTEGER" };
  const isWhole = scale === 0;
  const number: DuckColumn = isWhole ? { select: `CAST(${column} AS BIGINT)`, layout: "int64", type: "INTEGER" } : { select: `CAST(CAST(${column} AS VARCHAR) AS DOUBLE)`, layout: "double", type: "REAL" };
  if (width <= doubleDigits) return { select: `CAST(${column} AS DOUBLE)`, layout: "double", type: "REAL" };
  const digits = isWhole ? longDigits : doubleDigits;
  return { ...number, exactBelow: scale > digits ? `0.${"0".repeat(scale - digits - 1)}1` : `1${"0".repeat(digits - scale)}` };
}

/** A decimal column as it is written, all its digits. */
export function writtenDecimal(place: number): DuckColumn {
  return { select: `CAST(#${place} AS VARCHAR)`, layout: "text", type: "TEXT" };
}

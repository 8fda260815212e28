import type { DatabaseSync } from "node:sqlite";
import type { ColumnarType, Unclean } from "./schema.ts";

/** A column with what was found in it. */
export interface TypedColumn {
  name: string;
  type: ColumnarType;
  unclean: Unclean | null;
}

export interface Declared {
  name: string;
  type: string;
  /** Its texts are compared in another way than byte by byte. */
  isCollated: boolean;
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const safe = 2n ** 53n - 1n;
/** Texts that SQLite's own functions would write in the same way: what stands in the copy as a date can be shown as it was. */
const dateShape = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]";
// Not the hour 24, which SQLite leaves as it is.
const timestampShapes = ["[01][0-9]", "2[0-3]"].map((hour) => `${dateShape} ${hour}:[0-9][0-9]:[0-9][0-9]`);

interface Found {
  values: bigint;
  least: string | null;
  most: string | null;
  low: unknown;
  high: unknown;
  dates: bigint;
  timestamps: bigint;
}

/**
 * The type of each column by what is really stored, with the declared type as a hint: a column is what all of its values are.
 * Reads the table once. `table` is quoted.
 */
export function typeColumns(database: DatabaseSync, table: string, columns: Declared[]): { rows: number; columns: TypedColumn[] } {
  const parts = columns.flatMap(({ name, type }, at) => {
    const column = quoteName(name);
    const some = `FILTER (WHERE ${column} IS NOT NULL)`;
    const isDated = /DATE|TIME/i.test(type);
    const count = (shapes: string[], written: string): string => {
      const hasShape = shapes.map((shape) => `${column} GLOB '${shape}'`).join(" OR ");
      return isDated ? `sum((${hasShape}) AND ${written} IS ${column} AND ${column} >= '0001')` : "0";
    };
    return [
      `count(${column}) AS values_${at}`, `min(typeof(${column})) ${some} AS least_${at}`, `max(typeof(${column})) ${some} AS most_${at}`,
      // Of texts and bytes these could be large, and nothing is asked of them.
      `min(CASE WHEN typeof(${column}) IN ('integer', 'real') THEN ${column} END) AS low_${at}`, `max(CASE WHEN typeof(${column}) IN ('integer', 'real') THEN ${column} END) AS high_${at}`,
      `${count([dateShape], `date(${column})`)} AS dates_${at}`, `${count(timestampShapes, `datetime(${column})`)} AS timestamps_${at}`,
    ];
  });
  const rows = { count: 0n };
  const found: Found[] = [];
  // SQLite has a limit on the columns of a result.
  for (let from = 0; from === 0 || from < columns.length; from += columnsAtOnce) {
    const some = parts.slice(from * partsEach, (from + columnsAtOnce) * partsEach);
    const statement = database.prepare(`SELECT count(*) AS total${some.map((part) => `, ${part}`).join("")} FROM ${table}`);
    statement.setReadBigInts(true);
    const row = statement.get() as Record<string, never>;
    rows.count = row["total"] as unknown as bigint;
    for (let at = from; at < Math.min(columns.length, from + columnsAtOnce); at += 1) {
      found.push({
        values: row[`values_${at}`]!, least: row[`least_${at}`] ?? null, most: row[`most_${at}`] ?? null, low: row[`low_${at}`], high: row[`high_${at}`],
        dates: row[`dates_${at}`] ?? 0n, timestamps: row[`timestamps_${at}`] ?? 0n,
      } as Found);
    }
  }
  return { rows: Number(rows.count), columns: columns.map((column, at) => typeOf(column, found[at]!, rows.count)) };
}

const partsEach = 7;
const columnsAtOnce = 200;

function typeOf({ name, type: declared, isCollated }: Declared, found: Found, rows: bigint): TypedColumn {
  const { least, most } = found;
  // Nothing is stored: what is declared tells what would be.
  if (least === null) return { name, type: emptyType(declared), unclean: null };
  if (least === "integer" && most === "integer") return { name, type: "BIGINT", unclean: rangeOf(found, rows) };
  if (least === "real" && most === "real") return { name, type: "DOUBLE", unclean: null };
  if (least === "blob" && most === "blob") return { name, type: "BLOB", unclean: null };
  if (least === "text" && most === "text") {
    const type = found.dates === found.values ? "DATE" : found.timestamps === found.values ? "TIMESTAMP" : "VARCHAR";
    return { name, type, unclean: isCollated ? "collation" : null };
  }
  // Whole numbers among fractions are fractions without loss, but divide and show differently.
  if (least === "integer" && most === "real" && rangeOf(found, 1n) === null) return { name, type: "DOUBLE", unclean: "mixed" };
  return { name, type: "VARCHAR", unclean: "mixed" };
}

/** SQLite's sums of whole numbers end with an error at 2^63, and its averages are exact up to 2^53 only. */
function rangeOf({ low, high }: Found, rows: bigint): "range" | null {
  const size = (value: unknown): bigint => (typeof value === "bigint" ? (value < 0n ? -value : value) : BigInt(Math.ceil(Math.min(2 ** 63, Math.abs(Number(value))))));
  const largest = size(low) > size(high) ? size(low) : size(high);
  return largest * rows > safe ? "range" : null;
}

function emptyType(declared: string): ColumnarType {
  if (/INT/i.test(declared)) return "BIGINT";
  if (/REAL|FLOA|DOUB/i.test(declared)) return "DOUBLE";
  return "VARCHAR";
}

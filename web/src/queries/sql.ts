import { readStatement } from "#src/rooms/queries/sql.ts";
import type { Engine } from "../api/types.ts";

/** A name in double quotes, as SQLite reads it whatever it holds. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name as it is written in SQL: quoted only where it must be. */
export function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoted(name);
}

/** Of either engine. */
const reserved = new Set(
  "add all alter analyse analyze and anti any array as asc asof asymmetric at authorization autoincrement between binary both by case cast check collate collation column columns commit concurrently constraint create cross default deferrable delete desc describe distinct do drop else end escape except exists false fetch for foreign freeze from full glob group having if ilike in index initially inner insert intersect into is isnull join lambda lateral leading left like limit map natural not notnull null offset on only or order outer overlaps pivot placing positional primary qualify references returning right select semi set show similar some struct summarize symmetric table tablesample then to trailing transaction true union unique unpivot update using values variadic verbose when where window with".split(" "),
);

/** The names of the parameters that the SQL uses, in their order. */
export function parametersOf(sql: string, engine: Engine = "sqlite"): string[] {
  const { parameters } = readStatement(sql);
  // A colon is something else for DuckDB.
  return [...new Set(parameters.filter(({ written }) => engine === "sqlite" || /^[$?]/.test(written)).map((parameter) => parameter.name))];
}

/** What a person wrote as a value: a number if it is one, null where nothing stands. */
export function valueOf(text: string, asText: boolean): string | number | null {
  if (asText) return text;
  if (text.trim() === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) && !/^[+-]?0\d/.test(text.trim()) && Number.isFinite(Number(text)) && String(Number(text)).length < 16 ? Number(text) : text;
}

import { readStatement } from "#src/rooms/queries/sql.ts";

/** A name in double quotes, as SQLite reads it whatever it holds. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name as it is written in SQL: quoted only where it must be. */
export function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoted(name);
}

const reserved = new Set(
  "add all alter and as autoincrement between case check collate commit constraint create default deferrable delete distinct drop else escape except exists foreign from group having if in index insert intersect into is isnull join limit not notnull null on or order primary references select set table then to transaction union unique update using values when where".split(" "),
);

/** The names of the parameters that the SQL uses, in their order. */
export function parametersOf(sql: string): string[] {
  return [...new Set(readStatement(sql).parameters.map((parameter) => parameter.name))];
}

/** What a person wrote as a value: a number if it is one, null where nothing stands. */
export function valueOf(text: string, asText: boolean): string | number | null {
  if (asText) return text;
  if (text.trim() === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) && !/^[+-]?0\d/.test(text.trim()) && Number.isFinite(Number(text)) && String(Number(text)).length < 16 ? Number(text) : text;
}

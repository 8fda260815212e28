/** Names are the same for SQLite whatever the case of their ASCII letters. */
export const fold = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

// What SQLite (https://sqlite.org/lang_keywords.html) or DuckDB (duckdb_keywords()) reads as something else than a name.
const words = new Set(
  `abort action add after all alter always analyse analyze and anti any array as asc asof asymmetric at attach authorization autoincrement before begin between both by
  cascade binary case cast check collate collation column commit concurrently conflict constraint create cross current current_date current_time current_timestamp database default
  deferrable deferred delete desc describe detach distinct do drop each else end escape except exclude exclusive exists explain fail false fetch filter
  first following for foreign freeze from full generated glob grant group groups having if ignore ilike immediate in index indexed initially inner insert instead
  intersect into is isnull join key lambda last lateral leading left like limit map match materialized natural no not nothing notnull null nulls of offset on only
  or order others outer over overlaps partition pivot pivot_longer pivot_wider placing plan positional pragma preceding primary qualify query raise range recursive
  references regexp reindex release rename replace restrict returning right rollback row rows savepoint select semi set show similar some summarize symmetric
  table tablesample temp temporary then ties to trailing transaction trigger true try_cast unbounded union unique unpack unpivot update using vacuum values variadic verbose view virtual
  when where window with within without struct interval extract overlay position substring trim coalesce nullif greatest least between bigint bit boolean char character
  date dec decimal float int integer nchar numeric real smallint time timestamp varchar xmlelement`.split(/\s+/),
);

/** A name as SQL writes it: in quotes only where it needs some. */
export function writeName(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !words.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL writes it. The reader has refused what no SQL text can hold. */
export const writeText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

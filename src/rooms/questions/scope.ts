import { fold } from "./names.ts";
import { Flaw } from "./question.ts";
import type { Join, Question, QuestionSchema, SchemaColumn, SchemaTable, ValueType } from "./question.ts";

/** A table as it stands in one question. */
export interface ScopeTable {
  /** What its columns are qualified with. */
  alias: string;
  table: SchemaTable;
}

export interface ScopeJoin extends ScopeTable {
  kind: "left" | "inner";
  on: { left: ScopeColumn; right: SchemaColumn }[];
  /** Several of its rows may fit one row of those before it. */
  repeats: boolean;
  isMeant: boolean;
}

export interface ScopeColumn {
  alias: string;
  column: SchemaColumn;
}

export interface Scope {
  from: ScopeTable;
  joins: ScopeJoin[];
}

const listed = (names: string[]): string => (names.length > 20 ? `${names.slice(0, 20).join(", ")}, …` : names.join(", "));

/** Finds the tables and the keys that join them. Throws a Flaw. */
export function scopeOf(question: Question, schema: QuestionSchema): Scope {
  const from = { alias: "", table: findTable(schema, question.from, "/from") };
  from.alias = from.table.name;
  const scope: Scope = { from, joins: [] };
  question.joins?.forEach((join, i) => scope.joins.push(joined(scope, join, { schema, at: `/joins/${i}` })));
  return scope;
}

function findTable(schema: QuestionSchema, name: string, at: string): SchemaTable {
  const table = schema.tables.find((one) => fold(one.name) === fold(name));
  if (!table) {
    const names = listed(schema.tables.map((one) => one.name));
    throw new Flaw(at, `the database has no table ${name}; it has ${names}`, `テーブル ${name} はありません（あるテーブル: ${names}）`);
  }
  if (table.error !== undefined) throw new Flaw(at, `the table ${name} cannot be read: ${table.error}`, `テーブル ${name} は読み取れません: ${table.error}`);
  return table;
}

function columnOf(table: SchemaTable, name: string): SchemaColumn | undefined {
  return table.columns.find((one) => fold(one.name) === fold(name));
}

function noColumn(table: SchemaTable, name: string, at: string): Flaw {
  const names = listed(table.columns.map((one) => one.name));
  return new Flaw(at, `the table ${table.name} has no column ${name}; it has ${names}`, `テーブル ${table.name} に列 ${name} はありません（ある列: ${names}）`);
}

/** A column by its name and, where several tables have one of that name, its table. Throws a Flaw. */
export function findColumn(scope: Scope, { column, table }: { column: string; table?: string | undefined }, at: string): ScopeColumn {
  const tables: ScopeTable[] = [scope.from, ...scope.joins];
  if (table !== undefined) {
    const named = tables.find((one) => fold(one.alias) === fold(table));
    const names = tables.map((one) => one.alias).join(", ");
    if (!named) throw new Flaw(`${at}/table`, `the question has no table ${table}; it has ${names}. Join it first`, `この質問にテーブル ${table} はありません（ある表: ${names}）。先に結合してください`);
    const found = columnOf(named.table, column);
    if (!found) throw noColumn(named.table, column, `${at}/column`);
    return { alias: named.alias, column: found };
  }
  const found = tables.flatMap((one) => {
    const fitting = columnOf(one.table, column);
    return fitting ? [{ alias: one.alias, column: fitting }] : [];
  });
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const names = found.map((one) => one.alias).join(", ");
    throw new Flaw(`${at}/column`, `several tables have a column ${column}: ${names}. Say which with "table"`, `列 ${column} は複数のテーブル（${names}）にあります。"table" で指定してください`);
  }
  if (tables.length === 1) throw noColumn(scope.from.table, column, `${at}/column`);
  const names = tables.map((one) => one.alias).join(", ");
  throw new Flaw(`${at}/column`, `none of the tables ${names} has a column ${column}`, `テーブル ${names} のどれにも列 ${column} はありません`);
}

function joined(scope: Scope, join: Join, { schema, at }: { schema: QuestionSchema; at: string }): ScopeJoin {
  const table = findTable(schema, join.table, `${at}/table`);
  const alias = join.as ?? table.name;
  if ([scope.from, ...scope.joins].some((one) => fold(one.alias) === fold(alias))) {
    throw new Flaw(`${at}/as`, `the name ${alias} stands for another table already; give this one a name with "as"`, `名前 ${alias} は別のテーブルが使っています。"as" で別の名前を付けてください`);
  }
  const on = join.on ? join.on.map((pair, i) => {
    const place = `${at}/on/${i}`;
    const left = findColumn(scope, pair.left, `${place}/left`);
    const right = columnOf(table, pair.right);
    if (!right) throw noColumn(table, pair.right, `${place}/right`);
    holdPair(left, { alias, column: right }, place);
    return { left, right };
  }) : keyBetween(scope, table, at);
  const repeats = !isUnique(table, on.map(({ right }) => right.name));
  return { alias, table, kind: join.kind ?? "left", on, repeats, isMeant: join.multiplies === true };
}

function holdPair(left: ScopeColumn, right: ScopeColumn, at: string): void {
  const [a, b] = [typeOf(left.column), typeOf(right.column)];
  const isNumber = (type: ValueType): boolean => type === "integer" || type === "real";
  if (a === "any" || b === "any" || isNumber(a) === isNumber(b)) return;
  throw new Flaw(at, `${left.alias}.${left.column.name} is ${a} and ${right.alias}.${right.column.name} is ${b}: they are never equal`,
    `${left.alias}.${left.column.name}（${a}）と ${right.alias}.${right.column.name}（${b}）は型が違うため、一致しません`);
}

/** The one foreign key between the tables so far and this one, in either direction. */
function keyBetween(scope: Scope, table: SchemaTable, at: string): ScopeJoin["on"] {
  const ways: ScopeJoin["on"][] = [];
  for (const one of [scope.from, ...scope.joins]) {
    for (const pairs of keysTo(one.table, table)) ways.push(pairs.map(([left, right]) => ({ left: { alias: one.alias, column: left }, right })));
    if (one.table === table) continue;
    for (const pairs of keysTo(table, one.table)) ways.push(pairs.map(([right, left]) => ({ left: { alias: one.alias, column: left }, right })));
  }
  if (ways.length === 1) return ways[0]!;
  const said = ways.map((pairs) => pairs.map(({ left, right }) => `${left.alias}.${left.column.name} = ${right.name}`).join(" + ")).join("; ");
  if (ways.length > 1) throw new Flaw(at, `several keys lead to ${table.name} (${said}): say which columns are equal with "on"`, `${table.name} へのキーが複数あります（${said}）。"on" で等しい列を指定してください`);
  throw new Flaw(at, `no foreign key leads to ${table.name}: say which columns are equal with "on"`, `${table.name} への外部キーがありません。"on" で等しい列を指定してください`);
}

function keysTo(from: SchemaTable, to: SchemaTable): [SchemaColumn, SchemaColumn][][] {
  return (from.foreignKeys ?? []).filter((key) => fold(key.table) === fold(to.name)).flatMap((key) => {
    const primary = to.columns.filter((column) => column.primaryKey);
    // A key that names no columns means the primary key; in which order a longer one stands is not told.
    if (key.references.includes(null) && (key.columns.length !== 1 || primary.length !== 1)) return [];
    const pairs = key.columns.map((name, i) => {
      const reference = key.references[i];
      return [columnOf(from, name), reference == null ? primary[0] : columnOf(to, reference)] as const;
    });
    return pairs.every((pair): pair is readonly [SchemaColumn, SchemaColumn] => pair[0] !== undefined && pair[1] !== undefined) ? [pairs.map(([a, b]): [SchemaColumn, SchemaColumn] => [a, b])] : [];
  });
}

function isUnique(table: SchemaTable, columns: string[]): boolean {
  const given = new Set(columns.map(fold));
  const covers = (names: (string | null)[]): boolean => names.length > 0 && names.every((name) => name !== null && given.has(fold(name)));
  return covers(table.columns.filter((column) => column.primaryKey).map((column) => column.name)) ||
    (table.indexes ?? []).some((index) => index.unique && !index.partial && covers(index.columns));
}

/** What a column's declared type says of its values (https://sqlite.org/datatype3.html). */
export function typeOf({ type }: SchemaColumn): ValueType {
  if (/DATETIME|TIMESTAMP/i.test(type)) return "datetime";
  if (/\bDATE\b/i.test(type)) return "date";
  if (/INT|BOOL/i.test(type)) return "integer";
  if (/CHAR|CLOB|TEXT|JSON|UUID/i.test(type)) return "text";
  if (/REAL|FLOA|DOUB|NUM|DEC|MONEY/i.test(type)) return "real";
  return "any";
}

import type { DatabaseSync } from "node:sqlite";
import { asDamage, damaged } from "./damage.ts";
import { quoteName } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome } from "./run.ts";

interface Entry {
  type: unknown;
  name: unknown;
  tbl_name: unknown;
  rootpage: unknown;
  sql: unknown;
}

// Those that keep their data in the file. The others read other files, or SQLite's own pages.
const shadows: Record<string, string[]> = {
  fts3: ["content", "segments", "segdir", "docsize", "stat"],
  fts4: ["content", "segments", "segdir", "docsize", "stat"],
  fts5: ["data", "idx", "content", "docsize", "config"],
  rtree: ["node", "rowid", "parent"],
  rtree_i32: ["node", "rowid", "parent"],
  geopoly: ["node", "rowid", "parent"],
};
const entriesMax = 50_000;
const schemaBytesMax = 64 * 1024 ** 2;
const virtualTable = /^\s*create\s+virtual\s+table\b[\s\S]*?\busing\s+["'`[]?(\w+)/i;

/**
 * Holds the entries of `sqlite_schema` to what SQLite itself writes there: whatever was put in with
 * `writable_schema` stops here. Views and triggers are let be: nothing here runs them.
 */
export function checkSchema(database: DatabaseSync, limits: ImportLimits): void {
  const { count, bytes } = database.prepare("SELECT count(*) AS count, coalesce(sum(length(sql)), 0) AS bytes FROM sqlite_schema").get() as { count: number; bytes: number };
  if (count > entriesMax || bytes > schemaBytesMax) throw refuse("FILE_TABLES_TOO_MANY", { tables: count, tablesMax: limits.tablesMax });
  const roots = new Set<number>([1]);
  const names = new Set<string>();
  let tables = 0;
  for (const entry of database.prepare("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema").iterate() as Iterable<object>) {
    const checked = checkEntry(entry as Entry);
    const key = checked.type === "trigger" ? `trigger ${checked.name}` : checked.name.toLowerCase();
    if (names.has(key)) throw damaged(`the schema has ${checked.name} twice`);
    names.add(key);
    if (checked.root > 0) {
      if (roots.has(checked.root)) throw damaged(`${checked.type} ${checked.name} shares its pages with another`);
      roots.add(checked.root);
    }
    if (checked.type === "table" && !checked.name.startsWith("sqlite_")) tables++;
  }
  if (tables > limits.tablesMax) throw refuse("FILE_TABLES_TOO_MANY", { tables, tablesMax: limits.tablesMax });
}

function checkEntry(entry: Entry): { type: string; name: string; root: number } {
  const { type, name, tbl_name: table, rootpage, sql } = entry;
  if (typeof type !== "string" || typeof name !== "string" || typeof table !== "string" || name === "") throw damaged("an entry of the schema has no name or type");
  if (!["table", "index", "view", "trigger"].includes(type)) throw damaged(`the schema has an entry of type ${type.slice(0, 40)}`);
  const root = rootpage === null ? 0 : Number(rootpage);
  if (!Number.isSafeInteger(root) || root < 0) throw damaged(`${type} ${name} has no root page`);
  if (sql === null && type === "index") return { type, name, root };
  if (typeof sql !== "string" || !new RegExp(`^\\s*create\\s+(temp\\s+|temporary\\s+|unique\\s+|virtual\\s+)?${type}\\b`, "i").test(sql)) {
    throw damaged(`the definition of ${type} ${name} is not one`);
  }
  const module = type === "table" ? virtualTable.exec(sql)?.[1] : undefined;
  const isStored = (type === "table" && module === undefined) || type === "index";
  if (isStored !== root > 0) throw damaged(`${type} ${name} has ${root > 0 ? "a root page and must have none" : "no root page"}`);
  if (module !== undefined && !(module.toLowerCase() in shadows)) {
    throw refuse("FILE_SCHEMA_REFUSED", { object: name, reason: `virtual tables of the module ${module} are not read here` });
  }
  return { type, name, root };
}

/** The tables that hold a person's data, in the order of the file, with their rows counted where `counts` does not know them. */
export function describeTables(database: DatabaseSync, limits: ImportLimits, counts?: ReadonlyMap<string, number>): ImportOutcome["tables"] {
  const entries = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid").all() as { name: string; sql: string }[];
  const hidden = new Set<string>();
  for (const { name, sql } of entries) {
    const module = virtualTable.exec(sql)?.[1]?.toLowerCase();
    for (const suffix of module ? (shadows[module] ?? []) : []) hidden.add(`${name}_${suffix}`.toLowerCase());
  }
  return entries.filter(({ name }) => !hidden.has(name.toLowerCase())).map(({ name, sql }) => describeTable(database, { name, isVirtual: virtualTable.test(sql), columnsMax: limits.columnsMax, rows: counts?.get(name) }));
}

function describeTable(database: DatabaseSync, options: { name: string; isVirtual: boolean; columnsMax: number; rows: number | undefined }): ImportOutcome["tables"][number] {
  const { name, isVirtual, columnsMax } = options;
  try {
    const all = database.prepare("SELECT name, type, hidden FROM pragma_table_xinfo(?)").all(name) as { name: string; type: string; hidden: number }[];
    const columns = all.filter((column) => column.hidden !== 1).map((column) => ({ name: column.name, type: column.type }));
    if (columns.length > columnsMax) throw refuse("FILE_COLUMNS_TOO_MANY", { columns: columns.length, columnsMax });
    if (options.rows !== undefined) return { name, rows: options.rows, columns };
    const { count } = database.prepare(`SELECT count(*) AS count FROM ${quoteName(name)}`).get() as { count: number };
    return { name, rows: count, columns };
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SQLITE_ERROR") throw error;
    if (!isVirtual) throw asDamage(error);
    throw refuse("FILE_SCHEMA_REFUSED", { object: name, reason: (error as Error).message.slice(0, 500) }, error);
  }
}

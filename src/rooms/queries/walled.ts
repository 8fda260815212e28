import { closeSync, openSync, readSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import { foldName } from "#src/access/rows.ts";
import type { RowAccess } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { compileCondition } from "./condition.ts";
import { connectionOptions, pragmas } from "./open.ts";
import { nameOf, tokenize } from "./sql.ts";
import type { ReadStatement } from "./sql.ts";

/*
 * A database file behind rules on its rows. The connection's main database is empty; the file is attached under a name that
 * nobody knows, and beside it stand temporary views with the names of its tables, which SQLite finds first. So the words that
 * a person can write never mean a table with hidden rows (docs/decisions/0016-rows.md).
 */

export interface Walled {
  database: DatabaseSync;
  /** The name under which the file is attached. */
  secret: string;
  /** The file's tables and views. */
  entries: Entry[];
  /** What in a query's text is refused, or undefined. */
  refusal(sql: string, read: ReadStatement): string | undefined;
  /** Whether the authorizer may let this be read. */
  allows(read: Read): boolean;
  /** The name to tell for something that was not allowed. */
  nameFor(table: string, accessor: string | null): string;
}

interface Read {
  table: string;
  schema: string | null;
  /** The innermost view that reads; anyone can call a common table expression by the same name. */
  accessor: string | null;
}

export interface Entry {
  name: string;
  kind: "ordinary" | "view" | "closed";
  sql: string;
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Opens a file as the reader of `rows` may see it, without an authorizer yet. Throws ROWS_RULES_UNFIT when a rule does not
 * fit the file: then nothing of it is shown, rather than too much.
 */
export function openWalled(file: string, rows: RowAccess, main = ":memory:"): Walled {
  const database = new DatabaseSync(main, { ...connectionOptions, defensive: false, limits: { ...connectionOptions.limits, attach: 1 } });
  const secret = `k${randomBytes(20).toString("hex")}`;
  try {
    for (const pragma of [...pragmas, `encoding='${encodingOf(file)}'`]) database.exec(`PRAGMA ${pragma}`);
    attach(database, file, secret);
    const entries = listEntries(database, secret);
    hideClosed(database, secret, entries);
    hideRows(database, secret, entries, rows);
    copyViews(database, secret, entries);
    database.exec("PRAGMA query_only=1");
    const restricted = new Set(Object.keys(rows.tables).map(foldName));
    const closed = new Set(entries.filter((entry) => entry.kind === "closed").map((entry) => foldName(entry.name)));
    return {
      database, secret, entries,
      refusal: (sql, read) => refusal(sql, read, secret),
      allows: (read) => allows(read, { secret, restricted, closed }),
      nameFor: (table, accessor) => (table.startsWith(secret) ? (accessor ?? "") : table),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function attach(database: DatabaseSync, file: string, secret: string): void {
  const url = pathToFileURL(file);
  url.search = "?immutable=1&mode=ro";
  // A view that says main.table is an error in an attached file, and would close all of it: so while the schema is read, what cannot
  // be understood is passed over. It stays out of the schema, and what shows it again are the views below.
  database.exec("PRAGMA writable_schema=ON");
  database.prepare(`ATTACH ? AS ${secret}`).run(url.href);
  database.prepare(`SELECT 1 FROM ${secret}.sqlite_schema LIMIT 1`).all();
  database.exec("PRAGMA writable_schema=OFF");
  database.enableDefensive(true);
  database.limits.attach = 0;
  database.exec(`PRAGMA ${secret}.cache_size=-4000`);
}

/** Attached databases must have one encoding: the file's, from its header (https://sqlite.org/fileformat.html, offset 56). */
function encodingOf(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const header = Buffer.alloc(60);
    readSync(descriptor, header, 0, 60, 0);
    return { 2: "UTF-16le", 3: "UTF-16be" }[header.readUInt32BE(56)] ?? "UTF-8";
  } finally {
    closeSync(descriptor);
  }
}

function listEntries(database: DatabaseSync, secret: string): Entry[] {
  const rows = database
    .prepare(`SELECT name, type, coalesce(sql, '') AS sql, rootpage FROM ${secret}.sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`)
    .all()
    .map((row) => ({ name: String(row["name"]), type: String(row["type"]), sql: String(row["sql"]), isVirtual: row["rootpage"] === 0 && row["type"] === "table" }));
  const virtual = rows.filter((row) => row.isVirtual).map((row) => `${foldName(row.name)}_`);
  return rows.map(({ name, type, sql, isVirtual }): Entry => {
    if (type === "view") return { name, kind: "view", sql };
    // A full-text index tells of rows that the rules hide, and so do the tables that it is made of.
    const isClosed = isVirtual || virtual.some((start) => foldName(name).startsWith(start));
    return { name, kind: isClosed ? "closed" : "ordinary", sql };
  });
}

function hideClosed(database: DatabaseSync, secret: string, entries: Entry[]): void {
  // Never read: the authorizer refuses it by name.
  database.exec(`CREATE TEMP TABLE ${secret}closed (shut)`);
  for (const { name, kind } of entries) {
    if (kind === "closed") database.exec(`CREATE TEMP VIEW ${quoteName(name)} AS SELECT shut FROM temp.${secret}closed`);
  }
}

function hideRows(database: DatabaseSync, secret: string, entries: Entry[], { tables, person }: RowAccess): void {
  const places = { person: `temp.${secret}person`, groups: `temp.${secret}groups` };
  database.exec(`CREATE TEMP TABLE ${secret}person (user_id, user_email); CREATE TEMP TABLE ${secret}groups (name)`);
  database.prepare(`INSERT INTO ${places.person} VALUES (?, ?)`).run(person.id, person.email);
  const insert = database.prepare(`INSERT INTO ${places.groups} VALUES (?)`);
  for (const group of person.groups) insert.run(group);
  for (const [table, conditions] of Object.entries(tables)) {
    const entry = entries.find((one) => foldName(one.name) === foldName(table));
    if (entry?.kind !== "ordinary") throw unfit(table, new Error(entry === undefined ? `there is no table ${table}` : `${table} is no ordinary table`), secret);
    try {
      const holds = conditions.map((condition) => `(${compileCondition(condition, places)})`).join(" OR ") || "0";
      // OFFSET keeps SQLite from moving a query's own conditions to where they would meet the hidden rows
      // (https://sqlite.org/optoverview.html, subquery flattening and push-down): an error they raise would tell of those.
      database.exec(`CREATE TEMP VIEW ${quoteName(entry.name)} AS SELECT * FROM ${secret}.${quoteName(entry.name)} WHERE ${holds} LIMIT -1 OFFSET 0`);
    } catch (cause) {
      throw unfit(table, cause as Error, secret);
    }
  }
  // Only when all stand: a condition may ask another table, as its reader sees it.
  for (const table of Object.keys(tables)) {
    try {
      database.prepare(`SELECT * FROM temp.${quoteName(table)}`);
    } catch (cause) {
      throw unfit(table, cause as Error, secret);
    }
  }
}

/** `reason` is for who makes the rules, and no part of the answer. */
function unfit(table: string, cause: Error, secret: string): Problem {
  return new Problem("ROWS_RULES_UNFIT", { values: { table, reason: cause.message.replaceAll(`temp.${secret}`, ":").replaceAll(`${secret}.`, "").slice(0, 500) }, cause });
}

/** The file's own views, made again where their words mean the views above: they too show only what the reader may see. */
function copyViews(database: DatabaseSync, secret: string, entries: Entry[]): void {
  for (const { name, kind, sql } of entries) {
    if (kind !== "view") continue;
    const body = bodyOf(sql);
    try {
      if (body === null || innerTable.test(body)) throw new Error("it asks what no view may, or cannot be read");
      database.prepare(`CREATE TEMP VIEW ${quoteName(name)} ${body}`).run();
    } catch {
      // What cannot be copied must not be found under its name in the file.
      database.exec(`CREATE TEMP VIEW ${quoteName(name)} AS SELECT shut FROM temp.${secret}closed`);
    }
  }
}

/** What follows the name in CREATE VIEW name. */
function bodyOf(sql: string): string | null {
  const tokens = tokenize(sql);
  let at = tokens.findIndex((token) => token.kind === "word" && token.text.toUpperCase() === "VIEW") + 1;
  if (at === 0) return null;
  const words = tokens.slice(at, at + 3).map((token) => token.text.toUpperCase());
  if (words.join(" ") === "IF NOT EXISTS") at += 3;
  const name = tokens[at];
  return name === undefined || nameOf(name) === "" ? null : sql.slice(name.at + name.text.length);
}

interface Names {
  secret: string;
  restricted: ReadonlySet<string>;
  closed: ReadonlySet<string>;
}

// SQLite's own tables: statistics with samples of hidden rows, counters, the walls themselves. No view can have such a name,
// and the authorizer is not asked about a column that only USING or NATURAL JOIN compare. A name stands in the text, or is not meant.
const innerTable = /sqlite_(?!schema\b|master\b)\w*/i;

function refusal(sql: string, { verb }: ReadStatement, secret: string): string | undefined {
  // Plans tell of statistics and of how the walls are built.
  if (verb === "EXPLAIN") return verb;
  return innerTable.exec(sql)?.[0] ?? (foldName(sql).includes(secret) ? "a name of Kliv's own" : undefined);
}

function allows(read: Read, { secret, restricted, closed }: Names): boolean {
  const table = foldName(read.table);
  const schema = read.schema === null ? null : foldName(read.schema);
  if (table === `${secret}closed`) return false;
  if (table.startsWith(secret)) return read.accessor !== null;
  if (table.startsWith("sqlite_") && schema === "temp") return false;
  if (schema !== secret) return true;
  if (closed.has(table) || table.startsWith("sqlite_")) return false;
  return !restricted.has(table) || (read.accessor !== null && foldName(read.accessor) === table);
}

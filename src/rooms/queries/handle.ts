import { DatabaseSync, constants } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import type { ReadStatement } from "./sql.ts";

/*
 * An open database file inside the child. The file is hostile until proven otherwise, and so is the
 * SQL: the file is opened read-only and immutable, and an authorizer lets only reading pass.
 */

/** What the authorizer refused, in words for the message. */
export interface Denial {
  what: string;
  /** The statement would write, attach or set something, rather than read something forbidden. */
  writes: boolean;
}

export interface Prepared {
  statement: StatementSync;
  columns: { name: string; declared: string | null }[];
  read: ReadStatement;
  /** Whole numbers are read as BigInt: slower, but one of them did not fit a JavaScript number. */
  bigInts: boolean;
  /** Two runs may give different rows: it asks for chance or for the present moment. */
  volatile: boolean;
  /** It uses time functions: with a parameter `now` it is volatile too. */
  asksTime: boolean;
}

/** One value may have so many bytes. */
const valueBytesMax = 64 * 1024 * 1024;
/** More than the characters that a query may have, each of them up to three bytes. */
const sqlBytesMax = 4 * 1024 * 1024;
const statementsMax = 64;
const statementCharactersMax = 20_000;
const virtualTablesMax = 256;

const pragmas = ["trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=1", "temp_store=2", "cache_size=-4000"];

/** Tables of SQLite's own that tell of other queries, of the file's raw pages or of settings. */
const deniedTables = /^(?:pragma_.*|dbstat|sqlite_dbpage|sqlite_dbdata|sqlite_dbptr|sqlite_stmt|bytecode|tables_used|fsdir|completion|zipfile)$/i;
const deniedFunctions = /^(?:load_extension|fts3_tokenizer|readfile|writefile|edit|icu_load_collation|sqlite_log|sqlar_.*|zipfile.*)$/i;
const volatileFunctions = /^(?:random|randomblob|current_.*)$/i;
const timeFunctions = /^(?:date|time|datetime|julianday|unixepoch|strftime|timediff)$/i;
/** Time functions that ask for the present moment: by the word, or by leaving the moment out. */
const presentMoment = /'\s*(?:now|subsec|subsecond)\s*'|\b(?:date|time|datetime|julianday|unixepoch)\s*\(\s*\)|\bstrftime\s*\([^(),]*\)/i;

export class Handle {
  readonly database: DatabaseSync;
  private readonly statements = new Map<string, Prepared>();
  private denial: Denial | undefined;
  private volatile = false;
  private asksTime = false;

  constructor(file: string) {
    this.database = openReadOnly(file);
    this.database.setAuthorizer((action, first, second, _database, view) => this.authorize({ action, first, second, view }));
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  /** A statement prepared before for the same text, if it is still held. */
  find(sql: string): Prepared | undefined {
    const known = this.statements.get(sql);
    if (known !== undefined && this.statements.size > statementsMax / 2) {
      this.statements.delete(sql);
      this.statements.set(sql, known);
    }
    return known;
  }

  /** Prepares and keeps a statement. Throws what SQLite throws; `takeDenial` then tells whether it was refused. */
  prepare(sql: string, read: ReadStatement): Prepared {
    this.denial = undefined;
    this.volatile = false;
    this.asksTime = false;
    const statement = this.database.prepare(sql);
    statement.setReturnArrays(true);
    // Values are given under the names as written: `:a` and `@a` may stand beside each other.
    statement.setAllowBareNamedParameters(false);
    const columns = statement.columns().map((column) => ({ name: column.name, declared: column.type || null }));
    const prepared = { statement, columns, read, bigInts: false, volatile: this.volatile || (this.asksTime && presentMoment.test(sql)), asksTime: this.asksTime };
    if (sql.length <= statementCharactersMax) {
      this.statements.set(sql, prepared);
      if (this.statements.size > statementsMax) this.statements.delete(this.statements.keys().next().value!);
    }
    return prepared;
  }

  /** What the authorizer refused since the last `prepare`. */
  takeDenial(): Denial | undefined {
    const denial = this.denial;
    this.denial = undefined;
    return denial;
  }

  /** SQLite's message on preparing a text, or undefined. */
  tryPrepare(sql: string): string | undefined {
    try {
      this.database.prepare(sql);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private authorize({ action, first, second, view }: { action: number; first: string | null; second: string | null; view: string | null }): number {
    if (action === constants.SQLITE_SELECT || action === constants.SQLITE_RECURSIVE) return constants.SQLITE_OK;
    if (action === constants.SQLITE_READ) return deniedTables.test(first ?? "") ? this.deny(first ?? "", false) : constants.SQLITE_OK;
    if (action === constants.SQLITE_FUNCTION) {
      const name = second ?? "";
      if (deniedFunctions.test(name)) return this.deny(`${name}()`, false);
      if (volatileFunctions.test(name)) this.volatile = true;
      else if (timeFunctions.test(name)) {
        this.asksTime = true;
        // What a view says is not in the query's text.
        if (view !== null) this.volatile = true;
      }
      return constants.SQLITE_OK;
    }
    if (action === constants.SQLITE_PRAGMA) {
      // The full-text index asks for it itself.
      if (first === "data_version" && second === null) return constants.SQLITE_OK;
      return this.deny(`PRAGMA ${first}`, true);
    }
    return this.deny(actionWords.get(action) ?? `SQLite's action ${action}`, true);
  }

  private deny(what: string, writes: boolean): number {
    this.denial ??= { what, writes };
    return constants.SQLITE_DENY;
  }
}

const actionWords = new Map<number, string>(
  (["INSERT", "UPDATE", "DELETE", "ATTACH", "DETACH", "ALTER_TABLE", "REINDEX", "ANALYZE", "TRANSACTION", "SAVEPOINT"] as const).map((name) => [
    constants[`SQLITE_${name}`],
    name.replace("_", " "),
  ]),
);

/** Opens a file that nobody may change, without an authorizer yet. */
export function openReadOnly(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  url.search = "?immutable=1";
  const database = new DatabaseSync(url, {
    readOnly: true,
    allowExtension: false,
    defensive: true,
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: false,
    limits: {
      attach: 0,
      length: valueBytesMax,
      sqlLength: sqlBytesMax,
      column: 2000,
      exprDepth: 1000,
      compoundSelect: 500,
      vdbeOp: 5_000_000,
      functionArg: 127,
      likePatternLength: 5000,
      variableNumber: 32_766,
      triggerDepth: 10,
    },
  });
  try {
    for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`);
    touchVirtualTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A virtual table connects at its first use, and needs more than reading to do so: before the authorizer. */
function touchVirtualTables(database: DatabaseSync): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 AND sql LIKE 'create virtual%' LIMIT ?")
    .all(virtualTablesMax);
  for (const { name } of tables) {
    try {
      database.prepare(`SELECT 1 FROM "${String(name).replaceAll('"', '""')}" LIMIT 0`).all();
    } catch {
      // A table whose module is missing or whose declaration is broken fails again, with its message, when it is asked for.
    }
  }
}

import { constants } from "node:sqlite";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { RowAccess } from "#src/access/rows.ts";
import { openReadOnly } from "./open.ts";
import type { ReadStatement } from "./sql.ts";
import { openWalled } from "./walled.ts";
import type { Walled } from "./walled.ts";

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

/** What SQLite asks its authorizer (https://sqlite.org/c3ref/set_authorizer.html). */
interface Asked {
  action: number;
  first: string | null;
  second: string | null;
  schema: string | null;
  /** The innermost view that asks. */
  view: string | null;
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

const statementsMax = 64;
const statementCharactersMax = 20_000;

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
  private readonly walled: Walled | undefined;
  private denial: Denial | undefined;
  private volatile = false;
  private asksTime = false;

  /** Behind the walls of `rows` where there are some. */
  constructor(file: string, rows?: RowAccess) {
    this.walled = rows && openWalled(file, rows);
    this.database = this.walled?.database ?? openReadOnly(file);
    this.database.setAuthorizer((action, first, second, schema, view) => this.authorize({ action, first, second, schema, view }));
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
    const refused = this.walled?.refusal(sql, read);
    if (refused !== undefined) {
      this.deny(refused, false);
      throw new Error(`${refused} is refused`);
    }
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

  /** The tables and views that its reader may name. */
  names(): string[] {
    if (this.walled) return this.walled.entries.filter(({ kind }) => kind !== "closed").map(({ name }) => name);
    const rows = this.database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").all();
    return rows.map((row) => String(row["name"]));
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

  private authorize({ action, first, second, schema, view }: Asked): number {
    if (action === constants.SQLITE_SELECT || action === constants.SQLITE_RECURSIVE) return constants.SQLITE_OK;
    if (action === constants.SQLITE_READ) {
      const table = first ?? "";
      if (deniedTables.test(table)) return this.deny(table, false);
      if (this.walled !== undefined && !this.walled.allows({ table, schema, accessor: view })) return this.deny(this.walled.nameFor(table, view), false);
      return constants.SQLITE_OK;
    }
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

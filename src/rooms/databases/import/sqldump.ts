import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, constants } from "node:sqlite";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report } from "./run.ts";
import type { ByteSource } from "./source.ts";
import { checkContents } from "./sqlite.ts";
import { SqlStatements } from "./sqltext.ts";
import type { Statement } from "./sqltext.ts";
import { TextWindow, unfinished } from "./window.ts";

const pageBytes = 4096;
const reportBytes = 1024 * 1024;
const headBytes = 64 * 1024;
const modules = new Set(["fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly"]);
const deniedFunctions = new Set(["load_extension", "fts3_tokenizer"]);
const allowed = new Set([
  constants.SQLITE_CREATE_TABLE, constants.SQLITE_CREATE_INDEX, constants.SQLITE_CREATE_VIEW, constants.SQLITE_CREATE_TRIGGER, constants.SQLITE_ALTER_TABLE,
  constants.SQLITE_DROP_TABLE, constants.SQLITE_DROP_INDEX, constants.SQLITE_DROP_VIEW, constants.SQLITE_DROP_TRIGGER, constants.SQLITE_DROP_VTABLE,
  constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE, constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_RECURSIVE, constants.SQLITE_REINDEX,
]);
/** Settings that belong to the data. The others are about the writing, and passed over. */
const keptPragmas = /^PRAGMA\s+(user_version|application_id)\s*=/i;

// SQLite's own codes.
const [full, auth] = [13, 23];

/**
 * Runs a dump of SQLite's (`.dump`, or statements that SQLite takes) on an empty file, statement by statement, with an
 * authorizer that lets it make and fill tables and nothing else: no other file, no setting, no extension.
 */
export async function importDump(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const { limits, workDir, sizeBytes } = request;
  const dialect = dialectOf((await source.peek(headBytes)).subarray(0, headBytes).toString("utf8"));
  if (dialect !== null) throw refuse("FILE_SQL_DIALECT", { dialect });
  const path = join(workDir, "out.sqlite");
  const window = new TextWindow(source, limits.lineBytesMax);
  const statements = new SqlStatements(window);
  const dump = new Dump(path, limits.uploadBytesMax);
  let isComplete = false;
  try {
    for (let reported = 0; ; ) {
      try {
        for (let found = statements.next(); found; found = statements.next()) {
          dump.run(found.statement);
          window.commit(found.end);
        }
        break;
      } catch (error) {
        if (error !== unfinished) throw error;
      }
      window.reset();
      await window.more();
      if (source.bytesRead - reported >= reportBytes) report({ done: (reported = source.bytesRead), ...(sizeBytes ? { total: sizeBytes } : {}), unit: "bytes", phase: "reading" });
    }
    dump.finish();
    const tables = checkContents(path, limits);
    isComplete = true;
    return { file: "out.sqlite", format: "sql", encoding: window.encoding, tables, sizeBytes: statSync(path).size, warnings: [] };
  } finally {
    dump.close();
    if (!isComplete) rmSync(path, { force: true });
  }
}

class Dump {
  readonly #database: DatabaseSync;
  readonly #bytesMax: number;

  constructor(path: string, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#database = new DatabaseSync(path, {
      allowExtension: false, defensive: true, enableForeignKeyConstraints: false, enableDoubleQuotedStringLiterals: false,
      limits: { attach: 0, exprDepth: 1_000, compoundSelect: 500, triggerDepth: 20 },
    });
    this.#database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA max_page_count = ${Math.ceil(bytesMax / pageBytes)}; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY`);
    this.#database.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA encoding = 'UTF-8'; BEGIN");
    this.#authorize();
  }

  /** A dump's own transactions are passed over: all of it is one. */
  run({ sql, words, line }: Statement): void {
    const [first = ""] = words;
    if (first === "ROLLBACK") throw refuse("FILE_SQL_REFUSED", { line, statement: shown(sql), reason: "ROLLBACK" });
    if (["BEGIN", "COMMIT", "END", "SAVEPOINT", "RELEASE", "VACUUM", "ANALYZE"].includes(first)) return;
    try {
      if (first === "PRAGMA") {
        if (keptPragmas.test(sql)) this.#setting(sql);
        return;
      }
      this.#database.exec(sql);
    } catch (error) {
      throw this.#refused(error, { sql, line });
    }
  }

  finish(): void {
    this.#database.setAuthorizer(null);
    try {
      this.#database.exec("COMMIT");
    } catch (error) {
      throw this.#refused(error, { sql: "COMMIT", line: 1 });
    }
    this.close();
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #setting(sql: string): void {
    this.#database.setAuthorizer(null);
    try {
      this.#database.prepare(sql).all();
    } finally {
      this.#authorize();
    }
  }

  #authorize(): void {
    this.#database.setAuthorizer((action, first, second) => {
      if (action === constants.SQLITE_FUNCTION) return deniedFunctions.has((second ?? "").toLowerCase()) ? constants.SQLITE_DENY : constants.SQLITE_OK;
      if (action === constants.SQLITE_CREATE_VTABLE) return modules.has((second ?? "").toLowerCase()) ? constants.SQLITE_OK : constants.SQLITE_DENY;
      // FTS5 asks for it.
      if (action === constants.SQLITE_PRAGMA) return first === "data_version" && second === null ? constants.SQLITE_OK : constants.SQLITE_DENY;
      return allowed.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY;
    });
  }

  #refused(error: unknown, { sql, line }: { sql: string; line: number }): unknown {
    const { code, errcode, message } = error as { code?: string; errcode?: number; message: string };
    if (code !== "ERR_SQLITE_ERROR") return error;
    const primary = (errcode ?? 0) & 255;
    if (primary === full) return refuse("FILE_UNPACKED_TOO_LARGE", { bytesMax: this.#bytesMax }, error);
    return refuse("FILE_SQL_REFUSED", { line, statement: shown(sql), reason: primary === auth ? "not authorized" : message.slice(0, 300) }, error);
  }
}

const shown = (sql: string): string => `${sql.slice(0, 80).replace(/\s+/g, " ").trim()}${sql.length > 80 ? " …" : ""}`;

/** Another system's dump, by what only it writes; null where it may be SQLite's. */
function dialectOf(head: string): string | null {
  if (/^\s*PRAGMA\s+foreign_keys\s*=\s*OFF;/i.test(head)) return null;
  if (/^--\s*PostgreSQL database dump|^COPY\s.+\sFROM\s+stdin;|^SET\s+(statement_timeout|client_encoding|search_path)\b|\bpg_catalog\./im.test(head)) return "PostgreSQL";
  if (/^--\s*(MySQL|MariaDB) dump|^\/\*![0-9]{5}|^\)\s*ENGINE\s*=|^\s*(LOCK TABLES|UNLOCK TABLES|CREATE DATABASE|USE)\s+[`;\w]|\bAUTO_INCREMENT\b/im.test(head)) return "MySQL / MariaDB";
  if (/^GO\s*$|^SET\s+(ANSI_NULLS|QUOTED_IDENTIFIER|IDENTITY_INSERT)\b|\[dbo\]\./im.test(head)) return "SQL Server";
  return /\bVARCHAR2\s*\(|^SET\s+DEFINE\b/im.test(head) ? "Oracle" : null;
}

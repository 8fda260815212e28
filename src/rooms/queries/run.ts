import type { RowAccess } from "#src/access/rows.ts";
import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { bindValues } from "./bind.ts";
import { Handle } from "./handle.ts";
import type { Prepared } from "./handle.ts";
import { findPlace } from "./places.ts";
import { ResultWriter } from "./result.ts";
import { placeOf, readStatement } from "./sql.ts";
import type { ReadStatement } from "./sql.ts";

/** A query as the server hands it to a child. */
export interface QueryRequest {
  /** The database file's path, inside one of the pool's readable folders. */
  file: string;
  /** Passed through to the answer. */
  version?: string;
  sql: string;
  parameters?: Record<string, unknown>;
  /** What the reader may see of the rows; without it, all. */
  rows?: RowAccess;
  rowsMax: number;
  /** The answer's rows are cut off (`truncated`) beyond so many bytes of JSON. */
  bytesMax: number;
}

/** What the child tells when the answer is complete: in the head if it fitted one piece, and always at the end. */
export interface QueryFigures {
  rowCount: number;
  truncated: boolean;
  elapsedMs: number;
  sizeBytes: number;
  /** It asked for the time or for chance: the same question again has another answer. */
  volatile?: true;
}

export const sqlCharactersMax = 1_000_000;
const handlesMax = 4;
/** Least recently used first. */
const handles = new Map<string, Handle>();

/**
 * Runs one reading statement and writes the complete JSON answer of the REST API as bytes:
 * `{"columns", "rows", "rowCount", "truncated", "elapsedMs", "version"}`. Throws a Problem.
 */
export function runQuery(request: QueryRequest, output: TaskOutput): void {
  const { file, sql } = request;
  const handle = openHandle(file, request.rows);
  let prepared: Prepared | undefined;
  try {
    prepared = handle.find(sql) ?? prepareNew(handle, sql);
    execute(prepared, request, output);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw explain(handle, sql, error as Error, prepared !== undefined);
  }
}

function execute(prepared: Prepared, request: QueryRequest, output: TaskOutput): void {
  const startedMs = performance.now();
  const values = bindValues(prepared.read.parameters, request.parameters, request.sql);
  const writer = new ResultWriter({ output, columns: prepared.columns, rowsMax: request.rowsMax, bytesMax: request.bytesMax });
  const isVolatile = prepared.volatile || (prepared.asksTime && Object.values(request.parameters ?? {}).some((value) => typeof value === "string" && /^\s*now\s*$/i.test(value)));
  const figures = (): QueryFigures => ({ ...writer.figures(performance.now() - startedMs), ...(isVolatile ? { volatile: true } : {}) });
  // A restart must give the same rows again; where that is not sure, numbers are read safely at once.
  if (isVolatile && !prepared.bigInts) useBigInts(prepared);
  try {
    writer.take(prepared.statement.iterate(values.named, ...values.positional) as Iterator<unknown[]>);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_OUT_OF_RANGE" || prepared.bigInts) throw error;
    useBigInts(prepared);
    writer.restart();
    writer.take(prepared.statement.iterate(values.named, ...values.positional) as Iterator<unknown[]>);
  }
  writer.finish(figures(), request.version);
}

function useBigInts(prepared: Prepared): void {
  prepared.bigInts = true;
  prepared.statement.setReadBigInts(true);
}

/** Opened once, and kept while it is asked. Throws QUERY_FILE_DAMAGED, ROWS_RULES_UNFIT. */
export function openHandle(file: string, rows: RowAccess | undefined): Handle {
  const key = rows === undefined ? file : `${file}\0${rows.key}`;
  let handle = handles.get(key);
  if (handle !== undefined) {
    if (handles.size > 1) {
      handles.delete(key);
      handles.set(key, handle);
    }
    return handle;
  }
  try {
    handle = new Handle(file, rows);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw fileProblem(error as Error);
  }
  handles.set(key, handle);
  if (handles.size > handlesMax) {
    const [oldest, unused] = handles.entries().next().value!;
    handles.delete(oldest);
    unused.close();
  }
  return handle;
}

/** Statements that SQLite knows and that do not read. Misspelt ones are left to SQLite's own message. */
const notReading = new Set(
  "ALTER ANALYZE ATTACH BEGIN COMMIT CREATE DELETE DETACH DROP END INSERT PRAGMA REINDEX RELEASE REPLACE ROLLBACK SAVEPOINT UPDATE VACUUM".split(" "),
);

export function prepareNew(handle: Handle, sql: string): Prepared {
  if (sql.length > sqlCharactersMax) throw new Problem("QUERY_TOO_LONG", { values: { charactersMax: sqlCharactersMax } });
  const read = readStatement(sql);
  checkStatement(sql, read);
  return handle.prepare(sql, read);
}

/** Throws when a text is not exactly one statement that reads. */
export function checkStatement(sql: string, read: ReadStatement): void {
  if (read.verb === undefined) throw new Problem("QUERY_EMPTY");
  if (notReading.has(read.verb)) {
    throw new Problem("QUERY_NOT_READING", { values: { statement: read.verb }, ...placeOf(sql, read.verbAt) });
  }
  if (read.secondAt !== undefined) {
    const place = placeOf(sql, read.secondAt);
    throw new Problem("QUERY_SEVERAL_STATEMENTS", { values: { ...place }, ...place });
  }
}

/** SQLite's result codes (https://sqlite.org/rescode.html), without the extended part. */
const resultCode = { memory: 7, io: 10, corrupt: 11, cannotOpen: 14, tooBig: 18, notADatabase: 26 };

interface SqliteError extends Error {
  errcode?: number;
}

/** What SQLite threw, as a Problem. */
export function explain(handle: Handle, sql: string, error: SqliteError, prepared: boolean): Problem {
  const denial = handle.takeDenial();
  if (denial !== undefined && !prepared) {
    const code = denial.writes && !denial.what.startsWith("PRAGMA") ? "QUERY_NOT_READING" : "QUERY_DENIED";
    const name = denial.what.replace(/\(\)$|^PRAGMA /g, "");
    const place = findPlace(sql, `no such table: ${name}`, () => undefined);
    return new Problem(code, { values: { statement: denial.what, what: denial.what }, ...place, cause: error });
  }
  const code = (error.errcode ?? 0) & 0xff;
  if (code === resultCode.memory || isJavaScriptMemory(error)) return new Problem("QUERY_MEMORY", { cause: error });
  if (code === resultCode.io || code === resultCode.corrupt || code === resultCode.cannotOpen || code === resultCode.notADatabase) {
    return fileProblem(error);
  }
  const place = prepared ? undefined : findPlace(sql, error.message, (text) => handle.tryPrepare(text));
  return new Problem("QUERY_INVALID", { values: { engine: "SQLite", message: shorten(error.message) }, ...place, cause: error });
}

function isJavaScriptMemory(error: Error): boolean {
  return error instanceof RangeError || /Cannot create a string longer|Invalid string length|allocation failed|ERR_STRING_TOO_LONG/.test(`${error.message}`);
}

/** The file could not be opened or read. */
export function fileProblem(error: SqliteError): Problem {
  if (((error.errcode ?? 0) & 0xff) === resultCode.memory) return new Problem("QUERY_MEMORY", { cause: error });
  return new Problem("QUERY_FILE_DAMAGED", { values: { message: shorten(error.message) }, cause: error });
}

function shorten(message: string): string {
  return message.length <= 500 ? message : `${message.slice(0, 500)}…`;
}

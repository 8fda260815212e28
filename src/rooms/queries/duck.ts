import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api";
import { Problem } from "#src/base/problems/problem.ts";
import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import type { OpenTable } from "#src/rooms/columnar/columnar.ts";
import { checkTree } from "./duck-check.ts";
import { bindParameters, shownTypes, toRow } from "./duck-values.ts";
import type { Reading } from "./read.ts";
import { ResultWriter } from "./result.ts";
import { sqlCharactersMax } from "./run.ts";
import type { QueryFigures } from "./run.ts";
import { placeOf, readStatement } from "./sql.ts";

/*
 * DuckDB inside the child, over the Parquet files of one copy. SQL and files are hostile until proven otherwise: no file but
 * those is opened, no setting changed, nothing loaded, and only one SELECT passes, with functions that calculate.
 */

export interface DuckRequest {
  /** What a child that has opened them before is looked for by. */
  file: string;
  tables: OpenTable[];
  /** Passed through to the answer. */
  version: string;
  sql: string;
  parameters?: Record<string, unknown>;
  rowsMax: number;
  bytesMax: number;
  memoryBytesMax: number;
  threads: number;
}

interface Held {
  instance: DuckDBInstance;
  connection: DuckDBConnection;
  paths: string[];
}

/** DuckDB's own memory within what the process may take: the rest is for Node, the library and the answer. */
const memoryShare = 0.6;
const heldMax = 2;
/** Least recently used first. */
const held = new Map<string, Held>();

/** Runs one reading statement in DuckDB's SQL and writes the same JSON as for SQLite. Throws a Problem. */
export async function runDuck(request: DuckRequest, output: TaskOutput): Promise<void> {
  const { sql } = request;
  if (sql.length > sqlCharactersMax) throw new Problem("QUERY_TOO_LONG", { values: { charactersMax: sqlCharactersMax } });
  const { connection, paths } = await openTables(request);
  let statement: DuckDBPreparedStatement | undefined;
  try {
    const { isVolatile } = checkTree(await treeOf(connection, sql), { sql, tables: request.tables.map((table) => table.name) });
    statement = await connection.prepare(sql);
    await execute({ statement, request, output, isVolatile });
  } catch (error) {
    throw error instanceof Problem ? error : explain(error as Error, { sql, paths, tables: request.tables });
  } finally {
    statement?.destroySync();
  }
}

/**
 * All rows of an answer in DuckDB's SQL, with values as SQLite would have them: for other work in the sandbox. Throws a Problem,
 * also while the rows are read.
 */
export async function readDuck(request: Omit<DuckRequest, "rowsMax" | "bytesMax">): Promise<Reading> {
  const { sql, tables } = request;
  if (sql.length > sqlCharactersMax) throw new Problem("QUERY_TOO_LONG", { values: { charactersMax: sqlCharactersMax } });
  const { connection, paths } = await openTables(request);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof Problem ? error : explain(error as Error, { sql, paths, tables });
    }
  };
  return await attempt(async () => {
    checkTree(await treeOf(connection, sql), { sql, tables: tables.map((table) => table.name) });
    const statement = await connection.prepare(sql);
    bindParameters(statement, request.parameters ?? {});
    const result = await statement.stream();
    const columns = shownTypes(result);
    const toValues = (row: unknown[]): unknown[] => row.map((value, at) => (columns[at]!.declared === "INTEGER" ? wholeOf(value) : value));
    async function* batches(): AsyncGenerator<unknown[][]> {
      for (let chunk = await attempt(() => result.fetchChunk()); chunk !== null && chunk.rowCount > 0; chunk = await attempt(() => result.fetchChunk())) {
        yield (chunk.convertRows(toRow) as unknown[][]).map(toValues);
      }
    }
    return { columns, batches: batches() };
  });
}

/** A whole number as SQLite has it; as text where it has none so large. */
function wholeOf(value: unknown): unknown {
  const whole = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  return typeof whole === "bigint" && whole !== BigInt.asIntN(64, whole) ? String(whole) : whole;
}

/** The statement as DuckDB's own parser reads it. */
async function treeOf(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const { verb } = readStatement(sql);
  if (verb === undefined) throw new Problem("QUERY_EMPTY");
  const reader = await connection.runAndReadAll("SELECT json_serialize_sql($1::VARCHAR)", [sql]);
  return JSON.parse(String(reader.value(0, 0)));
}

async function execute({ statement, request, output, isVolatile }: { statement: DuckDBPreparedStatement; request: DuckRequest; output: TaskOutput; isVolatile: boolean }): Promise<void> {
  const startedMs = performance.now();
  bindParameters(statement, request.parameters ?? {});
  const result = await statement.stream();
  const columns = shownTypes(result);
  const writer = new ResultWriter({ output, columns, rowsMax: request.rowsMax, bytesMax: request.bytesMax });
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    writer.take((chunk.convertRows(toRow) as unknown[][])[Symbol.iterator]());
    if (writer.figures(0).truncated) break;
  }
  const figures: QueryFigures = { ...writer.figures(performance.now() - startedMs), ...(isVolatile ? { volatile: true } : {}) };
  writer.finish(figures, request.version, "duckdb");
}

async function openTables({ tables, memoryBytesMax, threads }: Pick<DuckRequest, "tables" | "memoryBytesMax" | "threads">): Promise<Held> {
  const key = JSON.stringify([memoryBytesMax, threads, tables.map(({ name, path }) => [name, path])]);
  const known = held.get(key);
  if (known !== undefined) {
    held.delete(key);
    held.set(key, known);
    return known;
  }
  while (held.size >= heldMax) {
    const [oldest, unused] = held.entries().next().value!;
    held.delete(oldest);
    unused.connection.closeSync();
    unused.instance.closeSync();
  }
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(threads), memory_limit: `${Math.floor((memoryBytesMax * memoryShare) / 1024 ** 2)}MB`,
    // Nothing is written, not even what does not fit into memory.
    temp_directory: "", max_temp_directory_size: "0KiB",
    autoinstall_known_extensions: "false", autoload_known_extensions: "false", allow_community_extensions: "false", allow_unsigned_extensions: "false",
    // As SQLite orders, so that a chart does not change with the engine.
    default_null_order: "sqlite",
  });
  const connection = await instance.connect();
  const paths = tables.map((table) => table.path);
  await connection.run(`SET TimeZone = 'UTC'; SET allowed_paths = [${paths.map(literal).join(", ")}]; SET enable_external_access = false`);
  for (const { name, path } of tables) await connection.run(`CREATE VIEW "${name.replaceAll('"', '""')}" AS SELECT * FROM read_parquet(${literal(path)})`);
  await connection.run("SET lock_configuration = true");
  const opened = { instance, connection, paths };
  held.set(key, opened);
  return opened;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function explain(error: Error, { sql, paths, tables }: { sql: string; paths: string[]; tables: OpenTable[] }): Problem {
  let message = error.message;
  // Where the copies lie is nobody's business.
  paths.forEach((path, at) => (message = message.replaceAll(path, tables[at]!.name)));
  if (/out of memory|bad_alloc|bad allocation|could not allocate/i.test(message)) return new Problem("QUERY_MEMORY", { cause: error });
  // The copy's, never the person's: it was checked when it was fetched.
  if (/^(IO|Serialization|Internal) Error:/i.test(message)) return new Problem("QUERY_FAILED", { cause: error });
  return new Problem("QUERY_INVALID", { values: { engine: "DuckDB", message: said(message) }, ...placeIn(message, sql), cause: error });
}

/** What DuckDB says, without the part of the query that it shows below. */
export function said(message: string): string {
  const text = message.split(/\n\s*\n|\nLINE \d+:/)[0]!.replace(/\s+/g, " ").trim();
  return text.length <= 500 ? text : `${text.slice(0, 500)}…`;
}

/** DuckDB shows the line with a mark below the place; of a long line only a part, whose place is then not told. */
export function placeIn(message: string, sql: string): { line?: number; column?: number } {
  const [, number = "", shown = "", mark = ""] = /LINE (\d+): (.*)\n(\s*)\^/.exec(message) ?? [];
  const line = sql.split("\n")[Number(number) - 1];
  let left = mark.length - `LINE ${number}: `.length;
  if (line === undefined || left < 0 || shown.startsWith("...")) return {};
  let at = sql.split("\n").slice(0, Number(number) - 1).join("\n").length + (number === "1" ? 0 : 1);
  for (const character of line) {
    if (left <= 0) break;
    left -= wide.test(character) ? 2 : 1;
    at += character.length;
  }
  return placeOf(sql, at);
}

/** Characters as wide as two of the Latin ones, as which DuckDB counts them. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{3fffd}]/u;

import { rmSync, statSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { DuckDBBlobValue, DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "#src/base/problems/problem.ts";
import type { ColumnarTable, ColumnarType } from "./schema.ts";
import { quoteName, typeColumns } from "./typing.ts";
import type { Declared, TypedColumn } from "./typing.ts";

export interface MakeRequest {
  /** Holds `in.sqlite`, a copy of the version; the Parquet files are made beside it. */
  workDir: string;
  memoryBytesMax: number;
  threads: number;
  tablesMax: number;
  /** Rows stay in their order, and are not put beside others of their time. */
  keepsOrder?: boolean;
}

/** A table with its file in the work folder. */
export interface MadeTable extends ColumnarTable {
  file: string;
  sizeBytes: number;
}

export interface Made {
  tables: MadeTable[];
}

type Report = (progress: { done: number; unit: "rows" }) => void;

const rowsAtOnce = 2048;
/** As DuckDB reads them: one group is the least that can be passed over. */
const groupRows = 122_880;

/**
 * Copies the ordinary tables of a checked SQLite file into one Parquet file each. Meant for a sandboxed process of its own.
 * A table that DuckDB cannot take under its names is left out. Throws QUERY_FILE_DAMAGED, WORK_MEMORY.
 */
export async function make(request: MakeRequest, report: Report): Promise<Made> {
  // What people wait for goes first; but on a busy machine somebody may wait for this too.
  setPriority(5);
  const { workDir, memoryBytesMax, threads, tablesMax } = request;
  const database = openFile(join(workDir, "in.sqlite"));
  const stage = join(workDir, "stage.duckdb");
  const instance = await DuckDBInstance.create(stage, {
    threads: String(threads), memory_limit: `${Math.floor(memoryBytesMax / 2 / 1024 ** 2)}MB`, temp_directory: workDir,
    autoinstall_known_extensions: "false", autoload_known_extensions: "false", default_null_order: "nulls_first",
  });
  const connection = await instance.connect();
  const progress = { rows: 0 };
  const tables: MadeTable[] = [];
  try {
    for (const [at, table] of listTables(database, tablesMax).entries()) {
      const file = `${at}.parquet`;
      const made = await copyTable({ database, connection, table, keepsOrder: request.keepsOrder === true, path: join(workDir, file), told: (rows) => report({ done: (progress.rows += rows), unit: "rows" }) });
      if (made !== null) tables.push({ ...made, file, sizeBytes: statSync(join(workDir, file)).size });
    }
    return { tables };
  } catch (error) {
    throw explain(error as Error);
  } finally {
    database.close();
    connection.closeSync();
    instance.closeSync();
    rmSync(stage, { force: true });
  }
}

function openFile(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  url.search = "?immutable=1";
  const database = new DatabaseSync(url, { readOnly: true, allowExtension: false, defensive: true, enableForeignKeyConstraints: false, enableDoubleQuotedStringLiterals: false, limits: { attach: 0 } });
  database.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=1; PRAGMA mmap_size=0; PRAGMA temp_store=2");
  return database;
}

interface SourceTable {
  name: string;
  columns: Declared[];
}

function listTables(database: DatabaseSync, tablesMax: number): SourceTable[] {
  const rows = database.prepare(`SELECT list.name, coalesce(file.sql, '') AS sql FROM pragma_table_list AS list JOIN sqlite_schema AS file ON file.name = list.name AND file.type = 'table'
    WHERE list.schema = 'main' AND list.type = 'table' AND list.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY file.rowid LIMIT ?`).all(tablesMax);
  return rows.map((row) => {
    const name = String(row["name"]);
    // Which column it stands at is not looked at: then texts of the whole table are left to SQLite.
    const isCollated = /\bcollate\s+["'`[]?(?!binary\b)/i.test(String(row["sql"]));
    const columns = database.prepare("SELECT name, type FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1").all(name);
    return { name, columns: columns.map((column) => ({ name: String(column["name"]), type: String(column["type"] ?? ""), isCollated })) };
  });
}

interface CopyOptions {
  database: DatabaseSync;
  connection: DuckDBConnection;
  table: SourceTable;
  path: string;
  keepsOrder: boolean;
  told: (rows: number) => void;
}

async function copyTable(options: CopyOptions): Promise<ColumnarTable | null> {
  const { database, connection, table, path } = options;
  const source = `main.${quoteName(table.name)}`;
  const { rows, columns } = typeColumns(database, source, table.columns);
  const staged = (type: ColumnarType): string => (type === "DATE" || type === "TIMESTAMP" ? "VARCHAR" : type);
  const places = columns.map((_, at) => `c${at}`);
  await connection.run(`CREATE OR REPLACE TABLE stage (${columns.map(({ type }, at) => `${places[at]} ${staged(type)}`).join(", ")})`);
  await fill({ ...options, source, columns });
  const shown = columns.map(({ name, type }, at) => `CAST(${places[at]} AS ${type}) AS ${quoteName(name)}`).join(", ");
  // Rows of one time beside each other: a question about a month passes over the groups of all others.
  const time = columns.findIndex(({ type }) => type === "DATE" || type === "TIMESTAMP");
  const order = time < 0 || options.keepsOrder ? "" : ` ORDER BY ${places[time]}, rowid`;
  try {
    await connection.run(`COPY (SELECT ${shown} FROM stage${order}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows})`);
  } catch (error) {
    // Two columns whose names are one for DuckDB.
    if (/duplicate/i.test((error as Error).message)) return null;
    throw error;
  }
  return { name: table.name, rows, columns };
}

async function fill({ database, connection, source, columns, told }: CopyOptions & { source: string; columns: TypedColumn[] }): Promise<void> {
  // Texts among numbers are written as SQLite writes them; bytes among others as hexadecimal digits.
  const shown = columns.map(({ name, type, unclean }) => {
    const column = quoteName(name);
    if (unclean !== "mixed") return column;
    return type === "DOUBLE" ? `CAST(${column} AS REAL)` : `CASE typeof(${column}) WHEN 'blob' THEN hex(${column}) ELSE CAST(${column} AS TEXT) END`;
  });
  const statement = database.prepare(`SELECT ${shown.join(", ")} FROM ${source}`);
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const appender = await connection.createAppender("stage");
  const types = Array.from({ length: columns.length }, (_, at) => appender.columnType(at));
  let held: unknown[][] = [];
  const append = (): void => {
    const chunk = DuckDBDataChunk.create(types, held.length);
    columns.forEach((column, at) => {
      const vector = chunk.getColumnVector(at);
      for (let row = 0; row < held.length; row += 1) {
        const value = held[row]![at];
        if (typeof value === "string" && suspicious.test(value)) column.unclean ??= "characters";
        vector.setItem(row, (value instanceof Uint8Array ? new DuckDBBlobValue(value) : value) as never);
      }
      vector.flush();
    });
    appender.appendDataChunk(chunk);
    told(held.length);
    held = [];
  };
  for (const row of statement.iterate() as Iterable<unknown>) {
    if (held.push(row as unknown[]) >= rowsAtOnce) append();
  }
  if (held.length > 0) append();
  appender.closeSync();
}

// At a zero SQLite's own functions end a text; the other stands for bytes that are none, or for itself.
const suspicious = /[\0\uFFFD]/;

function explain(error: Error & { errcode?: number }): Problem {
  if (error instanceof Problem) return error;
  if (/out of memory|bad_alloc|could not allocate/i.test(error.message) || error.errcode === 7) return new Problem("WORK_MEMORY", { cause: error });
  if (error.errcode !== undefined) return new Problem("QUERY_FILE_DAMAGED", { values: { message: error.message.slice(0, 500) }, cause: error });
  return new Problem("WORK_FAILED", { cause: error });
}

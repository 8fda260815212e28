import { closeSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { Problem } from "#src/base/problems/problem.ts";
import { cellsOf } from "./duckcells.ts";
import { columnOf, writtenDecimal } from "./duckcolumns.ts";
import type { DuckColumn } from "./duckcolumns.ts";
import { columnNames, tableName } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import type { ByteSource } from "./source.ts";
import { spool } from "./spool.ts";
import { Expansion } from "./unpack.ts";
import { ValueFile } from "./valuefile.ts";
import type { CellValue } from "./valuefile.ts";

const memoryBytes = 1024 ** 3;
const threads = 2;
const magic = "PAR1";
const freeBytes = 1024 ** 3;
// The table may be as much larger than a file may be: so large the file that it writes can get.
const uploadsMax = 4;
const reportRows = 64 * 1024;
const reportRowBytes = 1024;
const lookRows = 10_000;
const namesShownMax = 20;

/**
 * Reads a Parquet file into one table of `out.sqlite`. DuckDB decodes it, closed to everything but this file; the rows'
 * pages are written as for every other format.
 */
export async function importParquet(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const path = join(request.workDir, "in.parquet");
  try {
    const sizeBytes = await spool(path, { request, source, report });
    checkFrame(path, sizeBytes);
    const instance = await DuckDBInstance.create(":memory:", {
      threads: String(threads), memory_limit: `${memoryBytes / 1024 ** 2}MB`,
      // A scan in the order of the file keeps little: nothing has to go to the disk.
      temp_directory: "", max_temp_directory_size: "0KiB",
      autoinstall_known_extensions: "false", autoload_known_extensions: "false", allow_community_extensions: "false", allow_unsigned_extensions: "false",
    });
    const connection = await instance.connect();
    try {
      await connection.run(`SET TimeZone = 'UTC'; SET allowed_paths = [${literal(path)}]; SET enable_external_access = false; SET lock_configuration = true`);
      return await new ParquetFile({ request, connection, path, sizeBytes, report }).read();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } catch (error) {
    throw explain(error, path);
  } finally {
    rmSync(path, { force: true });
  }
}

/** Of what stands at both ends: a file that was cut off has no end. */
function checkFrame(path: string, sizeBytes: number): void {
  if (sizeBytes < 12) throw unreadable(`it ends after ${sizeBytes} bytes`);
  const end = Buffer.alloc(8);
  const fd = openSync(path, "r");
  try {
    readSync(fd, end, 0, 8, sizeBytes - 8);
  } finally {
    closeSync(fd);
  }
  const word = end.toString("latin1", 4);
  if (word === "PARE") throw unreadable("it is encrypted");
  if (word !== magic) throw unreadable(`it does not end with ${magic}, so its end is missing`);
  const footerBytes = end.readUInt32LE(0);
  if (footerBytes === 0 || footerBytes > sizeBytes - 12) throw unreadable(`its footer is said to have ${footerBytes} bytes, and the file has ${sizeBytes}`);
}

class ParquetFile {
  readonly #request: ImportRequest;
  readonly #connection: DuckDBConnection;
  readonly #from: string;
  readonly #expansion: Expansion;
  readonly #report: Report;

  constructor(options: { request: ImportRequest; connection: DuckDBConnection; path: string; sizeBytes: number; report: Report }) {
    this.#request = options.request;
    this.#connection = options.connection;
    this.#from = `read_parquet(${literal(options.path)})`;
    // A column of few words is nearly nothing here.
    this.#expansion = new Expansion({ inBytes: () => options.sizeBytes, bytesMax: uploadsMax * options.request.limits.uploadBytesMax, freeBytes });
    this.#report = options.report;
  }

  async read(): Promise<ImportOutcome> {
    const { workDir, fileName, tableName: wanted, limits } = this.#request;
    const total = await this.#rowsSaid();
    const schema = await this.#connection.run(`SELECT * FROM ${this.#from} LIMIT 0`);
    const found = schema.columnNames();
    const shown = { columns: found.length, columnsMax: limits.columnsMax };
    if (found.length === 0) throw unreadable("it has no columns");
    if (found.length > limits.columnsMax) throw refuse("FILE_COLUMNS_TOO_MANY", shown);
    const { names, changed } = columnNames(found);
    const written: string[] = [];
    const columns: DuckColumn[] = [];
    for (const [at, type] of schema.columnTypes().entries()) {
      const column = columnOf(type, at + 1);
      const isExact = column.exactBelow === undefined || (await this.#isBelow(at + 1, column.exactBelow));
      if (!isExact) written.push(names[at]!);
      columns.push(isExact ? column : writtenDecimal(at + 1));
    }
    const path = join(workDir, "out.sqlite");
    const file = new ValueFile({ path, table: tableName(fileName, wanted), columns: columns.map(({ type }, at) => ({ name: names[at]!, ...(type === undefined ? {} : { type }) })) });
    try {
      const isCut = await this.#store(file, { columns, total });
      if (!isCut && file.rows !== total) throw unreadable(`it says that it has ${total} rows, and has ${file.rows}`);
      const { name, rows, columns: made } = file.finish();
      // What no whole number holds.
      written.push(...made.filter(({ type }, at) => type === "TEXT" && columns[at]!.type === "INTEGER").map((column) => column.name));
      const notes: [string, string[]][] = [["JSON_KEPT", names.filter((_, at) => columns[at]!.isNested)], ["TIMES_UTC", names.filter((_, at) => columns[at]!.isZoned)], ["NUMBERS_AS_TEXT", written]];
      const warnings: Warning[] = notes.filter(([, of]) => of.length > 0).map(([code, of]) => ({ code, count: of.length, names: listed(of) }));
      if (changed > 0) warnings.push({ code: "COLUMNS_RENAMED", count: changed });
      return { file: "out.sqlite", format: "parquet", tables: [{ name, rows, columns: made }], sizeBytes: statSync(path).size, warnings, isCut };
    } catch (error) {
      file.discard();
      throw error;
    }
  }

  async #rowsSaid(): Promise<number> {
    const reader = await this.#connection.runAndReadAll(`SELECT num_rows FROM ${this.#from.replace("read_parquet", "parquet_file_metadata")}`);
    const total = Number(reader.value(0, 0));
    const { rowsMax } = this.#request.limits;
    if (!Number.isSafeInteger(total) || total < 0) throw unreadable(`it says that it has ${total} rows`);
    if (rowsMax !== undefined && total > rowsMax) throw refuse("FILE_ROWS_TOO_MANY", { rowsMax });
    return total;
  }

  async #isBelow(place: number, bound: string): Promise<boolean> {
    const reader = await this.#connection.runAndReadAll(`SELECT coalesce(max(abs(value)) < ${bound}, true) FROM (SELECT #${place} AS value FROM ${this.#from})`);
    return reader.value(0, 0) === true;
  }

  /** Answers whether only the beginning was read. */
  async #store(file: ValueFile, { columns, total }: { columns: DuckColumn[]; total: number }): Promise<boolean> {
    const { looksOnly } = this.#request;
    const result = await this.#connection.stream(`SELECT ${columns.map(({ select }) => select).join(", ")} FROM ${this.#from}`);
    let reported = 0;
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const rows = chunk.rowCount;
      const cells = columns.map(({ layout }, at) => cellsOf(duckdb.data_chunk_get_vector(chunk.chunk, at), { rows, layout }));
      this.#checkCells(cells, file.rows);
      const row: CellValue[] = [];
      for (let i = 0; i < rows; i++) {
        for (let at = 0; at < cells.length; at++) row[at] = cells[at]![i];
        file.add(row);
      }
      if (looksOnly === true && file.rows >= lookRows && file.rows < total) return true;
      const done = file.rows + this.#expansion.outBytes / reportRowBytes;
      if (done - reported < reportRows) continue;
      reported = done;
      this.#report({ done: file.rows, total, unit: "rows", phase: "storing" });
    }
    return false;
  }

  /** Before anything of the rows is written: a thousand of them can stand for gigabytes. */
  #checkCells(cells: CellValue[][], before: number): void {
    const { fieldBytesMax } = this.#request.limits;
    let bytes = 0;
    for (const [at, column] of cells.entries()) {
      bytes += column.length * 2;
      if (typeof column[0] === "number") continue;
      for (let row = 0; row < column.length; row++) {
        const cell = column[row];
        if (typeof cell !== "string" && !(cell instanceof Uint8Array)) continue;
        bytes += cell.length;
        if (cell.length > fieldBytesMax) throw refuse("FILE_FIELD_TOO_LONG", { line: before + row + 1, cell: at + 1, bytesMax: fieldBytesMax });
      }
    }
    this.#expansion.add(bytes);
  }
}

function listed(names: string[]): string {
  return names.slice(0, namesShownMax).map((name) => name.slice(0, 80)).join(", ") + (names.length > namesShownMax ? ", …" : "");
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function unreadable(reason: string, cause?: unknown): Problem {
  return refuse("FILE_UNREADABLE", { format: "Parquet", reason }, cause);
}

/** DuckDB's own words for what it cannot read; the place of the file is nobody's business. */
function explain(error: unknown, path: string): unknown {
  if (error instanceof Problem || !(error instanceof Error) || "code" in error) return error;
  if (/out of memory|bad_alloc|could not allocate|failed to allocate/i.test(error.message)) return new Problem("WORK_MEMORY", { cause: error });
  const [line = ""] = error.message.split("\n");
  return unreadable(line.replaceAll(path, "").replaceAll(/\bin file\b\s*""|""/g, "").replace(/^(IO|Invalid Input|Invalid|INTERNAL|Serialization|Binder|Conversion) Error:\s*/, "").replaceAll(/\s+/g, " ").trim().slice(0, 300), error);
}

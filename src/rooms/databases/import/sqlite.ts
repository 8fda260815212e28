import { closeSync, openSync, readSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Problem } from "#src/base/problems/problem.ts";
import { asDamage, damaged } from "./damage.ts";
import { refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import { checkSchema, describeTables } from "./schema.ts";
import type { ByteSource } from "./source.ts";
import { spool } from "./spool.ts";

const messagesMax = 5;
const checkedLookBytesMax = 64 * 1024 ** 2;
const headerBytes = 100;

/**
 * Stores an uploaded SQLite file as `out.sqlite` and has it checked: its header by hand, then all of
 * it by SQLite. Not a row is changed; only the write-ahead mode in the header is, since readers of
 * such a file would leave files of their own beside it.
 */
export async function importSqlite(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const path = join(request.workDir, "out.sqlite");
  const sizeBytes = await spool(path, { request, source, report });
  const warnings = checkHeader(path, sizeBytes);
  report({ done: 0, total: 1, unit: "rows", phase: "checking" });
  // A look at a large one need not take as long as its import: that finds what is damaged.
  const isChecked = !(request.looksOnly === true && sizeBytes > checkedLookBytesMax);
  const tables = checkContents(path, request.limits, { isChecked });
  return { file: "out.sqlite", format: "sqlite", tables, sizeBytes: statSync(path).size, warnings };
}

/** What must hold in the first 100 bytes (https://sqlite.org/fileformat2.html, 1.3), before SQLite opens the file. */
function checkHeader(path: string, sizeBytes: number): Warning[] {
  if (sizeBytes < 512) throw damaged(`it ends after ${sizeBytes} bytes; the smallest database has 512`);
  const header = Buffer.alloc(headerBytes);
  const fd = openSync(path, "r+");
  const warnings: Warning[] = [];
  try {
    readSync(fd, header, 0, headerBytes, 0);
    if (header.toString("latin1", 0, 16) !== "SQLite format 3\0") throw damaged("its first 16 bytes are not those of SQLite 3");
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0) throw damaged(`the header says a page size of ${pageBytes}`);
    const [writeVersion, readVersion] = [header[18]!, header[19]!];
    if (writeVersion > 2 || readVersion > 2 || writeVersion < 1 || readVersion < 1) throw damaged(`the header says file format ${writeVersion}/${readVersion}`);
    if (pageBytes - header[20]! < 480) throw damaged(`the header reserves ${header[20]} bytes of each page`);
    if (header[21] !== 64 || header[22] !== 32 || header[23] !== 32) throw damaged("the header's payload fractions are not 64, 32, 32");
    if (header.readUInt32BE(44) > 4) throw damaged(`the header says schema format ${header.readUInt32BE(44)}`);
    if (header.readUInt32BE(56) > 3) throw damaged(`the header says text encoding ${header.readUInt32BE(56)}`);
    // The number of pages counts only where the program that wrote last knew of it.
    const pages = header.readUInt32BE(24) === header.readUInt32BE(92) ? header.readUInt32BE(28) : 0;
    if (pages * pageBytes > sizeBytes) throw damaged(`it ends after ${sizeBytes} bytes of ${pages * pageBytes}: the copy is not complete`);
    if (pages === 0 && sizeBytes % pageBytes !== 0) throw damaged(`its ${sizeBytes} bytes are not a whole number of ${pageBytes}-byte pages`);
    if (pages > 0 && pages * pageBytes < sizeBytes) {
      // What follows the last page belongs to no table; every reader of SQLite passes over it.
      truncateSync(path, pages * pageBytes);
      warnings.push({ code: "BYTES_AFTER_END", count: sizeBytes - pages * pageBytes });
    }
    if (writeVersion === 2 || readVersion === 2) {
      writeSync(fd, Buffer.from([1, 1]), 0, 2, 18);
      warnings.push({ code: "WAL_CONVERTED" });
    }
  } finally {
    closeSync(fd);
  }
  return warnings;
}

/** Has SQLite check all of a file, and describes its tables. */
export function checkContents(path: string, limits: ImportLimits, { isChecked } = { isChecked: true }): ImportOutcome["tables"] {
  const database = openHostile(path, { readOnly: true });
  try {
    checkSchema(database, limits);
    const messages = isChecked ? (database.prepare(`PRAGMA integrity_check(${messagesMax})`).all() as { integrity_check: string }[]) : [];
    if (isChecked && messages[0]?.integrity_check !== "ok") throw damaged(messages.map((row) => row.integrity_check).join("; "));
    const tables = describeTables(database, limits);
    if (tables.length === 0) throw refuse("FILE_WITHOUT_TABLES");
    return tables;
  } catch (error) {
    throw error instanceof Problem ? error : asDamage(error);
  } finally {
    database.close();
  }
}

/**
 * Opens a file that nobody vouches for: no extensions, no functions with effects from its schema, no
 * double-quoted strings, every cell's bounds checked, and no memory map.
 */
export function openHostile(path: string, options: { readOnly: boolean }): DatabaseSync {
  try {
    const database = new DatabaseSync(path, {
      readOnly: options.readOnly, allowExtension: false, defensive: true, enableForeignKeyConstraints: !options.readOnly,
      enableDoubleQuotedStringLiterals: false, limits: { attach: 0, exprDepth: 200, compoundSelect: 100, triggerDepth: 20 },
    });
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
    return database;
  } catch (error) {
    throw asDamage(error);
  }
}

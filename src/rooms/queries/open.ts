import { DatabaseSync } from "node:sqlite";
import type { DatabaseSyncOptions } from "node:sqlite";
import { pathToFileURL } from "node:url";

/** One value may have so many bytes. */
const valueBytesMax = 64 * 1024 * 1024;
/** More than the characters that a query may have, each of them up to three bytes. */
const sqlBytesMax = 4 * 1024 * 1024;
const virtualTablesMax = 256;

export const pragmas = ["trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=2", "cache_size=-4000"];

export const connectionOptions = {
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
} satisfies DatabaseSyncOptions;

/** Opens a file that nobody may change, without an authorizer yet. */
export function openReadOnly(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  url.search = "?immutable=1";
  const database = new DatabaseSync(url, { ...connectionOptions, readOnly: true });
  try {
    for (const pragma of [...pragmas, "query_only=1"]) database.exec(`PRAGMA ${pragma}`);
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

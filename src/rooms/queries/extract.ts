import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { foldName } from "#src/access/rows.ts";
import type { RowAccess } from "#src/access/rows.ts";
import { connectionOptions } from "./open.ts";
import { fileProblem } from "./run.ts";
import { openWalled, quoteName } from "./walled.ts";
import type { Walled } from "./walled.ts";

export interface ExtractRequest {
  /** Holds `in.sqlite`, a copy of the version; `out.sqlite` is made beside it. */
  workDir: string;
  rows: RowAccess;
}

/**
 * Copies what a restricted reader may see into a new file: tables with the rows in sight, their indexes and the views. What
 * is derived from all rows (full-text indexes, statistics) and triggers stay behind. Throws ROWS_RULES_UNFIT, QUERY_FILE_DAMAGED.
 */
export function extract({ workDir, rows }: ExtractRequest): { file: string } {
  const out = join(workDir, "out.sqlite");
  const walled = openWalled(join(workDir, "in.sqlite"), rows, out);
  let later: string[];
  try {
    later = copyTables(walled);
  } catch (error) {
    throw fileProblem(error as Error);
  } finally {
    walled.database.close();
  }
  // Alone, so that names mean the new file's tables and not the walls.
  const database = new DatabaseSync(out, connectionOptions);
  try {
    database.exec("PRAGMA trusted_schema=OFF; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF");
    for (const sql of later) {
      try {
        database.prepare(sql).run();
      } catch {
        // An index or a view that cannot be made here is left out; every row is there without it.
      }
    }
    database.exec("PRAGMA journal_mode=DELETE");
  } finally {
    database.close();
  }
  return { file: "out.sqlite" };
}

/** Returns the declarations that are to be made after the rows. */
function copyTables({ database, secret, entries }: Walled): string[] {
  database.exec("PRAGMA query_only=0; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; BEGIN");
  const copied = new Set<string>();
  for (const { name, kind, sql } of entries) {
    if (kind !== "ordinary") continue;
    database.prepare(sql).run();
    const columns = database.prepare("SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0").all(name).map((column) => quoteName(String(column["name"]))).join(", ");
    // By the bare name: the view with the rows in sight where there are rules, else the file's own table, which is not main's.
    const from = database.prepare("SELECT count(*) AS n FROM temp.sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE").get(name)!["n"] === 1 ? "temp" : secret;
    database.exec(`INSERT INTO main.${quoteName(name)} (${columns}) SELECT ${columns} FROM ${from}.${quoteName(name)}`);
    copied.add(foldName(name));
  }
  database.exec("COMMIT");
  const indexes = database.prepare(`SELECT sql, tbl_name FROM ${secret}.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`).all();
  const views = entries.filter((entry) => entry.kind === "view").map((entry) => entry.sql);
  return [...indexes.filter((index) => copied.has(foldName(String(index["tbl_name"])))).map((index) => String(index["sql"])), ...views];
}

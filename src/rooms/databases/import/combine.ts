import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { quoteName, uniqueNames } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome, Report } from "./run.ts";

type Tables = ImportOutcome["tables"];

/** A finished file in the work folder with plain tables: no keys, no indexes, rows in the order of their rowids. */
export interface Part {
  path: string;
  tables: Tables;
}

/**
 * Merges finished files into `out.sqlite`, in their order, and removes them. Tables that are named
 * like an earlier one get a number. SQLite copies the rows of tables with equal columns as they are
 * stored (its "xfer optimization"), without reading a value.
 */
export function combine(options: { workDir: string; parts: readonly Part[]; limits: ImportLimits; report: Report }): Tables {
  const { workDir, parts, limits, report } = options;
  const all = parts.flatMap((part) => part.tables);
  if (all.length > limits.tablesMax) throw refuse("FILE_TABLES_TOO_MANY", { tables: all.length, tablesMax: limits.tablesMax });
  const names = uniqueNames(all.map((table) => table.name));
  const out = join(workDir, "out.sqlite");
  const [first, ...others] = parts;
  if (!first) throw refuse("FILE_WITHOUT_TABLES");
  renameSync(first.path, out);
  if (others.length === 0) return all;
  const total = all.reduce((sum, table) => sum + table.rows, 0);
  let at = first.tables.length;
  let done = first.tables.reduce((sum, table) => sum + table.rows, 0);
  const database = new DatabaseSync(out);
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE");
    for (const part of others) {
      database.prepare("ATTACH ? AS part").run(part.path);
      for (const table of part.tables) {
        const name = names[at++]!;
        const definitions = table.columns.map((column) => `${quoteName(column.name)} ${column.type}`).join(", ");
        database.exec(`CREATE TABLE main.${quoteName(name)} (${definitions}); INSERT INTO main.${quoteName(name)} SELECT * FROM part.${quoteName(table.name)}`);
        done += table.rows;
        report({ done, total, unit: "rows", phase: "combining" });
      }
      database.exec("DETACH part");
      rmSync(part.path);
    }
  } finally {
    database.close();
  }
  return all.map((table, i) => ({ ...table, name: names[i]! }));
}

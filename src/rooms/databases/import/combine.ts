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
  /** The name of a SQLite file as it was sent, with whatever is in it: there can be one, and the others are added to it. */
  database?: string;
}

/**
 * Merges finished files into `out.sqlite`, in their order, and removes them. Tables that are named
 * like an earlier one get a number. SQLite copies the rows of tables with equal columns as they are
 * stored (its "xfer optimization"), without reading a value.
 */
export function combine(options: { workDir: string; parts: readonly Part[]; limits: ImportLimits; report: Report }): Tables {
  const { workDir, limits, report } = options;
  const databases = options.parts.flatMap(({ database }) => database ?? []);
  if (databases.length > 1) throw refuse("FILE_ZIP_DATABASES", { names: databases.join(", ") });
  const parts = options.parts.toSorted((a, b) => Number(b.database !== undefined) - Number(a.database !== undefined));
  const all = parts.flatMap((part) => part.tables);
  if (all.length > limits.tablesMax) throw refuse("FILE_TABLES_TOO_MANY", { tables: all.length, tablesMax: limits.tablesMax });
  const out = join(workDir, "out.sqlite");
  const [first, ...others] = parts;
  if (!first) throw refuse("FILE_WITHOUT_TABLES");
  renameSync(first.path, out);
  if (others.length === 0) return all;
  const total = all.reduce((sum, table) => sum + table.rows, 0);
  let at = first.tables.length;
  let done = first.tables.reduce((sum, table) => sum + table.rows, 0);
  const database = new DatabaseSync(out, { allowExtension: false, defensive: true, limits: { attach: 1 } });
  try {
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE");
    if (databases.length > 0 && database.prepare("PRAGMA encoding").get()?.["encoding"] !== "UTF-8") throw refuse("FILE_ZIP_DATABASES", { names: databases.join(", ") });
    // Views and indexes have names too.
    const taken = (database.prepare("SELECT name FROM sqlite_schema").all() as { name: string }[]).map(({ name }) => name);
    const names = [...first.tables.map(({ name }) => name), ...uniqueNames([...taken, ...others.flatMap((part) => part.tables.map(({ name }) => name))]).slice(taken.length)];
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
    return all.map((table, i) => ({ ...table, name: names[i]! }));
  } finally {
    database.close();
  }
}

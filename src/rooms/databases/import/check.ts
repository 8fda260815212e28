import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { quoteName } from "./names.ts";
import type { ImportOutcome } from "./run.ts";

/** Has SQLite itself check a file that was made here. A failure is a fault of this program, not of the person's file. */
export function checkMade(workDir: string, outcome: ImportOutcome): void {
  const database = new DatabaseSync(join(workDir, outcome.file), { readOnly: true });
  try {
    const [result] = database.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
    if (result?.quick_check !== "ok") throw new Error(`the table that was made is not well-formed: ${result?.quick_check}`);
    for (const { name, rows } of outcome.tables) {
      const { count } = database.prepare(`SELECT count(*) AS count FROM ${quoteName(name)}`).get() as { count: number };
      if (count !== rows) throw new Error(`the table that was made has ${count} rows instead of ${rows}`);
    }
  } finally {
    database.close();
  }
}

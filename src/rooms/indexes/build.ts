import { renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { connectionOptions } from "#src/rooms/queries/open.ts";
import type { Index } from "./schema.ts";

export interface BuildRequest {
  /** Holds `in.sqlite`, a copy of the version; `out.sqlite` is made of it. */
  workDir: string;
  indexes: Index[];
}

/** How many rows of an index `ANALYZE` looks at: enough for figures, and quick on any size. */
const analysisRows = 2_000;

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** One name for one index, so that it is made once. */
export const nameOf = ({ table, columns }: Index): string => `kliv_${[table, ...columns].join("_")}`.slice(0, 200);

/** Adds indexes and the statistics that the planner chooses by. For a sandboxed process of its own. */
export function build({ workDir, indexes }: BuildRequest): { file: string } {
  addIndexes(join(workDir, "in.sqlite"), indexes);
  renameSync(join(workDir, "in.sqlite"), join(workDir, "out.sqlite"));
  return { file: "out.sqlite" };
}

export function addIndexes(file: string, indexes: Index[]): void {
  // Beside the connection's usual limits: it writes to its own copy, and nothing of the file's runs by that.
  const database = new DatabaseSync(file, connectionOptions);
  try {
    database.exec(`PRAGMA trusted_schema=OFF; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA analysis_limit=${analysisRows}`);
    for (const index of indexes) database.exec(`create index if not exists ${quote(nameOf(index))} on ${quote(index.table)} (${index.columns.map(quote).join(", ")})`);
    database.exec("analyze");
    database.exec("PRAGMA journal_mode=DELETE");
  } finally {
    database.close();
  }
}

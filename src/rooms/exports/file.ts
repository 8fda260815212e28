import { rmSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "#src/base/problems/problem.ts";
import { make } from "#src/rooms/columnar/make.ts";
import type { ExportTask } from "./run.ts";
import { madeName } from "./schema.ts";
import type { FileFormat } from "./schema.ts";
import { writeSqlite } from "./sqlite.ts";

export interface FileTask extends Omit<ExportTask, "format" | "options" | "title"> {
  format: FileFormat;
  /** The folder that the file is made in. */
  workDir: string;
  memoryBytesMax: number;
  threads: number;
}

/** Makes a file of rows in the work folder. Meant for a sandboxed process of its own. Throws a Problem. */
export async function makeFile(task: FileTask): Promise<{ rowCount: number }> {
  const { workDir, format, memoryBytesMax, threads } = task;
  const path = join(workDir, madeName.sqlite);
  const rowCount = await writeSqlite(task, path, { asDeclared: format === "sqlite" });
  if (format === "sqlite") return { rowCount };
  const { tables } = await make({ workDir, memoryBytesMax, threads, tablesMax: 1, keepsOrder: true }, () => {});
  rmSync(path);
  if (tables.length !== 1) throw new Problem("EXPORT_NAMES_UNFIT");
  return { rowCount };
}

import type { RowAccess } from "#src/access/rows.ts";
import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import { readRows } from "#src/rooms/queries/read.ts";
import type { Reading, Source } from "#src/rooms/queries/read.ts";
import { writeDelimited } from "./delimited.ts";
import { writeJson } from "./json.ts";
import { Output } from "./output.ts";
import type { FileFormat, Format, TextOptions } from "./schema.ts";

/** An export as the server hands it to a child. */
export interface ExportTask {
  /** The database file's path, inside one of the pool's readable folders. */
  file: string;
  source: Source;
  /** What the reader may see of the rows; without it, all. */
  rows?: RowAccess;
  format: Exclude<Format, FileFormat>;
  /** Of the table or question, for what shows one. */
  title: string;
  options: TextOptions;
  bytesMax: number;
}

/** Reads rows and writes them out as a file's bytes, a piece at a time. Throws a Problem. */
export async function runExport(task: ExportTask, output: TaskOutput): Promise<void> {
  const out = new Output(output, task.bytesMax);
  out.finish(await write(readRows(task), out, task));
}

async function write(reading: Reading, out: Output, { format, options, title }: ExportTask): Promise<number> {
  switch (format) {
    case "csv":
      return writeDelimited(reading, out, { delimiter: ",", ...options });
    case "tsv":
      return writeDelimited(reading, out, { delimiter: "\t", ...options });
    case "json":
      return writeJson(reading, out, { lines: false });
    case "ndjson":
      return writeJson(reading, out, { lines: true });
    case "xlsx":
      // Loaded by those who ask for it.
      return await (await import("./xlsx.ts")).writeXlsx(reading, out, { title });
  }
}

import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import type { Reading } from "#src/rooms/queries/read.ts";
import { writeDelimited } from "./delimited.ts";
import { writeJson } from "./json.ts";
import { Output } from "./output.ts";
import { read } from "./source.ts";
import type { ReadTask } from "./source.ts";
import type { FileFormat, Format, TextOptions } from "./schema.ts";

/** An export as the server hands it to a child. */
export interface ExportTask extends ReadTask {
  format: Exclude<Format, FileFormat>;
  /** Of the table or question, for what shows one. */
  title: string;
  options: TextOptions;
  bytesMax: number;
}

/** Reads rows and writes them out as a file's bytes, a piece at a time. Throws a Problem. */
export async function runExport(task: ExportTask, output: TaskOutput): Promise<void> {
  const out = new Output(output, task.bytesMax);
  out.finish(await write(await read(task), out, task));
}

async function write(reading: Reading, out: Output, { format, options, title }: ExportTask): Promise<number> {
  switch (format) {
    case "csv":
      return await writeDelimited(reading, out, { delimiter: ",", ...options });
    case "tsv":
      return await writeDelimited(reading, out, { delimiter: "\t", ...options });
    case "json":
      return await writeJson(reading, out, { lines: false });
    case "ndjson":
      return await writeJson(reading, out, { lines: true });
    case "xlsx":
      // Loaded by those who ask for it.
      return await (await import("./xlsx.ts")).writeXlsx(reading, out, { title });
  }
}

import { closeSync, openSync, writeSync } from "node:fs";
import type { ImportRequest, Report } from "./run.ts";
import type { ByteSource } from "./source.ts";

const reportBytes = 4 * 1024 * 1024;

/** Writes the source to a file, for formats that are read from their end. Answers its bytes. */
export async function spool(path: string, { request, source, report }: { request: ImportRequest; source: ByteSource; report: Report }): Promise<number> {
  const fd = openSync(path, "w");
  try {
    let done = 0;
    let reported = 0;
    for (let chunk = await source.next(); chunk; chunk = await source.next()) {
      for (let from = 0; from < chunk.length; ) from += writeSync(fd, chunk, from);
      done += chunk.length;
      if (done - reported < reportBytes) continue;
      reported = done;
      report({ done, ...(request.sizeBytes ? { total: request.sizeBytes } : {}), unit: "bytes", phase: "reading" });
    }
    return done;
  } finally {
    closeSync(fd);
  }
}

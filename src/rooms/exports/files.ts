import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Limits } from "#src/base/config.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Work } from "#src/base/work.ts";
import type { FileTask } from "./file.ts";
import { exportLimits, madeName } from "./schema.ts";

export interface MadeFile {
  sizeBytes: number;
  /** It has no name any more: it is gone when this is closed. */
  stream(): Readable;
  close(): Promise<void>;
}

type Wanted = Omit<FileTask, "workDir" | "memoryBytesMax" | "threads">;

/** Has files made in the sandbox, a few at once. */
export function createFiles({ work, limits }: { work: Work; limits: Limits }): (task: Wanted, options: { sizeBytes: number; signal: AbortSignal }) => Promise<MadeFile> {
  const inTurn = createTurns(exportLimits.filesAtOnceMax);
  return (wanted, { sizeBytes, signal }) =>
    inTurn(async () => {
      const workDir = work.makeFolder(sizeBytes);
      try {
        const task: FileTask = { ...wanted, workDir, memoryBytesMax: limits.importMemoryBytesMax, threads: exportLimits.fileThreadsMax };
        await runOnce("export-file", task, {
          workDir, readableDirs: work.roots, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: limits.uploadBytesMax, timeoutMs: exportLimits.timeoutMs, signal,
        });
        // No link that leads out of the folder.
        const file = await open(join(workDir, madeName[wanted.format]), constants.O_RDONLY | constants.O_NOFOLLOW);
        return { sizeBytes: (await file.stat()).size, stream: () => file.createReadStream({ start: 0, highWaterMark: 1024 ** 2 }), close: () => file.close() };
      } finally {
        await rm(workDir, { recursive: true, force: true });
      }
    });
}

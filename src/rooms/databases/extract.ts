import { createHash } from "node:crypto";
import { chmod, copyFile, open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { RowAccess } from "#src/access/rows.ts";
import type { BlobRange } from "#src/base/blobs/blobs.ts";
import type { Limits } from "#src/base/config.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Work } from "#src/base/work.ts";
import type { VersionRef } from "./databases.ts";

/** A file of the rows that a reader may see. It has no name any more: it is gone when it is closed. */
export interface Extract {
  sha256: string;
  sizeBytes: number;
  /** Closes the file at its end. */
  stream(range?: BlobRange): Readable;
  close(): Promise<void>;
}

const extractMs = 10 * 60_000;
const atOnceMax = 2;

/** Makes extracts, a few at once: each is a copy of the whole file first. */
export function createExtracts({ work, limits }: { work: Work; limits: Limits }): (options: { version: VersionRef; copyOf: string; rows: RowAccess; signal?: AbortSignal }) => Promise<Extract> {
  const inTurn = createTurns(atOnceMax);
  return (options) =>
    inTurn(async () => {
      const { version, copyOf, rows, signal } = options;
      const workDir = work.makeFolder(version.sizeBytes);
      try {
        const whole = join(workDir, "in.sqlite");
        await copyFile(copyOf, whole);
        await chmod(whole, 0o644);
        const request = { workDir, rows };
        const { file } = (await runOnce("extract", request, {
          workDir, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: limits.uploadBytesMax * 4, timeoutMs: extractMs, packages: false, signal,
        })) as { file: string };
        return await hold(await open(join(workDir, file), "r"));
      } finally {
        await rm(workDir, { recursive: true, force: true });
      }
    });
}

async function hold(file: FileHandle): Promise<Extract> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const part of file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 ** 2 }) as AsyncIterable<Buffer>) {
    hash.update(part);
    sizeBytes += part.length;
  }
  return {
    sha256: hash.digest("hex"), sizeBytes,
    stream: ({ start, end = Infinity } = { start: 0 }) => file.createReadStream({ start, end, highWaterMark: 1024 ** 2 }),
    close: () => file.close(),
  };
}

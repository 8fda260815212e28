import { createReadStream } from "node:fs";
import { mkdtemp, opendir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RawStore } from "./promise.ts";

const scanBytesMax = 64 * 1024 ** 3;

/** The bytes of a directory as they lie on disk, whoever wrote them. */
export function rawDirectory(root: string): RawStore {
  return {
    kind: "directory",
    async mark() {
      // The time of the last change to a file is the system's: nobody can set it, as the store does with the other.
      const folder = await mkdtemp(join(tmpdir(), "kliv-mark-"));
      const { ctimeMs } = await stat(folder);
      await rm(folder, { recursive: true });
      return ctimeMs;
    },
    async scan(needles, { sinceMs = 0, signal } = {}) {
      const seen = { files: 0, bytes: 0, found: 0 };
      const folder = await opendir(root, { recursive: true });
      for await (const entry of folder) {
        signal?.throwIfAborted();
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const about = await stat(path).catch(() => null);
        if (!about || about.ctimeMs < sinceMs) continue;
        const result = await scanFile({ path, needles, ...(signal ? { signal } : {}) });
        if (result === null) continue;
        seen.files++;
        seen.bytes += result.bytes;
        if (result.isFound) seen.found++;
        if (seen.bytes > scanBytesMax) throw new Error(`the store has more than ${scanBytesMax} bytes to read`);
      }
      return seen;
    },
  };
}

// In pieces, with the end of each kept before the next, so that a needle on the border is found.
async function scanFile(options: { path: string; needles: Buffer[]; signal?: AbortSignal }): Promise<{ bytes: number; isFound: boolean } | null> {
  const { path, needles, signal } = options;
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
  let tail = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1024 ** 2, ...(signal ? { signal } : {}) })) {
      bytes += (part as Buffer).length;
      const window = Buffer.concat([tail, part as Buffer]);
      if (needles.some((needle) => window.includes(needle))) return { bytes, isFound: true };
      tail = window.subarray(Math.max(0, window.length - overlap));
    }
    return { bytes, isFound: false };
  } catch (error) {
    // Deleted meanwhile: then it holds nothing.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

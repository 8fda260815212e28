import { constants, createReadStream } from "node:fs";
import { chmod, copyFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import type { Work } from "#src/base/work.ts";
import type { Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import type { Made, MakeRequest } from "./make.ts";
import { columnarFormat, columnarLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { StoredTable } from "./store.ts";

/** Of all objects of copies; the team and the version follow. */
export const columnarPrefix = "columnar/";

const idleMs = 5 * 60_000;
/** Another try would end alike. */
const lasting = /^(WORK_MEMORY|WORK_TIMEOUT|WORK_FAILED|QUERY_FILE_DAMAGED)$/;

export interface MakerParts {
  postgres: Postgres;
  databases: Databases;
  blobs: Blobs;
  work: Work;
  limits: Limits;
  clock: Clock;
  /** Says, with the transaction, that there is something new about the copy. */
  tell(tx: Tx, version: string): Promise<void>;
}

/** Makes copies: in the sandbox, then stored, then visible. Killed anywhere before that, the objects are swept. */
export function createMaker(parts: MakerParts): (version: VersionRef, signal: AbortSignal) => Promise<void> {
  const { postgres, databases, blobs, work, limits, clock, tell } = parts;
  return async (version, signal) => {
    const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [version.team] }, work);
    const workDir = work.makeFolder(version.sizeBytes);
    try {
      const source = join(workDir, "in.sqlite");
      await copyFile(await databases.open(version), source);
      await chmod(source, 0o644);
      const request: MakeRequest = {
        workDir, memoryBytesMax: limits.importMemoryBytesMax, threads: Math.min(availableParallelism(), columnarLimits.threadsMax), tablesMax: columnarLimits.tablesMax,
      };
      const made = (await runOnce("columnar-make", request, {
        workDir, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: limits.uploadBytesMax * 4, timeoutMs: columnarLimits.makeMs, idleTimeoutMs: idleMs, signal,
      })) as Made;
      const tables = await storeFiles({ blobs, workDir, made, prefix: `${columnarPrefix}${version.team}/${version.id}/${newId("col", clock)}` });
      const isKept = await within(async (tx) => {
        const kept = await store.keepCopy(tx, { version: version.id, format: columnarFormat, tables, now: clock.date() });
        if (kept) await tell(tx, version.id);
        return kept;
      });
      if (!isKept) for (const { blobKey } of tables) await blobs.delete(blobKey);
    } catch (error) {
      if (!(error instanceof Problem) || !lasting.test(error.code)) throw error;
      await within(async (tx) => {
        await store.failCopy(tx, { version: version.id, reason: error.code });
        await tell(tx, version.id);
      });
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  };
}

async function storeFiles({ blobs, workDir, made, prefix }: { blobs: Blobs; workDir: string; made: Made; prefix: string }): Promise<StoredTable[]> {
  const tables: StoredTable[] = [];
  for (const [at, { file, name, rows, columns }] of made.tables.entries()) {
    const blobKey = `${prefix}-${at}.parquet`;
    // What the child says is not believed: a name of its folder, and no link out of it.
    if (!/^\d+\.parquet$/.test(file)) throw new Problem("WORK_FAILED");
    const bytes = createReadStream(join(workDir, file), { flags: (constants.O_RDONLY | constants.O_NOFOLLOW) as never, highWaterMark: 1024 ** 2 });
    const { sizeBytes, sha256 } = await blobs.put(blobKey, bytes, { contentType: "application/vnd.apache.parquet" });
    tables.push({ name, rows, columns, blobKey, sizeBytes, sha256 });
  }
  return tables;
}

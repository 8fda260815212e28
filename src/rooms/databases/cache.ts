import { createHash, createHmac, randomBytes } from "node:crypto";
import { chmodSync, chownSync, createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Blobs } from "#src/base/blobs/blobs.ts";
// The times of files are the machine's own.
import { systemClock } from "#src/base/clock.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Work } from "#src/base/work.ts";

/** An object of the store that is opened as a plain file: a version, or what is derived from one. It never changes. */
export interface CachedObject {
  /** Of this content alone, in all the installation. */
  id: string;
  team: string;
  database: string;
  blobKey: string;
  sha256: string;
  sizeBytes: number;
}

export interface Cache {
  /** The path of a plain, read-only copy, fetched where it is not here; this process has held it against its SHA-256. */
  open(object: CachedObject): Promise<string>;
  /** Takes a finished file as the copy of an object, so that it need not be fetched again. */
  adopt(object: CachedObject, path: string): void;
  /** Removes the copies of all that belongs to a team, to one of its databases, or one alone. */
  forget(whose: { team: string; database?: string; id?: string }): Promise<void>;
  /** Removes copies of databases that are not among these. */
  keepOnly(databases: Iterable<{ team: string; database: string }>): Promise<void>;
  /** Resolves when nothing is being put out any more. For tests. */
  settled(): Promise<void>;
}

interface Copy {
  path: string;
  usedMs: number;
}

interface Found {
  path: string;
  sizeBytes: number;
  usedMs: number;
}

const suffix = ".sqlite";
/** A use is noted in the file's time so often, for the other servers that share it. */
const noteEveryMs = 2_000;
/** What was used a moment ago may be on its way to a child that has not opened it yet. */
const usualGraceMs = [60_000, 5_000];
/** A fetch that was killed leaves its part. */
const partMs = 3_600_000;
/** After so large a part of all was added, the folders are looked through for what others have added. */
const lookShare = 1 / 16;

/**
 * Bounded working copies, least recently used out first, in folders that several servers may share. All that one does
 * to another's is to unlink a whole file or to rename one into place: an open copy stays readable, a half one is never
 * seen. The state is the files themselves, so it is there again after a restart.
 */
export function createCache(options: { blobs: Blobs; work: Work; bytesMax: number; graceMs?: number[] }): Cache {
  const { blobs, work, bytesMax, graceMs = usualGraceMs } = options;
  // Names are not to be guessed by a child that was broken out of: it knows only those that it was told.
  const nameOf = (text: string, length: number): string => createHmac("sha256", work.key).update(text).digest("hex").slice(0, length);
  const prefixOf = (team: string, database?: string): string => `${nameOf(`team ${team}`, 20)}-${database === undefined ? "" : `${nameOf(`database ${database}`, 20)}-`}`;
  const fileOf = ({ team, database, id }: Pick<CachedObject, "team" | "database" | "id">): string => `${prefixOf(team, database)}${nameOf(`object ${id}`, 40)}${suffix}`;
  /** Those that this process has checked. */
  const copies = new Map<string, Copy>();
  const opening = new Map<string, Promise<string>>();
  let addedBytes = Number.POSITIVE_INFINITY;
  let trimming: Promise<void> | null = null;

  const note = (id: string, path: string): string => {
    const known = copies.get(id);
    const now = systemClock.now();
    if (known?.path === path && now - known.usedMs < noteEveryMs) return path;
    copies.set(id, { path, usedMs: now });
    touch(path);
    return path;
  };
  const added = (sizeBytes: number): void => {
    addedBytes += sizeBytes;
    if (addedBytes < bytesMax * lookShare) return;
    addedBytes = 0;
    trimming ??= trim().finally(() => (trimming = null));
  };
  const list = async (): Promise<Found[]> => {
    const found: Found[] = [];
    for (const root of work.roots) {
      for (const name of await readdir(root).catch(() => [])) {
        if (!name.includes(suffix)) continue;
        const path = join(root, name);
        const seen = await stat(path).catch(() => null);
        if (seen === null) continue;
        if (name.endsWith(suffix)) found.push({ path, sizeBytes: seen.size, usedMs: seen.mtimeMs });
        else if (systemClock.now() - seen.mtimeMs > partMs) await rm(path, { force: true });
      }
    }
    return found.sort((a, b) => a.usedMs - b.usedMs);
  };
  const trim = async (): Promise<void> => {
    const all = await list();
    let bytes = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const out = new Set<string>();
    for (const keptMs of graceMs) {
      for (const one of all) {
        if (bytes <= bytesMax) break;
        if (out.has(one.path) || systemClock.now() - one.usedMs < keptMs) continue;
        await rm(one.path, { force: true });
        out.add(one.path);
        bytes -= one.sizeBytes;
      }
    }
    for (const [id, { path }] of copies) if (out.has(path)) copies.delete(id);
  };
  /** A copy that another process, or this one before its restart, has left. */
  const takeOver = async (object: CachedObject): Promise<string | null> => {
    for (const root of work.roots) {
      const path = join(root, fileOf(object));
      if (!existsSync(path)) continue;
      touch(path);
      const sha256 = await hashOf(path).catch(() => null);
      if (sha256 === object.sha256) return path;
      await rm(path, { force: true });
    }
    return null;
  };
  const fetchCopy = async (object: CachedObject): Promise<string> => {
    const path = join(work.rootFor(object.sizeBytes), fileOf(object));
    const part = `${path}.${randomBytes(6).toString("hex")}`;
    const hash = createHash("sha256");
    const check = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      const { body } = await blobs.get(object.blobKey);
      await pipeline(body, check, createWriteStream(part, { mode: 0o644, highWaterMark: 1024 ** 2 }));
      if (hash.digest("hex") !== object.sha256) throw new Problem("BLOB_DAMAGED", { values: { key: object.id } });
      renameSync(part, path);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
    added(object.sizeBytes);
    return path;
  };
  const remove = async (isMeant: (name: string) => boolean): Promise<void> => {
    for (const root of work.roots) {
      for (const name of await readdir(root).catch(() => [])) {
        if (name.endsWith(suffix) && isMeant(name)) await rm(join(root, name), { force: true });
      }
    }
  };
  return {
    async open(object) {
      const known = copies.get(object.id);
      if (known && existsSync(known.path)) return note(object.id, known.path);
      let running = opening.get(object.id);
      if (!running) {
        running = takeOver(object).then((path) => path ?? fetchCopy(object)).then((path) => note(object.id, path)).finally(() => opening.delete(object.id));
        opening.set(object.id, running);
      }
      return await running;
    },
    adopt(object, path) {
      const own = join(work.rootFor(object.sizeBytes), fileOf(object));
      try {
        // It was a child's: from now on no child may write to it.
        if (process.getuid?.() === 0) chownSync(path, 0, 0);
        chmodSync(path, 0o644);
        renameSync(path, own);
      } catch {
        // On another file system: fetched when it is asked for.
        return;
      }
      added(statSync(own).size);
      note(object.id, own);
    },
    async forget({ team, database, id }) {
      const start = id !== undefined && database !== undefined ? fileOf({ team, database, id }) : prefixOf(team, database);
      await remove((name) => name.startsWith(start));
    },
    async keepOnly(databases) {
      const known = new Set<string>();
      for (const { team, database } of databases) known.add(prefixOf(team, database));
      await remove((name) => !known.has(name.slice(0, 42)));
    },
    async settled() {
      await trimming;
    },
  };
}

function touch(path: string): void {
  const seconds = systemClock.now() / 1_000;
  try {
    utimesSync(path, seconds, seconds);
  } catch {
    // Put out just now, or another user's.
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: 1024 ** 2 }) as AsyncIterable<Buffer>) hash.update(part);
  return hash.digest("hex");
}

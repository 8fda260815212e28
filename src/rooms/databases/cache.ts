import { createHash, createHmac, randomBytes } from "node:crypto";
import { chmodSync, chownSync, createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Work } from "#src/base/work.ts";
import type { VersionRef } from "./databases.ts";

export interface Cache {
  /** The path of a plain, read-only copy of the version, fetched and checked against its SHA-256 when it is not here. */
  open(version: VersionRef): Promise<string>;
  /** Takes a finished file as the copy of a version, so that it need not be fetched again. */
  adopt(version: VersionRef, path: string): void;
  forget(version: string): void;
  forgetTeam(team: string): void;
}

interface Copy {
  path: string;
  team: string;
  sizeBytes: number;
}

/** Bounded working copies of versions, least recently used out first. An open copy stays readable when it is put out. */
export function createCache(options: { blobs: Blobs; work: Work; bytesMax: number }): Cache {
  const { blobs, work, bytesMax } = options;
  // Names are not to be guessed by a child that was broken out of: it knows only those that it was told.
  const secret = randomBytes(32);
  const copies = new Map<string, Copy>();
  const fetching = new Map<string, Promise<string>>();
  let bytes = 0;
  let last = "";
  const pathOf = (version: VersionRef): string =>
    join(work.rootFor(version.sizeBytes), `${createHmac("sha256", secret).update(version.id).digest("hex")}.sqlite`);
  const drop = (id: string): void => {
    const copy = copies.get(id);
    if (!copy) return;
    copies.delete(id);
    bytes -= copy.sizeBytes;
    rmSync(copy.path, { force: true });
  };
  const keep = (id: string, copy: Copy): void => {
    copies.set(id, copy);
    last = id;
    bytes += copy.sizeBytes;
    for (const old of copies.keys()) {
      if (bytes <= bytesMax || old === id) break;
      drop(old);
    }
  };
  const fetchCopy = async (version: VersionRef): Promise<string> => {
    const path = pathOf(version);
    const part = `${path}.part`;
    const hash = createHash("sha256");
    const check = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      const { body } = await blobs.get(version.blobKey);
      await pipeline(body, check, createWriteStream(part, { mode: 0o644, highWaterMark: 1024 ** 2 }));
      if (hash.digest("hex") !== version.sha256) throw new Problem("BLOB_DAMAGED", { values: { key: version.id } });
      renameSync(part, path);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
    keep(version.id, { path, team: version.team, sizeBytes: version.sizeBytes });
    return path;
  };
  return {
    async open(version) {
      const copy = copies.get(version.id);
      if (copy && existsSync(copy.path)) {
        // Moved to the end, where it is not the last already: the map's order is the order of use.
        if (last !== version.id) {
          copies.delete(version.id);
          copies.set(version.id, copy);
          last = version.id;
        }
        return copy.path;
      }
      if (copy) drop(version.id);
      let running = fetching.get(version.id);
      if (!running) {
        running = fetchCopy(version).finally(() => fetching.delete(version.id));
        fetching.set(version.id, running);
      }
      return await running;
    },
    adopt(version, path) {
      const own = pathOf(version);
      try {
        renameSync(path, own);
      } catch {
        // On another file system: fetched when it is asked for.
        return;
      }
      // It was a child's: from now on no child may write to it.
      if (process.getuid?.() === 0) chownSync(own, 0, 0);
      chmodSync(own, 0o644);
      keep(version.id, { path: own, team: version.team, sizeBytes: statSync(own).size });
    },
    forget: drop,
    forgetTeam(team) {
      for (const [id, copy] of copies) if (copy.team === team) drop(id);
    },
  };
}

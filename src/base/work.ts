import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "./clock.ts";
import { startOf } from "./processes.ts";

/** Folders of working copies, plain because SQLite must open them. */
export interface Work {
  /** Where something of this size should be: in memory while small, else on disk. */
  rootFor(sizeBytes: number | undefined): string;
  /** All that children may read. */
  roots: string[];
  /** The folders are the operator's own choice: other servers of this machine use them too, and copies outlive this one. */
  isShared: boolean;
  /** Makes names of copies that nobody guesses; the same for all who share the folders. */
  key: Buffer;
  /** A new folder for one job that the sandboxed child may write to. */
  makeFolder(sizeBytes: number | undefined): string;
  close(): void;
}

// Customers' rows should touch no disk in plain while they fit in memory; larger ones need an encrypted volume.
const memoryFileBytesMax = 64 * 1024 ** 2;
const memoryShareMax = 0.25;
/** Of a folder that another container's process may still work in: longer than any job takes. */
const orphanMs = 24 * 3_600_000;

/**
 * Where the working folders are: in memory where the machine has a file system for that, and on disk. They are one
 * home's own, or those of all servers that were given the same `diskDir`.
 */
export function workRoots({ home, diskDir }: { home: string; diskDir: string | null }): { memory: string | null; disk: string } {
  const name = `kliv-${process.getuid?.() ?? 0}-${createHash("sha256").update(diskDir ?? home).digest("hex").slice(0, 16)}`;
  return { memory: existsSync("/dev/shm") ? join("/dev/shm", name) : null, disk: diskDir === null ? join(tmpdir(), name) : join(diskDir, "copies") };
}

/**
 * Working folders outside of HOME, which holds customers' rows only encrypted. Without `diskDir` they are gone when the
 * server stops, and what a killed one left is removed now. With it, copies stay for the next start and for others.
 */
export function openWork(options: { home: string; diskDir: string | null }): Work {
  const { diskDir } = options;
  const isShared = diskDir !== null;
  const { memory, disk } = workRoots(options);
  const roots = memory ? [memory, disk] : [disk];
  for (const root of roots) {
    if (!isShared) rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true, mode: 0o711 });
    chmodSync(root, 0o711);
    if (isShared) removeOrphans(root);
  }
  const own = `job-${namespace()}-${process.pid}.${startOf(process.pid) ?? ""}-${randomBytes(4).toString("hex")}-`;
  const rootFor = (sizeBytes: number | undefined): string => {
    if (!memory || sizeBytes === undefined || sizeBytes > memoryFileBytesMax) return disk;
    const { bavail, blocks, bsize } = statfsSync(memory);
    return (blocks - bavail) * bsize + sizeBytes * 4 < blocks * bsize * memoryShareMax ? memory : disk;
  };
  return {
    rootFor,
    roots,
    isShared,
    // Beside the folders and not within: children read those.
    key: isShared ? sharedKey(join(diskDir, "names.key")) : randomBytes(32),
    makeFolder(sizeBytes) {
      const folder = mkdtempSync(join(rootFor(sizeBytes), own));
      chmodSync(folder, 0o700);
      return folder;
    },
    close() {
      for (const root of roots) {
        if (!isShared) rmSync(root, { recursive: true, force: true });
        else for (const name of readdirSync(root)) if (name.startsWith(own)) rmSync(join(root, name), { recursive: true, force: true });
      }
    },
  };
}

/** Made by whoever comes first; a link never overwrites, so all have the same. */
function sharedKey(file: string): Buffer {
  if (!existsSync(file)) {
    const mine = `${file}.${randomBytes(6).toString("hex")}`;
    writeFileSync(mine, randomBytes(32).toString("base64"), { mode: 0o600, flush: true });
    try {
      linkSync(mine, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(mine, { force: true });
    }
  }
  return Buffer.from(readFileSync(file, "utf8"), "base64");
}

/** Numbers of processes mean something within one of these only. */
function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

/** Removes the folders of jobs whose process has gone. */
function removeOrphans(root: string): void {
  for (const name of readdirSync(root)) {
    const [, where, pid, start] = /^job-(\d+)-(\d+)\.(\w*)-/.exec(name) ?? [];
    if (where === undefined) continue;
    const isOurs = where === namespace();
    const isGone = isOurs ? startOf(Number(pid)) !== start : systemClock.now() - (statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) > orphanMs;
    if (isGone) rmSync(join(root, name), { recursive: true, force: true });
  }
}

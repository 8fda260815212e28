import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of working copies, plain because SQLite must open them; gone when the server stops. */
export interface Work {
  /** Where something of this size should be: in memory while small, else on disk. */
  rootFor(sizeBytes: number | undefined): string;
  roots: string[];
  /** A new folder for one job that the sandboxed child may write to. */
  makeFolder(sizeBytes: number | undefined): string;
  close(): void;
}

// Customers' rows should touch no disk in plain while they fit in memory; larger ones need an encrypted volume.
const memoryFileBytesMax = 64 * 1024 ** 2;
const memoryShareMax = 0.25;

/** Where the working folders of a home are: in memory where the machine has a file system for that, and on disk. */
export function workRoots({ home, diskDir }: { home: string; diskDir: string | null }): { memory: string | null; disk: string } {
  const name = `kliv-${process.getuid?.() ?? 0}-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`;
  return { memory: existsSync("/dev/shm") ? join("/dev/shm", name) : null, disk: diskDir ?? join(tmpdir(), name) };
}

/**
 * Working folders of one home, outside of it: HOME itself holds customers' rows only encrypted. What a killed run
 * left is removed. `diskDir` overrides where large files go.
 */
export function openWork(options: { home: string; diskDir: string | null }): Work {
  const { memory, disk } = workRoots(options);
  const roots = memory ? [memory, disk] : [disk];
  for (const root of roots) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true, mode: 0o711 });
    chmodSync(root, 0o711);
  }
  const rootFor = (sizeBytes: number | undefined): string => {
    if (!memory || sizeBytes === undefined || sizeBytes > memoryFileBytesMax) return disk;
    const { bavail, blocks, bsize } = statfsSync(memory);
    return (blocks - bavail) * bsize + sizeBytes * 4 < blocks * bsize * memoryShareMax ? memory : disk;
  };
  return {
    rootFor,
    roots,
    makeFolder(sizeBytes) {
      const folder = mkdtempSync(join(rootFor(sizeBytes), "job-"));
      chmodSync(folder, 0o700);
      return folder;
    },
    close() {
      for (const root of roots) rmSync(root, { recursive: true, force: true });
    },
  };
}


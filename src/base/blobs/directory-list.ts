import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BlobItem } from "./blobs.ts";
import { blobFileName, keyPartOf } from "./folders.ts";
import { plainBytes } from "./sealed.ts";

interface ListOptions {
  root: string;
  prefix: string;
  /** Only keys after this one; "" for all. */
  after: string;
  limit: number;
}

/** One page of keys in the order of their bytes, as S3 lists them. Reads only the folders that can hold some of them. */
export async function listDirectory(options: ListOptions): Promise<{ items: BlobItem[]; next: string | null }> {
  const { root, prefix, after, limit } = options;
  const items: BlobItem[] = [];
  const top = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  for await (const key of keysIn(root, top, { prefix, after })) {
    if (items.length === limit) return { items, next: items.at(-1)!.key };
    const item = await findItem(root, key);
    if (item !== null) items.push(item);
  }
  return { items, next: null };
}

async function* keysIn(root: string, folder: string, wanted: { prefix: string; after: string }): AsyncGenerator<string> {
  const { prefix, after } = wanted;
  for (const name of await namesIn(join(root, folder))) {
    const path = folder + name;
    if (path.endsWith("/")) {
      const isBehind = path < after && !after.startsWith(path);
      if (path.startsWith(prefix) && !isBehind) yield* keysIn(root, path, wanted);
    } else if (path.startsWith(prefix) && path > after) {
      yield path;
    }
  }
}

// Folders as "name/": sorted so, the tree is walked in the order of the whole keys.
async function namesIn(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const names: string[] = [];
  for (const entry of entries) {
    const part = keyPartOf(entry.name);
    if (entry.isDirectory() && part === null) names.push(`${entry.name}/`);
    else if (entry.isFile() && part !== null) names.push(part);
  }
  return names.sort();
}

async function findItem(root: string, key: string): Promise<BlobItem | null> {
  try {
    const stat = await lstat(join(root, blobFileName(key)));
    // A file that was cut short lists with no size; reading it says that it is damaged.
    return { key, sizeBytes: Math.max(0, plainBytes(stat.size)), modifiedAt: Math.round(stat.mtimeMs) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

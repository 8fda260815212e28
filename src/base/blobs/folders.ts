import { mkdir, open, rmdir } from "node:fs/promises";
import { dirname } from "node:path";

const knownMax = 10_000;

// "=" is in no key, so that the object "a" (file "a=") and the object "a/b" (folder "a") can lie side by side.
const fileEnd = "=";

export function blobFileName(keyPart: string): string {
  return keyPart + fileEnd;
}

/** The key's part that a file's name stands for, or null for a folder. */
export function keyPartOf(fileName: string): string | null {
  return fileName.endsWith(fileEnd) ? fileName.slice(0, -1) : null;
}

/** Makes what was added to or removed from a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Folders that survive a power cut: one that was made is in its parent's fsync before something in it is acknowledged. */
export class Folders {
  // Those already known to be durable; a put into one of them costs a single fsync.
  readonly #known = new Set<string>();

  /** `root` exists and is durable. */
  constructor(root: string) {
    this.#known.add(root);
  }

  async ensure(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    const parent = dirname(folder);
    await this.ensure(parent);
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") {
        this.forget(parent);
        return this.ensure(folder);
      }
      if (code !== "EEXIST") throw error;
    }
    // Even where it was there: whoever made it may not have come this far yet.
    await syncFolder(parent);
    if (this.#known.size >= knownMax) this.#forgetOldest();
    this.#known.add(folder);
  }

  forget(folder: string): void {
    for (const known of this.#known) {
      if (known === folder || known.startsWith(`${folder}/`)) this.#known.delete(known);
    }
  }

  /** Makes a removal from `folder` durable, and removes it and its parents below `top` where they became empty. */
  async removed(folder: string, top: string): Promise<void> {
    let current = folder;
    while (current !== top && current.startsWith(top)) {
      try {
        await rmdir(current);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "ENOENT") break;
      }
      this.forget(current);
      current = dirname(current);
    }
    await syncFolder(current).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }

  #forgetOldest(): void {
    const [root, oldest] = this.#known;
    if (root !== undefined && oldest !== undefined) this.#known.delete(oldest);
  }
}

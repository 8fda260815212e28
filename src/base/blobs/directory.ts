import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { link, open, rename, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../clock.ts";
import { Problem } from "../problems/problem.ts";
import type { BlobHead, BlobBody, BlobRange, Blobs, PutOptions } from "./blobs.ts";
import { listDirectory } from "./directory-list.ts";
import { adoptRoot, leftoverName, sweepLeftovers } from "./directory-root.ts";
import { blobFileName, Folders, syncFolder } from "./folders.ts";
import { checkKey, checkPrefix, checkRange, listLimit, resolveRange } from "./keys.ts";
import { Damage, headerBytes, isSealed, segmentBytes } from "./sealed.ts";
import type { Trailer } from "./sealed.ts";
import { PlainStream, readOpener, readSegments } from "./sealed-read.ts";
import { writeSealed } from "./sealed-write.ts";

interface DirectoryOptions {
  root: string;
  masterKey: Buffer;
  environment: string;
  clock: Clock;
}

/** Opens an encrypting directory: checks its marker, then removes what killed puts left. Errors as `openBlobs`. */
export async function openDirectory(options: DirectoryOptions): Promise<Blobs> {
  const root = resolve(options.root);
  const { masterKey, environment } = options;
  try {
    await adoptRoot({ root, masterKey, environment });
    const store = new DirectoryBlobs({ ...options, root });
    await store.prepare();
    return store;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw error instanceof Problem ? error : new Problem("STORE_UNAVAILABLE", { values: { reason: code ?? "an error" }, cause: error });
  }
}

class DirectoryBlobs implements Blobs {
  readonly kind = "directory";
  readonly #masterKey: Buffer;
  readonly #clock: Clock;
  readonly #incoming: string;
  readonly #objects: string;
  readonly #folders: Folders;

  constructor(options: DirectoryOptions) {
    this.#masterKey = options.masterKey;
    this.#clock = options.clock;
    this.#incoming = join(options.root, "incoming");
    this.#objects = join(options.root, "objects");
    this.#folders = new Folders(options.root);
  }

  async prepare(): Promise<void> {
    await this.#folders.ensure(this.#incoming);
    await this.#folders.ensure(this.#objects);
    await sweepLeftovers(this.#incoming);
  }

  async put(key: string, body: BlobBody, options: PutOptions = {}): Promise<BlobHead> {
    checkKey(key);
    const incoming = join(this.#incoming, `${await leftoverName()}-${randomBytes(9).toString("hex")}`);
    try {
      const trailer = await this.#write(incoming, key, body);
      if (options.sha256 !== undefined && options.sha256 !== trailer.sha256) throw new Problem("BLOB_HASH_MISMATCH", { values: { key } });
      await this.#publish(incoming, key, options.ifNoneMatch === true);
      return headOf(key, trailer);
    } catch (error) {
      await unlink(incoming).catch(() => {});
      throw isFull(error) ? new Problem("STORE_FULL", { values: { key }, cause: error }) : error;
    }
  }

  async get(key: string, range?: BlobRange): Promise<{ head: BlobHead; body: PlainStream }> {
    checkKey(key);
    if (range) checkRange(range);
    const handle = await this.#open(key);
    if (handle === null) throw new Problem("BLOB_NOT_FOUND", { values: { key } });
    const explain = (error: unknown): Error => asProblem(error, key);
    try {
      const opener = await readOpener(handle, { masterKey: this.#masterKey, key });
      const { from, to } = resolveRange(range, opener.trailer.sizeBytes);
      const body = new PlainStream({ handle, opener, from, to, explain });
      await body.prepare();
      return { head: headOf(key, opener.trailer), body };
    } catch (error) {
      await handle.close();
      throw explain(error);
    }
  }

  async head(key: string): Promise<BlobHead | null> {
    checkKey(key);
    const handle = await this.#open(key);
    if (handle === null) return null;
    try {
      return headOf(key, (await readOpener(handle, { masterKey: this.#masterKey, key })).trailer);
    } catch (error) {
      throw asProblem(error, key);
    } finally {
      await handle.close();
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const { folder, file } = this.#place(key);
    try {
      await unlink(file);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await this.#folders.removed(folder, this.#objects);
  }

  async list(prefix: string, options: { after?: string; limit?: number } = {}): ReturnType<Blobs["list"]> {
    checkPrefix(prefix);
    if (options.after !== undefined) checkPrefix(options.after);
    return listDirectory({ root: this.#objects, prefix, after: options.after ?? "", limit: listLimit(options.limit) });
  }

  /** True when the file is one of ours and its trailer, first and last segment authenticate under AES-256-GCM. */
  async verifyEncryption(key: string): Promise<{ encrypted: boolean; how: string }> {
    checkKey(key);
    const handle = await this.#open(key);
    if (handle === null) throw new Problem("BLOB_NOT_FOUND", { values: { key } });
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
      if (!isSealed(buffer.subarray(0, bytesRead))) return { encrypted: false, how: "the file does not begin as an encrypted object" };
      const opener = await readOpener(handle, { masterKey: this.#masterKey, key });
      for (const index of new Set([0, opener.segments - 1])) await readSegments(handle, opener, { first: index, end: index + 1 });
      return { encrypted: true, how: `AES-256-GCM in segments of ${segmentBytes} bytes; trailer, first and last segment authenticated` };
    } catch (error) {
      if (error instanceof Damage) return { encrypted: false, how: error.message };
      throw error;
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {}

  async #write(incoming: string, key: string, body: BlobBody): Promise<Trailer> {
    const handle = await open(incoming, "wx", 0o600);
    try {
      const modifiedAt = this.#clock.now();
      const trailer = await writeSealed(handle, body, { masterKey: this.#masterKey, key, modifiedAt });
      // Lists take the time from the file, so that they need not open every one.
      await handle.utimes(modifiedAt / 1000, modifiedAt / 1000);
      return trailer;
    } finally {
      await handle.close();
    }
  }

  // The only moment at which something becomes visible. A link fails where a file is; a rename replaces it.
  async #publish(incoming: string, key: string, isNew: boolean): Promise<void> {
    const { folder, file } = this.#place(key);
    for (let attempt = 0; ; attempt++) {
      await this.#folders.ensure(folder);
      try {
        if (isNew) await link(incoming, file);
        else await rename(incoming, file);
        break;
      } catch (error) {
        if (isNew && (error as NodeJS.ErrnoException).code === "EEXIST") throw new Problem("BLOB_EXISTS", { values: { key }, cause: error });
        // A delete took the empty folder away between the two steps.
        if (!isMissing(error) || attempt === 9) throw error;
        this.#folders.forget(folder);
      }
    }
    await syncFolder(folder);
    if (isNew) await unlink(incoming);
  }

  async #open(key: string): Promise<FileHandle | null> {
    try {
      return await open(this.#place(key).file, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  #place(key: string): { folder: string; file: string } {
    const cut = key.lastIndexOf("/");
    const folder = join(this.#objects, key.slice(0, Math.max(0, cut)));
    return { folder, file: join(folder, blobFileName(key.slice(cut + 1))) };
  }
}

function headOf(key: string, trailer: Trailer): BlobHead {
  return { key, sizeBytes: trailer.sizeBytes, sha256: trailer.sha256, modifiedAt: trailer.modifiedAt, encryption: "AES-256-GCM" };
}

function asProblem(error: unknown, key: string): Error {
  if (error instanceof Damage) return new Problem("BLOB_DAMAGED", { values: { key, reason: error.message }, cause: error });
  if ((error as NodeJS.ErrnoException).code === "EIO") return new Problem("BLOB_DAMAGED", { values: { key, reason: "the disk cannot read it" }, cause: error });
  return error as Error;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function isFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}

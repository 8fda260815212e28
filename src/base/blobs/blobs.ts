import type { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import { Problem } from "../problems/problem.ts";
import { openDirectory } from "./directory.ts";

export interface BlobHead {
  key: string;
  sizeBytes: number;
  /** Hex, of the plain bytes. */
  sha256: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  /** How it is encrypted where it lies: `AES-256-GCM`, or what the server shows, as `AES256`. */
  encryption: string;
}

export interface BlobItem {
  key: string;
  sizeBytes: number;
  modifiedAt: number;
}

export interface PutOptions {
  /** Store only when nothing is there under the key; of several at once exactly one wins. */
  ifNoneMatch?: boolean;
  /** Kept by S3 for other readers of the bucket; the directory has no use for it. */
  contentType?: string;
  /** Hex, of the plain bytes, when it is known before. The put fails unless it fits; S3 then saves a copy inside the server. */
  sha256?: string;
}

/** Bytes from `start` to `end`, both included; without `end` to the last one. */
export interface BlobRange {
  start: number;
  end?: number;
}

export type BlobBody = AsyncIterable<Uint8Array> | Uint8Array;

/** One interface over the encrypting directory and S3. Keys are checked; bodies are streamed with bounded memory. */
export interface Blobs {
  readonly kind: "directory" | "s3";
  /**
   * Answers when the object is durable; until then nothing is visible under the key.
   * Throws BLOB_EXISTS, BLOB_KEY_INVALID, BLOB_TOO_LARGE, BLOB_HASH_MISMATCH, STORE_FULL, STORE_UNAVAILABLE,
   * BLOB_NOT_ENCRYPTED, or what the body threw.
   */
  put(key: string, body: BlobBody, options?: PutOptions): Promise<BlobHead>;
  /**
   * The object or a range of it. The caller reads the body to its end or destroys it.
   * Throws BLOB_NOT_FOUND, BLOB_RANGE_INVALID, BLOB_DAMAGED; damage further in ends the body with BLOB_DAMAGED.
   */
  get(key: string, range?: BlobRange): Promise<{ head: BlobHead; body: Readable }>;
  /** Throws BLOB_DAMAGED. */
  head(key: string): Promise<BlobHead | null>;
  /** Durable when it answers; nothing happens when nothing is there. */
  delete(key: string): Promise<void>;
  /** In the order of the keys' bytes. `next` is the `after` of the next page. `limit` is at most 1000, the default. */
  list(prefix: string, options?: { after?: string; limit?: number }): Promise<{ items: BlobItem[]; next: string | null }>;
  /** Looks at what lies in the store. `encrypted` is true only where that is seen, never where it is only believed. */
  verifyEncryption(key: string): Promise<{ encrypted: boolean; how: string }>;
  close(): Promise<void>;
}

interface OpenOptions {
  /** `dir:/path` or `s3://bucket?endpoint=...&region=...&prefix=...&sse=shown|accepted`. */
  url: string;
  /** The directory's master key, 32 bytes. */
  key?: Buffer;
  /** development, staging or production; written into the store when it is made and held against it ever after. */
  environment: string;
  clock?: Clock;
}

/**
 * Opens a store, making it when the place is empty.
 * Throws STORE_ENVIRONMENT_MISMATCH before anything else in it is read, STORE_FOREIGN, STORE_KEY_WRONG,
 * STORE_TLS_REQUIRED, STORE_UNAVAILABLE, CONFIG_INVALID.
 */
export async function openBlobs(options: OpenOptions): Promise<Blobs> {
  const { url, key, environment, clock = systemClock } = options;
  if (url.startsWith("dir:") && url.length > 4) {
    if (key?.length !== 32) throw new Problem("CONFIG_INVALID", { values: { name: "the object store's key", value: `${key?.length ?? 0} bytes`, allowed: "32 bytes" } });
    return openDirectory({ root: url.slice(4), masterKey: key, environment, clock });
  }
  if (url.startsWith("s3:")) {
    // The SDK costs tens of megabytes of memory: loaded by those who use it only.
    const { openS3 } = await import("./s3.ts");
    return openS3({ url, environment, clock });
  }
  throw new Problem("CONFIG_INVALID", { values: { name: "KLIV_BLOBS", value: url.split(":")[0] ?? "", allowed: "dir:/path, s3://bucket?endpoint=...&region=..." } });
}

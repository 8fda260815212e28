import type { FileHandle } from "node:fs/promises";
import { Problem } from "../problems/problem.ts";
import type { BlobBody } from "./blobs.ts";
import { blobBytesMax } from "./keys.ts";
import { Sealer, segmentBytes } from "./sealed.ts";
import type { Trailer } from "./sealed.ts";

// Small segments keep small ranges cheap; written eight at a time they cost few system calls.
const batchBytes = 8 * segmentBytes;
// The kernel is asked to write this often, so that the last fsync finds little left to do.
const syncEveryBytes = 32 * 1024 ** 2;

/** What is needed of a file. */
type SealedFile = Pick<FileHandle, "writev" | "sync" | "datasync">;

/**
 * Seals the body into an empty file while it arrives and makes the file durable. One batch is written while the
 * next is sealed: about 1.2 MB of memory. Between batches the event loop gets its turn.
 * Throws BLOB_TOO_LARGE and whatever the body throws.
 */
export async function writeSealed(handle: SealedFile, body: BlobBody, options: { masterKey: Buffer; key: string; modifiedAt: number }): Promise<Trailer> {
  const sealer = new Sealer(options.masterKey, options.key);
  const writer = new BatchWriter(handle);
  await writer.add([sealer.header]);
  const gathered = Buffer.allocUnsafeSlow(segmentBytes);
  let gatheredBytes = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a body is made of Uint8Array");
    if (sealer.sizeBytes + gatheredBytes + chunk.length > blobBytesMax) throw new Problem("BLOB_TOO_LARGE", { values: { bytesMax: blobBytesMax } });
    let taken = 0;
    while (taken < chunk.length) {
      if (gatheredBytes === 0 && chunk.length - taken >= segmentBytes) {
        // A whole segment lies in the chunk: no copy.
        await writer.add(sealer.segment(chunk.subarray(taken, taken + segmentBytes)));
        taken += segmentBytes;
        continue;
      }
      const some = chunk.subarray(taken, taken + segmentBytes - gatheredBytes);
      gathered.set(some, gatheredBytes);
      gatheredBytes += some.length;
      taken += some.length;
      if (gatheredBytes < segmentBytes) continue;
      await writer.add(sealer.segment(gathered));
      gatheredBytes = 0;
    }
  }
  const end = sealer.finish(gathered.subarray(0, gatheredBytes), options.modifiedAt);
  await writer.add(end.buffers);
  await writer.finish();
  return end.trailer;
}

class BatchWriter {
  readonly #handle: SealedFile;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #unsyncedBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> = Promise.resolve();

  constructor(handle: SealedFile) {
    this.#handle = handle;
  }

  /** Waits only while the batch before is still being written. */
  async add(buffers: Buffer[]): Promise<void> {
    for (const buffer of buffers) {
      this.#batch.push(buffer);
      this.#batchBytes += buffer.length;
    }
    if (this.#batchBytes >= batchBytes) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#syncing;
    await this.#handle.sync();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const batch = this.#batch;
    this.#unsyncedBytes += this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#writing = writeAll(this.#handle, batch);
    // Awaited later; until then a failure must not count as unhandled.
    this.#writing.catch(() => {});
    if (this.#unsyncedBytes < syncEveryBytes) return;
    this.#unsyncedBytes = 0;
    await this.#syncing;
    this.#syncing = this.#handle.datasync();
    this.#syncing.catch(() => {});
  }
}

async function writeAll(handle: SealedFile, buffers: Buffer[]): Promise<void> {
  let rest = buffers;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest);
    // A full disk can take a part of it; the next call then says why.
    const first = rest.findIndex((buffer) => {
      if (bytesWritten < buffer.length) return true;
      bytesWritten -= buffer.length;
      return false;
    });
    rest = first < 0 ? [] : [rest[first]!.subarray(bytesWritten), ...rest.slice(first + 1)];
  }
}

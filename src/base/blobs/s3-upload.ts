import {
  AbortMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand, UploadPartCommand, UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { createHash, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { Problem } from "../problems/problem.ts";
import type { BlobBody, PutOptions } from "./blobs.ts";
import { blobBytesMax } from "./keys.ts";
import { explainS3, isConflict, isNoSuchUpload, isTaken, ownPrefix } from "./s3-client.ts";
import type { S3Bucket } from "./s3-client.ts";

/** What is in memory goes up in one request to this size. */
const singleBytesMax = 64 * 1024 ** 2;
// 64 GiB are then 8192 of the 10,000 parts that S3 allows. An upload holds three at most: 24 MiB.
const partBytes = 8 * 1024 ** 2;
const partsAtOnce = 2;
const copyPartBytes = 1024 ** 3;
const putBytesMax = 5 * 1024 ** 3;
const conflictsMax = 5;

export const incomingPrefix = `${ownPrefix}incoming/`;

export interface Uploaded {
  sizeBytes: number;
  sha256: string;
}

type Target = { key: string; options: PutOptions; putId: string };

/**
 * Uploads to a bucket. An object's SHA-256 is in its metadata, which S3 takes before the first byte: a longer stream
 * whose hash is not known yet goes to `.kliv/incoming/` and is copied from there inside the server.
 */
export class S3Uploads {
  readonly #bucket: S3Bucket;
  #completesConditionally: Promise<boolean> | null = null;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  async upload(key: string, body: BlobBody, options: PutOptions): Promise<Uploaded> {
    const target: Target = { key, options, putId: randomBytes(12).toString("hex") };
    if (body instanceof Uint8Array) return this.#uploadBytes(target, body);
    const parts = partsOf(body);
    try {
      const first = await parts.next();
      if (first.done) return await this.#uploadBytes(target, new Uint8Array(0));
      if (first.value.length < partBytes) return await this.#uploadBytes(target, first.value);
      return await this.#uploadStream(target, prepend(first.value, parts));
    } finally {
      // Ends the source when the upload gave up before it.
      await parts.return(undefined);
    }
  }

  async #uploadBytes(target: Target, bytes: Uint8Array): Promise<Uploaded> {
    const { key, options } = target;
    if (bytes.length > blobBytesMax) throw tooLarge(blobBytesMax);
    const hash = createHash("sha256");
    for (let at = 0; at < bytes.length; at += partBytes) {
      if (at > 0) await turn();
      hash.update(bytes.subarray(at, at + partBytes));
    }
    const uploaded = { sizeBytes: bytes.length, sha256: hash.digest("hex") };
    checkHash(target, uploaded);
    const isConditional = options.ifNoneMatch === true && bytes.length > singleBytesMax && !(await this.#completes());
    if (bytes.length <= singleBytesMax || isConditional) {
      await this.#putWhole(target, uploaded, () => Promise.resolve(bytes));
      return uploaded;
    }
    await this.#multipart(key, target, uploaded.sha256, async (uploadId) => {
      const etags = (await this.#sendParts(key, uploadId, partsOf([bytes]))).etags;
      return { etags, result: uploaded };
    });
    return uploaded;
  }

  async #uploadStream(target: Target, parts: AsyncIterable<Uint8Array>): Promise<Uploaded> {
    const { key, options } = target;
    const ifNoneMatch = options.ifNoneMatch === true;
    // Spares a long upload that cannot win.
    if (ifNoneMatch && (await this.#bucket.findHead(key)) !== null) throw exists(key);
    const isConditional = ifNoneMatch && !(await this.#completes());
    if (options.sha256 !== undefined && !isConditional) {
      return this.#multipart(key, target, options.sha256, async (uploadId) => {
        const { etags, uploaded } = await this.#sendParts(key, uploadId, parts);
        checkHash(target, uploaded);
        return { etags, result: uploaded };
      });
    }
    const incoming = incomingPrefix + target.putId;
    try {
      const uploaded = await this.#multipart(incoming, { ...target, options: {} }, null, async (uploadId) => {
        const { etags, uploaded } = await this.#sendParts(incoming, uploadId, parts);
        checkHash(target, uploaded);
        return { etags, result: uploaded };
      });
      if (isConditional) await this.#putWhole(target, uploaded, () => this.#read(incoming));
      else await this.#copy(incoming, target, uploaded);
      return uploaded;
    } finally {
      await this.#bucket.send(new DeleteObjectCommand(this.#bucket.at(incoming))).catch(() => {});
    }
  }

  // One request; the object is there at once or not at all.
  async #putWhole(target: Target, uploaded: Uploaded, body: () => Promise<Uint8Array | Readable>): Promise<void> {
    const { key, options } = target;
    if (uploaded.sizeBytes > putBytesMax) throw tooLarge(putBytesMax);
    for (let attempt = 1; ; attempt++) {
      const content = await body();
      const command = new PutObjectCommand({
        ...this.#bucket.at(key),
        ...this.#properties(target, uploaded.sha256),
        Body: content,
        ContentLength: uploaded.sizeBytes,
        // The server compares it with what arrives.
        ChecksumSHA256: Buffer.from(uploaded.sha256, "hex").toString("base64"),
        ...(options.ifNoneMatch ? { IfNoneMatch: "*" } : {}),
      });
      try {
        await this.#bucket.send(command);
        return;
      } catch (error) {
        if (!(content instanceof Uint8Array)) content.destroy();
        if (isConflict(error) && attempt < conflictsMax) continue;
        await this.#forgiveOwn(error, target);
        return;
      }
    }
  }

  // A request can be repeated after its answer was lost: then the object in the way is our own.
  async #forgiveOwn(error: unknown, target: Target): Promise<void> {
    if (!isTaken(error) && !isConflict(error) && !isNoSuchUpload(error)) throw explainS3(error);
    const found = await this.#bucket.findHead(target.key);
    if (found?.Metadata?.["kliv-put"] === target.putId) return;
    if (isTaken(error) || (isConflict(error) && found !== null)) throw exists(target.key);
    throw explainS3(error);
  }

  async #multipart<T>(key: string, target: Target, sum: string | null, send: (uploadId: string) => Promise<{ etags: string[]; result: T }>): Promise<T> {
    const at = this.#bucket.at(key);
    const { UploadId } = await this.#bucket.send(new CreateMultipartUploadCommand({ ...at, ...this.#properties(target, sum) })).catch((error: unknown) => {
      throw explainS3(error);
    });
    const uploadId = UploadId ?? "";
    try {
      const { etags, result } = await send(uploadId);
      await this.#bucket
        .complete({ key, uploadId, etags, ifNoneMatch: target.options.ifNoneMatch === true })
        .catch((error: unknown) => this.#forgiveOwn(error, { ...target, key }));
      return result;
    } catch (error) {
      await this.#bucket.send(new AbortMultipartUploadCommand({ ...at, UploadId: uploadId })).catch(() => {});
      throw error;
    }
  }

  async #sendParts(key: string, uploadId: string, parts: AsyncIterable<Uint8Array>): Promise<{ etags: string[]; uploaded: Uploaded }> {
    const hash = createHash("sha256");
    const sending: Promise<string>[] = [];
    let sizeBytes = 0;
    try {
      for await (const part of parts) {
        if (sizeBytes + part.length > blobBytesMax) throw tooLarge(blobBytesMax);
        sizeBytes += part.length;
        hash.update(part);
        const number = sending.length + 1;
        const sent = this.#bucket
          .send(new UploadPartCommand({ ...this.#bucket.at(key), UploadId: uploadId, PartNumber: number, Body: part }))
          .then(({ ETag }) => ETag ?? "");
        sent.catch(() => {});
        sending.push(sent);
        if (number >= partsAtOnce) await sending[number - partsAtOnce]?.catch((error: unknown) => Promise.reject(explainS3(error)));
      }
      const etags = await Promise.all(sending).catch((error: unknown) => Promise.reject(explainS3(error)));
      return { etags, uploaded: { sizeBytes, sha256: hash.digest("hex") } };
    } catch (error) {
      // A part that arrives after the upload was given up would stay.
      await Promise.allSettled(sending);
      throw error;
    }
  }

  async #copy(from: string, target: Target, uploaded: Uploaded): Promise<void> {
    const source = this.#bucket.at(from);
    await this.#multipart(target.key, target, uploaded.sha256, async (uploadId) => {
      const etags: string[] = [];
      for (let start = 0; start < uploaded.sizeBytes; start += copyPartBytes) {
        const end = Math.min(uploaded.sizeBytes, start + copyPartBytes) - 1;
        const command = new UploadPartCopyCommand({
          ...this.#bucket.at(target.key),
          UploadId: uploadId,
          PartNumber: etags.length + 1,
          CopySource: `${source.Bucket}/${source.Key}`,
          CopySourceRange: `bytes=${start}-${end}`,
        });
        const { CopyPartResult } = await this.#bucket.send(command).catch((error: unknown) => Promise.reject(explainS3(error)));
        etags.push(CopyPartResult?.ETag ?? "");
      }
      return { etags, result: undefined };
    });
  }

  async #read(key: string): Promise<Readable> {
    const { Body } = await this.#bucket.send(new GetObjectCommand(this.#bucket.at(key))).catch((error: unknown) => Promise.reject(explainS3(error)));
    return Body as Readable;
  }

  #properties(target: Target, sum: string | null) {
    return {
      ServerSideEncryption: "AES256" as const,
      Metadata: { "kliv-put": target.putId, ...(sum === null ? {} : { "kliv-sha256": sum }) },
      ...(target.options.contentType === undefined ? {} : { ContentType: target.options.contentType }),
    };
  }

  // Some servers (radosgw 16) take If-None-Match on a PUT and ignore it where a multipart upload is completed. That
  // would overwrite in silence, so it is tried once, on an object of our own.
  #completes(): Promise<boolean> {
    this.#completesConditionally ??= this.#tryCompleting().catch((error: unknown) => {
      this.#completesConditionally = null;
      throw explainS3(error);
    });
    return this.#completesConditionally;
  }

  async #tryCompleting(): Promise<boolean> {
    const key = `${incomingPrefix}probe-${randomBytes(12).toString("hex")}`;
    const at = this.#bucket.at(key);
    await this.#bucket.send(new PutObjectCommand({ ...at, ServerSideEncryption: "AES256", Body: "x" }));
    const { UploadId } = await this.#bucket.send(new CreateMultipartUploadCommand({ ...at, ServerSideEncryption: "AES256" }));
    try {
      const { ETag } = await this.#bucket.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: Buffer.from("x") }));
      await this.#bucket.complete({ key, uploadId: UploadId ?? "", etags: [ETag ?? ""], ifNoneMatch: true });
      return false;
    } catch (error) {
      if (!isTaken(error)) throw error;
      return true;
    } finally {
      await this.#bucket.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => {});
      await this.#bucket.send(new DeleteObjectCommand(at)).catch(() => {});
    }
  }
}

/** Whole parts of 8 MiB and a shorter last one. Each is a buffer of its own: it is sent while the next is gathered. */
async function* partsOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let gathered: Buffer = Buffer.alloc(0);
  let gatheredBytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a body is made of Uint8Array");
    let taken = 0;
    while (taken < chunk.length) {
      const needed = Math.min(partBytes, gatheredBytes + chunk.length - taken);
      // Small objects do not pay for a whole part.
      if (gathered.length < needed) gathered = grown(gathered, gatheredBytes, needed);
      const some = chunk.subarray(taken, taken + gathered.length - gatheredBytes);
      gathered.set(some, gatheredBytes);
      gatheredBytes += some.length;
      taken += some.length;
      if (gatheredBytes < partBytes) continue;
      yield gathered;
      gathered = Buffer.alloc(0);
      gatheredBytes = 0;
    }
  }
  if (gatheredBytes > 0) yield gathered.subarray(0, gatheredBytes);
}

function grown(from: Buffer, usedBytes: number, neededBytes: number): Buffer {
  const to = Buffer.allocUnsafeSlow(Math.min(partBytes, Math.max(neededBytes, from.length * 4, 65_536)));
  from.copy(to, 0, 0, usedBytes);
  return to;
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function checkHash(target: Target, uploaded: Uploaded): void {
  const { sha256 } = target.options;
  if (sha256 !== undefined && sha256 !== uploaded.sha256) throw new Problem("BLOB_HASH_MISMATCH", { values: { key: target.key } });
}

function exists(key: string): Problem {
  return new Problem("BLOB_EXISTS", { values: { key } });
}

function tooLarge(bytesMax: number): Problem {
  return new Problem("BLOB_TOO_LARGE", { values: { bytesMax } });
}

import { AbortMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { pipeline, Transform } from "node:stream";
import type { Clock } from "../clock.ts";
import { Problem } from "../problems/problem.ts";
import type { BlobBody, BlobHead, BlobRange, Blobs, PutOptions } from "./blobs.ts";
import { checkKey, checkPrefix, checkRange, invalidRange, listLimit } from "./keys.ts";
import { markerBytesMax, newMarker, readMarker, writeMarker } from "./marker.ts";
import { readS3Address } from "./s3-address.ts";
import { explainS3, isBadRange, isNotFound, isTaken, ownPrefix, S3Bucket } from "./s3-client.ts";
import { incomingPrefix, S3Uploads } from "./s3-upload.ts";

const markerKey = `${ownPrefix}store.json`;
// An upload that was begun so long ago has nobody any more.
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** Opens a bucket: checks or writes its marker, then removes what abandoned uploads left. Errors as `openBlobs`. */
export async function openS3(options: { url: string; environment: string; clock: Clock }): Promise<Blobs> {
  const bucket = new S3Bucket(readS3Address(options.url));
  const store = new S3Blobs(bucket, options.clock);
  try {
    await store.adopt(options.environment);
    await store.sweep();
    return store;
  } catch (error) {
    await store.close();
    throw explainS3(error);
  }
}

class S3Blobs implements Blobs {
  readonly kind = "s3";
  readonly #bucket: S3Bucket;
  readonly #uploads: S3Uploads;
  readonly #clock: Clock;

  constructor(bucket: S3Bucket, clock: Clock) {
    this.#bucket = bucket;
    this.#uploads = new S3Uploads(bucket);
    this.#clock = clock;
  }

  async adopt(environment: string): Promise<void> {
    const { bucket, prefix } = this.#bucket.address;
    const place = `s3://${bucket}/${prefix}`;
    let text = await this.#findMarker();
    if (text === null) {
      const { KeyCount } = await this.#bucket.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
      if ((KeyCount ?? 0) > 0) throw new Problem("STORE_FOREIGN", { values: { place } });
      const command = new PutObjectCommand({
        ...this.#bucket.at(markerKey),
        Body: writeMarker(newMarker(environment)),
        ContentType: "application/json",
        ServerSideEncryption: "AES256",
        IfNoneMatch: "*",
      });
      await this.#bucket.send(command).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
      text = (await this.#findMarker()) ?? "";
    }
    readMarker(text, { environment, place });
    // Better to find out now than when the first upload is over.
    const head = await this.#bucket.findHead(markerKey);
    if (head !== null && !this.#isEncrypted(head)) throw new Problem("BLOB_NOT_ENCRYPTED", { values: { key: markerKey } });
  }

  async sweep(): Promise<void> {
    const { bucket, prefix } = this.#bucket.address;
    const before = this.#clock.now() - abandonedAfterMs;
    const { Contents = [] } = await this.#bucket.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + incomingPrefix }));
    for (const { Key, LastModified } of Contents) {
      if (LastModified && LastModified.getTime() < before) await this.#bucket.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    }
    const { Uploads = [] } = await this.#bucket.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }));
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated && Initiated.getTime() < before) await this.#bucket.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    }
  }

  async put(key: string, body: BlobBody, options: PutOptions = {}): Promise<BlobHead> {
    checkKey(key);
    const uploaded = await this.#uploads.upload(key, body, options);
    const head = await this.#bucket.findHead(key);
    if (head !== null && !this.#isEncrypted(head)) {
      await this.delete(key);
      throw new Problem("BLOB_NOT_ENCRYPTED", { values: { key } });
    }
    const modifiedAt = head?.LastModified?.getTime() ?? this.#clock.now();
    return { key, ...uploaded, modifiedAt, encryption: this.#encryption(head?.ServerSideEncryption) };
  }

  async get(key: string, range?: BlobRange): Promise<{ head: BlobHead; body: Readable }> {
    checkKey(key);
    if (range) checkRange(range);
    const answer = await this.#bucket
      .send(new GetObjectCommand({ ...this.#bucket.at(key), ...(range ? { Range: `bytes=${range.start}-${range.end ?? ""}` } : {}) }))
      .catch((error: unknown) => {
        if (isNotFound(error)) throw new Problem("BLOB_NOT_FOUND", { values: { key }, cause: error });
        if (range && isBadRange(error)) throw invalidRange(range);
        throw explainS3(error);
      });
    const source = answer.Body as Readable;
    try {
      const total = answer.ContentRange?.split("/")[1];
      const head = this.#headOf(key, answer, total === undefined ? answer.ContentLength : Number(total));
      // An empty object has no range at all, and some servers answer it whole.
      if (range && range.start >= head.sizeBytes) throw invalidRange(range);
      const expected = range ? null : head.sha256;
      return { head, body: pipeline(source, checked(key, answer.ContentLength ?? 0, expected), () => {}) as Readable };
    } catch (error) {
      source.destroy();
      throw error;
    }
  }

  async head(key: string): Promise<BlobHead | null> {
    checkKey(key);
    const head = await this.#bucket.findHead(key);
    return head === null ? null : this.#headOf(key, head, head.ContentLength);
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.#bucket.send(new DeleteObjectCommand(this.#bucket.at(key))).catch((error: unknown) => {
      if (!isNotFound(error)) throw explainS3(error);
    });
  }

  async list(prefix: string, options: { after?: string; limit?: number } = {}): ReturnType<Blobs["list"]> {
    checkPrefix(prefix);
    if (options.after !== undefined) checkPrefix(options.after);
    const own = this.#bucket.address.prefix;
    // Our own objects come before all others: "." is before every letter and digit that a key begins with.
    const after = options.after || `${ownPrefix}~`;
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket.address.bucket,
      Prefix: own + prefix,
      StartAfter: own + after,
      MaxKeys: listLimit(options.limit),
    });
    const { Contents = [], IsTruncated } = await this.#bucket.send(command).catch((error: unknown) => Promise.reject(explainS3(error)));
    const items = Contents.map(({ Key = "", Size = 0, LastModified }) => ({ key: Key.slice(own.length), sizeBytes: Size, modifiedAt: LastModified?.getTime() ?? 0 }));
    return { items, next: IsTruncated ? (items.at(-1)?.key ?? null) : null };
  }

  /** What the server shows on HEAD. Where it accepts the wish and shows nothing, nothing was seen. */
  async verifyEncryption(key: string): Promise<{ encrypted: boolean; how: string }> {
    checkKey(key);
    const head = await this.#bucket.findHead(key);
    if (head === null) throw new Problem("BLOB_NOT_FOUND", { values: { key } });
    const shown = head.ServerSideEncryption;
    if (isAes256(shown)) return { encrypted: true, how: `server-side encryption ${shown}, shown by HEAD` };
    if (this.#bucket.address.sse === "accepted") return { encrypted: false, how: "server-side encryption AES256: accepted, not shown" };
    return { encrypted: false, how: "no server-side encryption shown by HEAD, AES256 expected" };
  }

  async close(): Promise<void> {
    this.#bucket.close();
  }

  async #findMarker(): Promise<string | null> {
    try {
      const { Body } = await this.#bucket.send(new GetObjectCommand({ ...this.#bucket.at(markerKey), Range: `bytes=0-${markerBytesMax - 1}` }));
      return (await Body?.transformToString("utf8")) ?? "";
    } catch (error) {
      if (isNotFound(error)) return null;
      throw explainS3(error);
    }
  }

  #headOf(key: string, head: Pick<HeadObjectCommandOutput, "Metadata" | "LastModified" | "ServerSideEncryption">, sizeBytes = 0): BlobHead {
    const sha256 = head.Metadata?.["kliv-sha256"];
    if (sha256 === undefined) throw new Problem("BLOB_DAMAGED", { values: { key, reason: "it carries no SHA-256" } });
    return { key, sizeBytes, sha256, modifiedAt: head.LastModified?.getTime() ?? 0, encryption: this.#encryption(head.ServerSideEncryption) };
  }

  #isEncrypted(head: HeadObjectCommandOutput): boolean {
    return isAes256(head.ServerSideEncryption) || this.#bucket.address.sse === "accepted";
  }

  #encryption(shown: string | undefined): string {
    return shown ?? (this.#bucket.address.sse === "accepted" ? "AES256 (accepted, not shown)" : "none");
  }
}

// Keys of KMS encrypt with AES-256 as well; a bucket's own rule can ask for them.
function isAes256(shown: string | undefined): boolean {
  return shown === "AES256" || shown === "aws:kms" || shown === "aws:kms:dsse";
}

/** Passes bytes on and ends in BLOB_DAMAGED unless they are as many, and of a whole object the same, as were put. */
function checked(key: string, sizeBytes: number, expected: string | null): Transform {
  const hash = expected === null ? null : createHash("sha256");
  let received = 0;
  const damaged = (reason: string): Problem => new Problem("BLOB_DAMAGED", { values: { key, reason } });
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      hash?.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      if (received !== sizeBytes) done(damaged("its length is not the recorded one"));
      else if (hash !== null && hash.digest("hex") !== expected) done(damaged("its SHA-256 is not the recorded one"));
      else done();
    },
    destroy(error, done) {
      done(error === null || error instanceof Problem ? error : explainS3(error));
    },
  });
}

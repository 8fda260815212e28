import { CompleteMultipartUploadCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { Problem } from "../problems/problem.ts";
import type { S3Address } from "./s3-address.ts";

/** Where our own objects lie; no key of a caller begins so. */
export const ownPrefix = ".kliv/";

const attemptsMax = 3;
const connectTimeoutMs = 5_000;
// Completing a large upload can keep a server silent for a while.
const silenceTimeoutMs = 120_000;
const connectionsMax = 256;

/** A bucket (or a part of one) and the few calls that both the driver and its uploads make. */
export class S3Bucket {
  readonly address: S3Address;
  readonly #client: S3Client;
  readonly send: S3Client["send"];

  constructor(address: S3Address) {
    this.address = address;
    const agent = { keepAlive: true, maxSockets: connectionsMax };
    this.#client = new S3Client({
      region: address.region,
      ...(address.endpoint === null ? {} : { endpoint: address.endpoint, forcePathStyle: true }),
      maxAttempts: attemptsMax,
      // Failures are thrown; the SDK's own words would go to the console.
      logger: { debug: silent, info: silent, warn: silent, error: silent },
      requestHandler: { connectionTimeout: connectTimeoutMs, socketTimeout: silenceTimeoutMs, httpAgent: agent, httpsAgent: agent },
    });
    this.send = this.#client.send.bind(this.#client) as S3Client["send"];
  }

  /** Bucket and key as every command takes them. `key` is a caller's or begins with `ownPrefix`. */
  at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.address.bucket, Key: this.address.prefix + key };
  }

  async findHead(key: string): Promise<HeadObjectCommandOutput | null> {
    try {
      return await this.send(new HeadObjectCommand(this.at(key)));
    } catch (error) {
      if (isNotFound(error)) return null;
      throw explainS3(error);
    }
  }

  async complete(upload: { key: string; uploadId: string; etags: string[]; ifNoneMatch: boolean }): Promise<void> {
    const { key, uploadId, etags, ifNoneMatch } = upload;
    const Parts = etags.map((ETag, i) => ({ ETag, PartNumber: i + 1 }));
    await this.send(
      new CompleteMultipartUploadCommand({
        ...this.at(key),
        UploadId: uploadId,
        MultipartUpload: { Parts },
        ...(ifNoneMatch ? { IfNoneMatch: "*" } : {}),
      }),
    );
  }

  close(): void {
    this.#client.destroy();
  }
}

function silent(): void {}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function nameOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  return code ?? name ?? "error";
}

/** No such key. A missing bucket is another matter: there the store itself is not reachable. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404 && ["NotFound", "NoSuchKey"].includes(nameOf(error));
}

/** `If-None-Match: *` met an object (412). */
export function isTaken(error: unknown): boolean {
  return statusOf(error) === 412;
}

/** Two conditional writes met (409): the loser is to try again. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

export function isNoSuchUpload(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) === "NoSuchUpload";
}

export function isBadRange(error: unknown): boolean {
  return statusOf(error) === 416;
}

/** Names the failure and nothing more: messages of servers can quote keys and addresses. */
export function explainS3(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  return new Problem("STORE_UNAVAILABLE", { values: { reason: nameOf(error) + (status === undefined ? "" : ` (${status})`) }, cause: error });
}

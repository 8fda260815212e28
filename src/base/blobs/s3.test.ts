import assert from "node:assert/strict";
import { CreateBucketCommand, HeadObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { after, before, describe, it } from "node:test";
import { movableClock, systemClock } from "../clock.ts";
import { openBlobs } from "./blobs.ts";
import type { Blobs } from "./blobs.ts";
import { conformance, pattern, readAll, rejects, sha256 } from "./conformance.ts";
import { radosgwMissing, startRadosgw } from "./radosgw.ts";
import type { S3Server } from "./radosgw.ts";
import { readS3Address } from "./s3-address.ts";
import { startS3Proxy } from "./s3-proxy.ts";
import type { S3Behaviour } from "./s3-proxy.ts";

const skip = radosgwMissing();
const bucket = "kliv-test";
const multipartBytes = 20 * 1024 ** 2 + 5;
let server: S3Server;
let blobs: Blobs;
let direct: S3Client;

before(async () => {
  if (skip) return;
  server = await startRadosgw();
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  direct = new S3Client({ endpoint: server.endpoint, region: "us-east-1", forcePathStyle: true, credentials: server });
  await direct.send(new CreateBucketCommand({ Bucket: bucket }));
  blobs = await open({ prefix: "a/store" });
});

after(async () => {
  direct?.destroy();
  await blobs?.close();
  await server?.stop();
});

function open(options: { prefix: string; sse?: string; environment?: string; startMs?: number; endpoint?: string }): Promise<Blobs> {
  const { prefix, sse = "accepted", environment = "development", startMs, endpoint = server.endpoint } = options;
  const url = `s3://${bucket}?endpoint=${encodeURIComponent(endpoint)}&prefix=${prefix}&sse=${sse}`;
  return openBlobs({ url, environment, clock: startMs === undefined ? systemClock : movableClock(startMs) });
}

async function* stream(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 300_000) yield bytes.subarray(at, at + 300_000);
}

conformance({ name: "S3 store", store: () => blobs, pieceBytes: 65_536, skip });

describe("S3 store's large objects", { skip }, () => {
  const bytes = pattern(multipartBytes);

  it("go up in parts, from a stream whose hash is known before or not", async () => {
    for (const [key, options] of [["large/known", { sha256: sha256(bytes) }], ["large/unknown", {}]] as const) {
      const put = await blobs.put(key, stream(bytes), options);
      assert.equal(put.sha256, sha256(bytes));
      const shown = await direct.send(new HeadObjectCommand({ Bucket: bucket, Key: `a/store/${key}` }));
      assert.equal(shown.Metadata?.["kliv-sha256"], sha256(bytes));
      assert.match(shown.ETag ?? "", /-\d+"$/, "an ETag of parts");
      assert.ok(bytes.equals(await readAll((await blobs.get(key)).body)));
      assert.ok(bytes.subarray(9_000_000, 9_000_100).equals(await readAll((await blobs.get(key, { start: 9_000_000, end: 9_000_099 })).body)));
    }
    await nothingLeft();
  });

  it("go up in parts from memory above 64 MB", async () => {
    const large = Buffer.alloc(65 * 1024 ** 2, "kliv");
    const put = await blobs.put("large/memory", large);
    assert.equal(put.sha256, sha256(large));
    assert.equal((await blobs.head("large/memory"))!.sizeBytes, large.length);
    await blobs.delete("large/memory");
  });

  it("have one winner with ifNoneMatch", async () => {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => blobs.put("large/race", stream(bytes), { ifNoneMatch: true })));
    assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
    await rejects("BLOB_EXISTS", blobs.put("large/race", stream(bytes), { ifNoneMatch: true }));
    assert.ok(bytes.equals(await readAll((await blobs.get("large/race")).body)));
    await nothingLeft();
  });

  it("leave nothing when they are not what was announced", async () => {
    await rejects("BLOB_HASH_MISMATCH", blobs.put("large/other", stream(bytes), { sha256: sha256(Buffer.from("other")) }));
    assert.equal(await blobs.head("large/other"), null);
    await nothingLeft();
  });

  async function nothingLeft(): Promise<void> {
    const { Uploads = [] } = await direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    assert.deepEqual(Uploads, []);
    const every = (await blobs.list("")).items.map((item) => item.key);
    assert.ok(every.length > 0 && every.every((key) => !key.startsWith(".kliv")));
  }
});

describe("S3 store's objects", { skip }, () => {
  it("are damaged when their bytes are not those of their hash, or carry none", async () => {
    const put = (Key: string, Metadata: Record<string, string>): Promise<unknown> =>
      direct.send(new PutObjectCommand({ Bucket: bucket, Key: `a/store/${Key}`, Body: "other bytes", Metadata }));
    await put("damaged/hash", { "kliv-sha256": sha256(Buffer.from("the bytes")) });
    await rejects("BLOB_DAMAGED", blobs.get("damaged/hash").then(({ body }) => readAll(body)));
    await put("damaged/none", {});
    await rejects("BLOB_DAMAGED", blobs.get("damaged/none"));
    await rejects("BLOB_DAMAGED", blobs.head("damaged/none"));
  });

  it("are said to be encrypted only where the server shows it", async () => {
    await blobs.put("shown/x", Buffer.from("x"));
    assert.deepEqual(await blobs.verifyEncryption("shown/x"), { encrypted: false, how: "server-side encryption AES256: accepted, not shown" });
    await rejects("BLOB_NOT_ENCRYPTED", open({ prefix: "strict", sse: "shown" }));
  });
});

describe("S3 store's marker", { skip }, () => {
  it("refuses another environment, and a place with other things", async () => {
    await rejects("STORE_ENVIRONMENT_MISMATCH", open({ prefix: "a/store", environment: "production" }));
    await rejects("STORE_FOREIGN", open({ prefix: "a" }));
  });

  it("is one, when several open a new place at once", async () => {
    const environments = ["development", "staging", "production"];
    const results = await Promise.allSettled(environments.map((environment) => open({ prefix: "new", environment })));
    assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
    for (const result of results) if (result.status === "fulfilled") await result.value.close();
  });
});

describe("S3 store's leftovers", { skip }, () => {
  it("are swept when they are a day old", async () => {
    const Key = "a/store/.kliv/incoming/abandoned";
    await direct.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    const exists = (): Promise<boolean> => direct.send(new HeadObjectCommand({ Bucket: bucket, Key })).then(() => true, () => false);
    await (await open({ prefix: "a/store" })).close();
    assert.equal(await exists(), true);
    await (await open({ prefix: "a/store", startMs: systemClock.now() + 25 * 60 * 60 * 1000 })).close();
    assert.equal(await exists(), false);
  });
});

describe("S3 store's server", () => {
  it("that refuses us, or is not there, is not reachable", { skip }, async () => {
    const url = `s3://no-such-bucket?endpoint=${encodeURIComponent(server.endpoint)}`;
    await rejects("STORE_UNAVAILABLE", openBlobs({ url, environment: "development" }));
    const secret = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    try {
      await rejects("STORE_UNAVAILABLE", open({ prefix: "a/store" }));
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = secret;
    }
    await rejects("STORE_UNAVAILABLE", open({ prefix: "a/store", endpoint: "http://127.0.0.1:1" }));
  });
});

describe("S3 store behind a server that behaves otherwise", { skip }, () => {
  const bytes = pattern(multipartBytes);

  async function behind(behaviour: S3Behaviour, options: { prefix: string; sse?: string }, test: (store: Blobs) => Promise<void>): Promise<void> {
    const proxy = await startS3Proxy(server.endpoint, behaviour);
    try {
      const store = await open({ ...options, endpoint: proxy.endpoint });
      await test(store);
      await store.close();
    } finally {
      await proxy.stop();
    }
  }

  it("is encrypted where HEAD shows it, and removes what it no longer shows as encrypted", async () => {
    const behaviour: S3Behaviour = { showsEncryption: true };
    await behind(behaviour, { prefix: "shows", sse: "shown" }, async (store) => {
      assert.equal((await store.put("x", Buffer.from("x"))).encryption, "AES256");
      assert.deepEqual(await store.verifyEncryption("x"), { encrypted: true, how: "server-side encryption AES256, shown by HEAD" });
      behaviour.showsEncryption = false;
      await rejects("BLOB_NOT_ENCRYPTED", store.put("y", Buffer.from("y")));
      assert.equal(await store.head("y"), null);
    });
  });

  it("knows its own object when an answer was lost and the request was repeated", async () => {
    const behaviour: S3Behaviour = {};
    await behind(behaviour, { prefix: "lost" }, async (store) => {
      behaviour.losesAnswers = 1;
      assert.equal((await store.put("x", Buffer.from("mine"), { ifNoneMatch: true })).sizeBytes, 4);
      assert.equal(behaviour.losesAnswers, 0);
      await rejects("BLOB_EXISTS", store.put("x", Buffer.from("mine"), { ifNoneMatch: true }));
    });
  });

  it("completes uploads conditionally where the server can", async () => {
    const isThere = (path: string): Promise<boolean> =>
      direct.send(new HeadObjectCommand({ Bucket: bucket, Key: path.slice(bucket.length + 2) })).then(() => true, () => false);
    await behind({ isThere }, { prefix: "conditional" }, async (store) => {
      await store.put("x", stream(bytes), { ifNoneMatch: true });
      await rejects("BLOB_EXISTS", store.put("x", stream(bytes), { ifNoneMatch: true }));
      await rejects("BLOB_EXISTS", store.put("y", overtakenAt(store, "y"), { ifNoneMatch: true }));
      await rejects("BLOB_EXISTS", store.put("z", overtakenAt(store, "z"), { ifNoneMatch: true, sha256: sha256(bytes) }));
      assert.equal((await readAll((await store.get("z")).body)).toString(), "faster");
      const shown = await direct.send(new HeadObjectCommand({ Bucket: bucket, Key: "conditional/x" }));
      assert.match(shown.ETag ?? "", /-\d+"$/, "an ETag of parts");
    });
  });

  async function* overtakenAt(store: Blobs, key: string): AsyncGenerator<Uint8Array> {
    yield* stream(bytes);
    await store.put(key, Buffer.from("faster"));
  }

  it("ends a body that breaks off with an error, never as if it were whole", async () => {
    const behaviour: S3Behaviour = {};
    await behind(behaviour, { prefix: "cut" }, async (store) => {
      await store.put("x", bytes);
      behaviour.cutsBytes = 1000;
      await rejects("STORE_UNAVAILABLE", store.get("x").then(({ body }) => readAll(body)));
      await rejects("STORE_UNAVAILABLE", store.get("x", { start: 1, end: 100_000 }).then(({ body }) => readAll(body)));
    });
  });
});

describe("S3 store's address", () => {
  it("is read", () => {
    assert.deepEqual(readS3Address("s3://bucket-1?endpoint=https://s3.example.com&region=ap-northeast-1&prefix=kliv/", {}), {
      bucket: "bucket-1", endpoint: "https://s3.example.com/", region: "ap-northeast-1", prefix: "kliv/", sse: "shown",
    });
    assert.deepEqual(readS3Address("s3://bucket-1", { AWS_REGION: "eu-west-1" }), { bucket: "bucket-1", endpoint: null, region: "eu-west-1", prefix: "", sse: "shown" });
  });

  it("is refused without TLS outside this machine", async () => {
    for (const endpoint of ["http://s3.example.com", "http://10.0.0.1:9000", "http://localhost.example.com"]) {
      await rejects("STORE_TLS_REQUIRED", openBlobs({ url: `s3://bucket?endpoint=${endpoint}`, environment: "development" }));
    }
  });

  it("is refused when it is none, and quotes no secret", async () => {
    for (const url of ["s3://", "s3:bucket", "s3://user:secret@bucket", "s3://bucket/path", "s3://bucket?unknown=1", "s3://bucket?sse=no", "s3://bucket?prefix=../x", "s3://bucket?endpoint=ftp://x"]) {
      await rejects("CONFIG_INVALID", openBlobs({ url, environment: "development" }));
    }
    await assert.rejects(openBlobs({ url: "s3://user:secret@bucket", environment: "development" }), (error: Error) => !error.message.includes("secret"));
  });
});

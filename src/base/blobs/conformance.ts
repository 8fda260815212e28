import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { describe, it } from "node:test";
import { Problem } from "../problems/problem.ts";
import type { ProblemCode } from "../problems/registry.ts";
import type { Blobs } from "./blobs.ts";

interface Conformance {
  name: string;
  /** A store that this suite may fill; asked for once a test, after `before`. */
  store: () => Blobs;
  /** Where the driver's own pieces end: sizes around it are tried. */
  pieceBytes: number;
  skip?: string | false;
}

/** What holds for every driver. Each test keeps to keys of its own. */
export function conformance(options: Conformance): void {
  const { name, store, skip = false } = options;
  describe(name, { skip }, () => {
    sizesAndRanges(options);
    writing(store);
    racing(store);
    replacing(store);
    listing(store);
    refusing(store);
  });
}

function sizesAndRanges({ store, pieceBytes }: Conformance): void {
  for (const size of [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 5 * 1024 ** 2 + 7]) {
    it(`keeps ${size} bytes, and answers ranges of them`, async () => {
      const blobs = store();
      const bytes = pattern(size);
      const key = `sizes/${size}`;
      const put = await blobs.put(key, bytes);
      assert.equal(put.sizeBytes, size);
      assert.equal(put.sha256, sha256(bytes));
      assert.match(put.encryption, /AES/);
      assert.deepEqual(await blobs.head(key), put);
      const whole = await blobs.get(key);
      assert.deepEqual(whole.head, put);
      assert.ok(bytes.equals(await readAll(whole.body)));
      for (const start of new Set([0, 1, pieceBytes - 1, pieceBytes, size - 1])) {
        if (start < 0 || start >= size) continue;
        for (const end of new Set([start, start + 1, pieceBytes - 1, pieceBytes, size - 1, size + 10])) {
          if (end < start) continue;
          const range = await blobs.get(key, { start, end });
          assert.equal(range.head.sizeBytes, size);
          assert.ok(bytes.subarray(start, end + 1).equals(await readAll(range.body)), `${start}-${end}`);
        }
        assert.ok(bytes.subarray(start).equals(await readAll((await blobs.get(key, { start })).body)), `${start}-`);
      }
      await rejects("BLOB_RANGE_INVALID", blobs.get(key, { start: size }));
    });
  }
}

function writing(store: () => Blobs): void {
  it("takes a stream of uneven chunks, and of chunks in a buffer that is used again", async () => {
    const bytes = pattern(3 * 1024 ** 2 + 11);
    async function* uneven(): AsyncGenerator<Uint8Array> {
      const again = Buffer.alloc(100_000);
      for (let at = 0, size = 1; at < bytes.length; at += size, size = ((size * 7) % 99_991) + 1) {
        const length = bytes.copy(again, 0, at, Math.min(bytes.length, at + size));
        yield again.subarray(0, length);
        again.fill(0);
      }
    }
    const put = await store().put("write/stream", uneven());
    assert.equal(put.sha256, sha256(bytes));
    assert.ok(bytes.equals(await readAll((await store().get("write/stream")).body)));
  });

  it("replaces what was there, and keeps it with ifNoneMatch", async () => {
    const blobs = store();
    await blobs.put("write/twice", Buffer.from("first"));
    await blobs.put("write/twice", Buffer.from("second"));
    await rejects("BLOB_EXISTS", blobs.put("write/twice", Buffer.from("third"), { ifNoneMatch: true }));
    assert.equal((await readAll((await blobs.get("write/twice")).body)).toString(), "second");
  });

  it("deletes, and again", async () => {
    const blobs = store();
    await blobs.put("write/gone/deep/er", Buffer.from("x"));
    await blobs.delete("write/gone/deep/er");
    await blobs.delete("write/gone/deep/er");
    assert.equal(await blobs.head("write/gone/deep/er"), null);
    await rejects("BLOB_NOT_FOUND", blobs.get("write/gone/deep/er"));
    await blobs.put("write/gone/deep/er", Buffer.from("y"), { ifNoneMatch: true });
  });

  for (const sizeBytes of [10, 12 * 1024 ** 2]) {
    it(`stores nothing of a body that fails after ${sizeBytes} bytes`, async () => {
      const blobs = store();
      async function* failing(): AsyncGenerator<Uint8Array> {
        for (let sent = 0; sent < sizeBytes; sent += 65_536) yield pattern(Math.min(65_536, sizeBytes));
        throw new Error("the client went away");
      }
      await assert.rejects(blobs.put(`write/fails/${sizeBytes}`, failing()), /the client went away/);
      assert.equal(await blobs.head(`write/fails/${sizeBytes}`), null);
      assert.deepEqual((await blobs.list("write/fails/")).items, []);
    });
  }

  it("stores nothing of a body that is not what was announced", async () => {
    const bytes = Buffer.from("announced");
    await rejects("BLOB_HASH_MISMATCH", store().put("write/announced", Buffer.from("other"), { sha256: sha256(bytes) }));
    assert.equal(await store().head("write/announced"), null);
    assert.equal((await store().put("write/announced", bytes, { sha256: sha256(bytes) })).sha256, sha256(bytes));
  });

  it("says how an object is encrypted", async () => {
    await store().put("write/encrypted", Buffer.from("x"));
    const { how } = await store().verifyEncryption("write/encrypted");
    assert.match(how, /AES/);
  });
}

function racing(store: () => Blobs): void {
  it("lets exactly one of 20 win with ifNoneMatch", async () => {
    const blobs = store();
    const bodies = Array.from({ length: 20 }, (_, i) => Buffer.alloc(70_000, i));
    const results = await Promise.allSettled(bodies.map((body) => blobs.put("race/one", body, { ifNoneMatch: true })));
    const won = results.flatMap((result, i) => (result.status === "fulfilled" ? [i] : []));
    assert.equal(won.length, 1);
    for (const result of results) {
      if (result.status === "rejected") assert.equal((result.reason as Problem).code, "BLOB_EXISTS", String(result.reason));
    }
    assert.ok(bodies[won[0]!]!.equals(await readAll((await blobs.get("race/one")).body)));
  });

  it("shows a reader the old or the new object, never a mix", async () => {
    const blobs = store();
    const old = Buffer.alloc(2 * 1024 ** 2, "o");
    await blobs.put("race/replaced", old);
    const before = await blobs.get("race/replaced");
    const first = before.body.iterator({ destroyOnReturn: false });
    const chunk = (await first.next()).value as Buffer;
    const replacing = Array.from({ length: 4 }, () => blobs.put("race/replaced", Buffer.alloc(1024 ** 2, "n")));
    const reading = Array.from({ length: 8 }, async () => {
      const { head, body } = await blobs.get("race/replaced");
      const bytes = await readAll(body);
      assert.equal(sha256(bytes), head.sha256);
      assert.equal(new Set(bytes).size, 1);
    });
    await Promise.all([...replacing, ...reading]);
    assert.ok(old.equals(Buffer.concat([chunk, await readAll(before.body)])), "a reader that began before goes on with the old one");
  });
}

function replacing(store: () => Blobs): void {
  it("is never missing while it is replaced", async () => {
    const blobs = store();
    await blobs.put("race/often", Buffer.from("0"));
    let isOver = false;
    const reading = Array.from({ length: 4 }, async () => {
      while (!isOver) await readAll((await blobs.get("race/often")).body);
    });
    for (let i = 1; i <= 50; i++) await blobs.put("race/often", Buffer.from(String(i)));
    isOver = true;
    await Promise.all(reading);
  });
}

function listing(store: () => Blobs): void {
  it("lists by prefix, in the order of the keys' bytes, page by page", async () => {
    const blobs = store();
    const keys = ["list/a", "list/a-b", "list/a.b", "list/a/b", "list/a/b/c", "list/a0", "list/a_b", "list/ab/c", "list/b", "listed"];
    for (const key of keys.toReversed()) await blobs.put(key, Buffer.from(key));
    for (const limit of [1, 2, 3, 9, 10, 1000]) {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await blobs.list("list", { limit, ...(after === undefined ? {} : { after }) });
        assert.ok(page.items.length <= limit);
        found.push(...page.items.map((item) => item.key));
        after = page.next ?? undefined;
      } while (after !== undefined);
      assert.deepEqual(found, keys, `pages of ${limit}`);
    }
    const keysOf = async (prefix: string, after?: string): Promise<string[]> =>
      (await blobs.list(prefix, after === undefined ? {} : { after })).items.map((item) => item.key);
    assert.deepEqual(await keysOf("list/a/"), ["list/a/b", "list/a/b/c"]);
    assert.deepEqual(await keysOf("list/a/b"), ["list/a/b", "list/a/b/c"]);
    assert.deepEqual(await keysOf("list/", "list/a/b"), ["list/a/b/c", "list/a0", "list/a_b", "list/ab/c", "list/b"]);
    assert.deepEqual(await keysOf("nothing/here"), []);
    const item = (await blobs.list("list/a/b/c")).items[0]!;
    const head = await blobs.head("list/a/b/c");
    assert.deepEqual(item, { key: "list/a/b/c", sizeBytes: 10, modifiedAt: item.modifiedAt });
    // S3 has the second in one place and the millisecond in the other.
    assert.equal(Math.floor(item.modifiedAt / 1000), Math.floor(head!.modifiedAt / 1000));
  });
}

function refusing(store: () => Blobs): void {
  it("refuses keys that climb, are empty, absolute, too long or in other letters", async () => {
    const blobs = store();
    const bad = ["", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/.", ".kliv/environment", "A", "a b", "é", "a\0", "a\\b", "a=", "-a", "a\n", "x".repeat(201), "abc/".repeat(150) + "a"];
    for (const key of bad) {
      await rejects("BLOB_KEY_INVALID", blobs.put(key, Buffer.from("x")));
      await rejects("BLOB_KEY_INVALID", blobs.get(key));
      await rejects("BLOB_KEY_INVALID", blobs.head(key));
      await rejects("BLOB_KEY_INVALID", blobs.delete(key));
    }
    await rejects("BLOB_KEY_INVALID", blobs.list("../"));
    await rejects("BLOB_KEY_INVALID", blobs.list("a/..", {}));
  });

  it("says that a missing object is missing", async () => {
    assert.equal(await store().head("missing/object"), null);
    await rejects("BLOB_NOT_FOUND", store().get("missing/object"));
    await rejects("BLOB_NOT_FOUND", store().verifyEncryption("missing/object"));
  });

  it("refuses ranges that nothing has", async () => {
    await store().put("range/x", Buffer.from("0123456789"));
    for (const range of [{ start: -1 }, { start: 5, end: 4 }, { start: 0.5 }, { start: 10 }, { start: 10, end: 20 }, { start: NaN }]) {
      await rejects("BLOB_RANGE_INVALID", store().get("range/x", range));
    }
  });
}

/** Bytes that repeat nowhere near a piece's size, so that a swapped or shifted piece shows. */
export function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 2_463_534_242;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function rejects(code: ProblemCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

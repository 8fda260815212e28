import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { blobBytesMax } from "./keys.ts";
import { headerBytes, Opener, plainBytes, Sealer, segmentBytes, tagBytes, trailerBytes } from "./sealed.ts";
import { writeSealed } from "./sealed-write.ts";

const options = { masterKey: Buffer.alloc(32, 7), key: "a/key", modifiedAt: 1_700_000_000_123 };

/** Takes what is written like a slow and nearly full disk: a part at a time, never two writes at once. */
class SlowFile {
  readonly chunks: Buffer[] = [];
  syncs = 0;
  #isWriting = false;

  async writev<T extends readonly NodeJS.ArrayBufferView[]>(buffers: T): Promise<{ bytesWritten: number; buffers: T }> {
    assert.ok(!this.#isWriting, "one write at a time");
    this.#isWriting = true;
    const all = Buffer.concat(buffers as unknown as Buffer[]);
    const some = Buffer.from(all.subarray(0, Math.ceil(all.length / 3)));
    await new Promise((resolve) => setImmediate(resolve));
    this.chunks.push(some);
    this.#isWriting = false;
    return { bytesWritten: some.length, buffers };
  }

  async sync(): Promise<void> {
    assert.ok(!this.#isWriting, "what is synced is written");
    this.syncs += 1;
  }

  async datasync(): Promise<void> {}
}

async function seal(plain: Buffer): Promise<Buffer> {
  const file = new SlowFile();
  await writeSealed(file, plain, options);
  assert.equal(file.syncs, 1);
  return Buffer.concat(file.chunks);
}

function openerOf(file: Buffer): Opener {
  const { masterKey, key } = options;
  return new Opener({ masterKey, key, header: file.subarray(0, headerBytes), trailer: file.subarray(-trailerBytes), fileBytes: file.length });
}

describe("sealed file", () => {
  it("is whole on a disk that takes a part at a time", async () => {
    const plain = Buffer.alloc(40 * segmentBytes + 9, "kliv");
    const file = await seal(plain);
    const opener = openerOf(file);
    assert.equal(opener.trailer.sizeBytes, plain.length);
    assert.equal(opener.trailer.modifiedAt, options.modifiedAt);
    const opened = Array.from({ length: opener.segments }, (_, index) => {
      const { position, length } = opener.place(index, index + 1);
      return opener.open(file.subarray(position, position + length), index);
    });
    assert.ok(plain.equals(Buffer.concat(opened)));
  });

  it("uses no nonce twice: what is equal inside does not look equal outside", async () => {
    const plain = Buffer.alloc(3 * segmentBytes);
    const file = await seal(plain);
    // Of zeros the ciphertext is the key stream itself. No two parts may share one, the trailer included.
    const streams = [0, 1, 2, 3].map((index) => {
      const at = headerBytes + index * (segmentBytes + tagBytes);
      return file.subarray(at, at + 16).toString("hex");
    });
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(plain.length));
    const trailer = file.subarray(-trailerBytes);
    const trailerStream = Buffer.from(size.map((byte, i) => byte ^ trailer[i]!)).toString("hex");
    assert.equal(new Set(streams).size, 4);
    assert.ok(streams.every((stream) => !stream.startsWith(trailerStream)));
    const again = await seal(plain);
    assert.ok(!again.subarray(headerBytes, headerBytes + 16).equals(file.subarray(headerBytes, headerBytes + 16)), "nor in another file");
  });

  it("has a length that tells its size, and other lengths tell none", async () => {
    for (const size of [0, 1, segmentBytes - 1, segmentBytes, segmentBytes + 1, 3 * segmentBytes]) {
      assert.equal(plainBytes((await seal(Buffer.alloc(size))).length), size);
    }
    assert.equal(plainBytes(0), -1);
    assert.equal(plainBytes(headerBytes + trailerBytes), -1);
    assert.equal(plainBytes(headerBytes + trailerBytes + tagBytes + segmentBytes + 1), -1);
  });

  it("holds each segment to its size", () => {
    const sealer = new Sealer(options.masterKey, options.key);
    assert.throws(() => sealer.segment(Buffer.alloc(5)), RangeError);
    assert.throws(() => sealer.finish(Buffer.alloc(segmentBytes), 0), RangeError);
  });

  it("ends at the store's limit", async () => {
    // Nothing of it is read: its length alone is refused.
    const endless = Object.defineProperty(Buffer.alloc(1), "length", { value: blobBytesMax + 1 });
    await assert.rejects(writeSealed(new SlowFile(), endless, options), { code: "BLOB_TOO_LARGE" });
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { frame, FrameReader, frameType } from "./frames.ts";
import { FairQueue } from "./queue.ts";

function collect(chunks: Buffer[]): { frames: [number, string][]; body: string } {
  const frames: [number, string][] = [];
  const body: Buffer[] = [];
  const reader = new FrameReader({ frame: (type, payload) => frames.push([type, payload.toString()]), body: (piece) => body.push(piece) });
  for (const chunk of chunks) reader.push(chunk);
  return { frames, body: Buffer.concat(body).toString() };
}

test("frames are the same however the bytes are cut", () => {
  const all = Buffer.concat([
    frame(frameType.hello),
    frame(frameType.head, '{"日本":1}'),
    frame(frameType.body, "abc"),
    frame(frameType.body, "defgh"),
    frame(frameType.end, "null"),
  ]);
  const whole = collect([all]);
  assert.deepEqual(whole, { frames: [[frameType.hello, ""], [frameType.head, '{"日本":1}'], [frameType.end, "null"]], body: "abcdefgh" });
  for (let size = 1; size < all.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, nth) => all.subarray(nth * size, (nth + 1) * size));
    assert.deepEqual(collect(chunks), whole, `pieces of ${size} bytes`);
  }
});

test("a frame that is not in the protocol is refused", () => {
  assert.throws(() => collect([frame(99, "x")]), /frame of type 99/);
  const huge = Buffer.from([255, 255, 255, 255, frameType.head]);
  assert.throws(() => collect([huge]), /4294967295 bytes/);
});

test("the queue lets teams take turns, each in its own order", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "b2"]) queue.add(item[0]!, item);
  assert.equal(queue.remove("a", "a2"), true);
  assert.equal(queue.remove("a", "a2"), false);
  assert.equal(queue.size, 5);
  const taken = Array.from({ length: 6 }, () => queue.take());
  assert.deepEqual(taken, ["a1", "b1", "c1", "a3", "b2", undefined]);
});

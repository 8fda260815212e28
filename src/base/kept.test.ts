import assert from "node:assert/strict";
import { test } from "node:test";
import { createKept } from "./kept.ts";

test("what was used least recently goes first, and the bound is held", () => {
  const kept = createKept<string>({ bytesMax: 1_100, weigh: (text) => text.length });
  for (const key of ["a", "b", "c"]) kept.set(key, "x".repeat(100));
  assert.equal(kept.get("a")?.length, 100);
  kept.set("d", "x".repeat(100));
  assert.deepEqual(["a", "b", "c", "d"].map((key) => kept.get(key) !== undefined), [true, false, true, true]);
  kept.set("d", "x");
  kept.set("e", "x");
  assert.deepEqual(["a", "c", "d", "e"].map((key) => kept.get(key) !== undefined), [true, true, true, true]);
  kept.set("huge", "x".repeat(5_000));
  assert.deepEqual(["a", "huge"].map((key) => kept.get(key)), [undefined, undefined]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKept } from "./kept.ts";

test("what was not asked for goes first, the bound is held, and one that is too large puts nothing out", () => {
  const kept = createKept<string>({ bytesMax: 1_100, weigh: (text) => text.length });
  for (const key of ["a", "b", "c"]) kept.set(key, "x".repeat(100));
  assert.equal(kept.get("a")?.length, 100);
  kept.set("d", "x".repeat(100));
  assert.deepEqual(["a", "b", "c", "d"].map((key) => kept.get(key) !== undefined), [true, false, true, true]);
  kept.set("d", "x");
  kept.set("e", "x");
  assert.deepEqual(["a", "c", "d", "e"].map((key) => kept.get(key) !== undefined), [true, true, true, true]);
  kept.set("huge", "x".repeat(5_000));
  assert.deepEqual(["a", "e", "huge"].map((key) => kept.get(key)?.length), [100, 1, undefined]);
  // All of them asked for: the bound holds all the same.
  kept.set("f", "x".repeat(600));
  assert.deepEqual(["a", "c", "d", "e", "f"].filter((key) => kept.get(key) !== undefined), ["e", "f"]);
});

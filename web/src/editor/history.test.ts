import assert from "node:assert/strict";
import { test } from "node:test";
import { amend, begin, rebase, redo, step, undo } from "./history.ts";

const typed = (words: [string, string | null, number][]) => words.reduce((history, [next, about, atMs]) => step(history, next, { about, atMs }), begin(""));

test("letters typed in one go are undone together, apart from what was done to something else", () => {
  const history = typed([["a", "title", 0], ["ab", "title", 300], ["ab!", "other", 400], ["abc", "title", 3_000]]);
  assert.equal(undo(history).now, "ab!");
  assert.equal(undo(undo(history)).now, "ab");
  assert.equal(undo(undo(undo(history))).now, "");
  assert.equal(undo(undo(undo(undo(history)))).now, "");
});

test("steps without a subject never join, and a new step ends what could be redone", () => {
  const history = typed([["a", null, 0], ["b", null, 1]]);
  const back = undo(history);
  assert.equal(back.now, "a");
  assert.equal(redo(back).now, "b");
  assert.equal(redo(step(back, "c", { atMs: 2 })).now, "c");
});

test("after undoing, the next letter is a step of its own", () => {
  const back = undo(typed([["a", "title", 5_000], ["ab", "title", 9_000]]));
  assert.equal(undo(step(back, "ax", { about: "title", atMs: 9_100 })).now, "a");
});

test("what follows from a step is undone with it, and does not end what can be redone", () => {
  const history = amend(typed([["a", null, 0], ["b", null, 1]]), "b+");
  assert.equal(undo(history).now, "a");
  assert.equal(redo(undo(history)).now, "b+");
  assert.equal(redo(amend(undo(history), "a+")).now, "b+");
});

test("at most 200 steps are kept", () => {
  let history = begin(0);
  for (let i = 1; i <= 300; i += 1) history = step(history, i, { atMs: i });
  assert.equal(history.past.length, 200);
  for (let i = 0; i < 300; i += 1) history = undo(history);
  assert.equal(history.now, 100);
});

test("another's change is put into every state, so undoing leaves it", () => {
  const history = rebase(undo(typed([["a", null, 0], ["ab", null, 1]])), (state) => `${state}+`);
  assert.equal(history.now, "a+");
  assert.equal(undo(history).now, "+");
  assert.equal(redo(history).now, "ab+");
});

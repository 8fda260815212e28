import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareTexts } from "./compare.ts";
import type { Passage } from "./compare.ts";

const words = (text: string): string => text.replace(/\s+/g, " ").trim();
const without = (passages: Passage[], is: Passage["is"]): string => words(passages.filter((one) => one.is !== is).map(({ text }) => text).join("\n"));
const short = (passages: Passage[]): string[] => passages.map(({ is, text }) => `${is}: ${words(text)}`);

describe("comparing two texts", () => {
  it("names paragraphs, headings and single items of a list", () => {
    const before = "## One\n\nKept.\n\n- first\n- second\n- third\n\nLast.";
    const after = "## One\n\nKept.\n\nNew.\n\n- first\n- second, changed\n- third\n\nLast.";
    assert.deepEqual(short(compareTexts(before, after)), ["same: ## One Kept.", "added: New.", "same: - first", "removed: - second", "added: - second, changed", "same: - third Last."]);
  });

  it("says nothing of blank lines, and all of texts that have nothing in common", () => {
    assert.deepEqual(short(compareTexts("a\n\nb", "a\n\n\n\nb\n")), ["same: a b"]);
    assert.deepEqual(short(compareTexts("a", "b")), ["removed: a", "added: b"]);
    assert.deepEqual(short(compareTexts("", "b\n\nc")), ["added: b c"]);
    assert.deepEqual(short(compareTexts("b", "")), ["removed: b"]);
  });

  it("of any two texts gives both back", () => {
    // A small generator of its own, so that a failure comes again.
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 300; round++) {
      const make = (): string => Array.from({ length: next(12) }, () => `${["", "- ", "1. ", "## "][next(4)]}${"abcde"[next(5)]}`).join(["\n\n", "\n"][next(2)]!);
      const [before, after] = [make(), make()];
      const passages = compareTexts(before, after);
      assert.equal(without(passages, "removed"), words(after), JSON.stringify([before, after]));
      assert.equal(without(passages, "added"), words(before), JSON.stringify([before, after]));
      assert.ok(passages.every((one, at) => one.is !== passages[at + 1]?.is), "neighbours of one kind are one");
    }
  });

  it("is bounded for texts of thousands of passages, and finds what they begin and end with", () => {
    const many = (mark: string): string => `Same.\n\n${Array.from({ length: 20_000 }, (_, at) => `${mark}${at}`).join("\n\n")}\n\nEnd.`;
    const passages = compareTexts(many("a"), many("b"));
    assert.deepEqual(passages.map(({ is }) => is), ["same", "removed", "added", "same"]);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportBlock, ReportDefinition } from "../reports/definition.ts";
import { overlaps } from "../reports/definition.ts";
import { merge } from "./merge.ts";
import { same } from "./same.ts";

const text = (id: string, markdown: string, y = 0): ReportBlock => ({ id, kind: "text", markdown, layout: { x: 0, y, w: 12, h: 2 } });
const report = (part: Partial<ReportDefinition>): ReportDefinition => ({ schema: 1, title: "T", language: "en", parameters: [], blocks: [], ...part });
const base = report({ blocks: [text("a", "one"), text("b", "two", 2)], parameters: [{ name: "p", type: "text" }] });

test("changes of different blocks, fields and parameters go together", () => {
  const mine = { ...base, title: "Mine", blocks: [text("a", "ours"), base.blocks[1]!] };
  const theirs = { ...base, description: "Theirs", blocks: [base.blocks[0]!, text("b", "their", 2)], parameters: [...base.parameters, { name: "q", type: "number" as const }] };
  const { definition, clashes } = merge({ base, mine, theirs });
  assert.equal(clashes, false);
  assert.deepEqual([definition.title, definition.description, definition.parameters.length], ["Mine", "Theirs", 2]);
  assert.deepEqual(definition.blocks.map((block) => block.kind === "text" && block.markdown), ["ours", "their"]);
});

test("the same block or title changed by both is for a person to decide; ours stands meanwhile", () => {
  const block = merge({ base, mine: { ...base, blocks: [text("a", "ours"), base.blocks[1]!] }, theirs: { ...base, blocks: [text("a", "their"), base.blocks[1]!] } });
  assert.equal(block.clashes, true);
  assert.equal(block.definition.blocks[0]!.kind === "text" && block.definition.blocks[0]!.markdown, "ours");
  assert.equal(merge({ base, mine: { ...base, title: "x" }, theirs: { ...base, title: "y" } }).clashes, true);
  assert.equal(merge({ base, mine: { ...base, title: "x" }, theirs: { ...base, title: "x" } }).clashes, false);
});

test("a removed block stays removed, unless the other has changed it", () => {
  const removed = { ...base, blocks: [base.blocks[1]!] };
  assert.deepEqual(merge({ base, mine: base, theirs: removed }).definition.blocks.map(({ id }) => id), ["b"]);
  assert.deepEqual(merge({ base, mine: removed, theirs: base }).definition.blocks.map(({ id }) => id), ["b"]);
  const changed = { ...base, blocks: [text("a", "ours"), base.blocks[1]!] };
  assert.equal(merge({ base, mine: changed, theirs: removed }).clashes, true);
  assert.equal(merge({ base, mine: removed, theirs: changed }).clashes, true);
});

test("two blocks made with the same id and in the same place are both kept, apart", () => {
  const mine = { ...base, blocks: [...base.blocks, text("text-3", "ours", 4)] };
  const theirs = { ...base, blocks: [...base.blocks, text("text-3", "their", 4)] };
  const { definition, clashes } = merge({ base, mine, theirs });
  assert.equal(clashes, false);
  assert.equal(definition.blocks.length, 4);
  assert.equal(new Set(definition.blocks.map(({ id }) => id)).size, 4);
  for (const one of definition.blocks) for (const other of definition.blocks) assert.ok(one === other || !overlaps(one.layout, other.layout));
});

test("moving is no reason to ask: where both moved a block, ours counts, and a text changed elsewhere is kept", () => {
  const mine = { ...base, blocks: [{ ...base.blocks[0]!, layout: { x: 0, y: 0, w: 6, h: 2 } }, base.blocks[1]!] };
  const theirs = { ...base, blocks: [{ ...text("a", "their"), layout: { x: 0, y: 0, w: 4, h: 3 } }, base.blocks[1]!] };
  const { definition, clashes } = merge({ base, mine, theirs });
  assert.equal(clashes, false);
  const [a] = definition.blocks;
  assert.equal(a!.kind === "text" && a!.markdown, "their");
  assert.equal(a!.layout.w, 6);
});

test("JSON values are compared without regard to the order of keys and to what is not set", () => {
  assert.ok(same({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1, d: undefined }));
  for (const [a, b] of [[{ a: 1 }, { a: 2 }], [{ a: 1 }, { b: 1 }], [[1, 2], [2, 1]], [null, {}], [[], {}], [{ a: 1 }, { a: 1, b: 2 }], [{ a: undefined, c: 1 }, { b: 1 }]]) assert.ok(!same(a, b), JSON.stringify([a, b]));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { compact, inOrder, move, nameOf, newBlockId, overlaps, placeFor, resize } from "./definition.ts";
import type { Layout, ReportBlock } from "./definition.ts";

const block = (id: string, [x, y, w, h]: [number, number, number, number]): ReportBlock => ({ id, kind: "text", markdown: id, layout: { x, y, w, h } });
const layoutOf = (blocks: ReportBlock[], id: string): Layout => blocks.find((one) => one.id === id)!.layout;
const row = (blocks: ReportBlock[] | null, id: string): number => layoutOf(blocks!, id).y;

test("compacting closes holes, keeps columns, and never lets blocks overlap", () => {
  const blocks = compact([block("a", [0, 5, 6, 2]), block("b", [6, 9, 6, 3]), block("c", [0, 20, 12, 1])]);
  assert.deepEqual(blocks.map((one) => [one.layout.x, one.layout.y]), [[0, 0], [6, 0], [0, 3]]);
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
  for (let round = 0; round < 200; round += 1) {
    const many = Array.from({ length: 12 }, (_, i) => {
      const w = 1 + random(12);
      return block(`b${i}`, [random(13 - w), random(15), w, 1 + random(6)]);
    });
    const done = compact(many, "b3");
    for (const one of done) for (const other of done) assert.ok(one === other || !overlaps(one.layout, other.layout), JSON.stringify([one.layout, other.layout]));
    assert.deepEqual(compact(done), done);
  }
});

test("a new block takes the first hole that is large enough, else the bottom", () => {
  const blocks = [block("a", [0, 0, 6, 7]), block("b", [0, 7, 12, 2])];
  assert.deepEqual(placeFor("chart", blocks), { x: 6, y: 0, w: 6, h: 7 });
  assert.deepEqual(placeFor("text", blocks), { x: 0, y: 9, w: 12, h: 3 });
  assert.deepEqual(placeFor("number", []), { x: 0, y: 0, w: 3, h: 3 });
  assert.equal(newBlockId("chart", [block("chart-3", [0, 0, 1, 1]), block("x", [0, 1, 1, 1])]), "chart-4");
});

test("moving up and down passes the neighbour, however high it is", () => {
  const blocks = [block("a", [0, 0, 12, 7]), block("b", [0, 7, 12, 2]), block("c", [0, 9, 12, 1])];
  assert.deepEqual(["a", "b", "c"].map((id) => row(move(blocks, "a", "down"), id)), [2, 0, 9]);
  assert.deepEqual(["a", "b", "c"].map((id) => row(move(blocks, "c", "up"), id)), [0, 8, 7]);
  const lines = [block("a", [0, 0, 12, 1]), block("b", [0, 1, 12, 1])];
  assert.deepEqual([row(move(lines, "b", "up"), "b"), row(move(lines, "a", "down"), "a")], [0, 1]);
  assert.equal(move(blocks, "a", "up"), null);
  assert.equal(move(blocks, "c", "down"), null);
  assert.equal(move(blocks, "a", "left"), null);
  assert.equal(move(blocks, "a", "right"), null);
  assert.equal(move(blocks, "nobody", "up"), null);
});

test("moving and resizing sideways push what is in the way down", () => {
  const blocks = [block("a", [0, 0, 6, 3]), block("b", [6, 0, 6, 3])];
  const moved = move(blocks, "a", "right")!;
  assert.deepEqual([layoutOf(moved, "a"), layoutOf(moved, "b")], [{ x: 1, y: 0, w: 6, h: 3 }, { x: 6, y: 3, w: 6, h: 3 }]);
  const wider = resize(blocks, "a", "wider")!;
  assert.equal(layoutOf(wider, "a").w, 7);
  assert.equal(layoutOf(wider, "b").y, 3);
  assert.deepEqual(layoutOf(resize(blocks, "b", "wider")!, "b"), { x: 5, y: 0, w: 7, h: 3 });
});

test("nothing gets larger than the page or smaller than it makes sense", () => {
  assert.equal(resize([block("a", [0, 0, 12, 3])], "a", "wider"), null);
  assert.equal(resize([block("a", [0, 0, 2, 1])], "a", "narrower"), null);
  assert.equal(resize([block("a", [0, 0, 2, 1])], "a", "shorter"), null);
  assert.equal(resize([block("a", [0, 0, 2, 60])], "a", "taller"), null);
  assert.equal(resize([{ id: "c", kind: "chart", database: "d", sql: "s", layout: { x: 0, y: 0, w: 4, h: 3 } }], "c", "shorter"), null);
});

test("blocks are called by their title or how their text begins", () => {
  const kinds = { text: "Text", chart: "Chart", table: "Table", number: "Number", filter: "Filter", image: "Image" };
  assert.equal(nameOf({ ...block("a", [0, 0, 1, 1]), title: "Sales" }, kinds), "Sales");
  assert.equal(nameOf({ id: "a", kind: "text", markdown: "\n\n## **Where** we `stand`\nmore", layout: { x: 0, y: 0, w: 1, h: 1 } }, kinds), "Where we stand");
  assert.equal(nameOf({ id: "a", kind: "filter", parameter: "country", layout: { x: 0, y: 0, w: 1, h: 1 } }, kinds), "country");
  assert.equal(nameOf({ id: "a", kind: "text", markdown: "", layout: { x: 0, y: 0, w: 1, h: 1 } }, kinds), "Text");
  assert.deepEqual(inOrder([block("c", [0, 2, 1, 1]), block("b", [6, 0, 1, 1]), block("a", [0, 0, 1, 1])]).map(({ id }) => id), ["a", "b", "c"]);
});

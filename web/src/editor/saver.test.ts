import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportBlock, ReportDefinition, StoredReport } from "../reports/definition.ts";
import { Saver } from "./saver.ts";
import type { PutOptions } from "./saver.ts";

const text = (id: string, markdown: string): ReportBlock => ({ id, kind: "text", markdown, layout: { x: 0, y: id === "a" ? 0 : 2, w: 12, h: 2 } });
const start: ReportDefinition = { schema: 1, title: "T", language: "en", parameters: [], blocks: [text("a", "one"), text("b", "two")] };
const withText = (report: ReportDefinition, id: string, markdown: string): ReportDefinition => ({ ...report, blocks: report.blocks.map((block) => (block.id === id ? text(id, markdown) : block)) });

/** A server that holds one report and can lose an answer, be away, or refuse. */
function stand({ delayMs = 1_000_000 } = {}) {
  const server = { version: 1, definition: start, puts: [] as PutOptions[], fail: null as null | "away" | "lost" | "refused" };
  const stored = (): StoredReport => ({ ...server.definition, id: "rep", version: server.version, createdAt: "", updatedAt: "", publication: null });
  const merged: ReportDefinition[] = [];
  const saver = new Saver({
    start: { version: 1, definition: start },
    delayMs, retryMs: 1_000_000,
    async put(options) {
      server.puts.push(options);
      const fail = server.fail;
      server.fail = null;
      if (fail === "away" || fail === "refused") throw new Error(fail);
      if (options.expected !== server.version) throw new Error("stale");
      Object.assign(server, { version: server.version + 1, definition: options.definition });
      if (fail === "lost") throw new Error("away");
      return stored();
    },
    get: async () => stored(),
    definitionOf: ({ id: _i, version: _v, createdAt: _c, updatedAt: _u, publication: _p, team: _t, ...definition }) => definition,
    isStale: (error) => (error as Error).message === "stale",
    isPassing: (error) => (error as Error).message === "away",
    onMerged: (_base, theirs) => void merged.push(theirs),
    onSaved: () => undefined,
    onChange: () => undefined,
  });
  const other = (definition: ReportDefinition): void => void Object.assign(server, { version: server.version + 1, definition });
  return { server, saver, merged, other, [Symbol.dispose]: () => saver.stop() };
}

test("what was changed is saved by itself, and then nothing is left to save", async () => {
  using kit = stand({ delayMs: 0 });
  const { saver, server } = kit;
  assert.equal(saver.state, "saved");
  saver.change({ ...start, title: "New" });
  assert.equal(saver.state, "changed");
  while (server.definition.title !== "New" || saver.state !== "saved") await new Promise(setImmediate);
  assert.equal(server.puts.length, 1);
  assert.equal(server.puts[0]!.isStep, true);
  assert.equal(await saver.flush(), true);
  assert.equal(server.puts.length, 1);
});

test("what is changed while a saving runs is saved after it, on the version that it made", async () => {
  using kit = stand();
  const { saver, server } = kit;
  saver.change({ ...start, title: "A" });
  const first = saver.flush();
  saver.change({ ...start, title: "B" });
  await first;
  assert.equal(saver.state, "changed");
  assert.equal(await saver.flush(), true);
  assert.deepEqual(server.puts.map((put) => [put.definition.title, put.expected]), [["A", 1], ["B", 2]]);
});

test("a change taken back before it was saved asks nothing of the server", async () => {
  using kit = stand();
  const { saver, server } = kit;
  saver.change({ ...start, title: "A" });
  saver.change({ ...start });
  assert.equal(saver.state, "saved");
  assert.equal(await saver.flush(), true);
  assert.equal(server.puts.length, 0);
});

test("another's change of another block is merged and saved without a question", async () => {
  using kit = stand();
  const { saver, server, other, merged } = kit;
  other(withText(start, "b", "their"));
  saver.change(withText(start, "a", "ours"));
  assert.equal(await saver.flush(), true);
  assert.equal(saver.state, "saved");
  assert.equal(merged.length, 1);
  assert.deepEqual(server.definition.blocks.map((block) => block.kind === "text" && block.markdown), ["ours", "their"]);
});

test("the same block changed by both waits for a decision: mine is saved on theirs", async () => {
  using kit = stand();
  const { saver, server, other } = kit;
  other(withText(start, "a", "their"));
  saver.change(withText(start, "a", "ours"));
  assert.equal(await saver.flush(), false);
  assert.equal(saver.state, "conflict");
  assert.equal(saver.theirs?.version, 2);
  saver.change(withText(start, "a", "ours, more"));
  assert.equal(await saver.flush(), false);
  assert.equal(server.version, 2);
  assert.equal(await saver.keepMine(), true);
  assert.deepEqual([server.version, server.definition.blocks[0]!.kind === "text" && server.definition.blocks[0]!.markdown], [3, "ours, more"]);
});

test("taking theirs keeps ours as a version below it", async () => {
  using kit = stand();
  const { saver, server, other } = kit;
  const their = withText(start, "a", "their");
  other(their);
  saver.change(withText(start, "a", "ours"));
  await saver.flush();
  assert.deepEqual(await saver.takeTheirs(), their);
  assert.equal(saver.state, "saved");
  assert.equal(server.version, 4);
  assert.deepEqual(server.definition, their);
  assert.equal(server.puts.at(-2)!.isStep, false);
  saver.change({ ...their, title: "On" });
  assert.equal(await saver.flush(), true);
});

test("a saving whose answer was lost is not a conflict with oneself", async () => {
  using kit = stand();
  const { saver, server, merged } = kit;
  server.fail = "lost";
  saver.change({ ...start, title: "A" });
  assert.equal(await saver.flush(), false);
  assert.equal(saver.state, "failed");
  assert.equal(await saver.flush(), true);
  assert.equal(saver.state, "saved");
  assert.equal(server.version, 2);
  assert.equal(merged.length, 0);
});

test("saving twice at once is one request", async () => {
  using kit = stand();
  const { saver, server } = kit;
  saver.change({ ...start, title: "A" });
  assert.deepEqual(await Promise.all([saver.flush(), saver.flush()]), [true, true]);
  assert.equal(server.puts.length, 1);
});

test("a refusal is kept to be shown, and the next change tries again", async () => {
  using kit = stand();
  const { saver, server } = kit;
  server.fail = "refused";
  saver.change({ ...start, title: "A" });
  await saver.flush();
  assert.equal(saver.state, "failed");
  assert.equal((saver.error as Error).message, "refused");
  saver.change({ ...start, title: "B" });
  assert.equal(saver.state, "changed");
  assert.equal(await saver.flush(), true);
  assert.equal(server.definition.title, "B");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportBlock, ReportDefinition, StoredReport } from "../reports/definition.ts";
import { Editor } from "./editor.ts";

const text = (id: string, y: number): ReportBlock => ({ id, kind: "text", markdown: id, layout: { x: 0, y, w: 12, h: 2 } });
const start: ReportDefinition = { schema: 1, title: "T", language: "en", parameters: [], blocks: [text("a", 0), { id: "q", kind: "table", database: "db", sql: "select 1", layout: { x: 0, y: 2, w: 6, h: 4 } }] };
const known = { id: "rep", version: 1, createdAt: "", updatedAt: "", publication: null };

function open(definition = start) {
  const puts: ReportDefinition[] = [];
  let version = 1;
  let clockMs = 0;
  const editor = new Editor({
    stored: { ...known, ...definition }, untitled: "Untitled", delayMs: 1_000_000, retryMs: 1_000_000, nowMs: () => (clockMs += 10_000),
    put: async ({ definition: sent }) => {
      puts.push(sent);
      version += 1;
      return { ...known, ...sent, version };
    },
    get: () => Promise.reject(new Error("not asked")),
    definitionOf: ({ id: _i, version: _v, createdAt: _c, updatedAt: _u, publication: _p, team: _t, ...rest }: StoredReport) => rest,
    isStale: () => false, isPassing: () => false, onSaved: () => undefined, onMerged: () => undefined,
  });
  return { editor, puts, [Symbol.dispose]: () => editor.stop() };
}

test("adding, duplicating, moving, removing: each is one step back, and what is selected follows", () => {
  using kit = open();
  const { editor } = kit;
  const added = editor.add("number", (id, layout) => ({ id, layout, kind: "number", database: "db", sql: "select 2" }));
  assert.deepEqual([editor.get().selected, editor.get().panel], [added, "block"]);
  const copy = editor.duplicate(added)!;
  assert.notEqual(copy, added);
  assert.equal(editor.get().definition.blocks.length, 4);
  assert.equal(editor.move("a", "up"), false);
  assert.equal(editor.move("a", "down"), true);
  editor.remove("q");
  assert.equal(editor.get().definition.blocks.length, 3);
  for (let i = 0; i < 4; i += 1) editor.undo();
  assert.deepEqual(editor.get().definition, start);
  assert.equal(editor.get().selected, null);
  assert.equal(editor.get().save, "saved");
  editor.redo();
  assert.equal(editor.get().definition.blocks.length, 3);
});

test("an edit that changes nothing is no step", () => {
  using kit = open();
  const { editor } = kit;
  editor.edit((report) => ({ ...report, description: "" }));
  editor.editBlock("a", { title: "" });
  editor.arrange(new Map([["a", { x: 0, y: 0, w: 12, h: 2 }]]));
  assert.equal(editor.get().canUndo, false);
});

test("a report without a title and a block without a question are saved in a form that the server takes", async () => {
  using kit = open();
  const { editor, puts } = kit;
  editor.edit((report) => ({ ...report, title: " " }));
  editor.writeSql("q", "");
  assert.equal(await editor.flush(), true);
  assert.equal(puts[0]!.title, "Untitled");
  assert.equal(puts[0]!.blocks[1]!.kind === "table" && puts[0]!.blocks[1]!.sql, " ");
  assert.equal(editor.get().definition.title, " ");
  assert.equal(editor.unsaved(), null);
  using again = open(puts[0]);
  const [, block] = again.editor.get().definition.blocks;
  assert.equal(block!.kind === "table" && block!.sql, "");
});

test("while SQL is written its block keeps its answer; running, undoing and turning away end that", () => {
  using kit = open();
  const { editor } = kit;
  editor.select("q");
  editor.writeSql("q", "select 2");
  editor.writeSql("q", "select 3");
  assert.deepEqual(editor.get().held, { block: "q", sql: "select 1" });
  editor.run();
  assert.equal(editor.get().held, null);
  editor.writeSql("q", "select 4");
  editor.undo();
  assert.equal(editor.get().held, null);
  editor.writeSql("q", "select 5");
  editor.select(null);
  assert.equal(editor.get().held, null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { withColumn, withTable, without } from "./choices.ts";

test("one change leaves all other choices as they are", () => {
  const first = withColumn({ encoding: "shift_jis" }, { table: "t", column: "a" }, { type: "text" });
  const second = withColumn(withColumn(first, { table: "t", column: "b" }, { leftOut: true }), { table: "t", column: "a" }, { name: "x" });
  const third = withTable(second, "t", { name: "towns" });
  assert.deepEqual(third, { encoding: "shift_jis", tables: [{ from: "t", name: "towns", columns: [{ from: "a", type: "text", name: "x" }, { from: "b", leftOut: true }] }] });
  assert.deepEqual(withTable(third, "u", { leftOut: true }).tables?.map(({ from }) => from), ["t", "u"]);
  assert.deepEqual(without({ encoding: "utf-8", header: true }, "encoding"), { header: true });
});

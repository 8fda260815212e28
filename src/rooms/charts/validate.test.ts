import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Problem } from "#src/base/problems/problem.ts";
import { chartSchema } from "./charts.ts";
import { chartFixtures } from "./fixtures.ts";
import type { Chart } from "./schema.ts";
import { checkAgainstColumns, checkChart } from "./validate.ts";

const x = { field: "year", type: "ordinal" };
const y = { field: "revenue", type: "quantitative" };

function refusal(chart: unknown): { pointer: unknown; allowed: unknown } {
  try {
    checkChart(chart);
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === "CHART_INVALID", String(error));
    return { pointer: error.options.values!["pointer"], allowed: error.options.values!["allowed"] };
  }
  return assert.fail(`accepted: ${JSON.stringify(chart)}`);
}

test("charts of every type pass", () => {
  assert.ok(checkChart({ mark: "bar", encoding: { x, y } }));
  assert.ok(checkChart({ $schema: "https://vega.github.io/schema/vega-lite/v6.json", mark: { type: "line", point: true }, encoding: { x, y } }));
  for (const { chart } of Object.values(chartFixtures)) assert.equal(checkChart(chart), chart);
});

test("what Vega-Lite could do beyond drawing is refused at its place", () => {
  const places: [unknown, string][] = [
    [{ mark: "bar", encoding: { x, y }, data: { url: "https://evil.example/x.csv" } }, "/data"],
    [{ mark: "bar", encoding: { x, y }, transform: [{ calculate: "1", as: "b" }] }, "/transform"],
    [{ mark: "bar", encoding: { x, y }, params: [{ name: "a", expr: "1" }] }, "/params"],
    [{ mark: "bar", encoding: { x, y }, config: {} }, "/config"],
    [{ mark: "bar", encoding: { x, y }, width: 1e9 }, "/width"],
    [{ mark: "image", encoding: { x, y } }, "/mark"],
    [{ mark: { type: "bar", href: "javascript:alert(1)" }, encoding: { x, y } }, "/mark/href"],
    [{ mark: { type: "bar", color: "url(#x)" }, encoding: { x, y } }, "/mark/color"],
    [{ mark: { type: "bar", color: { expr: "1" } }, encoding: { x, y } }, "/mark/color"],
    [{ mark: { type: "bar", size: Number.NaN }, encoding: { x, y } }, "/mark/size"],
    [{ mark: "bar", encoding: { x, y, href: { field: "a" } } }, "/encoding/href"],
    [{ mark: "bar", encoding: { x, y, url: { field: "a" } } }, "/encoding/url"],
    [{ mark: "bar", encoding: { x: { ...x, axis: { labelExpr: "alert(1)" } }, y } }, "/encoding/x/axis/labelExpr"],
    [{ mark: "bar", encoding: { x: { ...x, scale: { domain: { signal: "a" } } }, y } }, "/encoding/x/scale/domain"],
    [{ mark: "bar", encoding: { x: { ...x, condition: { test: "1" } }, y } }, "/encoding/x/condition"],
    [{ mark: "bar", encoding: { x, y: { ...y, aggregate: "argmax" } } }, "/encoding/y/aggregate"],
    [{ mark: "bar", encoding: { x: { ...x, field: "a".repeat(201) }, y } }, "/encoding/x/field"],
    [{ mark: "bar", encoding: { x: { ...x, sort: Array.from({ length: 401 }, () => "a") }, y } }, "/encoding/x/sort"],
    [{ mark: "bar", encoding: { x, y: { ...y, format: "<b>" } } }, "/encoding/y/format"],
    [JSON.parse('{"mark":"bar","encoding":{"x":{"field":"a"},"__proto__":{"polluted":1}}}'), "/encoding/__proto__"],
    [JSON.parse('{"mark":"bar","encoding":{"x":{"field":"a","constructor":1}}}'), "/encoding/x/constructor"],
    [{ mark: "bar", encoding: { x: { "a/b~c": 1 } } }, "/encoding/x/a~1b~0c"],
    [{ mark: "bar" }, "/encoding"],
    [{ mark: "bar", encoding: {} }, "/encoding"],
    [{ mark: "bar", encoding: { x: {} } }, "/encoding/x"],
    [{ mark: "arc", encoding: { color: x } }, "/encoding/theta"],
    [null, "/"],
    ["bar", "/"],
  ];
  for (const [chart, pointer] of places) assert.equal(refusal(chart).pointer, pointer, JSON.stringify(chart));
});

test("a refusal says what is accepted instead", () => {
  assert.match(String(refusal({ mark: "pie", encoding: { x } }).allowed), /"arc"/);
  assert.match(String(refusal({ mark: "bar", encoding: { x: { ...x, colour: 1 } } }).allowed), /field, type, aggregate/);
});

test("a column that the query does not answer is named, with those that there are", () => {
  const chart = checkChart({ mark: "bar", encoding: { x, y: { ...y, field: "revenu" } } });
  assert.throws(
    () => checkAgainstColumns(chart, [{ name: "year" }, { name: "revenue" }]),
    (error) => error instanceof Problem && error.code === "CHART_FIELD_UNKNOWN" && error.options.values!["field"] === "revenu" && error.options.values!["columns"] === "year, revenue",
  );
  checkAgainstColumns(chart, [{ name: "year" }, { name: "revenu" }]);
});

test("the published schema is plain JSON and closed at every object", () => {
  const open: string[] = [];
  const walk = (node: unknown, place: string) => {
    if (typeof node !== "object" || node === null) return;
    const { type, additionalProperties } = node as Record<string, unknown>;
    if (type === "object" && additionalProperties !== false) open.push(place);
    for (const [key, value] of Object.entries(node)) walk(value, `${place}/${key}`);
  };
  walk(chartSchema(), "");
  assert.deepEqual(open, []);
  assert.equal(chartSchema()["$id"], "https://kliv.dev/schemas/chart-1.json");
});

test("every example of docs/charts.md is accepted", () => {
  const docs = readFileSync(new URL("../../../docs/charts.md", import.meta.url), "utf8");
  const examples = [...docs.matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, json]) => JSON.parse(json!) as unknown);
  assert.ok(examples.length >= 12, String(examples.length));
  for (const example of examples) checkChart(example);
  const marks = new Set(examples.map((example) => (typeof (example as Chart).mark === "string" ? (example as Chart).mark : ((example as Chart).mark as { type: string }).type)));
  assert.deepEqual([...marks].sort(), ["arc", "area", "bar", "line", "point", "rect", "rule", "tick"]);
});

test("what a browser draws with imports nothing of Node", () => {
  const seen = new Set<string>();
  const walk = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    for (const [, name] of source.matchAll(/^(?:import|export)(?! type)[^;]*?from "([^"]+)"|^import "([^"]+)"/gm)) {
      const target = name ?? "";
      assert.ok(!target.startsWith("node:") && !target.startsWith("@resvg"), `${file} imports ${target}`);
      if (target.startsWith("./")) walk(target);
    }
  };
  for (const file of ["./render.ts", "./compile.ts", "./format.ts", "./blocks.ts", "./suggest.ts", "./html.ts"]) walk(file);
  assert.ok(seen.size > 15, String(seen.size));
  assert.ok(!seen.has("./font.ts"));
});

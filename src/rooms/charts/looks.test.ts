import assert from "node:assert/strict";
import { test } from "node:test";
import { numberModel } from "./blocks.ts";
import { themeFor } from "./colours.ts";
import { compileChart } from "./compile.ts";
import { timeTicks } from "./dates.ts";
import { draw } from "./draw.ts";
import type { ChartHead } from "./draw.ts";
import { chartFixtures, result } from "./fixtures.ts";
import { reportSvg } from "./picture.ts";
import { textPath, widthOfText } from "./text.ts";
import type { QueryResult } from "./schema.ts";

/* What was seen to be wrong in pictures, held by tests. */

async function svgOf(chart: unknown, data: QueryResult, more: object = {}): Promise<string> {
  return ((await draw({ kind: "chart", chart, result: data, width: 520, height: 320, language: "en", ...more })).head as ChartHead).svg;
}

const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);

// Machado, Oliveira and Fernandes 2009, in linear RGB: nobody, people without red cones, people without green cones.
const eyes = [
  [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
];

/** A colour in OKLab, times 100, as these eyes see it. */
function seen(colour: string, eye: number[][]): number[] {
  const linear = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const [r, g, b] = eye.map((row) => Math.max(0, row.reduce((sum, share, i) => sum + share * linear[i]!, 0))) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s].map((x) => x * 100);
}

test("any two colours of a chart are apart, also for people without red or green cones", () => {
  for (const background of ["light", "dark"]) {
    const theme = themeFor(background);
    const colours = [...theme.categories, theme.other];
    for (const eye of eyes) {
      colours.forEach((one, i) => colours.slice(i + 1).forEach((two) => {
        const [a, b] = [seen(one, eye), seen(two, eye)];
        const apart = Math.hypot(...a.map((x, at) => x - b[at]!));
        assert.ok(apart >= 7.5, `${background}: ${one} and ${two} are ${apart.toFixed(1)} apart`);
      }));
    }
  }
});

test("a text without letters does not tear the picture", async () => {
  const slices = result(["name", "value"], [["a", 96], ["b", 1], ["c", 1], ["d", 1], ["e", 1]]);
  const chart = { mark: "arc", encoding: { theta: { field: "value", type: "quantitative" }, color: { field: "name", type: "nominal" } } };
  const { svg } = await reportSvg({ report: { title: "t", language: "en", blocks: [{ id: "a", kind: "chart", layout: { x: 0, y: 0, w: 6, h: 6 }, chart }] }, results: { a: slices } });
  assert.doesNotMatch(svg, /font-family|<text/);
  assert.equal((svg.match(/<g[ >]/g) ?? []).length, (svg.match(/<\/g>/g) ?? []).length);
});

test("small multiples are as large as asked, in lines of one length", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => [2000 + Math.floor(i / 6), `panel ${i % 6}`, (i * 7919) % 97]);
  const encoding = { x: { field: "year", type: "temporal" }, y: { field: "value", type: "quantitative" }, column: { field: "name", type: "nominal" } };
  for (const width of [420, 700, 1_100]) {
    for (const count of [2, 3, 5, 6]) {
      const data = result(["year", "name", "value"], rows.filter((row) => Number(String(row[1]).at(-1)) < count));
      const svg = await svgOf({ mark: "line", encoding }, data, { width });
      const [, , across, down] = /viewBox="([^"]*)"/.exec(svg)![1]!.split(" ").map(Number) as [number, number, number, number];
      assert.ok(Math.abs(across - width) <= count * 2 && Math.abs(down - 320) <= 6, `${count} panels in ${width}: ${across} x ${down}`);
      const { spec } = compileChart({ chart: { mark: "line", encoding } as never, result: data, width, height: 320, language: "en" });
      const columns = spec["columns"] as number;
      assert.ok(Math.ceil(count / columns) * columns - count < Math.ceil(count / columns), `${count} panels in lines of ${columns}`);
    }
  }
});

test("a log axis has a line for each power of ten, not for each digit", async () => {
  const data = result(["x", "y"], [[1, 1_200], [2, 56_000], [3, 7_000_000]]);
  const encoding = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative", scale: { type: "log" } } };
  const svg = await svgOf({ mark: "point", encoding }, data);
  assert.deepEqual(texts(svg).filter((text) => /[KM]$/.test(text)), ["1K", "10K", "100K", "1M", "10M"]);
});

test("an axis of time has two ticks wherever there is room for one", () => {
  const year = (y: number) => Date.UTC(y, 0, 1);
  assert.deepEqual(timeTicks(year(1955), year(2005), "year", 2).values, [year(1975), year(2000)]);
  assert.deepEqual(timeTicks(year(2021), year(2023), "year", 2).values, [year(2021), year(2022), year(2023)]);
  for (const max of [2, 3, 5, 9]) for (const to of [1901, 1907, 1950, 2024]) {
    const { values } = timeTicks(year(1900), year(to), "month", max);
    assert.ok(values.length >= 2 && values.length <= max + 1, `${max} ticks to ${to}: ${values.length}`);
  }
});

test("a stacked area with a row missing does not tear", () => {
  const data = result(["year", "name", "value"], [[2000, "a", 1], [2000, "b", 2], [2001, "a", 3], [2002, "a", 4], [2002, "b", 5]]);
  const { spec } = compileChart({
    chart: { mark: "area", encoding: { x: { field: "year", type: "temporal" }, y: { field: "value", type: "quantitative" }, color: { field: "name", type: "nominal" } } },
    result: data, width: 400, height: 300, language: "en",
  });
  const { values } = spec["data"] as { values: Record<string, unknown>[] };
  assert.deepEqual(values.filter((datum) => datum["y"] === 0), [{ x: Date.UTC(2001, 0, 1), y: 0, color: "b" }]);
});

test("figures at the ends of bars have the same number of decimals", async () => {
  const svg = await svgOf({ mark: "bar", encoding: { x: { field: "name", type: "nominal" }, y: { field: "value", type: "quantitative" } } }, result(["name", "value"], [["a", 0.877], ["b", 1.3], ["c", 2]]));
  assert.deepEqual(texts(svg).filter((text) => text.includes(".")).slice(-3), ["0.88", "1.30", "2.00"]);
});

test("the colour of a change says what a rise means", () => {
  const data = result(["now", "then"], [[12, 10]]);
  const toneOf = (better?: "more" | "less" | "neither") => numberModel({ compareField: "then", better }, data, "en").change?.tone;
  assert.deepEqual([toneOf(), toneOf("more"), toneOf("less"), toneOf("neither")], ["good", "good", "bad", "plain"]);
  assert.equal(numberModel({ field: "then", compareField: "now", better: "less" }, data, "en").change?.tone, "good");
});

test("what the font does not have is drawn by what is near: CO₂ with a small 2, Łódź with plain letters", () => {
  assert.ok(widthOfText("₂", 100) < widthOfText("2", 100));
  assert.equal(widthOfText("čłş", 100), widthOfText("cls", 100));
  assert.equal(textPath("č", { x: 0, y: 0, size: 10, fill: "#000000" }), textPath("c", { x: 0, y: 0, size: 10, fill: "#000000" }));
  assert.notEqual(textPath("₂", { x: 0, y: 0, size: 10, fill: "#000000" }), textPath("²", { x: 0, y: 0, size: 10, fill: "#000000" }));
});

test("a filter in a picture says what was chosen, in the words of the choice", async () => {
  const parameters = [
    { name: "year", label: "年", type: "choice", default: 2005, options: [{ value: 2005, label: "2005年" }] }, { name: "region", label: "地域", type: "choice", default: null },
    { name: "since", label: "開始日", type: "date", default: "2024-01-01" },
  ];
  const blocks = parameters.map(({ name }, i) => ({ id: name, kind: "filter", parameter: name, layout: { x: i * 4, y: 0, w: 4, h: 1 } }));
  const { svg } = await reportSvg({ report: { title: "t", language: "ja", parameters, blocks }, results: {} });
  for (const text of ["年：2005年", "地域：すべて", "開始日：2024年1月1日"]) assert.ok(svg.includes(/ d="([^"]*)"/.exec(textPath(text, { x: 0, y: 0, size: 14, fill: "#000000" }))![1]!), text);
});

test("a share's axis does not claim to show the column", async () => {
  const { chart, result: data } = chartFixtures["bar-normalized"]!;
  assert.ok(!texts(await svgOf(chart, data)).includes("売上"));
});

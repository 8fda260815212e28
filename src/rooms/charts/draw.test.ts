import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Problem } from "#src/base/problems/problem.ts";
import { contrast, themeFor } from "./colours.ts";
import { compileChart } from "./compile.ts";
import { draw } from "./draw.ts";
import type { ChartHead, ChartsHead, PictureHead } from "./draw.ts";
import { chartFixtures, result } from "./fixtures.ts";
import { chartDataHtml, numberHtml, tableHtml } from "./html.ts";
import type { PictureReport } from "./picture.ts";
import { reportSvg } from "./picture.ts";
import { drawChart, toVega } from "./render.ts";
import { chartLimits } from "./schema.ts";
import type { Chart, QueryResult } from "./schema.ts";
import { widthOfText, wrap } from "./text.ts";

const bar: Chart = { mark: "bar", encoding: { x: { field: "name", type: "nominal" }, y: { field: "value", type: "quantitative" } } };
const scatter: Chart = { mark: "point", encoding: { x: { field: "name", type: "quantitative" }, y: { field: "value", type: "quantitative" } } };

async function chartOf(chart: unknown, data: QueryResult, more: object = {}): Promise<ChartHead> {
  return (await draw({ kind: "chart", chart, result: data, width: 500, height: 320, language: "en", ...more })).head as ChartHead;
}

/** What a page under a strict content policy must not find in an SVG. */
function assertInert(svg: string): void {
  const elements = new Set([...svg.matchAll(/<([^\s/>]+)/g)].map(([, element]) => element!));
  const known = new Set(["svg", "title", "desc", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath", "linearGradient", "stop"]);
  assert.deepEqual([...elements].filter((element) => !known.has(element)), []);
  // Attributes without their values, which are quoted text.
  const attributes = new Set([...svg.replace(/="[^"]*"/g, "=").matchAll(/<[^>]*>/g)].flatMap(([tag]) => tag.match(/\s([^\s=/>]+)=/g) ?? []).map((one) => one.trim()));
  assert.deepEqual([...attributes].filter((attribute) => /^(style|href|xlink:href|class|on.*)=$/i.test(attribute) && attribute !== "class="), []);
}

test("every chart is inert, named and carries ids of its own only", async () => {
  for (const [name, fixture] of Object.entries(chartFixtures)) {
    const { svg, description } = await chartOf(fixture.chart, fixture.result, { id: "block-7" });
    assertInert(svg);
    assert.match(svg, /^<svg [^>]*role="img" aria-label="[^"]{10,}"/, name);
    assert.ok(svg.includes("<desc>") && description.length > 10);
    for (const [, id] of svg.matchAll(/ id="([^"]*)"/g)) assert.match(id!, /^block-7/, name);
    for (const [, id] of svg.matchAll(/url\(#([^)]*)\)/g)) assert.match(id!, /^block-7-/, name);
    assert.equal(/NaN|undefined|\[object/.exec(svg), null, name);
  }
});

test("the same chart is the same bytes, whatever was drawn between and wherever the machine is", async () => {
  const { chart, result: data } = chartFixtures["line"]!;
  const first = await chartOf(chart, data);
  await chartOf(chartFixtures["heatmap"]!.chart, chartFixtures["heatmap"]!.result);
  process.env["TZ"] = "America/Los_Angeles";
  const second = await chartOf(chart, data);
  delete process.env["TZ"];
  assert.equal(second.svg, first.svg);
});

test("50,000 rows and more are bounded, and the picture says so", async () => {
  const many = result(["name", "value"], Array.from({ length: chartLimits.rowsMax + 10 }, (_, i) => [i, (i * 7919) % 997]));
  const points = await chartOf(scatter, many);
  assert.match(points.notes.join(), /First 50,000 of 50,010 rows.*50,000 points, counted by cell/);
  const line = await chartOf({ ...scatter, mark: "line" }, many);
  assert.ok(line.svg.length < 400_000, String(line.svg.length));
  const bars = await chartOf(bar, { ...many, rows: many.rows.map(([name, value]) => [`n${String(name)}`, value]) });
  assert.match(bars.notes.join(), /Largest|marks/);
  for (const drawn of [points, line, bars]) assert.ok((drawn.svg.match(/<(path|line|text)/g) ?? []).length < chartLimits.marksMax * 2);
});

test("a line that is thinned keeps its peak and its ends", async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => [i, i === 12_345 ? 5_000 : Math.sin(i)]);
  const { description, svg } = await chartOf({ ...scatter, mark: "line" }, result(["name", "value"], rows));
  assert.match(description, /5,000/);
  // The axis reaches the peak only if the peak is among the points that are left.
  assert.match(svg, />5K</);
});

test("more series than colours: seven and the grey of the rest; panels are bounded too", async () => {
  const rows = Array.from({ length: 600 }, (_, i) => [2000 + (i % 10), `series ${Math.floor(i / 10)}`, i % 97]);
  const data = result(["year", "name", "value"], rows);
  const encoding = { x: { field: "year", type: "ordinal" }, y: { field: "value", type: "quantitative" }, color: { field: "name", type: "nominal" } };
  const stacked = await chartOf({ mark: "bar", encoding }, data);
  assert.match(stacked.svg, /Other \(53\)/);
  const fills = new Set([...stacked.svg.matchAll(/<path d="[^"]*" fill="(#[0-9A-F]{6})"/g)].map(([, fill]) => fill));
  assert.ok(fills.size <= 8, [...fills].join());
  const lines = await chartOf({ mark: "line", encoding: { ...encoding, x: { field: "year", type: "temporal" } } }, data);
  assert.match(lines.notes.join(), /47 of 60 lines/);
  const { color: _color, ...rest } = encoding;
  const panels = await chartOf({ mark: "line", encoding: { ...rest, column: { field: "name", type: "nominal" } } }, data);
  assert.match(panels.notes.join(), /12 of 60 panels/);
});

test("bins without number, groups without number and extreme figures are bounded", async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => [i, (i * 7919) % 9_973]);
  const bins = await chartOf({ mark: "bar", encoding: { x: { field: "value", bin: { step: 1e-12 } }, y: { aggregate: "count" } } }, result(["name", "value"], rows));
  assert.ok(bins.svg.length < 60_000, String(bins.svg.length));
  const groups = await chartOf(
    { mark: "rect", encoding: { x: { field: "name", type: "ordinal" }, y: { field: "value", type: "ordinal" }, color: { aggregate: "count" } } },
    result(["name", "value"], rows.map(([name, value]) => [Number(name) % 300, Number(value) % 300])),
    { width: 4_000, height: 4_000 },
  );
  assert.match(groups.notes.join(), /First 3,000 groups/);
  const extreme = result(["name", "value"], [[1, 1e308], [2, 1e308], [3, -1e308], [4, 5e-324]]);
  for (const mark of ["bar", "line", "area", "point", "rect"]) {
    const { svg } = await chartOf({ ...scatter, mark }, extreme);
    assert.ok(svg.endsWith("</svg>"), mark);
  }
  await chartOf({ ...scatter, encoding: { ...scatter.encoding, y: { ...scatter.encoding.y, scale: { type: "log" } } } }, result(["name", "value"], [[1, 0], [2, -5], [3, 10]]));
});

test("a browser's chart carries tooltips in the reader's language, and runs under the interpreter", async () => {
  for (const [name, fixture] of Object.entries(chartFixtures)) {
    const compiled = compileChart({ ...fixture, width: 400, height: 300, language: "ja", interactive: true });
    const text = JSON.stringify(toVega(compiled));
    assert.match(text, /"tooltip"/, name);
    const drawn = await drawChart({ ...fixture, width: 400, height: 300, language: "ja", interactive: true });
    assert.ok(drawn.svg.endsWith("</svg>"), name);
  }
});

test("bars stand on zero even where the chart asks otherwise", async () => {
  const { svg } = await chartOf({ ...bar, encoding: { ...bar.encoding, y: { ...bar.encoding.y, axis: { labels: true }, scale: { zero: false } } } }, result(["name", "value"], [["a", 1000], ["b", 1010]]));
  assert.match(svg, />0<\/text>/);
});

test("no rows, one row, only nulls, infinities: a chart that says so", async () => {
  assert.match((await chartOf(bar, result(["name", "value"], []))).svg, /No rows to show/);
  assert.match((await chartOf(bar, result(["name", "value"], [["a", null]]), { language: "ja" })).svg, /表示するデータがありません/);
  assert.ok((await chartOf(bar, result(["name", "value"], [["a", 1]]))).svg.includes("<path"));
  assert.match((await chartOf(scatter, result(["name", "value"], [[Infinity, 1], [1, 2]]))).notes.join(), /1 rows/);
});

test("impossible sizes are refused", async () => {
  for (const width of [0, -1, 1.5, 1e9, Number.NaN]) {
    await assert.rejects(chartOf(bar, result(["name", "value"], []), { width }), (error) => error instanceof Problem && error.code === "CHART_SIZE_REFUSED");
  }
});

test("several charts at once: one problem does not stop the others", async () => {
  const data = result(["name", "value"], [["a", 1]]);
  const one = { result: data, width: 300, height: 200, language: "ja" as const };
  const { head } = await draw({ kind: "charts", charts: [{ ...one, chart: bar }, { ...one, chart: { mark: "bar", encoding: {}, data: {} } }, { ...one, chart: { ...bar, encoding: { x: { field: "nope" } } } }] });
  const [first, second, third] = head as ChartsHead;
  assert.ok(first && "svg" in first);
  assert.ok(second && "problem" in second && second.problem["code"] === "CHART_INVALID");
  assert.ok(third && "problem" in third && third.problem["code"] === "CHART_FIELD_UNKNOWN" && /name, value/.test(String(third.problem["detail"])));
});

test("hostile names and values stay text, in SVG and in HTML", async (t) => {
  const folder = process.env["KLIV_CORPORA"];
  const file = folder === undefined ? "" : join(folder, "corpora", "naughty-strings.json");
  const builtIn = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>", "\u0000\u0008\ufffe", "\ud800", "__proto__", "constructor", "url(#x)", "${1}", "' onload='x", "\u202e\u200f", "&lt;", "👩‍👩‍👧‍👦", "%00", "toString"];
  const strings = existsSync(file) ? [...builtIn, ...(JSON.parse(readFileSync(file, "utf8")) as string[])] : builtIn;
  if (!existsSync(file)) t.diagnostic("only the built-in strings: KLIV_CORPORA is not set, so corpora/naughty-strings.json is not there");
  for (let at = 0; at < strings.length; at += 40) {
    const some = strings.slice(at, at + 40);
    const data = result(["name", "value"], some.map((text, i) => [text, i + 1]));
    const { svg } = await chartOf({ ...bar, title: some[0]!.slice(0, 200) }, data, { height: 800 });
    assertInert(svg);
    assert.ok(svg.isWellFormed());
    assert.doesNotMatch(svg, /(?![\t\n\r])[\p{Cc}\ufffe]/u);
    for (const html of [tableHtml({ title: some[0] }, data, "en"), chartDataHtml(bar, data, "ja"), numberHtml({}, result([some[0]!], [[some[0]]]), "en")]) {
      assert.doesNotMatch(html.replace(/="[^"]*"/g, "="), /<(script|img|iframe|svg|a|style|object|embed|link|meta|base)\b|<[^>]* (style|href|on[a-z]+)=/i);
    }
  }
  for (const text of strings.filter((one) => one.length > 0 && one.length <= 200).slice(0, 60)) {
    const chart = { mark: "line", encoding: { x: { field: text, type: "nominal" }, y: { field: "value", type: "quantitative", title: text } } };
    const drawn = await chartOf(chart, result([text, "value"], [[text, 1], ["b", 2]]));
    assertInert(drawn.svg);
    assert.equal(/\[object Object\]/.test(drawn.svg), text.includes("[object Object]"), text);
  }
});

test("colours are read on every background", () => {
  for (const background of ["light", "dark", "#FFF6E5", "#7F7F7F", "#004488", "#FFE600", "#000000"]) {
    const theme = themeFor(background);
    assert.ok(contrast(theme.text, theme.background) >= 3.9, `${background} text ${contrast(theme.text, theme.background)}`);
    for (const colour of [theme.accent, ...theme.categories]) assert.ok(contrast(colour, theme.background) >= 3, `${background} ${colour}`);
  }
  assert.equal(themeFor("red; x").background, "#FFFFFF");
});

const report: PictureReport = {
  title: "音楽配信ストアの売上", description: "月ごとの売上と地域ごとの構成。", language: "ja", background: "dark",
  parameters: [{ name: "year", label: "年度", default: 2024 }],
  blocks: [
    { id: "n", kind: "number", layout: { x: 0, y: 0, w: 3, h: 2 }, title: "売上高", format: { kind: "currency" }, compareField: "before" },
    { id: "f", kind: "filter", layout: { x: 9, y: 0, w: 3, h: 1 }, parameter: "year" },
    { id: "c", kind: "chart", layout: { x: 0, y: 2, w: 6, h: 5 }, title: "月別", chart: chartFixtures["line"]!.chart },
    { id: "t", kind: "table", layout: { x: 6, y: 2, w: 6, h: 5 }, title: "表" },
    { id: "m", kind: "text", layout: { x: 0, y: 7, w: 6, h: 3 }, markdown: "# 見出し\n\n**太字**と<b>HTML</b>\n\n- 一\n- 二\n\n[x](javascript:alert(1))" },
    { id: "i", kind: "image", layout: { x: 6, y: 7, w: 2, h: 2 }, picture: "https://evil.example/x.png" },
    { id: "p", kind: "chart", layout: { x: 8, y: 7, w: 4, h: 3 }, chart: { mark: "bar", encoding: {} } },
    { id: "q", kind: "chart", layout: { x: 0, y: 10, w: 4, h: 3 }, chart: bar },
  ],
};
const results = {
  n: result(["now", "before"], [[123, 100]]), c: chartFixtures["line"]!.result, t: chartFixtures["bar-stacked"]!.result,
  p: result(["a"], [[1]]), q: { problem: "no such table: x" },
};

function pngSize(bytes: Buffer | undefined): { width: number; height: number } {
  assert.ok(bytes && bytes.toString("latin1", 1, 4) === "PNG");
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

test("a report's picture has the size asked for: full, OpenGraph, small", async () => {
  const full = await draw({ kind: "picture", report, results });
  assert.deepEqual(pngSize(full.body), { width: 1200, height: (full.head as PictureHead).height });
  assert.ok((full.head as PictureHead).height > 800);
  assert.deepEqual(pngSize((await draw({ kind: "picture", report, results, heightPixels: 630 })).body), { width: 1200, height: 630 });
  assert.equal(pngSize((await draw({ kind: "picture", report, results, widthPixels: 400 })).body).width, 400);
  await assert.rejects(draw({ kind: "picture", report, results, widthPixels: 100_000 }), (error) => error instanceof Problem && error.code === "CHART_SIZE_REFUSED");
});

test("a picture holds outlines only: no text that would want a font, no address", async () => {
  const { svg } = await reportSvg({ report, results });
  assert.doesNotMatch(svg, /<text|https?:\/\/(?!www\.w3\.org)|javascript:|<script/);
  assert.ok(svg.startsWith("<svg") && svg.includes('fill="#0F1419"'));
});

test("an empty report and one with its blocks far below still give a picture", async () => {
  assert.equal(pngSize((await draw({ kind: "picture", report: { ...report, blocks: [] }, results: {} })).body).width, 1200);
  const far = { ...report, blocks: [{ ...report.blocks[4]!, layout: { x: 0, y: 900, w: 12, h: 60 } }, { ...report.blocks[4]!, id: "m2", layout: { x: 0, y: 1000, w: 12, h: 60 } }] };
  assert.ok(pngSize((await draw({ kind: "picture", report: far, results: {}, heightPixels: 630 })).body).height === 630);
  assert.ok(pngSize((await draw({ kind: "picture", report: far, results: {} })).body).height <= 8_000);
});

test("Japanese has the font's own widths and breaks where it may", () => {
  assert.equal(widthOfText("日本語", 10), 30);
  assert.ok(widthOfText("iiii", 10) < widthOfText("WWWW", 10) / 2);
  const lines = wrap([{ text: "これは「日本語」の文章です。次の行へ。Kliv works at words" }], { size: 10, width: 100 }).map((line) => line.map((run) => run.text).join(""));
  for (const line of lines) {
    assert.ok(widthOfText(line.trimEnd(), 10) <= 100, line);
    assert.doesNotMatch(line, /^[、。」）]|[「（]$/);
  }
  assert.equal(lines.join(""), "これは「日本語」の文章です。次の行へ。Kliv works at words");
  const long = wrap([{ text: "x".repeat(5_000) }], { size: 10, width: 100, linesMax: 3 });
  assert.equal(long.length, 3);
  assert.match(long[2]!.at(-1)!.text, /…$/);
});

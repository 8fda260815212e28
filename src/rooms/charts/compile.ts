import { arcSpec } from "./arcs.ts";
import { bandAxis, labelFor, numberAxis, timeAxis, widestLabel } from "./axes.ts";
import type { Json } from "./axes.ts";
import { themeFor } from "./colours.ts";
import type { Theme } from "./colours.ts";
import { chartConfig } from "./config.ts";
import { dateParts, startOf } from "./dates.ts";
import { describe } from "./describe.ts";
import { labelText } from "./expressions.ts";
import { facetSpec } from "./facets.ts";
import { formatNumber } from "./format.ts";
import { legendOf } from "./legend.ts";
import { textWidth } from "./measure.ts";
import { combine, distinctOf, ownKey, prepare, totals } from "./prepare.ts";
import type { Cell, Prepared, Use } from "./prepare.ts";
import { chartLimits } from "./schema.ts";
import type { Background, Chart, FormatChoice, Language, QueryResult } from "./schema.ts";
import { closeAreas, foldSeries, measureOf, orderOf } from "./series.ts";
import { boundMarks } from "./bounds.ts";
import { say } from "./words.ts";

export interface DrawRequest {
  chart: Chart;
  result: QueryResult;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  background?: Background;
  language: Language;
  /** Drawn above the chart. Pages that have a heading of their own leave it out. */
  title?: string;
  /** With tooltips, for a browser that draws it alive. */
  interactive?: boolean;
}

export interface CompiledChart {
  /** A complete Vega-Lite specification with its data. */
  spec: Json;
  theme: Theme;
  /** One sentence: peak, low, change. */
  description: string;
  /** What was left out, in the reader's language. */
  notes: string[];
  /** False where there is nothing to draw. */
  drawable: boolean;
  /** With small multiples, whose panels Vega sizes one by one. */
  panels?: Panels;
  width: number;
  height: number;
}

export interface Panels {
  across: number;
  down: number;
}

/** What the parts of one compilation hand to each other. */
export interface Plot {
  prepared: Prepared;
  theme: Theme;
  language: Language;
  /** Of the plot itself, without its axes: an estimate by which labels and ticks are chosen. */
  plotWidth: number;
  plotHeight: number;
  normalized: boolean;
  interactive: boolean;
  panels?: Panels;
}

/** A chart and its rows as a Vega-Lite specification of an exact size. The chart has passed checkChart. */
export function compileChart(request: DrawRequest): CompiledChart {
  const { chart, result, width, height, language } = request;
  const theme = themeFor(request.background);
  const prepared = prepare(chart, result, language);
  const description = chart.description || describe(prepared);
  const title = request.title ?? chart.title;
  const plot: Plot = {
    prepared, theme, language, normalized: isNormalized(prepared), interactive: request.interactive ?? false,
    plotWidth: Math.max(60, width - 70), plotHeight: Math.max(40, height - 60 - (title ? 32 : 0)),
  };
  const body = prepared.data.length === 0 ? {} : bodyOf(plot);
  const spec: Json = {
    data: { values: prepared.data },
    ...body,
    ...("facet" in body || "columns" in body ? { autosize: { type: "pad" } } : { width, height, autosize: { type: "fit", contains: "padding" } }),
    ...titleSpec(title, prepared.notes, { width, quiet: theme.quiet }),
    config: chartConfig(theme),
  };
  return { spec, theme, description, notes: prepared.notes, drawable: prepared.data.length > 0, width, height, ...(plot.panels ? { panels: plot.panels } : {}) };
}

function titleSpec(title: string | undefined, notes: string[], { width, quiet }: { width: number; quiet: string }): Json {
  if (!title && notes.length === 0) return {};
  const text = title ? [cut(title, 15, width - 16, 700)] : [];
  const subtitle = notes.length > 0 ? [cut(notes.join(" · "), 11, width - 16)] : [];
  if (text.length === 0) return { title: { text: subtitle, fontSize: 11, fontWeight: 400, color: quiet } };
  return { title: { text, ...(subtitle.length > 0 ? { subtitle } : {}) } };
}

/** The text with an ellipsis where it would be wider than its room. */
export function cut(text: string, fontSize: number, room: number, weight = 400): string {
  if (textWidth(text, fontSize, weight) <= room) return text;
  const letters = [...text];
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${letters.slice(0, middle).join("")}…`, fontSize, weight) <= room) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join("").trimEnd()}…`;
}

function bodyOf(plot: Plot): Json {
  const { prepared } = plot;
  if (prepared.mark === "arc") return arcSpec(plot);
  const facets = facetSpec(plot);
  turnLongBars(plot);
  const series = foldSeries(prepared, plot.theme);
  boundMarks(plot);
  prepared.data.push(...closeAreas(prepared));
  const encoding: Json = {};
  const color = prepared.uses.get("color");
  for (const name of ["x", "y"] as const) {
    const use = prepared.uses.get(name);
    if (use) encoding[name] = positionOf(use, plot);
  }
  for (const name of ["xOffset", "yOffset"] as const) {
    const use = prepared.uses.get(name);
    if (!use) continue;
    // Bars side by side stand in the order of the legend.
    const same = use.channel.field === color?.channel.field && series ? series.domain : null;
    if (same && series?.folded) for (const datum of prepared.data) datum[name] = datum["color"]!;
    encoding[name] = { field: name, type: "nominal", sort: null, scale: { domain: same ?? orderOf(use, distinctOf(prepared.data, name), prepared.data, prepared) } };
  }
  if (color && series) encoding["color"] = colourOf(color, series.domain, series.colours, plot);
  else if (color) encoding["color"] = rampOf(color, plot);
  for (const name of ["size", "opacity"] as const) {
    const use = prepared.uses.get(name);
    if (use) encoding[name] = { ...fieldOf(use), legend: legendOf(use, plot, null), ...(name === "size" && use.kind === "quantitative" ? { scale: sizeScale(plot) } : {}) };
  }
  if (series?.detail) {
    encoding["detail"] = { field: series.detail, type: "nominal" };
    encoding["strokeWidth"] = { condition: { test: "datum.rest === 1", value: 1 }, value: Number(prepared.markOptions["strokeWidth"] ?? 2) };
  }
  else if (prepared.uses.has("detail")) encoding["detail"] = { field: "detail", type: "nominal" };
  const order = prepared.uses.get("order");
  if (order) encoding["order"] = { ...fieldOf(order), ...(order.channel.sort === "descending" ? { sort: "descending" } : {}) };
  if (series?.folded) addUp(encoding, plot);
  if (plot.interactive) encoding["tooltip"] = tooltipOf(plot, encoding);
  const layers = layersOf(plot, encoding, series?.domain.length ?? 0);
  return facets ? facets(layers) : layers;
}

/** Areas by value, from a dot to what the plot has room for. */
function sizeScale({ plotWidth, plotHeight }: Plot): Json {
  return { type: "linear", zero: true, nice: false, range: [8, Math.max(200, Math.min(1_800, (plotWidth * plotHeight) / 110))] };
}

/** Rows that now share a mark are added up. */
function addUp(encoding: Json, plot: Plot): void {
  const measure = measureOf(plot.prepared);
  if (!measure || measure.aggregate || !["bar", "area"].includes(plot.prepared.mark)) return;
  const channel = encoding[measure.name] as Json | undefined;
  if (channel) channel["aggregate"] = "sum";
}

/** A channel's data part: always under its own name. */
export function fieldOf(use: Use): Json {
  if (use.aggregate === "count") return { aggregate: "count", type: "quantitative" };
  return {
    field: use.name,
    type: use.kind,
    ...(use.aggregate ? { aggregate: use.aggregate === "average" ? "mean" : use.aggregate } : {}),
    ...(use.binned ? { bin: typeof use.channel.bin === "object" ? use.channel.bin : { maxbins: 20 } } : {}),
  };
}

function positionOf(use: Use, plot: Plot): Json {
  const { prepared } = plot;
  const vertical = use.name === "y";
  const request = { use, prepared, vertical, length: vertical ? plot.plotHeight : plot.plotWidth, labelRoom: Math.max(80, plot.plotWidth * 0.42), normalized: plot.normalized && use === measureOf(prepared) };
  const hidden = use.channel.axis === null;
  const given = use.channel.scale ?? {};
  if (use.kind === "quantitative") {
    const scale: Json = { ...pick(given, ["type", "nice", "reverse"]), ...zeroOf(use, prepared) };
    const domain = given.domain?.filter((value) => typeof value === "number");
    if (domain?.length === 2) scale["domain"] = domain;
    const stack = use.channel.stack;
    return { ...fieldOf(use), ...(stack === undefined ? {} : { stack }), scale, axis: hidden ? null : numberAxis(request) };
  }
  const banded = ["bar", "rect"].includes(prepared.mark) || prepared.uses.has(vertical ? "yOffset" : "xOffset");
  if (use.kind === "temporal" && (!banded || distinctOf(prepared.data, use.name).length > chartLimits.categoriesMax)) {
    return { field: use.name, type: "temporal", scale: { type: "utc", ...pick(given, ["reverse"]) }, axis: hidden ? null : timeAxis(request) };
  }
  const domain = bandDomain(use, plot, request.length);
  return {
    field: use.name, type: "ordinal", sort: null,
    scale: { domain, ...(prepared.mark === "rect" ? { paddingInner: 0.04, paddingOuter: 0 } : {}), ...pick(given, ["reverse"]) },
    axis: hidden ? null : bandAxis(request, domain),
  };
}

/** Bars and areas begin at zero always; lines where zero is near. */
function zeroOf(use: Use, prepared: Prepared): Json {
  const given = use.channel.scale;
  if (given?.type === "log" || use.binned) return {};
  if (["bar", "area"].includes(prepared.mark) && use === measureOf(prepared)) return { zero: true };
  if (given?.zero !== undefined) return { zero: given.zero };
  if (prepared.mark !== "line" || use.aggregate === "count") return use.aggregate === "count" ? { zero: true } : { zero: false };
  let [low, high] = [Infinity, -Infinity];
  for (const datum of prepared.data) {
    const value = datum[use.name];
    if (typeof value !== "number") continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { zero: (low >= 0 && low < high * 0.6) || (high <= 0 && high > low * 0.6) };
}

/** The categories of an axis in their order; whole runs of months where bars stand on dates; never more than fit. */
function bandDomain(use: Use, plot: Plot, length: number): Cell[] {
  const { prepared } = plot;
  const values = orderOf(use, distinctOf(prepared.data, use.name), prepared.data, prepared);
  if (use.kind === "temporal") return fillGaps(use, values.filter((value) => typeof value === "number"));
  const room = use.kind === "nominal" ? Math.max(3, Math.floor(length / (use.name === "y" ? 14 : 10))) : chartLimits.categoriesMax;
  const max = Math.min(room, chartLimits.categoriesMax);
  if (values.length <= max) return values;
  const measure = measureOf(prepared);
  const asked = use.channel.sort !== undefined || !measure;
  const sums = totals(prepared.data, use.name, measure);
  const kept = asked ? new Set(values.slice(0, max)) : new Set(values.toSorted((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0)).slice(0, max));
  prepared.data = prepared.data.filter((datum) => kept.has(datum[use.name] ?? null));
  const counts = { shown: formatNumber(max, plot.language), all: formatNumber(values.length, plot.language) };
  prepared.notes.push(say(asked ? "categoriesFirst" : "categoriesLargest", plot.language, counts));
  return asked ? values.filter((value) => kept.has(value)) : [...kept];
}

function fillGaps(use: Use, moments: number[]): Cell[] {
  const sorted = moments.toSorted((a, b) => a - b);
  const grain = use.grain ?? "day";
  if (grain === "minute" || grain === "second" || sorted.length < 2) return sorted;
  const all: number[] = [];
  for (let at = startOf(sorted[0]!, grain); at <= sorted[sorted.length - 1]!; ) {
    all.push(at);
    if (all.length > chartLimits.categoriesMax) return sorted;
    const p = dateParts(at);
    if (grain === "year") at = Date.UTC(p.year + 1, 0, 1);
    else if (grain === "month" || grain === "quarter") at = Date.UTC(p.year, p.month - 1 + (grain === "month" ? 1 : 3), 1);
    else at += grain === "day" ? 86_400_000 : 3_600_000;
  }
  const there = new Set(all);
  return sorted.every((ms) => there.has(ms)) ? all : sorted;
}

/** Bars whose names would not stand side by side lie down; names are never turned. */
function turnLongBars(plot: Plot): void {
  const { prepared } = plot;
  const [x, y] = [prepared.uses.get("x"), prepared.uses.get("y")];
  if (prepared.mark !== "bar" || !x || !y || x.kind === "quantitative" || x.kind === "temporal" || x.part || y.kind !== "quantitative") return;
  if (x.channel.axis?.labelAngle !== undefined || x.channel.axis?.labels === false) return;
  const values = distinctOf(prepared.data, "x");
  if (values.every((value) => typeof value === "number") && x.kind === "ordinal") return;
  const wide = widestLabel(x, values, plot.language) + 10;
  if (wide * values.length <= plot.plotWidth) return;
  const turned = new Map<string, string>([["x", "y"], ["y", "x"], ["xOffset", "yOffset"], ["yOffset", "xOffset"]]);
  const uses = new Map<string, Use>();
  for (const [name, use] of prepared.uses) {
    const to = turned.get(name) ?? name;
    const { axis, sort, ...rest } = use.channel;
    const { orient: _orient, ...axisRest } = axis ?? {};
    // A sort by the other axis names it by its old place.
    const sortTo = typeof sort === "string" ? (sort.replace(/[xy]$/, (old) => (old === "x" ? "y" : "x")) as typeof sort) : sort;
    const channel = { ...rest, ...(axis === null ? { axis } : axis ? { axis: axisRest } : {}), ...(sortTo === undefined ? {} : { sort: sortTo }) };
    uses.set(to, { ...use, name: to, channel });
  }
  prepared.uses = uses;
  for (const datum of prepared.data) {
    [datum["x"], datum["y"]] = [datum["y"] ?? null, datum["x"] ?? null];
    if ("xOffset" in datum || "yOffset" in datum) [datum["xOffset"], datum["yOffset"]] = [datum["yOffset"] ?? null, datum["xOffset"] ?? null];
  }
}

function colourOf(use: Use, domain: Cell[], colours: string[], plot: Plot): Json {
  // Vega-Lite stacks and draws by the field's own order: the domain says it.
  return { field: "color", type: "nominal", sort: null, scale: { domain, range: colours }, legend: legendOf(use, plot, domain) };
}

function rampOf(use: Use, plot: Plot): Json {
  const scheme = use.channel.scale?.scheme;
  const range = use.channel.scale?.range ?? (scheme ? undefined : plot.theme.ramp);
  return {
    ...fieldOf(use),
    scale: { ...pick(use.channel.scale ?? {}, ["reverse"]), ...(scheme ? { scheme } : { range }) },
    legend: legendOf(use, plot, null),
  };
}

function tooltipOf(plot: Plot, encoding: Json): Json[] {
  const lines: Json[] = [];
  const seen = new Set<string>();
  for (const [name, use] of plot.prepared.uses) {
    if (["order", "detail"].includes(name) || seen.has(`${use.channel.field} ${use.aggregate}`)) continue;
    seen.add(`${use.channel.field} ${use.aggregate}`);
    const from = encoding[name] as Json | undefined;
    const label = labelFor(use, plot.language, use.kind === "quantitative" ? "value" : "category");
    lines.push({
      ...fieldOf(use), ...(from?.["aggregate"] ? { aggregate: from["aggregate"] } : {}),
      ...(use.binned ? {} : { formatType: "kliv", format: labelText(label) }), title: ownKey(use.title || use.channel.field || say("count", plot.language)),
    });
  }
  return lines;
}

function layersOf(plot: Plot, encoding: Json, seriesCount: number): Json {
  const { theme } = plot;
  const mark: Json = { ...markOf(plot), ...(plot.interactive ? { tooltip: true } : {}) };
  const values = barValues(plot, encoding, seriesCount);
  if (!values) return { mark, encoding };
  const { tooltip, ...shared } = encoding;
  return { encoding: shared, layer: [{ mark, ...(tooltip ? { encoding: { tooltip } } : {}) }, { ...values, mark: { ...(values["mark"] as Json), color: theme.text } }] };
}

function markOf({ prepared, theme }: Plot): Json {
  const { mark, markOptions } = prepared;
  const { innerRadius: _inner, tooltip: _tooltip, cornerRadius, ...options } = markOptions;
  const own: Json = { type: mark, ...options };
  if (cornerRadius !== undefined) own[mark === "bar" ? "cornerRadiusEnd" : "cornerRadius"] = cornerRadius;
  if (mark === "area") Object.assign(own, { line: options["line"] ?? !prepared.uses.has("color"), ...(prepared.uses.has("color") ? {} : { opacity: options["opacity"] ?? 0.25 }) });
  if (mark === "line" && options["point"] === undefined) own["point"] = prepared.data.length === 1;
  if (mark === "line" || mark === "area" || mark === "point" || mark === "circle") own["clip"] = prepared.uses.get("x")?.channel.scale?.domain !== undefined || prepared.uses.get("y")?.channel.scale?.domain !== undefined;
  const color = prepared.uses.get("color");
  if (prepared.uses.get("size")?.kind === "quantitative") Object.assign(own, { stroke: theme.background, strokeWidth: 0.75 });
  if (mark === "rect" && color === undefined) own["opacity"] = options["opacity"] ?? 0.9;
  return own;
}

/** A few plain bars carry their figures at their ends, and the axis that would repeat them goes. */
function barValues(plot: Plot, encoding: Json, seriesCount: number): Json | null {
  const { prepared } = plot;
  const measure = measureOf(prepared);
  if (prepared.mark !== "bar" || seriesCount > 0 || !measure || prepared.uses.has("xOffset") || prepared.uses.has("yOffset")) return null;
  const flat = measure.name === "x";
  const other = prepared.uses.get(flat ? "y" : "x");
  if (!other || other.binned || other.kind === "quantitative" || prepared.uses.has("row") || prepared.uses.has("column")) return null;
  const count = distinctOf(prepared.data, other.name).length;
  const band = (flat ? plot.plotHeight : plot.plotWidth) / Math.max(1, count);
  if (count > prepared.data.length || (measure.aggregate === undefined && count < prepared.data.length)) return null;
  if (flat ? band < 14 : band < 44) return null;
  const sums = [...totals(prepared.data, other.name, measure).values()];
  if (sums.some((value) => value < 0)) return null;
  const axis = (encoding[measure.name] as Json)["axis"] as Json | null;
  if (axis && measure.channel.axis === undefined) Object.assign(axis, { labels: false, grid: false });
  const label = { ...labelFor(measure, plot.language, "value") };
  // Figures in a row have the same number of decimals.
  if (label.format === undefined) label.format = sharedDecimals(sums);
  return {
    mark: { type: "text", fontSize: 11, ...(flat ? { align: "left", baseline: "middle", dx: 5 } : { baseline: "bottom", dy: -4 }) },
    encoding: { text: { ...fieldOf(measure), formatType: "kliv", format: labelText(label) } },
  };
}

function sharedDecimals(values: number[]): FormatChoice | undefined {
  const most = combine(values, "max");
  if (most >= 1e5 || most < 0.1) return undefined;
  const decimalsMax = most >= 1000 ? 0 : most >= 100 ? 1 : 2;
  const needed = values.map((value) => String(Number(value.toFixed(decimalsMax))).split(".")[1]?.length ?? 0);
  return { kind: "number", decimals: Math.max(0, ...needed) };
}

function isNormalized(prepared: Prepared): boolean {
  return [...prepared.uses.values()].some((use) => use.channel.stack === "normalize");
}

function pick<T extends object>(from: T, names: string[]): Json {
  return Object.fromEntries(Object.entries(from).filter(([name, value]) => names.includes(name) && value !== undefined));
}

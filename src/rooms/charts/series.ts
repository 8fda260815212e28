import type { Theme } from "./colours.ts";
import { formatNumber } from "./format.ts";
import { distinctOf, labelOf, totals } from "./prepare.ts";
import type { Cell, Datum, Prepared, Use } from "./prepare.ts";
import { chartLimits } from "./schema.ts";
import { say } from "./words.ts";

export interface Series {
  domain: Cell[];
  colours: string[];
  /** Set where thin lines of the rest stand behind: the name under which each keeps its own values apart. */
  detail: string | null;
  /** Whether several rows now share a mark and their values have to be added up. */
  folded: boolean;
}

/**
 * At most seven colours and the grey of "other". What is left over is added up under bars, areas and arcs;
 * lines keep their own course in grey, because adding up temperatures means nothing.
 */
export function foldSeries(prepared: Prepared, theme: Theme): Series | null {
  const use = prepared.uses.get("color");
  if (!use || use.kind === "quantitative") return null;
  const { data, language } = prepared;
  const given = use.channel.scale?.range;
  let values = orderOf(use, distinctOf(data, "color"), data, prepared);
  const max = given ? Math.max(given.length, chartLimits.seriesMax) : chartLimits.seriesMax;
  if (values.length <= max + 1) {
    return { domain: values, colours: values.map((_, i) => (given ? given[i % given.length]! : (theme.categories[i] ?? theme.other))), detail: null, folded: false };
  }
  const measure = prepared.uses.get("theta") ?? measureOf(prepared);
  const sums = totals(data, "color", measure);
  const shown = new Set([...values].sort((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0)).slice(0, max));
  const rest = values.filter((value) => !shown.has(value));
  const other = `${say("other", language)} (${formatNumber(rest.length, language)})`;
  const lines = prepared.mark === "line";
  const drawn = lines ? new Set(rest.slice(0, chartLimits.otherLinesMax)) : new Set(rest);
  if (drawn.size < rest.length) {
    prepared.notes.push(say("linesCut", language, { shown: formatNumber(drawn.size + max, language), all: formatNumber(values.length, language) }));
  }
  prepared.data = data.filter((datum) => shown.has(datum["color"] ?? null) || drawn.has(datum["color"] ?? null));
  for (const datum of prepared.data) {
    if (lines) Object.assign(datum, { line: datum["color"] ?? null, rest: shown.has(datum["color"] ?? null) ? 0 : 1 });
    if (!shown.has(datum["color"] ?? null)) datum["color"] = other;
  }
  // What comes first is drawn first: the grey lines lie behind.
  if (lines) prepared.data.sort((a, b) => Number(b["rest"]) - Number(a["rest"]));
  values = values.filter((value) => shown.has(value));
  const colours = values.map((_, i) => (given ? given[i % given.length]! : theme.categories[i]!));
  return { domain: [...values, other], colours: [...colours, theme.other], detail: lines ? "line" : null, folded: !lines };
}

/** A stacked area without a row for a moment would tear: what is not there counts nothing. */
export function closeAreas({ mark, uses, data }: Prepared): Datum[] {
  const [x, y, color] = [uses.get("x"), uses.get("y"), uses.get("color")];
  if (mark !== "area" || !x || !y || !color || y.kind !== "quantitative" || y.aggregate || y.channel.stack === null || y.channel.stack === false) return [];
  const panels = new Map<string, { panel: Datum; xs: Set<Cell>; colors: Set<Cell>; there: Set<string> }>();
  for (const datum of data) {
    const panel: Datum = Object.fromEntries(["row", "column"].filter((name) => name in datum).map((name) => [name, datum[name]!]));
    const key = JSON.stringify(panel);
    const known = panels.get(key) ?? { panel, xs: new Set<Cell>(), colors: new Set<Cell>(), there: new Set<string>() };
    panels.set(key, known);
    known.xs.add(datum["x"] ?? null);
    known.colors.add(datum["color"] ?? null);
    known.there.add(JSON.stringify([datum["x"], datum["color"]]));
  }
  const missing: Datum[] = [];
  for (const { panel, xs, colors, there } of panels.values()) {
    if (xs.size * colors.size > chartLimits.marksMax * 4) continue;
    for (const at of xs) for (const color of colors) if (!there.has(JSON.stringify([at, color]))) missing.push({ ...panel, x: at, y: 0, color });
  }
  return missing;
}

/** Which of x and y carries the figure: the aggregated one, else the one that is a number. */
export function measureOf(prepared: Prepared): Use | undefined {
  const { uses } = prepared;
  const [x, y] = [uses.get("x"), uses.get("y")];
  const isMeasure = (use: Use | undefined) => use !== undefined && use.kind === "quantitative" && !use.binned;
  if (y?.aggregate) return y;
  if (x?.aggregate) return x;
  if (isMeasure(y)) return y;
  if (isMeasure(x)) return x;
  return uses.get("color")?.kind === "quantitative" ? uses.get("color") : undefined;
}

/**
 * The order of categories: as asked; else numbers and parts of dates ascending, text as the query ordered it,
 * and by size where the chart itself adds up and the query's order says nothing.
 */
export function orderOf(use: Use, values: Cell[], data: Datum[], prepared: Prepared): Cell[] {
  const sort = use.channel.sort;
  if (Array.isArray(sort)) {
    const places = new Map(sort.map((value, i) => [String(value), i]));
    return values.toSorted((a, b) => (places.get(String(a)) ?? Infinity) - (places.get(String(b)) ?? Infinity) || 0);
  }
  if (use.sortKey && sort && typeof sort === "object") {
    const sums = totals(data, use.name, { name: use.sortKey, aggregate: sort.op ?? "sum" } as Use);
    const sign = sort.order === "descending" ? -1 : 1;
    return values.toSorted((a, b) => sign * ((sums.get(a) ?? 0) - (sums.get(b) ?? 0)));
  }
  if (sort === null) return values;
  if (sort === "ascending" || sort === "descending") return sorted(use, values, prepared, sort === "descending");
  const match = typeof sort === "string" ? /^(-?)(x|y|color)$/.exec(sort) : null;
  if (match) {
    const by = prepared.uses.get(match[2]!);
    const sums = totals(data, use.name, by);
    const sign = match[1] ? -1 : 1;
    return values.toSorted((a, b) => sign * ((sums.get(a) ?? 0) - (sums.get(b) ?? 0)));
  }
  if (use.kind === "temporal" || use.part || values.every((value) => typeof value === "number")) return sorted(use, values, prepared, false);
  const measure = measureOf(prepared);
  if (measure?.aggregate && use.kind === "nominal" && measure.name !== use.name) {
    const sums = totals(data, use.name, measure);
    return values.toSorted((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0));
  }
  return values;
}

function sorted(use: Use, values: Cell[], prepared: Prepared, descending: boolean): Cell[] {
  const sign = descending ? -1 : 1;
  return values.toSorted((a, b) => {
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    const [one, two] = [labelOf(use, a, prepared.language), labelOf(use, b, prepared.language)];
    return sign * (one < two ? -1 : one > two ? 1 : 0);
  });
}

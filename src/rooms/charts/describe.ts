import { formatDate } from "./dates.ts";
import { formatNumber, formatPercent } from "./format.ts";
import { write } from "./expressions.ts";
import { labelFor } from "./axes.ts";
import { combine, labelOf, totals } from "./prepare.ts";
import type { Prepared, Use } from "./prepare.ts";
import { measureOf } from "./series.ts";
import { say } from "./words.ts";

/** One sentence for people who do not see the chart: what is shown, its peak, its low, its change. */
export function describe(prepared: Prepared): string {
  const { uses, data, language, mark } = prepared;
  if (data.length === 0) return say("noData", language);
  const [x, y, color] = [uses.get("x"), uses.get("y"), uses.get("color")];
  if (mark === "arc") return describeGroups(prepared, color, uses.get("theta"));
  const binned = x?.binned ? x : y?.binned ? y : undefined;
  if (binned && (x?.aggregate || y?.aggregate)) return describeHistogram(prepared, binned);
  if (x && y && x.kind === "quantitative" && y.kind === "quantitative" && !x.aggregate && !y.aggregate) return describePoints(prepared, x, y);
  if (mark === "rect" && x && y && color?.kind === "quantitative") return describeCells(prepared, { x, y, color });
  const measure = measureOf(prepared);
  const dimension = measure?.name === "x" ? y : x;
  if (dimension?.kind === "temporal") return describeTime(prepared, dimension, measure);
  return describeGroups(prepared, dimension ?? color, measure);
}

function valueText(use: Use | undefined, value: number, prepared: Prepared): string {
  if (!use) return formatNumber(value, prepared.language);
  return String(write(value, labelFor(use, prepared.language, "value"), false));
}

function extremes<K>(groups: Map<K, number>): { peak: [K, number]; low: [K, number] } {
  let peak: [K, number] | null = null;
  let low: [K, number] | null = null;
  for (const entry of groups) {
    if (!peak || entry[1] > peak[1]) peak = entry;
    if (!low || entry[1] < low[1]) low = entry;
  }
  return { peak: peak!, low: low! };
}

function describeTime(prepared: Prepared, time: Use, measure: Use | undefined): string {
  const { language } = prepared;
  const groups = totals(prepared.data, time.name, measure);
  if (groups.size === 0) return say("noData", language);
  const { peak, low } = extremes(groups);
  const moments = [...groups.keys()].filter((at) => typeof at === "number").sort((a, b) => a - b);
  const at = (value: unknown) => formatDate(Number(value), time.grain ?? "day", language);
  const name = measure?.title || say("count", language);
  if (groups.size === 1) return say("descriptionOne", language, { measure: name, peak: valueText(measure, peak[1], prepared), peakAt: at(peak[0]) });
  const [first, last] = [groups.get(moments[0]!)!, groups.get(moments[moments.length - 1]!)!];
  return say("descriptionTime", language, {
    measure: name, from: at(moments[0]), to: at(moments[moments.length - 1]),
    peak: valueText(measure, peak[1], prepared), peakAt: at(peak[0]), low: valueText(measure, low[1], prepared), lowAt: at(low[0]),
    change: changeText(first, last, measure, prepared),
  });
}

/** A percentage where it says something, else both ends. */
function changeText(first: number, last: number, measure: Use | undefined, prepared: Prepared): string {
  const { language } = prepared;
  const share = (last - first) / first;
  if (first === last) return say("changeNone", language);
  if (first <= 0 || last < 0 || share > 10) return say("changeFrom", language, { first: valueText(measure, first, prepared), last: valueText(measure, last, prepared) });
  return say(share > 0 ? "changeUp" : "changeDown", language, { percent: formatPercent(Math.abs(share), language, Math.abs(share) < 0.1 ? 1 : 0) });
}

function describeGroups(prepared: Prepared, dimension: Use | undefined, measure: Use | undefined): string {
  const { language } = prepared;
  const groups = totals(prepared.data, dimension?.name ?? "", measure);
  if (groups.size === 0) return say("noData", language);
  const { peak, low } = extremes(groups);
  const at = (value: unknown) => labelOf(dimension ?? {}, value as number | string | null, language);
  const name = measure?.title || say("count", language);
  const text = valueText(measure, peak[1], prepared);
  if (!dimension) return say("descriptionFigure", language, { measure: name, peak: text });
  if (groups.size === 1) return say("descriptionOne", language, { measure: name, peak: text, peakAt: at(peak[0]) });
  if (peak[1] === low[1]) return say("descriptionEqual", language, { measure: name, dimension: dimension.title, count: formatNumber(groups.size, language), peak: text });
  return say("descriptionCategories", language, {
    measure: name, dimension: dimension.title, count: formatNumber(groups.size, language),
    peak: valueText(measure, peak[1], prepared), peakAt: at(peak[0]), low: valueText(measure, low[1], prepared), lowAt: at(low[0]),
  });
}

function rangeOf(prepared: Prepared, name: string): { low: number; high: number; values: number[] } {
  const values = prepared.data.map((datum) => datum[name]).filter((value) => typeof value === "number");
  return { low: combine(values, "min"), high: combine(values, "max"), values };
}

function describeHistogram(prepared: Prepared, use: Use): string {
  const { language } = prepared;
  const { low, high, values } = rangeOf(prepared, use.name);
  if (values.length === 0) return say("noData", language);
  return say("descriptionHistogram", language, {
    dimension: use.title, count: formatNumber(values.length, language), low: valueText(use, low, prepared),
    peak: valueText(use, high, prepared), median: valueText(use, combine(values, "median"), prepared),
  });
}

function describePoints(prepared: Prepared, x: Use, y: Use): string {
  const { language } = prepared;
  const [across, up] = [rangeOf(prepared, "x"), rangeOf(prepared, "y")];
  return say("descriptionPoints", language, {
    count: formatNumber(prepared.data.length, language), x: x.title, y: y.title,
    xLow: valueText(x, across.low, prepared), xHigh: valueText(x, across.high, prepared),
    yLow: valueText(y, up.low, prepared), yHigh: valueText(y, up.high, prepared),
  });
}

function describeCells(prepared: Prepared, { x, y, color }: { x: Use; y: Use; color: Use }): string {
  const { language } = prepared;
  const named = prepared.data.map((datum) => ({ ...datum, cell: `${labelOf(x, datum["x"] ?? null, language)} · ${labelOf(y, datum["y"] ?? null, language)}` }));
  const groups = totals(named, "cell", color);
  if (groups.size === 0) return say("noData", language);
  const { peak, low } = extremes(groups);
  return say("descriptionCells", language, {
    measure: color.title, x: x.title, y: y.title, peak: valueText(color, peak[1], prepared), peakAt: String(peak[0]),
    low: valueText(color, low[1], prepared), lowAt: String(low[0]),
  });
}

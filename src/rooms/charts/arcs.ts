import type { Json } from "./axes.ts";
import { labelFor } from "./axes.ts";
import type { Plot } from "./compile.ts";
import { contrast } from "./colours.ts";
import { labelText } from "./expressions.ts";
import { textWidth } from "./measure.ts";
import { legendOf } from "./legend.ts";
import { combine } from "./prepare.ts";
import type { Cell } from "./prepare.ts";
import { foldSeries } from "./series.ts";

/** A pie or a ring: the slices added up beforehand, largest first, their share written where it fits. */
export function arcSpec(plot: Plot): Json {
  const { prepared, theme } = plot;
  const theta = prepared.uses.get("theta")!;
  const color = prepared.uses.get("color");
  const series = color ? foldSeries(prepared, theme) : null;
  const legendWidth = series && color?.channel.legend !== null ? 50 + series.domain.reduce<number>((a, name) => Math.max(a, Math.min(160, textWidth(String(name), 11))), 0) : 0;
  const beside = color?.channel.legend?.orient === undefined || color.channel.legend?.orient === "right" || color.channel.legend?.orient === "left";
  const radius = Math.max(20, Math.min(plot.plotWidth + 50 - (beside ? legendWidth : 0), plot.plotHeight + 16 - (beside ? 0 : 40)) / 2);
  const inner = Math.min(Number(prepared.markOptions["innerRadius"] ?? 0), radius * 0.95);
  const groups = new Map<Cell, number[]>();
  for (const datum of prepared.data) {
    const value = theta.aggregate === "count" ? 1 : Number(datum["theta"]);
    const key = datum["color"] ?? null;
    groups.set(key, [...(groups.get(key) ?? []), Math.max(0, value)]);
  }
  const sums = new Map([...groups].map(([key, values]) => [key, theta.aggregate === "distinct" ? new Set(values).size : combine(values, theta.aggregate ?? "sum")]));
  const all = [...sums.values()].reduce((a, b) => a + b, 0);
  const domain = series?.domain ?? [null];
  const last = series?.folded ? domain[domain.length - 1] : undefined;
  const slices = [...domain].sort((a, b) => (a === last ? 1 : b === last ? -1 : color?.channel.sort === null ? 0 : (sums.get(b) ?? 0) - (sums.get(a) ?? 0)));
  prepared.data = slices.map((name, i) => ({ color: name, theta: sums.get(name) ?? 0, share: all > 0 ? (sums.get(name) ?? 0) / all : 0, place: i }));
  const colours = slices.map((name) => series?.colours[domain.indexOf(name)] ?? theme.accent);
  const shareLabel = labelText({ language: plot.language, as: "share" });
  const encoding: Json = {
    theta: { field: "theta", type: "quantitative", stack: true },
    order: { field: "place", type: "quantitative" },
    ...(color ? { color: { field: "color", type: "nominal", sort: null, scale: { domain: slices, range: colours }, legend: legendOf(color, plot, slices) } } : {}),
  };
  const legend = (encoding["color"] as Json | undefined)?.["legend"] as Json | null | undefined;
  if (legend && color?.channel.legend?.orient === undefined) Object.assign(legend, { orient: "right", columns: 1, direction: "vertical" });
  if (plot.interactive) {
    encoding["tooltip"] = [
      ...(color ? [{ field: "color", type: "nominal", title: color.title }] : []),
      { field: "theta", type: "quantitative", title: theta.title, formatType: "kliv", format: labelText(labelFor(theta, plot.language, "value")) },
      { field: "share", type: "quantitative", title: "%", formatType: "kliv", format: shareLabel },
    ];
  }
  return labelled(encoding, { data: prepared.data, colours, radius, inner, shareLabel, interactive: plot.interactive, opacity: prepared.markOptions["opacity"] });
}

interface Drawing {
  data: Record<string, Cell>[];
  colours: string[];
  radius: number;
  inner: number;
  shareLabel: string;
  interactive: boolean;
  opacity: unknown;
}

/** Each share in black or white, whichever reads better on its slice, at the slice's middle. */
function labelled(encoding: Json, drawing: Drawing): Json {
  const { data, colours, radius, inner, shareLabel, interactive, opacity } = drawing;
  data.forEach((datum, i) => (datum["ink"] = contrast("#FFFFFF", colours[i]!) >= contrast("#1F2328", colours[i]!) ? "#FFFFFF" : "#1F2328"));
  const { color, tooltip, ...shared } = encoding;
  const label = {
    mark: { type: "text", radius: inner > 0 ? (inner + radius) / 2 : radius * 0.68, fontSize: 12, fontWeight: 700 },
    encoding: {
      text: { condition: { test: "datum.share >= 0.05", field: "share", type: "quantitative", formatType: "kliv", format: shareLabel }, value: "" },
      color: { field: "ink", type: "nominal", scale: null, legend: null },
    },
  };
  const arc = {
    mark: { type: "arc", outerRadius: radius, innerRadius: inner, ...(opacity === undefined ? {} : { opacity }), ...(interactive ? { tooltip: true } : {}) },
    encoding: { ...(color ? { color } : {}), ...(tooltip ? { tooltip } : {}) },
  };
  return { encoding: shared, layer: [arc, label] };
}

import { dateParts, timeTicks } from "./dates.ts";
import type { Grain } from "./dates.ts";
import { labelExpression, write } from "./expressions.ts";
import type { Label } from "./expressions.ts";
import { textWidth } from "./measure.ts";
import { combine, labelOf, ownKey } from "./prepare.ts";
import type { Cell, Prepared, Use } from "./prepare.ts";
import type { Language } from "./schema.ts";

export const labelFontSize = 11;
export type Json = Record<string, unknown>;

export function labelFor(use: Use, language: Language, as: Label["as"]): Label {
  const label: Label = { language, as };
  if (use.format !== undefined) label.format = use.format;
  if (use.grain) label.grain = use.grain;
  if (use.part) label.part = use.part;
  if (use.kind !== "quantitative" || as === "category") label.kind = use.kind;
  return label;
}

interface AxisRequest {
  use: Use;
  prepared: Prepared;
  /** The side along the axis in pixels. */
  length: number;
  vertical: boolean;
  /** Pixels that the label of a category may take beside its bar. */
  labelRoom: number;
  normalized: boolean;
}

/** The axis of numbers: few round ticks, its title lying flat above it. */
export function numberAxis({ use, prepared, length, vertical, normalized }: AxisRequest): Json {
  const axis = use.channel.axis;
  const label = labelFor(use, prepared.language, normalized ? "share" : "axis");
  return {
    // Shares are not what the column holds: without a title of its own the axis says only per cent.
    title: normalized && !use.titleGiven ? null : titleOf(use),
    labelExpr: labelExpression(label),
    labelOverlap: vertical ? "greedy" : "parity",
    // A label stands under its tick, at the ends too.
    labelFlush: false,
    tickCount: axis?.tickCount ?? Math.max(2, Math.min(vertical ? 6 : 8, Math.floor(length / (vertical ? 42 : 64)))),
    ...(use.channel.scale?.type === "log" ? logTicks(use, prepared, length / (vertical ? 34 : 56)) : {}),
    ...given(use),
    ...(vertical ? flatTitle(use) : {}),
  };
}

/** Powers of ten, and where they are few, their halves and doubles: Vega alone would draw a line for every digit. */
function logTicks(use: Use, prepared: Prepared, ticksMax: number): Json {
  const { scale } = use.channel;
  const all = scale?.domain ?? prepared.data.map((datum) => datum[use.name] ?? null);
  const values = all.filter((value) => typeof value === "number" && value > 0) as number[];
  if (values.length === 0) return {};
  const [least, most] = [combine(values, "min"), combine(values, "max")];
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const decades = high - low + 1;
  const every = Math.max(1, Math.ceil(decades / Math.max(2, ticksMax)));
  const digits = decades * 3 <= ticksMax && decades <= 3 ? [1, 2, 5] : [1];
  const ticks = Array.from({ length: Math.ceil(decades / every) }, (_, i) => digits.map((digit) => digit * 10 ** (low + i * every))).flat();
  // Vega rounds a log scale to whole decades, unless it is told where to end.
  const isExact = scale?.domain !== undefined || scale?.nice === false;
  return { values: ticks.filter((tick) => (isExact ? tick >= least && tick <= most : tick <= 10 ** high)) };
}

/** The axis of time: ticks at the beginnings of months, years, days, in UTC, as many as there is room for. */
export function timeAxis({ use, prepared, length, vertical }: AxisRequest): Json {
  const moments = prepared.data.map((datum) => datum[use.name]).filter((value) => typeof value === "number");
  const low = moments.reduce((a, b) => Math.min(a, b), Infinity);
  const high = moments.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = vertical ? length / 30 : length / (use.format !== undefined ? 90 : 58);
  const ticks = timeTicks(low, high, use.grain ?? "day", use.channel.axis?.tickCount ?? Math.max(2, Math.floor(room)));
  const label = labelFor(use, prepared.language, "tick");
  label.grain = ticks.step;
  return {
    title: use.titleGiven ? titleOf(use) : null,
    labelExpr: labelExpression(label, "toNumber(datum.value)"),
    values: ticks.values.map(utcParts),
    ...given(use),
    ...(vertical ? flatTitle(use) : {}),
  };
}

/** Vega-Lite hands a bare number to datetime(), which its interpreter takes for a year. */
function utcParts(ms: number): Json {
  const p = dateParts(ms);
  return { year: p.year, month: p.month, date: p.day, hours: p.hour, minutes: p.minute, seconds: p.second, utc: true };
}

/** The axis of categories; of moments where bars stand on it, with ticks at the beginnings of larger units. */
export function bandAxis({ use, prepared, length, vertical, labelRoom }: AxisRequest, domain: Cell[]): Json {
  const time = use.kind === "temporal" && use.format === undefined;
  const ticks = time ? bandTicks(use, domain, vertical ? length / 22 : length / 50) : null;
  const label = labelFor(use, prepared.language, time ? "tick" : "category");
  if (ticks) label.grain = ticks.step;
  const band = length / Math.max(1, domain.length);
  return {
    // Dates say what they are, and so do names that stand beside their bars.
    title: (use.kind === "temporal" || vertical) && !use.titleGiven ? null : titleOf(use),
    labelExpr: labelExpression(label),
    ...(ticks ? { values: ticks.values } : {}),
    labelLimit: time ? 140 : vertical ? Math.min(220, labelRoom) : Math.max(28, Math.min(180, band * (domain.length > 1 ? 1.2 : 1))),
    labelAngle: 0,
    // Every category keeps its label where one line fits; else Vega leaves some out.
    labelOverlap: vertical && band >= 13 ? false : "greedy",
    ...given(use),
    ...(vertical ? flatTitle(use) : {}),
  };
}

function bandTicks(use: Use, domain: Cell[], ticksMax: number): { values: Cell[]; step: Grain } {
  const moments = domain.filter((value) => typeof value === "number");
  if (moments.length === 0) return { values: [], step: use.grain ?? "day" };
  const ticks = timeTicks(moments[0]!, moments[moments.length - 1]!, use.grain ?? "day", Math.max(2, Math.floor(ticksMax)));
  const there = new Set(domain);
  return { values: ticks.values.filter((value) => there.has(value)), step: ticks.step };
}

/** How wide the widest label of a category would stand. */
export function widestLabel(use: Use, values: Cell[], language: Language): number {
  let widest = 0;
  for (const value of values.slice(0, 200)) {
    const text = use.format === undefined ? labelOf(use, value, language) : String(write(value, labelFor(use, language, "category"), false));
    widest = Math.max(widest, textWidth(text, labelFontSize));
  }
  return widest;
}

function titleOf(use: Use): string | null {
  return use.title === "" ? null : ownKey(use.title);
}

/** Turned text is hard to read, and Japanese harder still: the title lies above its axis. */
function flatTitle(use: Use): Json {
  const right = use.channel.axis?.orient === "right";
  return { titleAngle: 0, titleAlign: right ? "right" : "left", titleAnchor: "end", titleBaseline: "bottom", titleX: 0, titleY: -9 };
}

function given(use: Use): Json {
  const axis = use.channel.axis;
  if (!axis) return {};
  const { grid, labels, labelAngle, orient } = axis;
  return {
    ...(grid === undefined ? {} : { grid }),
    ...(labels === undefined ? {} : { labels }),
    ...(labelAngle === undefined ? {} : { labelAngle, ...(labelAngle === 0 ? {} : { labelLimit: 140 }) }),
    ...(orient === undefined ? {} : { orient }),
  };
}

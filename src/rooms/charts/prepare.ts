import { formatDate, formatPart, grainOf, parseDate, startOf } from "./dates.ts";
import type { Grain } from "./dates.ts";
import { formatNumber, numberOf, textOf } from "./format.ts";
import { chartLimits } from "./schema.ts";
import type { Channel, Chart, FormatChoice, Language, MarkName, QueryResult } from "./schema.ts";
import { say } from "./words.ts";

export type Kind = "quantitative" | "temporal" | "ordinal" | "nominal";
export type Cell = number | string | null;
export type Datum = Record<string, Cell>;

/** A channel as it will be drawn. Its values stand in each datum under the channel's own name. */
export interface Use {
  name: string;
  channel: Channel;
  kind: Kind;
  /** What readers call it: the title given, or the column with what is done to it. */
  title: string;
  titleGiven: boolean;
  aggregate: Channel["aggregate"];
  binned: boolean;
  format: FormatChoice | undefined;
  /** With dates. */
  grain: Grain | null;
  /** With a part that comes round: months of any year, weekdays. */
  part: "quarter" | "month" | "date" | "day" | "hours" | null;
  /** The column that sorting goes by stands under this name. */
  sortKey: string | null;
}

export interface Prepared {
  mark: MarkName;
  markOptions: Record<string, unknown>;
  uses: Map<string, Use>;
  data: Datum[];
  notes: string[];
  language: Language;
}

const unitGrains: Record<string, Grain> = { year: "year", yearquarter: "quarter", yearmonth: "month", yearmonthdate: "day", yearmonthdatehours: "hour" };

/** The rows as plain values under the names of channels: no column's name ever reaches Vega. */
export function prepare(chart: Chart, result: QueryResult, language: Language): Prepared {
  const { type: mark, ...markOptions } = typeof chart.mark === "string" ? { type: chart.mark } : chart.mark;
  const notes: string[] = [];
  const rows = result.rows.length > chartLimits.rowsMax ? result.rows.slice(0, chartLimits.rowsMax) : result.rows;
  if (rows.length < result.rows.length) {
    notes.push(say("rowsCut", language, { shown: formatNumber(rows.length, language), all: formatNumber(result.rows.length, language) }));
  } else if (result.truncated) notes.push(say("rowsTruncated", language));

  const index = new Map(result.columns.map((column, i) => [column.name, i]));
  const uses = new Map<string, Use>();
  const data: Datum[] = rows.map(() => ({}));
  for (const [name, value] of Object.entries(chart.encoding)) {
    if (!value || Array.isArray(value)) continue;
    const channel = value as Channel;
    if (channel.field === undefined && channel.aggregate === undefined) continue;
    const use = fill({ name, channel, rows, at: channel.field === undefined ? -1 : (index.get(channel.field) ?? -1), data, language });
    uses.set(name, use);
    const sort = channel.sort;
    if (sort && typeof sort === "object" && !Array.isArray(sort)) {
      const at = index.get(sort.field) ?? -1;
      use.sortKey = `sort_${name}`;
      rows.forEach((row, i) => (data[i]![use.sortKey!] = numberOf(row[at]) ?? (row[at] === null || row[at] === undefined ? null : textOf(row[at]))));
    }
  }
  return { mark, markOptions, uses, data: dropUnusable(data, uses, notes, language), notes, language };
}

interface Filling {
  name: string;
  channel: Channel;
  rows: unknown[][];
  at: number;
  data: Datum[];
  language: Language;
}

function fill(filling: Filling): Use {
  const { name, channel, rows, at, data, language } = filling;
  const field = channel.field ?? "";
  const kind = kindOf(channel, rows, at, name);
  const aggregate = channel.aggregate;
  const binned = Boolean(channel.bin);
  const titleGiven = channel.title !== undefined || channel.axis?.title !== undefined || channel.legend?.title !== undefined;
  const given = channel.axis?.title ?? channel.legend?.title ?? channel.title;
  const title = titleGiven ? (given ?? "") : aggregate ? say(aggregate, language, { field }) : field;
  const use: Use = {
    name, channel, kind, title, titleGiven, aggregate, binned, grain: null, part: null, sortKey: null,
    format: channel.axis?.format ?? channel.legend?.format ?? channel.format,
  };
  if (aggregate === "count") return use;
  if (kind === "quantitative" && aggregate !== "distinct") {
    rows.forEach((row, i) => (data[i]![name] = numberOf(row[at])));
    if (binned) boundBins(use, data);
  } else if (kind === "temporal") {
    fillDates(use, filling);
  } else {
    rows.forEach((row, i) => (data[i]![name] = category(row[at], language)));
  }
  return use;
}

/** A step far too fine for the range would make more bins than there are pixels. */
function boundBins(use: Use, data: Datum[]): void {
  const step = typeof use.channel.bin === "object" ? use.channel.bin.step : undefined;
  if (step === undefined) return;
  const values = data.map((datum) => datum[use.name]).filter((value) => typeof value === "number");
  if (values.length > 0 && (combine(values, "max") - combine(values, "min")) / step <= chartLimits.binsMax) return;
  use.channel = { ...use.channel, bin: { maxbins: chartLimits.binsMax } };
}

function fillDates(use: Use, { name, channel, rows, at, data }: Filling): void {
  const moments = rows.map((row) => parseDate(row[at]));
  const unit = channel.timeUnit;
  const grain = unit ? unitGrains[unit] : undefined;
  if (unit && !grain) {
    use.part = unit as NonNullable<Use["part"]>;
    use.kind = "ordinal";
    moments.forEach((ms, i) => (data[i]![name] = ms === null ? null : partOf(ms, use.part!)));
    return;
  }
  const known = moments.filter((ms) => ms !== null);
  use.grain = grain ?? grainOf(known);
  moments.forEach((ms, i) => (data[i]![name] = ms === null || !grain ? ms : startOf(ms, grain)));
}

function partOf(ms: number, part: NonNullable<Use["part"]>): number {
  const at = new Date(ms);
  if (part === "quarter") return Math.floor(at.getUTCMonth() / 3) + 1;
  if (part === "month") return at.getUTCMonth() + 1;
  if (part === "date") return at.getUTCDate();
  return part === "day" ? at.getUTCDay() : at.getUTCHours();
}

/** A moment that has this part, for its name: 2000-10-01 is a Sunday, the first of its month and quarter. */
function momentOf(value: number, part: NonNullable<Use["part"]>): number {
  if (part === "quarter") return Date.UTC(2000, value * 3 - 3, 1);
  if (part === "month") return Date.UTC(2000, value - 1, 1);
  if (part === "date") return Date.UTC(2000, 0, value);
  return part === "day" ? Date.UTC(2000, 9, 1 + value) : Date.UTC(2000, 0, 1, value);
}

function kindOf(channel: Channel, rows: unknown[][], at: number, name: string): Kind {
  if (channel.aggregate) return "quantitative";
  if (channel.timeUnit) return "temporal";
  if (channel.bin) return "quantitative";
  if (channel.type) return channel.type;
  const sample = rows.slice(0, 200).map((row) => row[at]).filter((value) => value !== null && value !== undefined);
  const discrete = name === "xOffset" || name === "yOffset" || name === "row" || name === "column" || name === "detail";
  if (!discrete && sample.length > 0 && sample.every((value) => typeof value === "number")) return "quantitative";
  if (!discrete && sample.length > 0 && sample.every((value) => typeof value === "string" && parseDate(value) !== null)) return "temporal";
  return "nominal";
}

function category(value: unknown, language: Language): Cell {
  if (value === null || value === undefined || value === "") return say("empty", language);
  if (typeof value === "number") return Number.isFinite(value) ? value : say("empty", language);
  if (typeof value === "boolean") return say(value ? "yes" : "no", language);
  const text = textOf(value).replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  const whole = text.slice(0, chartLimits.cellCharactersMax);
  // A half of a surrogate pair is no character and would spoil the SVG's encoding.
  return ownKey((whole.length < text.length ? `${whole}…` : whole).toWellFormed());
}

/**
 * Vega keeps titles and categories as keys of plain objects, where "constructor" and "__proto__" are found before they
 * were put there: a mark without width makes them names like any other.
 */
export function ownKey(text: string): string {
  return text in {} ? `\u200b${text}` : text;
}

/** Rows whose place on a number or time axis is not known cannot be drawn; the picture says how many they are. */
function dropUnusable(data: Datum[], uses: Map<string, Use>, notes: string[], language: Language): Datum[] {
  const needed = [...uses.values()].filter((use) => ["x", "y", "theta"].includes(use.name) && use.aggregate === undefined && (use.kind !== "nominal"));
  const kept = data.filter((datum) => needed.every((use) => datum[use.name] !== null && datum[use.name] !== undefined));
  const temporalOrBoth = data.length - kept.length;
  if (temporalOrBoth > 0) notes.push(say("skipped", language, { count: formatNumber(temporalOrBoth, language) }));
  return kept;
}

/** As much of a channel as writing its values takes. */
export interface Labelled {
  kind?: Kind;
  grain?: Grain | null;
  part?: Use["part"];
}

/** A value of a channel in words, as axes, legends and descriptions show it. */
export function labelOf(use: Labelled, value: Cell, language: Language): string {
  if (value === null) return "–";
  if (typeof value === "number" && use.part) return formatPart(momentOf(value, use.part), use.part, language);
  if (typeof value === "number" && use.kind === "temporal") return formatDate(value, use.grain ?? "day", language);
  if (typeof value === "number" && use.kind === "quantitative") return formatNumber(value, language);
  return String(value);
}

/** The distinct values of a channel in the order in which they first come. */
export function distinctOf(data: Datum[], name: string): Cell[] {
  const seen = new Set<Cell>();
  for (const datum of data) seen.add(datum[name] ?? null);
  return [...seen];
}

/** One figure a group: what Vega will draw, known beforehand for sorting, cutting and describing. */
export function totals(data: Datum[], by: string, use: Use | undefined): Map<Cell, number> {
  const groups = new Map<Cell, number[]>();
  for (const datum of data) {
    const key = datum[by] ?? null;
    const value = use && use.aggregate !== "count" && use.aggregate !== "distinct" ? datum[use.name] : 1;
    if (typeof value !== "number") continue;
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return new Map([...groups].map(([key, values]) => [key, combine(values, use?.aggregate ?? "sum")]));
}

export function combine(values: number[], aggregate: NonNullable<Channel["aggregate"]>): number {
  if (aggregate === "min") return values.reduce((a, b) => Math.min(a, b), Infinity);
  if (aggregate === "max") return values.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = values.reduce((a, b) => a + b, 0);
  if (aggregate === "mean" || aggregate === "average") return sum / values.length;
  if (aggregate !== "median") return sum;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

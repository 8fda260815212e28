import * as vega from "vega";
import { formatTick } from "./dates.ts";
import type { Grain } from "./dates.ts";
import { formatCompact, formatNumber, formatPercent, formatValue } from "./format.ts";
import { labelOf } from "./prepare.ts";
import type { Use } from "./prepare.ts";
import type { FormatChoice, Language } from "./schema.ts";

/** How one kind of label is written. It travels through the specification as JSON text and is read once. */
export interface Label {
  language: Language;
  as: "axis" | "value" | "share" | "tick" | "category";
  format?: FormatChoice | undefined;
  grain?: Grain | null;
  part?: Use["part"];
  kind?: Use["kind"];
}

const read = new Map<string, Label>();

/** The expression `kliv(value, how, first)` under which axes, legends, labels and tooltips write their values. */
vega.expressionFunction("kliv", (value: unknown, how: unknown, first: unknown) => {
  const key = String(how);
  let label = read.get(key);
  if (!label) {
    label = JSON.parse(key) as Label;
    if (read.size > 1_000) read.clear();
    read.set(key, label);
  }
  return write(value, label, first === true);
});

export function write(value: unknown, label: Label, first: boolean): string | string[] {
  const { language, format } = label;
  if (label.as === "tick" && typeof value === "number" && format === undefined) return formatTick(value, label.grain ?? "day", first, language);
  if (label.as === "axis" && typeof format === "object" && format.kind === "currency" && format.compact === undefined) return formatValue(value, { ...format, compact: true }, language);
  if (format !== undefined) return formatValue(value, format, language, label.grain ?? undefined);
  if (value instanceof Date) return labelOf(label, value.getTime(), language);
  if (label.as === "share" && typeof value === "number") return formatPercent(value, language, 0);
  if (label.as === "axis" && typeof value === "number") return axisNumber(value, language);
  if (label.as === "value" && typeof value === "number") return Math.abs(value) >= 1e5 ? formatCompact(value, language) : formatNumber(value, language, { decimalsMax: Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : 2 });
  return labelOf(label, value as number | string | null, language);
}

/** Ticks are round already: as many decimals as they need, short where they are large. */
function axisNumber(value: number, language: Language): string {
  const size = Math.abs(value);
  if (size >= (language === "ja" ? 1e4 : 1e3)) return formatCompact(value, language, 2);
  return formatNumber(Number(value.toPrecision(12)), language, { decimalsMax: 3 });
}

/** The text of an expression that writes `value`. */
export function labelExpression(label: Label, value = "datum.value"): string {
  return `kliv(${value}, ${JSON.stringify(JSON.stringify(label))}, datum.index === 0)`;
}

/** The JSON text alone, for Vega-Lite's `formatType`. */
export function labelText(label: Label): string {
  return JSON.stringify(label);
}

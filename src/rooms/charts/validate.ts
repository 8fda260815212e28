import { Problem } from "#src/base/problems/problem.ts";
import { parsePattern, parseTimePattern } from "./format.ts";
import { Chart } from "./schema.ts";
import type { Channel, ResultColumn } from "./schema.ts";

interface Node {
  type?: string;
  enum?: unknown[];
  anyOf?: Node[];
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}

/** Returns the chart as its type, or throws CHART_INVALID with the JSON pointer and what is accepted there. */
export function checkChart(chart: unknown): Chart {
  check(chart, Chart as unknown as Node, "");
  const typed = chart as Chart;
  const mark = typeof typed.mark === "string" ? typed.mark : typed.mark.type;
  const encoding = typed.encoding;
  if (mark === "arc" && !encoding.theta) refuse("/encoding/theta", "{ field, type } (an arc needs an angle)");
  if (mark !== "arc" && encoding.theta) refuse("/encoding/theta", "mark \"arc\"");
  if (mark !== "arc" && !encoding.x && !encoding.y) refuse("/encoding", "x, y");
  for (const { channel, pointer, name } of channelsOf(typed)) checkChannel(channel, pointer, name);
  return typed;
}

/** Every channel with its place, tooltips one by one. */
export function channelsOf(chart: Chart): { name: string; pointer: string; channel: Channel }[] {
  const all: { name: string; pointer: string; channel: Channel }[] = [];
  for (const [name, value] of Object.entries(chart.encoding)) {
    if (Array.isArray(value)) value.forEach((one, i) => all.push({ name, pointer: `/encoding/${name}/${i}`, channel: one as Channel }));
    else if (value) all.push({ name, pointer: `/encoding/${name}`, channel: value as Channel });
  }
  return all;
}

/** Throws CHART_FIELD_UNKNOWN where the chart names a column that the result does not have. */
export function checkAgainstColumns(chart: Chart, columns: ResultColumn[]): void {
  const names = new Set(columns.map((column) => column.name));
  const need = (field: string | undefined, pointer: string) => {
    if (field === undefined || names.has(field)) return;
    const listed = columns.slice(0, 20).map((column) => column.name).join(", ");
    throw new Problem("CHART_FIELD_UNKNOWN", {
      values: { field, pointer, columns: columns.length > 20 ? `${listed}, …` : listed },
    });
  };
  for (const { channel, pointer } of channelsOf(chart)) {
    need(channel.field, `${pointer}/field`);
    const sort = channel.sort;
    if (sort && typeof sort === "object" && !Array.isArray(sort)) need(sort.field, `${pointer}/sort/field`);
  }
}

function checkChannel(channel: Channel, pointer: string, name: string): void {
  if (channel.field === undefined && channel.aggregate !== "count" && channel.value === undefined) {
    refuse(pointer, name === "color" || name === "size" || name === "opacity" ? "field, value, aggregate \"count\"" : "field, aggregate \"count\"");
  }
  const temporal = channel.type === "temporal" || channel.timeUnit !== undefined;
  const formats: [unknown, string][] = [
    [channel.format, `${pointer}/format`],
    [channel.axis?.format, `${pointer}/axis/format`],
    [channel.legend?.format, `${pointer}/legend/format`],
  ];
  for (const [format, place] of formats) {
    if (typeof format !== "string") continue;
    if (temporal ? parseTimePattern(format) === null : parsePattern(format) === null) {
      refuse(place, temporal ? "%Y %y %m %-m %d %-d %e %b %B %a %A %H %M %S %j" : "[+][$][,][.0-20][~][f d % e g r s], { kind, decimals, currency, compact }");
    }
  }
}

function refuse(pointer: string, allowed: string): never {
  throw new Problem("CHART_INVALID", { values: { pointer: pointer === "" ? "/" : pointer.slice(0, 300), allowed } });
}

/** Holds a value against the few words of JSON Schema that the chart's schema uses. */
function check(value: unknown, node: Node, pointer: string): void {
  if (node.anyOf) return checkAny(value, node, node.anyOf, pointer);
  if (kindOf(value, node.type) !== node.type) refuse(pointer, describe(node));
  if (node.type === "object") return checkObject(value as Record<string, unknown>, node, pointer);
  if (node.type === "array") {
    const list = value as unknown[];
    if (list.length < (node.minItems ?? 0) || list.length > (node.maxItems ?? Infinity)) refuse(pointer, describe(node));
    list.forEach((item, i) => check(item, node.items!, `${pointer}/${i}`));
    return;
  }
  if (node.enum && !node.enum.includes(value)) refuse(pointer, describe(node));
  if (typeof value === "string") {
    if (value.length < (node.minLength ?? 0) || value.length > (node.maxLength ?? Infinity)) refuse(pointer, describe(node));
    if (node.pattern && !new RegExp(node.pattern).test(value)) refuse(pointer, describe(node));
  }
  if (typeof value === "number") {
    const tooSmall = value < (node.minimum ?? -Infinity) || value <= (node.exclusiveMinimum ?? -Infinity);
    if (tooSmall || value > (node.maximum ?? Infinity)) refuse(pointer, describe(node));
  }
}

function checkAny(value: unknown, node: Node, choices: Node[], pointer: string): void {
  const fitting = choices.filter((one) => kindOf(value, one.type) === one.type);
  if (fitting.length === 0) refuse(pointer, describe(node));
  // One alternative a JSON kind: its own refusal says more than a list of all.
  if (fitting.length === 1 && (fitting[0]!.type === "object" || fitting[0]!.type === "array")) return check(value, fitting[0]!, pointer);
  for (const one of fitting) {
    try {
      return check(value, one, pointer);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
  refuse(pointer, describe(node));
}

function checkObject(value: Record<string, unknown>, node: Node, pointer: string): void {
  const properties = node.properties ?? {};
  for (const key of Object.keys(value)) {
    const place = `${pointer}/${key.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!Object.hasOwn(properties, key)) refuse(place, Object.keys(properties).join(", "));
    if (value[key] !== undefined) check(value[key], properties[key]!, place);
  }
  for (const key of node.required ?? []) {
    if (!Object.hasOwn(value, key)) refuse(`${pointer}/${key}`, describe(properties[key]!));
  }
}

function kindOf(value: unknown, wanted: string | undefined): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return "not a number";
    return wanted === "integer" && Number.isInteger(value) ? "integer" : "number";
  }
  return typeof value;
}

/** What is accepted, in words of JSON that need no translation. */
function describe(node: Node): string {
  if (node.anyOf) return node.anyOf.map(describe).join(", ");
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(", ");
  if (node.pattern) return `string ${node.pattern}`;
  if (node.type === "object") return `{ ${Object.keys(node.properties ?? {}).join(", ")} }`;
  if (node.type === "array") return `array (${node.minItems ?? 0}–${node.maxItems ?? "…"})`;
  if (node.type === "string") return `string (${node.minLength ?? 0}–${node.maxLength ?? "…"})`;
  if (node.minimum !== undefined || node.maximum !== undefined) return `${node.type} ${node.minimum ?? "…"}–${node.maximum ?? "…"}`;
  if (node.exclusiveMinimum !== undefined) return `${node.type} > ${node.exclusiveMinimum}`;
  return node.type ?? "";
}

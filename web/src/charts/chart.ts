import { rolesOf } from "#src/rooms/charts/roles.ts";
import type { Channel, Chart, MarkName } from "#src/rooms/charts/schema.ts";
import type { Cell, ColumnBrief } from "../api/types.ts";

export type { Channel, Chart, MarkName };
export type ChannelName = "x" | "y" | "color" | "size" | "theta" | "column" | "xOffset";

export const markNames: MarkName[] = ["bar", "line", "area", "point", "circle", "arc", "rect", "tick"];

const sampleRowsMax = 500;

export const markOf = (chart: Chart): MarkName => (typeof chart.mark === "string" ? chart.mark : chart.mark.type);

export function channelOf(chart: Chart, name: ChannelName): Channel | undefined {
  return (chart.encoding as Record<string, Channel | undefined>)[name];
}

/** The chart with one channel replaced, or left out. */
export function withChannel(chart: Chart, name: ChannelName, channel: Channel | undefined): Chart {
  const encoding = { ...chart.encoding } as Record<string, Channel | undefined>;
  if (channel) encoding[name] = channel;
  else delete encoding[name];
  return { ...chart, encoding } as Chart;
}

/** The channels that a mark can use. */
export function channelsFor(mark: MarkName): ChannelName[] {
  if (mark === "arc") return ["theta", "color"];
  if (mark === "point" || mark === "circle") return ["x", "y", "color", "size", "column"];
  if (mark === "rect") return ["x", "y", "color"];
  if (mark === "bar") return ["x", "y", "color", "xOffset", "column"];
  return ["x", "y", "color", "column"];
}

/** Another mark over the same fields, as far as they go together. */
export function withMark(chart: Chart, mark: MarkName): Chart {
  const before = markOf(chart);
  const encoding = { ...chart.encoding } as Record<string, Channel | undefined>;
  if (mark === "arc" && before !== "arc") {
    const measure = [encoding["y"], encoding["x"]].find((channel) => channel?.type === "quantitative" || channel?.aggregate);
    const category = encoding["color"] ?? [encoding["x"], encoding["y"]].find((channel) => channel && channel !== measure);
    return { ...chart, mark, encoding: { theta: bare(measure ?? { aggregate: "count" }), ...(category ? { color: bare({ ...category, type: "nominal" }) } : {}) } } as Chart;
  }
  if (before === "arc" && mark !== "arc") {
    const category = encoding["color"];
    return { ...chart, mark, encoding: { y: encoding["theta"] ?? { aggregate: "count" }, ...(category ? { x: category } : {}) } } as Chart;
  }
  const allowed = new Set<string>([...channelsFor(mark), "tooltip", "detail", "order", "opacity", "row", "yOffset"]);
  const kept = Object.fromEntries(Object.entries(encoding).filter(([name]) => allowed.has(name)));
  return { ...chart, mark: typeof chart.mark === "string" ? mark : { ...chart.mark, type: mark }, encoding: kept } as Chart;
}

function bare({ field, type, aggregate, timeUnit, title, format }: Channel): Channel {
  return Object.fromEntries(Object.entries({ field, type, aggregate, timeUnit, title, format }).filter(([, value]) => value !== undefined)) as Channel;
}

/** What a column is, going by its values. */
export function kindOf(columns: ColumnBrief[], rows: Cell[][], name: string): NonNullable<Channel["type"]> {
  const role = rolesOf(columns, rows.slice(0, sampleRowsMax) as unknown[][]).find((one) => one.name === name);
  if (role?.kind === "date" || role?.kind === "year") return "temporal";
  if (role?.kind === "measure") return "quantitative";
  const at = columns.findIndex((column) => column.name === name);
  const values = rows.slice(0, sampleRowsMax).map((row) => row[at]).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === "number") ? "quantitative" : "nominal";
}

/** A chart to begin with for any result: what its columns most likely are for. */
export function chartFor(columns: ColumnBrief[], rows: Cell[][]): Chart {
  const roles = rolesOf(columns, rows.slice(0, sampleRowsMax) as unknown[][]);
  const of = (...kinds: string[]) => roles.filter((role) => kinds.includes(role.kind));
  const [time] = of("date", "year");
  // In a result, a column of numbers is there to be shown, whatever it is called.
  const measures = [...of("measure"), ...roles.filter((role) => role.kind === "skip" && kindOf(columns, rows, role.name) === "quantitative")];
  const [measure, second] = measures;
  const categories = of("category");
  const texts = roles.filter((role) => role.kind === "skip" && !measures.includes(role));
  const category = categories[0] ?? texts[0];
  const y: Channel = measure ? { field: measure.name, type: "quantitative" } : { aggregate: "count" };
  if (time) return { mark: "line", encoding: { x: { field: time.name, type: "temporal" }, y, ...(categories[0] ? { color: { field: categories[0].name, type: "nominal" } } : {}) } } as Chart;
  if (category) return { mark: "bar", encoding: { y: { field: category.name, type: "nominal" }, x: y, ...(categories[1] ? { color: { field: categories[1].name, type: "nominal" } } : {}) } } as Chart;
  if (measure && second) return { mark: "point", encoding: { x: { field: measure.name, type: "quantitative" }, y: { field: second.name, type: "quantitative" } } };
  if (measure) return { mark: "bar", encoding: { x: { field: measure.name, type: "quantitative", bin: true }, y: { aggregate: "count" } } };
  return { mark: "bar", encoding: { x: { aggregate: "count" } } };
}

/** Whether every field that the chart names is a column of the result. */
export function fits(chart: Chart | Record<string, unknown>, columns: ColumnBrief[]): boolean {
  const names = new Set(columns.map((column) => column.name));
  const encoding = (chart as Chart).encoding as Record<string, Channel | Channel[] | undefined> | undefined;
  return Object.values(encoding ?? {}).flat().every((channel) => channel?.field === undefined || names.has(channel.field));
}

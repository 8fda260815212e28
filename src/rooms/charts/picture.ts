import type { NumberLike, TableLike } from "./blocks.ts";
import { themeFor } from "./colours.ts";
import { formatValue } from "./format.ts";
import type { Theme } from "./colours.ts";
import { emptyPart, numberPart, tablePart, textPart } from "./parts.ts";
import type { Room } from "./parts.ts";
import { drawChart } from "./render.ts";
import type { Chart, Language, QueryResult } from "./schema.ts";
import { fit, outlineTexts, runsPath, textPath, widthOfText, wrap } from "./text.ts";
import { checkAgainstColumns, checkChart } from "./validate.ts";
import { say } from "./words.ts";

/** Limits of a report's picture. */
export const pictureLimits = {
  widthPixelsMin: 100,
  widthPixelsMax: 2_400,
  heightPixelsMin: 50,
  heightPixelsMax: 8_000,
  /** A report is laid out at this width and then scaled. */
  layoutPixels: 1_200,
  layoutHeightPixelsMax: 8_000,
  imageCharactersMax: 1_400_000,
};

/** What a picture needs of a report definition. */
export interface PictureReport {
  title: string;
  description?: string | undefined;
  language: Language;
  background?: string | undefined;
  parameters?: { name: string; label?: string | undefined; type?: string | undefined; default?: unknown; options?: unknown }[] | undefined;
  blocks: PictureBlock[];
}

export interface PictureBlock extends TableLike, NumberLike {
  id: string;
  kind: string;
  layout: { x: number; y: number; w: number; h: number };
  title?: string | undefined;
  description?: string | undefined;
  markdown?: string | undefined;
  chart?: unknown;
  picture?: string | undefined;
  parameter?: string | undefined;
}

export type BlockResult = QueryResult | { problem: string };

export interface PictureRequest {
  report: PictureReport;
  results: Record<string, BlockResult>;
  /** Layout pixels; the full height of the report without it. */
  heightPixels?: number | undefined;
  language?: Language | undefined;
}

const margin = 44;
const gap = 16;
const rowPixels = 48;

/** The whole report as one SVG of layoutPixels width, its text in outlines: ready for a renderer that has no fonts. */
export async function reportSvg({ report, results, heightPixels, language = report.language }: PictureRequest): Promise<{ svg: string; width: number; height: number }> {
  const theme = themeFor(report.background);
  const width = pictureLimits.layoutPixels;
  const head = headPart(report, { width: width - margin * 2, height: 0, theme, language });
  const top = margin + head.height + (report.blocks.length > 0 ? 20 : 0);
  const blocks = report.blocks.toSorted((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);
  // Rows that no block stands in would be holes in the picture.
  const firstRow = blocks.length > 0 ? Math.min(...blocks.map((block) => block.layout.y)) : 0;
  const bottom = Math.max(0, ...blocks.map((block) => (block.layout.y - firstRow + block.layout.h) * (rowPixels + gap) - gap));
  const full = Math.max(top + bottom + margin, blocks.length === 0 ? 420 : 0);
  const height = Math.round(heightPixels ?? Math.min(full, pictureLimits.layoutHeightPixelsMax));
  const column = (width - margin * 2 - gap * 11) / 12;
  const parts: string[] = [];
  for (const block of blocks) {
    const x = margin + block.layout.x * (column + gap);
    const y = top + (block.layout.y - firstRow) * (rowPixels + gap);
    if (y >= height) continue;
    const w = Math.min(block.layout.w, 12 - block.layout.x) * (column + gap) - gap;
    const h = block.layout.h * (rowPixels + gap) - gap;
    parts.push(`<g transform="translate(${Math.round(x)},${Math.round(y)})">${await blockPart(block, results[block.id], { report, room: { width: Math.round(w), height: h, theme, language } })}</g>`);
  }
  if (blocks.length === 0) parts.push(`<g transform="translate(${margin},${top + 24})">${emptyPart(say("emptyReport", language), { width: width - margin * 2, height: Math.max(80, height - top - 24 - margin), theme, language })}</g>`);
  const fade = full > height ? fadePart(width, height, theme) : "";
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="${width}" height="${height}" fill="${theme.background}"/><g transform="translate(${margin},${margin})">${head.svg}</g>${parts.join("")}${fade}</svg>`;
  return { svg, width, height };
}

function headPart(report: PictureReport, { width, theme, language }: Room): { svg: string; height: number } {
  let y = 0;
  let svg = "";
  for (const line of wrap([{ text: report.title, bold: true }], { size: 32, width, linesMax: 2 })) {
    svg += runsPath(line, { x: 0, y: y + 32, size: 32, bold: true, fill: theme.text });
    y += 44;
  }
  if (report.description) {
    const leading = language === "ja" ? 27 : 25;
    for (const line of wrap([{ text: report.description }], { size: 16, width, linesMax: 3 })) {
      svg += runsPath(line, { x: 0, y: y + 20, size: 16, fill: theme.quiet });
      y += leading;
    }
  }
  return { svg, height: y };
}

/** The picture goes on below its edge: its end says so softly instead of being cut off. */
function fadePart(width: number, height: number, theme: Theme): string {
  const from = Math.max(0, height - 90);
  return (
    `<defs><linearGradient id="fade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${theme.background}" stop-opacity="0"/><stop offset="0.85" stop-color="${theme.background}"/></linearGradient></defs>` +
    `<rect y="${from}" width="${width}" height="${height - from}" fill="url(#fade)"/>`
  );
}

interface Context {
  report: PictureReport;
  room: Room;
}

async function blockPart(block: PictureBlock, result: BlockResult | undefined, { report, room }: Context): Promise<string> {
  const { width, theme } = room;
  let y = 0;
  let svg = "";
  if (block.title) {
    svg += textPath(fit(block.title, width, 16, true), { x: 0, y: 17, size: 16, bold: true, fill: theme.text });
    y += 26;
  }
  if (block.description) {
    svg += textPath(fit(block.description, width, 13), { x: 0, y: y + 13, size: 13, fill: theme.quiet });
    y += 22;
  }
  if (y > 0) y += 4;
  const inner = { ...room, height: Math.max(20, room.height - y) };
  return `${svg}<g transform="translate(0,${y})">${await contentPart(block, result, { report, room: inner })}</g>`;
}

async function contentPart(block: PictureBlock, result: BlockResult | undefined, { report, room }: Context): Promise<string> {
  if (block.kind === "text") return textPart(block.markdown ?? "", room);
  if (block.kind === "image") return imagePart(block.picture ?? "", room);
  if (block.kind === "filter") return filterPart(block, { report, room });
  if (result === undefined) return emptyPart(say("noData", room.language), room);
  if ("problem" in result) return emptyPart(`${say("failed", room.language)}: ${result.problem}`, room);
  if (block.kind === "number") return numberPart(block, result, room);
  if (block.kind === "chart" && block.chart !== undefined) return chartPart(block, result, room);
  return tablePart(block, result, room);
}

/** One chart that cannot be drawn does not spoil the picture: its place says so. */
async function chartPart(block: PictureBlock, result: QueryResult, room: Room): Promise<string> {
  try {
    const chart: Chart = checkChart(block.chart);
    checkAgainstColumns(chart, result.columns);
    const { title: _title, ...bare } = chart;
    const drawn = await drawChart({
      chart: block.title ? bare : chart, result, width: Math.max(80, room.width), height: Math.max(60, room.height),
      background: room.theme.background, language: room.language, id: `b-${block.id}`,
    });
    return outlineTexts(drawn.svg);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return emptyPart(say("failed", room.language), room);
  }
}

function imagePart(picture: string, room: Room): string {
  if (picture.length > pictureLimits.imageCharactersMax || !/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/=]+$/.test(picture)) return emptyPart(say("failed", room.language), room);
  return `<image width="${room.width}" height="${room.height}" preserveAspectRatio="xMidYMid meet" href="${picture}"/>`;
}

/** A filter's value as its reader chose it: the label of a choice, a date in words. */
function valueText(parameter: NonNullable<PictureReport["parameters"]>[number] | undefined, language: Language): string {
  const value = parameter?.default;
  if (value === undefined || value === null || value === "") return say("all", language);
  const options = Array.isArray(parameter?.options) ? (parameter.options as { value: unknown; label?: string }[]) : [];
  const chosen = options.find((option) => option.value === value)?.label;
  return chosen ?? formatValue(value, { kind: parameter?.type === "date" ? "date" : "text" }, language, "day");
}

function filterPart(block: PictureBlock, { report, room }: Context): string {
  const parameter = report.parameters?.find((one) => one.name === block.parameter);
  const name = parameter?.label ?? block.parameter ?? "";
  const text = fit(say("filter", room.language, { name, value: valueText(parameter, room.language) }), room.width - 28, 14);
  const width = Math.min(room.width, widthOfText(text, 14) + 28);
  return `<rect x="0.5" y="0.5" width="${width}" height="32" rx="6" fill="${room.theme.surface}" stroke="${room.theme.grid}"/>${textPath(text, { x: 14, y: 21, size: 14, fill: room.theme.text })}`;
}

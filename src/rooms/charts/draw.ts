import { Buffer } from "node:buffer";
import { Resvg } from "@resvg/resvg-js";
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import { useFontWidths } from "./font.ts";
import { pictureLimits, reportSvg } from "./picture.ts";
import type { BlockResult, PictureReport } from "./picture.ts";
import { drawChart } from "./render.ts";
import { chartLimits } from "./schema.ts";
import type { Background, Language, QueryResult } from "./schema.ts";
import { checkAgainstColumns, checkChart } from "./validate.ts";

/** One chart as SVG. Unlike a picture it keeps its text as text: a page draws it with the page's fonts. */
export interface ChartTask {
  kind: "chart";
  /** Unchecked: it is checked here, beside the data. */
  chart: unknown;
  result: QueryResult;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  background?: Background;
  language: Language;
  /** Drawn above the chart. */
  title?: string;
  /** What the chart is called where nothing is drawn above it: a heading of the page says it already. */
  name?: string;
  /** Begins every id within the SVG; the block's own. */
  id?: string;
}

/** Several charts at once. One that cannot be drawn answers its problem and does not stop the others. */
export interface ChartsTask {
  kind: "charts";
  charts: Omit<ChartTask, "kind">[];
}

/** A report as PNG. */
export interface PictureTask {
  kind: "picture";
  report: PictureReport;
  results: Record<string, BlockResult>;
  widthPixels?: number;
  /** Of the PNG; without it the report's full height. An OpenGraph picture is 1200 x 630. */
  heightPixels?: number;
  language?: Language;
}

export type DrawTask = ChartTask | ChartsTask | PictureTask;

export interface ChartHead {
  svg: string;
  /** One sentence: what is shown, its peak, its low, its change. */
  description: string;
  notes: string[];
}

export type ChartsHead = (ChartHead | { problem: Record<string, unknown> })[];

export interface PictureHead {
  width: number;
  height: number;
  bytes: number;
}

const chartsMax = 100;
useFontWidths();

/**
 * Draws: `{kind: "chart"}` answers a ChartHead, `{kind: "charts"}` a ChartsHead, `{kind: "picture"}` a PictureHead with
 * the PNG as body. Throws CHART_INVALID, CHART_FIELD_UNKNOWN, CHART_SIZE_REFUSED.
 */
export async function draw(request: DrawTask): Promise<{ head: unknown; body?: Buffer }> {
  if (request.kind === "chart") return { head: await drawOne(request) };
  if (request.kind === "charts") {
    const drawn: ChartsHead = [];
    for (const one of request.charts.slice(0, chartsMax)) {
      try {
        drawn.push(await drawOne(one));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        drawn.push({ problem: problemBody(error, one.language) });
      }
    }
    return { head: drawn };
  }
  return drawPicture(request);
}

async function drawOne(request: Omit<ChartTask, "kind">): Promise<ChartHead> {
  const { width, height } = request;
  checkPixels(width, 40, chartLimits.sidePixelsMax);
  checkPixels(height, 40, chartLimits.sidePixelsMax);
  const chart = checkChart(request.chart);
  checkAgainstColumns(chart, request.result.columns);
  return drawChart({ ...request, chart });
}

async function drawPicture(request: PictureTask): Promise<{ head: PictureHead; body: Buffer }> {
  const width = request.widthPixels ?? pictureLimits.layoutPixels;
  checkPixels(width, pictureLimits.widthPixelsMin, pictureLimits.widthPixelsMax);
  const scale = width / pictureLimits.layoutPixels;
  const { heightPixels } = request;
  if (heightPixels !== undefined) checkPixels(heightPixels, pictureLimits.heightPixelsMin, pictureLimits.heightPixelsMax);
  const { svg } = await reportSvg({
    report: request.report, results: request.results, language: request.language,
    ...(heightPixels === undefined ? {} : { heightPixels: heightPixels / scale }),
  });
  const rendered = new Resvg(svg, { font: { loadSystemFonts: false }, fitTo: { mode: "width", value: width } }).render();
  const body = Buffer.from(rendered.asPng());
  return { head: { width: rendered.width, height: rendered.height, bytes: body.length }, body };
}

function checkPixels(pixels: number, pixelsMin: number, pixelsMax: number): void {
  if (Number.isInteger(pixels) && pixels >= pixelsMin && pixels <= pixelsMax) return;
  throw new Problem("CHART_SIZE_REFUSED", { values: { pixels: String(pixels).slice(0, 30), pixelsMin, pixelsMax } });
}

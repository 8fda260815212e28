import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import * as vegaLite from "vega-lite";
import { compileChart, cut } from "./compile.ts";
import type { CompiledChart, DrawRequest } from "./compile.ts";
import { chartFont, chartPadding } from "./config.ts";
import { escapeText, xmlText } from "#src/base/escape.ts";
import "./expressions.ts";
import { say } from "./words.ts";

/** Vega's warnings are for authors of specifications; ours are written here. */
const silent: Record<string, () => unknown> = { level: () => 0, error: () => silent, warn: () => silent, info: () => silent, debug: () => silent };

export interface DrawnChart {
  svg: string;
  /** One sentence: what is shown, its peak, its low, its change. */
  description: string;
  notes: string[];
}

/** The Vega specification of a compiled chart, for a browser that draws it alive with the interpreter. */
export function toVega(compiled: CompiledChart): vega.Spec {
  return vegaLite.compile(compiled.spec as never, { logger: silent as never }).spec as vega.Spec;
}

/**
 * Draws a chart as SVG that may stand inside a page under a strict content policy: no style attributes, no scripts,
 * no links, and every id begins with `id`, so that several charts share a page.
 */
export async function drawChart(request: DrawRequest & { id?: string; name?: string }): Promise<DrawnChart> {
  const compiled = compileChart(request);
  const id = (request.id ?? "chart").replace(/[^A-Za-z0-9_-]/g, "_");
  const title = request.name ?? request.title ?? request.chart.title ?? "";
  const name = title === "" ? compiled.description : `${title}: ${compiled.description}`;
  const { width, height, notes, description } = compiled;
  if (!compiled.drawable) return { svg: emptySvg(compiled, request, { id, name }), description, notes };
  const runtime = vega.parse(toVega(compiled), undefined, { ast: true } as never);
  const view = new vega.View(runtime, { expr: expressionInterpreter, renderer: "none" } as never);
  try {
    // Vega writes its errors to a log and draws on: a chart that is half drawn is no chart.
    const failures: unknown[] = [];
    view.logger({ ...silent, error: (...all: unknown[]) => (failures.push(...all), silent) } as never);
    await view.runAsync();
    await fitPanels(view, compiled);
    if (failures.length > 0) throw failures[0] instanceof Error ? failures[0] : new Error(String(failures[0]));
    (vega as unknown as { resetSVGDefIds(): void }).resetSVGDefIds();
    return { svg: tidySvg(await view.toSVG(), { id, name, description, width, height }), description, notes };
  } finally {
    view.finalize();
  }
}

/** Vega gives panels the size it is told and the chart what comes of it; the chart's own size is known only when it is drawn. */
export async function fitPanels(view: vega.View, { panels, width, height }: CompiledChart): Promise<void> {
  if (!panels) return;
  const signals = Object.keys(view.getState({ signals: (name?: string) => name === "child_width" || name === "child_height" }).signals as object);
  // A change of size may change which labels there is room for: the second look sees to that.
  for (let look = 0; look < 2; look += 1) {
    const { x1, x2, y1, y2 } = (view.scenegraph() as unknown as { root: { bounds: Record<"x1" | "x2" | "y1" | "y2", number> } }).root.bounds;
    const { left, right, top, bottom } = chartPadding;
    const room = { child_width: (width - left - right - (x2 - x1)) / panels.across, child_height: (height - top - bottom - (y2 - y1)) / panels.down };
    for (const [name, more] of Object.entries(room)) {
      if (signals.includes(name)) view.signal(name, Math.max(30, Math.floor((view.signal(name) as number) + more)));
    }
    await view.resize().runAsync();
  }
}

interface Tidying {
  id: string;
  name: string;
  description: string;
  width: number;
  height: number;
}

/** Vega's SVG made smaller, its ids made the chart's own, and its head replaced by one that names it. */
function tidySvg(svg: string, { id, name, description, width, height }: Tidying): string {
  const view = /viewBox="([^"]*)"/.exec(svg)?.[1] ?? `0 0 ${width} ${height}`;
  const inner = xmlText(svg.slice(svg.indexOf(">") + 1));
  const tags = inner.replace(/<[^>]*>/g, (tag) => {
    if (/^<path class="(background|foreground)"[^>]* d="(M0,0h0v0h0Z)?"/.test(tag) || (tag.startsWith('<path class="foreground"') && tag.includes('display="none"'))) return "";
    return tag
      .replace(/ (role|aria-roledescription|aria-hidden|pointer-events|class|style)="[^"]*"/g, "")
      .replace(/ id="([^"]*)"/g, (_, own: string) => ` id="${id}-${own}"`)
      .replace(/url\(#([^)]*)\)/g, (_, own: string) => `url(#${id}-${own})`)
      .replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100 || 0));
  });
  return `${head({ id, name, view, width, height })}<desc>${escapeText(description)}</desc>${tags}`;
}

function head({ id, name, view, width, height }: { id: string; name: string; view: string; width: number; height: number }): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" class="kliv-chart" id="${id}" role="img" aria-label="${escapeText(name)}" width="${width}" height="${height}" viewBox="${view}" preserveAspectRatio="xMinYMin meet"><title>${escapeText(name)}</title>`;
}

function emptySvg({ theme, width, height, notes }: CompiledChart, request: DrawRequest, { id, name }: { id: string; name: string }): string {
  const text = escapeText(cut([say("noData", request.language), ...notes].join(" · "), 13, width - 16));
  const middle = `<text x="${width / 2}" y="${height / 2}" text-anchor="middle" font-family="${chartFont}" font-size="13" fill="${theme.quiet}">${text}</text>`;
  return `${head({ id, name, view: `0 0 ${width} ${height}`, width, height })}${middle}</svg>`;
}

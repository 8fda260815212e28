import { escapeText } from "#src/base/escape.ts";
import { markdownHtml } from "#src/base/markdown.ts";
import { chartDataHtml, checkChart, numberHtml, tableHtml, themeFor } from "#src/rooms/charts/charts.ts";
import type { ChartsHead, ChartsTask } from "#src/rooms/charts/charts.ts";
import { isFilled, reasonOf } from "#src/rooms/reports/fill.ts";
import type { Filled } from "#src/rooms/reports/fill.ts";
import { gridColumns, gridRowPixels } from "#src/rooms/reports/schema.ts";
import type { Shown } from "#src/rooms/attachments/attachments.ts";
import type { ReportBlock, ReportDefinition, ReportParameter } from "#src/rooms/reports/schema.ts";
import { writeValues } from "#src/rooms/reports/values.ts";
import type { Option, Value, Values } from "#src/rooms/reports/values.ts";
import { dayOf, words } from "./words.ts";

/** All that a page of a report shows, asked and drawn already. */
export interface ReportView {
  definition: ReportDefinition;
  slug: string;
  attachments: Record<string, Shown>;
  version: number;
  publishedAt: Date;
  isPublic: boolean;
  values: Values;
  options: ReadonlyMap<string, readonly Option[]>;
  filled: Record<string, Filled>;
  /** By block: drawn for a wide and for a narrow screen, or why not. */
  charts: ReadonlyMap<string, DrawnBlock>;
}

export interface DrawnBlock {
  wide: ChartsHead[number];
  /** Null where the wide one is narrow enough for a phone. */
  narrow: ChartsHead[number] | null;
}

/** The page's measures in pixels; `web/src/page/page.css` has the same. */
const contentPixels = 1_112;
const gapPixels = 16;
const narrowPixels = 358;
const narrowHeightPixels = 300;
const headPixels = 28;
const notePixels = 22;
const dataPixels = 32;

type ChartBlock = Extract<ReportBlock, { kind: "chart" }>;

const inOrder = (blocks: readonly ReportBlock[]): ReportBlock[] => blocks.toSorted((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);

const isChart = (block: ReportBlock): block is ChartBlock & { chart: Record<string, unknown> } => block.kind === "chart" && block.chart !== undefined;

function innerPixels({ layout: { w, h }, title, description }: ReportBlock): { width: number; height: number } {
  const column = (contentPixels - gapPixels * (gridColumns - 1)) / gridColumns;
  const height = h * (gridRowPixels + gapPixels) - gapPixels - (title ? headPixels : 0) - (description ? notePixels : 0);
  return { width: Math.round(w * (column + gapPixels) - gapPixels), height };
}

/** What to have drawn for a page: each chart for a wide screen and, where that would be too small to read, for a phone. */
export function chartTasks(definition: ReportDefinition, filled: Record<string, Filled>): { block: string; isNarrow: boolean; task: ChartsTask["charts"][number] }[] {
  const { language, background = "light" } = definition;
  return definition.blocks.filter(isChart).flatMap((block) => {
    const result = filled[block.id];
    if (!isFilled(result)) return [];
    const { title: _title, ...untitled } = block.chart;
    const chart = block.title ? untitled : block.chart;
    const { width, height } = innerPixels(block);
    const common = { chart, result, background, language, ...(block.title ? { name: block.title } : {}) };
    const wide = { block: block.id, isNarrow: false, task: { ...common, id: `w-${block.id}`, width, height: Math.max(60, height - dataPixels) } };
    if (width <= narrowPixels * 1.3) return [wide];
    return [wide, { block: block.id, isNarrow: true, task: { ...common, id: `n-${block.id}`, width: narrowPixels, height: Math.max(narrowHeightPixels, Math.min(height, 420)) } }];
  });
}

/** The report's own colours and places, for a style element that is allowed by its hash. */
export function reportStyle({ background = "light", blocks }: ReportDefinition): string {
  const theme = themeFor(background);
  const ground = `:root{color-scheme:${theme.dark ? "dark" : "light"};--paper:${theme.background};--surface:${theme.surface};--line:${theme.grid};--ink:${theme.text};--ink-2:${theme.quiet};--accent:${theme.accent};--good:${theme.good};--bad:${theme.bad}}`;
  const firstRow = Math.min(...blocks.map(({ layout }) => layout.y));
  const places = blocks.map((block) => {
    const { x, y, w, h } = block.layout;
    const height = innerPixels(block).height;
    return `#b-${block.id}{grid-area:${y - firstRow + 1}/${x + 1}/span ${h}/span ${w}}${block.kind === "table" ? `#b-${block.id} .kliv-table{max-height:${Math.max(80, height)}px}` : ""}${block.kind === "image" ? `#b-${block.id} img{max-height:${Math.max(40, height)}px}` : ""}`;
  });
  return `${ground}@media (min-width:760px),print{${places.join("")}}`;
}

/** The inner HTML of a report's page, in the report's language. */
export function reportBody(view: ReportView): string {
  const { definition, values } = view;
  const { title, description, language, tags = [], blocks } = definition;
  const say = words[language];
  const isFiltered = writeValues(definition.parameters, values.values).size > 0;
  return [
    `<article class="report"><header class="report-head"><h1>${escapeText(title)}</h1>`,
    description ? `<p class="report-description">${escapeText(description)}</p>` : "",
    `<p class="report-live" role="status" data-live-status>${isFiltered ? say.filtered : ""}</p></header>`,
    blocks.length === 0 ? `<p class="quiet">${say.emptyReport}</p>` : `<div class="report-grid">${inOrder(blocks).map((block) => blockHtml(block, view)).join("")}</div>`,
    `<footer class="report-foot"><p>${say.published} <time datetime="${view.publishedAt.toISOString()}">${dayOf(view.publishedAt, language)}</time> · ${say.version(view.version)} · ${say.frozen}</p>`,
    view.isPublic && tags.length > 0 ? `<p>${say.tags}: ${tags.map((tag) => `<a class="tag" href="/gallery?tag=${encodeURIComponent(tag)}">${escapeText(tag)}</a>`).join(" ")}</p>` : "",
    view.isPublic ? `<p><a href="/gallery">${say.inGallery}</a></p>` : "",
    "</footer></article>",
  ].join("");
}

function blockHtml(block: ReportBlock, view: ReportView): string {
  const { id, kind, title, description } = block;
  // A filter's title is the label of its control; all others head their block.
  const head = title && kind !== "filter" ? `<h2>${escapeText(title)}</h2>` : "";
  const note = description ? `<p class="block-note">${escapeText(description)}</p>` : "";
  return `<section class="block block-${kind}" id="b-${id}">${head}${note}${contentHtml(block, view)}</section>`;
}

function imageHtml(block: Extract<ReportBlock, { kind: "image" }>, { slug, attachments, definition: { language } }: ReportView): string {
  if (block.attachment === undefined) return `<img src="${escapeText(block.picture ?? "")}" alt="${escapeText(block.alt)}">`;
  const shown = attachments[block.attachment];
  if (!shown) return "";
  const address = `/r/${escapeText(slug)}/attachments/${escapeText(block.attachment)}`;
  if (shown.format !== "pdf") return `<img src="${address}" alt="${escapeText(block.alt)}" width="${shown.width}" height="${shown.height}">`;
  const pages = words[language].pages(shown.pages ?? 1);
  return `<p class="file"><a href="${address}" download>${escapeText(shown.name)}</a> <span>PDF · ${pages} · ${bytesIn(shown.sizeBytes, language)}</span></p>${block.alt === "" ? "" : `<p>${escapeText(block.alt)}</p>`}`;
}

/** With a decimal where there are few. */
function bytesIn(bytes: number, language: string): string {
  const [amount, unit] = bytes >= 1024 ** 2 ? [bytes / 1024 ** 2, "megabyte"] : [Math.max(bytes / 1024, 1), "kilobyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: amount < 10 ? 1 : 0 }).format(amount);
}

function contentHtml(block: ReportBlock, view: ReportView): string {
  const { language } = view.definition;
  if (block.kind === "text") return `<div class="prose">${markdownHtml(block.markdown)}</div>`;
  if (block.kind === "image") return imageHtml(block, view);
  if (block.kind === "filter") return filterHtml(block, view);
  const filled = view.filled[block.id];
  if (!isFilled(filled)) return failedHtml(filled ? reasonOf(filled.problem, language) : "", view);
  if (block.kind === "number") return numberHtml(block, filled, language);
  if (!isChart(block)) return tableHtml(block, filled, language);
  return chartHtml(block, view);
}

function chartHtml(block: ChartBlock, view: ReportView): string {
  const { language } = view.definition;
  const drawn = view.charts.get(block.id);
  const filled = view.filled[block.id];
  if (!drawn || !isFilled(filled) || "problem" in drawn.wide) {
    return failedHtml(drawn && "problem" in drawn.wide ? String(drawn.wide.problem["detail"] ?? "") : "", view);
  }
  const narrow = drawn.narrow && !("problem" in drawn.narrow) ? drawn.narrow : null;
  const pictures = narrow ? `<div class="only-wide">${drawn.wide.svg}</div><div class="only-narrow">${narrow.svg}</div>` : `<div class="only">${drawn.wide.svg}</div>`;
  return `<figure data-chart="${block.id}">${pictures}</figure>${chartDataHtml(checkChart(block.chart), filled, language)}`;
}

function failedHtml(reason: string, { definition: { language } }: ReportView): string {
  return `<p class="failed">${words[language].failed}${reason ? `: ${escapeText(reason)}` : ""}</p>`;
}

/** A form of its own for each filter: it works without scripts, and keeps what the other filters say. */
function filterHtml(block: Extract<ReportBlock, { kind: "filter" }>, view: ReportView): string {
  const { definition, slug, values, options } = view;
  const say = words[definition.language];
  const parameter = definition.parameters.find((one) => one.name === block.parameter);
  if (!parameter) return "";
  const others = writeValues(definition.parameters.filter((one) => one !== parameter), values.values);
  const hidden = [...others].map(([name, value]) => `<input type="hidden" name="${escapeText(name)}" value="${escapeText(value)}">`).join("");
  const label = block.title ?? parameter.label ?? parameter.name;
  const isInvalid = values.invalid.includes(parameter.name);
  const id = `f-${block.id}`;
  return [
    `<form class="filter" method="get" action="/r/${slug}" data-live><label for="${id}">${escapeText(label)}</label><span class="filter-row">`,
    controlHtml({ id, parameter, value: values.values[parameter.name] ?? null, options: options.get(parameter.name), anything: say.anything, isInvalid }),
    `${hidden}<button type="submit">${say.apply}</button></span>`,
    isInvalid ? `<span class="failed" id="${id}-e">${say.invalid}</span>` : "",
    "</form>",
  ].join("");
}

interface Control {
  id: string;
  parameter: ReportParameter;
  value: Value;
  options: readonly Option[] | undefined;
  anything: string;
  isInvalid: boolean;
}

function controlHtml({ id, parameter, value, options, anything, isInvalid }: Control): string {
  const common = `id="${id}" name="${escapeText(parameter.name)}"${isInvalid ? ` aria-invalid="true" aria-describedby="${id}-e"` : ""}`;
  const text = value === null ? "" : String(value);
  if (parameter.type === "choice") {
    // Where nothing chosen is the usual state, the reader can come back to it.
    const all = (parameter.default ?? null) === null && !options?.some((option) => option.value === null) ? `<option value="">${anything}</option>` : "";
    const items = (options ?? []).map((option) => `<option value="${escapeText(String(option.value ?? ""))}"${option.value === value ? " selected" : ""}>${escapeText(option.label)}</option>`);
    return `<select ${common}>${all}${items.join("")}</select>`;
  }
  const type = parameter.type === "date" ? 'type="date"' : parameter.type === "number" ? 'type="text" inputmode="decimal"' : 'type="text"';
  return `<input ${common} ${type} value="${escapeText(text)}" maxlength="1000">`;
}

import { numberModel, tableModel } from "./blocks.ts";
import type { NumberLike, TableLike } from "./blocks.ts";
import { escapeText } from "#src/base/escape.ts";
import { formatNumber } from "./format.ts";
import { channelsOf } from "./validate.ts";
import type { Chart, Language, QueryResult } from "./schema.ts";
import { say } from "./words.ts";

const dataRowsMax = 200;

/** A table block for a page that needs no script: escaped, with classes instead of styles. */
export function tableHtml(block: TableLike & { title?: string | undefined }, result: QueryResult, language: Language): string {
  const model = tableModel(block, result, language);
  const classes = (align: string) => (align === "left" ? "" : ` class="kliv-${align}"`);
  const head = model.columns.map((column) => `<th scope="col"${classes(column.align)}>${escapeText(column.title)}</th>`).join("");
  const body = model.rows.map((row) => `<tr>${row.map((cell, i) => `<td${classes(model.columns[i]!.align)}>${escapeText(cell)}</td>`).join("")}</tr>`).join("");
  const caption = block.title ? `<caption class="kliv-hidden">${escapeText(block.title)}</caption>` : "";
  const empty = model.rows.length === 0 ? `<p class="kliv-quiet">${escapeText(say("noData", language))}</p>` : "";
  const more = model.more > 0 ? `<p class="kliv-quiet">${escapeText(say("moreRows", language, { count: formatNumber(model.more, language) }))}</p>` : "";
  // A table that is wider than a phone scrolls by itself, and by the keyboard too.
  const name = block.title ? ` role="region" aria-label="${escapeText(block.title)}"` : "";
  return `<div class="kliv-table"${name} tabindex="0"><table>${caption}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${empty}${more}`;
}

/** A number block: the figure, and how it changed. */
export function numberHtml(block: NumberLike, result: QueryResult, language: Language): string {
  const model = numberModel(block, result, language);
  const change = model.change
    ? `<p class="kliv-number-change kliv-${model.change.tone}"><span>${escapeText(model.change.text)}</span> <span class="kliv-quiet">${escapeText(say("compared", language, { value: model.change.from }))}</span></p>`
    : "";
  return `<div class="kliv-number"><p class="kliv-number-value">${escapeText(model.value)}</p>${change}</div>`;
}

/** A chart's own columns as a table that opens on demand: for those who read figures, by eye or aloud. */
export function chartDataHtml(chart: Chart, result: QueryResult, language: Language): string {
  const there = new Set(result.columns.map((column) => column.name));
  const fields = [...new Set(channelsOf(chart).map(({ channel }) => channel.field).filter((field) => field !== undefined && there.has(field)))] as string[];
  const columns = fields.length > 0 ? fields.map((field) => ({ field })) : undefined;
  return `<details class="kliv-data"><summary>${escapeText(say("dataSummary", language))}</summary>${tableHtml({ columns, rowsMax: dataRowsMax }, result, language)}</details>`;
}

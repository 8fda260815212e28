import { numberModel, tableModel } from "./blocks.ts";
import type { NumberLike, TableLike } from "./blocks.ts";
import type { Theme } from "./colours.ts";
import { formatNumber } from "./format.ts";
import { readMarkdown } from "./markdown.ts";
import type { Language, QueryResult } from "./schema.ts";
import { fit, runsPath, textPath, widthOfText, wrap } from "./text.ts";
import { say } from "./words.ts";

/** The room of a block in the picture, its own corner being 0, 0. */
export interface Room {
  width: number;
  height: number;
  theme: Theme;
  language: Language;
}

const cellPadding = 12;
const headingSizes = [26, 21, 17, 15, 14, 14];

/** A Markdown text: headings, paragraphs, lists, bold, code; what does not fit its height is left out. */
export function textPart(markdown: string, { width, height, theme, language }: Room): string {
  let y = 0;
  let svg = "";
  const leading = language === "ja" ? 1.75 : 1.55;
  for (const part of readMarkdown(markdown)) {
    const size = part.kind === "heading" ? headingSizes[part.level - 1]! : part.kind === "code" ? 12 : 14;
    const line = size * (part.kind === "heading" ? 1.35 : leading);
    const indent = part.kind === "item" ? part.level * 18 : part.kind === "code" ? 10 : 0;
    if (part.kind === "rule") {
      svg += `<rect x="0" y="${y + 6}" width="${width}" height="1" fill="${theme.grid}"/>`;
      y += 14;
      continue;
    }
    if (y > 0) y += part.kind === "heading" ? 12 : part.kind === "item" ? 2 : 8;
    const fill = part.kind === "code" ? theme.quiet : theme.text;
    let first = true;
    for (const source of part.lines) {
      for (const runs of wrap(source, { size, width: width - indent, linesMax: 200 })) {
        if (y + line > height + 2) return svg;
        const baseline = y + line / 2 + size * 0.36;
        if (first && part.marker) svg += textPath(part.marker, { x: indent - 8, y: baseline, size, fill: theme.quiet, anchor: "end" });
        svg += runsPath(runs, { x: indent, y: baseline, size, bold: part.kind === "heading", fill });
        first = false;
        y += line;
      }
    }
  }
  return svg;
}

/** The first rows of a table that fit, columns as wide as they need, numbers at the right. */
export function tablePart(block: TableLike, result: QueryResult, { width, height, theme, language }: Room): string {
  const rowHeight = 27;
  const rowsMax = Math.max(1, Math.floor(height / rowHeight) - 1);
  const all = Math.min(result.rows.length, block.rowsMax ?? 1_000);
  const shown = all > rowsMax ? Math.max(1, rowsMax - 1) : all;
  const model = tableModel({ ...block, columns: block.columns?.slice(0, 20), rowsMax: shown }, { ...result, columns: result.columns.slice(0, 200) }, language);
  if (model.rows.length === 0) return emptyPart(say("noData", language), { width, height, theme, language });
  const needed = model.columns.map((column, i) => Math.min(280, cellPadding * 2 + 4 + Math.max(widthOfText(column.title.slice(0, 60), 12, true), ...model.rows.map((row) => widthOfText(row[i]!.slice(0, 60), 13)))));
  let count = 0;
  let sum = 0;
  while (count < needed.length && (count === 0 || sum + Math.min(needed[count]!, 90) <= width)) sum += Math.min(needed[count++]!, 90);
  const widths = shareOut(needed.slice(0, count), width);
  const cell = (text: string, { i, x, y, head }: { i: number; x: number; y: number; head: boolean }) => {
    const align = model.columns[i]!.align;
    const room = widths[i]! - cellPadding * 2;
    const at = align === "right" ? x + widths[i]! - cellPadding : align === "center" ? x + widths[i]! / 2 : x + cellPadding;
    const size = head ? 12 : 13;
    return textPath(fit(text, room, size, head), { x: at, y, size, bold: head, fill: head ? theme.quiet : theme.text, anchor: align === "right" ? "end" : align === "center" ? "middle" : "start" });
  };
  let svg = "";
  [model.columns.map((column) => column.title), ...model.rows].forEach((row, r) => {
    const y = r * rowHeight;
    let x = 0;
    for (let i = 0; i < count; i += 1) {
      svg += cell(row[i]!, { i, x, y: y + 18, head: r === 0 });
      x += widths[i]!;
    }
    svg += `<rect x="0" y="${y + rowHeight - 1}" width="${width}" height="1" fill="${r === 0 ? theme.line : theme.grid}"/>`;
  });
  if (all > shown) {
    const text = say("moreRows", language, { count: formatNumber(all - shown, language) });
    svg += textPath(text, { x: cellPadding, y: (shown + 1) * rowHeight + 18, size: 12, fill: theme.quiet });
  }
  return svg;
}

/** Columns get what they need; what is missing is taken from the widest, what is left over is shared. */
function shareOut(needed: number[], width: number): number[] {
  const sum = needed.reduce((a, b) => a + b, 0);
  if (sum <= width) return needed.map((one) => one + ((width - sum) * one) / sum);
  let limit = Math.max(...needed);
  while (limit > 40 && needed.reduce((a, b) => a + Math.min(b, limit), 0) > width) limit -= 4;
  return needed.map((one) => Math.min(one, limit));
}

/** A large figure, and how it changed. */
export function numberPart(block: NumberLike, result: QueryResult, { width, height, theme, language }: Room): string {
  const model = numberModel(block, result, language);
  // The same size with and without a change below, so that figures in a row stand on one line.
  let size = Math.max(18, Math.min(44, height * 0.55));
  const y = size * 1.02;
  while (size > 14 && widthOfText(model.value, size, true) > width - 12) size -= 1;
  let svg = textPath(fit(model.value, width, size, true), { x: 0, y, size, bold: true, fill: theme.text });
  if (model.change) {
    const fill = { good: theme.good, bad: theme.bad, plain: theme.text }[model.change.tone];
    const at = y + 26;
    svg += textPath(model.change.text, { x: 0, y: at, size: 14, bold: true, fill });
    const x = widthOfText(model.change.text, 14, true) + 8;
    svg += textPath(fit(say("compared", language, { value: model.change.from }), width - x, 13), { x, y: at, size: 13, fill: theme.quiet });
  }
  return svg;
}

/** A word where there is nothing to draw. */
export function emptyPart(text: string, { width, height, theme }: Room): string {
  const lines = wrap([{ text }], { size: 13, width: width - 24, linesMax: 4 });
  const top = Math.max(18, height / 2 - ((lines.length - 1) * 20) / 2);
  return `<rect width="${width}" height="${height}" rx="6" fill="${theme.surface}"/>${lines
    .map((line, i) => textPath(line.map((run) => run.text).join("").trim(), { x: width / 2, y: top + i * 20 + 4, size: 13, fill: theme.quiet, anchor: "middle" }))
    .join("")}`;
}

import markdownIt from "markdown-it";
import type { Run } from "./text.ts";

const charactersMax = 50_000;

/** A paragraph, heading or item of a Markdown text as a picture lays it out: plainly, without links or pictures. */
export interface MarkdownPart {
  kind: "heading" | "paragraph" | "item" | "code" | "rule";
  /** Of a heading, 1 to 6; of an item, how deep it stands. */
  level: number;
  /** What stands before an item: "•" or "1.". */
  marker?: string;
  lines: Run[][];
}

const reader = markdownIt({ html: false, linkify: false });
const partsMax = 500;

export function readMarkdown(markdown: string): MarkdownPart[] {
  const parts: MarkdownPart[] = [];
  const lists: { ordered: boolean; next: number }[] = [];
  let heading = 0;
  let marker: string | undefined;
  for (const token of reader.parse(markdown.slice(0, charactersMax), {})) {
    if (parts.length >= partsMax) break;
    if (token.type === "heading_open") heading = Number(token.tag.slice(1));
    else if (token.type === "bullet_list_open") lists.push({ ordered: false, next: 0 });
    else if (token.type === "ordered_list_open") lists.push({ ordered: true, next: Number(token.attrGet("start") ?? 1) });
    else if (token.type === "bullet_list_close" || token.type === "ordered_list_close") lists.pop();
    else if (token.type === "list_item_open") {
      const list = lists[lists.length - 1];
      marker = list?.ordered ? `${list.next++}.` : "•";
    } else if (token.type === "inline") {
      const lines = inlineRuns(token.children ?? []);
      if (heading > 0) parts.push({ kind: "heading", level: heading, lines });
      else if (lists.length > 0) parts.push({ kind: "item", level: lists.length, lines, ...(marker === undefined ? {} : { marker }) });
      else parts.push({ kind: "paragraph", level: 0, lines });
      heading = 0;
      marker = undefined;
    } else if (token.type === "fence" || token.type === "code_block") {
      parts.push({ kind: "code", level: 0, lines: token.content.replace(/\n$/, "").split("\n").map((text) => [{ text }]) });
    } else if (token.type === "hr") parts.push({ kind: "rule", level: 0, lines: [] });
  }
  return parts;
}

/** The text of a line with its bold parts; a hard break begins a new line. */
function inlineRuns(tokens: { type: string; content: string }[]): Run[][] {
  const lines: Run[][] = [[]];
  let bold = 0;
  for (const token of tokens) {
    const line = lines[lines.length - 1]!;
    if (token.type === "strong_open") bold += 1;
    else if (token.type === "strong_close") bold -= 1;
    else if (token.type === "hardbreak") lines.push([]);
    else if (token.type === "softbreak") line.push({ text: " " });
    else if (token.type === "text" || token.type === "code_inline" || token.type === "image") line.push({ text: token.content, ...(bold > 0 ? { bold: true } : {}) });
  }
  return lines;
}

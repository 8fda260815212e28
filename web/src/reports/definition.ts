import type { ReportBlock, ReportDefinition, ReportParameter } from "#src/rooms/reports/schema.ts";
import type { Publication } from "../api/types.ts";

export type { ReportBlock, ReportDefinition, ReportParameter };
export type BlockKind = ReportBlock["kind"];
export type Layout = ReportBlock["layout"];

/** A definition with what the server knows about it. */
export type StoredReport = ReportDefinition & {
  id: string;
  team?: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  publication: Publication | null;
};

const keys = ["schema", "title", "description", "language", "background", "tags", "parameters", "blocks"] as const;

/** Only the definition of a stored report: what may be sent back. */
export function definitionOf(report: StoredReport | ReportDefinition): ReportDefinition {
  const source = report as unknown as Record<string, unknown>;
  return Object.fromEntries(keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]])) as unknown as ReportDefinition;
}

export const gridColumns = 12;
export const gridRowPixels = 48;
export const gridGapPixels = 16;

export type Moving = "left" | "right" | "up" | "down";
export type Sizing = "wider" | "narrower" | "taller" | "shorter";

const sizes: Record<BlockKind, { w: number; h: number }> = {
  text: { w: 12, h: 3 }, chart: { w: 6, h: 7 }, table: { w: 6, h: 7 }, number: { w: 3, h: 3 }, filter: { w: 3, h: 2 }, image: { w: 6, h: 6 },
};

/** Smaller than this a block shows nothing of use. */
export const leastOf = (kind: BlockKind): { w: number; h: number } => ({ w: 2, h: kind === "chart" || kind === "table" || kind === "image" ? 3 : 1 });

const heightMax = 60;

/** The first free place for a block of this kind, reading from the top left. */
export function placeFor(kind: BlockKind, blocks: ReportBlock[]): Layout {
  const { w, h } = sizes[kind];
  const bottom = blocks.reduce((low, { layout }) => Math.max(low, layout.y + layout.h), 0);
  for (let y = 0; y < bottom; y += 1) {
    for (let x = 0; x + w <= gridColumns; x += 1) {
      const at = { x, y, w, h };
      if (!blocks.some((block) => overlaps(block.layout, at)) && y + h <= bottom) return at;
    }
  }
  return { x: 0, y: bottom, w, h };
}

export function overlaps(a: Layout, b: Layout): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** Moves everything up as far as it goes, in reading order; what `first` names keeps its place. */
export function compact(blocks: ReportBlock[], first?: string): ReportBlock[] {
  const order = [...blocks].sort((a, b) => a.layout.y - b.layout.y || Number(b.id === first) - Number(a.id === first) || a.layout.x - b.layout.x);
  const placed: { id: string; layout: Layout }[] = [];
  for (const block of order) {
    const layout = { ...block.layout };
    while (placed.some((one) => overlaps(one.layout, layout))) layout.y += 1;
    while (layout.y > 0 && !placed.some((one) => overlaps(one.layout, { ...layout, y: layout.y - 1 }))) layout.y -= 1;
    placed.push({ id: block.id, layout });
  }
  return blocks.map((block) => ({ ...block, layout: placed.find((one) => one.id === block.id)!.layout }));
}

/** The block one column or one neighbour further, the others making way; null where it cannot go. */
export function move(blocks: ReportBlock[], id: string, to: Moving): ReportBlock[] | null {
  const block = blocks.find((one) => one.id === id);
  if (!block) return null;
  const { x, y, w } = block.layout;
  if (to === "left") return x === 0 ? null : place(blocks, id, { x: x - 1 });
  if (to === "right") return x + w >= gridColumns ? null : place(blocks, id, { x: x + 1 });
  const bottom = blocks.reduce((low, { layout }) => Math.max(low, layout.y + layout.h), 0);
  // A step of one row is often taken back by what lies there: the first that counts is the one past a neighbour.
  const step = to === "up" ? -1 : 1;
  for (let row = y + step; row >= 0 && row <= bottom; row += step) {
    const moved = place(blocks, id, { y: row });
    const now = moved.find((one) => one.id === id)!.layout.y;
    if (to === "up" ? now < y : now > y) return moved;
  }
  return null;
}

/** The block one column or row larger or smaller, the others making way; null where it cannot be. */
export function resize(blocks: ReportBlock[], id: string, to: Sizing): ReportBlock[] | null {
  const block = blocks.find((one) => one.id === id);
  if (!block) return null;
  const { x, w, h } = block.layout;
  const least = leastOf(block.kind);
  if (to === "wider") return x + w < gridColumns ? place(blocks, id, { w: w + 1 }) : x > 0 ? place(blocks, id, { x: x - 1, w: w + 1 }) : null;
  if (to === "narrower") return w > least.w ? place(blocks, id, { w: w - 1 }) : null;
  if (to === "taller") return h < heightMax ? place(blocks, id, { h: h + 1 }) : null;
  return h > least.h ? place(blocks, id, { h: h - 1 }) : null;
}

function place(blocks: ReportBlock[], id: string, part: Partial<Layout>): ReportBlock[] {
  return compact(blocks.map((block) => (block.id === id ? { ...block, layout: { ...block.layout, ...part } } : block)), id);
}

/** Reading order: rows from the top, then from the left. */
export function inOrder(blocks: ReportBlock[]): ReportBlock[] {
  return [...blocks].sort((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);
}

/** An id that no block of the report has. */
export function newBlockId(kind: BlockKind, blocks: ReportBlock[]): string {
  const taken = new Set(blocks.map((block) => block.id));
  for (let i = blocks.length + 1; ; i += 1) if (!taken.has(`${kind}-${i}`)) return `${kind}-${i}`;
}

/** What a block is called where it is spoken of: its title, or the beginning of its text. */
export function nameOf(block: ReportBlock, kinds: Record<BlockKind, string>): string {
  if (block.title) return block.title;
  if (block.kind === "filter") return block.parameter;
  const line = block.kind === "text" ? block.markdown.split("\n").map((one) => one.replace(/^[#>*\-\s]+/, "").replaceAll(/[*_`]/g, "").trim()).find((one) => one !== "") : block.kind === "image" ? block.alt : "";
  return line ? line.slice(0, 60) : kinds[block.kind];
}

/** A definition to begin with. */
export function emptyReport(title: string, language: "en" | "ja"): ReportDefinition {
  return { schema: 1, title, language, parameters: [], blocks: [] };
}

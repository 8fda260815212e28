import * as vega from "vega";

type WidthOf = (item: { fontSize: number; fontWeight?: number | string; font?: string; limit?: number }, text: string) => number;
/** Vega's own measuring, which a process without a canvas replaces by a font's real figures. */
export const textMetrics = (vega as unknown as { textMetrics: { width: WidthOf } }).textMetrics;

/** The width of one line in pixels, by the same measure with which Vega lays out. */
export function textWidth(text: string, fontSize: number, fontWeight: number = 400): number {
  return textMetrics.width({ fontSize, fontWeight, font: "Inter, 'Noto Sans JP', sans-serif" }, text);
}

import { Problem } from "#src/base/problems/problem.ts";
import type { Format } from "../schema.ts";

const names: Record<Format, string> = { png: "PNG", jpeg: "JPEG", svg: "SVG", pdf: "PDF" };

export function damaged(format: Format, reason: string, reasonJa = reason): Problem {
  return new Problem("ATTACHMENT_DAMAGED", { values: { format: names[format], reason: reason.slice(0, 200), reasonJa: reasonJa.slice(0, 200) } });
}

export function tooLarge(max: number, unit: "pixels" | "bytes" | "elements" | "levels" | "pages"): Problem {
  const units = { pixels: "ピクセル", bytes: "バイト", elements: "要素", levels: "階層", pages: "ページ" };
  return new Problem("ATTACHMENT_TOO_LARGE", { values: { max, unit, unitJa: units[unit] } });
}

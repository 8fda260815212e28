import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathOf, readGlyph } from "./glyphs.ts";
import type { Outline } from "./glyphs.ts";
import { textMetrics } from "./measure.ts";
import { substituteFor } from "./substitute.ts";

const require = createRequire(import.meta.url);
/** The faces that pictures are drawn with. */
export const fontFiles = {
  regular: require.resolve("@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf"),
  bold: require.resolve("@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf"),
};

/** A TrueType font: characters to glyphs (cmap), glyphs to widths (hmtx) and outlines (glyf). */
export interface Font {
  unitsPerEm: number;
  /** In the font's units; a character that nothing can stand for has the width of .notdef. */
  widthOf(codePoint: number): number;
  /** The outline as SVG path data in the font's units, y upwards, moved `dx` units to the right. */
  outlineOf(codePoint: number, dx: number): string;
}

/** Reads a TrueType file. Throws where it is none. */
export function readFont(file: string): Font {
  const bytes = readFileSync(file);
  const tables = new Map<string, number>();
  for (let i = 0; i < bytes.readUInt16BE(4); i += 1) {
    const at = 12 + i * 16;
    tables.set(bytes.toString("latin1", at, at + 4), bytes.readUInt32BE(at + 8));
  }
  const table = (name: string): number => {
    const at = tables.get(name);
    if (at === undefined) throw new Error(`${file} has no table ${name}`);
    return at;
  };
  const unitsPerEm = bytes.readUInt16BE(table("head") + 18);
  const metricsCount = bytes.readUInt16BE(table("hhea") + 34);
  const hmtx = table("hmtx");
  const advances = new Uint16Array(metricsCount);
  for (let i = 0; i < metricsCount; i += 1) advances[i] = bytes.readUInt16BE(hmtx + i * 4);
  const glyphOf = readCmap(bytes, table("cmap"));
  const glyphs = { bytes, glyf: table("glyf"), loca: table("loca"), long: bytes.readInt16BE(table("head") + 50) === 1 };
  const outlines = new Map<number, Outline>();
  const find = (codePoint: number): { glyph: number; scale: number; rise: number } => {
    const glyph = glyphOf.get(codePoint);
    if (glyph !== undefined) return { glyph, scale: 1, rise: 0 };
    const { codePoint: near, scale, rise } = substituteFor(codePoint, (one) => glyphOf.has(one)) ?? { codePoint, scale: 1, rise: 0 };
    return { glyph: glyphOf.get(near) ?? 0, scale, rise: rise * unitsPerEm };
  };
  return {
    unitsPerEm,
    widthOf(codePoint) {
      const { glyph, scale } = find(codePoint);
      return (advances[Math.min(glyph, metricsCount - 1)] ?? unitsPerEm) * scale;
    },
    outlineOf(codePoint, dx) {
      let outline = outlines.get(codePoint);
      if (!outline) {
        const { glyph, scale, rise } = find(codePoint);
        outline = moved(readGlyph(glyphs, glyph, 0), scale, rise);
        if (outlines.size > 3_000) outlines.clear();
        outlines.set(codePoint, outline);
      }
      return pathOf(outline, Math.round(dx));
    },
  };
}

function moved(outline: Outline, scale: number, rise: number): Outline {
  if (scale === 1 && rise === 0) return outline;
  return outline.map((contour) => contour.map(({ x, y, on }) => ({ x: Math.round(x * scale), y: Math.round(y * scale + rise), on })));
}

function readCmap(bytes: Buffer, cmap: number): Map<number, number> {
  const glyphs = new Map<number, number>();
  const places: { format: number; at: number }[] = [];
  for (let i = 0; i < bytes.readUInt16BE(cmap + 2); i += 1) {
    const at = cmap + bytes.readUInt32BE(cmap + 4 + i * 8 + 4);
    places.push({ format: bytes.readUInt16BE(at), at });
  }
  const full = places.find((place) => place.format === 12);
  if (full) {
    for (let i = 0; i < bytes.readUInt32BE(full.at + 12); i += 1) {
      const group = full.at + 16 + i * 12;
      const [start, end, glyph] = [bytes.readUInt32BE(group), bytes.readUInt32BE(group + 4), bytes.readUInt32BE(group + 8)];
      for (let code = start; code <= end; code += 1) glyphs.set(code, glyph + code - start);
    }
    return glyphs;
  }
  const basic = places.find((place) => place.format === 4);
  if (basic) readSegments(bytes, basic.at, glyphs);
  return glyphs;
}

function readSegments(bytes: Buffer, at: number, glyphs: Map<number, number>): void {
  const count = bytes.readUInt16BE(at + 6) / 2;
  for (let i = 0; i < count; i += 1) {
    const end = bytes.readUInt16BE(at + 14 + i * 2);
    const start = bytes.readUInt16BE(at + 16 + count * 2 + i * 2);
    const delta = bytes.readUInt16BE(at + 16 + count * 4 + i * 2);
    const rangeAt = at + 16 + count * 6 + i * 2;
    const range = bytes.readUInt16BE(rangeAt);
    for (let code = start; code <= end && code !== 0xffff; code += 1) {
      const glyph = range === 0 ? code : bytes.readUInt16BE(rangeAt + range + (code - start) * 2);
      if (glyph !== 0) glyphs.set(code, (glyph + delta) & 0xffff);
    }
  }
}

let fonts: { regular: Font; bold: Font } | null = null;

/** Both faces, read once a process. */
export function loadedFonts(): { regular: Font; bold: Font } {
  fonts ??= { regular: readFont(fontFiles.regular), bold: readFont(fontFiles.bold) };
  return fonts;
}

/** Lets Vega, and all of this room, measure text by the font's own widths. */
export function useFontWidths(): void {
  const { regular, bold } = loadedFonts();
  textMetrics.width = (item, text) => {
    const width = (widthIn(isBold(item.fontWeight) ? bold : regular, String(text ?? "")) * (Number(item.fontSize) || 11)) / regular.unitsPerEm;
    // Vega cuts longer labels itself, and takes the width it is told for the room they need.
    return item.limit !== undefined && item.limit > 0 ? Math.min(width, item.limit) : width;
  };
}

export function isBold(weight: number | string | undefined): boolean {
  return weight === "bold" || Number(weight) >= 600;
}

/** Joiners, variation selectors and combining marks stand on the letter before them. */
export function hasNoWidth(code: number): boolean {
  return (code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || code === 0xfeff || (code >= 0xfe00 && code <= 0xfe0f);
}

/** In the font's units. */
export function widthIn(font: Font, text: string): number {
  let units = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    if (!hasNoWidth(code)) units += font.widthOf(code);
  }
  return units;
}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { textMetrics } from "./measure.ts";

const require = createRequire(import.meta.url);
export const fontFamily = "Noto Sans JP";
/** The faces that pictures are drawn with: TTF, because resvg draws no text with WOFF. */
export const fontFiles = {
  regular: require.resolve("@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf"),
  bold: require.resolve("@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf"),
};

/** The widths of a TrueType font: characters to glyphs (cmap) and glyphs to widths (hmtx). */
export interface FontWidths {
  unitsPerEm: number;
  /** In the font's units; the width of an unknown character is that of .notdef. */
  widthOf(codePoint: number): number;
}

/** Reads cmap (formats 4 and 12) and hmtx of a TrueType file. Throws where the file is none. */
export function readFontWidths(file: string): FontWidths {
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
  return { unitsPerEm, widthOf: (codePoint) => advances[Math.min(glyphOf.get(codePoint) ?? 0, metricsCount - 1)] ?? unitsPerEm };
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

let widths: { regular: FontWidths; bold: FontWidths } | null = null;

/** Loads the fonts' widths once and lets Vega, and all of this room, measure text by them. */
export function useFontWidths(): void {
  if (widths) return;
  const loaded = { regular: readFontWidths(fontFiles.regular), bold: readFontWidths(fontFiles.bold) };
  widths = loaded;
  textMetrics.width = (item, text) => {
    const bold = item.fontWeight === "bold" || Number(item.fontWeight) >= 600;
    return measure(bold ? loaded.bold : loaded.regular, String(text ?? ""), Number(item.fontSize) || 11);
  };
}

function measure(font: FontWidths, text: string, size: number): number {
  let units = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    // Joiners, variation selectors and combining marks stand on the letter before them.
    if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f)) continue;
    units += font.widthOf(code);
  }
  return (units * size) / font.unitsPerEm;
}

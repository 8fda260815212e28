import { hasNoWidth, isBold, loadedFonts, widthIn } from "./font.ts";

/**
 * Text as outlines. A renderer that shapes text itself spends about a millisecond a label on a font with Japanese;
 * outlines that are kept by glyph take a hundredth of that, and need no font where the picture is drawn.
 */

export interface TextStyle {
  x: number;
  /** The baseline. */
  y: number;
  size: number;
  bold?: boolean;
  fill: string;
  anchor?: "start" | "middle" | "end";
}

/** Pixels. */
export function widthOfText(text: string, size: number, bold = false): number {
  const { regular, bold: heavy } = loadedFonts();
  return (widthIn(bold ? heavy : regular, text) * size) / regular.unitsPerEm;
}

function isLatin(text: string): boolean {
  for (const letter of text) if (isWide(letter.codePointAt(0)!)) return false;
  return true;
}

/** One line of text as an SVG path. */
export function textPath(text: string, style: TextStyle): string {
  const { regular, bold } = loadedFonts();
  const font = style.bold ? bold : regular;
  let data = "";
  let units = 0;
  // The font's ellipsis floats at half height, as Japanese sets it; beside Latin letters it is three points.
  for (const letter of isLatin(text) ? text.replaceAll("…", "...") : text) {
    const code = letter.codePointAt(0)!;
    if (hasNoWidth(code)) continue;
    if (code > 0x20 && code !== 0xa0 && code !== 0x3000) data += font.outlineOf(code, units);
    units += font.widthOf(code);
  }
  if (data === "") return "";
  const scale = style.size / font.unitsPerEm;
  const shift = style.anchor === "end" ? units * scale : style.anchor === "middle" ? (units * scale) / 2 : 0;
  return `<path fill="${style.fill}" transform="translate(${round(style.x - shift)},${round(style.y)}) scale(${scale.toFixed(6)},${(-scale).toFixed(6)})" d="${data}"/>`;
}

/** Every text element of a drawn chart as outlines. */
export function outlineTexts(svg: string): string {
  // Vega writes a text without letters as an element that closes itself.
  return svg.replace(/<text([^>]*?)(?:\/>|>([\s\S]*?)<\/text>)/g, (_, attributes: string, body: string | undefined) => {
    if (body === undefined) return "";
    const value = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1];
    const size = parseFloat(value("font-size") ?? "11");
    const anchor = value("text-anchor") as TextStyle["anchor"];
    const style = { size, bold: isBold(value("font-weight")), fill: value("fill") ?? "#000000", ...(anchor ? { anchor } : {}) };
    const kept = ["transform", "opacity", "fill-opacity"].map((name) => (value(name) === undefined ? "" : ` ${name}="${value(name)}"`)).join("");
    let y = Number(value("y") ?? 0);
    const x = Number(value("x") ?? 0);
    if (!body.includes("<tspan")) return `<g${kept}>${textPath(unescape(body), { ...style, x, y })}</g>`;
    let paths = "";
    for (const [, inner, line] of body.matchAll(/<tspan([^>]*)>([\s\S]*?)<\/tspan>/g)) {
      y += Number(/ dy="([^"]*)"/.exec(inner!)?.[1] ?? 0);
      paths += textPath(unescape(line!), { ...style, x, y });
    }
    return `<g${kept}>${paths}</g>`;
  });
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A piece of a line in one weight. */
export interface Run {
  text: string;
  bold?: boolean;
}

const noStart = new Set("、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〙〗〟’”｠»)]},.!?:;%‰℃％ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ…‥");
const noEnd = new Set("（〔［｛〈《「『【〘〖〝‘“｟«([{¥$£€");

function isWide(code: number): boolean {
  return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff00 && code <= 0xffef) || code >= 0x20000;
}

/** The pieces that a line may break between: words of Latin script, characters of Japanese with what may not stand alone. */
function pieces(runs: Run[]): Run[] {
  const all: Run[] = [];
  for (const run of runs) {
    let word = "";
    const flush = () => {
      if (word !== "") all.push({ text: word, ...(run.bold ? { bold: true } : {}) });
      word = "";
    };
    for (const letter of run.text.replace(/\s+/g, " ")) {
      const last = word.at(-1);
      if (letter === " ") {
        word += letter;
        flush();
      } else if (isWide(letter.codePointAt(0)!) && !noStart.has(letter)) {
        if (last !== undefined && !noEnd.has(last)) flush();
        word += letter;
      } else if (last !== undefined && isWide(last.codePointAt(0)!) && !noStart.has(letter) && !noEnd.has(last)) {
        flush();
        word += letter;
      } else word += letter;
    }
    flush();
  }
  return all;
}

/** Lines no wider than `width`, at most `linesMax`, the last with an ellipsis where text is left over. */
export function wrap(runs: Run[], options: { size: number; width: number; linesMax?: number }): Run[][] {
  const { size, width, linesMax = 1_000 } = options;
  const lines: Run[][] = [];
  let line: Run[] = [];
  let used = 0;
  const queue = pieces(runs);
  while (queue.length > 0) {
    const piece = queue.shift()!;
    const wide = widthOfText(piece.text.trimEnd(), size, piece.bold);
    if (used > 0 && used + wide > width) {
      lines.push(line);
      line = [];
      used = 0;
      if (lines.length === linesMax) return endWithEllipsis(lines, size, width);
    }
    if (wide > width && [...piece.text].length > 1) {
      // A word wider than a whole line is broken where it must be.
      const letters = [...piece.text];
      let fits = 1;
      while (fits < letters.length && widthOfText(letters.slice(0, fits + 1).join(""), size, piece.bold) <= width) fits += 1;
      queue.unshift({ ...piece, text: letters.slice(0, fits).join("") }, ...(fits < letters.length ? [{ ...piece, text: letters.slice(fits).join("") }] : []));
      if (fits < letters.length) continue;
    }
    line.push(piece);
    used += widthOfText(piece.text, size, piece.bold);
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

function endWithEllipsis(lines: Run[][], size: number, width: number): Run[][] {
  const last = lines[lines.length - 1]!;
  const end = last[last.length - 1];
  if (end) {
    const before = last.slice(0, -1).reduce((sum, run) => sum + widthOfText(run.text, size, run.bold), 0);
    let text = end.text.trimEnd();
    while (text !== "" && before + widthOfText(`${text}…`, size, end.bold) > width) text = [...text].slice(0, -1).join("");
    end.text = `${text}…`;
  }
  return lines;
}

/** One line of runs, from the left. */
export function runsPath(runs: Run[], style: TextStyle): string {
  let x = style.x;
  let paths = "";
  for (const run of runs) {
    const bold = run.bold ?? style.bold ?? false;
    paths += textPath(run.text, { ...style, x, bold });
    x += widthOfText(run.text, style.size, bold);
  }
  return paths;
}

/** The text with an ellipsis where it would be wider than its room. */
export function fit(text: string, width: number, size: number, bold = false): string {
  // No letter is narrower than a fifth of the size: what is far too long is not measured whole.
  const likely = text.slice(0, Math.ceil((width / size) * 5) + 2).toWellFormed();
  if (likely.length === text.length && widthOfText(text, size, bold) <= width) return text;
  const letters = [...likely];
  while (letters.length > 0 && widthOfText(`${letters.join("")}…`, size, bold) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

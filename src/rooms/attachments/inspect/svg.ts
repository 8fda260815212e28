import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import { DOMParser } from "@xmldom/xmldom";
import type { Element, Node } from "@xmldom/xmldom";
import { escapeText } from "#src/base/escape.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { attachmentLimits } from "../schema.ts";
import type { Note } from "../schema.ts";
import { inspectRaster } from "./raster.ts";
import type { Inspected } from "./raster.ts";
import { damaged, tooLarge } from "./refusal.ts";
import { attributes, elements, isPlain, keepDeclarations, keepSheet } from "./svg-allowed.ts";

const svgSpace = "http://www.w3.org/2000/svg";
const linkSpace = "http://www.w3.org/1999/xlink";
const { svgBytesMax, svgElementsMax, svgDepthMax, smallEdgePixels, edgePixelsMax } = attachmentLimits;
/** What `use` multiplies, drawn: a small file can say a million shapes. */
const drawnElementsMax = 200_000;
const namesTold = 20;

/**
 * An SVG written anew from the parts of it that only draw: no script, no address outside of itself, no other
 * languages, no foreign elements. Drawn once, so that it is known to be one. Throws ATTACHMENT_DAMAGED, ATTACHMENT_TOO_LARGE.
 */
export async function inspectSvg(input: Buffer): Promise<Inspected> {
  if (input.length > svgBytesMax) throw tooLarge(svgBytesMax, "bytes");
  const root = parse(input);
  holdSize(root);
  const writer = new Writer();
  const { width, height, viewBox } = sizeOf(root);
  const inner = await writer.content(root);
  const own = writer.attributesOf(root, new Set(["width", "height", "viewBox", "x", "y"]));
  const text = `<svg xmlns="${svgSpace}" width="${width}" height="${height}" viewBox="${viewBox}"${own}>${inner}</svg>`;
  const notes: Note[] = writer.removed.size === 0 ? [] : [{ code: "removed", names: [...writer.removed].slice(0, namesTold) }];
  return { bytes: Buffer.from(text), small: draw(text, width, height), width: Math.round(width), height: Math.round(height), pages: null, notes };
}

function parse(input: Buffer): Element {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(input);
  } catch {
    throw damaged("svg", "its text is not UTF-8", "文字コードがUTF-8ではありません");
  }
  // Before any parser: entities multiply, and instructions are for other programs.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) text = withoutDoctype(text);
  if (/<\?(?!xml\s)/i.test(text)) throw damaged("svg", "it has processing instructions", "処理命令が含まれています");
  holdDepth(text);
  let root: Element | null;
  try {
    root = new DOMParser({ onError: (level, message) => { if (level !== "warning") throw new Error(message); } }).parseFromString(text, "image/svg+xml").documentElement;
  } catch (error) {
    throw damaged("svg", (error as Error).message.split("\n")[0]!.replace(/[^\x20-\x7e]/g, ""));
  }
  if (root?.localName !== "svg" || root.namespaceURI !== svgSpace) throw damaged("svg", "its root is not <svg> of SVG's namespace", "ルート要素がSVGではありません");
  return root;
}

/** Many programs write the plain one of SVG 1.1, which says nothing; one that declares anything is refused. */
function withoutDoctype(text: string): string {
  const rest = text.replace(/<!DOCTYPE\s+svg(\s+PUBLIC\s+"[^"<>]*"\s+"[^"<>]*"|\s+SYSTEM\s+"[^"<>]*")?\s*>/i, "");
  if (/<!(DOCTYPE|ENTITY)/i.test(rest)) throw damaged("svg", "it declares entities", "実体宣言が含まれています");
  return rest;
}

// Before the parser builds anything of it.
function holdDepth(text: string): void {
  let depth = 0;
  let count = 0;
  for (const [tag] of text.matchAll(/<(?:!--[\s\S]*?-->|!\[CDATA\[[\s\S]*?\]\]>|\/?[A-Za-z_](?:[^<>"']|"[^"]*"|'[^']*')*>)/g)) {
    if (tag.startsWith("<!")) continue;
    if (tag.startsWith("</")) depth--;
    else {
      if (++count > svgElementsMax) throw tooLarge(svgElementsMax, "elements");
      if (!tag.endsWith("/>") && ++depth > svgDepthMax) throw tooLarge(svgDepthMax, "levels");
    }
  }
}

const childrenOf = (node: Node): Node[] => Array.from(node.childNodes);
const isElement = (node: Node): node is Element => node.nodeType === 1;
const hrefOf = (element: Element): string => (element.getAttribute("href") ?? element.getAttributeNS(linkSpace, "href") ?? "").trim();

function holdSize(root: Element): void {
  const byId = new Map<string, Element>();
  const collect = (element: Element): void => {
    const id = element.getAttribute("id");
    if (id !== null && !byId.has(id)) byId.set(id, element);
    for (const child of childrenOf(element)) if (isElement(child)) collect(child);
  };
  collect(root);
  const weights = new Map<Element, number>();
  const open = new Set<Element>();
  const weigh = (element: Element): number => {
    const known = weights.get(element);
    if (known !== undefined) return known;
    if (open.has(element)) throw damaged("svg", "it contains itself", "自分自身を参照しています");
    open.add(element);
    let weight = 1;
    for (const child of childrenOf(element)) if (isElement(child)) weight += weigh(child);
    const target = element.localName === "use" ? byId.get(hrefOf(element).slice(1)) : undefined;
    if (target) weight += weigh(target);
    open.delete(element);
    if (weight > drawnElementsMax) throw tooLarge(drawnElementsMax, "elements");
    weights.set(element, weight);
    return weight;
  };
  weigh(root);
}

/** Writes the kept parts; what is not known is left out, never passed on. */
class Writer {
  readonly removed = new Set<string>();

  async content(parent: Element): Promise<string> {
    let text = "";
    for (const child of childrenOf(parent)) {
      if (isElement(child)) text += await this.element(child);
      else if (child.nodeType === 3 || child.nodeType === 4) text += escapeText(child.nodeValue ?? "");
    }
    return text;
  }

  async element(element: Element): Promise<string> {
    const name = element.localName ?? "";
    // A link is what it shows.
    if (name === "a" && element.namespaceURI === svgSpace) {
      this.removed.add("a");
      return `<g>${await this.content(element)}</g>`;
    }
    if (element.namespaceURI !== svgSpace || !elements.has(name)) {
      if (element.namespaceURI === svgSpace) this.removed.add(name.slice(0, 50));
      return "";
    }
    if (name === "style") return this.sheet(element.textContent ?? "");
    if (name === "image") return await this.image(element);
    return `<${name}${this.attributesOf(element)}>${await this.content(element)}</${name}>`;
  }

  attributesOf(element: Element, leave: ReadonlySet<string> = new Set()): string {
    let text = "";
    for (const { name, localName, value } of Array.from(element.attributes)) {
      if (leave.has(name) || name === "xmlns" || name.startsWith("xmlns:")) continue;
      if (name === "href" || name === "xlink:href") {
        if (/^#[\w.:-]+$/.test(value.trim())) text += ` href="${value.trim()}"`;
        else this.removed.add("href");
      } else if (name === "style") {
        const kept = keepDeclarations(value);
        kept.removed.forEach((one) => this.removed.add(one.slice(0, 50)));
        if (kept.text !== "") text += ` style="${escapeText(kept.text)}"`;
      } else if (name === "xml:space" || name === "xml:lang" || /^aria-[a-z]+$/.test(name)) text += ` ${name}="${escapeText(value)}"`;
      else if (attributes.has(name) && isPlain(value)) text += ` ${name}="${escapeText(value)}"`;
      else if (!name.includes(":") && !name.startsWith("data-")) this.removed.add((localName ?? name).slice(0, 50));
    }
    return text;
  }

  sheet(text: string): string {
    const kept = keepSheet(text);
    kept.removed.forEach((one) => this.removed.add(one.slice(0, 50)));
    return kept.text === "" ? "" : `<style>${escapeText(kept.text)}</style>`;
  }

  /** A picture inside is taken as any other picture is: decoded and encoded anew. */
  async image(element: Element): Promise<string> {
    const [, kind, data] = /^data:image\/(png|jpe?g);base64,([A-Za-z0-9+/=\s]+)$/.exec(hrefOf(element)) ?? [];
    if (kind === undefined || data === undefined) {
      this.removed.add("image");
      return "";
    }
    const format = kind === "png" ? "png" : "jpeg";
    const { bytes } = await inspectRaster(Buffer.from(data, "base64"), format);
    return `<image${this.attributesOf(element, new Set(["href", "xlink:href"]))} href="data:image/${format};base64,${bytes.toString("base64")}"/>`;
  }
}

function sizeOf(root: Element): { width: number; height: number; viewBox: string } {
  const numbers = (root.getAttribute("viewBox") ?? "").trim().split(/[\s,]+/).map(Number);
  const box = numbers.length === 4 && numbers.every(Number.isFinite) && numbers[2]! > 0 && numbers[3]! > 0 ? numbers : null;
  const length = (name: string): number | null => {
    const [, digits, unit = ""] = /^\s*(\d*\.?\d+)(px|pt|pc|mm|cm|in)?\s*$/.exec(root.getAttribute(name) ?? "") ?? [];
    const pixels = { "": 1, px: 1, pt: 4 / 3, pc: 16, mm: 96 / 25.4, cm: 96 / 2.54, in: 96 }[unit] ?? 1;
    const value = Number(digits ?? NaN) * pixels;
    return value > 0 && Number.isFinite(value) ? value : null;
  };
  let width = length("width") ?? box?.[2] ?? 300;
  let height = length("height") ?? (box ? (width * box[3]!) / box[2]! : 150);
  const viewBox = (box ?? [0, 0, width, height]).join(" ");
  const scale = Math.min(1, edgePixelsMax / Math.max(width, height));
  [width, height] = [Math.max(1, Math.round(width * scale * 100) / 100), Math.max(1, Math.round(height * scale * 100) / 100)];
  return { width, height, viewBox };
}

/** Its own fonts it cannot bring: texts are drawn with the one that has Japanese. */
function draw(svg: string, width: number, height: number): Buffer {
  const font = createRequire(import.meta.url).resolve("@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf");
  const scale = Math.min(1, smallEdgePixels / Math.max(width, height));
  try {
    const drawn = new Resvg(svg, {
      fitTo: { mode: "width", value: Math.max(1, Math.round(width * scale)) },
      font: { loadSystemFonts: false, fontFiles: [font], defaultFontFamily: "Noto Sans JP", sansSerifFamily: "Noto Sans JP", serifFamily: "Noto Sans JP", monospaceFamily: "Noto Sans JP" },
    }).render();
    return Buffer.from(drawn.asPng());
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw damaged("svg", (error as Error).message.split("\n")[0]!.replace(/[^\x20-\x7e]/g, ""));
  }
}

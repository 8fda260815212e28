import { refuse } from "./refuse.ts";

/*
 * XML as it stands in the files of office programs, a tag at a time. Declarations of types and entities (DOCTYPE) are
 * refused: with them a kilobyte can be made to mean gigabytes, or another file.
 */

export interface XmlListener {
  /** `name` without its prefix; `attributes` as they are written: see `attributeOf`. */
  open(name: string, attributes: string): void;
  close(name: string): void;
  text(text: string): void;
  /** Whether text is wanted just now. */
  readonly isText: boolean;
}

/** Throw it from a listener to stop reading. */
export const enough = Symbol("enough");

const depthMax = 200;
const tagCharactersMax = 1024 ** 2;
const entityCharactersMax = 12;
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function unreadableXml(format: string, reason: string): Error {
  return refuse("FILE_UNREADABLE", { format, reason });
}

/** Reads all of a document. Throws FILE_UNREADABLE. Answers false where the listener had enough before the end. */
export async function readXml(input: AsyncIterable<Buffer>, listener: XmlListener, options: { format: string; name: string; textBytesMax: number }): Promise<boolean> {
  const reader = new XmlReader(listener, options);
  try {
    for await (const chunk of input) reader.push(chunk);
    reader.end();
    return true;
  } catch (error) {
    if (error === enough) return false;
    throw error;
  }
}

class XmlReader {
  readonly #listener: XmlListener;
  readonly #options: { format: string; name: string; textBytesMax: number };
  readonly #stack: string[] = [];
  #decoder: TextDecoder | null = null;
  #rest = "";
  /** Characters of the text that goes on just now. */
  #textLength = 0;
  #hasRoot = false;

  constructor(listener: XmlListener, options: { format: string; name: string; textBytesMax: number }) {
    this.#listener = listener;
    this.#options = options;
  }

  push(chunk: Buffer): void {
    this.#decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    let text: string;
    try {
      text = this.#decoder.decode(chunk, { stream: true });
    } catch {
      throw this.#wrong("a character in it is not valid");
    }
    const all = this.#rest === "" ? text : this.#rest + text;
    const at = this.#scan(all);
    this.#rest = at < all.length ? all.slice(at) : "";
    if (this.#rest.length > tagCharactersMax) throw this.#wrong("a tag in it is too long");
  }

  end(): void {
    if (!this.#hasRoot || this.#stack.length > 0 || this.#rest !== "") throw this.#wrong("its end is missing");
  }

  #wrong(reason: string): Error {
    return unreadableXml(this.#options.format, `${this.#options.name}: ${reason}`);
  }

  /** Answers the place up to which everything is read: what begins there is not whole yet. */
  #scan(all: string): number {
    let at = 0;
    for (;;) {
      const start = all.indexOf("<", at);
      if (start < 0) return this.#begun(all, at);
      if (start > at) {
        this.#tell(all.slice(at, start));
        at = start;
      }
      this.#textLength = 0;
      const code = all.charCodeAt(start + 1);
      let next: number;
      if (code === 33) next = this.#special(all, start);
      else if (code === 63) {
        const end = all.indexOf("?>", start + 2);
        next = end < 0 ? -1 : end + 2;
      } else next = this.#tag(all, start);
      if (next < 0) return at;
      at = next;
    }
  }

  /** A text that may go on: all of it is passed on but what may be the beginning of an entity. */
  #begun(all: string, at: number): number {
    if (!this.#listener.isText) return all.length;
    const entity = all.indexOf("&", Math.max(at, all.length - entityCharactersMax));
    const end = entity < 0 ? all.length : entity;
    if (end > at) this.#tell(all.slice(at, end));
    return end;
  }

  #tell(text: string): void {
    if (!this.#listener.isText) return;
    this.#textLength += text.length;
    if (this.#textLength > this.#options.textBytesMax) throw this.#wrong("a text in it is too long");
    this.#listener.text(this.#decoded(text));
  }

  /** A comment or a text in brackets; answers the place behind it, -1 where it is not whole. */
  #special(all: string, start: number): number {
    if (all.startsWith("<!--", start)) {
      const end = all.indexOf("-->", start + 4);
      return end < 0 ? -1 : end + 3;
    }
    if (all.startsWith("<![CDATA[", start)) {
      const end = all.indexOf("]]>", start + 9);
      if (end < 0) return -1;
      if (this.#listener.isText) this.#listener.text(all.slice(start + 9, end));
      return end + 3;
    }
    if (all.length - start < 9 && "<![CDATA[".startsWith(all.slice(start))) return -1;
    if (all.length - start < 4 && "<!--".startsWith(all.slice(start))) return -1;
    throw this.#wrong("it declares types or entities (DOCTYPE), which is refused");
  }

  #tag(all: string, start: number): number {
    const isClosing = all.charCodeAt(start + 1) === 47;
    // What most tags are, told without looking at each character: the end of the one that is open, or one letter.
    const top = this.#stack.at(-1);
    if (isClosing && top !== undefined && all.charCodeAt(start + 2 + top.length) === 62 && all.startsWith(top, start + 2)) {
      this.#stack.pop();
      this.#listener.close(top);
      return start + top.length + 3;
    }
    if (top !== undefined && all.charCodeAt(start + 2) === 62 && isLetter(all.charCodeAt(start + 1)) && this.#stack.length < depthMax) {
      const name = all[start + 1]!;
      this.#stack.push(name);
      this.#listener.open(name, "");
      return start + 3;
    }
    const from = isClosing ? start + 2 : start + 1;
    const { length } = all;
    let nameEnd = -1;
    let nameFrom = from;
    let quote = 0;
    let at = from;
    for (; at < length; at++) {
      const code = all.charCodeAt(at);
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === 62) break;
      else if (code === 34 || code === 39) quote = code;
      else if (nameEnd < 0) {
        if (code === 32 || code === 47 || code === 9 || code === 10 || code === 13) nameEnd = at;
        else if (code === 58) nameFrom = at + 1;
      }
    }
    if (at >= length) return -1;
    const isEmpty = !isClosing && all.charCodeAt(at - 1) === 47;
    const name = all.slice(nameFrom, nameEnd < 0 ? at : nameEnd);
    if (name === "") throw this.#wrong("a tag in it has no name");
    if (isClosing) {
      if (this.#stack.pop() !== name) throw this.#wrong(`it is not well-formed at </${name.slice(0, 40)}>`);
      this.#listener.close(name);
      return at + 1;
    }
    if (this.#stack.length === 0 && this.#hasRoot) throw this.#wrong("there is something behind its end");
    this.#hasRoot = true;
    this.#listener.open(name, nameEnd < 0 ? "" : all.slice(nameEnd, isEmpty ? at - 1 : at));
    if (isEmpty) this.#listener.close(name);
    else if (this.#stack.push(name) > depthMax) throw this.#wrong(`it is nested more than ${depthMax} deep`);
    return at + 1;
  }

  #decoded(text: string): string {
    if (!text.includes("&")) return text;
    const plain = unescaped(text);
    if (plain === null) throw this.#wrong("it uses an entity that XML does not have");
    return plain;
  }
}

const isLetter = (code: number): boolean => code >= 97 && code <= 122;

function encodingOf(chunk: Buffer): string {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return "utf-16le";
  return chunk[0] === 0xfe && chunk[1] === 0xff ? "utf-16be" : "utf-8";
}

function unescaped(text: string): string | null {
  let isKnown = true;
  const plain = text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,8})?;?/gi, (found, name: string | undefined) => {
    const code = name?.startsWith("#") ? Number.parseInt(name.replace(/^#x?/i, ""), /^#x/i.test(name) ? 16 : 10) : Number.NaN;
    const character = code <= 0x10ffff && code > 0 ? String.fromCodePoint(code) : entities[name ?? ""];
    if (character === undefined || !found.endsWith(";")) isKnown = false;
    return character ?? "";
  });
  return isKnown ? plain : null;
}

const patterns = new Map<string, RegExp>();

/** The value of an attribute, whatever its prefix; undefined where it is not there. */
export function attributeOf(attributes: string, name: string): string | undefined {
  let pattern = patterns.get(name);
  if (!pattern) patterns.set(name, (pattern = new RegExp(`(?:^|\\s)(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)));
  const found = pattern.exec(attributes);
  const value = found?.[1] ?? found?.[2];
  return value?.includes("&") ? (unescaped(value) ?? value) : value;
}

import { refuse } from "./refuse.ts";
import { seen } from "./valuefile.ts";
import { unfinished } from "./window.ts";
import type { TextWindow } from "./window.ts";

const depthMax = 64;
const [quote, backslash, comma, colon, open, close, openBrace, closeBrace] = [34, 92, 44, 58, 91, 93, 123, 125];
const [minus, point, zero, nine] = [45, 46, 48, 57];
const literals = ([["true", 9, seen.boolean], ["false", 8, seen.boolean], ["null", 0, 0]] as const).map(([word, serial, bits]) => ({ bytes: Buffer.from(word), serial, bits }));

/** The grammar of JSON (RFC 8259) over the bytes of a window. Places go in, and the places of the ends come out. */
export class JsonText {
  readonly window: TextWindow;

  constructor(window: TextWindow) {
    this.window = window;
  }

  /** Passes over white space. */
  skip(at: number): number {
    const window = this.window;
    const { bytes } = window;
    for (; ; at++) {
      const byte = bytes[at]!;
      if (byte > 32) return at;
      if (byte === 10 || (byte === 13 && bytes[at + 1] !== 10)) {
        window.line++;
        window.lineStart = at + 1;
      } else if (byte !== 32 && byte !== 9 && byte !== 13) return at;
    }
  }

  /** Holds a value to the grammar without storing it. Answers where it ends. */
  pass(at: number, depth: number): number {
    const { bytes } = this.window;
    const byte = bytes[at]!;
    if (byte === quote) return this.stringEnd(at);
    if (byte !== openBrace && byte !== open) return byte === minus || (byte >= zero && byte <= nine) ? this.numberEnd(at).end : this.literal(at).end;
    this.holdDepth(at, depth);
    const closing = byte === open ? close : closeBrace;
    at = this.skip(at + 1);
    if (bytes[at] === closing) return at + 1;
    for (;;) {
      if (closing === closeBrace) at = this.colon(this.keyEnd(at));
      at = this.skip(this.pass(at, depth + 1));
      if (bytes[at] === closing) return at + 1;
      if (bytes[at] !== comma) throw this.wrong(at, closing === close ? ", ]" : ", }");
      at = this.skip(at + 1);
    }
  }

  holdDepth(at: number, depth: number): void {
    if (depth > depthMax) throw refuse("FILE_JSON_DEPTH", { ...this.window.placeOf(at), depthMax });
  }

  /** The refusal of a byte that is none of what is `expected`, or the want of more text. */
  wrong(at: number, expected: string): Error {
    const window = this.window;
    if (at < window.end) {
      const character = String.fromCodePoint(window.bytes.toString("utf8", at, Math.min(at + 4, window.end)).codePointAt(0)!);
      const found = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? character : `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
      return refuse("FILE_JSON_SYNTAX", { ...window.placeOf(at), found, expected });
    }
    if (!window.isFinal) return unfinished;
    const place = window.placeOf(window.end);
    window.reset();
    return refuse("FILE_JSON_CUT", { ...place, startLine: window.line });
  }

  numberEnd(at: number): { end: number; isInteger: boolean } {
    const { bytes } = this.window;
    const digitsFrom = (from: number): number => {
      let end = from;
      while (bytes[end]! >= zero && bytes[end]! <= nine) end++;
      if (end === from) throw this.wrong(end, "0-9");
      return end;
    };
    const first = bytes[at] === minus ? at + 1 : at;
    let end = bytes[first] === zero ? first + 1 : digitsFrom(first);
    let isInteger = true;
    if (bytes[end] === point) [end, isInteger] = [digitsFrom(end + 1), false];
    if (bytes[end] === 69 || bytes[end] === 101) {
      const sign = bytes[end + 1];
      [end, isInteger] = [digitsFrom(sign === 43 || sign === minus ? end + 2 : end + 1), false];
    }
    // What comes next may be another digit.
    if (end >= this.window.end && !this.window.isFinal) throw unfinished;
    if (bytes[end]! >= zero && bytes[end]! <= nine) throw this.wrong(end, ", . }");
    return { end, isInteger };
  }

  literal(at: number): { serial: number; bits: number; end: number } {
    const { bytes } = this.window;
    for (const literal of literals) {
      if (bytes[at] !== literal.bytes[0]) continue;
      for (let k = 1; k < literal.bytes.length; k++) if (bytes[at + k] !== literal.bytes[k]) throw this.wrong(at + k, literal.bytes.toString());
      return { serial: literal.serial, bits: literal.bits, end: at + literal.bytes.length };
    }
    throw this.wrong(at, '{ [ " 0-9 true false null');
  }

  keyEnd(at: number): number {
    if (this.window.bytes[at] !== quote) throw this.wrong(at, '"');
    return this.stringEnd(at);
  }

  colon(at: number): number {
    at = this.skip(at);
    if (this.window.bytes[at] !== colon) throw this.wrong(at, ":");
    return this.skip(at + 1);
  }

  stringEnd(at: number): number {
    const { bytes } = this.window;
    for (let end = at + 1; ; end++) {
      const byte = bytes[end]!;
      if (byte === quote) return end + 1;
      if (byte === backslash) end = this.#escapeEnd(end + 1);
      else if (byte < 32) throw this.wrong(end, '"');
    }
  }

  /** Holds what follows a backslash to the grammar. Answers its last byte. */
  #escapeEnd(at: number): number {
    const { bytes } = this.window;
    const byte = bytes[at]!;
    if (byte !== 117) {
      if (byte === quote || byte === backslash || byte === 47 || byte === 98 || byte === 102 || byte === 110 || byte === 114 || byte === 116) return at;
      throw this.wrong(at, '" \\ / b f n r t u');
    }
    for (let k = 1; k <= 4; k++) {
      const digit = bytes[at + k]!;
      if (!((digit >= zero && digit <= nine) || (digit >= 65 && digit <= 70) || (digit >= 97 && digit <= 102))) throw this.wrong(at + k, "0-9 a-f");
    }
    return at + 4;
  }
}

import { refuse } from "./refuse.ts";
import { unfinished } from "./window.ts";
import type { TextWindow } from "./window.ts";

export interface Statement {
  /** Without the comments before it, with its semicolon where it has one. */
  sql: string;
  /** Its first words, in upper case. */
  words: string[];
  line: number;
}

const [semicolon, apostrophe, quote, backtick, bracket, bracketEnd, dash, slash, star, lineFeed, carriageReturn] = [59, 39, 34, 96, 91, 93, 45, 47, 42, 10, 13];
const wordsMax = 4;
const isWord = (byte: number): boolean => (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95 || byte >= 0x80;

/** Divides a text into SQLite's statements, as `sqlite3_complete` understands them: a trigger ends with its END. */
export class SqlStatements {
  readonly #window: TextWindow;

  constructor(window: TextWindow) {
    this.#window = window;
  }

  /** The next statement of the window and the place after it; null at the end. What is before it, space and comments, is committed. */
  next(): { statement: Statement; end: number } | null {
    const window = this.#window;
    const start = this.#start(window.at);
    if (start >= window.end) {
      if (!window.isFinal) throw unfinished;
      return null;
    }
    window.commit(start);
    const { line } = window;
    const { end, words } = this.#end(start);
    return { statement: { sql: window.bytes.toString("utf8", start, end), words, line }, end };
  }

  /** Passes over space, comments and empty statements. */
  #start(at: number): number {
    const { bytes, end } = this.#window;
    for (;;) {
      const byte = bytes[at]!;
      if (at >= end) return at;
      if (byte === lineFeed || byte === carriageReturn) this.#line(at);
      if (byte <= 32 || byte === semicolon) at++;
      else if (byte === dash && bytes[at + 1] === dash) at = this.#commentEnd(at);
      else if (byte === slash && bytes[at + 1] === star) at = this.#commentEnd(at);
      else return at;
    }
  }

  #end(start: number): { end: number; words: string[] } {
    const { bytes, end, isFinal } = this.#window;
    const words: string[] = [];
    // Of a trigger: the last word, and whether a semicolon was before it.
    let isTrigger = false;
    let last = "";
    let isAfterSemicolon = false;
    for (let at = start; at < end; ) {
      const byte = bytes[at]!;
      if (isWord(byte)) {
        let to = at + 1;
        while (isWord(bytes[to]!)) to++;
        if (words.length < wordsMax || isTrigger) {
          const word = bytes.toString("latin1", at, Math.min(to, at + 40)).toUpperCase();
          if (words.length < wordsMax) words.push(word);
          isTrigger ||= word === "TRIGGER" && words[0] === "CREATE" && words.length <= 3;
          isAfterSemicolon = last === ";";
          last = word;
        }
        at = to;
        continue;
      }
      if (byte === lineFeed || byte === carriageReturn) this.#line(at);
      if (byte <= 32) at++;
      else if (byte === semicolon) {
        at++;
        if (!isTrigger || (last === "END" && isAfterSemicolon)) return { end: at, words };
        last = ";";
      } else if (byte === apostrophe || byte === quote || byte === backtick) [at, last] = [this.#quotedEnd(at, byte), "'"];
      else if (byte === bracket) [at, last] = [this.#quotedEnd(at, bracketEnd), "'"];
      else if ((byte === dash && bytes[at + 1] === dash) || (byte === slash && bytes[at + 1] === star)) at = this.#commentEnd(at);
      else [at, last] = [at + 1, "'"];
    }
    if (!isFinal) throw unfinished;
    return { end, words };
  }

  #quotedEnd(at: number, closing: number): number {
    const window = this.#window;
    const end = window.bytes.indexOf(closing, at + 1);
    if (end < 0 || end >= window.end) {
      if (!window.isFinal) throw unfinished;
      throw refuse("FILE_SQL_QUOTE_OPEN", { ...window.placeOf(at) });
    }
    for (let line = window.bytes.indexOf(lineFeed, at); line >= 0 && line < end; line = window.bytes.indexOf(lineFeed, line + 1)) this.#line(line);
    return end + 1;
  }

  #commentEnd(at: number): number {
    const window = this.#window;
    const isLine = window.bytes[at] === dash;
    const end = isLine ? window.bytes.indexOf(lineFeed, at) : window.bytes.indexOf("*/", at + 2);
    if (end < 0 || end >= window.end) {
      if (!window.isFinal) throw unfinished;
      return window.end;
    }
    if (isLine) return end;
    for (let line = window.bytes.indexOf(lineFeed, at); line >= 0 && line < end; line = window.bytes.indexOf(lineFeed, line + 1)) this.#line(line);
    return end + 2;
  }

  #line(at: number): void {
    const window = this.#window;
    if (window.bytes[at] === carriageReturn && window.bytes[at + 1] === lineFeed) return;
    window.line++;
    window.lineStart = at + 1;
  }
}

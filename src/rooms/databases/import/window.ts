import { isAscii } from "node:buffer";
import { TextBlocks, UnreadableText, unreadable } from "./encoding.ts";
import { refuse } from "./refuse.ts";
import type { ByteSource } from "./source.ts";

const exactBytesMax = 64 * 1024;

/** Thrown where the text in memory ends inside something: more has to be read, and the same be tried again. */
export const unfinished = new Error("the text goes on");

/** Where something stands in the text. Both are 1-based; columns count characters. */
export interface Place {
  line: number;
  column: number;
}

/**
 * The part of a text that is looked at: valid UTF-8 in `bytes`, up to `end`, where a NUL stands that no
 * text has. `at` is where the reading is; what lies before it is let go of when more is read.
 */
export class TextWindow {
  bytes: Buffer = Buffer.alloc(256 * 1024);
  at = 0;
  end = 0;
  /** Nothing follows `end`. */
  isFinal = false;
  /** Of the place that is looked at. The reader counts them. */
  line = 1;
  lineStart = 0;
  readonly #blocks: TextBlocks;
  readonly #bytesMax: number;
  /** Characters of the line before the window. */
  #columnBase = 0;
  #marked = { line: 1, lineStart: 0 };

  /** `bytesMax`: of one row, or whatever else is taken as a whole. */
  constructor(source: ByteSource, bytesMax: number) {
    this.#blocks = new TextBlocks(source, bytesMax);
    this.#bytesMax = bytesMax;
  }

  get encoding(): string {
    return this.#blocks.encoding;
  }

  /** All before `at` is done with. */
  commit(at: number): void {
    this.at = at;
    this.#marked.line = this.line;
    this.#marked.lineStart = this.lineStart;
  }

  /** Back to the last commit. */
  reset(): void {
    this.line = this.#marked.line;
    this.lineStart = this.#marked.lineStart;
  }

  /** Reads on until `bytes` are there from `at` on, or the text ends. */
  async reach(bytes: number): Promise<void> {
    while (!this.isFinal && this.end - this.at < bytes) await this.#read();
  }

  /** More of the text, for something that is not complete yet: twice as much, so that no text is read over and over. */
  async more(): Promise<void> {
    const has = this.end - this.at;
    if (has > this.#bytesMax) throw refuse("FILE_LINE_TOO_LONG", { line: this.line, bytesMax: this.#bytesMax });
    await this.reach(Math.max(2 * has, has + 1));
  }

  /** The place of a byte of the window at or after the start of the current line. */
  placeOf(at: number): Place {
    return { line: this.line, column: (this.lineStart === 0 ? this.#columnBase : 0) + charactersIn(this.bytes.subarray(Math.min(this.lineStart, at), at)) + 1 };
  }

  async #read(): Promise<void> {
    let block: Buffer | null;
    try {
      block = await this.#blocks.next();
    } catch (error) {
      throw error instanceof UnreadableText ? unreadable(error, this.#placeAfter(error.before)) : error;
    }
    if (!block) {
      this.isFinal = true;
      return;
    }
    this.#letGo();
    if (this.end + block.length + 1 > this.bytes.length) {
      const larger = Buffer.alloc(2 * (this.end + block.length + 1));
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
    }
    block.copy(this.bytes, this.end);
    this.end += block.length;
    this.bytes[this.end] = 0;
  }

  #letGo(): void {
    const { at } = this;
    // Moved rarely, so that bytes are not moved again and again.
    if (at === 0 || (at < this.end && at < this.bytes.length / 2)) return;
    this.reset();
    if (this.lineStart <= at) {
      this.#columnBase = (this.lineStart === 0 ? this.#columnBase : 0) + charactersIn(this.bytes.subarray(this.lineStart, at));
      this.lineStart = 0;
    } else this.lineStart -= at;
    this.bytes.copyWithin(0, at, this.end);
    this.end -= at;
    this.bytes[this.end] = 0;
    this.commit(0);
  }

  #placeAfter(more: Buffer): Place {
    this.reset();
    const text = Buffer.concat([this.bytes.subarray(this.at, this.end), more]);
    const lines = text.reduce((count, byte, i) => count + (byte === 10 || (byte === 13 && text[i + 1] !== 10) ? 1 : 0), 0);
    const start = Math.max(text.lastIndexOf(10), text.lastIndexOf(13)) + 1;
    const before = lines === 0 ? this.placeOf(this.at).column - 1 : 0;
    return { line: this.line + lines, column: before + charactersIn(text.subarray(start)) + 1 };
  }
}

function charactersIn(bytes: Buffer): number {
  if (isAscii(bytes)) return bytes.length;
  const text = bytes.toString("utf8");
  // In a line of many kilobytes nobody counts; the units of UTF-16 are there at once.
  return bytes.length > exactBytesMax ? text.length : [...text].length;
}

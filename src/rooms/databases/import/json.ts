import { isUtf8 } from "node:buffer";
import { refuse } from "./refuse.ts";
import type { ByteSource } from "./source.ts";

export type Value = string | number | bigint | boolean | null | object;

export interface JsonRow {
  /** 1-based, of the rows. */
  item: number;
  /** 1-based, where the row begins. */
  line: number;
  row: Record<string, Value> | Value[];
}

const depthMax = 64;
const [quote, backslash, comma, open, close, openBrace, closeBrace, lineFeed] = [34, 92, 44, 91, 93, 123, 125, 10];
const isSpace = (byte: number) => byte === 32 || byte === 9 || byte === lineFeed || byte === 13;

type State = "start" | "first" | "value" | "inside" | "after" | "ended";

/**
 * The rows of a JSON array, or of values one after the other (NDJSON), one at a time: of the text
 * only one row is in memory. A text that begins with an array of plain values is NDJSON of arrays.
 */
export class JsonRows {
  readonly #source: ByteSource;
  readonly #bytesMax: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #state: State = "start";
  // Whether the rows stand in one array.
  #inArray = false;
  #rowStart = 0;
  #depth = 0;
  #inString = false;
  #line = 1;
  #rowLine = 1;
  #item = 0;

  constructor(source: ByteSource, rowBytesMax: number) {
    this.#source = source;
    this.#bytesMax = rowBytesMax;
  }

  /** The next row, or null after the last. */
  async next(): Promise<JsonRow | null> {
    if (this.#state === "start") await this.#skipMark();
    for (;;) {
      const row = this.#scan();
      if (row) return row;
      const chunk = await this.#source.next();
      if (!chunk) return this.#end();
      // What is read is let go of; an unfinished row is kept from its beginning.
      const keep = this.#state === "inside" || this.#state === "first" ? this.#rowStart : this.#at;
      if (this.#bytes.length - keep > this.#bytesMax) throw refuse("FILE_LINE_TOO_LONG", { line: this.#rowLine, bytesMax: this.#bytesMax });
      this.#bytes = keep < this.#bytes.length ? Buffer.concat([this.#bytes.subarray(keep), chunk]) : chunk;
      this.#at -= keep;
      this.#rowStart = 0;
    }
  }

  async #skipMark(): Promise<void> {
    const head = await this.#source.peek(3);
    if (head[0] !== 0xef || head[1] !== 0xbb || head[2] !== 0xbf) return;
    this.#source.unread((await this.#source.next())!.subarray(3));
  }

  #scan(): JsonRow | null {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at]!;
      if (this.#state === "inside") {
        const row = this.#inside(byte);
        if (row) return row;
        continue;
      }
      if (byte === lineFeed) this.#line++;
      if (isSpace(byte)) this.#at++;
      else this.#between(byte);
    }
    return null;
  }

  /** A byte outside a row that is not a space. */
  #between(byte: number): void {
    switch (this.#state) {
      case "start":
        this.#begin();
        if (byte === open) this.#state = "first";
        else if (byte !== openBrace) throw this.#wrong("a row is an object or an array");
        return;
      case "first":
        // The second character tells an array of rows from the first row of NDJSON.
        this.#inArray = byte === openBrace || byte === open || byte === close;
        this.#state = this.#inArray ? "value" : "inside";
        if (byte === close) this.#finishArray();
        else if (this.#inArray) this.#begin();
        return;
      case "after":
        if (!this.#inArray) return this.#begin();
        this.#at++;
        if (byte === close) this.#state = "ended";
        else if (byte !== comma) throw this.#wrong("a comma or ] is missing after the row before");
        else this.#state = "value";
        return;
      case "value":
        return this.#begin();
      default:
        throw this.#wrong("there is text after the end of the array");
    }
  }

  #finishArray(): void {
    this.#at++;
    this.#state = "ended";
  }

  #begin(): void {
    const byte = this.#bytes[this.#at]!;
    if (byte !== openBrace && byte !== open) throw this.#wrong("a row is an object or an array");
    this.#rowStart = this.#at++;
    this.#rowLine = this.#line;
    this.#depth = 1;
    this.#inString = false;
    this.#state = "inside";
  }

  /** A byte inside a row; the row once it is its last. */
  #inside(byte: number): JsonRow | null {
    if (this.#inString) {
      if (byte === backslash) {
        // The escaped character may be in the next chunk: the string then goes on from the backslash.
        if (this.#at + 1 >= this.#bytes.length) {
          this.#at = this.#bytes.length + 1;
          return null;
        }
        this.#at++;
      } else if (byte === quote) this.#inString = false;
      else if (byte === lineFeed) this.#line++;
      this.#at++;
      return null;
    }
    this.#at++;
    if (byte === quote) this.#inString = true;
    else if (byte === lineFeed) this.#line++;
    else if (byte === openBrace || byte === open) {
      if (++this.#depth > depthMax) throw this.#wrong(`it is nested more than ${depthMax} deep`);
    } else if ((byte === closeBrace || byte === close) && --this.#depth === 0) {
      this.#state = "after";
      return this.#parse(this.#bytes.subarray(this.#rowStart, this.#at));
    }
    return null;
  }

  #parse(bytes: Buffer): JsonRow {
    const item = ++this.#item;
    const line = this.#rowLine;
    if (bytes.length > this.#bytesMax) throw refuse("FILE_LINE_TOO_LONG", { line, bytesMax: this.#bytesMax });
    if (!isUtf8(bytes)) throw refuse("ROWS_SYNTAX", { item, line, reason: "a character is not valid UTF-8" });
    const text = bytes.toString("utf8");
    try {
      return { item, line, row: /\d{16}/.test(text) ? (JSON.parse(text, exactInteger) as JsonRow["row"]) : (JSON.parse(text) as JsonRow["row"]) };
    } catch (error) {
      throw refuse("ROWS_SYNTAX", { item, line, reason: (error as Error).message.slice(0, 200) }, error);
    }
  }

  #end(): null {
    if (this.#state === "inside" || this.#state === "first") throw refuse("ROWS_SYNTAX", { item: this.#item + 1, line: this.#rowLine, reason: "the text ends inside this row" });
    if (this.#inArray && this.#state !== "ended") throw this.#wrong("the text ends before the ] of the array");
    return null;
  }

  #wrong(reason: string): Error {
    return refuse("ROWS_SYNTAX", { item: this.#item + 1, line: this.#line, reason });
  }
}

/** Integers that a double would round stay what they are, up to 64 bits; longer ones stay as text. */
function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined || !/^-?\d+$/.test(source)) return value;
  const exact = BigInt(source);
  return BigInt.asIntN(64, exact) === exact ? exact : source;
}

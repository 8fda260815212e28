import { refuse } from "./refuse.ts";

const quote = 34;
const space = 32;
const lineFeed = 10;
const carriageReturn = 13;

/** Where the record that began at the given place does not end within the given bytes. */
export const unfinished = -1;

/**
 * Splits UTF-8 bytes into records and cells by RFC 4180, forgivingly: a quotation mark means
 * something only at the start of a cell, spaces aside; what follows a closing one belongs to the cell; lines end
 * with LF, CRLF or CR. No strings and no arrays are made: cell `i` is bytes `starts[i]` to `ends[i]`.
 */
export class RecordScanner {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Cells of the record; those beyond the arrays are counted, not kept. */
  cells = 0;
  /** Line breaks in the record, its own one included. */
  lines = 0;
  /** Of the record: line breaks before the cell whose quotation mark stays open, and where that is. */
  openLines = 0;
  openAt = -1;
  /** Cells of the record with text after their closing quotation mark, or spaces before the opening one. */
  oddQuotes = 0;
  readonly delimiter: number;
  readonly #stops = new Uint8Array(256);
  /** Cells to be unquoted, and where each one's closing quotation mark is. */
  readonly #marked: Int32Array;
  readonly #closes: Int32Array;
  #marks = 0;

  constructor(delimiter: number, cellsMax: number) {
    this.delimiter = delimiter;
    this.starts = new Int32Array(cellsMax);
    this.ends = new Int32Array(cellsMax);
    this.#marked = new Int32Array(cellsMax);
    this.#closes = new Int32Array(cellsMax);
    this.#stops[delimiter] = this.#stops[lineFeed] = this.#stops[carriageReturn] = 1;
  }

  /** A record without any text: an empty line. */
  get isBlank(): boolean {
    return this.cells === 1 && this.starts[0] === this.ends[0];
  }

  /**
   * Reads the record at `from`; answers where the next one begins, or `unfinished`. `final`: nothing
   * follows `end`. Doubled quotation marks are made single within `bytes`, once the record is whole.
   */
  scan(options: { bytes: Uint8Array; from: number; end: number; final: boolean }): number {
    const { bytes, from, end, final } = options;
    const stops = this.#stops;
    const { starts, ends, delimiter } = this;
    const cellsMax = starts.length;
    let cells = 0;
    let at = from;
    this.lines = 0;
    this.#marks = 0;
    this.oddQuotes = 0;
    this.openAt = -1;
    for (;;) {
      const start = at;
      // Some programs write a space after the delimiter: it stands outside of the quotation marks.
      if (at < end && bytes[at] === space) while (at < end && bytes[at] === space) at++;
      if (at < end && bytes[at] === quote) {
        if (at > start) this.oddQuotes++;
        at = this.#quoted(options, at, cells);
        if (at === unfinished) return unfinished;
      } else {
        while (at < end && stops[bytes[at]!] === 0) at++;
        if (cells < cellsMax) {
          starts[cells] = start;
          ends[cells] = at;
        }
      }
      cells++;
      if (at >= end) {
        if (!final) return unfinished;
        break;
      }
      const stop = bytes[at++]!;
      if (stop === delimiter) continue;
      if (stop === carriageReturn) {
        if (at < end) {
          if (bytes[at] === lineFeed) at++;
        } else if (!final) return unfinished;
      }
      this.lines++;
      break;
    }
    this.cells = cells;
    if (this.#marks > 0) this.#unquote(bytes);
    return at;
  }

  /** Reads a quoted cell; answers the place of the delimiter or line end after it. */
  #quoted(options: { bytes: Uint8Array; end: number; final: boolean }, open: number, cell: number): number {
    const { bytes, end, final } = options;
    const linesBefore = this.lines;
    let lines = linesBefore;
    let doubled = false;
    let at = open + 1;
    for (;;) {
      for (; at < end; at++) {
        const byte = bytes[at]!;
        if (byte === quote) break;
        if (byte === lineFeed || (byte === carriageReturn && (at + 1 >= end || bytes[at + 1] !== lineFeed))) lines++;
      }
      if (at >= end || (at + 1 >= end && !final)) {
        this.openLines = linesBefore;
        this.openAt = open;
        this.lines = lines;
        return unfinished;
      }
      if (at + 1 >= end || bytes[at + 1] !== quote) break;
      doubled = true;
      at += 2;
    }
    this.lines = lines;
    const close = at++;
    if (at < end && bytes[at] === space) {
      let after = at;
      while (after < end && bytes[after] === space) after++;
      if (after >= end || this.#stops[bytes[after]!] === 1) {
        at = after;
        this.oddQuotes++;
      }
    }
    const odd = at < end && this.#stops[bytes[at]!] === 0;
    while (at < end && this.#stops[bytes[at]!] === 0) at++;
    if (cell >= this.starts.length) return at;
    this.starts[cell] = open + 1;
    this.ends[cell] = odd ? at : close;
    if (doubled || odd) {
      this.#marked[this.#marks] = cell;
      this.#closes[this.#marks++] = close;
      if (odd) this.oddQuotes++;
    }
    return at;
  }

  /** Takes the second of two quotation marks and the closing one out of the cells that hold such. */
  #unquote(bytes: Uint8Array): void {
    for (let mark = 0; mark < this.#marks; mark++) {
      const cell = this.#marked[mark]!;
      const close = this.#closes[mark]!;
      const end = this.ends[cell]!;
      let to = this.starts[cell]!;
      for (let at = to; at < end; at++) {
        if (at === close) continue;
        bytes[to++] = bytes[at]!;
        if (at < close && bytes[at] === quote) at++;
      }
      this.ends[cell] = to;
    }
  }
}

/** The bytes of a text as they come, with the records cut out of them. Knows the line it is at. */
export class RecordBuffer {
  readonly scanner: RecordScanner;
  /** Bytes of the current record are in here. */
  bytes: Buffer;
  /** 1-based: the line at which the record last read begins. */
  line: number;
  #nextLine: number;
  #at = 0;
  #end = 0;
  #recordStart = 0;
  // A record that did not end is scanned again only when twice as much is there: long lines stay linear.
  #scanFrom = 0;
  readonly #lineBytesMax: number;
  readonly #fieldBytesMax: number;

  constructor(scanner: RecordScanner, limits: { lineBytesMax: number; fieldBytesMax: number }, firstLine = 1) {
    this.scanner = scanner;
    this.line = this.#nextLine = firstLine;
    this.bytes = Buffer.allocUnsafeSlow(1024 * 1024);
    this.#lineBytesMax = limits.lineBytesMax;
    this.#fieldBytesMax = limits.fieldBytesMax;
  }

  /** Takes a block of valid UTF-8; read all its records before the next. */
  add(block: Buffer): void {
    if (this.#end + block.length > this.bytes.length) {
      const rest = this.#end - this.#at;
      if (rest + block.length > this.bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, rest + block.length));
        this.bytes.copy(larger, 0, this.#at, this.#end);
        this.bytes = larger;
      } else {
        this.bytes.copyWithin(0, this.#at, this.#end);
      }
      this.#scanFrom = Math.max(0, this.#scanFrom - this.#at);
      this.#at = 0;
      this.#end = rest;
    }
    block.copy(this.bytes, this.#end);
    this.#end += block.length;
  }

  /** Reads the next record into the scanner; false where it needs more bytes, or at the end. `final`: no more come. */
  next(final: boolean): boolean {
    const { scanner } = this;
    if (this.#at >= this.#end || (!final && this.#end < this.#scanFrom)) return false;
    this.#recordStart = this.#at;
    this.line = this.#nextLine;
    const next = scanner.scan({ bytes: this.bytes, from: this.#at, end: this.#end, final });
    if (next === unfinished) {
      const bytes = this.#end - this.#at;
      const tooLong = bytes > this.#lineBytesMax;
      if (scanner.openAt >= 0 && (final || (tooLong && scanner.lines > 0))) throw this.#openQuote();
      if (tooLong) throw refuse("FILE_LINE_TOO_LONG", { line: this.line, bytesMax: this.#lineBytesMax });
      this.#scanFrom = this.#at + Math.min(bytes * 2, this.#lineBytesMax + 1);
      return false;
    }
    this.#nextLine += scanner.lines;
    this.#at = next;
    if (next - this.#recordStart > this.#fieldBytesMax || next - this.#recordStart > this.#lineBytesMax) this.#checkLength(next - this.#recordStart);
    return true;
  }

  /** Where the text after the records read so far, continued by `more`, comes to: 1-based line and character. */
  placeAfter(more: Buffer): { line: number; column: number } {
    const text = Buffer.concat([this.bytes.subarray(this.#at, this.#end), more]);
    let line = this.#nextLine;
    let lineStart = 0;
    for (let i = 0; i < text.length; i++) {
      if (text[i] === lineFeed || (text[i] === carriageReturn && text[i + 1] !== lineFeed)) {
        line++;
        lineStart = i + 1;
      }
    }
    return { line, column: text.toString("utf8", lineStart).length + 1 };
  }

  #openQuote(): Error {
    const { scanner, bytes } = this;
    let lineStart = scanner.openAt;
    while (lineStart > this.#recordStart && bytes[lineStart - 1] !== lineFeed && bytes[lineStart - 1] !== carriageReturn) lineStart--;
    return refuse("FILE_QUOTE_OPEN", { line: this.line + scanner.openLines, column: bytes.toString("utf8", lineStart, scanner.openAt).length + 1 });
  }

  #checkLength(bytes: number): void {
    if (bytes > this.#lineBytesMax) throw refuse("FILE_LINE_TOO_LONG", { line: this.line, bytesMax: this.#lineBytesMax });
    const { scanner } = this;
    for (let cell = 0; cell < Math.min(scanner.cells, scanner.starts.length); cell++) {
      if (scanner.ends[cell]! - scanner.starts[cell]! > this.#fieldBytesMax) {
        throw refuse("FILE_FIELD_TOO_LONG", { line: this.line, cell: cell + 1, bytesMax: this.#fieldBytesMax });
      }
    }
  }
}

import { numberBytes, serialOf } from "./numbers.ts";
import type { Node, Shape } from "./jsonshape.ts";
import { refuse } from "./refuse.ts";
import { seen } from "./valuefile.ts";
import type { Cells, ValueFile } from "./valuefile.ts";
import type { JsonText } from "./jsontext.ts";
import type { TextWindow } from "./window.ts";

const [quote, backslash, comma, colon, open, close, openBrace, closeBrace] = [34, 92, 44, 58, 91, 93, 123, 125];
const [minus, point, zero, nine] = [45, 46, 48, 57];
const exactDigitsMax = 15;
const [integerMin, integerMax] = [-(2n ** 63n), 2n ** 63n - 1n];
const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * Reads JSON values straight from their bytes into the cells of a row, as `JSON.parse` would
 * understand them, except that integers are exact to 64 bits. Nothing is made for a value: that is
 * what makes it faster than parsing into objects.
 */
export class RowReader {
  readonly cells: Cells = { count: 1, serials: new Int32Array(64), starts: new Int32Array(64), numbers: new Float64Array(64), aside: Buffer.allocUnsafeSlow(64 * 1024) };
  /** Keys that stood twice in one object, and surrogates without their other half. Of whole rows. */
  readonly odd = { twice: 0, replaced: 0 };
  readonly #window: TextWindow;
  readonly #text: JsonText;
  readonly #fieldBytesMax: number;
  readonly #shape: Shape;
  readonly #file: ValueFile;
  #asideEnd = 0;
  #stamp = 0;
  #row = { twice: 0, replaced: 0 };

  constructor(options: { text: JsonText; shape: Shape; file: ValueFile; limits: { fieldBytesMax: number } }) {
    this.#text = options.text;
    this.#window = options.text.window;
    this.#shape = options.shape;
    this.#file = options.file;
    this.#fieldBytesMax = options.limits.fieldBytesMax;
  }

  /** Reads the row that begins at `at` and stores it. Answers where it ends. */
  row(at: number): number {
    const { cells } = this;
    cells.serials.fill(0, 0, cells.count);
    cells.count = 1;
    this.#asideEnd = 0;
    this.#stamp++;
    if (this.#row.twice > 0 || this.#row.replaced > 0) this.#row = { twice: 0, replaced: 0 };
    const end = this.#value(this.#shape.root, at, 1);
    this.#file.addCells(this.#window.bytes, cells);
    if (this.#row.twice > 0 || this.#row.replaced > 0) {
      this.odd.twice += this.#row.twice;
      this.odd.replaced += this.#row.replaced;
    }
    return end;
  }

  #value(node: Node, at: number, depth: number): number {
    const byte = this.#window.bytes[at]!;
    if (byte === quote) return this.#string(node, at);
    if (byte === minus || (byte >= zero && byte <= nine)) return this.#number(node, at);
    if (byte === openBrace && !node.isKept) return this.#object(node, at, depth);
    if (byte === open && depth === 1) return this.#list(at);
    if (byte === openBrace || byte === open) return this.#kept(node, at, depth);
    const { serial, bits, end } = this.#text.literal(at);
    if (bits !== 0) {
      const column = this.#column(node);
      this.cells.serials[column] = serial;
      this.#file.note(column, bits);
    } else {
      node.wasNull = true;
      if (node.column >= 0 && node.column < this.cells.count) this.cells.serials[node.column] = 0;
    }
    return end;
  }

  #object(node: Node, at: number, depth: number): number {
    const { bytes } = this.#window;
    this.#text.holdDepth(at, depth);
    at++;
    if (bytes[at]! <= 32) at = this.#text.skip(at);
    if (bytes[at] === closeBrace) return at + 1;
    let expected = node.first;
    for (;;) {
      let child: Node;
      if (expected !== null && isKey(bytes, at, expected.key)) {
        child = expected;
        at += child.key.length + 2;
      } else {
        const end = this.#text.keyEnd(at);
        child = this.#shape.child(node, this.#textOf(at, end), this.#window.line);
        at = end;
      }
      if (child.stamp === this.#stamp) this.#row.twice++;
      child.stamp = this.#stamp;
      if (bytes[at] === colon) {
        at++;
        if (bytes[at]! <= 32) at = this.#text.skip(at);
      } else at = this.#text.colon(at);
      at = this.#value(child, at, depth + 1);
      if (bytes[at]! <= 32) at = this.#text.skip(at);
      const byte = bytes[at]!;
      if (byte === closeBrace) return at + 1;
      if (byte !== comma) throw this.#text.wrong(at, ", }");
      at++;
      if (bytes[at]! <= 32) at = this.#text.skip(at);
      expected = child.next;
    }
  }

  /** A row that is a list: a column an item. */
  #list(at: number): number {
    const { bytes } = this.#window;
    at = this.#text.skip(at + 1);
    if (bytes[at] === close) return at + 1;
    for (let i = 0; ; i++) {
      at = this.#text.skip(this.#value(this.#shape.item(i, this.#window.line), at, 2));
      if (bytes[at] === close) return at + 1;
      if (bytes[at] !== comma) throw this.#text.wrong(at, ", ]");
      at = this.#text.skip(at + 1);
    }
  }

  /** A list or an object that stays JSON, without white space. */
  #kept(node: Node, at: number, depth: number): number {
    const { bytes } = this.#window;
    const end = this.#text.pass(at, depth);
    const column = this.#column(node);
    this.#shape.kept.add(node.name);
    this.#hold(column, end - at);
    if (isCompact(bytes, at, end)) {
      this.cells.serials[column] = 13 + 2 * (end - at);
      this.cells.starts[column] = at;
    } else {
      this.#reserve(end - at);
      const start = this.#asideEnd;
      this.#asideEnd = compact({ bytes, at, end, target: this.cells.aside, to: start });
      this.cells.serials[column] = 13 + 2 * (this.#asideEnd - start);
      this.cells.starts[column] = ~start;
    }
    this.#file.note(column, seen.text);
    return end;
  }

  #string(node: Node, at: number): number {
    const { bytes } = this.#window;
    const start = at + 1;
    let end = start;
    for (let byte = bytes[end]!; byte !== quote; byte = bytes[++end]!) {
      if (byte === backslash) return this.#escaped(node, at);
      if (byte < 32) throw this.#text.wrong(end, '"');
    }
    const column = this.#column(node);
    const length = end - start;
    if (length > this.#fieldBytesMax) this.#hold(column, length);
    this.cells.serials[column] = 13 + 2 * length;
    this.cells.starts[column] = start;
    this.#file.noteText(column, bytes, start, end);
    return end + 1;
  }

  #escaped(node: Node, at: number): number {
    const end = this.#text.stringEnd(at);
    this.#setText(this.#column(node), this.#textOf(at, end));
    return end;
  }

  #setText(column: number, text: string): void {
    this.#hold(column, text.length);
    this.#reserve(3 * text.length);
    const start = this.#asideEnd;
    this.#asideEnd += this.cells.aside.write(text, start, "utf8");
    this.cells.serials[column] = 13 + 2 * (this.#asideEnd - start);
    this.cells.starts[column] = ~start;
    this.#file.noteText(column, this.cells.aside, start, this.#asideEnd);
  }

  #number(node: Node, at: number): number {
    const { bytes } = this.#window;
    const { cells } = this;
    let end = at;
    const isNegative = bytes[end] === minus;
    if (isNegative) end++;
    const first = end;
    let value = 0;
    for (let digit = bytes[end]! - zero; digit >= 0 && digit <= 9; digit = bytes[++end]! - zero) value = value * 10 + digit;
    let digits = end - first;
    let decimals = 0;
    if (bytes[end] === point) {
      const from = ++end;
      for (let digit = bytes[end]! - zero; digit >= 0 && digit <= 9; digit = bytes[++end]! - zero) value = value * 10 + digit;
      decimals = end - from;
      digits += decimals;
    }
    const byte = bytes[end]!;
    const isPlain = byte === comma || byte === closeBrace || byte === close || byte === 10 || byte === 13 || byte === 32;
    if (!isPlain || digits > exactDigitsMax || digits === decimals || (bytes[first] === zero && digits - decimals > 1) || (decimals === 0 && bytes[end - 1] === point)) return this.#oddNumber(node, at);
    if (decimals > 0) value /= powersOfTen[decimals]!;
    if (isNegative && (decimals > 0 || value !== 0)) value = -value;
    const column = this.#column(node);
    const serial = serialOf(value);
    cells.serials[column] = serial;
    cells.numbers[column] = value;
    this.#file.note(column, decimals > 0 || serial === 7 ? seen.real : seen.integer);
    return end;
  }

  /** A number that is long, or has an exponent, or is none at all. */
  #oddNumber(node: Node, at: number): number {
    const { end, isInteger } = this.#text.numberEnd(at);
    const text = this.#window.bytes.toString("latin1", at, end);
    const column = this.#column(node);
    const { cells } = this;
    const value = Number(text);
    const exact = isInteger ? BigInt(text) : null;
    if (!Number.isFinite(value) || (exact !== null && (exact < integerMin || exact > integerMax))) {
      this.#setText(column, text);
    } else if (exact !== null && !Number.isSafeInteger(value)) {
      this.#reserve(8);
      cells.aside.writeBigInt64BE(exact, this.#asideEnd);
      cells.serials[column] = 6;
      cells.numbers[column] = Number.NaN;
      cells.starts[column] = ~this.#asideEnd;
      this.#asideEnd += numberBytes[6]!;
      this.#file.note(column, seen.integer | seen.big);
    } else {
      cells.serials[column] = serialOf(value);
      cells.numbers[column] = value;
      this.#file.note(column, exact === null || cells.serials[column] === 7 ? seen.real : seen.integer);
    }
    return end;
  }

  /** The text of a string, quotation marks and all. */
  #textOf(at: number, end: number): string {
    const { bytes } = this.#window;
    let from = at + 1;
    while (bytes[from] !== backslash && from < end - 1) from++;
    if (from === end - 1) return bytes.toString("utf8", at + 1, end - 1);
    const text = JSON.parse(bytes.toString("utf8", at, end)) as string;
    if (text.isWellFormed()) return text;
    this.#row.replaced++;
    return text.toWellFormed();
  }

  #column(node: Node): number {
    const column = node.column >= 0 ? node.column : this.#shape.column(node, this.#window.line);
    const { cells } = this;
    if (column >= cells.count) {
      if (column >= cells.serials.length) this.#widen(2 * column);
      cells.count = column + 1;
    }
    return column;
  }

  #widen(columns: number): void {
    const { cells } = this;
    const [serials, starts, numbers] = [new Int32Array(columns), new Int32Array(columns), new Float64Array(columns)];
    serials.set(cells.serials);
    starts.set(cells.starts);
    numbers.set(cells.numbers);
    Object.assign(cells, { serials, starts, numbers });
  }

  #hold(column: number, bytes: number): void {
    if (bytes > this.#fieldBytesMax) throw refuse("FILE_FIELD_TOO_LONG", { line: this.#window.line, cell: column + 1, bytesMax: this.#fieldBytesMax });
  }

  #reserve(bytes: number): void {
    const { aside } = this.cells;
    if (this.#asideEnd + bytes <= aside.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#asideEnd + bytes));
    aside.copy(larger, 0, 0, this.#asideEnd);
    this.cells.aside = larger;
  }
}

/** Whether a string that is this key begins at a place. */
function isKey(bytes: Buffer, at: number, key: Buffer): boolean {
  const { length } = key;
  if (bytes[at] !== quote || bytes[at + length + 1] !== quote) return false;
  for (let k = 0; k < length; k++) if (bytes[at + 1 + k] !== key[k]) return false;
  return true;
}

function isCompact(bytes: Buffer, at: number, end: number): boolean {
  let inString = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote) inString = !inString;
    else if (inString) {
      if (byte === backslash) at++;
    } else if (byte <= 32) return false;
  }
  return true;
}

/** Copies JSON without the white space between its parts. Answers the end of the copy. */
function compact(options: { bytes: Buffer; at: number; end: number; target: Buffer; to: number }): number {
  const { bytes, end, target } = options;
  let { at, to } = options;
  let inString = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote) inString = !inString;
    else if (inString && byte === backslash) target[to++] = bytes[at++]!;
    else if (!inString && byte <= 32) continue;
    target[to++] = bytes[at]!;
  }
  return to;
}

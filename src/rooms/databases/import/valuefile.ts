import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pageBytes, TableTree, varintBytes, writeVarint } from "./btree.ts";
import { quoteName } from "./names.ts";
import { numberBytes, serialOf, writeNumber } from "./numbers.ts";
import { isDate, isDatetime } from "./types.ts";

/** A cell as a program has it. `undefined` is NULL, as are NaN and what a row lacks at its end. */
export type CellValue = null | undefined | boolean | number | bigint | string | Uint8Array;

export interface ValueColumn {
  name: string;
  /** The type to declare, where the values agree with it; without one it is found from the values. */
  type?: string;
}

export interface MadeTable {
  name: string;
  rows: number;
  columns: { name: string; type: string }[];
  /** Columns that held numbers and text: now all text. */
  mixed: string[];
}

/** What the cells of a column have been, a bit each. */
export const seen = { boolean: 1, integer: 2, big: 4, real: 8, date: 16, datetime: 32, text: 64, blob: 128 } as const;
const numeric = seen.boolean | seen.integer | seen.big | seen.real;
const textual = seen.date | seen.datetime | seen.text;

// Below it a loop over the characters is faster than a call.
const shortCharactersMax = 24;
const momentCharactersMax = 35;
const [integerMin, integerMax] = [-(2n ** 63n), 2n ** 63n - 1n];
const [safeMin, safeMax] = [BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER)];

/**
 * A row as a reader of bytes finds it: for each column the serial type, which is its length too, and where its bytes
 * are, or its number.
 */
export interface Cells {
  /** Columns up to the last with a value, and one at least. */
  count: number;
  serials: Int32Array;
  /** In the bytes that were read, or, as `~start`, in `aside`. */
  starts: Int32Array;
  /** Of serial types 1 to 7; NaN where its bytes are in `aside`. */
  numbers: Float64Array;
  aside: Buffer;
}

/**
 * A new SQLite file with one table, filled with rows of values. The rows' pages are written by
 * `TableTree`; SQLite itself writes the schema, at the end, when the columns and their types are
 * known. What SQLite would read otherwise than it was given (a number in a column of text) is
 * stored anew by it.
 */
export class ValueFile {
  readonly #path: string;
  #table: string;
  readonly #columns: ValueColumn[];
  readonly #fd: number;
  readonly #tree: TableTree;
  #seen: Uint8Array;
  #serials: Int32Array;
  #body: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #isOpen = true;

  constructor(options: { path: string; table: string; columns: readonly ValueColumn[] }) {
    this.#path = options.path;
    this.#table = options.table;
    this.#columns = [...options.columns];
    this.#seen = new Uint8Array(this.#columns.length);
    this.#serials = new Int32Array(this.#columns.length);
    const root = makeEmpty(this.#path);
    this.#fd = openSync(this.#path, "r+");
    this.#tree = new TableTree({ fd: this.#fd, root, nextPage: root + 1 });
  }

  get rows(): number {
    return this.#tree.rows;
  }

  get columns(): number {
    return this.#columns.length;
  }

  /** A further column, NULL in the rows so far: a record with fewer values than the table has columns is one of SQLite's own forms. */
  addColumn(column: ValueColumn): number {
    this.#columns.push(column);
    if (this.#columns.length > this.#seen.length) {
      const [before, serials] = [this.#seen, this.#serials];
      this.#seen = new Uint8Array(2 * this.#columns.length);
      this.#serials = new Int32Array(2 * this.#columns.length);
      this.#seen.set(before);
      this.#serials.set(serials);
    }
    return this.#columns.length - 1;
  }

  /** Adds a row: a value a column, in their order; those that are missing at the end are NULL. */
  add(values: readonly CellValue[]): void {
    // SQLite has no record without a value.
    const count = Math.max(1, Math.min(values.length, this.#columns.length));
    const serials = this.#serials;
    let bodyBytes = 0;
    let headerBytes = count;
    for (let i = 0; i < count; i++) {
      bodyBytes = this.#encode(values[i], i, bodyBytes);
      const serial = serials[i]!;
      if (serial >= 0x80) headerBytes += varintBytes(serial) - 1;
    }
    // The header begins with its own length.
    headerBytes += headerBytes + 1 < 0x80 ? 1 : 2;
    const payloadBytes = headerBytes + bodyBytes;
    if (TableTree.isLarge(payloadBytes)) {
      const payload = Buffer.allocUnsafe(payloadBytes);
      this.#write(payload, 0, { count, headerBytes, bodyBytes });
      this.#tree.addLarge(payload);
    } else {
      const at = this.#tree.place(payloadBytes);
      this.#write(this.#tree.page, at, { count, headerBytes, bodyBytes });
    }
  }

  /** Adds a row whose kinds were noted. */
  addCells(bytes: Buffer, cells: Cells): void {
    const { count, serials } = cells;
    let bodyBytes = 0;
    let headerBytes = count;
    for (let i = 0; i < count; i++) {
      const serial = serials[i]!;
      if (serial >= 12) {
        bodyBytes += (serial - 12) >>> 1;
        if (serial >= 0x80) headerBytes += varintBytes(serial) - 1;
      } else bodyBytes += numberBytes[serial]!;
    }
    headerBytes += headerBytes + 1 < 0x80 ? 1 : 2;
    const payloadBytes = headerBytes + bodyBytes;
    if (TableTree.isLarge(payloadBytes)) {
      const payload = Buffer.allocUnsafe(payloadBytes);
      writeCells(payload, 0, { headerBytes, bytes, cells });
      this.#tree.addLarge(payload);
    } else {
      writeCells(this.#tree.page, this.#tree.place(payloadBytes), { headerBytes, bytes, cells });
    }
  }

  /** What a cell that is given by its bytes is. */
  note(column: number, bits: number): void {
    this.#seen[column]! |= bits;
  }

  noteText(column: number, bytes: Uint8Array, start: number, end: number): void {
    if ((this.#seen[column]! & seen.text) === 0) this.#seen[column]! |= momentOf(bytes, start, end);
  }

  /** Completes the file, and says what the table has become. The names, where they are only known now. */
  finish(names: { table?: string; columns?: readonly string[] } = {}): MadeTable {
    this.#table = names.table ?? this.#table;
    names.columns?.forEach((name, i) => (this.#columns[i]!.name = name));
    const pages = this.#tree.finish();
    const count = Buffer.alloc(4);
    count.writeUInt32BE(pages);
    writeSync(this.#fd, count, 0, 4, 28);
    this.#close();
    const columns = this.#columns.map(({ name, type }, i) => ({ name, type: type !== undefined && agrees(type, this.#seen[i]!) ? type : typeOf(this.#seen[i]!) }));
    const isMixed = (i: number): boolean => (this.#seen[i]! & numeric) !== 0 && (this.#seen[i]! & textual) !== 0 && (this.#seen[i]! & seen.blob) === 0;
    const mixed = columns.flatMap((_, i) => (isMixed(i) ? [i] : []));
    const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(", ");
    this.#setSchema(`CREATE TABLE ${quoteName(this.#table)} (${definitions})`);
    if (mixed.length > 0) this.#storeAsText(mixed);
    return { name: this.#table, rows: this.rows, columns, mixed: mixed.map((i) => columns[i]!.name) };
  }

  /** Gives the file up, also one that is finished. */
  discard(): void {
    this.#close();
    rmSync(this.#path, { force: true });
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }

  /** Puts a value into the row's body, notes its serial type, and answers where the next one goes. */
  #encode(value: CellValue, column: number, at: number): number {
    if (typeof value === "string") return this.#encodeText(value, column, at);
    if (typeof value === "number") return this.#encodeNumber(value, column, at);
    if (value === null || value === undefined) {
      this.#serials[column] = 0;
      return at;
    }
    if (typeof value === "boolean") {
      this.#seen[column]! |= seen.boolean;
      this.#serials[column] = value ? 9 : 8;
      return at;
    }
    if (typeof value === "bigint") {
      if (value >= safeMin && value <= safeMax) return this.#encodeNumber(Number(value), column, at);
      if (value < integerMin || value > integerMax) return this.#encodeText(String(value), column, at);
      this.#seen[column]! |= seen.integer | seen.big;
      this.#serials[column] = 6;
      this.#reserve(at + 8);
      return this.#body.writeBigInt64BE(value, at);
    }
    this.#seen[column]! |= seen.blob;
    this.#serials[column] = 12 + 2 * value.length;
    this.#reserve(at + value.length);
    this.#body.set(value, at);
    return at + value.length;
  }

  #encodeNumber(value: number, column: number, at: number): number {
    // SQLite has no NaN: it is nothing there.
    if (value !== value) {
      this.#serials[column] = 0;
      return at;
    }
    const serial = serialOf(value);
    this.#seen[column]! |= serial === 7 ? seen.real : seen.integer;
    this.#serials[column] = serial;
    if (numberBytes[serial] === 0) return at;
    this.#reserve(at + 8);
    return writeNumber(this.#body, at, serial, value);
  }

  #encodeText(text: string, column: number, at: number): number {
    const { length } = text;
    this.#reserve(at + 3 * length);
    const body = this.#body;
    let end = at;
    if (length < shortCharactersMax) {
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) {
          end = at - 1;
          break;
        }
        body[end++] = code;
      }
    } else end = at - 1;
    // A surrogate without its other half becomes U+FFFD here.
    if (end < at) end = at + body.write(text, at, "utf8");
    this.#serials[column] = 13 + 2 * (end - at);
    if ((this.#seen[column]! & seen.text) === 0) this.#seen[column]! |= momentOf(body, at, end);
    return end;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#body.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    this.#body.copy(larger);
    this.#body = larger;
  }

  #write(target: Buffer, at: number, row: { count: number; headerBytes: number; bodyBytes: number }): void {
    const { count, headerBytes, bodyBytes } = row;
    const serials = this.#serials;
    let place = writeVarint(target, headerBytes, at);
    for (let i = 0; i < count; i++) {
      const serial = serials[i]!;
      if (serial < 0x80) target[place++] = serial;
      else place = writeVarint(target, serial, place);
    }
    this.#body.copy(target, place, 0, bodyBytes);
  }

  #setSchema(sql: string): void {
    const database = new DatabaseSync(this.#path, { defensive: false });
    try {
      database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA writable_schema = ON");
      database.prepare("UPDATE sqlite_schema SET name = ?, tbl_name = ?, sql = ?").run(this.#table, this.#table, sql);
    } finally {
      database.close();
    }
  }

  /** Where a column has numbers and text, its numbers are stored as they are written. */
  #storeAsText(columns: number[]): void {
    const database = new DatabaseSync(this.#path);
    try {
      database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY");
      database.function("written", { deterministic: true, useBigIntArguments: true }, (value) => String(value));
      database.function("truth", { deterministic: true }, (value) => (value === 1 ? "true" : "false"));
      const sets = columns.map((i) => {
        const name = quoteName(this.#columns[i]!.name);
        const isTruth = (this.#seen[i]! & numeric) === seen.boolean;
        return `${name} = CASE WHEN typeof(${name}) IN ('integer', 'real') THEN ${isTruth ? "truth" : "written"}(${name}) ELSE ${name} END`;
      });
      database.exec(`UPDATE ${quoteName(this.#table)} SET ${sets.join(", ")}`);
    } finally {
      database.close();
    }
  }
}

function writeCells(target: Buffer, at: number, row: { headerBytes: number; bytes: Buffer; cells: Cells }): void {
  const { headerBytes, bytes, cells } = row;
  const { count, serials, starts, numbers, aside } = cells;
  let header = writeVarint(target, headerBytes, at);
  let body = at + headerBytes;
  for (let i = 0; i < count; i++) {
    const serial = serials[i]!;
    if (serial < 0x80) target[header++] = serial;
    else header = writeVarint(target, serial, header);
    const isNumber = serial < 8;
    if (isNumber && (serial === 0 || !Number.isNaN(numbers[i]!))) {
      if (serial > 0) body = writeNumber(target, body, serial, numbers[i]!);
      continue;
    }
    const length = isNumber ? numberBytes[serial]! : serial < 12 ? 0 : (serial - 12) >>> 1;
    const start = starts[i]!;
    const source = start < 0 ? aside : bytes;
    const from = start < 0 ? ~start : start;
    if (length > 24) source.copy(target, body, from, from + length);
    else for (let k = 0; k < length; k++) target[body + k] = source[from + k]!;
    body += length;
  }
}

/** A file with one empty table. Answers the table's root page, the last of the file. */
function makeEmpty(path: string): number {
  rmSync(path, { force: true });
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA encoding = 'UTF-8'; CREATE TABLE t(c)`);
    const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema").get() as { rootpage: number };
    return rootpage;
  } finally {
    database.close();
  }
}

function momentOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 10 || end - start > momentCharactersMax) return seen.text;
  if (isDate(bytes, start, end)) return seen.date;
  return isDatetime(bytes, start, end) ? seen.datetime : seen.text;
}

/** The type to declare for what a column held, as `declaredTypes` has it for cells of text. */
function typeOf(bits: number): string {
  if ((bits & seen.blob) !== 0) return "BLOB";
  if ((bits & textual) !== 0) {
    if ((bits & numeric) !== 0 || (bits & seen.text) !== 0) return "TEXT";
    return (bits & seen.datetime) !== 0 ? "DATETIME TEXT" : "DATE TEXT";
  }
  if (bits === seen.boolean) return "BOOLEAN";
  // REAL would round the integers that a double cannot hold.
  if ((bits & seen.real) !== 0) return (bits & seen.big) !== 0 ? "NUMERIC" : "REAL";
  return bits === 0 ? "TEXT" : "INTEGER";
}

/** Whether SQLite reads the values of a column as they are when it is declared so. */
function agrees(type: string, bits: number): boolean {
  if (/int/i.test(type)) return (bits & ~(seen.boolean | seen.integer | seen.big)) === 0;
  if (/char|clob|text/i.test(type)) return (bits & ~textual) === 0;
  if (/blob/i.test(type)) return true;
  return (bits & ~numeric) === 0 && !(/real|floa|doub/i.test(type) && (bits & seen.big) !== 0);
}

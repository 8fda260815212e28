import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pageBytes, TableTree, varintBytes, writeVarint } from "./btree.ts";
import { quoteName } from "./names.ts";
import { numberBytes, serialOf, writeNumber } from "./numbers.ts";
import { declaredTypes, integerOf, isDate, isDatetime, kindOf, kinds, realOf } from "./types.ts";
import { decimalPoint, groupedOf, isNullWord, momentOf } from "./written.ts";

export const fits = -1;

/** Cells that are stored in another form than they were written in. */
export interface Rewritten {
  /** Words for nothing that are NULL. */
  nulls: number;
  /** Numbers with separators between thousands or a decimal comma. */
  numbers: number;
  /** Dates that are stored as SQLite's functions take them. */
  dates: number;
}

/**
 * A new SQLite file with one table, filled with rows of cells. SQLite itself writes the schema;
 * the rows' pages are written by `TableTree`.
 */
export class TableFile {
  /** What each column holds so far; may be widened between rows. */
  readonly kinds: Uint8Array;
  /** Columns of dates with a cell that does not stand as its text: as text they have to be stored again. */
  readonly altered: Uint8Array;
  readonly rewritten: Rewritten = { nulls: 0, numbers: 0, dates: 0 };
  readonly #path: string;
  readonly #table: string;
  readonly #columns: string[];
  readonly #fd: number;
  readonly #tree: TableTree;
  readonly #serials: Int32Array;
  readonly #numbers: Float64Array;
  readonly #decimal: number;
  #headerBytes = 0;
  #bodyBytes = 0;
  // Of the row that is being added.
  readonly #moments = new Map<number, string>();
  #row: Rewritten = { nulls: 0, numbers: 0, dates: 0 };

  constructor(options: { path: string; table: string; columns: string[]; kinds: ArrayLike<number>; decimal?: number }) {
    const { path, table, columns, decimal = decimalPoint } = options;
    this.#decimal = decimal;
    this.altered = new Uint8Array(columns.length);
    this.#path = path;
    this.#table = table;
    this.#columns = columns;
    this.kinds = Uint8Array.from(options.kinds);
    this.#serials = new Int32Array(columns.length);
    this.#numbers = new Float64Array(columns.length);
    this.#fd = openSync(path, "w");
    const template = this.#template();
    this.#tree = new TableTree({ fd: this.#fd, root: template.root, nextPage: template.bytes.length / pageBytes + 1 });
  }

  get rows(): number {
    return this.#tree.rows;
  }

  /**
   * Adds a row: cell `i` is UTF-8 bytes `starts[i]` to `ends[i]`, an empty one is NULL, as are those
   * from `cells` on. Answers `fits`, or the first column whose kind the cell contradicts; nothing is
   * added then.
   */
  add(bytes: Buffer, starts: Int32Array, ends: Int32Array, cells: number): number {
    const contradicted = this.#measure(bytes, starts, ends, cells);
    if (contradicted !== fits) return contradicted;
    const payloadBytes = this.#headerBytes + this.#bodyBytes;
    if (TableTree.isLarge(payloadBytes)) {
      const payload = Buffer.allocUnsafe(payloadBytes);
      this.#write(payload, 0, bytes, starts);
      this.#tree.addLarge(payload);
    } else {
      const at = this.#tree.place(payloadBytes);
      this.#write(this.#tree.page, at, bytes, starts);
    }
    if (this.#isRewritten) this.#note();
    return fits;
  }

  get #isRewritten(): boolean {
    const { nulls, numbers, dates } = this.#row;
    return nulls + numbers + dates > 0;
  }

  #note(): void {
    for (const what of ["nulls", "numbers", "dates"] as const) this.rewritten[what] += this.#row[what];
  }

  /** Completes the file. */
  finish(): void {
    const pages = this.#tree.finish();
    const { bytes, root } = this.#template();
    bytes.writeUInt32BE(pages, 28);
    for (let page = 1; page * pageBytes <= bytes.length; page++) {
      if (page !== root) writeSync(this.#fd, bytes, (page - 1) * pageBytes, pageBytes, (page - 1) * pageBytes);
    }
    closeSync(this.#fd);
  }

  /** Gives the file up. */
  discard(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }

  /** A file with the empty table as SQLite makes it. Its size is the same whatever the columns' kinds are. */
  #template(): { bytes: Buffer; root: number } {
    const definitions = this.#columns.map((name, i) => `${quoteName(name)} ${declaredTypes[this.kinds[i]!]}`);
    const wordsBytes = Math.max(...declaredTypes.map((type) => type.length)) * this.#columns.length;
    const usedBytes = Array.from(this.kinds).reduce((sum, kind) => sum + declaredTypes[kind]!.length, 0);
    const path = `${this.#path}.schema`;
    rmSync(path, { force: true });
    const database = new DatabaseSync(path);
    try {
      database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA encoding = 'UTF-8'`);
      database.exec(`CREATE TABLE ${quoteName(this.#table)} (${definitions.join(", ")}${" ".repeat(wordsBytes - usedBytes)})`);
      const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema").get() as { rootpage: number };
      return { bytes: readFileSync(path), root: rootpage };
    } finally {
      database.close();
      rmSync(path, { force: true });
    }
  }

  /** Finds each cell's serial type, and its number where it is one. */
  #measure(bytes: Buffer, starts: Int32Array, ends: Int32Array, cells: number): number {
    const { kinds: columnKinds } = this;
    const serials = this.#serials;
    const numbers = this.#numbers;
    const columns = columnKinds.length;
    let headerBytes = columns;
    let bodyBytes = 0;
    if (this.#isRewritten) {
      this.#row = { nulls: 0, numbers: 0, dates: 0 };
      this.#moments.clear();
    }
    for (let i = 0; i < columns; i++) {
      const start = i < cells ? starts[i]! : 0;
      const end = i < cells ? ends[i]! : 0;
      if (end <= start) {
        serials[i] = 0;
        continue;
      }
      const kind = columnKinds[i]!;
      if (kind >= kinds.date) {
        let length = end - start;
        if (kind !== kinds.text && !isMoment(kind, bytes, start, end)) {
          const moment = this.#rewrite(i, bytes, start, end);
          if (moment === null) return i;
          length = moment.length;
        }
        const serial = length === 0 ? 0 : 13 + 2 * length;
        serials[i] = serial;
        bodyBytes += length;
        if (serial >= 0x80) headerBytes += varintBytes(serial) - 1;
        continue;
      }
      if (kind === kinds.empty) return i;
      let value = integerOf(bytes, start, end);
      if (value !== value) {
        if (kind === kinds.real && this.#decimal === decimalPoint) value = realOf(bytes, start, end);
        if (value !== value) {
          value = groupedOf(bytes, start, end, this.#decimal);
          if (value !== value || (kind === kinds.integer && !Number.isInteger(value))) {
            if (kindOf(bytes, start, end, this.#decimal) !== kinds.empty) return i;
            if (isNullWord(bytes, start, end)) this.#row.nulls++;
            serials[i] = 0;
            continue;
          }
          this.#row.numbers++;
        }
      }
      const serial = serialOf(value);
      serials[i] = serial;
      numbers[i] = value;
      bodyBytes += numberBytes[serial]!;
    }
    // The header begins with its own length.
    this.#headerBytes = headerBytes + (headerBytes + 1 < 0x80 ? 1 : 2);
    this.#bodyBytes = bodyBytes;
    return fits;
  }

  /**
   * A moment that is written in another way, as it is stored; empty for a word that says there is none. Null for
   * anything that contradicts the column.
   */
  #rewrite(column: number, bytes: Buffer, start: number, end: number): string | null {
    const kind = kindOf(bytes, start, end);
    if (kind === kinds.empty) {
      if (isNullWord(bytes, start, end)) this.#row.nulls++;
      this.altered[column] = 1;
      return "";
    }
    if (kind !== kinds.date && kind !== this.kinds[column]) return null;
    // Where only spaces are too many, the rest is one already.
    const moment = momentOf(bytes, start, end) ?? bytes.toString("latin1", start, end).trim();
    this.#row.dates++;
    this.altered[column] = 1;
    this.#moments.set(column, moment);
    return moment;
  }

  #write(target: Buffer, at: number, bytes: Buffer, starts: Int32Array): void {
    const serials = this.#serials;
    const columns = serials.length;
    let header = writeVarint(target, this.#headerBytes, at);
    let body = at + this.#headerBytes;
    for (let i = 0; i < columns; i++) {
      const serial = serials[i]!;
      if (serial < 0x80) target[header++] = serial;
      else header = writeVarint(target, serial, header);
      if (serial >= 13) {
        const from = starts[i]!;
        const length = (serial - 13) / 2;
        const moment = this.#moments.size > 0 ? this.#moments.get(i) : undefined;
        if (moment !== undefined) target.write(moment, body, "latin1");
        else if (length > 24) bytes.copy(target, body, from, from + length);
        else for (let k = 0; k < length; k++) target[body + k] = bytes[from + k]!;
        body += length;
      } else if (serial > 0 && serial < 8) {
        body = writeNumber(target, body, serial, this.#numbers[i]!);
      }
    }
  }
}

function isMoment(kind: number, bytes: Buffer, start: number, end: number): boolean {
  return kind === kinds.date ? isDate(bytes, start, end) : isDatetime(bytes, start, end) || isDate(bytes, start, end);
}

import { writeSync } from "node:fs";

/*
 * Writes the pages of one table of a SQLite file, in the order of its rowids. Rows arrive in order
 * and never change, so each page is written once, full, from the leaves up: several times as fast
 * as INSERT, which has to find its place in the tree for every row.
 * The format is https://sqlite.org/fileformat2.html (1.6 "B-tree Pages"), frozen since 2004.
 * Every file made with it is checked by SQLite itself before anyone sees it.
 */

export const pageBytes = 4096;

// The page that holds byte 2^30 belongs to SQLite's locks and is never part of a tree.
const lockPage = 2 ** 30 / pageBytes + 1;
const leafHeaderBytes = 8;
const interiorHeaderBytes = 12;
// Larger payloads keep only their beginning on the leaf; the rest goes to a chain of overflow pages.
const localBytesMax = pageBytes - 35;
const localBytesMin = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
const overflowBytes = pageBytes - 4;
// 4 bytes of page number, up to 5 of rowid (2^35 rows) and 2 of pointer a child.
const childrenMax = Math.floor((pageBytes - interiorHeaderBytes) / 11);
const bufferPages = 256;

interface Level {
  pages: number[];
  /** The largest rowid below each page. */
  keys: number[];
}

export class TableTree {
  readonly #fd: number;
  readonly #root: number;
  readonly #leaf = Buffer.alloc(pageBytes);
  readonly #levels: Level[] = [];
  readonly #buffer = Buffer.alloc(bufferPages * pageBytes);
  #bufferedFirst = 0;
  #buffered = 0;
  #nextPage: number;
  #cells = 0;
  #contentStart = pageBytes;
  /** Rows so far, which is also the last row's rowid. */
  rows = 0;

  /** `root`: the table's root page; `nextPage`: the first page that nothing uses yet. */
  constructor(options: { fd: number; root: number; nextPage: number }) {
    this.#fd = options.fd;
    this.#root = options.root;
    this.#nextPage = options.nextPage;
  }

  /** The leaf page that `place` pointed into. */
  get page(): Buffer {
    return this.#leaf;
  }

  /** Whether a payload needs `addLarge`. */
  static isLarge(payloadBytes: number): boolean {
    return payloadBytes > localBytesMax;
  }

  /** Makes the next row's cell and answers where in `page` its payload is to be written. */
  place(payloadBytes: number): number {
    const rowid = ++this.rows;
    const prefixBytes = varintBytes(payloadBytes) + varintBytes(rowid);
    const at = this.#cell(prefixBytes + payloadBytes, rowid);
    const leaf = this.#leaf;
    return writeVarint(leaf, rowid, writeVarint(leaf, payloadBytes, at));
  }

  /** Adds a row whose payload does not fit a page. */
  addLarge(payload: Buffer): void {
    const total = payload.length;
    const rest = localBytesMin + ((total - localBytesMin) % overflowBytes);
    const localBytes = rest <= localBytesMax ? rest : localBytesMin;
    const rowid = ++this.rows;
    const prefixBytes = varintBytes(total) + varintBytes(rowid);
    const at = this.#cell(prefixBytes + localBytes + 4, rowid);
    const bodyAt = writeVarint(this.#leaf, rowid, writeVarint(this.#leaf, total, at));
    payload.copy(this.#leaf, bodyAt, 0, localBytes);
    this.#leaf.writeUInt32BE(this.#nextPage, bodyAt + localBytes);
    for (let from = localBytes; from < total; from += overflowBytes) {
      const to = Math.min(total, from + overflowBytes);
      const page = this.#newPage();
      page.writeUInt32BE(to < total ? this.#nextPage : 0, 0);
      payload.copy(page, 4, from, to);
    }
  }

  /** Writes what is still open, the root last. Answers the number of pages of the file. */
  finish(): number {
    if (this.#levels.length === 0) {
      this.#closeLeaf(this.#leaf);
      this.#flush();
      writeSync(this.#fd, this.#leaf, 0, pageBytes, (this.#root - 1) * pageBytes);
      return this.#lastPage();
    }
    this.#emitLeaf();
    for (let depth = 0; ; depth++) {
      const level = this.#levels[depth]!;
      if (depth === this.#levels.length - 1 && level.pages.length <= childrenMax) {
        const root = Buffer.alloc(pageBytes);
        fillInterior(root, level, level.pages.length);
        this.#flush();
        writeSync(this.#fd, root, 0, pageBytes, (this.#root - 1) * pageBytes);
        return this.#lastPage();
      }
      // Two pages of about the same size rather than a full and an almost empty one.
      if (level.pages.length > childrenMax) this.#emitInterior(depth, Math.ceil(level.pages.length / 2));
      this.#emitInterior(depth, level.pages.length);
    }
  }

  #lastPage(): number {
    return this.#nextPage - 1 === lockPage ? lockPage - 1 : this.#nextPage - 1;
  }

  /** Room for a cell at the end of the leaf's free space; a new leaf where it is full. */
  #cell(bytes: number, rowid: number): number {
    let at = this.#contentStart - bytes;
    if (at < leafHeaderBytes + 2 * (this.#cells + 1)) {
      this.#emitLeaf(rowid - 1);
      at = pageBytes - bytes;
    }
    const pointer = leafHeaderBytes + 2 * this.#cells++;
    this.#leaf[pointer] = at >>> 8;
    this.#leaf[pointer + 1] = at & 255;
    this.#contentStart = at;
    return at;
  }

  #closeLeaf(leaf: Buffer): void {
    leaf[0] = 0x0d;
    leaf.writeUInt16BE(0, 1);
    leaf.writeUInt16BE(this.#cells, 3);
    leaf.writeUInt16BE(this.#contentStart, 5);
    leaf[7] = 0;
  }

  #emitLeaf(lastRowid = this.rows): void {
    this.#closeLeaf(this.#leaf);
    // What a page held before must not show in the gap between its pointers and its cells.
    this.#leaf.fill(0, leafHeaderBytes + 2 * this.#cells, this.#contentStart);
    const number = this.#nextPage;
    this.#leaf.copy(this.#newPage());
    this.#cells = 0;
    this.#contentStart = pageBytes;
    this.#addChild(0, number, lastRowid);
  }

  #addChild(depth: number, page: number, key: number): void {
    const level = (this.#levels[depth] ??= { pages: [], keys: [] });
    level.pages.push(page);
    level.keys.push(key);
    // Twice the fill is kept back, so that the last pages of a level are never left with a single child.
    if (level.pages.length >= 2 * childrenMax) this.#emitInterior(depth, childrenMax);
  }

  #emitInterior(depth: number, children: number): void {
    const level = this.#levels[depth]!;
    const number = this.#nextPage;
    fillInterior(this.#newPage(), level, children);
    const key = level.keys[children - 1]!;
    level.pages.splice(0, children);
    level.keys.splice(0, children);
    this.#addChild(depth + 1, number, key);
  }

  /** The next page of the file, zeroed, in the buffer. Pages are used in the order of their numbers. */
  #newPage(): Buffer {
    const number = this.#nextPage;
    this.#nextPage = number + 1 === lockPage ? lockPage + 1 : number + 1;
    if (this.#buffered === bufferPages || number !== this.#bufferedFirst + this.#buffered) {
      this.#flush();
      this.#bufferedFirst = number;
    }
    const at = this.#buffered++ * pageBytes;
    return this.#buffer.subarray(at, at + pageBytes).fill(0);
  }

  #flush(): void {
    let from = 0;
    const end = this.#buffered * pageBytes;
    while (from < end) from += writeSync(this.#fd, this.#buffer, from, end - from, (this.#bufferedFirst - 1) * pageBytes + from);
    this.#bufferedFirst += this.#buffered;
    this.#buffered = 0;
  }
}

function fillInterior(page: Buffer, level: Level, children: number): void {
  let contentStart = pageBytes;
  for (let i = 0; i < children - 1; i++) {
    contentStart -= 4 + varintBytes(level.keys[i]!);
    page.writeUInt32BE(level.pages[i]!, contentStart);
    writeVarint(page, level.keys[i]!, contentStart + 4);
    page.writeUInt16BE(contentStart, interiorHeaderBytes + 2 * i);
  }
  page[0] = 0x05;
  page.writeUInt16BE(children - 1, 3);
  page.writeUInt16BE(contentStart, 5);
  page.writeUInt32BE(level.pages[children - 1]!, 8);
}

/** Bytes of SQLite's variable-length integer, for values below 2^35. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Answers the place after what it wrote. */
export function writeVarint(target: Uint8Array, value: number, at: number): number {
  if (value < 0x80) {
    target[at] = value;
    return at + 1;
  }
  if (value < 0x4000) {
    target[at] = (value >>> 7) | 0x80;
    target[at + 1] = value & 0x7f;
    return at + 2;
  }
  const bytes = varintBytes(value);
  let rest = value;
  for (let i = bytes - 1; i >= 0; i--) {
    target[at + i] = (rest % 128) | (i === bytes - 1 ? 0 : 0x80);
    rest = Math.floor(rest / 128);
  }
  return at + bytes;
}

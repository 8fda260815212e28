import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";

/*
 * The texts of a workbook, which its cells name by their numbers. In memory while they are few; what is beyond goes to a
 * file, since a workbook of a million rows may have a gigabyte of them.
 */

const memoryCharactersMax = 48 * 1024 ** 2;
const memoryTextsMax = 2_000_000;
const blockBytes = 64 * 1024;
const blocksMax = 256;

export class SharedStrings {
  readonly #path: string;
  readonly #memoryCharactersMax: number;
  readonly #texts: string[] = [];
  #characters = 0;
  #fd: number | null = null;
  /** Where each text of the file ends. */
  #ends = new Float64Array(1024);
  #stored = 0;
  #fileBytes = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  readonly #blocks = new Map<number, Buffer>();

  constructor(path: string, charactersMax = memoryCharactersMax) {
    this.#path = path;
    this.#memoryCharactersMax = charactersMax;
  }

  get count(): number {
    return this.#texts.length + this.#stored;
  }

  add(text: string): void {
    if (this.#fd === null && this.#characters + text.length <= this.#memoryCharactersMax && this.#texts.length < memoryTextsMax) {
      this.#characters += text.length;
      // A copy: a part of a longer text would keep all of it.
      this.#texts.push(text.length > 12 ? Buffer.from(text).toString() : text);
      return;
    }
    this.#fd ??= openSync(this.#path, "w+");
    const bytes = Buffer.from(text);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#fileBytes += bytes.length;
    if (this.#stored === this.#ends.length) {
      const larger = new Float64Array(2 * this.#ends.length);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#stored++] = this.#fileBytes;
    if (this.#pendingBytes >= blockBytes) this.#flush();
  }

  /** Undefined where there is no such text. */
  get(index: number): string | undefined {
    if (index < this.#texts.length) return this.#texts[index];
    const at = index - this.#texts.length;
    if (!Number.isInteger(at) || at < 0 || at >= this.#stored) return undefined;
    this.#flush();
    const start = at === 0 ? 0 : this.#ends[at - 1]!;
    return this.#read(start, this.#ends[at]!);
  }

  close(): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    this.#fd = null;
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending);
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#fd!, bytes, from);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #read(start: number, end: number): string {
    const block = Math.floor(start / blockBytes);
    if (end <= (block + 1) * blockBytes) return this.#block(block).toString("utf8", start - block * blockBytes, end - block * blockBytes);
    const bytes = Buffer.alloc(end - start);
    readSync(this.#fd!, bytes, 0, bytes.length, start);
    return bytes.toString();
  }

  #block(number: number): Buffer {
    const known = this.#blocks.get(number);
    if (known) return known;
    if (this.#blocks.size >= blocksMax) this.#blocks.delete(this.#blocks.keys().next().value!);
    const bytes = Buffer.alloc(blockBytes);
    readSync(this.#fd!, bytes, 0, blockBytes, number * blockBytes);
    this.#blocks.set(number, bytes);
    return bytes;
  }
}

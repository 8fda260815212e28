import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { Damage, headerBytes, Opener, segmentBytes, tagBytes, trailerBytes } from "./sealed.ts";

// One call to the system reads eight segments; the next eight are read while these are opened: about 1.5 MB a reader.
const runSegments = 8;

/** Reads what is needed to open a file's segments. Throws Damage. */
export async function readOpener(handle: FileHandle, options: { masterKey: Buffer; key: string }): Promise<Opener> {
  const fileBytes = (await handle.stat()).size;
  if (fileBytes < headerBytes + tagBytes + trailerBytes) throw new Damage("the file is too short");
  const [header, trailer] = await Promise.all([
    readExactly(handle, Buffer.allocUnsafe(headerBytes), 0),
    readExactly(handle, Buffer.allocUnsafe(trailerBytes), fileBytes - trailerBytes),
  ]);
  return new Opener({ ...options, header, trailer, fileBytes });
}

/** Opens segments `first` to `end` (not included) with one read. Throws Damage. */
export async function readSegments(handle: FileHandle, opener: Opener, options: { first: number; end: number; into?: Buffer }): Promise<Buffer[]> {
  const { first, end } = options;
  const { position, length } = opener.place(first, end);
  const into = (options.into ?? Buffer.allocUnsafe(length)).subarray(0, length);
  const sealed = await readExactly(handle, into, position);
  const plain: Buffer[] = [];
  for (let index = first; index < end; index++) {
    const from = (index - first) * (segmentBytes + tagBytes);
    plain.push(opener.open(sealed.subarray(from, Math.min(length, from + segmentBytes + tagBytes)), index));
  }
  return plain;
}

async function readExactly(handle: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) throw new Damage("the file ends too early");
    filled += bytesRead;
  }
  return into;
}

interface PlainOptions {
  handle: FileHandle;
  opener: Opener;
  /** First plain byte and the byte after the last. */
  from: number;
  to: number;
  /** What a failure becomes; Damage among them. */
  explain: (error: unknown) => Error;
}

/**
 * The plain bytes of a range, as they are asked for. Closes the file when it ends or is destroyed.
 * The first run can be opened before anything is given out: `prepare`.
 */
export class PlainStream extends Readable {
  readonly #options: PlainOptions;
  // Free again once a run is opened, which is before the next one is read.
  #sealed: Buffer | null = null;
  readonly #end: number;
  #next: number;
  #ahead: Promise<Buffer[]> | null = null;
  #busy = false;

  constructor(options: PlainOptions) {
    super({ highWaterMark: runSegments * segmentBytes });
    this.#options = options;
    this.#next = Math.floor(options.from / segmentBytes);
    this.#end = options.to > options.from ? Math.ceil(options.to / segmentBytes) : options.opener.segments;
  }

  /** Opens the first run, so that damage there is known before an answer begins. Throws Damage. */
  async prepare(): Promise<void> {
    this.#readAhead();
    await this.#ahead;
  }

  override _read(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#pushRun().then(
      () => {
        this.#busy = false;
      },
      (error: unknown) => this.destroy(this.#options.explain(error)),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#ahead?.catch(() => {});
    // Closing waits for a read under way.
    this.#options.handle.close().then(
      () => callback(error),
      (closing: Error) => callback(error ?? closing),
    );
  }

  #readAhead(): void {
    if (this.#ahead !== null || this.#next >= this.#end || this.destroyed) return;
    const first = this.#next;
    const end = Math.min(this.#end, first + runSegments);
    this.#next = end;
    const { handle, opener } = this.#options;
    // The first run is the longest; a short range does not pay for a whole one.
    this.#sealed ??= Buffer.allocUnsafe(opener.place(first, end).length);
    this.#ahead = readSegments(handle, opener, { first, end, into: this.#sealed }).then((plain) => this.#cut(plain, first));
    this.#ahead.catch(() => {});
  }

  // The first and the last segment can hold bytes outside the range.
  #cut(plain: Buffer[], first: number): Buffer[] {
    const { from, to } = this.#options;
    return plain
      .map((segment, i) => {
        const start = (first + i) * segmentBytes;
        return segment.subarray(Math.max(0, from - start), Math.max(0, to - start));
      })
      .filter((segment) => segment.length > 0);
  }

  async #pushRun(): Promise<void> {
    this.#readAhead();
    const plain = await this.#ahead;
    this.#ahead = null;
    if (this.destroyed) return;
    this.#readAhead();
    this.#busy = false;
    for (const segment of plain ?? []) this.push(segment);
    if (this.#ahead === null && this.#next >= this.#end) this.push(null);
    else if (plain?.length === 0) this._read();
  }
}

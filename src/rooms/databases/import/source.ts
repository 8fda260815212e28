import { refuse } from "./refuse.ts";

/** A stream of bytes whose beginning can be looked at before it is read. */
export class ByteSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #bytesMax: number;
  readonly #ahead: Buffer[] = [];
  #aheadBytes = 0;
  #ended = false;
  /** What arrived so far. */
  bytesRead = 0;

  constructor(input: AsyncIterable<Uint8Array>, bytesMax: number) {
    this.#iterator = input[Symbol.asyncIterator]();
    this.#bytesMax = bytesMax;
  }

  /** The next chunk, never empty; null at the end. */
  async next(): Promise<Buffer | null> {
    const kept = this.#ahead.shift();
    if (kept) {
      this.#aheadBytes -= kept.length;
      return kept;
    }
    return this.#receive();
  }

  /** Puts a chunk back, to be read next. */
  unread(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#ahead.unshift(chunk);
    this.#aheadBytes += chunk.length;
  }

  /** The next bytes without taking them: `bytes` or somewhat more, fewer only where the stream ends. */
  async peek(bytes: number): Promise<Buffer> {
    while (this.#aheadBytes < bytes) {
      const chunk = await this.#receive();
      if (!chunk) break;
      this.#ahead.push(chunk);
      this.#aheadBytes += chunk.length;
    }
    if (this.#ahead.length > 1) this.#ahead.splice(0, this.#ahead.length, Buffer.concat(this.#ahead));
    return this.#ahead[0] ?? Buffer.alloc(0);
  }

  /** Whether everything that is left has been looked at. */
  get ended(): boolean {
    return this.#ended;
  }

  async #receive(): Promise<Buffer | null> {
    while (!this.#ended) {
      const { done, value } = await this.#iterator.next();
      if (done) {
        this.#ended = true;
        break;
      }
      if (value.length === 0) continue;
      this.bytesRead += value.length;
      if (this.bytesRead > this.#bytesMax) throw refuse("FILE_TOO_LARGE", { bytesMax: this.#bytesMax });
      return Buffer.from(value.buffer, value.byteOffset, value.length);
    }
    return null;
  }

  /** Tells the sender that no more is read. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#iterator.return?.();
    this.#ended = true;
  }
}

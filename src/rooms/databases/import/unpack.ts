import { Readable, pipeline } from "node:stream";
import type { Transform } from "node:stream";
import { Problem } from "#src/base/problems/problem.ts";
import { refuse } from "./refuse.ts";
import type { ByteSource } from "./source.ts";

/** How much larger than what was sent something may become, once it has become this large. */
const freeBytes = 64 * 1024 ** 2;
const timesMax = 500;

/** Holds what comes out of a file to what went in: a few kilobytes do not become a disk of zeros. */
export class Expansion {
  outBytes = 0;
  readonly #inBytes: () => number;
  readonly #bytesMax: number;
  readonly #freeBytes: number;

  constructor(options: { inBytes(): number; bytesMax: number; freeBytes?: number }) {
    this.#inBytes = options.inBytes;
    this.#bytesMax = options.bytesMax;
    this.#freeBytes = options.freeBytes ?? freeBytes;
  }

  add(bytes: number): void {
    this.outBytes += bytes;
    if (this.outBytes > this.#bytesMax) throw refuse("FILE_UNPACKED_TOO_LARGE", { bytesMax: this.#bytesMax });
    if (this.outBytes > this.#freeBytes && this.outBytes > timesMax * this.#inBytes()) throw refuse("FILE_UNPACKED_RATIO", { timesMax });
  }
}

/** The bytes that a source holds in packed form. What `stream` cannot unpack is a refusal that names the `format`. */
export async function* unpacked(options: { input: AsyncIterable<Uint8Array>; stream: Transform; format: string; expansion: Expansion }): AsyncGenerator<Buffer> {
  const { input, stream, format, expansion } = options;
  try {
    // A failure of either end destroys the stream with it, and is thrown below.
    pipeline(Readable.from(input, { objectMode: false }), stream, () => {});
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      expansion.add(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Problem ? error : damagedPack(format, error);
  } finally {
    stream.destroy();
  }
}

export function damagedPack(format: string, error: unknown): Problem {
  return refuse("FILE_PACKED_DAMAGED", { format, reason: (error instanceof Error ? error.message : String(error)).slice(0, 200) }, error);
}

export async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  for (let chunk = await source.next(); chunk; chunk = await source.next()) yield chunk;
}

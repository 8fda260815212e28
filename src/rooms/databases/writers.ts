import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "#src/base/problems/problem.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Work } from "#src/base/work.ts";

/** How many may wait for one database on a node: with a change a second the last of them is answered within a minute. */
const waitingMax = 60;
/** Another node can be first this often; with each of its turns somebody's change is made. */
const attemptsMax = 8;
const memoryBytesMax = 1024 ** 2;

type Write = <T>(id: string, options: { input: AsyncIterable<Uint8Array>; signal?: AbortSignal }, change: (rows: AsyncIterable<Uint8Array>) => Promise<T>) => Promise<T>;

/**
 * Makes changes that build on the current version one after the other: in the order in which they came on this node, and made
 * anew where another node was first. Throws DATABASE_CHANGED where that happens again and again, DATABASE_WRITERS_TOO_MANY.
 */
export function createWriters({ work }: { work: Work }): Write {
  const queues = new Map<string, { inTurn: ReturnType<typeof createTurns>; waiting: number }>();
  return async (id, { input, signal }, change) => {
    const queue = queues.get(id) ?? { inTurn: createTurns(1), waiting: 0 };
    if (queue.waiting >= waitingMax) throw new Problem("DATABASE_WRITERS_TOO_MANY", { values: { waitingMax }, retryAfterSeconds: 10 });
    queues.set(id, queue);
    queue.waiting++;
    try {
      // Whoever sends slowly holds up nobody: the turn begins when all rows are here.
      const rows = await spool(work, input);
      try {
        return await queue.inTurn(() => {
          signal?.throwIfAborted();
          return repeat(() => change(rows.read()));
        });
      } finally {
        await rows.remove();
      }
    } finally {
      if (--queue.waiting === 0) queues.delete(id);
    }
  };
}

async function repeat<T>(change: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "DATABASE_CHANGED" || attempt === attemptsMax) throw error;
    }
  }
}

/** Rows that can be read more than once: in memory while few, else in a file. */
async function spool(work: Work, input: AsyncIterable<Uint8Array>): Promise<{ read(): AsyncIterable<Uint8Array>; remove(): Promise<void> }> {
  const first: Uint8Array[] = [];
  let bytes = 0;
  const rest = input[Symbol.asyncIterator]();
  while (bytes <= memoryBytesMax) {
    const { value, done } = await rest.next();
    if (done) return { read: () => Readable.from(first), remove: async () => {} };
    first.push(value);
    bytes += value.length;
  }
  const folder = work.makeFolder(undefined);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "rows");
    const all = async function* (): AsyncGenerator<Uint8Array> {
      yield* first;
      yield* { [Symbol.asyncIterator]: () => rest };
    };
    await pipeline(all, createWriteStream(path, { mode: 0o600 }));
    return { read: () => createReadStream(path, { highWaterMark: memoryBytesMax }), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

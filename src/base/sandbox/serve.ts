import { Channel } from "./channel.ts";

/** Does one task and puts its answer on the channel. Returns a promise only if it has to wait. */
export type Performer = (request: never) => unknown;

/** A child that has grown beyond this is replaced by a new one between two tasks. */
const residentBytesMax = 256 * 1024 * 1024;
const longTaskMs = 100;

/**
 * What a child does all its life: one task after the other until the pipe ends. A kind's code is
 * loaded when the first task of the kind arrives, so that a child for queries stays small. `residentBytesOf`: kinds that
 * need more than others, and may keep it.
 */
export async function serve(load: (kind: string, channel: Channel) => Promise<Performer>, residentBytesOf: Record<string, number> = {}): Promise<never> {
  const channel = new Channel();
  const loaded = new Map<string, Performer>();
  const perform = async (kind: string): Promise<Performer> => {
    const performer = await load(kind, channel);
    loaded.set(kind, performer);
    return performer;
  };
  // The pipe belongs to the frames; whatever a package prints goes to stderr.
  console.log = console.info = console.debug = console.error;
  channel.hello();
  for (let task = channel.nextTask(); task !== undefined; task = channel.nextTask()) {
    const startedMs = performance.now();
    try {
      if (task.kind === "warm") await warm(channel, task.request as { kind: string }, perform);
      else {
        // Small queries take microseconds: nothing is awaited that need not be.
        const done = (loaded.get(task.kind) ?? (await perform(task.kind)))(task.request as never);
        if (done instanceof Promise) await done;
      }
    } catch (error) {
      channel.problem(error);
    }
    if (performance.now() - startedMs > longTaskMs && process.memoryUsage.rss() > (residentBytesOf[task.kind] ?? residentBytesMax)) break;
  }
  process.exit(0);
}

async function warm(channel: Channel, { kind }: { kind: string }, perform: (kind: string) => Promise<Performer>): Promise<void> {
  await perform(kind);
  channel.answer(null);
}

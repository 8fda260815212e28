import { Channel } from "#src/base/sandbox/channel.ts";

/*
 * What a sandboxed child runs: one task after the other until the pipe ends. Each kind's code is
 * loaded when the first task of the kind arrives, so that a child for queries stays small.
 */

const channel = new Channel();

// The pipe belongs to the frames; whatever a package prints goes to stderr.
console.log = console.info = console.debug = console.error;

type Performer = (request: never) => unknown;

/** How each kind of task is done, once its code has been loaded. */
const loaded = new Map<string, Performer>();

async function load(kind: string): Promise<Performer> {
  switch (kind) {
    case "query": {
      const { runQuery } = await import("#src/rooms/queries/run.ts");
      return (request) => runQuery(request, channel);
    }
    case "describe": {
      const { describe } = await import("#src/rooms/queries/describe.ts");
      return (request) => answer(describe(request));
    }
    case "draw": {
      const { draw } = await import("#src/rooms/charts/draw.ts");
      return async (request) => {
        const { head, body } = await draw(request);
        answer(head, body);
      };
    }
    case "import": {
      const { runImport } = await import("#src/rooms/databases/import/run.ts");
      return async (request) => answer(await runImport(request, channel.input(), (progress: unknown) => channel.progress(progress)));
    }
    case "probe":
      return () => answer(null);
    case "warm":
      return async ({ kind: wanted }: { kind: string }) => answer(void (await performer(wanted)));
    default:
      throw new Error(`no such kind of task: ${kind}`);
  }
}

async function performer(kind: string): Promise<Performer> {
  const perform = await load(kind);
  loaded.set(kind, perform);
  return perform;
}

function answer(head: unknown, body?: Uint8Array): void {
  channel.head(head);
  if (body !== undefined) channel.body(body);
  channel.end();
}

/** A child that has grown beyond this is replaced by a new one between two tasks. */
const residentBytesMax = 256 * 1024 * 1024;
const longTaskMs = 100;

channel.hello();
for (let task = channel.nextTask(); task !== undefined; task = channel.nextTask()) {
  const startedMs = performance.now();
  try {
    // Small queries take microseconds: nothing is awaited that need not be.
    const done = (loaded.get(task.kind) ?? (await performer(task.kind)))(task.request as never);
    if (done instanceof Promise) await done;
  } catch (error) {
    channel.problem(error);
  }
  if (performance.now() - startedMs > longTaskMs && process.memoryUsage.rss() > residentBytesMax) break;
}
process.exit(0);

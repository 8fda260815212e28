import { Channel } from "#src/base/sandbox/channel.ts";

/*
 * What a sandboxed child runs: one task after the other until the pipe ends. Each kind's code is
 * loaded when the first task of the kind arrives, so that a child for queries stays small.
 */

const channel = new Channel();

// The pipe belongs to the frames; whatever a package prints goes to stderr.
console.log = console.info = console.debug = console.error;

async function perform(kind: string, request: unknown): Promise<void> {
  switch (kind) {
    case "query": {
      const { runQuery } = await import("#src/rooms/queries/run.ts");
      return runQuery(request as never, channel);
    }
    case "describe": {
      const { describe } = await import("#src/rooms/queries/describe.ts");
      channel.head(describe(request as never));
      return channel.end();
    }
    case "draw": {
      const { draw } = await import("#src/rooms/charts/draw.ts");
      const drawn = await draw(request as never);
      channel.head(drawn.head);
      if (drawn.body !== undefined) channel.body(drawn.body);
      return channel.end();
    }
    case "import": {
      const { runImport } = await import("#src/rooms/databases/import/run.ts");
      channel.head(await runImport(request as never, channel.input(), (progress: unknown) => channel.progress(progress)));
      return channel.end();
    }
    case "probe":
      channel.head({ node: process.version });
      return channel.end();
    case "warm":
      await load((request as { kind: string }).kind);
      channel.head(null);
      return channel.end();
    default:
      throw new Error(`no such kind of task: ${kind}`);
  }
}

/** Loads a kind's code ahead of its first task. */
async function load(kind: string): Promise<void> {
  if (kind === "query") await import("#src/rooms/queries/run.ts");
  if (kind === "draw") await import("#src/rooms/charts/draw.ts");
}

channel.hello();
for (let task = channel.nextTask(); task !== undefined; task = channel.nextTask()) {
  try {
    await perform(task.kind, task.request);
  } catch (error) {
    channel.problem(error);
  }
}
process.exit(0);

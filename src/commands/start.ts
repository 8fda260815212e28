import { systemClock } from "#src/base/clock.ts";
import { firstLink, startSample } from "#src/first.ts";
import type { Sampling } from "#src/first.ts";
import { startServer } from "#src/server.ts";
import type { Command } from "./command.ts";

export const startCommand: Command = {
  noun: "start",
  verb: "",
  summary: "Start everything of one home and serve until Ctrl-C",
  flags: {},
  async run({ config }) {
    let stopping: Promise<void> | null = null;
    let sampling: Sampling | null = null;
    const running = await startServer(config);
    const ended = new Promise<void>((resolve) => {
      const stop = (): void => {
        stopping ??= Promise.resolve(sampling?.stop()).then(() => running.stop()).then(resolve, resolve);
      };
      process.on("SIGINT", stop);
      process.on("SIGTERM", stop);
      process.on("SIGHUP", stop);
    });
    process.stdout.write(`Kliv is ready at ${config.origin}\n`);
    const link = await firstLink({ app: running.app, config });
    if (link) process.stdout.write(`Create the first account here (within an hour): ${link}\n`);
    if (config.sample) {
      sampling = startSample({ app: running.app, clock: systemClock, log: running.log });
      if (await sampling.done) process.stdout.write(`Sample reports are in the gallery: ${config.origin}/gallery\n`);
    }
    // A start leaves tens of megabytes of garbage that an idle heap keeps for long: collected once, when nobody waits.
    void globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    await ended;
  },
};

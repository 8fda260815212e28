import { createCheckContext } from "#src/live.ts";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import { systemClock } from "#src/base/clock.ts";
import { findHolder } from "#src/base/home.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { homeKey } from "#src/base/secrets.ts";
import type { PromiseView } from "#src/rooms/trust/schema.ts";
import { createTrust } from "#src/rooms/trust/trust.ts";
import { withMetadata } from "./command.ts";
import type { Command } from "./command.ts";

const line = (one: PromiseView): string => `${one.id.padEnd(9)} ${one.state.padEnd(12)} ${one.statement.en}\n${" ".repeat(23)}${one.evidence.summary.en}`;

export const promiseCommands: Command[] = [
  {
    noun: "promise",
    verb: "list",
    summary: "Every promise of the security page with its true state and evidence",
    flags: {},
    async run({ config, print }) {
      const all = await withMetadata(config, ({ postgres }) => createTrust({ postgres, clock: systemClock }).list());
      print(all, all.map(line).join("\n"));
    },
  },
  {
    noun: "promise",
    verb: "check",
    summary: "Run the checks on the live system now; exit 1 if one is broken",
    flags: {},
    words: "ID ...",
    async run({ config, words, print }) {
      const holder = findHolder(config.home);
      if (!holder || holder.port === null) throw new Problem("NOT_RUNNING", { values: { home: config.home } });
      const checked = await withMetadata(config, async ({ postgres, ...people }) => {
        const blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment });
        const { context, close } = createCheckContext({ config, postgres, people, blobs, clock: systemClock, serverPid: holder.pid });
        try {
          return await createTrust({ postgres, clock: systemClock }).check({ context, ...(words.length > 0 ? { ids: words } : {}) });
        } finally {
          close();
        }
      });
      print(checked, checked.map(line).join("\n"));
      return checked.some((one) => one.state === "broken") ? 1 : 0;
    },
  },
];

import { callControl } from "#src/base/control.ts";
import { systemClock } from "#src/base/clock.ts";
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
      // The server checks itself: only it knows how it was started and what it has open.
      const checked = (await callControl({ home: config.home, name: "promise check", input: { ids: words } })) as PromiseView[];
      print(checked, checked.map(line).join("\n"));
      return checked.some((one) => one.state === "broken") ? 1 : 0;
    },
  },
];

import type { Config } from "#src/base/config.ts";
import { adapters } from "#src/base/outbound/register.ts";
import { createSubprocessors } from "#src/rooms/subprocessors/subprocessors.ts";
import type { Command } from "./command.ts";

export const subprocessorCommands: Command[] = [
  {
    noun: "subprocessor",
    verb: "list",
    summary: "Every third party that these settings let the server connect to, with all hosts",
    flags: {},
    async run({ config, print }) {
      const list = createSubprocessors({ config }).list().map((one) => ({ ...one, connectsTo: connectionsOf(config, one.name) }));
      print(list, list.map(({ name, state, purpose, connectsTo }) => `${name.padEnd(9)} ${state.padEnd(11)} ${purpose.en}${connectsTo.map((to) => `\n${" ".repeat(22)}${to}`).join("")}`).join("\n"));
    },
  },
];

/** Also what the public register leaves out: hosts of the own network, and where credentials come from. */
function connectionsOf(config: Config, name: string): string[] {
  const peers = adapters.find((adapter) => adapter.name === name)?.peers(config) ?? [];
  return [...new Set(peers.map(({ host, port }) => `${host.startsWith(".") ? "*" : ""}${host}${port === null ? "" : `:${port}`}`))];
}

import { callControl } from "#src/base/control.ts";
import type { WallsSeen } from "#src/base/sandbox/command.ts";
import { wallsText } from "#src/http/words.ts";
import type { Command } from "./command.ts";

export const sandboxCommands: Command[] = [
  {
    noun: "sandbox",
    verb: "show",
    summary: "Within which walls the running server handles customers' files and SQL",
    flags: {},
    async run({ config, print }) {
      const walls = (await callControl({ home: config.home, name: "sandbox show", input: {} })) as WallsSeen;
      print(walls, `${walls.level}\n${wallsText(walls, "en")}`);
    },
  },
];

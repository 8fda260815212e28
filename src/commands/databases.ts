import { callControl } from "#src/base/control.ts";
import type { AuditReport, Found } from "#src/rooms/databases/durability.ts";
import type { Command } from "./command.ts";

const line = ({ team, database, number, reason, isRepaired }: Found): string => `${isRepaired ? "repaired" : "DAMAGED "}  ${team}  ${database}  version ${number}  ${reason}`;

export const databaseCommands: Command[] = [
  {
    noun: "database",
    verb: "verify",
    summary: "Read every stored version bit by bit and compare checksums, repairing what can be; exit 1 if one stays damaged",
    flags: {},
    async run({ config, print }) {
      const report = (await callControl({ home: config.home, name: "database verify", input: {} })) as AuditReport;
      print(report, [...report.found.map(line), `${report.objects} objects with ${report.bytes} bytes were read`].join("\n"));
      return report.found.some(({ isRepaired }) => !isRepaired) ? 1 : 0;
    },
  },
];

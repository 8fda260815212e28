import { join } from "node:path";
import { openAuditKeys } from "#src/rooms/audit/audit.ts";
import { verifyDatabase } from "#src/rooms/audit/verify.ts";
import type { TreeVerdict } from "#src/rooms/audit/verify.ts";
import { witnessFolder } from "#src/rooms/audit/witness.ts";
import { withMetadata } from "./command.ts";
import type { Command } from "./command.ts";

function describe({ tree, size, checkpoints, pending, trouble }: TreeVerdict): string {
  if (!trouble) return `${tree}: ${size} events, ${checkpoints} signed checkpoints, ${pending} too new to have a place. All fits.`;
  const where = [trouble.event ?? "no event to name", ...(trouble.position === null ? [] : [`at ${trouble.position}`])].join(" ");
  return `${tree}: DOES NOT FIT (${trouble.kind}), first ${where}. ${trouble.reason}`;
}

export const auditCommands: Command[] = [
  {
    noun: "audit",
    verb: "verify",
    summary: "Hold the audit log against its trees and signed checkpoints; exit 1 naming the first event that does not fit",
    flags: { team: { about: "only this team's log; `installation` for what belongs to no team" } },
    async run({ config, flags, print }) {
      const team = flags.team === undefined ? undefined : flags.team === "installation" ? null : flags.team;
      const trees = await withMetadata(config, ({ postgres }) => verifyDatabase({ postgres, keys: openAuditKeys(config.home), folder: witnessFolder(config.home) }, team));
      const ok = trees.every((one) => one.trouble === null);
      print({ ok, trees }, trees.map(describe).join("\n") || "There are no events.");
      return ok ? 0 : 1;
    },
  },
  {
    noun: "audit",
    verb: "key",
    summary: "The public key with which anyone can verify checkpoints and exports, as one line",
    flags: {},
    run({ config, print }) {
      const key = openAuditKeys(config.home).line;
      print({ key, file: join(config.home, "secrets/audit") }, key);
      return Promise.resolve();
    },
  },
];

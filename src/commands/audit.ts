import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Config } from "#src/base/config.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { openAuditKeys, readVerifier, verifyExport } from "#src/rooms/audit/audit.ts";
import { installationTree } from "#src/rooms/audit/event.ts";
import { exportLines } from "#src/rooms/audit/export.ts";
import { verifyDatabase } from "#src/rooms/audit/verify.ts";
import type { TreeVerdict } from "#src/rooms/audit/verify.ts";
import { witnessFolder } from "#src/rooms/audit/witness.ts";
import { operator, withMetadata } from "./command.ts";
import type { Call, Command } from "./command.ts";

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function describe({ tree, size, checkpoints, pending, trouble }: TreeVerdict): string {
  if (!trouble) return `${tree}: ${counted(size, "event")}, ${counted(checkpoints, "signed checkpoint")}, ${pending} too new to have a place. All fits.`;
  const where = [trouble.event ?? "no event to name", ...(trouble.position === null ? [] : [`at ${trouble.position}`])].join(" ");
  return `${tree}: DOES NOT FIT (${trouble.kind}), first ${where}. ${trouble.reason}`;
}

/** The key that was given, else this home's, which is not made for it. */
function verifierOf(config: Config, line: string | undefined) {
  if (line === undefined && existsSync(join(config.home, "secrets/audit"))) return openAuditKeys(config.home);
  return readVerifier(line ?? "") ?? refuse("AUDIT_KEY_NEEDED");
}

function refuse(code: "AUDIT_KEY_NEEDED"): never {
  throw new Problem(code);
}

async function verifyFile(file: string, call: Pick<Call, "config" | "flags" | "print">): Promise<number> {
  if (!existsSync(file)) throw new Problem("CONFIG_INVALID", { values: { name: "--file", value: file, allowed: "a file that is there" } });
  const verifier = verifierOf(call.config, call.flags.key);
  const verdict = await verifyExport(() => createInterface({ input: createReadStream(file), crlfDelay: Infinity }), verifier);
  const part = verdict.begin > 0 ? ` Begins after the first ${verdict.begin}.` : "";
  call.print({ ok: verdict.trouble === null, ...verdict }, `${describe(verdict)}${verdict.trouble ? "" : `${part} As of ${verdict.at}.`}`);
  return verdict.trouble === null ? 0 : 1;
}

export const auditCommands: Command[] = [
  {
    noun: "audit",
    verb: "verify",
    summary: "Hold the audit log, or an export of it, against its trees and signed checkpoints; exit 1 naming the first event that does not fit",
    flags: {
      team: { about: "only this team's log; `installation` for what belongs to no team" },
      file: { about: "an export, without any server" },
      key: { about: "the public key for it, as `kliv audit key` prints it; without it this home's" },
    },
    async run({ config, flags, print }) {
      if (flags.file !== undefined) return await verifyFile(flags.file, { config, flags, print });
      const team = flags.team === undefined ? undefined : flags.team === installationTree ? null : flags.team;
      const trees = await withMetadata(config, ({ postgres }) => verifyDatabase({ postgres, keys: openAuditKeys(config.home), folder: witnessFolder(config.home) }, team));
      const ok = trees.every((one) => one.trouble === null);
      print({ ok, trees }, trees.map(describe).join("\n") || "There are no events.");
      return ok ? 0 : 1;
    },
  },
  {
    noun: "audit",
    verb: "export",
    summary: "Print a log as lines that verify with the public key alone; what has no place yet is not in it",
    flags: { team: { about: "the team's id; `installation` for what belongs to no team", required: true } },
    async run({ config, flags }) {
      const tree = flags.team ?? "";
      const team = tree === installationTree ? null : tree;
      await withMetadata(config, async ({ postgres, audit }) => {
        await postgres.transaction({}, (tx) => audit.record(tx, { team, action: "audit:export", by: operator, resource: { kind: team === null ? "installation" : "team", id: tree } }));
        for await (const part of exportLines(postgres, { tree, from: 0, reach: { operator: true } })) {
          // A slow reader is waited for: the log may be larger than memory.
          if (!process.stdout.write(part)) await once(process.stdout, "drain");
        }
      });
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

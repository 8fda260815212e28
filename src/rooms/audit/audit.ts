import { randomBytes } from "node:crypto";
import type { Actor } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import { markMade } from "#src/base/once.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { canonicalJson, eventOf } from "./event.ts";
import { exportLines } from "./export.ts";
import { openAuditKeys } from "./keys.ts";
import type { AuditKeys } from "./keys.ts";
import { createSequencer } from "./sequencer.ts";
import type { Sequencer } from "./sequencer.ts";
import { everything, insertEvent, keepVerifier, lastCheckpoint } from "./store.ts";
import { verifyDatabase } from "./verify.ts";
import type { TreeVerdict } from "./verify.ts";
import { openWitness, witnessFolder } from "./witness.ts";

export { openAuditKeys, readVerifier } from "./keys.ts";
export { verifyExport } from "./verify-file.ts";

/** On whose behalf something was done. */
export interface Doer {
  kind: "session" | "token" | "service" | "operator" | "system" | "anonymous";
  /** The user's id, where there is one. */
  user: string | null;
  /** The service account's id, where it is one. */
  service?: string;
  requestId?: string;
  address?: string;
}

/** The doer of a request. */
export function doerOf(context: { actor: Actor | null; requestId: string; address: string }): Doer {
  const { actor, requestId, address } = context;
  if (actor?.kind === "service") return { kind: "service", user: null, service: actor.user, requestId, address };
  return { kind: actor?.kind ?? "anonymous", user: actor?.user ?? null, requestId, address };
}

export interface Deed {
  team: string | null;
  /** As in the table of permissions, or an operator's: `user:create`. */
  action: string;
  by: Doer;
  resource: { kind: string; id: string };
  /** Ids, counts and settings; never content, secrets or addresses of mail. */
  facts?: Record<string, string | number | boolean | null>;
}

export interface Audit {
  /** Writes the event in the same transaction as the change: both happen or neither. Its place in the tree it is given later. */
  record(tx: Tx, deed: Deed): Promise<void>;
  /** Called when an event was written by a transaction that may not be committed yet. */
  onRecorded(listener: () => void): void;
}

const saltBytes = 16;

export function createAudit({ clock, keys }: { clock: Clock; keys: AuditKeys }): Audit {
  const listeners: (() => void)[] = [];
  return {
    async record(tx, deed) {
      const event = {
        id: newId("evt", clock), team_id: deed.team, at: clock.date(), action: deed.action, actor_kind: deed.by.kind, actor_id: deed.by.user ?? deed.by.service ?? null,
        resource_kind: deed.resource.kind, resource_id: deed.resource.id, request_id: deed.by.requestId ?? null, address: deed.by.address ?? null, salt: randomBytes(saltBytes),
      };
      const facts = deed.facts ?? {};
      const seal = keys.seal(event.salt, canonicalJson(eventOf({ ...event, facts })));
      await insertEvent(tx, { ...event, facts: JSON.stringify(facts), seal });
      if (deed.team !== null) await markMade(tx, deed.resource);
      for (const listener of listeners) listener();
    },
    onRecorded: (listener) => void listeners.push(listener),
  };
}

/** The log as a whole, which only grows: places and checkpoints for what was recorded, exports, verification. */
export interface AuditLog extends Sequencer {
  /** The lines of an export; it is an event itself, and the last one in it. */
  exportTeam(options: { team: string; from: number; by: Doer }): Promise<AsyncIterable<string>>;
  /** One at a time for a team: whoever asks meanwhile, or soon after one that took long, gets the same answer. */
  verifyTeam(team: string): Promise<TeamVerdict>;
  /** Every log of the installation. */
  verifyAll(signal: AbortSignal): Promise<TreeVerdict[]>;
}

export type TeamVerdict = Omit<TreeVerdict, "tree"> & { ok: boolean; key: string; checkpoint: string | null; at: string | null };

interface Verifying {
  verdict: Promise<TeamVerdict>;
  /** Until when it is the answer, by the process's own clock; null while it is under way. */
  untilMs: number | null;
}

/** A page that is looked at again and again must not keep the server busy with a long log. */
const shortMs = 2_000;
const keptTimes = 10;

interface LogParts {
  config: { home: string };
  postgres: Postgres;
  audit: Audit;
  clock: Clock;
  log: Log;
}

export function createAuditLog({ config, postgres, audit, clock, log }: LogParts): AuditLog {
  const keys = openAuditKeys(config.home);
  const folder = witnessFolder(config.home);
  const sequencer = createSequencer({ postgres, clock, log, keys, witness: openWitness({ folder, clock }) });
  const verifying = new Map<string, Verifying>();
  const verify = async (team: string): Promise<TeamVerdict> => {
    await sequencer.run();
    const [verdict] = await verifyDatabase({ postgres, keys, folder }, team);
    const newest = await postgres.transaction({ teams: [team] }, (tx) => lastCheckpoint(tx, team));
    const { tree: _, ...rest } = verdict as TreeVerdict;
    return { ...rest, ok: rest.trouble === null, key: keys.line, checkpoint: newest?.note ?? null, at: newest?.at.toISOString() ?? null };
  };
  return {
    ...sequencer,
    async exportTeam({ team, from, by }) {
      await postgres.transaction({ teams: [team] }, (tx) => audit.record(tx, { team, action: "audit:export", by, resource: { kind: "team", id: team }, facts: { from } }));
      await sequencer.run();
      return exportLines(postgres, { tree: team, from, reach: { teams: [team] } });
    },
    verifyAll: (signal) => verifyDatabase({ postgres, keys, folder, signal }),
    verifyTeam(team) {
      const known = verifying.get(team);
      if (known && (known.untilMs === null || known.untilMs > performance.now())) return known.verdict;
      const startedMs = performance.now();
      const made: Verifying = { untilMs: null, verdict: verify(team) };
      verifying.set(team, made);
      void made.verdict.then(() => {
        const tookMs = performance.now() - startedMs;
        made.untilMs = performance.now() + keptTimes * tookMs;
        if (tookMs < shortMs) verifying.delete(team);
      }, () => verifying.delete(team));
      return made.verdict;
    },
  };
}

/** Throws AUDIT_KEY_OTHER where this database's log is signed with another home's key. */
export async function holdAuditKey(postgres: Postgres, keys: AuditKeys): Promise<void> {
  const verifier = await postgres.transaction(everything, (tx) => keepVerifier(tx, keys.line));
  if (verifier !== keys.line) throw new Problem("AUDIT_KEY_OTHER");
}

import { randomBytes } from "node:crypto";
import type { Actor } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { canonicalJson, eventOf } from "./event.ts";
import { openAuditKeys } from "./keys.ts";
import type { AuditKeys } from "./keys.ts";
import { createSequencer } from "./sequencer.ts";
import type { Sequencer } from "./sequencer.ts";
import { everything, insertEvent, keepVerifier } from "./store.ts";
import { openWitness, witnessFolder } from "./witness.ts";

export { openAuditKeys };

/** On whose behalf something was done. */
export interface Doer {
  kind: "session" | "token" | "operator" | "system" | "anonymous";
  /** The user's id, where there is one. */
  user: string | null;
  requestId?: string;
  address?: string;
}

/** The doer of a request. */
export function doerOf(context: { actor: Actor | null; requestId: string; address: string }): Doer {
  const { actor, requestId, address } = context;
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
        id: newId("evt", clock), team_id: deed.team, at: clock.date(), action: deed.action, actor_kind: deed.by.kind, actor_id: deed.by.user,
        resource_kind: deed.resource.kind, resource_id: deed.resource.id, request_id: deed.by.requestId ?? null, address: deed.by.address ?? null, salt: randomBytes(saltBytes),
      };
      const facts = deed.facts ?? {};
      const seal = keys.seal(event.salt, canonicalJson(eventOf({ ...event, facts })));
      await insertEvent(tx, { ...event, facts: JSON.stringify(facts), seal });
      for (const listener of listeners) listener();
    },
    onRecorded: (listener) => void listeners.push(listener),
  };
}

/** What gives the recorded events their places in the trees. */
export function createAuditLog({ config, postgres, clock, log }: { config: { home: string }; postgres: Postgres; clock: Clock; log: Log }): Sequencer {
  return createSequencer({ postgres, clock, log, keys: openAuditKeys(config.home), witness: openWitness({ folder: witnessFolder(config.home), clock }) });
}

/** Throws AUDIT_KEY_OTHER where this database's log is signed with another home's key. */
export async function holdAuditKey(postgres: Postgres, keys: AuditKeys): Promise<void> {
  const verifier = await postgres.transaction(everything, (tx) => keepVerifier(tx, keys.line));
  if (verifier !== keys.line) throw new Problem("AUDIT_KEY_OTHER");
}

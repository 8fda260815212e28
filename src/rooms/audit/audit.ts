import type { Actor } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { insertEvent } from "./store.ts";

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
  /** Writes the event in the same transaction as the change: both happen or neither. */
  record(tx: Tx, deed: Deed): Promise<void>;
}

export function createAudit(clock: Clock): Audit {
  return {
    record: (tx, deed) =>
      insertEvent(tx, {
        id: newId("evt", clock),
        team_id: deed.team,
        at: clock.date(),
        action: deed.action,
        actor_kind: deed.by.kind,
        actor_id: deed.by.user,
        resource_kind: deed.resource.kind,
        resource_id: deed.resource.id,
        request_id: deed.by.requestId ?? null,
        address: deed.by.address ?? null,
        facts: JSON.stringify(deed.facts ?? {}),
      }),
  };
}

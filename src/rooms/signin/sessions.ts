import type { Clock } from "#src/base/clock.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import { speakingFor } from "#src/base/postgres/postgres.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { hashSecret } from "#src/base/secrets.ts";
import * as store from "./store.ts";

/** Fixed: there is no setting for it, only an identity provider may end a session earlier. */
export const sessionDays = 30;
const dayMs = 86_400_000;

/** How somebody came in. */
export type Method = "password" | "passkey" | "oidc" | "saml";

export interface Opening {
  user: string;
  method: Method;
  /** A second factor was shown, or what was shown stands for two (a passkey, an identity provider's word). */
  hasFactor: boolean;
  /** The browser, as it calls itself. */
  agent: string;
  by: Doer;
  /** What an identity provider allows; never later than the usual end. */
  expiresAt?: Date;
}

export interface Sessions {
  /** Lets a person in whose identity is proven. The secret goes into the cookie and is nowhere else. */
  open(tx: Tx, opening: Opening): Promise<{ id: string; secret: string; expiresAt: Date }>;
  /** Ends one of a person's sessions, or all, or all but one; at once on every node. Returns how many. */
  end(tx: Tx, which: { user: string; id?: string; except?: string; by: Doer }): Promise<number>;
}

export function createSessions({ postgres, audit, clock }: { postgres: Postgres; audit: Audit; clock: Clock }): Sessions {
  return {
    async open(tx, { user, method, hasFactor, agent, by, expiresAt }) {
      const secret = newSecret("kliv_session");
      const id = newId("ses", clock);
      const ends = new Date(Math.min(clock.now() + sessionDays * dayMs, expiresAt?.getTime() ?? Infinity));
      await store.insertSession(tx, {
        id, session_hash: hashSecret(secret), user_id: user, agent: agent.slice(0, 300), created_at: clock.date(), last_used_at: clock.date(),
        expires_at: ends, method, has_factor: hasFactor, proven_at: clock.date(),
      });
      await audit.record(tx, { team: null, action: "session:create", by: { ...by, user }, resource: { kind: "user", id: user }, facts: { method, hasFactor } });
      return { id, secret, expiresAt: ends };
    },
    async end(tx, { user, by, ...which }) {
      const hashes = await speakingFor(tx, user, () => store.deleteSessions(tx, { user, ...which }));
      for (const id of hashes) await postgres.announce(tx, { kind: "session", id });
      if (hashes.length > 0) await audit.record(tx, { team: null, action: "session:delete", by, resource: { kind: "user", id: user }, facts: { count: hashes.length } });
      return hashes.length;
    },
  };
}

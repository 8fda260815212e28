import type { Actor, Role } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { hashSecret } from "#src/base/secrets.ts";
import * as store from "./store.ts";

interface Entry {
  actor: Actor | null;
  readMs: number;
}

export interface Actors {
  /** Null for a secret that is unknown, expired or revoked. */
  find(kind: "session" | "token", secret: string): Actor | null | Promise<Actor | null>;
}

// Changes are announced at once; the short age is for the case that an announcement is lost on its way.
const ageMsMax = 4_000;
const entriesMax = 10_000;

/** Who a session's or a token's secret stands for, kept for a few seconds so that a busy client does not cost a query each time. */
export function createActors({ postgres, clock }: { postgres: Postgres; clock: Clock }): Actors {
  const cache = new Map<string, Entry>();
  // Grows with each change: an answer that was read before it must not be kept after it.
  let generation = 0;
  postgres.onChange((change) => {
    if (change && !["user", "team", "session", "token"].includes(change.kind)) return;
    generation++;
    if (change?.kind === "session" || change?.kind === "token") cache.delete(change.id);
    else cache.clear();
  });
  const read = async (kind: "session" | "token", hash: string): Promise<Actor | null> => {
    const startedAt = generation;
    const actor = await readActor(postgres, kind, hash, clock);
    if (generation === startedAt) {
      if (cache.size >= entriesMax) cache.clear();
      cache.set(hash, { actor, readMs: clock.now() });
    }
    return actor;
  };
  return {
    find(kind, secret) {
      const hash = hashSecret(secret);
      const entry = cache.get(hash);
      if (entry && clock.now() - entry.readMs < ageMsMax) return entry.actor;
      return read(kind, hash);
    },
  };
}

/** One statement, outside a transaction: what it may reach is written in its function. */
async function readActor(postgres: Postgres, kind: "session" | "token", hash: string, clock: Clock): Promise<Actor | null> {
  const found = kind === "token" ? await store.findTokenActor(postgres.alone, hash, clock.date()) : await store.findSessionActor(postgres.alone, hash, clock.date());
  if (!found) return null;
  const { id, user, hasFactor, scope = "all" } = found;
  const teams = new Map<string, Role>();
  const withheld = new Map<string, Role>();
  // What a team asks of people it does not ask of programs.
  for (const { team, role, factorRequired } of found.memberships) (kind === "session" && factorRequired && !hasFactor ? withheld : teams).set(team, role);
  const actor = { kind: found.kind ?? kind, user, id, scope, teams, groups: new Set(found.groups) };
  return kind === "session" ? { ...actor, hasFactor: hasFactor ?? false, withheld: withheld.size > 0 ? withheld : null } : actor;
}

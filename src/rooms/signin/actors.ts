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
  find(kind: Actor["kind"], secret: string): Actor | null | Promise<Actor | null>;
}

// Changes are announced at once; the short age is for the case that an announcement is lost on its way.
const ageMsMax = 4_000;
const entriesMax = 10_000;
const touchEveryMs = 60_000;

/** Who a session's or a token's secret stands for, kept for a few seconds so that a busy client does not cost a query each time. */
export function createActors({ postgres, clock }: { postgres: Postgres; clock: Clock }): Actors {
  const cache = new Map<string, Entry>();
  const touched = new Map<string, number>();
  // Grows with each change: an answer that was read before it must not be kept after it.
  let generation = 0;
  postgres.onChange((change) => {
    if (change && !["user", "team", "session", "token"].includes(change.kind)) return;
    generation++;
    if (change?.kind === "session" || change?.kind === "token") cache.delete(change.id);
    else cache.clear();
  });
  const read = async (kind: Actor["kind"], hash: string): Promise<Actor | null> => {
    const startedAt = generation;
    const actor = kind === "token" ? await readToken(postgres, hash, clock) : await readSession(postgres, hash, clock);
    if (generation === startedAt) {
      if (cache.size >= entriesMax) cache.clear();
      cache.set(hash, { actor, readMs: clock.now() });
    }
    if (actor) await touch(actor);
    return actor;
  };
  const touch = async (actor: Actor): Promise<void> => {
    const now = clock.now();
    if (now - (touched.get(actor.id) ?? 0) < touchEveryMs) return;
    if (touched.size >= entriesMax) touched.clear();
    touched.set(actor.id, now);
    await postgres.transaction({ user: actor.user, teams: [...actor.teams.keys()] }, (tx) =>
      actor.kind === "token" ? store.touchToken(tx, actor.id, clock.date()) : store.touchSession(tx, actor.id, clock.date()),
    );
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

async function readToken(postgres: Postgres, hash: string, clock: Clock): Promise<Actor | null> {
  const token = await postgres.transaction({ slug: hash }, (tx) => store.findToken(tx, hash, clock.date()));
  if (!token) return null;
  const { memberships, groups } = await belongings(postgres, token.user_id);
  const role = memberships.find(({ team }) => team === token.team_id)?.role;
  // A token ends with its person's membership. What a team asks of people it does not ask of programs.
  if (!role) return null;
  return { kind: "token", user: token.user_id, id: token.id, scope: token.scope, teams: new Map([[token.team_id, role]]), groups };
}

async function readSession(postgres: Postgres, hash: string, clock: Clock): Promise<Actor | null> {
  const session = await postgres.transaction({}, (tx) => store.findSession(tx, hash, clock.date()));
  if (!session) return null;
  const { memberships, groups } = await belongings(postgres, session.user_id);
  const teams = new Map<string, Role>();
  const withheld = new Map<string, Role>();
  for (const { team, role, factorRequired } of memberships) (factorRequired && !session.has_factor ? withheld : teams).set(team, role);
  return {
    kind: "session", user: session.user_id, id: session.id, scope: "all", teams, groups, hasFactor: session.has_factor, withheld: withheld.size > 0 ? withheld : null,
  };
}

async function belongings(postgres: Postgres, user: string) {
  return await postgres.transaction({ user }, async (tx) => ({ memberships: await store.listMemberships(tx, user), groups: new Set(await store.listGroupIds(tx, user)) }));
}

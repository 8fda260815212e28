import type { Actor } from "#src/access/access.ts";
import { exemptRoles } from "#src/access/rows.ts";
import type { RowAccess, RowRules } from "#src/access/rows.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { effectiveAccess } from "./effective.ts";
import type { Rule } from "./schema.ts";
import * as store from "./store.ts";

// As with databases: announced at once, and read again soon in case an announcement was lost.
const ageMsMax = 4_000;
const entriesMax = 10_000;

interface Entry {
  rules: Rule[];
  readMs: number;
}

interface Seen {
  access: RowAccess | null;
  readMs: number;
}

/** What each reader sees, kept for a few seconds: a database without rules costs a look into a map. */
export function createReaders({ postgres, clock }: { postgres: Postgres; clock: Clock }): RowRules {
  const entries = new Map<string, Entry>();
  const seen = new Map<string, Seen>();
  // Grows with each change: what was read before it must not be kept after it.
  let generation = 0;
  postgres.onChange((change) => {
    if (change && !["database", "team", "user"].includes(change.kind)) return;
    generation++;
    seen.clear();
    if (change?.kind === "database") entries.delete(change.id);
    else if (change?.kind !== "user") entries.clear();
  });
  const isFresh = (kept: { readMs: number }): boolean => clock.now() - kept.readMs < ageMsMax;
  const keep = <T>(map: Map<string, T>, key: string, value: T, startedAt: number): void => {
    if (generation !== startedAt) return;
    if (map.size >= entriesMax) map.clear();
    map.set(key, value);
  };
  const rulesOf = async (team: string, database: string): Promise<Rule[]> => {
    const startedAt = generation;
    const row = await postgres.transaction({ teams: [team] }, (tx) => store.findRules(tx, database));
    const rules = row?.rules ?? [];
    keep(entries, database, { rules, readMs: clock.now() }, startedAt);
    return rules;
  };
  const read = async (actor: Actor, { id, team }: { id: string; team: string }, known?: Rule[]): Promise<RowAccess | null> => {
    const rules = known ?? (await rulesOf(team, id));
    if (rules.length === 0) return null;
    const key = `${id} ${actor.user} ${actor.teams.get(team)}`;
    const kept = seen.get(key);
    if (kept && isFresh(kept)) return kept.access;
    const startedAt = generation;
    const person = await postgres.transaction({ teams: [team] }, (tx) => store.findPerson(tx, team, actor.user));
    const role = actor.teams.get(team) ?? "viewer";
    const access = effectiveAccess(rules, { id: actor.user, role, email: person?.email ?? null, groups: person?.groups ?? [] });
    keep(seen, key, { access, readMs: clock.now() }, startedAt);
    return access;
  };
  return {
    accessOf(actor, database) {
      const role = actor?.teams.get(database.team);
      // Whoever comes here was let in by a role; without one there is nothing to see.
      if (!actor || !role) throw new Problem("NOT_FOUND");
      if (exemptRoles.includes(role)) return null;
      const entry = entries.get(database.id);
      if (!entry || !isFresh(entry)) return read(actor, database);
      return entry.rules.length === 0 ? null : read(actor, database, entry.rules);
    },
    hasRules({ id, team }) {
      const entry = entries.get(id);
      return entry && isFresh(entry) ? entry.rules.length > 0 : rulesOf(team, id).then((rules) => rules.length > 0);
    },
  };
}

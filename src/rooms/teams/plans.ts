import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import * as store from "./store.ts";
import type { Plan } from "./store.ts";

/** What a team may use. The installation's own limits hold besides: the smaller one counts. */
export interface PlanLimits {
  queriesAtOnceMax: number;
  queriesWaitingMax: number;
  queryTimeoutMs: number;
  queryRowsMax: number;
  /** Of imports in the background; one of a team's runs at once. */
  importsWaitingMax: number;
}

/** The one table of what each plan may use. An installation that sells no plans gives every team the last line. */
export const planLimits: Record<Plan | "own", PlanLimits> = {
  free: { queriesAtOnceMax: 2, queriesWaitingMax: 50, queryTimeoutMs: 10_000, queryRowsMax: 100_000, importsWaitingMax: 20 },
  business: { queriesAtOnceMax: 8, queriesWaitingMax: 200, queryTimeoutMs: 60_000, queryRowsMax: 1_000_000, importsWaitingMax: 100 },
  enterprise: { queriesAtOnceMax: 32, queriesWaitingMax: 1_000, queryTimeoutMs: 300_000, queryRowsMax: 10_000_000, importsWaitingMax: 500 },
  own: { queriesAtOnceMax: 64, queriesWaitingMax: 2_000, queryTimeoutMs: 3_600_000, queryRowsMax: 100_000_000, importsWaitingMax: 1_000 },
};

/** The installation's limits on queries, and the plan's where they are less. */
export function narrowLimits(limits: Limits, plan: PlanLimits): Limits {
  return { ...limits, queryTimeoutMs: Math.min(limits.queryTimeoutMs, plan.queryTimeoutMs), queryRowsMax: Math.min(limits.queryRowsMax, plan.queryRowsMax) };
}

export interface Plans {
  /** What the team may use now. */
  limitsOf(team: string): PlanLimits | Promise<PlanLimits>;
  /** The same where nothing may be waited for; null where it is not known yet. */
  knownLimitsOf(team: string): PlanLimits | null;
}

// Announced at once, and read again soon in case an announcement was lost.
const ageMsMax = 10_000;
const entriesMax = 10_000;

export function createPlans({ postgres, clock, sellsPlans }: { postgres: Postgres; clock: Clock; sellsPlans: boolean }): Plans {
  const known = new Map<string, { plan: Plan; readMs: number }>();
  postgres.onChange((change) => {
    if (change === null) known.clear();
    else if (change.kind === "team" || change.kind === "plan") known.delete(change.id);
  });
  const read = async (team: string): Promise<PlanLimits> => {
    const row = await postgres.transaction({ teams: [team] }, (tx) => store.findTeam(tx, team));
    if (!row) return planLimits.free;
    if (known.size >= entriesMax) known.clear();
    known.set(team, { plan: row.plan, readMs: clock.now() });
    return planLimits[row.plan];
  };
  const knownLimitsOf = (team: string): PlanLimits | null => {
    if (!sellsPlans) return planLimits.own;
    const found = known.get(team);
    return found && clock.now() - found.readMs < ageMsMax ? planLimits[found.plan] : null;
  };
  return {
    limitsOf: (team) => knownLimitsOf(team) ?? read(team),
    knownLimitsOf,
  };
}

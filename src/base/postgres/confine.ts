import { AsyncLocalStorage } from "node:async_hooks";

interface Teams {
  has(team: string): boolean;
}

const within = new AsyncLocalStorage<Teams | null>();

/**
 * Whatever a transaction within `work` says that it reaches, it reaches at most these teams: row-level security then stands
 * behind the question of permission and not on it. A route that asks wrongly still gives nothing of another team's.
 */
export function confine<T>(teams: Teams, work: () => T): T {
  return within.run(teams, work);
}

/** For what goes on by itself and only happens to begin within somebody's request. */
export function unconfined<T>(work: () => T): T {
  return within.run(null, work);
}

/** Of these teams those that may be reached from here. */
export function reachable(teams: string[]): string[] {
  const allowed = within.getStore();
  return allowed ? teams.filter((team) => allowed.has(team)) : teams;
}

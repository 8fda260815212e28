import type { Clock } from "#src/base/clock.ts";
import type { Log } from "#src/base/log.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { CheckContext, Evidence, Finding, PromiseDefinition, State } from "./promise.ts";
import { loadPromises } from "./registry.ts";
import { runChecks } from "./runner.ts";
import type { PromiseView } from "./schema.ts";
import * as store from "./store.ts";
import { reasonWords } from "./words.ts";

export interface Trust {
  /** All promises in the page's order, each with its true state now. */
  list(): Promise<PromiseView[]>;
  /**
   * Runs the checks of these promises (all that have one, without ids), keeps the findings and answers with the promises' states.
   * Promises without a check answer as in `list`. Throws REQUEST_INVALID for an id that is none.
   */
  check(options: { context: CheckContext; ids?: readonly string[] }): Promise<PromiseView[]>;
  /** The ids of the promises whose check is due: never run, longer ago than its cadence, or an hour ago without seeing it kept. */
  due(): Promise<string[]>;
}

export interface TrustParts {
  postgres: Postgres;
  clock: Clock;
  log?: Log;
  /** For tests; without it, all of the page's. */
  promises?: readonly PromiseDefinition[];
}

interface Result {
  state: Finding["state"];
  evidence: Evidence;
  checkedAtMs: number;
}

const hourMs = 3_600_000;
/** A result older than this many cadences says nothing of today. */
const cadencesMax = 2;
/** What was not seen kept may be again, or may have failed for a passing reason: it is looked at again soon. */
const retryHours = 1;

export function createTrust(parts: TrustParts): Trust {
  const { postgres, clock, log } = parts;
  const promises = async (): Promise<readonly PromiseDefinition[]> => parts.promises ?? (await loadPromises());
  const results = async (): Promise<Map<string, Result>> => {
    const rows = await postgres.transaction({}, (tx) => store.listResults(tx));
    return new Map(rows.map((row) => [row.promise_id, { state: row.state, evidence: row.evidence, checkedAtMs: row.checked_at.getTime() }]));
  };
  const view = async (chosen: readonly PromiseDefinition[]): Promise<PromiseView[]> => {
    const found = await results();
    return chosen.map((promise) => viewPromise(promise, found.get(promise.id) ?? null, clock.now()));
  };
  return {
    list: async () => await view(await promises()),
    check: async ({ context, ids }) => {
      const chosen = choose(await promises(), ids);
      const onFinding = (promise: PromiseDefinition, finding: Finding): Promise<void> =>
        postgres.transaction({}, (tx) => store.saveResult(tx, { promise: promise.id, finding, checkedAt: clock.date() }));
      await runChecks({ promises: chosen.filter((promise) => promise.check), context, onFinding, ...(log ? { log } : {}) });
      return await view(chosen);
    },
    due: async () => {
      const found = await results();
      return (await promises()).filter((promise) => promise.check && isDue(promise, found.get(promise.id), clock.now())).map((promise) => promise.id);
    },
  };
}

function choose(all: readonly PromiseDefinition[], ids: readonly string[] | undefined): readonly PromiseDefinition[] {
  if (ids === undefined) return all;
  const missing = ids.find((id) => !all.some((promise) => promise.id === id));
  if (missing !== undefined) throw new Problem("REQUEST_INVALID", { values: { reason: `there is no promise ${missing.slice(0, 40)}` } });
  return all.filter((promise) => ids.includes(promise.id));
}

function isDue(promise: PromiseDefinition, result: Result | undefined, nowMs: number): boolean {
  if (result === undefined) return true;
  const hours = result.state === "kept" ? promise.everyHours : Math.min(promise.everyHours, retryHours);
  return nowMs - result.checkedAtMs >= hours * hourMs;
}

/** The state as it may be shown at `nowMs`: never better than what a recent check saw. */
export function viewPromise(promise: PromiseDefinition, result: Result | null, nowMs: number): PromiseView {
  const { id, section, kind, statement, must, proof } = promise;
  const { state, evidence } = judge(promise, result, nowMs);
  // A result of a check that no longer exists is not shown.
  const checkedAt = result && promise.check ? new Date(result.checkedAtMs).toISOString() : null;
  return { id, section, kind, statement, must, proof, state, checkedAt, hasCheck: promise.check !== undefined, evidence };
}

function judge(promise: PromiseDefinition, result: Result | null, nowMs: number): { state: State; evidence: Evidence } {
  if (promise.isAbsence) return { state: "not-promised", evidence: { summary: reasonWords.notPromised, facts: {} } };
  if (!promise.check) return { state: "unknown", evidence: { summary: reasonWords.noCheck, facts: {} } };
  if (!result) return { state: "unknown", evidence: { summary: reasonWords.notRun, facts: {} } };
  const ageMs = nowMs - result.checkedAtMs;
  const isStale = ageMs > cadencesMax * promise.everyHours * hourMs;
  // What was seen broken stays so until a check sees otherwise; what was seen kept does not.
  if (result.state === "kept" && isStale) {
    return { state: "unknown", evidence: { summary: reasonWords.stale, facts: { ...result.evidence.facts, hoursOld: Math.floor(ageMs / hourMs) } } };
  }
  return { state: result.state, evidence: result.evidence };
}

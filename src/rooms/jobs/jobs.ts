import type { Actor, Resource } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import * as store from "./store.ts";
import type { JobRow, JobState, Progress } from "./store.ts";

export type { JobState, Progress } from "./store.ts";
export type Job = Awaited<ReturnType<typeof store.findJob>> & object;

export interface Jobs {
  create(tx: Tx, options: { id: string; team: string; user: string | null; kind: string; input: object }): Promise<void>;
  get(team: string, id: string): Promise<Job>;
  /** How many of the team's wait to begin. */
  countQueued(tx: Tx, of: { team: string; kind: string }): Promise<number>;
  /** Whether it is there and has not ended. */
  isPending(team: string, id: string): Promise<boolean>;
  /** `about` is the database that it is about, where there is one. */
  find(actor: Actor, id: string): Promise<(Resource & { about: string | null }) | null>;
  /** Moves to running. False when it has ended already. */
  begin(team: string, id: string): Promise<boolean>;
  /** Written at most twice a second; a reader sees the newest of them. */
  progress(team: string, id: string, progress: Progress): Promise<void>;
  /** In the transaction that makes the result visible, so that neither is there without the other. Throws JOB_CANCELLED when it has ended already. */
  finish(tx: Tx, id: string, result: object): Promise<void>;
  fail(team: string, id: string, problem: Problem, language: Language): Promise<void>;
  /** Throws JOB_ENDED. */
  cancel(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** Aborted when the job is cancelled on any node. Call `release` at the end. */
  watch(id: string): { signal: AbortSignal; release(): void };
  sweep(): Promise<void>;
}

const progressEveryMs = 500;
const keptMs = 7 * 86_400_000;

export function createJobs({ postgres, audit, clock }: { postgres: Postgres; audit: Audit; clock: Clock }): Jobs {
  const watched = new Map<string, AbortController>();
  const writtenMs = new Map<string, number>();
  postgres.onChange((change) => {
    if (change?.kind === "job-cancelled") watched.get(change.id)?.abort(new Problem("JOB_CANCELLED"));
  });
  const update = (team: string, id: string, change: { state?: JobState; progress?: Progress; result?: object; error?: object }): Promise<boolean> =>
    postgres.transaction({ teams: [team] }, (tx) => store.updateJob(tx, id, { ...change, now: clock.date() }));
  return {
    countQueued: store.countQueued,
    create: (tx, job) => store.insertJob(tx, { ...job, now: clock.date() }),
    async get(team, id) {
      const job = await postgres.transaction({ teams: [team] }, (tx) => store.findJob(tx, id));
      if (!job) throw new Problem("NOT_FOUND");
      return job;
    },
    async isPending(team, id) {
      const job = await postgres.transaction({ teams: [team] }, (tx) => store.findJob(tx, id));
      return job !== null && (job.state === "queued" || job.state === "running");
    },
    async find(actor, id) {
      const job = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => store.findJob(tx, id));
      return job && { kind: "job", id, team: job.team_id, about: databaseOf(job) };
    },
    begin: (team, id) => update(team, id, { state: "running" }),
    async progress(team, id, progress) {
      if (clock.now() - (writtenMs.get(id) ?? 0) < progressEveryMs) return;
      writtenMs.set(id, clock.now());
      await update(team, id, { progress });
    },
    async finish(tx, id, result) {
      writtenMs.delete(id);
      if (!(await store.updateJob(tx, id, { state: "done", result, now: clock.date() }))) throw new Problem("JOB_CANCELLED");
    },
    async fail(team, id, problem, language) {
      writtenMs.delete(id);
      const state = problem.code === "JOB_CANCELLED" ? "cancelled" : "failed";
      await update(team, id, { state, error: problemBody(problem, language) });
    },
    cancel: ({ team, id, by }) =>
      postgres.transaction({ teams: [team] }, async (tx) => {
        if (!(await store.updateJob(tx, id, { state: "cancelled", now: clock.date() }))) throw new Problem("JOB_ENDED");
        await audit.record(tx, { team, action: "job:cancel", by, resource: { kind: "job", id } });
        await postgres.announce(tx, { kind: "job-cancelled", id });
      }),
    watch(id) {
      const controller = new AbortController();
      watched.set(id, controller);
      return { signal: controller.signal, release: () => void watched.delete(id) };
    },
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteJobsBefore(tx, new Date(clock.now() - keptMs))),
  };
}

function databaseOf({ input, result }: Pick<JobRow, "id"> & { input: unknown; result: unknown }): string | null {
  const named = (input as { database?: unknown } | null)?.database ?? (result as { id?: unknown } | null)?.id;
  return typeof named === "string" ? named : null;
}

/** A job as the API shows it. */
export function showJob(job: Pick<JobRow, "id" | "kind" | "state"> & { progress: Progress; result: unknown; error: unknown }) {
  return { id: job.id, kind: job.kind, state: job.state, progress: job.progress, result: job.result, error: job.error };
}

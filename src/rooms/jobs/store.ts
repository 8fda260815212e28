import { sql } from "kysely";
import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";
export interface Progress {
  done: number;
  total: number | null;
  unit: string;
}

type Json<T> = ColumnType<T, string, string>;

export interface JobRow {
  id: string;
  team_id: string;
  user_id: string | null;
  kind: string;
  input: Json<Record<string, unknown>>;
  state: JobState;
  progress: Json<Progress>;
  result: Json<Record<string, unknown> | null>;
  error: Json<Record<string, unknown> | null>;
  created_at: Date;
  updated_at: Date;
}

type JobTables = { jobs: JobRow };
const on = (tx: Tx) => tx.withTables<JobTables>();

export async function insertJob(tx: Tx, job: { id: string; team: string; user: string | null; kind: string; input: object; now: Date }): Promise<void> {
  await on(tx).insertInto("jobs").values({
    id: job.id, team_id: job.team, user_id: job.user, kind: job.kind, input: JSON.stringify(job.input), state: "queued",
    progress: JSON.stringify({ done: 0, total: null, unit: "bytes" }), result: "null", error: "null", created_at: job.now, updated_at: job.now,
  }).execute();
}

export async function countQueued(tx: Tx, { team, kind }: { team: string; kind: string }): Promise<number> {
  return (await on(tx).selectFrom("jobs").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).where("kind", "=", kind).where("state", "=", "queued").executeTakeFirstOrThrow()).count;
}

export async function findJob(tx: Tx, id: string) {
  return (await on(tx).selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Only a job that has not ended changes; false when it has (it may have been cancelled meanwhile). */
export async function updateJob(
  tx: Tx, id: string, change: { state?: JobState; progress?: Progress; result?: object; error?: object; now: Date },
): Promise<boolean> {
  const found = await on(tx).updateTable("jobs").set({
    updated_at: change.now,
    ...(change.state ? { state: change.state } : {}),
    ...(change.progress ? { progress: JSON.stringify(change.progress) } : {}),
    ...(change.result ? { result: JSON.stringify(change.result) } : {}),
    ...(change.error ? { error: JSON.stringify(change.error) } : {}),
  }).where("id", "=", id).where("state", "in", ["queued", "running"]).executeTakeFirst();
  return found.numUpdatedRows > 0n;
}

export async function deleteJobsBefore(tx: Tx, before: Date): Promise<void> {
  await sql`delete from jobs where updated_at < ${before} and state in ('done', 'failed', 'cancelled')`.execute(tx);
}

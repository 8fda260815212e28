import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Every } from "./sourceschema.ts";

type Json<T> = ColumnType<T, string | null, string | null>;

export interface Shown {
  address: string;
  accessKeyId: string | null;
}

type Problems = Record<"en" | "ja", Record<string, unknown>>;

interface Table {
  database_id: string;
  team_id: string;
  kind: "url" | "s3";
  sealed: string;
  shown: Json<Shown>;
  every: Every;
  etag: string | null;
  last_modified: string | null;
  sha256: string | null;
  next_at: Date | null;
  run_id: string | null;
  run_at: Date | null;
  checked_at: Date | null;
  changed_at: Date | null;
  failures: number;
  problem: Json<Problems | null>;
  is_told: boolean;
  created_by: string | null;
  created_at: Date;
}

const on = (tx: Tx) => tx.withTables<{ sources: Table }>();

export type SourceRow = Awaited<ReturnType<typeof findSource>> & object;
export type SourceChange = Partial<Pick<SourceRow, "etag" | "last_modified" | "sha256" | "next_at" | "run_id" | "run_at" | "checked_at" | "changed_at" | "failures" | "is_told"> & { problem: Problems | null }>;

export async function findSource(tx: Tx, database: string) {
  return (await on(tx).selectFrom("sources").selectAll().where("database_id", "=", database).executeTakeFirst()) ?? null;
}

/** Holds it until the transaction ends. */
export async function lockSource(tx: Tx, database: string): Promise<SourceRow | null> {
  return (await on(tx).selectFrom("sources").selectAll().where("database_id", "=", database).forUpdate().executeTakeFirst()) ?? null;
}

/** A source in the place of the one before: nothing is known of it yet. */
export async function replaceSource(tx: Tx, row: Pick<SourceRow, "database_id" | "team_id" | "kind" | "sealed" | "shown" | "every" | "next_at" | "created_by" | "created_at">): Promise<void> {
  await on(tx).deleteFrom("sources").where("database_id", "=", row.database_id).execute();
  await on(tx).insertInto("sources").values({ ...row, shown: JSON.stringify(row.shown), failures: 0, is_told: false }).execute();
}

export async function updateSource(tx: Tx, database: string, { problem, ...change }: SourceChange): Promise<void> {
  await on(tx).updateTable("sources").set({ ...change, ...(problem === undefined ? {} : { problem: problem && JSON.stringify(problem) }) }).where("database_id", "=", database).execute();
}

export async function deleteSource(tx: Tx, database: string): Promise<boolean> {
  return (await on(tx).deleteFrom("sources").where("database_id", "=", database).executeTakeFirst()).numDeletedRows > 0n;
}

/** Those whose time has come, unless a refresh of theirs began after `lostBefore`. */
export async function listDue(tx: Tx, { now, lostBefore, limit }: { now: Date; lostBefore: Date; limit: number }): Promise<{ database_id: string; team_id: string }[]> {
  return await on(tx).selectFrom("sources").select(["database_id", "team_id"]).where("next_at", "<=", now)
    .where((e) => e.or([e("run_id", "is", null), e("run_at", "<", lostBefore)])).orderBy("next_at").limit(limit).execute();
}

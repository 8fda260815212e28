import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { findVersion, insertVersion, lastVersionNumber } from "./store.ts";

/** How many versions of a database are kept: the last so many, and those of the last so many days. Both null: all. */
export interface Keep {
  versions: number | null;
  days: number | null;
}

type Tables = {
  databases: { id: string; team_id: string; version_id: string | null; keep_versions: number | null; keep_days: number | null };
  versions: { id: string; database_id: string; team_id: string; number: number; blob_key: string; label: string; note: string; restored_from: number | null; created_at: Date };
  removed_versions: { id: string; database_id: string; team_id: string; number: number; removed_at: Date };
};

const on = (tx: Tx) => tx.withTables<Tables>();

export async function labelVersion(tx: Tx, id: string, change: { label?: string; note?: string }): Promise<void> {
  if (Object.keys(change).length > 0) await on(tx).updateTable("versions").set(change).where("id", "=", id).execute();
}

/** A new version with the contents of an older one: both point to the same object. Returns its number. */
export async function insertRestored(tx: Tx, options: { database: string; from: string; id: string; user: string | null; now: Date }): Promise<number> {
  const { label: _label, note: _note, restored_from: _restored, ...old } = (await findVersion(tx, options.database, options.from))!;
  const number = (await lastVersionNumber(tx, options.database)) + 1;
  await insertVersion(tx, { ...old, id: options.id, number, created_by: options.user, created_at: options.now });
  await on(tx).updateTable("versions").set({ restored_from: old.number }).where("id", "=", options.id).execute();
  return number;
}

export async function findKeep(tx: Tx, database: string): Promise<Keep | null> {
  const row = await on(tx).selectFrom("databases").select(["keep_versions as versions", "keep_days as days"]).where("id", "=", database).executeTakeFirst();
  return row ?? null;
}

export async function setKeep(tx: Tx, database: string, keep: Keep): Promise<void> {
  await on(tx).updateTable("databases").set({ keep_versions: keep.versions, keep_days: keep.days }).where("id", "=", database).execute();
}

/** The databases that do not keep all, of every team that the transaction reaches. */
export async function listKeeping(tx: Tx): Promise<{ id: string; team_id: string }[]> {
  return await on(tx).selectFrom("databases").select(["id", "team_id"]).where((e) => e.or([e("keep_versions", "is not", null), e("keep_days", "is not", null)])).orderBy("id").execute();
}

export interface Aged {
  id: string;
  number: number;
  blob_key: string;
}

/** The versions that a policy does not keep, oldest first: without the current one, those with a label and those that wait for their bytes. */
export async function listUnkept(tx: Tx, options: { database: string; keep: Keep; now: Date; limit: number }): Promise<Aged[]> {
  const { database, keep: { versions, days }, now, limit } = options;
  if (versions === null && days === null) return [];
  let query = on(tx).selectFrom("versions").innerJoin("databases", "databases.id", "versions.database_id").select(["versions.id", "versions.number", "versions.blob_key"])
    .where("versions.database_id", "=", database).where("versions.label", "=", "").where("versions.blob_key", "!=", "").whereRef("versions.id", "!=", "databases.version_id");
  if (versions !== null) {
    const newest = on(tx).selectFrom("versions").select("id").where("database_id", "=", database).orderBy("number", "desc").limit(versions);
    query = query.where("versions.id", "not in", newest);
  }
  if (days !== null) query = query.where("versions.created_at", "<", new Date(now.getTime() - days * 86_400_000));
  return await query.orderBy("versions.number").limit(limit).execute();
}

/** Holds these versions until the transaction ends; nobody publishes one of them meanwhile. Returns those that are there. */
export async function lockForRemoval(tx: Tx, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await on(tx).selectFrom("versions").select("id").where("id", "in", ids).orderBy("id").forUpdate().execute();
  return new Set(rows.map(({ id }) => id));
}

/** Keeps these versions from being removed until the transaction ends. Returns those that are there. */
export async function lockAgainstRemoval(tx: Tx, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await on(tx).selectFrom("versions").select("id").where("id", "in", ids).orderBy("id").forKeyShare().execute();
  return new Set(rows.map(({ id }) => id));
}

/** Removes versions and notes that they were there. Returns the objects that no version points to any more. */
export async function removeVersions(tx: Tx, options: { database: string; team: string; versions: Aged[]; now: Date }): Promise<string[]> {
  const { database, team, versions, now } = options;
  const ids = versions.map(({ id }) => id);
  await on(tx).insertInto("removed_versions").values(versions.map(({ id, number }) => ({ id, database_id: database, team_id: team, number, removed_at: now }))).execute();
  await on(tx).deleteFrom("versions").where("id", "in", ids).execute();
  const keys = [...new Set(versions.map((version) => version.blob_key))];
  const { rows } = await sql<{ blob_key: string }>`select distinct blob_key from versions where blob_key = any(${keys})`.execute(tx);
  const left = new Set(rows.map((row) => row.blob_key));
  return keys.filter((key) => !left.has(key));
}

export async function findRemoved(tx: Tx, database: string, id: string): Promise<{ number: number; removed_at: Date } | null> {
  return (await on(tx).selectFrom("removed_versions").select(["number", "removed_at"]).where("database_id", "=", database).where("id", "=", id).executeTakeFirst()) ?? null;
}

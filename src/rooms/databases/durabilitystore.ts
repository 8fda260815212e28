import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

/** A stored object as the metadata knows it: what must be read there, and one of the versions that point to it. */
export interface StoredObject {
  blob_key: string;
  team_id: string;
  database_id: string;
  version_id: string;
  number: number;
  sha256: string;
  size_bytes: number;
  state: "sound" | "repaired" | "damaged" | null;
}

const objects = (team: string | null) => sql`select distinct on (v.blob_key) v.blob_key, v.team_id, v.database_id, v.id as version_id, v.number, v.sha256, v.size_bytes, v.created_at, c.state, c.checked_at
  from versions v left join object_checks c using (blob_key) where v.blob_key <> '' and (${team}::text is null or v.team_id = ${team}) order by v.blob_key, v.number`;

/** Those that were read longest ago, those that never were first; so many that they have so many bytes, and one at least. */
export async function listDue(tx: Tx, options: { team: string | null; notSince: Date; bytes: number; limit: number }): Promise<StoredObject[]> {
  const { rows } = await sql<StoredObject & { before: number }>`with o as (${objects(options.team)}),
    d as (select *, coalesce(sum(size_bytes) over (order by checked_at nulls first, blob_key rows between unbounded preceding and 1 preceding), 0)::bigint as before
      from o where checked_at is null or checked_at < ${options.notSince})
    select blob_key, team_id, database_id, version_id, number, sha256, size_bytes, state from d where before < ${options.bytes} order by checked_at nulls first, blob_key limit ${options.limit}`.execute(tx);
  return rows;
}

export async function isPointedTo(tx: Tx, key: string): Promise<boolean> {
  const { rows } = await sql`select 1 from versions where blob_key = ${key} limit 1`.execute(tx);
  return rows.length > 0;
}

/** Other objects with the same bytes. */
export async function listTwins(tx: Tx, object: StoredObject): Promise<string[]> {
  const { rows } = await sql<{ blob_key: string }>`select distinct blob_key from versions where sha256 = ${object.sha256} and blob_key not in ('', ${object.blob_key}) limit 10`.execute(tx);
  return rows.map((row) => row.blob_key);
}

export async function saveCheck(tx: Tx, check: { key: string; team: string; state: "sound" | "repaired" | "damaged"; now: Date }): Promise<void> {
  await sql`insert into object_checks (blob_key, team_id, checked_at, state) values (${check.key}, ${check.team}, ${check.now}, ${check.state})
    on conflict (blob_key) do update set checked_at = excluded.checked_at, state = excluded.state`.execute(tx);
}

/** Forgets objects that are gone. */
export async function forgetGone(tx: Tx): Promise<void> {
  await sql`delete from object_checks c where not exists (select 1 from versions v where v.blob_key = c.blob_key)`.execute(tx);
}

export interface Summary {
  objects: number;
  bytes: number;
  /** Not read within the period, though they are older than it. */
  overdue: number;
  damaged: number;
  repaired: number;
}

export async function summarize(tx: Tx, since: Date): Promise<Summary> {
  const { rows } = await sql<Summary>`with o as (${objects(null)}) select count(*) as objects, coalesce(sum(size_bytes), 0)::bigint as bytes,
    count(*) filter (where coalesce(checked_at, created_at) < ${since}) as overdue, count(*) filter (where state = 'damaged') as damaged, count(*) filter (where state = 'repaired') as repaired from o`.execute(tx);
  return rows[0]!;
}

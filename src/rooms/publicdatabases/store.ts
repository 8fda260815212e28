import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Table } from "#src/rooms/databases/schema.ts";
import { probeTeamPrefix } from "#src/rooms/teams/teams.ts";

export interface StateRow {
  slug: string | null;
  published_at: Date | null;
  is_restricted: boolean;
  has_rules: boolean;
  is_empty: boolean;
  name: string;
}

/** How a database stands, held until the end of the transaction. */
export async function lockState(tx: Tx, id: string): Promise<StateRow | null> {
  const held = await sql`select 1 from databases where id = ${id} for update`.execute(tx);
  return held.rows.length === 0 ? null : await findState(tx, id);
}

export async function findState(tx: Tx, id: string): Promise<StateRow | null> {
  const { rows } = await sql<StateRow>`select p.slug, p.published_at, d.name, d.is_restricted, coalesce(jsonb_array_length(r.rules), 0) > 0 as has_rules, coalesce(v.blob_key, '') = '' as is_empty
    from databases d left join public_databases p on p.database_id = d.id left join row_rules r on r.database_id = d.id left join versions v on v.id = d.version_id
    where d.id = ${id}`.execute(tx);
  return rows[0] ?? null;
}

export async function insertPublication(tx: Tx, row: { database: string; team: string; slug: string; user: string | null; now: Date }): Promise<void> {
  await sql`insert into public_databases (database_id, team_id, slug, published_by, published_at) values (${row.database}, ${row.team}, ${row.slug}, ${row.user}, ${row.now})`.execute(tx);
}

export async function deletePublication(tx: Tx, database: string): Promise<boolean> {
  return (await sql`delete from public_databases where database_id = ${database} returning 1`.execute(tx)).rows.length > 0;
}

export interface OpenRow {
  database_id: string;
  team_id: string;
  slug: string;
  published_at: Date;
  name: string;
  description: string;
  version_id: string;
  version_at: Date;
  blob_key: string;
  sha256: string;
  size_bytes: number;
  tables: Table[];
}

/** What everyone may see at this address, or null. */
export async function findOpen(tx: Tx, slug: string): Promise<OpenRow | null> {
  return (await sql<OpenRow>`select * from open_databases(${slug})`.execute(tx)).rows[0] ?? null;
}

export interface ListOptions {
  words: string[];
  /** The number of microseconds and the id of the last one. */
  after: { at: string; id: string } | null;
  limit: number;
}

/** All that is open, newest first. What a promise's check opens for a moment is in no list. */
export async function listOpen(tx: Tx, { words, after, limit }: ListOptions): Promise<(OpenRow & { at: string })[]> {
  const found = words.map((word) => sql<boolean>`lower(name || ' ' || description) like ${`%${word.replace(/[\\%_]/g, "\\$&")}%`}`);
  const at = sql`floor(extract(epoch from published_at) * 1000000)::bigint`;
  const later = after === null ? sql<boolean>`true` : sql<boolean>`(${at}, database_id) < (${after.at}::bigint, ${after.id})`;
  const { rows } = await sql<OpenRow & { at: string }>`select *, ${at}::text as at from open_databases(null)
    where not starts_with(team_id, ${probeTeamPrefix}) and ${later} and ${sql.join([sql`true`, ...found], sql` and `)}
    order by ${at} desc, database_id desc limit ${limit}`.execute(tx);
  return rows;
}

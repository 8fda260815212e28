import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { VersionRef } from "#src/rooms/databases/databases.ts";

/** The name that an export uses for each database, by its id. */
export async function databaseNames(tx: Tx, team: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`select id, coalesce(portable_id, id) as name from databases where team_id = ${team}`.execute(tx);
  return new Map(rows.map((row) => [row.id, row.name]));
}

export async function lockTeam(tx: Tx, team: string): Promise<void> {
  await sql`select 1 from teams where id = ${team} for update`.execute(tx);
}

export async function isEmpty(tx: Tx, team: string): Promise<boolean> {
  const { rows } = await sql`select 1 from databases where team_id = ${team} union all select 1 from reports where team_id = ${team}
    union all select 1 from queries where team_id = ${team} union all select 1 from attachments where team_id = ${team} limit 1`.execute(tx);
  return rows.length === 0;
}

/** The current version of each database of a team. */
export async function pins(tx: Tx, team: string): Promise<VersionRef[]> {
  const { rows } = await sql<VersionRef>`select v.id, v.database_id as database, v.team_id as team, v.blob_key as "blobKey", v.sha256, v.size_bytes as "sizeBytes"
    from databases d join versions v on v.id = d.version_id where d.team_id = ${team}`.execute(tx);
  return rows;
}

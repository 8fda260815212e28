import type { ColumnType } from "kysely";
import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface RunRow {
  database_id: string;
  team_id: string;
  sql_hash: string;
  sql: string;
  parameters: Record<string, unknown>;
  runs: number;
  total_ms: number;
  last_at: Date;
}

type Tables = { query_runs: Omit<RunRow, "parameters"> & { parameters: ColumnType<Record<string, unknown>, string, string> } };
const on = (tx: Tx) => tx.withTables<Tables>();

/** Adds to what is known of a question. Of a database that is gone meanwhile nothing is kept. */
export async function addRun(tx: Tx, row: RunRow): Promise<void> {
  const { database_id, team_id, sql_hash, runs, total_ms, last_at } = row;
  await sql`insert into query_runs (database_id, team_id, sql_hash, sql, parameters, runs, total_ms, last_at)
    select ${database_id}, ${team_id}, ${sql_hash}, ${row.sql}, ${JSON.stringify(row.parameters)}::jsonb, ${runs}, ${total_ms}, ${last_at} from databases where id = ${database_id} and team_id = ${team_id}
    on conflict (database_id, sql_hash) do update set parameters = excluded.parameters, runs = query_runs.runs + excluded.runs, total_ms = query_runs.total_ms + excluded.total_ms, last_at = excluded.last_at`.execute(tx);
}

/** The database's questions, those that took longest in all first. */
export async function listRuns(tx: Tx, { database, since, limit }: { database: string; since: Date; limit: number }): Promise<RunRow[]> {
  return await on(tx).selectFrom("query_runs").selectAll().where("database_id", "=", database).where("last_at", ">", since).orderBy("total_ms", "desc").limit(limit).execute();
}

/** Those that are old, and of each database those beyond so many. */
export async function deleteOld(tx: Tx, { before, kept }: { before: Date; kept: number }): Promise<void> {
  await on(tx).deleteFrom("query_runs").where("last_at", "<", before).execute();
  await sql`delete from query_runs r using (
    select database_id, sql_hash, row_number() over (partition by database_id order by total_ms desc) as place from query_runs) ranked
    where ranked.place > ${kept} and ranked.database_id = r.database_id and ranked.sql_hash = r.sql_hash`.execute(tx);
}

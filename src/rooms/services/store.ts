import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface ServiceRow {
  id: string;
  team_id: string;
  name: string;
  role: "admin" | "editor" | "viewer";
  created_by: string | null;
  created_at: Date;
}

export interface ServiceWithTokens extends ServiceRow {
  tokens: number;
  last_used_at: Date | null;
}

type Tables = { service_accounts: ServiceRow };
const on = (tx: Tx) => tx.withTables<Tables>();

export async function insertService(tx: Tx, row: ServiceRow): Promise<void> {
  await on(tx).insertInto("service_accounts").values(row).execute();
}

export async function findService(tx: Tx, team: string, id: string): Promise<ServiceRow | null> {
  return (await on(tx).selectFrom("service_accounts").selectAll().where("team_id", "=", team).where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function isNameTaken(tx: Tx, team: string, name: string): Promise<boolean> {
  return (await sql`select 1 from service_accounts where team_id = ${team} and lower(name) = lower(${name})`.execute(tx)).rows.length > 0;
}

export async function countServices(tx: Tx, team: string): Promise<number> {
  return Number((await on(tx).selectFrom("service_accounts").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).executeTakeFirstOrThrow()).count);
}

/** Newest first. */
export async function listServices(tx: Tx, options: { team: string; before?: string | undefined; limit: number }): Promise<ServiceWithTokens[]> {
  const { rows } = await sql<ServiceWithTokens>`select a.*, (select count(*)::int from tokens t where t.service_id = a.id) as tokens, (select max(t.last_used_at) from tokens t where t.service_id = a.id) as last_used_at
    from service_accounts a where a.team_id = ${options.team} and (${options.before ?? null}::text is null or a.id < ${options.before ?? null}) order by a.id desc limit ${options.limit}`.execute(tx);
  return rows;
}

/** With its tokens, whose hashes are returned for the caches. */
export async function deleteService(tx: Tx, id: string): Promise<string[]> {
  const { rows } = await sql<{ token_hash: string }>`delete from tokens where service_id = ${id} returning token_hash`.execute(tx);
  await on(tx).deleteFrom("service_accounts").where("id", "=", id).execute();
  return rows.map((row) => row.token_hash);
}

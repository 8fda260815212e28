import { sql } from "kysely";
import type { RawBuilder } from "kysely";
import type { Actor, Share } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { NewShare } from "./schema.ts";

/** What can be restricted, and the column of a share that names it. */
const columns = { databases: "database_id", reports: "report_id" } as const;
export type Table = keyof typeof columns;

/** Null for what is the whole team's, which costs nothing; else whom it is restricted to. For a select from the table. */
export function sharesOf(table: Table): RawBuilder<Share[] | null> {
  return sql<Share[] | null>`case when ${sql.ref(`${table}.is_restricted`)} then (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('user', s.user_id, 'group', s.group_id, 'service', s.service_id, 'role', s.role, 'level', s.level))), '[]'::jsonb)
    from shares s where s.${sql.ref(columns[table])} = ${sql.ref(`${table}.id`)}) end`;
}

/** A condition on the table's rows: those of one team that the actor sees, as `levelOf` says it. */
export function visibleTo(actor: Actor, team: string, table: Table): RawBuilder<boolean> {
  const role = actor.teams.get(team) ?? null;
  if (role === "owner" || role === "admin") return sql<boolean>`true`;
  return sql<boolean>`(not ${sql.ref(`${table}.is_restricted`)} or exists (select 1 from shares s where s.${sql.ref(columns[table])} = ${sql.ref(`${table}.id`)}
    and (s.user_id = ${actor.user} or s.service_id = ${actor.user} or s.group_id = any (${[...(actor.groups ?? [])]}::text[]) or s.role = ${role})))`;
}

export interface NamedShare extends NewShare {
  name: string | null;
}

export async function findSharing(tx: Tx, table: Table, id: string): Promise<{ restricted: boolean; shares: NamedShare[] } | null> {
  const found = await sql<{ restricted: boolean }>`select is_restricted as restricted from ${sql.table(table)} where id = ${id} for update`.execute(tx);
  if (!found.rows[0]) return null;
  const { rows } = await sql<NamedShare>`
    select case when s.user_id is not null then 'user' when s.group_id is not null then 'group' when s.service_id is not null then 'service' else 'role' end as kind,
      coalesce(s.user_id, s.group_id, s.service_id, s.role) as id, s.level, coalesce(u.name, g.name, a.name) as name
    from shares s left join users u on u.id = s.user_id left join groups g on g.id = s.group_id left join service_accounts a on a.id = s.service_id
    where s.${sql.ref(columns[table])} = ${id} order by kind, name, id`.execute(tx);
  return { restricted: found.rows[0].restricted, shares: rows };
}

export async function replaceSharing(tx: Tx, options: { table: Table; id: string; team: string; restricted: boolean; shares: readonly NewShare[]; now: Date }): Promise<void> {
  const { table, id, team, restricted, shares, now } = options;
  const column = sql.ref(columns[table]);
  await sql`update ${sql.table(table)} set is_restricted = ${restricted} where id = ${id}`.execute(tx);
  await sql`delete from shares where ${column} = ${id}`.execute(tx);
  for (const share of shares) {
    const of = (kind: string): string | null => (share.kind === kind ? share.id : null);
    await sql`insert into shares (team_id, ${column}, user_id, group_id, service_id, role, level, created_at)
      values (${team}, ${id}, ${of("user")}, ${of("group")}, ${of("service")}, ${of("role")}, ${share.level}, ${now})`.execute(tx);
  }
}

/** Of these subjects those that are the team's. */
export async function knownSubjects(tx: Tx, team: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select 'user ' || user_id as id from members where team_id = ${team} and user_id = any (${ids}::text[])
    union all select 'group ' || id from groups where team_id = ${team} and id = any (${ids}::text[])
    union all select 'service ' || id from service_accounts where team_id = ${team} and id = any (${ids}::text[])`.execute(tx);
  return new Set([...rows.map((row) => row.id), "role editor", "role viewer"]);
}

import { sql } from "kysely";
import type { ColumnType } from "kysely";
import type { Role } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Rule } from "./schema.ts";

export interface RulesRow {
  database_id: string;
  team_id: string;
  number: number;
  rules: Rule[];
  updated_by: string | null;
  updated_at: Date;
}

type RuleTables = { row_rules: Omit<RulesRow, "rules"> & { rules: ColumnType<Rule[], string, string> } };
const on = (tx: Tx) => tx.withTables<RuleTables>();

export async function findRules(tx: Tx, database: string): Promise<RulesRow | null> {
  return (await on(tx).selectFrom("row_rules").selectAll().where("database_id", "=", database).executeTakeFirst()) ?? null;
}

export async function listRules(tx: Tx, team: string): Promise<RulesRow[]> {
  return await on(tx).selectFrom("row_rules").selectAll().where("team_id", "=", team).execute();
}

/** Holds the database's row, so that of two who save rules the second sees the first; false where there is no such database. */
export async function lockDatabase(tx: Tx, database: string): Promise<boolean> {
  return (await sql`select 1 from databases where id = ${database} for update`.execute(tx)).rows.length > 0;
}

export async function saveRules(tx: Tx, { rules, ...row }: RulesRow): Promise<void> {
  const values = { ...row, rules: JSON.stringify(rules) };
  await on(tx).insertInto("row_rules").values(values).onConflict((conflict) => conflict.column("database_id").doUpdateSet(values)).execute();
}

export interface PersonRow {
  email: string;
  role: Role;
  /** Id and name. */
  groups: [string, string][];
}

/** A member of the team with their groups there, or null. */
export async function findPerson(tx: Tx, team: string, user: string): Promise<PersonRow | null> {
  const { rows } = await sql<Omit<PersonRow, "groups">>`select u.email, m.role from members m join users u on u.id = m.user_id
    where m.team_id = ${team} and m.user_id = ${user}`.execute(tx);
  const [person] = rows;
  if (!person) return null;
  const groups = await sql<{ id: string; name: string }>`select g.id, g.name from group_members m join groups g on g.id = m.group_id
    where m.team_id = ${team} and m.user_id = ${user} order by g.id`.execute(tx);
  return { ...person, groups: groups.rows.map(({ id, name }) => [id, name]) };
}

/** Of these ids those that are members or groups of the team, as "member id" and "group id". */
export async function knownSubjects(tx: Tx, team: string, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`select 'member ' || user_id as id from members where team_id = ${team} and user_id = any (${ids})
    union all select 'group ' || id from groups where team_id = ${team} and id = any (${ids})`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

export async function listGroups(tx: Tx, team: string): Promise<{ id: string; name: string }[]> {
  return (await sql<{ id: string; name: string }>`select id, name from groups where team_id = ${team}`.execute(tx)).rows;
}

export async function insertGroup(tx: Tx, { id, team, name, now }: { id: string; team: string; name: string; now: Date }): Promise<void> {
  await sql`insert into groups (id, team_id, name, created_at) values (${id}, ${team}, ${name}, ${now})`.execute(tx);
}

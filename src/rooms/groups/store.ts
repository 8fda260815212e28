import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface GroupRow {
  id: string;
  team_id: string;
  name: string;
  created_at: Date;
}

type GroupTables = {
  groups: GroupRow;
  group_members: { group_id: string; team_id: string; user_id: string; created_at: Date };
  users: { id: string; name: string; email: string };
};

const on = (tx: Tx) => tx.withTables<GroupTables>();

const counted = (tx: Tx) =>
  on(tx).selectFrom("groups").selectAll("groups")
    .select((e) => e.selectFrom("group_members").select((m) => m.fn.countAll<number>().as("count")).whereRef("group_members.group_id", "=", "groups.id").as("members"));

export type CountedGroup = GroupRow & { members: number };

export async function insertGroup(tx: Tx, group: GroupRow): Promise<void> {
  await on(tx).insertInto("groups").values(group).execute();
}

export async function findGroup(tx: Tx, id: string): Promise<CountedGroup | null> {
  return ((await counted(tx).where("groups.id", "=", id).executeTakeFirst()) as CountedGroup | undefined) ?? null;
}

export async function findGroupByName(tx: Tx, team: string, name: string): Promise<GroupRow | null> {
  return (await on(tx).selectFrom("groups").selectAll().where("team_id", "=", team).where(sql<boolean>`lower(name) = lower(${name})`).executeTakeFirst()) ?? null;
}

/** Newest first. */
export async function listGroups(tx: Tx, options: { team: string; before?: string | undefined; limit: number }): Promise<CountedGroup[]> {
  let query = counted(tx).where("team_id", "=", options.team);
  if (options.before !== undefined) query = query.where("groups.id", "<", options.before);
  return (await query.orderBy("groups.id", "desc").limit(options.limit).execute()) as CountedGroup[];
}

export async function countGroups(tx: Tx, team: string): Promise<number> {
  return Number((await on(tx).selectFrom("groups").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).executeTakeFirstOrThrow()).count);
}

export async function renameGroup(tx: Tx, id: string, name: string): Promise<void> {
  await on(tx).updateTable("groups").set({ name }).where("id", "=", id).execute();
}

export async function deleteGroup(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("groups").where("id", "=", id).execute();
}

export async function memberIds(tx: Tx, group: string): Promise<string[]> {
  return (await on(tx).selectFrom("group_members").select("user_id").where("group_id", "=", group).orderBy("user_id").execute()).map((row) => row.user_id);
}

export async function listMembers(tx: Tx, options: { group: string; after?: string | undefined; limit: number }) {
  let query = on(tx).selectFrom("group_members").innerJoin("users", "users.id", "group_members.user_id").select(["users.id", "users.name", "users.email"])
    .where("group_id", "=", options.group);
  if (options.after !== undefined) query = query.where("users.id", ">", options.after);
  return await query.orderBy("users.id").limit(options.limit).execute();
}

/** False where the person is in it already. */
export async function insertMember(tx: Tx, member: { group: string; team: string; user: string; now: Date }): Promise<boolean> {
  const { group, team, user, now } = member;
  const made = await on(tx).insertInto("group_members").values({ group_id: group, team_id: team, user_id: user, created_at: now })
    .onConflict((conflict) => conflict.doNothing()).returning("user_id").execute();
  return made.length > 0;
}

export async function deleteMember(tx: Tx, group: string, user: string): Promise<boolean> {
  return (await on(tx).deleteFrom("group_members").where("group_id", "=", group).where("user_id", "=", user).returning("user_id").execute()).length > 0;
}

export async function isTeamMember(tx: Tx, team: string, user: string): Promise<boolean> {
  return (await sql`select 1 from members where team_id = ${team} and user_id = ${user}`.execute(tx)).rows.length > 0;
}

/** Of these ids those that are groups of the team. */
export async function knownIds(tx: Tx, team: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  return (await on(tx).selectFrom("groups").select("id").where("team_id", "=", team).where("id", "in", ids).execute()).map((row) => row.id);
}

import { sql } from "kysely";
import type { Role } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface DirectoryRow {
  connection_id: string;
  team_id: string;
  token_hash: string;
  created_at: Date;
  last_used_at: Date | null;
}

interface ScimUserRow {
  connection_id: string;
  team_id: string;
  user_id: string;
  external_id: string | null;
  is_active: boolean;
  is_deleted?: boolean;
  created_at: Date;
  updated_at: Date;
}

/** One of the directory's people with the account behind it. */
export type PersonRow = ScimUserRow & { email: string; name: string };

interface ScimGroupRow {
  connection_id: string;
  team_id: string;
  group_id: string;
  external_id: string | null;
  created_at: Date;
}

export type DirectoryGroupRow = ScimGroupRow & { name: string };

type ScimTables = {
  scim_directories: DirectoryRow;
  scim_users: ScimUserRow;
  scim_groups: ScimGroupRow;
  users: { id: string; email: string; name: string };
  groups: { id: string; team_id: string; name: string };
  members: { team_id: string; user_id: string; role: Role };
  group_members: { group_id: string; team_id: string; user_id: string };
};

const on = (tx: Tx) => tx.withTables<ScimTables>();

export async function putDirectory(tx: Tx, row: DirectoryRow): Promise<void> {
  const { token_hash, created_at, last_used_at } = row;
  await on(tx).insertInto("scim_directories").values(row).onConflict((conflict) => conflict.column("connection_id").doUpdateSet({ token_hash, created_at, last_used_at })).execute();
}

export async function findDirectory(tx: Tx, connection: string): Promise<DirectoryRow | null> {
  return (await on(tx).selectFrom("scim_directories").selectAll().where("connection_id", "=", connection).executeTakeFirst()) ?? null;
}

export async function touchDirectory(tx: Tx, connection: string, now: Date): Promise<void> {
  await on(tx).updateTable("scim_directories").set({ last_used_at: now }).where("connection_id", "=", connection).execute();
}

export async function deleteDirectory(tx: Tx, connection: string): Promise<boolean> {
  return (await on(tx).deleteFrom("scim_directories").where("connection_id", "=", connection).returning("connection_id").execute()).length > 0;
}

const people = (tx: Tx, connection: string) =>
  on(tx).selectFrom("scim_users").innerJoin("users", "users.id", "scim_users.user_id").selectAll("scim_users").select(["users.email", "users.name"]).where("scim_users.connection_id", "=", connection).where("scim_users.is_deleted", "=", false);

export async function findPerson(tx: Tx, connection: string, user: string): Promise<PersonRow | null> {
  return (await people(tx, connection).where("scim_users.user_id", "=", user).executeTakeFirst()) ?? null;
}

export interface Filter {
  attribute: string;
  value: string;
}

/** Part of a list, by number as SCIM counts, and how many there are. */
export async function listPeople(tx: Tx, options: { connection: string; filter: Filter | null; offset: number; limit: number }): Promise<{ rows: PersonRow[]; total: number }> {
  let query = people(tx, options.connection);
  const { filter } = options;
  if (filter?.attribute === "externalid") query = query.where("scim_users.external_id", "=", filter.value);
  else if (filter?.attribute === "id") query = query.where("scim_users.user_id", "=", filter.value);
  else if (filter) query = query.where(sql<boolean>`lower(users.email) = lower(${filter.value})`);
  const { total } = await on(tx).selectFrom(query.as("found")).select((e) => e.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { rows: await query.orderBy("scim_users.user_id").offset(options.offset).limit(options.limit).execute(), total: Number(total) };
}

export async function putPerson(tx: Tx, row: ScimUserRow): Promise<void> {
  const { external_id, is_active, updated_at } = row;
  await on(tx).insertInto("scim_users").values(row).onConflict((conflict) => conflict.columns(["connection_id", "user_id"]).doUpdateSet({ external_id, is_active, updated_at, is_deleted: false })).execute();
}

export async function countPeople(tx: Tx, connection: string): Promise<number> {
  return Number((await on(tx).selectFrom("scim_users").select((e) => e.fn.countAll<number>().as("count")).where("connection_id", "=", connection).executeTakeFirstOrThrow()).count);
}

const groups = (tx: Tx, connection: string) =>
  on(tx).selectFrom("scim_groups").innerJoin("groups", "groups.id", "scim_groups.group_id").selectAll("scim_groups").select("groups.name").where("scim_groups.connection_id", "=", connection);

export async function findGroup(tx: Tx, connection: string, id: string): Promise<DirectoryGroupRow | null> {
  return (await groups(tx, connection).where("scim_groups.group_id", "=", id).executeTakeFirst()) ?? null;
}

export async function listGroups(tx: Tx, options: { connection: string; filter: Filter | null; offset: number; limit: number }): Promise<{ rows: DirectoryGroupRow[]; total: number }> {
  let query = groups(tx, options.connection);
  const { filter } = options;
  if (filter?.attribute === "externalid") query = query.where("scim_groups.external_id", "=", filter.value);
  else if (filter?.attribute === "id") query = query.where("scim_groups.group_id", "=", filter.value);
  else if (filter) query = query.where(sql<boolean>`lower(groups.name) = lower(${filter.value})`);
  const { total } = await on(tx).selectFrom(query.as("found")).select((e) => e.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { rows: await query.orderBy("scim_groups.group_id").offset(options.offset).limit(options.limit).execute(), total: Number(total) };
}

export async function putGroup(tx: Tx, row: ScimGroupRow): Promise<void> {
  await on(tx).insertInto("scim_groups").values(row).onConflict((conflict) => conflict.columns(["connection_id", "group_id"]).doUpdateSet({ external_id: row.external_id })).execute();
}

export async function memberIds(tx: Tx, group: string): Promise<string[]> {
  return (await on(tx).selectFrom("group_members").select("user_id").where("group_id", "=", group).orderBy("user_id").execute()).map((row) => row.user_id);
}

/** The names of the directory's groups that a person is in. */
export async function groupNamesOf(tx: Tx, connection: string, user: string): Promise<string[]> {
  const rows = await groups(tx, connection).innerJoin("group_members", "group_members.group_id", "scim_groups.group_id").where("group_members.user_id", "=", user).execute();
  return rows.map((row) => row.name);
}

export async function roleOf(tx: Tx, team: string, user: string): Promise<Role | null> {
  return (await on(tx).selectFrom("members").select("role").where("team_id", "=", team).where("user_id", "=", user).executeTakeFirst())?.role ?? null;
}

/** Of these people those who are in the team. */
export async function membersAmong(tx: Tx, team: string, users: readonly string[]): Promise<string[]> {
  if (users.length === 0) return [];
  return (await on(tx).selectFrom("members").select("user_id").where("team_id", "=", team).where("user_id", "in", [...users]).execute()).map((row) => row.user_id);
}

export async function deletePerson(tx: Tx, connection: string, user: string, now: Date): Promise<void> {
  await on(tx).updateTable("scim_users").set({ is_active: false, is_deleted: true, updated_at: now }).where("connection_id", "=", connection).where("user_id", "=", user).execute();
}

import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Role } from "#src/access/access.ts";

export interface UserRow {
  id: string;
  name: string;
  user_name: string;
  email: string;
  password_hash: string | null;
  language: "en" | "ja";
  created_at: Date;
}

export interface TeamRow {
  id: string;
  name: string;
  plan: Plan;
  created_at: Date;
  /** People come in with a second factor only. */
  factor_required: boolean;
}

export type Plan = "free" | "business" | "enterprise";

interface MemberRow {
  team_id: string;
  user_id: string;
  role: Role;
  created_at: Date;
}

type TeamTables = {
  users: UserRow;
  teams: TeamRow & { portable_id?: string | null };
  members: MemberRow;
};

const on = (tx: Tx) => tx.withTables<TeamTables>();

// Folded by the database on both sides, as its unique indexes are: JavaScript folds more letters than they do.
const folded = (text: string) => sql<string>`lower(${text})`;

export async function insertUser(tx: Tx, user: UserRow): Promise<void> {
  await on(tx).insertInto("users").values(user).execute();
}

export async function findUserByEmail(tx: Tx, email: string): Promise<UserRow | null> {
  return (await on(tx).selectFrom("users").selectAll().where((e) => e(e.fn<string>("lower", ["email"]), "=", folded(email))).executeTakeFirst()) ?? null;
}

/** By e-mail address or by user name: each identifies at most one account. */
export async function findUserByEither(tx: Tx, either: string): Promise<UserRow | null> {
  return (await on(tx).selectFrom("users").selectAll()
    .where((e) => e.or([e(e.fn<string>("lower", ["email"]), "=", folded(either)), e(e.fn<string>("lower", ["user_name"]), "=", folded(either))]))
    .orderBy((e) => e(e.fn<string>("lower", ["email"]), "=", folded(either)), "desc").limit(1).executeTakeFirst()) ?? null;
}

export async function findUser(tx: Tx, id: string): Promise<UserRow | null> {
  return (await on(tx).selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function updateUser(tx: Tx, id: string, change: Partial<Pick<UserRow, "name" | "language" | "password_hash" | "email" | "user_name">>): Promise<void> {
  await on(tx).updateTable("users").set(change).where("id", "=", id).execute();
}

export async function findUserByUserName(tx: Tx, userName: string): Promise<string | null> {
  return (await on(tx).selectFrom("users").select("id").where((e) => e(e.fn<string>("lower", ["user_name"]), "=", folded(userName))).executeTakeFirst())?.id ?? null;
}

export async function replacePasswordHash(tx: Tx, id: string, { before, after }: { before: string; after: string }): Promise<void> {
  await on(tx).updateTable("users").set({ password_hash: after }).where("id", "=", id).where("password_hash", "=", before).execute();
}

/** The user names that begin like this one, to find a free one. */
export async function userNamesLike(tx: Tx, start: string): Promise<Set<string>> {
  const rows = await on(tx).selectFrom("users").select("user_name").where((e) => e(e.fn("starts_with", [e.fn("lower", ["user_name"]), folded(start)]), "=", true)).execute();
  return new Set(rows.map((row) => row.user_name.toLowerCase()));
}

export async function insertTeam(tx: Tx, team: TeamRow): Promise<void> {
  await on(tx).insertInto("teams").values(team).execute();
}

export async function findTeam(tx: Tx, id: string): Promise<TeamRow | null> {
  return (await on(tx).selectFrom("teams").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function updateTeam(tx: Tx, id: string, change: Partial<Pick<TeamRow, "name" | "plan" | "factor_required">>): Promise<void> {
  await on(tx).updateTable("teams").set(change).where("id", "=", id).execute();
}

export async function deleteTeam(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("teams").where("id", "=", id).execute();
}

export async function insertMember(tx: Tx, member: MemberRow): Promise<void> {
  await on(tx).insertInto("members").values(member).execute();
}

export async function findMember(tx: Tx, team: string, user: string): Promise<MemberRow | null> {
  return (await on(tx).selectFrom("members").selectAll().where("team_id", "=", team).where("user_id", "=", user).executeTakeFirst()) ?? null;
}

/** Locks the team's members, so that two changes cannot each leave the other's owner behind. */
export async function listMembersForUpdate(tx: Tx, team: string): Promise<MemberRow[]> {
  return await on(tx).selectFrom("members").selectAll().where("team_id", "=", team).orderBy("user_id").forUpdate().execute();
}

export async function updateMember(tx: Tx, member: { team: string; user: string; role: Role }): Promise<void> {
  await on(tx).updateTable("members").set({ role: member.role }).where("team_id", "=", member.team).where("user_id", "=", member.user).execute();
}

export async function deleteMember(tx: Tx, team: string, user: string): Promise<void> {
  await on(tx).deleteFrom("members").where("team_id", "=", team).where("user_id", "=", user).execute();
}

/** All of them without `limit`. */
export async function listMembers(tx: Tx, options: { team: string; after?: string | undefined; limit?: number }) {
  let query = on(tx).selectFrom("members").innerJoin("users", "users.id", "members.user_id")
    .select(["users.id", "users.name", "users.user_name", "users.email", "users.language", "members.role", "members.created_at"])
    .where("members.team_id", "=", options.team).orderBy("users.id");
  if (options.after !== undefined) query = query.where("users.id", ">", options.after);
  if (options.limit !== undefined) query = query.limit(options.limit);
  return await query.execute();
}

export async function listTeamsOf(tx: Tx, user: string) {
  return await on(tx).selectFrom("members").innerJoin("teams", "teams.id", "members.team_id")
    .select(["teams.id", "teams.name", "teams.plan", "teams.factor_required", "members.role"]).where("members.user_id", "=", user).orderBy("teams.id").execute();
}

/** Makes the membership, or gives an existing one this role and date. */
export async function putMember(tx: Tx, member: MemberRow): Promise<void> {
  await on(tx).insertInto("members").values(member)
    .onConflict((conflict) => conflict.columns(["team_id", "user_id"]).doUpdateSet({ role: member.role, created_at: member.created_at })).execute();
}

export async function getPortableTeam(tx: Tx, id: string) {
  return await on(tx).selectFrom("teams").select(["id", "name", "created_at", "portable_id"]).where("id", "=", id).executeTakeFirstOrThrow();
}

export async function setPortableTeam(tx: Tx, id: string, change: { name: string; portable_id: string; created_at: Date }): Promise<void> {
  await on(tx).updateTable("teams").set(change).where("id", "=", id).execute();
}

export async function listTeamsWithPrefix(tx: Tx, prefix: string): Promise<string[]> {
  const rows = await on(tx).selectFrom("teams").select("id").where((e) => e(e.fn("starts_with", ["id", e.val(prefix)]), "=", true)).orderBy("id").execute();
  return rows.map((row) => row.id);
}

/** Links for addresses of this domain that no account has. */
export async function deleteProbeLinks(tx: Tx, domain: string): Promise<void> {
  await sql`delete from password_links where user_id is null and email like ${`%@${domain}`}`.execute(tx);
}

/** Removes an account of this domain, or of one within it, that is in no team any more; says whether it did. */
export async function deleteProbeUser(tx: Tx, { user, domain }: { user: string; domain: string }): Promise<boolean> {
  const deleted = await on(tx).deleteFrom("users").where("id", "=", user).where((e) => e.or([e("email", "like", `%@${domain}`), e("email", "like", `%.${domain}`)]))
    .where((e) => e.not(e.exists(e.selectFrom("members").select("user_id").whereRef("members.user_id", "=", "users.id")))).returning("id").execute();
  return deleted.length > 0;
}

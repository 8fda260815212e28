import { sql } from "kysely";
import type { Role } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface InvitationRow {
  id: string;
  team_id: string;
  link_hash: string;
  email: string;
  role: Role;
  group_ids: string[];
  invited_by: string | null;
  created_at: Date;
  mailed_at: Date;
  expires_at: Date;
}

type Tables = { invitations: InvitationRow };
const on = (tx: Tx) => tx.withTables<Tables>();

export async function insertInvitation(tx: Tx, row: InvitationRow): Promise<void> {
  await on(tx).insertInto("invitations").values(row).execute();
}

/** By the hash of its link; not one that is too old. */
export async function findByLink(tx: Tx, linkHash: string, now: Date): Promise<InvitationRow | null> {
  return (await on(tx).selectFrom("invitations").selectAll().where("link_hash", "=", linkHash).where("expires_at", ">", now).executeTakeFirst()) ?? null;
}

/** Takes it away; of several at once exactly one gets it. */
export async function takeByLink(tx: Tx, linkHash: string, now: Date): Promise<InvitationRow | null> {
  return (await on(tx).deleteFrom("invitations").where("link_hash", "=", linkHash).where("expires_at", ">", now).returningAll().executeTakeFirst()) ?? null;
}

export async function findByEmail(tx: Tx, team: string, email: string): Promise<InvitationRow | null> {
  return (await on(tx).selectFrom("invitations").selectAll().where("team_id", "=", team).where(sql<boolean>`lower(email) = lower(${email})`).executeTakeFirst()) ?? null;
}

export async function lockInvitation(tx: Tx, team: string, id: string): Promise<InvitationRow | null> {
  return (await on(tx).selectFrom("invitations").selectAll().where("team_id", "=", team).where("id", "=", id).forUpdate().executeTakeFirst()) ?? null;
}

/** Newest first, those that are too old left out. */
export async function listInvitations(tx: Tx, options: { team: string; now: Date; before?: string | undefined; limit: number }): Promise<InvitationRow[]> {
  let query = on(tx).selectFrom("invitations").selectAll().where("team_id", "=", options.team).where("expires_at", ">", options.now);
  if (options.before !== undefined) query = query.where("id", "<", options.before);
  return await query.orderBy("id", "desc").limit(options.limit).execute();
}

export async function countInvitations(tx: Tx, team: string, mailedSince: Date): Promise<{ pending: number; mailed: number }> {
  const { rows } = await sql<{ pending: number; mailed: number }>`select count(*)::int as pending, (count(*) filter (where mailed_at > ${mailedSince}))::int as mailed
    from invitations where team_id = ${team}`.execute(tx);
  return rows[0] ?? { pending: 0, mailed: 0 };
}

export async function renewInvitation(tx: Tx, id: string, change: Pick<InvitationRow, "link_hash" | "mailed_at" | "expires_at">): Promise<void> {
  await on(tx).updateTable("invitations").set(change).where("id", "=", id).execute();
}

export async function deleteInvitation(tx: Tx, team: string, id: string): Promise<boolean> {
  return (await on(tx).deleteFrom("invitations").where("team_id", "=", team).where("id", "=", id).returning("id").execute()).length > 0;
}

/** The open ones that a person has sent. */
export async function deleteSentBy(tx: Tx, team: string, user: string): Promise<void> {
  await on(tx).deleteFrom("invitations").where("team_id", "=", team).where("invited_by", "=", user).execute();
}

export async function deleteExpired(tx: Tx, now: Date): Promise<void> {
  await on(tx).deleteFrom("invitations").where("expires_at", "<", now).execute();
}

/** Invitations of one team are counted and made one after the other. */
export async function lockTeam(tx: Tx, team: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${team}, 2))`.execute(tx);
}

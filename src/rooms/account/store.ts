import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface EmailChangeRow {
  id: string;
  user_id: string;
  old_email: string;
  new_email: string;
  old_hash: string;
  new_hash: string;
  revert_hash: string | null;
  old_confirmed_at: Date | null;
  new_confirmed_at: Date | null;
  done_at: Date | null;
  created_at: Date;
  expires_at: Date;
}

type Tables = { email_changes: EmailChangeRow };
const on = (tx: Tx) => tx.withTables<Tables>();

export async function insertChange(tx: Tx, row: EmailChangeRow): Promise<void> {
  await on(tx).insertInto("email_changes").values(row).execute();
}

/** The one that waits for a confirmation. */
export async function findPending(tx: Tx, user: string, now: Date): Promise<EmailChangeRow | null> {
  return (await on(tx).selectFrom("email_changes").selectAll().where("user_id", "=", user).where("done_at", "is", null).where("expires_at", ">", now)
    .orderBy("created_at", "desc").limit(1).executeTakeFirst()) ?? null;
}

/** By any of its links; held until the transaction ends, so that two links at once see each other. */
export async function lockByLink(tx: Tx, hash: string): Promise<EmailChangeRow | null> {
  return (await on(tx).selectFrom("email_changes").selectAll().where((e) => e.or([e("old_hash", "=", hash), e("new_hash", "=", hash), e("revert_hash", "=", hash)])).forUpdate().executeTakeFirst()) ?? null;
}

export async function updateChange(tx: Tx, id: string, change: Partial<EmailChangeRow>): Promise<void> {
  await on(tx).updateTable("email_changes").set(change).where("id", "=", id).execute();
}

/** What waits, waits no more; it still counts for how many were begun. */
export async function endPending(tx: Tx, user: string, now: Date): Promise<number> {
  const ended = await on(tx).updateTable("email_changes").set({ expires_at: now }).where("user_id", "=", user).where("done_at", "is", null).where("expires_at", ">", now).executeTakeFirst();
  return Number(ended.numUpdatedRows);
}

/** Who took an address back takes all back that was done with it meanwhile. */
export async function deleteChanges(tx: Tx, user: string): Promise<void> {
  await on(tx).deleteFrom("email_changes").where("user_id", "=", user).execute();
}

/** Other accounts that open this one. */
export async function deleteIdentities(tx: Tx, user: string): Promise<void> {
  await sql`delete from oidc_identities where user_id = ${user}`.execute(tx);
}

export async function countSince(tx: Tx, user: string, since: Date): Promise<number> {
  return Number((await on(tx).selectFrom("email_changes").select((e) => e.fn.countAll<number>().as("count")).where("user_id", "=", user).where("created_at", ">", since).executeTakeFirstOrThrow()).count);
}

export async function deleteBefore(tx: Tx, before: Date): Promise<void> {
  await on(tx).deleteFrom("email_changes").where("created_at", "<", before).execute();
}

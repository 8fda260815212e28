import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Proven } from "./schema.ts";

export interface RequestRow {
  state_hash: string;
  browser_hash: string;
  provider: string;
  sealed_path: string;
  user_id: string | null;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
  proven: Proven | null;
}

export interface IdentityRow {
  id: string;
  user_id: string;
  issuer: string;
  subject: string;
  provider: string;
  email: string;
  created_at: Date;
  last_used_at: Date | null;
}

type OidcTables = { oidc_requests: RequestRow; oidc_identities: IdentityRow };

const on = (tx: Tx) => tx.withTables<OidcTables>();

export async function insertRequest(tx: Tx, request: Omit<RequestRow, "used_at" | "proven">): Promise<void> {
  await on(tx).insertInto("oidc_requests").values({ ...request, used_at: null, proven: null }).execute();
}

/** Marks the sign-in used and returns it; of several at once exactly one gets it, and only the browser that began it. */
export async function takeRequest(tx: Tx, which: { stateHash: string; browserHash: string; provider: string; now: Date }): Promise<RequestRow | null> {
  const row = await on(tx).updateTable("oidc_requests").set({ used_at: which.now })
    .where("state_hash", "=", which.stateHash).where("browser_hash", "=", which.browserHash).where("provider", "=", which.provider)
    .where("used_at", "is", null).where("expires_at", ">", which.now).returningAll().executeTakeFirst();
  return row ?? null;
}

/** What was proven waits for its person until then. */
export async function keepProven(tx: Tx, stateHash: string, change: { proven: Proven; expiresAt: Date }): Promise<void> {
  await on(tx).updateTable("oidc_requests").set({ proven: sql<Proven>`${JSON.stringify(change.proven)}::jsonb`, expires_at: change.expiresAt })
    .where("state_hash", "=", stateHash).execute();
}

/** Takes away what waits for this browser's person, the latest first; null without any. */
export async function takeProven(tx: Tx, which: { browserHash: string; now: Date }): Promise<Proven | null> {
  const rows = await on(tx).deleteFrom("oidc_requests").where("browser_hash", "=", which.browserHash).where("proven", "is not", null)
    .returning(["proven", "expires_at"]).execute();
  const [latest] = rows.filter((row) => row.expires_at > which.now).sort((a, b) => b.expires_at.getTime() - a.expires_at.getTime());
  return latest?.proven ?? null;
}

/** Two sign-ins with one account of a provider queue here, so that a person gets one account. */
export async function lockSubject(tx: Tx, { issuer, subject }: { issuer: string; subject: string }): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify([issuer, subject])}, 2))`.execute(tx);
}

/** Changes of one person's ways in queue here. */
export async function lockUser(tx: Tx, user: string): Promise<void> {
  await sql`select id from users where id = ${user} for update`.execute(tx);
}

export async function findIdentity(tx: Tx, { issuer, subject }: { issuer: string; subject: string }): Promise<IdentityRow | null> {
  return (await on(tx).selectFrom("oidc_identities").selectAll().where("issuer", "=", issuer).where("subject", "=", subject).executeTakeFirst()) ?? null;
}

export async function insertIdentity(tx: Tx, identity: IdentityRow): Promise<void> {
  await on(tx).insertInto("oidc_identities").values(identity).execute();
}

export async function touchIdentity(tx: Tx, id: string, now: Date): Promise<void> {
  await on(tx).updateTable("oidc_identities").set({ last_used_at: now }).where("id", "=", id).execute();
}

/** All of a person's, or those of these issuers. */
export async function countIdentities(tx: Tx, user: string, issuers?: readonly string[]): Promise<number> {
  let query = on(tx).selectFrom("oidc_identities").select((e) => e.fn.countAll<number>().as("count")).where("user_id", "=", user);
  if (issuers) query = query.where("issuer", "in", ["", ...issuers]);
  return (await query.executeTakeFirstOrThrow()).count;
}

/** Newest first. */
export async function listIdentities(tx: Tx, options: { user: string; before?: string | undefined; limit: number }): Promise<IdentityRow[]> {
  let query = on(tx).selectFrom("oidc_identities").selectAll().where("user_id", "=", options.user);
  if (options.before !== undefined) query = query.where("id", "<", options.before);
  return await query.orderBy("id", "desc").limit(options.limit).execute();
}

export async function deleteIdentity(tx: Tx, which: { user: string; id: string }): Promise<IdentityRow | null> {
  return (await on(tx).deleteFrom("oidc_identities").where("user_id", "=", which.user).where("id", "=", which.id).returningAll().executeTakeFirst()) ?? null;
}

export async function deleteOld(tx: Tx, before: Date): Promise<void> {
  await on(tx).deleteFrom("oidc_requests").where("expires_at", "<", before).execute();
}

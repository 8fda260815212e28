import { sql } from "kysely";
import type { Role, Scope } from "#src/access/access.ts";
import type { Alone, Tx } from "#src/base/postgres/postgres.ts";

interface LinkRow {
  link_hash: string;
  email: string;
  user_id: string | null;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

export interface SessionRow {
  id: string;
  session_hash: string;
  user_id: string;
  agent: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  method: string;
  has_factor: boolean;
  /** When its person last proved who they are. */
  proven_at: Date;
}

interface StepRow {
  step_hash: string;
  user_id: string;
  created_at: Date;
  expires_at: Date;
}

export interface TokenRow {
  id: string;
  token_hash: string;
  team_id: string;
  /** Null for one of a service account. */
  user_id: string | null;
  service_id: string | null;
  name: string;
  scope: Scope;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

/** A part of a list, newest first: what is older than `before`. */
export interface Part {
  before?: string | undefined;
  limit: number;
}

interface FailureRow {
  account_hash: string;
  failures: number;
  failed_at: Date;
  locked_until: Date | null;
  told_at: Date | null;
}

type SigninTables = {
  password_links: LinkRow;
  sessions: SessionRow;
  signin_steps: StepRow;
  tokens: TokenRow;
  signin_failures: FailureRow;
  members: { team_id: string; user_id: string; role: Role };
  teams: { id: string; factor_required: boolean };
  group_members: { group_id: string; team_id: string; user_id: string };
};

const on = (tx: Tx) => tx.withTables<SigninTables>();

export async function insertLink(tx: Tx, link: Omit<LinkRow, "used_at">): Promise<void> {
  await on(tx).insertInto("password_links").values({ ...link, used_at: null }).execute();
}

/** Requests for one address queue here until the transaction ends, so that many at once are counted too. */
export async function lockAddress(tx: Tx, email: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(lower(${email}), 1))`.execute(tx);
}

export async function countLinksSince(tx: Tx, email: string, since: Date): Promise<number> {
  const row = await on(tx).selectFrom("password_links").select((e) => e.fn.countAll<number>().as("count"))
    .where((e) => e(e.fn<string>("lower", ["email"]), "=", sql<string>`lower(${email})`)).where("created_at", ">", since).executeTakeFirstOrThrow();
  return row.count;
}

/** Marks the link used and returns it; of several at once exactly one gets it. */
export async function takeLink(tx: Tx, linkHash: string, now: Date): Promise<LinkRow | null> {
  const row = await on(tx).updateTable("password_links").set({ used_at: now })
    .where("link_hash", "=", linkHash).where("used_at", "is", null).where("expires_at", ">", now).returningAll().executeTakeFirst();
  return row ?? null;
}

/** Whether a link would be taken, without taking it: a refused password must not cost the link. */
export async function findLink(tx: Tx, linkHash: string, now: Date): Promise<LinkRow | null> {
  const row = await on(tx).selectFrom("password_links").selectAll()
    .where("link_hash", "=", linkHash).where("used_at", "is", null).where("expires_at", ">", now).executeTakeFirst();
  return row ?? null;
}

/** A new password ends every other link of the address. */
export async function deleteLinksOf(tx: Tx, email: string): Promise<void> {
  await on(tx).deleteFrom("password_links").where((e) => e(e.fn<string>("lower", ["email"]), "=", sql<string>`lower(${email})`)).where("used_at", "is", null).execute();
}

export async function insertSession(tx: Tx, session: SessionRow): Promise<void> {
  await on(tx).insertInto("sessions").values(session).execute();
}

/** Newest first. */
export async function listSessions(tx: Tx, options: { user: string; now: Date; before?: string | undefined; limit: number }): Promise<SessionRow[]> {
  let query = on(tx).selectFrom("sessions").selectAll().where("user_id", "=", options.user).where("expires_at", ">", options.now);
  if (options.before !== undefined) query = query.where("id", "<", options.before);
  return await query.orderBy("id", "desc").limit(options.limit).execute();
}

/** The hashes of the ended sessions, for the caches. */
export async function deleteSessions(tx: Tx, which: { user: string; id?: string; except?: string }): Promise<string[]> {
  let query = on(tx).deleteFrom("sessions").where("user_id", "=", which.user);
  if (which.id !== undefined) query = query.where("id", "=", which.id);
  if (which.except !== undefined) query = query.where("id", "!=", which.except);
  return (await query.returning("session_hash").execute()).map((row) => row.session_hash);
}

/** The same session under another secret and id. Returns it as it was, with the hash that no longer holds. */
export async function replaceSession(
  tx: Tx, old: { user: string; id: string }, fresh: Pick<SessionRow, "id" | "session_hash">, hasFactor: (row: SessionRow) => boolean,
): Promise<SessionRow | null> {
  const row = await on(tx).selectFrom("sessions").selectAll().where("user_id", "=", old.user).where("id", "=", old.id).forUpdate().executeTakeFirst();
  if (!row) return null;
  await on(tx).updateTable("sessions").set({ ...fresh, has_factor: hasFactor(row) }).where("id", "=", old.id).execute();
  return row;
}

export async function findSessionById(tx: Tx, id: string): Promise<SessionRow | null> {
  return (await on(tx).selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function setProven(tx: Tx, id: string, now: Date): Promise<void> {
  await on(tx).updateTable("sessions").set({ proven_at: now }).where("id", "=", id).execute();
}

export async function insertStep(tx: Tx, step: StepRow): Promise<void> {
  await on(tx).insertInto("signin_steps").values(step).execute();
}

export async function findStep(tx: Tx, stepHash: string, now: Date): Promise<StepRow | null> {
  return (await on(tx).selectFrom("signin_steps").selectAll().where("step_hash", "=", stepHash).where("expires_at", ">", now).executeTakeFirst()) ?? null;
}

/** Of several at once exactly one gets it, if its transaction ends well. */
export async function takeStep(tx: Tx, stepHash: string): Promise<boolean> {
  return (await on(tx).deleteFrom("signin_steps").where("step_hash", "=", stepHash).returning("step_hash").execute()).length > 0;
}

/** A new password ends what was begun with the old one. */
export async function deleteStepsOf(tx: Tx, user: string): Promise<void> {
  await on(tx).deleteFrom("signin_steps").where("user_id", "=", user).execute();
}

export async function insertToken(tx: Tx, token: TokenRow): Promise<void> {
  await on(tx).insertInto("tokens").values(token).execute();
}

/** Newest first; of one user or of all. */
export async function listTokens(tx: Tx, options: { team: string; user: string | null; before?: string | undefined; limit: number }): Promise<TokenRow[]> {
  let query = on(tx).selectFrom("tokens").selectAll().where("team_id", "=", options.team);
  if (options.user !== null) query = query.where("user_id", "=", options.user);
  if (options.before !== undefined) query = query.where("id", "<", options.before);
  return await query.orderBy("id", "desc").limit(options.limit).execute();
}

export async function findServiceName(tx: Tx, id: string): Promise<string | null> {
  return (await sql<{ name: string }>`select name from service_accounts where id = ${id}`.execute(tx)).rows[0]?.name ?? null;
}

/** A person's in one team; their hashes, for the caches. */
export async function deleteTokensOf(tx: Tx, team: string, user: string): Promise<string[]> {
  return (await on(tx).deleteFrom("tokens").where("team_id", "=", team).where("user_id", "=", user).returning("token_hash").execute()).map((row) => row.token_hash);
}

export async function deleteToken(tx: Tx, which: { team: string; id: string; user: string | null }): Promise<TokenRow | null> {
  let query = on(tx).deleteFrom("tokens").where("team_id", "=", which.team).where("id", "=", which.id);
  if (which.user !== null) query = query.where("user_id", "=", which.user);
  return (await query.returningAll().executeTakeFirst()) ?? null;
}

/** The failures of an account, known or not, held by a lock until the transaction ends: guesses at once queue here. */
export async function lockFailures(tx: Tx, accountHash: string, now: Date): Promise<FailureRow> {
  // One statement that makes the row, or locks the one that is there as it is.
  return await on(tx).insertInto("signin_failures").values({ account_hash: accountHash, failures: 0, failed_at: now, locked_until: null, told_at: null })
    .onConflict((conflict) => conflict.column("account_hash").doUpdateSet({ account_hash: accountHash })).returningAll().executeTakeFirstOrThrow();
}

export async function setFailures(tx: Tx, row: Omit<FailureRow, "told_at">): Promise<void> {
  const { account_hash, ...change } = row;
  await on(tx).updateTable("signin_failures").set(change).where("account_hash", "=", account_hash).execute();
}

/** Whether the account is locked and its person was not told since `before`; then they are told now. */
export async function takeTelling(tx: Tx, accountHash: string, { now, before }: { now: Date; before: Date }): Promise<boolean> {
  const told = await on(tx).updateTable("signin_failures").set({ told_at: now }).where("account_hash", "=", accountHash).where("locked_until", ">", now)
    .where((e) => e.or([e("told_at", "is", null), e("told_at", "<=", before)])).returning("account_hash").execute();
  return told.length > 0;
}

export async function deleteOld(tx: Tx, before: Date): Promise<void> {
  await on(tx).deleteFrom("sessions").where("expires_at", "<", before).execute();
  await on(tx).deleteFrom("password_links").where("expires_at", "<", before).execute();
  await on(tx).deleteFrom("signin_steps").where("expires_at", "<", before).execute();
  await on(tx).deleteFrom("signin_failures").where("failed_at", "<", before).execute();
  await sql`delete from tokens where expires_at < ${before}`.execute(tx);
}

/** Team and role of each membership. */
export async function listRoles(tx: Tx, user: string): Promise<[string, Role][]> {
  const rows = await on(tx).selectFrom("members").select(["team_id", "role"]).where("user_id", "=", user).execute();
  return rows.map((row) => [row.team_id, row.role]);
}

export async function hasPasswords(tx: Tx): Promise<boolean> {
  return (await sql`select 1 from users where password_hash is not null limit 1`.execute(tx)).rows.length > 0;
}

interface FoundActor {
  id: string;
  user: string;
  /** Of tokens. */
  kind?: "token" | "service";
  /** Of tokens. */
  scope?: Scope;
  /** Of sessions. */
  hasFactor?: boolean;
  memberships: { team: string; role: Role; factorRequired?: boolean }[];
  groups: string[];
}

/** Whom a session's secret stands for; writes down that it was used. */
export async function findSessionActor(db: Alone, sessionHash: string, now: Date): Promise<FoundActor | null> {
  return (await sql<{ actor: FoundActor | null }>`select session_actor(${sessionHash}, ${now}) as actor`.execute(db)).rows[0]?.actor ?? null;
}

/** Whom a token stands for; writes down that it was used. */
export async function findTokenActor(db: Alone, tokenHash: string, now: Date): Promise<FoundActor | null> {
  return (await sql<{ actor: FoundActor | null }>`select token_actor(${tokenHash}, ${now}) as actor`.execute(db)).rows[0]?.actor ?? null;
}

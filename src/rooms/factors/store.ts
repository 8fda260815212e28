import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

interface TotpRow {
  user_id: string;
  secret: string;
  last_step: number;
  created_at: Date;
}

interface SetupRow {
  user_id: string;
  secret: string;
  expires_at: Date;
}

export interface PasskeyRow {
  id: string;
  user_id: string;
  credential_id: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  name: string;
  created_at: Date;
  last_used_at: Date | null;
}

interface RecoveryRow {
  user_id: string;
  code_hash: string;
  created_at: Date;
  used_at: Date | null;
}

export type Purpose = "register" | "second" | "first" | "proof";

interface ChallengeRow {
  challenge_hash: string;
  purpose: Purpose;
  user_id: string | null;
  expires_at: Date;
}

type FactorTables = {
  totp_factors: TotpRow;
  totp_setups: SetupRow;
  passkeys: PasskeyRow;
  recovery_codes: RecoveryRow;
  passkey_challenges: ChallengeRow;
};

const on = (tx: Tx) => tx.withTables<FactorTables>();

/** Which factors a person has; every sign-in asks. */
export async function findKinds(tx: Tx, user: string): Promise<{ totp: boolean; passkey: boolean; recovery: boolean }> {
  const { rows } = await sql<{ totp: boolean; passkey: boolean; recovery: boolean }>`select
    exists (select from totp_factors where user_id = ${user}) as totp,
    exists (select from passkeys where user_id = ${user}) as passkey,
    exists (select from recovery_codes where user_id = ${user} and used_at is null) as recovery`.execute(tx);
  return rows[0] ?? { totp: false, passkey: false, recovery: false };
}

export async function findTotp(tx: Tx, user: string): Promise<TotpRow | null> {
  return (await on(tx).selectFrom("totp_factors").selectAll().where("user_id", "=", user).executeTakeFirst()) ?? null;
}

/** Held until the transaction ends: uses of one code at once queue here. */
export async function findTotpForUpdate(tx: Tx, user: string): Promise<TotpRow | null> {
  return (await on(tx).selectFrom("totp_factors").selectAll().where("user_id", "=", user).forUpdate().executeTakeFirst()) ?? null;
}

export async function putTotp(tx: Tx, row: TotpRow): Promise<void> {
  const { user_id: _, ...change } = row;
  await on(tx).insertInto("totp_factors").values(row).onConflict((conflict) => conflict.column("user_id").doUpdateSet(change)).execute();
}

export async function setLastStep(tx: Tx, user: string, step: number): Promise<void> {
  await on(tx).updateTable("totp_factors").set({ last_step: step }).where("user_id", "=", user).execute();
}

export async function deleteTotp(tx: Tx, user: string): Promise<boolean> {
  return (await on(tx).deleteFrom("totp_factors").where("user_id", "=", user).returning("user_id").execute()).length > 0;
}

export async function putSetup(tx: Tx, row: SetupRow): Promise<void> {
  const { user_id: _, ...change } = row;
  await on(tx).insertInto("totp_setups").values(row).onConflict((conflict) => conflict.column("user_id").doUpdateSet(change)).execute();
}

export async function findSetupForUpdate(tx: Tx, user: string, now: Date): Promise<SetupRow | null> {
  return (await on(tx).selectFrom("totp_setups").selectAll().where("user_id", "=", user).where("expires_at", ">", now).forUpdate().executeTakeFirst()) ?? null;
}

export async function deleteSetup(tx: Tx, user: string): Promise<void> {
  await on(tx).deleteFrom("totp_setups").where("user_id", "=", user).execute();
}

export async function insertPasskey(tx: Tx, row: PasskeyRow): Promise<boolean> {
  const made = await on(tx).insertInto("passkeys").values(row).onConflict((conflict) => conflict.column("credential_id").doNothing()).returning("id").execute();
  return made.length > 0;
}

export async function listPasskeys(tx: Tx, user: string): Promise<PasskeyRow[]> {
  return await on(tx).selectFrom("passkeys").selectAll().where("user_id", "=", user).orderBy("id").execute();
}

/** Held until the transaction ends: its counter is compared and raised. */
export async function findPasskeyForUpdate(tx: Tx, which: { user: string; credential: string }): Promise<PasskeyRow | null> {
  return (await on(tx).selectFrom("passkeys").selectAll().where("user_id", "=", which.user).where("credential_id", "=", which.credential).forUpdate().executeTakeFirst()) ?? null;
}

export async function updatePasskey(tx: Tx, which: { user: string; id: string }, change: Partial<Pick<PasskeyRow, "name" | "counter" | "last_used_at">>): Promise<boolean> {
  return (await on(tx).updateTable("passkeys").set(change).where("user_id", "=", which.user).where("id", "=", which.id).returning("id").execute()).length > 0;
}

export async function deletePasskey(tx: Tx, which: { user: string; id: string }): Promise<boolean> {
  return (await on(tx).deleteFrom("passkeys").where("user_id", "=", which.user).where("id", "=", which.id).returning("id").execute()).length > 0;
}

export async function insertRecoveryCodes(tx: Tx, rows: RecoveryRow[]): Promise<void> {
  await on(tx).insertInto("recovery_codes").values(rows).execute();
}

/** Marks the code used; of several uses at once exactly one gets it. */
export async function takeRecoveryCode(tx: Tx, which: { user: string; hash: string; now: Date }): Promise<boolean> {
  const taken = await on(tx).updateTable("recovery_codes").set({ used_at: which.now })
    .where("user_id", "=", which.user).where("code_hash", "=", which.hash).where("used_at", "is", null).returning("code_hash").execute();
  return taken.length > 0;
}

export async function countRecoveryCodes(tx: Tx, user: string): Promise<number> {
  const row = await on(tx).selectFrom("recovery_codes").select((e) => e.fn.countAll<number>().as("count")).where("user_id", "=", user).where("used_at", "is", null).executeTakeFirstOrThrow();
  return row.count;
}

export async function deleteRecoveryCodes(tx: Tx, user: string): Promise<void> {
  await on(tx).deleteFrom("recovery_codes").where("user_id", "=", user).execute();
}

export async function insertChallenge(tx: Tx, row: ChallengeRow): Promise<void> {
  await on(tx).insertInto("passkey_challenges").values(row).execute();
}

/** Takes it away: whatever comes of the answer, the challenge is spent. */
export async function takeChallenge(tx: Tx, which: { hash: string; purpose: Purpose; now: Date }): Promise<ChallengeRow | null> {
  const row = await on(tx).deleteFrom("passkey_challenges").where("challenge_hash", "=", which.hash).where("purpose", "=", which.purpose)
    .where("expires_at", ">", which.now).returningAll().executeTakeFirst();
  return row ?? null;
}

export async function deleteOld(tx: Tx, before: Date): Promise<void> {
  await on(tx).deleteFrom("passkey_challenges").where("expires_at", "<", before).execute();
  await on(tx).deleteFrom("totp_setups").where("expires_at", "<", before).execute();
}

/** Changes of one person's factors queue here until the transaction ends: two removals at once must not each take the other for what remains. */
export async function lockPerson(tx: Tx, user: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${user}, 2))`.execute(tx);
}

/** All that a person has, with the codes; returns how many factors there were. */
export async function deleteAll(tx: Tx, user: string): Promise<number> {
  const passkeys = await on(tx).deleteFrom("passkeys").where("user_id", "=", user).returning("id").execute();
  const hadTotp = await deleteTotp(tx, user);
  await deleteSetup(tx, user);
  await deleteRecoveryCodes(tx, user);
  return passkeys.length + (hadTotp ? 1 : 0);
}

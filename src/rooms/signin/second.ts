import type { Clock } from "#src/base/clock.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { hashSecret } from "#src/base/secrets.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { AuthenticationResponseJSON, Factors, PublicKeyCredentialRequestOptionsJSON, Standing } from "#src/rooms/factors/factors.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { sessionCookieFor } from "./cookies.ts";
import type { Lock } from "./lock.ts";
import { verifyPassword } from "./passwords.ts";
import * as store from "./store.ts";

const stepMs = 600_000;
/** How long a proof of who one is stands for a change of what protects the account. */
const proofMs = 600_000;
const passwordCharactersMax = 1_024;

/** What the second step is done with. */
export type Shown = { kind: "totp" | "recovery"; code: string } | { kind: "passkey"; response: AuthenticationResponseJSON };
export type Proof = { kind: "password"; password: string } | Shown;

export interface Second {
  /** The second step after a right password. Throws SECOND_STEP_EXPIRED, FACTOR_REFUSED, SIGNIN_LOCKED, and what a guard says. */
  secondStep(options: { step: string; shown: Shown; agent: string; by: Doer }): Promise<{ secret: string; user: UserRow }>;
  /** For the browser to ask for a passkey as the second step. Throws SECOND_STEP_EXPIRED. */
  secondStepOptions(options: { step: string }): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** A passkey that has verified its person is both factors, and no lock stands before it. Throws PASSKEY_REFUSED, and what a guard says. */
  signInByPasskey(options: { response: AuthenticationResponseJSON; agent: string; by: Doer }): Promise<{ secret: string; user: UserRow }>;
  /** Says once more, within a session, who one is. Throws SIGNIN_FAILED, FACTOR_REFUSED, SIGNIN_LOCKED. */
  prove(options: { user: string; session: string; proof: Proof; by: Doer }): Promise<void>;
  standing: Standing;
}

export interface SecondParts {
  postgres: Postgres;
  teams: Teams;
  factors: Factors;
  clock: Clock;
  lock: Lock;
  letIn(tx: Tx, opening: { user: UserRow; method: "password" | "passkey"; hasFactor: boolean; agent: string; by: Doer }): Promise<{ secret: string }>;
  endSessions(tx: Tx, which: { user: string; except: string; by: Doer }): Promise<number>;
}

/** Under this an account's failures are counted, of passwords and codes together. */
export const accountOf = (user: string): string => hashSecret(user);

export function createSecond(parts: SecondParts): Second {
  return {
    secondStep: (options) => secondStep(parts, options),
    secondStepOptions: async ({ step }) => parts.factors.askPasskey({ purpose: "second", user: (await userOfStep(parts, step)).id }),
    signInByPasskey: (options) => signInByPasskey(parts, options),
    prove: (options) => prove(parts, options),
    standing: createStanding(parts),
  };
}

/** What stands between a right password and the second step; the secret goes into a cookie. */
export async function openStep({ clock }: { clock: Clock }, tx: Tx, user: string): Promise<string> {
  const secret = newSecret("kliv_second");
  await store.insertStep(tx, { step_hash: hashSecret(secret), user_id: user, created_at: clock.date(), expires_at: new Date(clock.now() + stepMs) });
  return secret;
}

async function userOfStep({ postgres, teams, clock }: SecondParts, step: string): Promise<UserRow> {
  const user = await postgres.transaction({}, async (tx) => {
    const found = await store.findStep(tx, hashSecret(step), clock.date());
    return found ? await teams.findUser(tx, found.user_id) : null;
  });
  if (!user) throw new Problem("SECOND_STEP_EXPIRED");
  return user;
}

async function secondStep(parts: SecondParts, { step, shown, agent, by }: Parameters<Second["secondStep"]>[0]): Promise<{ secret: string; user: UserRow }> {
  const { postgres, factors, lock, letIn } = parts;
  const user = await userOfStep(parts, step);
  const account = accountOf(user.id);
  // A signature is not guessed, so it neither counts nor waits.
  if (shown.kind === "passkey") await factors.usePasskey({ purpose: "second", user: user.id, response: shown.response });
  else await lock.claim(account);
  const entering = postgres.transaction({ user: user.id }, async (tx) => {
    // Given back when the code is wrong: the transaction does not happen.
    if (!(await store.takeStep(tx, hashSecret(step)))) throw new Problem("SECOND_STEP_EXPIRED");
    if (shown.kind !== "passkey" && !(await factors.useCode(tx, { user: user.id, by, ...shown }))) throw new Problem("FACTOR_REFUSED");
    await lock.clear(tx, account);
    return await letIn(tx, { user, method: "password", hasFactor: true, agent, by });
  });
  const { secret } = await entering.catch(async (error: unknown) => {
    // Who gets as far as guessing codes has the password: its owner has to know.
    if (error instanceof Problem && error.code === "FACTOR_REFUSED" && (await lock.isToBeTold(account))) await factors.tellGuessing(user.id);
    throw error;
  });
  if (shown.kind === "recovery") await factors.tellRecovery(user.id);
  return { secret, user };
}

async function signInByPasskey({ postgres, teams, factors, letIn }: SecondParts, { response, agent, by }: Parameters<Second["signInByPasskey"]>[0]): Promise<{ secret: string; user: UserRow }> {
  const id = await factors.usePasskey({ purpose: "first", user: null, response });
  return await postgres.transaction({ user: id }, async (tx) => {
    const user = await teams.findUser(tx, id);
    if (!user) throw new Problem("PASSKEY_REFUSED");
    const { secret } = await letIn(tx, { user, method: "passkey", hasFactor: true, agent, by });
    return { secret, user };
  });
}

async function prove(parts: SecondParts, { user, session, proof, by }: Parameters<Second["prove"]>[0]): Promise<void> {
  const { postgres, teams, factors, clock, lock } = parts;
  if (proof.kind === "passkey") {
    await factors.usePasskey({ purpose: "proof", user, response: proof.response });
    return await postgres.transaction({ user }, (tx) => store.setProven(tx, session, clock.date()));
  }
  const account = accountOf(user);
  await lock.claim(account);
  if (proof.kind === "password") {
    const found = await postgres.transaction({ user }, (tx) => teams.findUser(tx, user));
    if (!(await verifyPassword(proof.password.slice(0, passwordCharactersMax), found?.password_hash ?? null))) throw new Problem("SIGNIN_FAILED");
  }
  await postgres.transaction({ user }, async (tx) => {
    if (proof.kind !== "password" && !(await factors.useCode(tx, { user, by, ...proof }))) throw new Problem("FACTOR_REFUSED");
    // Not cleared: one of the two must not begin the count of the other anew.
    await lock.release(tx, account);
    await store.setProven(tx, session, clock.date());
  });
  if (proof.kind === "recovery") await factors.tellRecovery(user);
}

function createStanding({ postgres, clock, endSessions }: SecondParts): Standing {
  return {
    async holdProof(tx, session) {
      const found = await store.findSessionById(tx, session);
      if (!found || found.proven_at.getTime() <= clock.now() - proofMs) throw new Problem("PROOF_NEEDED");
    },
    async renew(tx, { user, session, hasFactor, endOthers, by }) {
      const secret = newSecret("kliv_session");
      const id = newId("ses", clock);
      const old = await store.replaceSession(tx, { user, id: session }, { id, session_hash: hashSecret(secret) }, (row) => (hasFactor ?? row.has_factor) || isVouched(row));
      if (!old) throw new Problem("SIGNIN_NEEDED");
      await postgres.announce(tx, { kind: "session", id: old.session_hash });
      if (endOthers) await endSessions(tx, { user, except: id, by });
      return sessionCookieFor(secret, Math.floor((old.expires_at.getTime() - clock.now()) / 1_000));
    },
  };
}

/** An identity provider's word stands, whatever factors the account has here. */
const isVouched = ({ method, has_factor }: { method: string; has_factor: boolean }): boolean => has_factor && (method === "oidc" || method === "saml");


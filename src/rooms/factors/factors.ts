import type { Clock } from "#src/base/clock.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Teams } from "#src/rooms/teams/teams.ts";
import { factorLetter } from "./letters.ts";
import type { Occasion } from "./letters.ts";
import { creationOptions, passkeyName, readCreated, requestOptions, usePasskey } from "./passkeys.ts";
import type { Ask, AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON } from "./passkeys.ts";
import { makeRecoveryCodes, recoveryCodesFew, useRecoveryCode } from "./recovery.ts";
import { passkeysMax } from "./schema.ts";
import * as store from "./store.ts";
import { confirmTotp, startTotp, useTotp } from "./totp.ts";
import type { TotpSetup } from "./totp.ts";

export type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON } from "./passkeys.ts";

/** What a second step can be done with. A recovery code stands in for a factor that is lost; alone it is none. */
export type SecondKind = "totp" | "passkey" | "recovery";

export interface Overview {
  totp: { createdAt: Date } | null;
  passkeys: { id: string; name: string; createdAt: Date; lastUsedAt: Date | null }[];
  recoveryCodesLeft: number;
  recoveryCodesFew: boolean;
}

/** What the sign-in room, which comes later, does for a change of what protects an account. */
export interface Standing {
  /** Throws PROOF_NEEDED unless the session's person proved within ten minutes who they are. */
  holdProof(tx: Tx, session: string): Promise<void>;
  /** Gives the session a new secret, as at every change of privilege (`hasFactor` where that changes), and ends the person's others where asked. Returns the cookie to set. */
  renew(tx: Tx, change: { user: string; session: string; hasFactor?: boolean; endOthers: boolean; by: Doer }): Promise<string>;
}

/** Who changes their own factors, in which session. */
export interface Changer {
  user: string;
  session: string;
  by: Doer;
  standing: Standing;
}

/** Codes are given with the first factor only. `cookie` is the session's new one. */
export interface Added {
  recoveryCodes: string[] | null;
  cookie: string;
}

export interface Factors {
  /** What this person's second step can be done with; empty for who has no factor. */
  kindsOf(tx: Tx, user: string): Promise<SecondKind[]>;
  /** Takes a code that is right and was never taken; of many uses at once one is right. */
  useCode(tx: Tx, use: { user: string; kind: "totp" | "recovery"; code: string; by: Doer }): Promise<boolean>;
  overview(user: string): Promise<Overview>;
  /** A new secret, shown once. Throws PROOF_NEEDED. */
  startTotp(changer: Changer): Promise<TotpSetup>;
  /** The first right code makes it count. Throws PROOF_NEEDED, FACTOR_SETUP_MISSING, FACTOR_CODE_WRONG. */
  confirmTotp(changer: Changer & { code: string }): Promise<Added>;
  /** Throws PROOF_NEEDED, NOT_FOUND. */
  deleteTotp(changer: Changer): Promise<{ cookie: string }>;
  /** For the browser to make a passkey. Throws PROOF_NEEDED, PASSKEYS_FULL. */
  startPasskey(changer: Changer): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** Keeps what the browser has made. Throws PROOF_NEEDED, PASSKEY_NOT_MADE. */
  createPasskey(changer: Changer & { name: string; response: RegistrationResponseJSON }): Promise<Added>;
  /** Throws NOT_FOUND. */
  renamePasskey(options: { user: string; id: string; name: string; by: Doer }): Promise<void>;
  /** Throws PROOF_NEEDED, NOT_FOUND. */
  deletePasskey(changer: Changer & { id: string }): Promise<{ cookie: string }>;
  /** For the browser to ask for a passkey; of anybody when `user` is null. */
  askPasskey(options: { purpose: Ask; user: string | null }): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** Whose passkey has answered. Throws PASSKEY_REFUSED. */
  usePasskey(options: { purpose: Ask; user: string | null; response: AuthenticationResponseJSON }): Promise<string>;
  /** Ten new ones in the place of the old. Throws PROOF_NEEDED, and FACTOR_NONE for who has no factor. */
  renewRecoveryCodes(changer: Changer): Promise<Added & { recoveryCodes: string[] }>;
  /** Takes all of a person's factors away, for who has lost them; returns how many there were. The operator's. */
  reset(options: { email: string; by: Doer; isTold?: boolean }): Promise<{ user: string; factors: number }>;
  /** Tells the person that a recovery code was used, and how many are left. */
  tellRecovery(user: string): Promise<void>;
  /** Tells the person that somebody has typed the right password, and wrong codes after it. */
  tellGuessing(user: string): Promise<void>;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
}

export interface FactorsParts {
  postgres: Postgres;
  teams: Teams;
  audit: Audit;
  mail: Mail;
  clock: Clock;
  /** The key that the secrets of one-time codes are sealed with. */
  key(): Buffer;
  /** The public address, which passkeys are bound to. */
  origin: string;
}

export function createFactors(parts: FactorsParts): Factors {
  const { postgres, clock } = parts;
  return {
    kindsOf,
    useCode: (tx, use) => useCode(parts, tx, use),
    overview: (user) => postgres.transaction({ user }, (tx) => overview(tx, user)),
    startTotp: ({ user, session, standing }) =>
      postgres.transaction({ user }, async (tx) => {
        await standing.holdProof(tx, session);
        const found = await parts.teams.findUser(tx, user);
        return await startTotp(parts, tx, { user, label: found?.email ?? user });
      }),
    confirmTotp: ({ code, ...changer }) => add(parts, changer, { kind: "totp", work: (tx) => confirmTotp(parts, tx, { user: changer.user, code }) }),
    deleteTotp: (changer) => remove(parts, changer, { kind: "totp", work: (tx) => store.deleteTotp(tx, changer.user) }),
    startPasskey: ({ user, session, standing }) =>
      postgres.transaction({ user }, async (tx) => {
        await standing.holdProof(tx, session);
        const found = await parts.teams.findUser(tx, user);
        return await creationOptions(parts, tx, { id: user, email: found?.email ?? user, name: found?.name ?? "" });
      }),
    createPasskey: (changer) => createPasskey(parts, changer),
    renamePasskey: (options) => renamePasskey(parts, options),
    deletePasskey: ({ id, ...changer }) => remove(parts, changer, { kind: "passkey", work: (tx) => store.deletePasskey(tx, { user: changer.user, id }) }),
    askPasskey: (options) => requestOptions(parts, options),
    usePasskey: (options) => usePasskey(parts, options),
    renewRecoveryCodes: (changer) => renewRecoveryCodes(parts, changer),
    reset: (options) => reset(parts, options),
    tellRecovery: (user) => tell(parts, user, { kind: "recovery-used" }),
    tellGuessing: (user) => tell(parts, user, { kind: "guessing" }),
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteOld(tx, clock.date())),
  };
}

async function kindsOf(tx: Tx, user: string): Promise<SecondKind[]> {
  const has = await store.findKinds(tx, user);
  if (!has.totp && !has.passkey) return [];
  return (["totp", "passkey", "recovery"] as const).filter((kind) => has[kind]);
}

async function useCode(parts: FactorsParts, tx: Tx, { kind, by, ...use }: Parameters<Factors["useCode"]>[1]): Promise<boolean> {
  if (kind === "totp") return await useTotp(parts, tx, use);
  if (!(await useRecoveryCode(parts, tx, use))) return false;
  await parts.audit.record(tx, { team: null, action: "recovery-code:use", by: { ...by, user: use.user }, resource: { kind: "user", id: use.user } });
  return true;
}

async function overview(tx: Tx, user: string): Promise<Overview> {
  const totp = await store.findTotp(tx, user);
  const passkeys = await store.listPasskeys(tx, user);
  const left = await store.countRecoveryCodes(tx, user);
  const hasAny = totp !== null || passkeys.length > 0;
  return {
    totp: totp ? { createdAt: totp.created_at } : null,
    passkeys: passkeys.map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at, lastUsedAt: row.last_used_at })),
    recoveryCodesLeft: left,
    recoveryCodesFew: hasAny && left <= recoveryCodesFew,
  };
}

/** One more factor: its codes for a bad day with the first, a new session, a letter. */
async function add(parts: FactorsParts, { user, session, by, standing }: Changer, { kind, work }: { kind: "totp" | "passkey"; work(tx: Tx): Promise<void> }): Promise<Added> {
  const { postgres, audit } = parts;
  const added = await postgres.transaction({ user }, async (tx) => {
    await standing.holdProof(tx, session);
    await store.lockPerson(tx, user);
    const isFirst = (await kindsOf(tx, user)).length === 0;
    await work(tx);
    const recoveryCodes = isFirst ? await makeRecoveryCodes(parts, tx, user) : null;
    await audit.record(tx, { team: null, action: "factor:create", by, resource: { kind: "user", id: user }, facts: { kind } });
    const cookie = await standing.renew(tx, { user, session, hasFactor: true, endOthers: false, by });
    return { recoveryCodes, cookie };
  });
  await tell(parts, user, { kind: "added", factor: kind });
  return added;
}

async function createPasskey(parts: FactorsParts, { name, response, ...changer }: Changer & { name: string; response: RegistrationResponseJSON }): Promise<Added> {
  const made = await readCreated(parts, { user: changer.user, name, response });
  return await add(parts, changer, {
    kind: "passkey",
    async work(tx) {
      if ((await store.listPasskeys(tx, changer.user)).length >= passkeysMax) throw new Problem("PASSKEYS_FULL", { values: { max: passkeysMax } });
      if (!(await store.insertPasskey(tx, made))) throw new Problem("PASSKEY_NOT_MADE");
    },
  });
}

async function renamePasskey({ postgres, audit }: FactorsParts, { user, id, name, by }: Parameters<Factors["renamePasskey"]>[0]): Promise<void> {
  await postgres.transaction({ user }, async (tx) => {
    if (!(await store.updatePasskey(tx, { user, id }, { name: passkeyName(name) }))) throw new Problem("NOT_FOUND");
    await audit.record(tx, { team: null, action: "factor:update", by, resource: { kind: "user", id: user }, facts: { passkey: id } });
  });
}

async function remove(parts: FactorsParts, { user, session, by, standing }: Changer, { kind, work }: { kind: "totp" | "passkey"; work(tx: Tx): Promise<boolean> }): Promise<{ cookie: string }> {
  const { postgres, audit } = parts;
  const { cookie, isLast } = await postgres.transaction({ user }, async (tx) => {
    await standing.holdProof(tx, session);
    await store.lockPerson(tx, user);
    if (!(await work(tx))) throw new Problem("NOT_FOUND");
    const isLast = (await kindsOf(tx, user)).length === 0;
    if (isLast) await store.deleteRecoveryCodes(tx, user);
    await audit.record(tx, { team: null, action: "factor:delete", by, resource: { kind: "user", id: user }, facts: { kind, isLast } });
    return { isLast, cookie: await standing.renew(tx, { user, session, hasFactor: !isLast, endOthers: true, by }) };
  });
  await tell(parts, user, { kind: "removed", factor: kind, isLast });
  return { cookie };
}

async function renewRecoveryCodes(parts: FactorsParts, { user, session, by, standing }: Changer) {
  const { postgres, audit } = parts;
  const made = await postgres.transaction({ user }, async (tx) => {
    await standing.holdProof(tx, session);
    await store.lockPerson(tx, user);
    if ((await kindsOf(tx, user)).length === 0) throw new Problem("FACTOR_NONE");
    const recoveryCodes = await makeRecoveryCodes(parts, tx, user);
    await audit.record(tx, { team: null, action: "recovery-code:create", by, resource: { kind: "user", id: user } });
    return { recoveryCodes, cookie: await standing.renew(tx, { user, session, hasFactor: true, endOthers: false, by }) };
  });
  await tell(parts, user, { kind: "codes-renewed" });
  return made;
}

async function reset(parts: FactorsParts, { email, by, isTold = false }: { email: string; by: Doer; isTold?: boolean }): Promise<{ user: string; factors: number }> {
  const { postgres, teams, audit } = parts;
  const done = await postgres.transaction({ operator: true }, async (tx) => {
    const found = await teams.findUserByEmail(tx, email);
    if (!found) throw new Problem("USER_NOT_FOUND", { values: { email } });
    const user = found.id;
    await store.lockPerson(tx, user);
    const factors = await store.deleteAll(tx, user);
    if (factors === 0) return { user, factors };
    await audit.record(tx, { team: null, action: "factor:reset", by, resource: { kind: "user", id: user }, facts: { count: factors } });
    await postgres.announce(tx, { kind: "user", id: user });
    return { user, factors };
  });
  if (done.factors > 0 && !isTold) await tell(parts, done.user, { kind: "reset" });
  return done;
}

/** After the change is made: a mail server that does not answer must not hold it up. */
async function tell({ postgres, teams, mail }: FactorsParts, user: string, occasion: Occasion): Promise<void> {
  const found = await postgres.transaction({ user }, async (tx) => {
    const row = await teams.findUser(tx, user);
    return row ? { ...row, left: await store.countRecoveryCodes(tx, user) } : null;
  });
  if (found) await mail.send({ to: found.email, ...factorLetter(occasion, found) });
}

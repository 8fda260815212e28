import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import { composeLetter } from "#src/base/letter.ts";
import type { Mail } from "#src/base/mail.ts";
import { speakFor, speakingFor } from "#src/base/postgres/postgres.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Agreements } from "#src/rooms/agreements/agreements.ts";
import type { Named } from "#src/rooms/agreements/schema.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Factors, SecondKind } from "#src/rooms/factors/factors.ts";
import { isLowered } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { hashSecret } from "#src/base/secrets.ts";
import { createLinks } from "./links.ts";
import type { Links } from "./links.ts";
import { createLock } from "./lock.ts";
import type { Lock } from "./lock.ts";
import { checkPassword, hashPassword, isOutdated, verifyPassword } from "./passwords.ts";
import { accountOf, createSecond, openStep } from "./second.ts";
import type { Second } from "./second.ts";
import { createSessions } from "./sessions.ts";
import type { Method, Opening, Sessions } from "./sessions.ts";
import * as store from "./store.ts";
import type { Part } from "./store.ts";
import { signinWords } from "./words.ts";
import { createTokens } from "./tokens.ts";
import type { Tokens } from "./tokens.ts";

const dayMs = 86_400_000;

export { sessionDays } from "./sessions.ts";
export type { Method, Opening } from "./sessions.ts";

/** Whether this person may come in this way; throws a Problem when not. */
export type Guard = (tx: Tx, entrance: { user: UserRow; method: Method }) => Promise<void>;

/** Let in, or asked for a second step: its secret goes into a cookie of its own. */
export type SignedIn = { user: UserRow } & ({ secret: string; step?: never } | { step: string; kinds: SecondKind[]; secret?: never });

export interface NewPassword {
  link: string;
  password: string;
  /** What the person accepted on the same page, in this language. */
  accepted?: readonly Named[] | undefined;
  language?: Language;
  by: Doer;
}

/** Whether somebody signs in elsewhere only; for an address of nobody's the id is empty. In a transaction of anybody's. */
export type Elsewhere = (tx: Tx, user: { id: string; email: string }) => Promise<boolean>;

export interface Signin extends Links, Tokens, Second {
  /**
   * Takes the link, makes the account and its first team where there is none yet, and records what is accepted with it.
   * Throws LINK_INVALID, PASSWORD_REFUSED, AGREEMENT_NOT_CURRENT; the link is then as it was.
   */
  createPassword(options: NewPassword): Promise<void>;
  /** Throws SIGNIN_FAILED, SIGNIN_LOCKED, and what a guard says. */
  signIn(options: { email: string; password: string; agent: string; by: Doer }): Promise<SignedIn>;
  /** Lets a person in whose identity another room has proven: every way into an account ends here. Throws what a guard says. */
  letIn(tx: Tx, opening: Omit<Opening, "user"> & { user: UserRow }): Promise<{ id: string; secret: string; expiresAt: Date }>;
  /** A rule of a later room about who may come in and how; asked each time, after the person is proven. */
  addGuard(guard: Guard): void;
  /** A rule of a later room: whether an address signs in elsewhere only, so that a password would be of no use to it. */
  addElsewhere(rule: Elsewhere): void;
  /** Whether any such rule says so. */
  isElsewhere: Elsewhere;
  /** Checked and hashed, to be stored with `teams.setPasswordHash`. Throws PASSWORD_REFUSED. */
  makePasswordHash(password: string, about: { email: string; userName?: string }): Promise<string>;
  endSessions(options: { user: string; id?: string; except?: string; by: Doer }): Promise<number>;
  /** The same within a transaction that changes more. */
  endSessionsIn: Sessions["end"];
  /** Mailed links to create a password for this address work no more. */
  endLinksIn(tx: Tx, email: string): Promise<void>;
  /** A person's API tokens of one team, in a transaction that reaches it. */
  endTokensIn(tx: Tx, which: { team: string; user: string }): Promise<void>;
  sessions(options: { user: string } & Part): Promise<store.SessionRow[]>;
  /** Whether anybody can sign in yet; before that, the start prints a link. */
  hasAccounts(): Promise<boolean>;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
}

interface Parts {
  postgres: Postgres;
  teams: Teams;
  agreements: Pick<Agreements, "accept" | "pending">;
  factors: Factors;
  audit: Audit;
  mail: Mail;
  clock: Clock;
}

type Inner = Parts & { lock: Lock; sessions: Sessions; guards: Guard[] };

export function createSignin(parts: Parts): Signin {
  const { postgres, clock } = parts;
  const inner: Inner = { ...parts, lock: createLock(parts), sessions: createSessions(parts), guards: [] };
  parts.teams.onStanding(async (tx, { team, user, session, ...change }) => {
    // A new role begins with a new proof; what was made under higher rights does not outlive them. Sessions are their
    // person's alone, and whoever changes the role is mostly somebody else.
    const ended = await speakingFor(tx, user, () => store.deleteSessions(tx, { user, ...(session === undefined ? {} : { except: session }) }));
    for (const id of ended) await postgres.announce(tx, { kind: "session", id });
    if (isLowered(change)) for (const id of await store.deleteTokensOf(tx, team, user)) await postgres.announce(tx, { kind: "token", id });
  });
  const rules: Elsewhere[] = [];
  const isElsewhere: Elsewhere = async (tx, user) => {
    for (const rule of rules) if (await rule(tx, user)) return true;
    return false;
  };
  return {
    ...createLinks({ ...parts, isElsewhere }),
    ...createTokens(parts),
    ...createSecond({ ...inner, letIn: (tx, opening) => letIn(inner, tx, opening), endSessions: inner.sessions.end }),
    createPassword: (options) => createPassword(inner, options),
    signIn: (options) => signIn(inner, options),
    async letIn(tx, opening) {
      await speakFor(tx, opening.user.id);
      return await letIn(inner, tx, opening);
    },
    addGuard: (guard) => void inner.guards.push(guard),
    addElsewhere: (rule) => void rules.push(rule),
    isElsewhere,
    async makePasswordHash(password, about) {
      await checkPassword(password, about);
      return await hashPassword(password);
    },
    endSessions: ({ user, ...which }) => postgres.transaction({ user }, (tx) => inner.sessions.end(tx, { user, ...which })),
    endSessionsIn: inner.sessions.end,
    endLinksIn: store.deleteLinksOf,
    async endTokensIn(tx, { team, user }) {
      for (const id of await store.deleteTokensOf(tx, team, user)) await postgres.announce(tx, { kind: "token", id });
    },
    sessions: ({ user, ...page }) => postgres.transaction({ user }, (tx) => store.listSessions(tx, { user, now: clock.date(), ...page })),
    hasAccounts: () => postgres.transaction({ operator: true }, store.hasPasswords),
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteOld(tx, new Date(clock.now() - dayMs))),
  };
}

async function createPassword(parts: Inner, options: NewPassword): Promise<void> {
  const { postgres, teams, agreements, audit, clock } = parts;
  const { accepted = [], language = "en" } = options;
  const linkHash = hashSecret(options.link);
  const found = await postgres.transaction({}, async (tx) => {
    const link = await store.findLink(tx, linkHash, clock.date());
    if (!link) throw new Problem("LINK_INVALID");
    return { email: link.email, user: await teams.findUserByEmail(tx, link.email) };
  });
  // A refused password leaves the link as it was; the slow hash happens outside the transaction.
  await checkPassword(options.password, { email: found.email, ...(found.user ? { userName: found.user.user_name } : {}) });
  const hash = await hashPassword(options.password);
  const team = newId("team", clock);
  const changed = await postgres.transaction({ teams: [team], user: found.user?.id ?? null }, async (tx) => {
    const link = await store.takeLink(tx, linkHash, clock.date());
    if (!link) throw new Problem("LINK_INVALID");
    const known = await teams.findUserByEmail(tx, link.email);
    const user = known ?? (await teams.createUser(tx, { email: link.email, name: link.email.split("@")[0] ?? link.email }));
    await teams.setPasswordHash(tx, user.id, hash);
    await store.deleteLinksOf(tx, link.email);
    await store.deleteStepsOf(tx, user.id);
    for (const id of await store.deleteSessions(tx, { user: user.id })) await postgres.announce(tx, { kind: "session", id });
    const by = { ...options.by, user: user.id };
    const hasTeam = known !== null && (await store.listRoles(tx, user.id)).length > 0;
    if (!hasTeam) await teams.createTeamIn(tx, { id: team, name: user.name, plan: "free", owner: user.id, by });
    await agreements.accept(tx, { user: user.id, accepted, method: known?.password_hash ? "asked" : "sign-up", language, by });
    await audit.record(tx, { team: null, action: "password:create", by, resource: { kind: "user", id: user.id } });
    return known?.password_hash ? known : null;
  });
  if (!changed) return;
  const words = signinWords[changed.language];
  await parts.mail.send({ to: changed.email, ...composeLetter({ language: changed.language, subject: words.changedSubject, lines: [words.linkHello, words.changedText, words.changedUnknown] }) });
}

async function signIn(parts: Inner, options: { email: string; password: string; agent: string; by: Doer }): Promise<SignedIn> {
  const { postgres, teams, factors, lock } = parts;
  const { user, account } = await postgres.transaction({}, async (tx) => {
    const found = await teams.findUserByEither(tx, options.email.trim());
    // An unknown account is locked just the same, under what was typed.
    const hash = found ? accountOf(found.id) : hashSecret(options.email.trim().toLowerCase());
    await lock.claimIn(tx, hash);
    return { user: found, account: hash };
  });
  const isRight = await verifyPassword(options.password.slice(0, 1_024), user?.password_hash ?? null);
  if (!user || !isRight) throw new Problem("SIGNIN_FAILED");
  const outdated = user.password_hash !== null && isOutdated(user.password_hash) ? user.password_hash : null;
  const raised = outdated === null ? "" : await hashPassword(options.password);
  return await postgres.transaction({ user: user.id }, async (tx) => {
    // Only in the place of the one that was looked at: a password that was changed meanwhile stays.
    if (outdated !== null) await teams.replacePasswordHash(tx, user.id, { before: outdated, after: raised });
    const kinds = await factors.kindsOf(tx, user.id);
    if (kinds.length > 0) {
      // Who may not come in this way is told so before a code is asked for.
      for (const guard of parts.guards) await guard(tx, { user, method: "password" });
      await lock.release(tx, account);
      return { user, kinds, step: await openStep(parts, tx, user.id) };
    }
    await lock.clear(tx, account);
    const { secret } = await letIn(parts, tx, { user, method: "password", hasFactor: false, agent: options.agent, by: options.by });
    return { user, secret };
  });
}

/** In a transaction that speaks for this person. */
async function letIn({ guards, sessions }: Inner, tx: Tx, { user, ...opening }: Omit<Opening, "user"> & { user: UserRow }) {
  for (const guard of guards) await guard(tx, { user, method: opening.method });
  return await sessions.open(tx, { ...opening, user: user.id });
}

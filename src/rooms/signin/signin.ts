import type { Role, Scope } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { isEmail } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { hashSecret } from "./actors.ts";
import { checkPassword, hashPassword, verifyPassword } from "./passwords.ts";
import * as store from "./store.ts";
import { signinWords } from "./words.ts";

export const sessionDays = 30;
const linkMs = 3_600_000;
const linksPerHourMax = 5;
const failuresMax = 5;
const lockMs = 30_000;
const dayMs = 86_400_000;

/** A part of a list, newest first: what is older than `before`. */
interface Part {
  before?: string | undefined;
  limit: number;
}

export interface Signin {
  /** Mails a link to create a password. Says nothing of whether there is an account. */
  sendLink(options: { email: string; language: Language; origin: string }): Promise<void>;
  /** A link for the operator to hand over. */
  createLink(tx: Tx, user: UserRow, origin: string): Promise<string>;
  /** Whose password a link is for. Throws LINK_INVALID. */
  readLink(link: string): Promise<{ email: string }>;
  /** Takes the link, makes the account and its first team where there is none yet. Throws LINK_INVALID, PASSWORD_REFUSED. */
  createPassword(options: { link: string; password: string; by: Doer }): Promise<void>;
  /** Returns the session's secret. Throws SIGNIN_FAILED, SIGNIN_LOCKED. */
  signIn(options: { email: string; password: string; agent: string; by: Doer }): Promise<{ secret: string; user: UserRow }>;
  endSessions(options: { user: string; id?: string; except?: string; by: Doer }): Promise<number>;
  sessions(options: { user: string } & Part): Promise<store.SessionRow[]>;
  /** Whether anybody can sign in yet; before that, the start prints a link. */
  hasAccounts(): Promise<boolean>;
  createToken(options: { user: string; team: string; name: string; scope: Scope; expiresInDays?: number; by: Doer }): Promise<{ id: string; token: string; expiresAt: Date | null }>;
  /** All of the team's for its administrators, else the person's own. */
  tokens(options: { team: string; user: string; role: Role } & Part): Promise<store.TokenRow[]>;
  revokeToken(options: { team: string; id: string; user: string; role: Role; by: Doer }): Promise<void>;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
}

interface Parts {
  postgres: Postgres;
  teams: Teams;
  audit: Audit;
  mail: Mail;
  clock: Clock;
}

export function createSignin(parts: Parts): Signin {
  const { postgres, clock } = parts;
  return {
    sendLink: (options) => sendLink(parts, options),
    createLink: (tx, user, origin) => createLink(parts, tx, { email: user.email, user: user.id, origin }),
    readLink: (link) =>
      postgres.transaction({}, async (tx) => {
        const found = await store.findLink(tx, hashSecret(link), clock.date());
        if (!found) throw new Problem("LINK_INVALID");
        return { email: found.email };
      }),
    createPassword: (options) => createPassword(parts, options),
    signIn: (options) => signIn(parts, options),
    endSessions: ({ user, by, ...which }) =>
      postgres.transaction({ user }, async (tx) => {
        const hashes = await store.deleteSessions(tx, { user, ...which });
        for (const id of hashes) await postgres.announce(tx, { kind: "session", id });
        if (hashes.length > 0) await parts.audit.record(tx, { team: null, action: "session:delete", by, resource: { kind: "user", id: user }, facts: { count: hashes.length } });
        return hashes.length;
      }),
    sessions: ({ user, ...page }) => postgres.transaction({ user }, (tx) => store.listSessions(tx, { user, now: clock.date(), ...page })),
    hasAccounts: () => postgres.transaction({ operator: true }, store.hasPasswords),
    createToken: (options) => createToken(parts, options),
    tokens: ({ team, user, role, ...page }) => postgres.transaction({ teams: [team] }, (tx) => store.listTokens(tx, { team, user: isAdmin(role) ? null : user, ...page })),
    revokeToken: ({ team, id, user, role, by }) =>
      postgres.transaction({ teams: [team] }, async (tx) => {
        const token = await store.deleteToken(tx, { team, id, user: isAdmin(role) ? null : user });
        if (!token) throw new Problem("NOT_FOUND");
        await parts.audit.record(tx, { team, action: "token:revoke", by, resource: { kind: "token", id } });
        await postgres.announce(tx, { kind: "token", id: token.token_hash });
      }),
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteOld(tx, new Date(clock.now() - dayMs))),
  };
}

const isAdmin = (role: Role): boolean => role === "owner" || role === "admin";

async function createLink({ clock }: Parts, tx: Tx, options: { email: string; user: string | null; origin: string }): Promise<string> {
  const secret = newSecret("kliv_link");
  await store.insertLink(tx, {
    link_hash: hashSecret(secret), email: options.email, user_id: options.user, created_at: clock.date(), expires_at: new Date(clock.now() + linkMs),
  });
  return `${options.origin}/password?link=${secret}`;
}

async function sendLink(parts: Parts, options: { email: string; language: Language; origin: string }): Promise<void> {
  const { postgres, teams, mail, clock } = parts;
  const email = options.email.trim();
  if (!isEmail(email)) throw new Problem("EMAIL_INVALID");
  const made = await postgres.transaction({}, async (tx) => {
    // Nobody's mailbox is filled by strangers; the answer stays the same.
    await store.lockAddress(tx, email);
    if ((await store.countLinksSince(tx, email, new Date(clock.now() - linkMs))) >= linksPerHourMax) return null;
    const user = await teams.findUserByEmail(tx, email);
    const link = await createLink(parts, tx, { email: user?.email ?? email, user: user?.id ?? null, origin: options.origin });
    return { link, to: user?.email ?? email, language: user?.language ?? options.language };
  });
  if (made) await mail.send({ to: made.to, ...linkLetter(made.link, made.language) });
}

function linkLetter(link: string, language: Language): { subject: string; text: string; html: string } {
  const words = signinWords[language];
  return {
    subject: words.linkSubject,
    text: `${words.linkHello}\n\n${words.linkText}\n\n${link}\n\n${words.linkIgnore}\n\nKliv\n`,
    html: `<!doctype html><html lang="${language}"><body style="font-family:sans-serif;color:#1f2328;line-height:1.7;max-width:34em;margin:2em auto;padding:0 1em">
<p>${words.linkHello}</p><p>${words.linkText}</p>
<p><a href="${link}" style="display:inline-block;background:#1d4ed8;color:#fff;padding:.6em 1.2em;border-radius:6px;text-decoration:none">${words.linkButton}</a></p>
<p style="color:#57606a;word-break:break-all">${link}</p><p style="color:#57606a">${words.linkIgnore}</p><p>Kliv</p></body></html>`,
  };
}

async function createPassword(parts: Parts, options: { link: string; password: string; by: Doer }): Promise<void> {
  const { postgres, teams, audit, clock } = parts;
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
  await postgres.transaction({ teams: [team], user: found.user?.id ?? null }, async (tx) => {
    const link = await store.takeLink(tx, linkHash, clock.date());
    if (!link) throw new Problem("LINK_INVALID");
    const known = await teams.findUserByEmail(tx, link.email);
    const user = known ?? (await teams.createUser(tx, { email: link.email, name: link.email.split("@")[0] ?? link.email }));
    await teams.setPasswordHash(tx, user.id, hash);
    await store.deleteLinksOf(tx, link.email);
    for (const id of await store.deleteSessions(tx, { user: user.id })) await postgres.announce(tx, { kind: "session", id });
    const by = { ...options.by, user: user.id };
    const hasTeam = known !== null && (await store.listRoles(tx, user.id)).length > 0;
    if (!hasTeam) await teams.createTeamIn(tx, { id: team, name: user.name, plan: "free", owner: user.id, by });
    await audit.record(tx, { team: null, action: "password:create", by, resource: { kind: "user", id: user.id } });
  });
}

async function signIn(parts: Parts, options: { email: string; password: string; agent: string; by: Doer }): Promise<{ secret: string; user: UserRow }> {
  const { postgres, teams, clock } = parts;
  const user = await postgres.transaction({}, (tx) => teams.findUserByEither(tx, options.email.trim()));
  // An unknown account is locked just the same, under what was typed.
  const account = hashSecret(user?.id ?? options.email.trim().toLowerCase());
  await claimAttempt(parts, account);
  const isRight = await verifyPassword(options.password.slice(0, 1_024), user?.password_hash ?? null);
  if (!user || !isRight) throw new Problem("SIGNIN_FAILED");
  const secret = newSecret("kliv_session");
  await postgres.transaction({ user: user.id }, async (tx) => {
    await store.setFailures(tx, { account_hash: account, failures: 0, failed_at: clock.date(), locked_until: null });
    const id = newId("ses", clock);
    await store.insertSession(tx, {
      id, session_hash: hashSecret(secret), user_id: user.id, agent: options.agent.slice(0, 300), created_at: clock.date(), last_used_at: clock.date(),
      expires_at: new Date(clock.now() + sessionDays * dayMs),
    });
    await parts.audit.record(tx, { team: null, action: "session:create", by: { ...options.by, user: user.id }, resource: { kind: "user", id: user.id } });
  });
  return { secret, user };
}

// Counted before the password is looked at, under a row lock: of many guesses at once at most five are evaluated.
async function claimAttempt({ postgres, clock }: Parts, account: string): Promise<void> {
  await postgres.transaction({}, async (tx) => {
    const row = await store.lockFailures(tx, account, clock.date());
    const now = clock.now();
    const lockedUntilMs = row.locked_until?.getTime() ?? 0;
    if (lockedUntilMs > now) {
      const seconds = Math.ceil((lockedUntilMs - now) / 1_000);
      throw new Problem("SIGNIN_LOCKED", { values: { seconds }, retryAfterSeconds: seconds });
    }
    const failures = lockedUntilMs > 0 ? 1 : row.failures + 1;
    await store.setFailures(tx, {
      account_hash: account, failures, failed_at: clock.date(), locked_until: failures >= failuresMax ? new Date(now + lockMs) : null,
    });
  });
}

async function createToken(
  { postgres, audit, clock }: Parts,
  options: { user: string; team: string; name: string; scope: Scope; expiresInDays?: number; by: Doer },
): Promise<{ id: string; token: string; expiresAt: Date | null }> {
  const token = newSecret("kliv");
  const id = newId("tok", clock);
  const expiresAt = options.expiresInDays === undefined ? null : new Date(clock.now() + options.expiresInDays * dayMs);
  await postgres.transaction({ teams: [options.team] }, async (tx) => {
    if (!(await store.listRoles(tx, options.user)).some(([team]) => team === options.team)) throw new Problem("NOT_FOUND");
    await store.insertToken(tx, {
      id, token_hash: hashSecret(token), team_id: options.team, user_id: options.user, name: options.name, scope: options.scope,
      created_at: clock.date(), expires_at: expiresAt, last_used_at: null,
    });
    await audit.record(tx, { team: options.team, action: "token:create", by: options.by, resource: { kind: "token", id }, facts: { scope: options.scope } });
  });
  return { id, token, expiresAt };
}

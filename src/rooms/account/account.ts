import type { Actor } from "#src/access/access.ts";
import { inPerson } from "#src/access/person.ts";
import type { Clock } from "#src/base/clock.ts";
import { composeLetter } from "#src/base/letter.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Factors } from "#src/rooms/factors/factors.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import { isUserName } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { createEmails } from "./emails.ts";
import type { Emails } from "./emails.ts";
import { accountWords } from "./words.ts";

export interface Account extends Emails {
  /** Ends all other sessions; returns the present one's new cookie. Throws SIGNIN_FAILED for a wrong present password, PASSWORD_REFUSED. */
  changePassword(options: { actor: Actor | null; present: string; password: string; by: Doer }): Promise<{ cookie: string }>;
  /** Throws USER_NAME_INVALID, USER_NAME_TAKEN. */
  changeUserName(options: { actor: Actor | null; userName: string; by: Doer }): Promise<void>;
  /** Ends all sessions but the present one; returns how many. */
  endOthers(options: { actor: Actor | null; by: Doer }): Promise<number>;
}

export interface AccountParts {
  postgres: Postgres;
  teams: Teams;
  factors: Pick<Factors, "reset">;
  signin: Pick<Signin, "isElsewhere" | "prove" | "makePasswordHash" | "standing" | "endSessions" | "endSessionsIn" | "endLinksIn" | "endTokensIn" | "sendLink">;
  audit: Audit;
  mail: Mail;
  clock: Clock;
}

export function createAccount(parts: AccountParts): Account {
  return {
    ...createEmails(parts),
    changePassword: (options) => changePassword(parts, options),
    changeUserName: (options) => changeUserName(parts, options),
    endOthers({ actor, by }) {
      const { user, id } = inPerson(actor);
      return parts.signin.endSessions({ user, except: id, by });
    },
  };
}

async function changePassword(parts: AccountParts, { actor, present, password, by }: Parameters<Account["changePassword"]>[0]): Promise<{ cookie: string }> {
  const { postgres, teams, signin, audit, mail } = parts;
  const { user: id, id: session } = inPerson(actor);
  await signin.prove({ user: id, session, proof: { kind: "password", password: present }, by });
  const user = (await postgres.transaction({ user: id }, (tx) => teams.findUser(tx, id))) ?? gone();
  const hash = await signin.makePasswordHash(password, { email: user.email, userName: user.user_name });
  const cookie = await postgres.transaction({ user: id }, async (tx) => {
    await teams.setPasswordHash(tx, id, hash);
    await signin.endLinksIn(tx, user.email);
    await audit.record(tx, { team: null, action: "password:update", by, resource: { kind: "user", id } });
    return await signin.standing.renew(tx, { user: id, session, endOthers: true, by });
  });
  const words = accountWords[user.language];
  await mail.send({ to: user.email, ...composeLetter({ language: user.language, subject: words.password.subject, lines: [words.hello(user.name), words.password.text, words.unknown] }) });
  return { cookie };
}

/** Of PostgreSQL: somebody else was first. */
const uniqueViolation = "23505";

async function changeUserName(parts: AccountParts, { actor, userName, by }: Parameters<Account["changeUserName"]>[0]): Promise<void> {
  const { postgres, teams, audit, mail } = parts;
  const { user: id } = inPerson(actor);
  const wanted = userName.trim();
  if (!isUserName(wanted)) throw new Problem("USER_NAME_INVALID");
  const user: UserRow | null = await postgres.transaction({ user: id }, async (tx) => {
    const now = (await teams.findUser(tx, id)) ?? gone();
    if (now.user_name === wanted) return null;
    if (!(await teams.setUserName(tx, id, wanted))) throw new Problem("USER_NAME_TAKEN");
    await audit.record(tx, { team: null, action: "user:update", by, resource: { kind: "user", id }, facts: { change: "user-name" } });
    await postgres.announce(tx, { kind: "user", id });
    return now;
  }).catch((error: unknown) => {
    // Of two who choose it at once, the index lets one have it.
    if ((error as { code?: unknown }).code === uniqueViolation) throw new Problem("USER_NAME_TAKEN");
    throw error;
  });
  if (!user) return;
  const words = accountWords[user.language];
  await mail.send({ to: user.email, ...composeLetter({ language: user.language, subject: words.name.subject, lines: [words.hello(user.name), words.name.text(wanted), words.unknown] }) });
}

function gone(): never {
  throw new Problem("SIGNIN_NEEDED");
}

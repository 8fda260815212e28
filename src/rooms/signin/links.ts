import type { Clock } from "#src/base/clock.ts";
import { newSecret } from "#src/base/ids.ts";
import { composeLetter } from "#src/base/letter.ts";
import type { Mail } from "#src/base/mail.ts";
import { speakFor } from "#src/base/postgres/postgres.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Agreements } from "#src/rooms/agreements/agreements.ts";
import type { Named } from "#src/rooms/agreements/schema.ts";
import { isEmail, isProbeAddress } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { hashSecret } from "#src/base/secrets.ts";
import * as store from "./store.ts";
import { signinWords } from "./words.ts";

const linkMs = 3_600_000;
const linksPerHourMax = 5;

export interface Links {
  /** Mails a link to create a password. Says nothing of whether there is an account. */
  sendLink(options: { email: string; language: Language; origin: string; by: Doer }): Promise<void>;
  /** A link for the operator to hand over. */
  createLink(tx: Tx, user: UserRow, origin: string): Promise<string>;
  /** Whose password a link is for, whether it is their first one, and what they have not accepted yet. Throws LINK_INVALID. */
  readLink(link: string): Promise<{ email: string; isNew: boolean; agreements: { pending: Named[] } }>;
}

export interface LinksParts {
  postgres: Postgres;
  teams: Teams;
  audit: Audit;
  agreements: Pick<Agreements, "pending">;
  mail: Mail;
  clock: Clock;
  /** Whether an address signs in elsewhere only. */
  isElsewhere(tx: Tx, user: { id: string; email: string }): Promise<boolean>;
}

export function createLinks(parts: LinksParts): Links {
  return {
    sendLink: (options) => sendLink(parts, options),
    createLink: (tx, user, origin) => createLink(parts, tx, { email: user.email, user: user.id, origin }),
    readLink: (link) => readLink(parts, link),
  };
}

async function readLink({ postgres, teams, agreements, clock }: LinksParts, link: string): ReturnType<Links["readLink"]> {
  const { email, user } = await postgres.transaction({}, async (tx) => {
    const found = await store.findLink(tx, hashSecret(link), clock.date());
    if (!found) throw new Problem("LINK_INVALID");
    return { email: found.email, user: await teams.findUserByEmail(tx, found.email) };
  });
  const pending = await postgres.transaction({ user: user?.id ?? null }, (tx) => agreements.pending(tx, user?.id ?? null));
  return { email, isNew: (user?.password_hash ?? null) === null, agreements: { pending } };
}

async function createLink({ clock }: LinksParts, tx: Tx, options: { email: string; user: string | null; origin: string }): Promise<string> {
  const secret = newSecret("kliv_link");
  await store.insertLink(tx, {
    link_hash: hashSecret(secret), email: options.email, user_id: options.user, created_at: clock.date(), expires_at: new Date(clock.now() + linkMs),
  });
  return `${options.origin}/password?link=${secret}`;
}

async function sendLink(parts: LinksParts, options: { email: string; language: Language; origin: string; by: Doer }): Promise<void> {
  const { postgres, teams, audit, mail, clock } = parts;
  const email = options.email.trim();
  if (!isEmail(email)) throw new Problem("EMAIL_INVALID");
  const made = await postgres.transaction({}, async (tx) => {
    // Nobody's mailbox is filled by strangers; the answer stays the same.
    await store.lockAddress(tx, email);
    if ((await store.countLinksSince(tx, email, new Date(clock.now() - linkMs))) >= linksPerHourMax) return null;
    const user = await teams.findUserByEmail(tx, email);
    await speakFor(tx, user?.id ?? "");
    // A link is made in either case, so that mails are counted; where a password is of no use, it is not sent.
    const isElsewhere = await parts.isElsewhere(tx, { id: user?.id ?? "", email });
    const link = await createLink(parts, tx, { email: user?.email ?? email, user: user?.id ?? null, origin: options.origin });
    // The address itself is nobody's to read in a log.
    await audit.record(tx, { team: null, action: "password:request", by: options.by, resource: { kind: "user", id: user?.id ?? "none" } });
    return { link: isElsewhere ? null : link, to: user?.email ?? email, language: user?.language ?? options.language };
  });
  if (made && !isProbeAddress(made.to)) await mail.send({ to: made.to, ...(made.link === null ? elsewhereLetter(options.origin, made.language) : linkLetter(made.link, made.language)) });
}

function elsewhereLetter(origin: string, language: Language): ReturnType<typeof composeLetter> {
  const words = signinWords[language];
  return composeLetter({ language, subject: words.elsewhereSubject, lines: [words.linkHello, words.elsewhereText], link: { url: `${origin}/signin?problem=SSO_REQUIRED`, label: words.elsewhereButton }, notes: [words.linkIgnore] });
}

function linkLetter(link: string, language: Language): ReturnType<typeof composeLetter> {
  const words = signinWords[language];
  return composeLetter({ language, subject: words.linkSubject, lines: [words.linkHello, words.linkText], link: { url: link, label: words.linkButton }, notes: [words.linkIgnore] });
}

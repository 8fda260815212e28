import type { Actor } from "#src/access/access.ts";
import { inPerson } from "#src/access/person.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import { composeLetter } from "#src/base/letter.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { hashSecret } from "#src/base/secrets.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import { isEmail } from "#src/rooms/teams/teams.ts";
import type { UserRow } from "#src/rooms/teams/teams.ts";
import type { AccountParts } from "./account.ts";
import { accountLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { EmailChangeRow } from "./store.ts";
import { accountWords } from "./words.ts";

type Kind = "old" | "new" | "revert";

/** A change of address: both mailboxes agree, and the old one may take it back. */
export interface Emails {
  /** Mails a link to each address. Says nothing of whether the new one has an account. Throws SIGNIN_FAILED, EMAIL_INVALID, EMAIL_UNCHANGED, EMAIL_CHANGES_TOO_MANY. */
  requestEmail(options: { actor: Actor | null; email: string; password: string; origin: string; by: Doer }): Promise<void>;
  pendingEmail(actor: Actor | null): Promise<EmailChangeRow | null>;
  cancelEmail(options: { actor: Actor | null; by: Doer }): Promise<void>;
  /** What a mailed link would do. Throws LINK_INVALID. */
  viewLink(link: string): Promise<{ kind: Kind; oldEmail: string; newEmail: string }>;
  /** Throws LINK_INVALID. */
  useLink(options: { link: string; origin: string; by: Doer }): Promise<"waiting" | "done" | "reverted">;
  sweep(): Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;

export function createEmails(parts: AccountParts): Emails {
  const { postgres, audit, clock } = parts;
  return {
    requestEmail: (options) => requestEmail(parts, options),
    pendingEmail(actor) {
      const { user } = inPerson(actor);
      return postgres.transaction({ user }, (tx) => store.findPending(tx, user, clock.date()));
    },
    cancelEmail({ actor, by }) {
      const { user } = inPerson(actor);
      return postgres.transaction({ user }, async (tx) => {
        if ((await store.endPending(tx, user, clock.date())) === 0) throw new Problem("NOT_FOUND");
        await audit.record(tx, { team: null, action: "email:cancel", by, resource: { kind: "user", id: user } });
      });
    },
    viewLink: (link) =>
      postgres.transaction({}, async (tx) => {
        const { change, kind } = await lockLink(parts, tx, link);
        return { kind, oldEmail: change.old_email, newEmail: change.new_email };
      }),
    useLink: (options) => useLink(parts, options),
    // As long as one may be taken back.
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteBefore(tx, new Date(clock.now() - (accountLimits.revertDaysMax + accountLimits.confirmDaysMax) * dayMs))),
  };
}

function invalid(): never {
  throw new Problem("LINK_INVALID");
}

async function requestEmail(parts: AccountParts, { actor, email: typed, password, origin, by }: Parameters<Emails["requestEmail"]>[0]): Promise<void> {
  const { postgres, teams, signin, audit, clock } = parts;
  const { user: id, id: session } = inPerson(actor);
  const email = typed.trim();
  if (!isEmail(email)) throw new Problem("EMAIL_INVALID");
  await signin.prove({ user: id, session, proof: { kind: "password", password }, by });
  const secrets = { old: newSecret("kliv_email"), new: newSecret("kliv_email") };
  const { user, other } = await postgres.transaction({ user: id }, async (tx) => {
    const now = (await teams.findUser(tx, id)) ?? invalid();
    // The address is the organization's to change.
    if (await signin.isElsewhere(tx, now)) throw new Problem("SSO_REQUIRED");
    if (now.email === email) throw new Problem("EMAIL_UNCHANGED");
    if ((await store.countSince(tx, id, new Date(clock.now() - hourMs))) >= accountLimits.emailChangesPerHourMax) throw new Problem("EMAIL_CHANGES_TOO_MANY", { values: { max: accountLimits.emailChangesPerHourMax } });
    await store.endPending(tx, id, clock.date());
    await store.insertChange(tx, {
      id: newId("emc", clock), user_id: id, old_email: now.email, new_email: email, old_hash: hashSecret(secrets.old), new_hash: hashSecret(secrets.new), revert_hash: null,
      old_confirmed_at: null, new_confirmed_at: null, done_at: null, created_at: clock.date(), expires_at: new Date(clock.now() + accountLimits.confirmDaysMax * dayMs),
    });
    await audit.record(tx, { team: null, action: "email:request", by, resource: { kind: "user", id } });
    const holder = await teams.findUserByEmail(tx, email);
    return { user: now, other: holder && holder.id !== id ? holder : null };
  });
  const words = accountWords[user.language];
  const linkOf = (secret: string): string => `${origin}/email?link=${secret}`;
  await send(parts, user, user.email, { ...words.confirmOld, lines: [words.confirmOld.text(email)], notes: [words.unknown], url: linkOf(secrets.old) });
  if (other) await send(parts, other, other.email, { ...accountWords[other.language].taken, lines: [accountWords[other.language].taken.text] });
  else await send(parts, { ...user, name: email }, email, { ...words.confirmNew, lines: [words.confirmNew.text], notes: [words.ignore], url: linkOf(secrets.new) });
}

interface Said {
  subject: string;
  lines: readonly string[];
  notes?: readonly string[];
  button?: string;
  url?: string;
}

async function send({ mail }: AccountParts, { name, language }: Pick<UserRow, "name" | "language">, to: string, { subject, lines, notes = [], button = "", url }: Said): Promise<void> {
  await mail.send({ to, ...composeLetter({ language, subject, lines: [accountWords[language].hello(name), ...lines], notes, ...(url === undefined ? {} : { link: { url, label: button } }) }) });
}

async function lockLink({ clock }: AccountParts, tx: Tx, link: string): Promise<{ change: EmailChangeRow; kind: Kind }> {
  const hash = hashSecret(link);
  const change = (await store.lockByLink(tx, hash)) ?? invalid();
  const kind = change.old_hash === hash ? "old" : change.new_hash === hash ? "new" : "revert";
  const isOpen = kind === "revert"
    ? change.done_at !== null && change.done_at.getTime() + accountLimits.revertDaysMax * dayMs > clock.now()
    : change.done_at === null && change.expires_at.getTime() > clock.now();
  return isOpen ? { change, kind } : invalid();
}

async function useLink(parts: AccountParts, { link, origin, by }: Parameters<Emails["useLink"]>[0]): Promise<"waiting" | "done" | "reverted"> {
  const { postgres, clock } = parts;
  const found = await postgres.transaction({}, (tx) => lockLink(parts, tx, link));
  if (found.kind === "revert") return await revert(parts, { link, user: found.change.user_id, origin, by });
  const secret = newSecret("kliv_email");
  const done = await postgres.transaction({ user: found.change.user_id }, async (tx) => {
    const { change, kind } = await lockLink(parts, tx, link);
    const confirmed = { ...change, [kind === "old" ? "old_confirmed_at" : "new_confirmed_at"]: clock.date() };
    await store.updateChange(tx, change.id, { old_confirmed_at: confirmed.old_confirmed_at, new_confirmed_at: confirmed.new_confirmed_at });
    if (!confirmed.old_confirmed_at || !confirmed.new_confirmed_at) return null;
    await store.updateChange(tx, change.id, { done_at: clock.date(), revert_hash: hashSecret(secret) });
    return await setEmail(parts, tx, { change, email: change.new_email, action: "email:update", by });
  });
  if (!done) return "waiting";
  const { user, change } = done;
  const words = accountWords[user.language];
  await send(parts, user, change.new_email, { ...words.done, lines: [words.done.text] });
  await send(parts, user, change.old_email, { ...words.doneOld, lines: [words.doneOld.text(change.new_email)], url: `${origin}/email?link=${secret}` });
  return "done";
}

/** Ends every session: who goes on signs in with the address that counts now. */
async function setEmail(parts: AccountParts, tx: Tx, options: { change: EmailChangeRow; email: string; action: string; by: Doer }): Promise<{ user: UserRow; change: EmailChangeRow }> {
  const { postgres, teams, signin, audit } = parts;
  const { change, email, action, by } = options;
  const id = change.user_id;
  const user = (await teams.findUser(tx, id)) ?? invalid();
  // Somebody else may have made an account of it meanwhile.
  const holder = await teams.findUserByEmail(tx, email);
  if (holder && holder.id !== id) invalid();
  await teams.setEmail(tx, id, email);
  for (const address of [user.email, email]) await signin.endLinksIn(tx, address);
  await audit.record(tx, { team: null, action, by: { ...by, user: id }, resource: { kind: "user", id } });
  await signin.endSessionsIn(tx, { user: id, by: { ...by, user: id } });
  await postgres.announce(tx, { kind: "user", id });
  return { user, change };
}

/** The old mailbox was not asked, or its owner was not: the account is its owner's again, and nobody else's. */
async function revert(parts: AccountParts, { link, user: id, origin, by }: { link: string; user: string; origin: string; by: Doer }): Promise<"reverted"> {
  const { postgres, teams, signin, factors } = parts;
  const mine = await teams.teamsOf(id);
  const { user, change } = await postgres.transaction({ user: id, teams: mine.map((team) => team.id) }, async (tx) => {
    const { change: locked } = await lockLink(parts, tx, link);
    const set = await setEmail(parts, tx, { change: locked, email: locked.old_email, action: "email:revert", by });
    await teams.setPasswordHash(tx, id, null);
    for (const team of mine) await signin.endTokensIn(tx, { team: team.id, user: id });
    await store.deleteIdentities(tx, id);
    await store.deleteChanges(tx, id);
    return set;
  });
  // Nothing that was added meanwhile opens the account: not a passkey, not a code.
  await factors.reset({ email: change.old_email, by: { ...by, user: id }, isTold: true });
  const words = accountWords[user.language];
  await send(parts, user, change.old_email, { ...words.reverted, lines: [words.reverted.text] });
  await signin.sendLink({ email: change.old_email, language: user.language, origin, by });
  return "reverted";
}

import type { Actor, Role } from "#src/access/access.ts";
import { inPerson } from "#src/access/person.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import { composeLetter } from "#src/base/letter.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { hashSecret } from "#src/base/secrets.ts";
import type { Agreements } from "#src/rooms/agreements/agreements.ts";
import type { Named } from "#src/rooms/agreements/schema.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Groups } from "#src/rooms/groups/groups.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import { isEmail, isLowered } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { invitationLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { InvitationRow } from "./store.ts";
import { invitationWords } from "./words.ts";

export type { InvitationRow } from "./store.ts";

export interface NewInvitation {
  team: string;
  email: string;
  role: Role;
  groups?: readonly string[];
  mayMakeOwners: boolean;
  language: Language;
  origin: string;
  by: Doer;
}

export interface Invitations {
  /** Mails a link to the address. The same for an address with an account and without. Throws MEMBER_EXISTS, INVITATION_EXISTS, INVITATIONS_TOO_MANY. */
  invite(options: NewInvitation): Promise<InvitationRow>;
  list(options: { team: string; before?: string | undefined; limit: number }): Promise<InvitationRow[]>;
  /** A new link; the one before works no more. */
  resend(options: { team: string; id: string; language: Language; origin: string; by: Doer }): Promise<InvitationRow>;
  revoke(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** What the holder of the link may know. Throws INVITATION_INVALID. */
  view(link: string): Promise<{ team: string; inviter: string | null; invitation: InvitationRow; hasAccount: boolean; pending: Named[] }>;
  /**
   * Joins the account of the invited address to the team; where there is none, makes it with this password. Returns the
   * new cookie of the session, where there is one. Throws INVITATION_INVALID, INVITATION_FOR_ANOTHER, SIGNIN_NEEDED, PASSWORD_REFUSED,
   * AGREEMENT_NOT_CURRENT.
   */
  accept(options: { link: string; name?: string | undefined; password?: string | undefined; accepted?: readonly Named[] | undefined; actor: Actor | null; language: Language; by: Doer }): Promise<{ team: string; cookie: string | null }>;
  decline(options: { link: string; by: Doer }): Promise<void>;
  sweep(): Promise<void>;
}

export interface InvitationsParts {
  postgres: Postgres;
  teams: Teams;
  groups: Groups;
  agreements: Pick<Agreements, "accept" | "pending">;
  signin: Pick<Signin, "makePasswordHash" | "standing">;
  audit: Audit;
  mail: Mail;
  clock: Clock;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

export function createInvitations(parts: InvitationsParts): Invitations {
  const { postgres, teams, audit, clock } = parts;
  // Whom they invited they vouched for: what is not accepted yet ends with their rights.
  teams.onStanding(async (tx, change) => {
    if (isLowered(change)) await store.deleteSentBy(tx, change.team, change.user);
  });
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  return {
    invite: (options) => invite(parts, options),
    list: ({ team, ...page }) => within(team, (tx) => store.listInvitations(tx, { team, now: clock.date(), ...page })),
    async resend({ team, id, language, origin, by }) {
      const secret = newSecret("kliv_invite");
      const renewed = await within(team, async (tx) => {
        await store.lockTeam(tx, team);
        const found = (await store.lockInvitation(tx, team, id)) ?? missing();
        await holdCounts(parts, tx, team, 0);
        const change = { link_hash: hashSecret(secret), mailed_at: clock.date(), expires_at: endOf(clock) };
        await store.renewInvitation(tx, id, change);
        await audit.record(tx, { team, action: "invitation:renew", by, resource: { kind: "invitation", id } });
        return { ...found, ...change };
      });
      await sendInvitation(parts, { invitation: renewed, secret, language, origin });
      return renewed;
    },
    revoke: ({ team, id, by }) =>
      within(team, async (tx) => {
        if (!(await store.deleteInvitation(tx, team, id))) missing();
        await audit.record(tx, { team, action: "invitation:delete", by, resource: { kind: "invitation", id } });
      }),
    async view(link) {
      const invitation = await findByLink(parts, link);
      return await within(invitation.team_id, async (tx) => {
        const hasAccount = (await teams.findUserByEmail(tx, invitation.email)) !== null;
        return { invitation, ...(await describe(parts, tx, invitation)), hasAccount, pending: hasAccount ? [] : await parts.agreements.pending(tx, null) };
      });
    },
    accept: (options) => accept(parts, options),
    async decline({ link, by }) {
      const { team_id: team } = await findByLink(parts, link);
      await within(team, async (tx) => {
        const taken = (await store.takeByLink(tx, hashSecret(link), clock.date())) ?? invalid();
        await audit.record(tx, { team, action: "invitation:decline", by, resource: { kind: "invitation", id: taken.id } });
      });
    },
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteExpired(tx, clock.date())),
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

function invalid(): never {
  throw new Problem("INVITATION_INVALID");
}

const endOf = (clock: Clock): Date => new Date(clock.now() + invitationLimits.daysMax * dayMs);

async function findByLink({ postgres, clock }: InvitationsParts, link: string): Promise<InvitationRow> {
  const hash = hashSecret(link);
  return (await postgres.transaction({ slug: hash }, (tx) => store.findByLink(tx, hash, clock.date()))) ?? invalid();
}

/** Strangers' mailboxes are not filled from here. */
async function holdCounts({ clock }: InvitationsParts, tx: Tx, team: string, added: number): Promise<void> {
  const { pending, mailed } = await store.countInvitations(tx, team, new Date(clock.now() - hourMs));
  if (pending + added > invitationLimits.pendingMax || mailed >= invitationLimits.mailsPerHourMax) {
    throw new Problem("INVITATIONS_TOO_MANY", { values: { pendingMax: invitationLimits.pendingMax, mailsMax: invitationLimits.mailsPerHourMax } });
  }
}

async function invite(parts: InvitationsParts, options: NewInvitation): Promise<InvitationRow> {
  const { postgres, teams, groups, audit, clock } = parts;
  const { team, role, by, language, origin } = options;
  const email = options.email.trim();
  if (!isEmail(email)) throw new Problem("EMAIL_INVALID");
  if (role === "owner" && !options.mayMakeOwners) throw new Problem("FORBIDDEN", { values: { action: "owner:change" } });
  const secret = newSecret("kliv_invite");
  const invitation = await postgres.transaction({ teams: [team] }, async (tx) => {
    await store.lockTeam(tx, team);
    const known = await teams.findUserByEmail(tx, email);
    // Members are known to each other; of anyone else's account nothing is said.
    if (known && (await teams.isMemberIn(tx, team, known.id))) throw new Problem("MEMBER_EXISTS");
    const before = await store.findByEmail(tx, team, email);
    if (before && before.expires_at > clock.date()) throw new Problem("INVITATION_EXISTS");
    if (before) await store.deleteInvitation(tx, team, before.id);
    await holdCounts(parts, tx, team, 1);
    const wanted = [...new Set(options.groups ?? [])];
    if ((await groups.known(tx, team, wanted)).length < wanted.length) missing();
    const row: InvitationRow = {
      id: newId("inv", clock), team_id: team, link_hash: hashSecret(secret), email, role, group_ids: wanted, invited_by: by.user,
      created_at: clock.date(), mailed_at: clock.date(), expires_at: endOf(clock),
    };
    await store.insertInvitation(tx, row);
    await audit.record(tx, { team, action: "invitation:create", by, resource: { kind: "invitation", id: row.id }, facts: { role } });
    return row;
  });
  await sendInvitation(parts, { invitation, secret, language, origin });
  return invitation;
}

async function describe({ teams }: InvitationsParts, tx: Tx, { team_id: team, invited_by: by }: InvitationRow): Promise<{ team: string; inviter: string | null }> {
  const { name } = await teams.getTeamIn(tx, team);
  return { team: name, inviter: by === null ? null : ((await teams.findUser(tx, by))?.name ?? null) };
}

async function sendInvitation(parts: InvitationsParts, options: { invitation: InvitationRow; secret: string; language: Language; origin: string }): Promise<void> {
  const { postgres, teams, mail } = parts;
  const { invitation, secret, origin } = options;
  const { team, inviter, language } = await postgres.transaction({ teams: [invitation.team_id] }, async (tx) => ({
    ...(await describe(parts, tx, invitation)), language: (await teams.findUserByEmail(tx, invitation.email))?.language ?? options.language,
  }));
  const words = invitationWords[language];
  await mail.send({
    to: invitation.email,
    ...composeLetter({
      language, subject: words.subject(team), lines: [words.hello, words.text(inviter, team, words.roles[invitation.role]), words.days],
      link: { url: `${origin}/invitation?link=${secret}`, label: words.button }, notes: [words.ignore],
    }),
  });
}

async function accept(parts: InvitationsParts, options: Parameters<Invitations["accept"]>[0]): ReturnType<Invitations["accept"]> {
  const { postgres, teams, groups, agreements, audit, signin, clock } = parts;
  const { link, actor, accepted = [], language, by } = options;
  const { team_id: team, email } = await findByLink(parts, link);
  const known = await postgres.transaction({}, (tx) => teams.findUserByEmail(tx, email));
  if (actor && inPerson(actor).user !== known?.id) throw new Problem("INVITATION_FOR_ANOTHER", { values: { email } });
  // The link proves the address, not the account behind it: that one proves itself by signing in.
  if (!actor && known) throw new Problem("SIGNIN_NEEDED");
  const hash = known ? null : await signin.makePasswordHash(options.password ?? "", { email });
  return await postgres.transaction({ teams: [team], user: known?.id ?? null }, async (tx) => {
    const invitation = (await store.takeByLink(tx, hashSecret(link), clock.date())) ?? invalid();
    const user: UserRow = known ?? (await makeAccount(parts, tx, { ...options, email, hash: hash ?? "" }));
    const doer = { ...by, user: user.id };
    if (!(await teams.isMemberIn(tx, team, user.id))) await teams.addMemberIn(tx, { team, user: user.id, role: invitation.role, by: doer, facts: { invitation: invitation.id, invitedBy: invitation.invited_by } });
    else await audit.record(tx, { team, action: "invitation:accept", by: doer, resource: { kind: "invitation", id: invitation.id } });
    if (!known) await agreements.accept(tx, { user: user.id, accepted, method: "sign-up", language, by: doer });
    await groups.addToGroups(tx, { team, user: user.id, groups: invitation.group_ids, by: doer });
    const cookie = actor ? await signin.standing.renew(tx, { user: user.id, session: actor.id, endOthers: false, by: doer }) : null;
    return { team, cookie };
  });
}

async function makeAccount({ teams, audit }: InvitationsParts, tx: Tx, made: { email: string; name?: string | undefined; hash: string; language: Language; by: Doer }): Promise<UserRow> {
  const { email, name = email.split("@")[0] ?? email, hash, language, by } = made;
  const user = await teams.createUser(tx, { email, name, language });
  await teams.setPasswordHash(tx, user.id, hash);
  await audit.record(tx, { team: null, action: "user:create", by: { ...by, user: user.id }, resource: { kind: "user", id: user.id } });
  return user;
}

import type { Role } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Reach, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Deed, Doer } from "#src/rooms/audit/audit.ts";
import * as store from "./store.ts";
import type { Plan, TeamRow, UserRow } from "./store.ts";

export { narrowLimits } from "./plans.ts";
export type { PlanLimits, Plans } from "./plans.ts";
export type { Plan, TeamRow, UserRow } from "./store.ts";

export interface Member {
  user: { id: string; name: string; userName: string; email: string };
  role: Role;
  createdAt: Date;
}

export interface Removal {
  team: string;
  user: string;
  by: Doer;
  mayMakeOwners: boolean;
  /** The doer's own, where they leave themselves; it stays. */
  session?: string | undefined;
}

/** `session`: the doer's own, where they change themselves; it stays. */
export interface RoleChange {
  team: string;
  user: string;
  role: Role;
  by: Doer;
  mayMakeOwners: boolean;
  session?: string | undefined;
}

/** Of one person in one team; `to` is null for who has left. */
export interface StandingChange {
  team: string;
  user: string;
  from: Role;
  to: Role | null;
  /** The one session that stays. */
  session?: string | undefined;
}
export type StandingListener = (tx: Tx, change: StandingChange) => Promise<void>;

const ranks: readonly (Role | null)[] = ["owner", "admin", "editor", "viewer", null];
export const isLowered = ({ from, to }: Pick<StandingChange, "from" | "to">): boolean => ranks.indexOf(to) > ranks.indexOf(from);

export interface Teams {
  /** Makes an account. Throws EMAIL_INVALID, USER_EXISTS. */
  createUser(tx: Tx, user: { email: string; name: string; language?: "en" | "ja" }): Promise<UserRow>;
  findUserByEmail(tx: Tx, email: string): Promise<UserRow | null>;
  /** By e-mail address or user name. */
  findUserByEither(tx: Tx, either: string): Promise<UserRow | null>;
  findUser(tx: Tx, id: string): Promise<UserRow | null>;
  setPasswordHash(tx: Tx, user: string, hash: string | null): Promise<void>;
  /** Another hash of the same password. */
  replacePasswordHash(tx: Tx, user: string, change: { before: string; after: string }): Promise<void>;
  setEmail(tx: Tx, user: string, email: string): Promise<void>;
  /** False where somebody else has it. */
  setUserName(tx: Tx, user: string, userName: string): Promise<boolean>;
  updateUser(user: string, change: { name?: string; language?: "en" | "ja" }, by: Doer): Promise<UserRow>;
  teamsOf(user: string): Promise<{ id: string; name: string; plan: Plan; factor_required: boolean; role: Role }[]>;
  createTeam(options: { name: string; plan: Plan; owner: string; by: Doer }): Promise<TeamRow>;
  /** In a transaction that already reaches the new team. */
  createTeamIn(tx: Tx, options: { id: string; name: string; plan: Plan; owner: string; by: Doer }): Promise<TeamRow>;
  getTeam(team: string): Promise<TeamRow>;
  updateTeam(options: { team: string; name?: string; factorRequired?: boolean; by: Doer }): Promise<TeamRow>;
  /** The operator's: what the team may use. Throws NOT_FOUND. */
  setPlan(options: { team: string; plan: Plan; by: Doer }): Promise<TeamRow>;
  /** A team that exists for one check of a promise only; without `owner`, with an account that exists for it too. */
  createProbe(options: { name: string; owner?: string; by: Doer }): Promise<{ team: string; user: UserRow }>;
  /** The ids of all such teams, those too that a killed check has left. */
  listProbes(): Promise<string[]>;
  /** Removes such a team with all that hangs on it, and its account once that has no other team. Any other team is left alone. */
  deleteProbe(options: { team: string; by: Doer }): Promise<void>;
  members(options: { team: string; after?: string | undefined; limit: number }): Promise<(Member & { id: string })[]>;
  isMemberIn(tx: Tx, team: string, user: string): Promise<boolean>;
  /** Makes an account a member, in a transaction that reaches the team. */
  addMemberIn(tx: Tx, options: { team: string; user: string; role: Role; by: Doer; facts?: Deed["facts"] }): Promise<void>;
  getTeamIn(tx: Tx, team: string): Promise<TeamRow>;
  /** For who needs to ask nobody: the operator, an identity provider. Everyone else is invited. */
  addMember(options: { team: string; email: string; role: Role; by: Doer; mayMakeOwners: boolean }): Promise<{ user: UserRow; isNew: boolean }>;
  setRole(options: RoleChange): Promise<void>;
  setRoleIn(tx: Tx, options: RoleChange): Promise<void>;
  removeMember(options: Removal): Promise<void>;
  removeMemberIn(tx: Tx, options: Removal): Promise<void>;
  /** Makes another member an owner and the owner an administrator, in one act. Throws OWNER_CHANGE_REFUSED. */
  transferIn(tx: Tx, options: { team: string; from: string; to: string; by: Doer; session?: string | undefined }): Promise<void>;
  /** What later rooms end when a person's role changes or they leave, in the same transaction. */
  onStanding(listener: StandingListener): void;
}

const nameCharactersMax = 200;
// A domain that never receives mail (RFC 2606).
export const probeDomain = "promise-check.invalid";

/** With this begins the id of a team that exists for one check of a promise only; ids are made by the server alone. */
export const probeTeamPrefix = "probe_";
/** Of an account that exists for one check of a promise only: no letter goes there. */
export const isProbeAddress = (email: string): boolean => email.toLowerCase().endsWith(`@${probeDomain}`);
export const isProbeTeam = (team: string): boolean => team.startsWith(probeTeamPrefix);

export function createTeams({ postgres, audit, clock }: { postgres: Postgres; audit: Audit; clock: Clock }): Teams {
  const within = (team: string): Reach => ({ teams: [team] });
  const createTeamIn: Teams["createTeamIn"] = async (tx, { id, name, plan, owner, by }) => {
    const team: TeamRow = { id, name: cleanName(name), plan, created_at: clock.date(), factor_required: false };
    await store.insertTeam(tx, team);
    await store.insertMember(tx, { team_id: id, user_id: owner, role: "owner", created_at: clock.date() });
    await audit.record(tx, { team: id, action: "team:create", by, resource: { kind: "team", id }, facts: { plan, owner } });
    await postgres.announce(tx, { kind: "user", id: owner });
    return team;
  };
  const addMemberIn: Teams["addMemberIn"] = async (tx, { team, user, role, by, facts }) => {
    await store.insertMember(tx, { team_id: team, user_id: user, role, created_at: clock.date() });
    await audit.record(tx, { team, action: "member:create", by, resource: { kind: "user", id: user }, facts: { role, ...facts } });
    await postgres.announce(tx, { kind: "user", id: user });
  };
  const standings: StandingListener[] = [];
  const standingChanged: StandingListener = async (tx, change) => {
    for (const listener of standings) await listener(tx, change);
  };
  const removeMemberIn: Teams["removeMemberIn"] = async (tx, { team, user, by, mayMakeOwners, session }) => {
    const members = await store.listMembersForUpdate(tx, team);
    const member = members.find((one) => one.user_id === user) ?? refuse();
    if (member.role === "owner" && !mayMakeOwners) throw new Problem("FORBIDDEN", { values: { action: "owner:change" } });
    if (member.role === "owner") holdOwner(members);
    await store.deleteMember(tx, team, user);
    await audit.record(tx, { team, action: "member:delete", by, resource: { kind: "user", id: user }, facts: { role: member.role } });
    await standingChanged(tx, { team, user, from: member.role, to: null, session });
    await postgres.announce(tx, { kind: "user", id: user });
  };
  const setRoleIn: Teams["setRoleIn"] = async (tx, { team, user, role, by, mayMakeOwners, session }) => {
    const members = await store.listMembersForUpdate(tx, team);
    const member = members.find((one) => one.user_id === user) ?? refuse();
    if ((role === "owner" || member.role === "owner") && !mayMakeOwners) throw new Problem("FORBIDDEN", { values: { action: "owner:change" } });
    if (member.role === "owner" && role !== "owner") holdOwner(members);
    await store.updateMember(tx, { team, user, role });
    await audit.record(tx, { team, action: "member:update", by, resource: { kind: "user", id: user }, facts: { from: member.role, to: role } });
    if (role !== member.role) await standingChanged(tx, { team, user, from: member.role, to: role, session });
    await postgres.announce(tx, { kind: "user", id: user });
  };
  const getTeamIn: Teams["getTeamIn"] = async (tx, team) => (await store.findTeam(tx, team)) ?? refuse();
  return {
    createUser: (tx, user) => createUser(tx, user, clock),
    findUserByEmail: store.findUserByEmail,
    findUserByEither: store.findUserByEither,
    findUser: store.findUser,
    replacePasswordHash: store.replacePasswordHash,
    setPasswordHash: (tx, user, hash) => store.updateUser(tx, user, { password_hash: hash }),
    setEmail: (tx, user, email) => store.updateUser(tx, user, { email }),
    async setUserName(tx, user, userName) {
      const other = await store.findUserByUserName(tx, userName);
      if (other !== null && other !== user) return false;
      await store.updateUser(tx, user, { user_name: userName });
      return true;
    },
    updateUser: (user, change, by) =>
      postgres.transaction({ user }, async (tx) => {
        if (change.name !== undefined || change.language !== undefined) {
          await store.updateUser(tx, user, { ...(change.name === undefined ? {} : { name: cleanName(change.name) }), ...(change.language ? { language: change.language } : {}) });
          await audit.record(tx, { team: null, action: "user:update", by, resource: { kind: "user", id: user }, facts: { changed: Object.keys(change).sort().join(" ") } });
          await postgres.announce(tx, { kind: "user", id: user });
        }
        return (await store.findUser(tx, user)) ?? refuse();
      }),
    teamsOf: (user) => postgres.transaction({ user }, (tx) => store.listTeamsOf(tx, user)),
    createTeam: (options) => {
      const id = newId("team", clock);
      return postgres.transaction({ teams: [id], user: options.owner }, (tx) => createTeamIn(tx, { ...options, id }));
    },
    createTeamIn,
    getTeam: (team) => postgres.transaction(within(team), (tx) => getTeamIn(tx, team)),
    getTeamIn,
    isMemberIn: async (tx, team, user) => (await store.findMember(tx, team, user)) !== null,
    addMemberIn,
    updateTeam: ({ team, name, factorRequired, by }) =>
      postgres.transaction(within(team), async (tx) => {
        if (name === undefined && factorRequired === undefined) return (await store.findTeam(tx, team)) ?? refuse();
        await store.updateTeam(tx, team, { ...(name === undefined ? {} : { name: cleanName(name) }), ...(factorRequired === undefined ? {} : { factor_required: factorRequired }) });
        await audit.record(tx, { team, action: "team:update", by, resource: { kind: "team", id: team }, facts: factorRequired === undefined ? {} : { factorRequired } });
        // What a session of its people reaches changes with it.
        if (factorRequired !== undefined) await postgres.announce(tx, { kind: "team", id: team });
        return (await store.findTeam(tx, team)) ?? refuse();
      }),
    setPlan: ({ team, plan, by }) =>
      postgres.transaction(within(team), async (tx) => {
        const before = (await store.findTeam(tx, team)) ?? refuse();
        if (before.plan === plan) return before;
        await store.updateTeam(tx, team, { plan });
        await audit.record(tx, { team, action: "team:update", by, resource: { kind: "team", id: team }, facts: { plan, before: before.plan } });
        await postgres.announce(tx, { kind: "plan", id: team });
        return { ...before, plan };
      }),
    createProbe: (options) => createProbe({ postgres, clock, createTeamIn }, options),
    listProbes: () => postgres.transaction({ operator: true }, (tx) => store.listTeamsWithPrefix(tx, probeTeamPrefix)),
    deleteProbe: ({ team, by }) =>
      postgres.transaction({ operator: true }, async (tx) => {
        if (!isProbeTeam(team) || !(await store.findTeam(tx, team))) refuse();
        const people = await store.listMembersForUpdate(tx, team);
        await audit.record(tx, { team: null, action: "team:delete", by, resource: { kind: "team", id: team } });
        await store.deleteTeam(tx, team);
        await store.deleteProbeLinks(tx, probeDomain);
        await postgres.announce(tx, { kind: "team", id: team });
        for (const { user_id: user } of people) {
          if (await store.deleteProbeUser(tx, { user, domain: probeDomain })) await postgres.announce(tx, { kind: "user", id: user });
        }
      }),
    members: async (options) => {
      const rows = await postgres.transaction(within(options.team), (tx) => store.listMembers(tx, options));
      return rows.map((row) => ({ id: row.id, user: { id: row.id, name: row.name, userName: row.user_name, email: row.email }, role: row.role, createdAt: row.created_at }));
    },
    addMember: ({ team, email, role, by, mayMakeOwners }) =>
      postgres.transaction(within(team), async (tx) => {
        if (role === "owner" && !mayMakeOwners) throw new Problem("FORBIDDEN", { values: { action: "owner:change" } });
        const known = await store.findUserByEmail(tx, email);
        const user = known ?? (await createUser(tx, { email, name: email.split("@")[0] ?? email }, clock));
        if (await store.findMember(tx, team, user.id)) throw new Problem("MEMBER_EXISTS");
        await addMemberIn(tx, { team, user: user.id, role, by });
        return { user, isNew: known === null };
      }),
    setRole: (options) => postgres.transaction(within(options.team), (tx) => setRoleIn(tx, options)),
    setRoleIn,
    removeMember: (options) => postgres.transaction(within(options.team), (tx) => removeMemberIn(tx, options)),
    removeMemberIn,
    transferIn: async (tx, { team, from, to, by, session }) => {
      const members = await store.listMembersForUpdate(tx, team);
      const roleOf = (user: string): Role => (members.find((one) => one.user_id === user) ?? refuse()).role;
      const before = roleOf(to);
      if (roleOf(from) !== "owner" || from === to || before === "owner") throw new Problem("OWNER_CHANGE_REFUSED");
      await store.updateMember(tx, { team, user: to, role: "owner" });
      await store.updateMember(tx, { team, user: from, role: "admin" });
      await audit.record(tx, { team, action: "owner:change", by, resource: { kind: "team", id: team }, facts: { from, to } });
      await standingChanged(tx, { team, user: to, from: before, to: "owner" });
      await standingChanged(tx, { team, user: from, from: "owner", to: "admin", session });
      for (const id of [from, to]) await postgres.announce(tx, { kind: "user", id });
    },
    onStanding: (listener) => void standings.push(listener),
  };
}

async function createProbe(
  { postgres, clock, createTeamIn }: { postgres: Postgres; clock: Clock; createTeamIn: Teams["createTeamIn"] },
  { name, owner, by }: Parameters<Teams["createProbe"]>[0],
): ReturnType<Teams["createProbe"]> {
  const team = newId(probeTeamPrefix.slice(0, -1), clock);
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    const account = newId(probeTeamPrefix.slice(0, -1), clock);
    // The account and its team come together or not at all: what is left after a kill is found by the team.
    const user = owner === undefined ? await createUser(tx, { email: `${account}@${probeDomain}`, name: account }, clock) : ((await store.findUser(tx, owner)) ?? refuse());
    await createTeamIn(tx, { id: team, name, plan: "enterprise", owner: user.id, by });
    return { team, user };
  });
}

function refuse(): never {
  throw new Problem("NOT_FOUND");
}

// Before one of the owners goes.
function holdOwner(members: { role: Role }[]): void {
  if (members.filter((member) => member.role === "owner").length <= 1) throw new Problem("LAST_OWNER");
}

/** Throws LAST_OWNER when a team would be nobody's. */
export function holdAnOwner(members: { role: Role }[]): void {
  if (!members.some((member) => member.role === "owner")) throw new Problem("LAST_OWNER");
}

/** Control characters could disguise one name as another in lists and mails. Throws REQUEST_INVALID for an empty one. */
export function cleanName(name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Bidi_Control}]/gu, " ").replace(/\s+/g, " ").trim().slice(0, nameCharactersMax);
  if (clean === "") throw new Problem("REQUEST_INVALID", { values: { reason: "name must not be empty" } });
  return clean;
}

async function createUser(tx: Tx, user: { email: string; name: string; language?: "en" | "ja" }, clock: Clock): Promise<UserRow> {
  const email = user.email.trim();
  if (!isEmail(email)) throw new Problem("EMAIL_INVALID");
  if (await store.findUserByEmail(tx, email)) throw new Problem("USER_EXISTS");
  const name = cleanName(user.name);
  const row: UserRow = {
    id: newId("user", clock), name, user_name: await freeUserName(tx, name), email, password_hash: null, language: user.language ?? "en", created_at: clock.date(),
  };
  await store.insertUser(tx, row);
  return row;
}

/** One @, no spaces, a domain; the link in the mail is the real proof. At most 254 characters (RFC 5321). */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u.test(text);
}

/** What somebody may choose as the name to sign in with: never an address, nothing that looks like another one by what is not seen. */
export function isUserName(text: string): boolean {
  return text === text.trim() && text.isWellFormed() && text.length >= 1 && text.length <= 100 && !/[@\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}

/** A user name identifies one account: it is the name where that is free, else the name and a number. It is never an address. */
export async function freeUserName(tx: Tx, name: string): Promise<string> {
  const wanted = name.replaceAll("@", " ").trim().slice(0, 100) || "user";
  const taken = await store.userNamesLike(tx, wanted);
  if (!taken.has(wanted.toLowerCase())) return wanted;
  for (let number = 2; ; number++) {
    const candidate = `${wanted}-${number}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}

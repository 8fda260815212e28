import type { Role } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newSecret } from "#src/base/ids.ts";
import { speakFor } from "#src/base/postgres/postgres.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { hashSecret } from "#src/base/secrets.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Groups } from "#src/rooms/groups/groups.ts";
import type { Saml } from "#src/rooms/saml/saml.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { scimLimits } from "./schema.ts";
import type { PersonSaid } from "./schema.ts";
import * as store from "./store.ts";
import type { DirectoryRow, Filter, PersonRow } from "./store.ts";

/** A directory whose token was shown. */
export interface Directory {
  connection: string;
  team: string;
  by: Doer;
}

export interface Part {
  filter: Filter | null;
  offset: number;
  limit: number;
}

/** People and groups of a team, kept by the directory of one of its connections. */
export interface Scim {
  find(team: string, connection: string): Promise<DirectoryRow | null>;
  /** A token in place of the one before; shown this once. Throws NOT_FOUND. */
  createToken(options: { team: string; connection: string; by: Doer }): Promise<{ token: string }>;
  /** Ends it; the people stay. Throws NOT_FOUND. */
  deleteToken(options: { team: string; connection: string; by: Doer }): Promise<void>;
  /** Whose token this is. Throws SCIM_TOKEN_INVALID. */
  authenticate(options: { connection: string; token: string; by: Doer }): Promise<Directory>;
  listPeople(directory: Directory, part: Part): Promise<{ rows: PersonRow[]; total: number }>;
  getPerson(directory: Directory, user: string): Promise<PersonRow>;
  /** Throws SCIM_TAKEN, SAML_EMAIL_MISSING, SAML_DOMAIN_FOREIGN, SCIM_TOO_MANY. */
  createPerson(directory: Directory, said: PersonSaid): Promise<PersonRow>;
  /** Who is made inactive is out at once, on every node. Throws NOT_FOUND, SCIM_TAKEN, LAST_OWNER. */
  updatePerson(directory: Directory, user: string, said: PersonSaid): Promise<PersonRow>;
  /** As to make inactive, and gone for the directory. */
  deletePerson(directory: Directory, user: string): Promise<void>;
  /** Looks again at what role a person's groups give. */
  follow(directory: Directory, user: string): Promise<void>;
}

export interface ScimParts {
  postgres: Postgres;
  teams: Teams;
  groups: Groups;
  signin: Signin;
  saml: Saml;
  audit: Audit;
  clock: Clock;
}

const touchEveryMs = 60_000;

export function createScim(parts: ScimParts): Scim {
  const { postgres, audit, clock, saml } = parts;
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const get = async (tx: Tx, { connection }: Directory, user: string): Promise<PersonRow> => (await store.findPerson(tx, connection, user)) ?? missing();
  return {
    async find(team, connection) {
      await saml.connections.get(team, connection);
      return await within(team, (tx) => store.findDirectory(tx, connection));
    },
    async createToken({ team, connection, by }) {
      await saml.connections.get(team, connection);
      const token = newSecret("kliv_scim");
      await within(team, async (tx) => {
        await store.putDirectory(tx, { connection_id: connection, team_id: team, token_hash: hashSecret(token), created_at: clock.date(), last_used_at: null });
        await audit.record(tx, { team, action: "sso:update", by, resource: { kind: "connection", id: connection }, facts: { directory: "token" } });
      });
      return { token };
    },
    deleteToken: ({ team, connection, by }) =>
      within(team, async (tx) => {
        if (!(await store.deleteDirectory(tx, connection))) missing();
        await audit.record(tx, { team, action: "sso:update", by, resource: { kind: "connection", id: connection }, facts: { directory: "off" } });
      }),
    async authenticate({ connection, token, by }) {
      const hash = hashSecret(token);
      const found = await postgres.transaction({ slug: hash }, (tx) => store.findDirectory(tx, connection));
      if (!found || found.token_hash !== hash) throw new Problem("SCIM_TOKEN_INVALID");
      const team = found.team_id;
      if (clock.now() - (found.last_used_at?.getTime() ?? 0) > touchEveryMs) await within(team, (tx) => store.touchDirectory(tx, connection, clock.date()));
      return { connection, team, by: { ...by, kind: "system", user: null } };
    },
    listPeople: (directory, part) => within(directory.team, (tx) => store.listPeople(tx, { connection: directory.connection, ...part })),
    getPerson: (directory, user) => within(directory.team, (tx) => get(tx, directory, user)),
    createPerson: (directory, said) => createPerson(parts, directory, said),
    updatePerson: (directory, user, said) => updatePerson(parts, directory, user, said),
    deletePerson: (directory, user) =>
      within(directory.team, async (tx) => {
        await get(tx, directory, user);
        await leave(parts, tx, directory, user);
        await store.deletePerson(tx, directory.connection, user, clock.date());
      }),
    follow: (directory, user) => follow(parts, directory, user),
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

async function createPerson(parts: ScimParts, directory: Directory, said: PersonSaid): Promise<PersonRow> {
  const { postgres, teams, saml, audit, clock } = parts;
  const { connection, team, by } = directory;
  const email = said.userName;
  if (email === undefined) throw new Problem("SAML_EMAIL_MISSING");
  const { default_role: usual } = (await saml.connections.get(team, connection)).row;
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    await saml.domains.holdOwn(tx, team, email);
    if ((await store.countPeople(tx, connection)) >= scimLimits.peopleMax) throw new Problem("SCIM_TOO_MANY");
    const known = await teams.findUserByEmail(tx, email);
    const user = known ?? (await teams.createUser(tx, { email, name: said.name ?? email.split("@")[0] ?? email }));
    if (!known) await audit.record(tx, { team: null, action: "user:create", by, resource: { kind: "user", id: user.id }, facts: { method: "scim" } });
    const before = await store.findPerson(tx, connection, user.id);
    if (before?.is_active) throw new Problem("SCIM_TAKEN");
    await store.putPerson(tx, {
      connection_id: connection, team_id: team, user_id: user.id, external_id: said.externalId ?? null, is_active: said.isActive ?? true, created_at: clock.date(), updated_at: clock.date(),
    });
    if (said.isActive ?? true) await enter(parts, tx, directory, { user: user.id, role: usual ?? "viewer" });
    else await leave(parts, tx, directory, user.id);
    return (await store.findPerson(tx, connection, user.id)) ?? missing();
  });
}

async function updatePerson(parts: ScimParts, directory: Directory, id: string, said: PersonSaid): Promise<PersonRow> {
  const { postgres, teams, saml, clock } = parts;
  const { connection, team, by } = directory;
  const { default_role: usual } = (await saml.connections.get(team, connection)).row;
  const row = await postgres.transaction({ teams: [team] }, async (tx) => {
    const before = (await store.findPerson(tx, connection, id)) ?? missing();
    if (said.userName !== undefined && said.userName.toLowerCase() !== before.email.toLowerCase()) await rename(parts, tx, directory, { user: id, email: said.userName });
    const isActive = said.isActive ?? before.is_active;
    await store.putPerson(tx, {
      connection_id: connection, team_id: team, user_id: id, external_id: said.externalId === undefined ? before.external_id : said.externalId, is_active: isActive,
      created_at: before.created_at, updated_at: clock.date(),
    });
    if (isActive && !before.is_active) await enter(parts, tx, directory, { user: id, role: usual ?? "viewer" });
    if (!isActive) await leave(parts, tx, directory, id);
    return (await store.findPerson(tx, connection, id)) ?? missing();
  });
  if (said.name === undefined || said.name === row.name) return row;
  const { name } = await teams.updateUser(id, { name: said.name }, by);
  return { ...row, name };
}

async function enter({ teams }: ScimParts, tx: Tx, { team, by }: Directory, { user, role }: { user: string; role: Exclude<Role, "owner"> }): Promise<void> {
  if (!(await teams.isMemberIn(tx, team, user))) await teams.addMemberIn(tx, { team, user, role, by, facts: { method: "scim" } });
}

/** Out of the team, out of every session, and without its tokens; in one transaction, announced to every node. Throws LAST_OWNER. */
async function leave({ teams, signin }: ScimParts, tx: Tx, { team, by }: Directory, user: string): Promise<void> {
  if (await teams.isMemberIn(tx, team, user)) {
    await signin.endTokensIn(tx, { team, user });
    await teams.removeMemberIn(tx, { team, user, by, mayMakeOwners: true });
  }
  await speakFor(tx, user);
  await signin.endSessionsIn(tx, { user, by });
}

/** Another address of the same person: of the team's own domains too, and nobody else's. */
async function rename({ postgres, teams, saml, audit }: ScimParts, tx: Tx, { team, by }: Directory, { user, email }: { user: string; email: string }): Promise<void> {
  const before: UserRow = (await teams.findUser(tx, user)) ?? missing();
  await saml.domains.holdOwn(tx, team, before.email);
  await saml.domains.holdOwn(tx, team, email);
  const holder = await teams.findUserByEmail(tx, email);
  if (holder && holder.id !== user) throw new Problem("SCIM_TAKEN");
  await teams.setEmail(tx, user, email);
  await audit.record(tx, { team, action: "email:update", by, resource: { kind: "user", id: user } });
  await postgres.announce(tx, { kind: "user", id: user });
}

/** The connection's table of roles reads the directory's groups by their names, where it is not empty. No owner is touched. */
async function follow({ postgres, teams, saml }: ScimParts, { team, connection, by }: Directory, user: string): Promise<void> {
  const { roles, default_role: usual } = (await saml.connections.get(team, connection)).row;
  if (Object.keys(roles).length === 0) return;
  const { names, has } = await postgres.transaction({ teams: [team], user }, async (tx) => ({
    names: await store.groupNamesOf(tx, connection, user), has: (await teams.isMemberIn(tx, team, user)) ? await store.roleOf(tx, team, user) : null,
  }));
  if (has === null || has === "owner") return;
  const given = names.flatMap((name) => (Object.hasOwn(roles, name) ? [roles[name]!] : []));
  const role = (["admin", "editor", "viewer"] as const).find((one) => given.includes(one)) ?? usual ?? "viewer";
  if (role !== has) await teams.setRole({ team, user, role, by, mayMakeOwners: false });
}

import type { Clock } from "#src/base/clock.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Groups } from "#src/rooms/groups/groups.ts";
import type { GroupSaid } from "./schema.ts";
import type { Directory, Part, Scim } from "./scim.ts";
import * as store from "./store.ts";
import type { DirectoryGroupRow } from "./store.ts";

export interface GroupParts {
  postgres: Postgres;
  groups: Groups;
  scim: Scim;
  clock: Clock;
}

export interface ShownGroup {
  id: string;
  connection: string;
  name: string;
  externalId: string | null;
  members: string[];
  createdAt: Date;
}

async function show(tx: Tx, row: DirectoryGroupRow): Promise<ShownGroup> {
  return { id: row.group_id, connection: row.connection_id, name: row.name, externalId: row.external_id, members: await store.memberIds(tx, row.group_id), createdAt: row.created_at };
}

const within = <T>({ postgres }: Pick<GroupParts, "postgres">, { team }: Directory, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);

export async function listGroups(parts: GroupParts, directory: Directory, part: Part): Promise<{ groups: ShownGroup[]; total: number }> {
  return await within(parts, directory, async (tx) => {
    const { rows, total } = await store.listGroups(tx, { connection: directory.connection, ...part });
    const groups: ShownGroup[] = [];
    for (const row of rows) groups.push(await show(tx, row));
    return { groups, total };
  });
}

/** Only groups that this directory has made: the team's others are not its to see or to change. Throws NOT_FOUND. */
export async function getGroup(parts: GroupParts, directory: Directory, id: string): Promise<ShownGroup> {
  return await within(parts, directory, async (tx) => {
    const row = await store.findGroup(tx, directory.connection, id);
    if (!row) throw new Problem("NOT_FOUND");
    return await show(tx, row);
  });
}

/** Throws REQUEST_INVALID, GROUP_EXISTS, GROUPS_TOO_MANY. */
export async function makeGroup(parts: GroupParts, directory: Directory, said: GroupSaid): Promise<ShownGroup> {
  const { groups, clock } = parts;
  const { team, connection, by } = directory;
  if (said.name === undefined) throw new Problem("REQUEST_INVALID", { values: { reason: "displayName is missing" } });
  const { id } = await groups.create({ team, name: said.name, by });
  await within(parts, directory, (tx) => store.putGroup(tx, { connection_id: connection, team_id: team, group_id: id, external_id: said.externalId ?? null, created_at: clock.date() }));
  return await patchGroup(parts, directory, id, { members: said.members ?? [], add: [], remove: [] });
}

/** Members who are not in the team, as who is not active, are left out: they come in again with a later saying. Throws NOT_FOUND, GROUP_EXISTS. */
export async function patchGroup(parts: GroupParts, directory: Directory, id: string, said: GroupSaid): Promise<ShownGroup> {
  const { groups, scim, clock } = parts;
  const { team, connection, by } = directory;
  const before = await getGroup(parts, directory, id);
  if (said.name !== undefined && said.name !== before.name) await groups.rename({ team, id, name: said.name, by });
  if (said.externalId !== undefined) await within(parts, directory, (tx) => store.putGroup(tx, { connection_id: connection, team_id: team, group_id: id, external_id: said.externalId ?? null, created_at: clock.date() }));
  const wanted = new Set([...(said.members ?? before.members), ...said.add].filter((one) => !said.remove.includes(one)));
  const known = await within(parts, directory, (tx) => store.membersAmong(tx, team, [...wanted]));
  await groups.setMembers({ team, id, users: known, by });
  const isRenamed = said.name !== undefined && said.name !== before.name;
  // Roles can hang on the group: of who came, of who went, and of all when its name is another.
  const touched = new Set([...known, ...before.members].filter((user) => isRenamed || known.includes(user) !== before.members.includes(user)));
  for (const user of touched) await scim.follow(directory, user);
  return await getGroup(parts, directory, id);
}

export async function deleteGroup(parts: GroupParts, directory: Directory, id: string): Promise<void> {
  const { members } = await getGroup(parts, directory, id);
  await parts.groups.delete({ team: directory.team, id, by: directory.by });
  for (const user of members) await parts.scim.follow(directory, user);
}

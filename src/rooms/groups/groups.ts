import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { cleanName } from "#src/rooms/teams/teams.ts";
import { groupLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { CountedGroup, GroupRow } from "./store.ts";

export type { CountedGroup, GroupRow } from "./store.ts";

/** Some of a team's people, under a name. Every method is of one team: a group of another one is NOT_FOUND. */
export interface Groups {
  list(options: { team: string; before?: string | undefined; limit: number }): Promise<CountedGroup[]>;
  get(team: string, id: string): Promise<CountedGroup>;
  /** Throws GROUP_EXISTS, GROUPS_TOO_MANY. */
  create(options: { team: string; name: string; by: Doer }): Promise<CountedGroup>;
  rename(options: { team: string; id: string; name: string; by: Doer }): Promise<CountedGroup>;
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  members(options: { team: string; id: string; after?: string | undefined; limit: number }): Promise<{ id: string; name: string; email: string }[]>;
  /** Throws NOT_FOUND for who is not in the team. */
  addMember(options: { team: string; id: string; user: string; by: Doer }): Promise<void>;
  removeMember(options: { team: string; id: string; user: string; by: Doer }): Promise<void>;
  /** Exactly these people, as a directory says it. */
  setMembers(options: { team: string; id: string; users: readonly string[]; by: Doer }): Promise<void>;
  findByName(tx: Tx, team: string, name: string): Promise<GroupRow | null>;
  /** Puts a person into those of these groups that are still there, in the transaction that makes them a member. */
  addToGroups(tx: Tx, options: { team: string; user: string; groups: readonly string[]; by: Doer }): Promise<void>;
  /** Of these ids those that are groups of the team. */
  known(tx: Tx, team: string, ids: readonly string[]): Promise<string[]>;
}

export function createGroups({ postgres, audit, clock }: { postgres: Postgres; audit: Audit; clock: Clock }): Groups {
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const find = async (tx: Tx, team: string, id: string): Promise<CountedGroup> => {
    const group = await store.findGroup(tx, id);
    return group && group.team_id === team ? group : missing();
  };
  const record = (tx: Tx, options: { team: string; id: string; action: string; by: Doer; user?: string }) =>
    audit.record(tx, {
      team: options.team, action: options.action, by: options.by, resource: { kind: "group", id: options.id }, ...(options.user === undefined ? {} : { facts: { user: options.user } }),
    });
  const add = async (tx: Tx, { team, id, user, by }: { team: string; id: string; user: string; by: Doer }): Promise<void> => {
    if (!(await store.isTeamMember(tx, team, user))) missing();
    if (!(await store.insertMember(tx, { group: id, team, user, now: clock.date() }))) return;
    await record(tx, { team, id, action: "group:add", by, user });
    await postgres.announce(tx, { kind: "user", id: user });
  };
  const remove = async (tx: Tx, { team, id, user, by }: { team: string; id: string; user: string; by: Doer }): Promise<boolean> => {
    if (!(await store.deleteMember(tx, id, user))) return false;
    await record(tx, { team, id, action: "group:remove", by, user });
    await postgres.announce(tx, { kind: "user", id: user });
    return true;
  };
  return {
    list: (options) => within(options.team, (tx) => store.listGroups(tx, options)),
    get: (team, id) => within(team, (tx) => find(tx, team, id)),
    create: ({ team, name, by }) =>
      within(team, async (tx) => {
        if ((await store.countGroups(tx, team)) >= groupLimits.groupsMax) throw new Problem("GROUPS_TOO_MANY", { values: { max: groupLimits.groupsMax } });
        const group: GroupRow = { id: newId("grp", clock), team_id: team, name: cleanName(name), created_at: clock.date() };
        if (await store.findGroupByName(tx, team, group.name)) throw new Problem("GROUP_EXISTS");
        await store.insertGroup(tx, group);
        await record(tx, { team, id: group.id, action: "group:create", by });
        return { ...group, members: 0 };
      }),
    rename: ({ team, id, name, by }) =>
      within(team, async (tx) => {
        const group = await find(tx, team, id);
        const clean = cleanName(name);
        const other = await store.findGroupByName(tx, team, clean);
        if (other && other.id !== id) throw new Problem("GROUP_EXISTS");
        await store.renameGroup(tx, id, clean);
        await record(tx, { team, id, action: "group:update", by });
        // Rules on rows may ask for the name.
        for (const user of await store.memberIds(tx, id)) await postgres.announce(tx, { kind: "user", id: user });
        return { ...group, name: clean };
      }),
    delete: ({ team, id, by }) =>
      within(team, async (tx) => {
        await find(tx, team, id);
        const users = await store.memberIds(tx, id);
        await store.deleteGroup(tx, id);
        await record(tx, { team, id, action: "group:delete", by });
        for (const user of users) await postgres.announce(tx, { kind: "user", id: user });
      }),
    members: ({ team, id, ...page }) =>
      within(team, async (tx) => {
        await find(tx, team, id);
        return await store.listMembers(tx, { group: id, ...page });
      }),
    addMember: (options) =>
      within(options.team, async (tx) => {
        await find(tx, options.team, options.id);
        await add(tx, options);
      }),
    removeMember: (options) =>
      within(options.team, async (tx) => {
        await find(tx, options.team, options.id);
        if (!(await remove(tx, options))) missing();
      }),
    setMembers: ({ team, id, users, by }) =>
      within(team, async (tx) => {
        await find(tx, team, id);
        const before = await store.memberIds(tx, id);
        for (const user of before.filter((one) => !users.includes(one))) await remove(tx, { team, id, user, by });
        for (const user of users.filter((one) => !before.includes(one))) await add(tx, { team, id, user, by });
      }),
    findByName: store.findGroupByName,
    async addToGroups(tx, { team, user, groups, by }) {
      for (const id of await store.knownIds(tx, team, groups)) await add(tx, { team, id, user, by });
    },
    known: store.knownIds,
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

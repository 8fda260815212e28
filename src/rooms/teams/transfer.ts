import type { Role } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import * as store from "./store.ts";

export interface PortableTeam {
  id: string;
  name: string;
  createdAt: string;
}

/** A member in a workspace's export; an address names the same person everywhere. */
export interface PortableUser {
  email: string;
  name: string;
  userName: string;
  language: "en" | "ja";
  role: Role;
  memberSince: string;
}

export async function exportTeam(tx: Tx, team: string): Promise<PortableTeam> {
  const row = await store.getPortableTeam(tx, team);
  return { id: row.portable_id ?? row.id, name: row.name, createdAt: row.created_at.toISOString() };
}

/** In the order of their addresses. */
export async function exportMembers(tx: Tx, team: string): Promise<{ id: string; portable: PortableUser }[]> {
  const rows = await store.listMembers(tx, team);
  return rows.map((row) => ({
    id: row.id,
    portable: { email: row.email, name: row.name, userName: row.user_name, language: row.language, role: row.role, memberSince: row.created_at.toISOString() },
  })).sort((a, b) => (a.portable.email < b.portable.email ? -1 : 1));
}

export async function importTeam(tx: Tx, options: { team: string; portable: PortableTeam }): Promise<void> {
  const { team, portable } = options;
  await store.setPortableTeam(tx, team, { name: portable.name, portable_id: portable.id, created_at: new Date(portable.createdAt) });
}

/** Members by their addresses; who has no account gets one without a password. Returns the id by address. */
export async function importMembers(
  tx: Tx, options: { team: string; users: PortableUser[]; newId(kind: string): string; now: Date },
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const one of options.users) {
    const known = await store.findUserByEmail(tx, one.email);
    const id = known?.id ?? options.newId("user");
    if (!known) {
      const taken = await store.userNamesLike(tx, one.userName);
      const userName = taken.has(one.userName.toLowerCase()) ? `${one.userName}-${id.slice(-6)}` : one.userName;
      await store.insertUser(tx, { id, name: one.name, user_name: userName, email: one.email, password_hash: null, language: one.language, created_at: options.now });
    }
    await store.putMember(tx, { team_id: options.team, user_id: id, role: one.role, created_at: new Date(one.memberSince) });
    ids.set(one.email, id);
  }
  return ids;
}

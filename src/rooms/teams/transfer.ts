import type { Role } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import * as store from "./store.ts";
import { cleanName, freeUserName, holdAnOwner, isEmail } from "./teams.ts";

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
  const rows = await store.listMembers(tx, { team });
  return rows.map((row) => ({
    id: row.id,
    portable: { email: row.email, name: row.name, userName: row.user_name, language: row.language, role: row.role, memberSince: row.created_at.toISOString() },
  })).sort((a, b) => (a.portable.email < b.portable.email ? -1 : 1));
}

export async function importTeam(tx: Tx, options: { team: string; portable: PortableTeam }): Promise<void> {
  const { team, portable } = options;
  await store.setPortableTeam(tx, team, { name: cleanName(portable.name), portable_id: portable.id, created_at: new Date(portable.createdAt) });
}

/**
 * Members by their addresses; who has no account gets one without a password, under the same rules as anywhere else: an
 * export may have been written by hand. Returns the id by address. Throws IMPORT_INVALID, LAST_OWNER.
 */
export async function importMembers(
  tx: Tx, options: { team: string; users: PortableUser[]; newId(kind: string): string; now: Date },
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [at, one] of options.users.entries()) {
    const known = await store.findUserByEmail(tx, one.email);
    const id = known?.id ?? options.newId("user");
    if (!known) {
      if (!isEmail(one.email)) throw new Problem("IMPORT_INVALID", { values: { reason: `users/${at}/email` } });
      await store.insertUser(tx, {
        id, name: cleanName(one.name), user_name: await freeUserName(tx, cleanName(one.userName)), email: one.email, password_hash: null, language: one.language, created_at: options.now,
      });
    }
    await store.putMember(tx, { team_id: options.team, user_id: id, role: one.role, created_at: new Date(one.memberSince) });
    ids.set(one.email, id);
  }
  holdAnOwner(await store.listMembersForUpdate(tx, options.team));
  return ids;
}

import type { Role, Scope } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { hashSecret } from "#src/base/secrets.ts";
import { cleanName } from "#src/rooms/teams/teams.ts";
import * as store from "./store.ts";
import type { Part } from "./store.ts";

const dayMs = 86_400_000;

export interface Tokens {
  /** For a member, or with `service` for a service account of the team. */
  createToken(options: { user: string | null; service?: string; team: string; name: string; scope: Scope; expiresInDays?: number; by: Doer }): Promise<{ id: string; token: string; name: string; expiresAt: Date | null }>;
  /** All of the team's for its administrators, else the person's own. */
  tokens(options: { team: string; user: string; role: Role } & Part): Promise<store.TokenRow[]>;
  serviceName(team: string, id: string): Promise<string>;
  revokeToken(options: { team: string; id: string; user: string; role: Role; by: Doer }): Promise<void>;
}

const isAdmin = (role: Role): boolean => role === "owner" || role === "admin";

export function createTokens({ postgres, audit, clock }: { postgres: Postgres; audit: Audit; clock: Clock }): Tokens {
  return {
    async createToken(options) {
      const name = cleanName(options.name);
      const token = newSecret("kliv");
      const id = newId("tok", clock);
      const expiresAt = options.expiresInDays === undefined ? null : new Date(clock.now() + options.expiresInDays * dayMs);
      await postgres.transaction({ teams: [options.team] }, async (tx) => {
        if (options.user !== null && !(await store.listRoles(tx, options.user)).some(([team]) => team === options.team)) throw new Problem("NOT_FOUND");
        await store.insertToken(tx, {
          id, token_hash: hashSecret(token), team_id: options.team, user_id: options.user, service_id: options.service ?? null, name, scope: options.scope,
          created_at: clock.date(), expires_at: expiresAt, last_used_at: null,
        });
        await audit.record(tx, { team: options.team, action: "token:create", by: options.by, resource: { kind: "token", id }, facts: { scope: options.scope, ...(options.service ? { service: options.service } : {}) } });
      });
      return { id, token, name, expiresAt };
    },
    tokens: ({ team, user, role, ...page }) => postgres.transaction({ teams: [team] }, (tx) => store.listTokens(tx, { team, user: isAdmin(role) ? null : user, ...page })),
    serviceName: (team, id) => postgres.transaction({ teams: [team] }, async (tx) => (await store.findServiceName(tx, id)) ?? ""),
    revokeToken: ({ team, id, user, role, by }) =>
      postgres.transaction({ teams: [team] }, async (tx) => {
        const token = await store.deleteToken(tx, { team, id, user: isAdmin(role) ? null : user });
        if (!token) throw new Problem("NOT_FOUND");
        await audit.record(tx, { team, action: "token:revoke", by, resource: { kind: "token", id } });
        await postgres.announce(tx, { kind: "token", id: token.token_hash });
      }),
  };
}

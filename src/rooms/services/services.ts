import type { Scope } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import { cleanName } from "#src/rooms/teams/teams.ts";
import { serviceLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { ServiceRow, ServiceWithTokens } from "./store.ts";

export type { ServiceRow, ServiceWithTokens } from "./store.ts";

/** Members of a team that are no persons: what runs at night goes on when whoever set it up has left. */
export interface Services {
  list(options: { team: string; before?: string | undefined; limit: number }): Promise<ServiceWithTokens[]>;
  /** Throws SERVICE_EXISTS, SERVICES_TOO_MANY. */
  create(options: { team: string; name: string; role: ServiceRow["role"]; by: Doer }): Promise<ServiceWithTokens>;
  /** With all its tokens, at once on every node. */
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  createToken(options: { team: string; id: string; name: string; scope: Scope; expiresInDays?: number; by: Doer }): ReturnType<Signin["createToken"]>;
}

export function createServices({ postgres, audit, signin, clock }: { postgres: Postgres; audit: Audit; signin: Pick<Signin, "createToken">; clock: Clock }): Services {
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const hold = async (tx: Tx, team: string, id: string): Promise<void> => {
    if (!(await store.findService(tx, team, id))) throw new Problem("NOT_FOUND");
  };
  return {
    list: (options) => within(options.team, (tx) => store.listServices(tx, options)),
    create: ({ team, name, role, by }) =>
      within(team, async (tx) => {
        if ((await store.countServices(tx, team)) >= serviceLimits.servicesMax) throw new Problem("SERVICES_TOO_MANY", { values: { max: serviceLimits.servicesMax } });
        const row: ServiceRow = { id: newId("svc", clock), team_id: team, name: cleanName(name), role, created_by: by.user, created_at: clock.date() };
        if (await store.isNameTaken(tx, team, row.name)) throw new Problem("SERVICE_EXISTS");
        await store.insertService(tx, row);
        await audit.record(tx, { team, action: "service:create", by, resource: { kind: "service", id: row.id }, facts: { role } });
        return { ...row, tokens: 0, last_used_at: null };
      }),
    delete: ({ team, id, by }) =>
      within(team, async (tx) => {
        await hold(tx, team, id);
        const ended = await store.deleteService(tx, id);
        await audit.record(tx, { team, action: "service:delete", by, resource: { kind: "service", id }, facts: { tokens: ended.length } });
        for (const hash of ended) await postgres.announce(tx, { kind: "token", id: hash });
      }),
    async createToken({ id, ...options }) {
      await within(options.team, (tx) => hold(tx, options.team, id));
      return await signin.createToken({ ...options, user: null, service: id });
    },
  };
}

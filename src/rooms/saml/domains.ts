import type { Clock } from "#src/base/clock.ts";
import { newSecret } from "#src/base/ids.ts";
import { speakFor } from "#src/base/postgres/postgres.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import type { UserRow } from "#src/rooms/teams/teams.ts";
import { holdPlan } from "./connections.ts";
import { domainOf } from "./people.ts";
import { samlLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { DomainRow } from "./store.ts";

export interface DomainsParts {
  postgres: Postgres;
  audit: Audit;
  clock: Clock;
  signin: Pick<Signin, "endSessionsIn">;
  /** The TXT records of a name; none where it has none. */
  resolveTxt(name: string): Promise<string[]>;
}

export interface Domains {
  list(team: string): Promise<DomainRow[]>;
  /** Throws DOMAIN_INVALID, DOMAIN_TAKEN, DOMAINS_TOO_MANY, PLAN_ENTERPRISE_ONLY. */
  add(options: { team: string; domain: string; by: Doer }): Promise<DomainRow>;
  /** Looks the record up. The operator's word counts instead of it where there is no DNS. Throws DOMAIN_UNPROVEN, DOMAIN_TAKEN, OUTBOUND_FAILED. */
  verify(options: { team: string; domain: string; isByOperator?: boolean; by: Doer }): Promise<DomainRow>;
  delete(options: { team: string; domain: string; by: Doer }): Promise<void>;
  /** Whether its people sign in by the team's provider only. Throws DOMAIN_UNPROVEN, SSO_NO_CONNECTION, SSO_BREAK_GLASS_NEEDED. */
  require(options: { team: string; domain: string; isRequired: boolean; by: Doer }): Promise<DomainRow>;
  breakGlass(team: string): Promise<string | null>;
  /** The one owner who keeps coming in by password. Throws SSO_BREAK_GLASS_NEEDED for who is no owner, or for nobody while a domain requires it. */
  setBreakGlass(options: { team: string; user: string | null; by: Doer }): Promise<void>;
  /** Throws SAML_DOMAIN_FOREIGN for an address of no domain that the team has verified, SAML_EMAIL_MISSING for none. Who asks for the same address queues here. */
  holdOwn(tx: Tx, team: string, email: string): Promise<void>;
  /** Where people of this address sign in: the connections of the team whose domain it is. */
  waysOf(email: string): Promise<{ connections: { id: string; name: string }[]; isRequired: boolean }>;
  /** Whether an address is of a domain that requires it, in a transaction of anybody's. */
  isRequiredFor(tx: Tx, user: Pick<UserRow, "id" | "email">): Promise<boolean>;
}

const recordStart = "kliv-domain=";

/** Where the record is to be made, and what it says. */
export const recordOf = ({ domain, proof }: Pick<DomainRow, "domain" | "proof">) => ({ name: domain, type: "TXT" as const, value: recordStart + proof });

export function createDomains(parts: DomainsParts): Domains {
  const { postgres, audit, clock } = parts;
  const record = (tx: Tx, { team, domain, action, by, facts = {} }: { team: string; domain: string; action: string; by: Doer; facts?: Record<string, boolean | string> }) =>
    audit.record(tx, { team, action, by, resource: { kind: "domain", id: domain }, facts });
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const find = async (tx: Tx, team: string, domain: string): Promise<DomainRow> => {
    await store.lockTeam(tx, team);
    const row = await store.findDomain(tx, team, domain);
    if (!row) throw new Problem("NOT_FOUND");
    return row;
  };
  return {
    list: (team) => within(team, (tx) => store.listDomains(tx, team)),
    add: (options) => add(parts, options),
    async verify({ team, domain, isByOperator = false, by }) {
      const row = await within(team, (tx) => find(tx, team, domain));
      if (row.verified_at) return row;
      const { value } = recordOf(row);
      const isProven = isByOperator || (await parts.resolveTxt(domain)).some((text) => text.trim() === value);
      if (!isProven) throw new Problem("DOMAIN_UNPROVEN", { values: { domain, record: value } });
      return await within(team, async (tx) => {
        await find(tx, team, domain);
        if (await store.findVerified(tx, domain)) throw new Problem("DOMAIN_TAKEN", { values: { domain } });
        await store.setDomain(tx, row, { verified_at: clock.date() });
        await record(tx, { team, domain, action: "domain:verify", by, facts: { method: isByOperator ? "operator" : "dns" } });
        return { ...row, verified_at: clock.date() };
      });
    },
    delete: ({ team, domain, by }) =>
      within(team, async (tx) => {
        if (!(await store.deleteDomain(tx, team, domain))) throw new Problem("NOT_FOUND");
        await record(tx, { team, domain, action: "domain:delete", by });
      }),
    require: ({ team, domain, isRequired, by }) =>
      within(team, async (tx) => {
        const row = await find(tx, team, domain);
        if (isRequired) await holdReady(tx, row);
        await store.setDomain(tx, row, { sso_required: isRequired });
        if (isRequired && !row.sso_required) await endOthers(parts, tx, { row, by });
        await record(tx, { team, domain, action: "domain:update", by, facts: { ssoRequired: isRequired } });
        return { ...row, sso_required: isRequired };
      }),
    breakGlass: (team) => within(team, (tx) => store.breakGlassOf(tx, team)),
    setBreakGlass: ({ team, user, by }) =>
      within(team, async (tx) => {
        await store.lockTeam(tx, team);
        const isOwner = user !== null && (await store.findRole(tx, team, user)) === "owner";
        const isNeeded = (await store.listDomains(tx, team)).some((row) => row.sso_required);
        if (user === null ? isNeeded : !isOwner) throw new Problem("SSO_BREAK_GLASS_NEEDED");
        await store.setBreakGlass(tx, team, user);
        await audit.record(tx, { team, action: "sso:update", by, resource: { kind: "team", id: team }, facts: { breakGlassUser: user } });
      }),
    async holdOwn(tx, team, email) {
      const domain = domainOf(email);
      if (domain === null) throw new Problem("SAML_EMAIL_MISSING");
      if ((await store.findVerified(tx, domain))?.team_id !== team) throw new Problem("SAML_DOMAIN_FOREIGN");
      await store.lockAddress(tx, email);
    },
    waysOf: (email) => waysOf(parts, email),
    async isRequiredFor(tx, { id, email }) {
      const domain = domainOf(email);
      const row = domain === null ? null : await store.findVerified(tx, domain);
      if (!row?.sso_required) return false;
      // Only as long as it is an owner: the right to come in by password ends with the right over the team.
      return !((await store.breakGlassOf(tx, row.team_id)) === id && (await store.findRoleOfSelf(tx, row.team_id, id)) === "owner");
    },
  };
}

async function add({ postgres, audit, clock }: DomainsParts, { team, domain: text, by }: Parameters<Domains["add"]>[0]): Promise<DomainRow> {
  const domain = domainOf(`anybody@${text.trim()}`);
  if (domain === null || !/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(domain)) throw new Problem("DOMAIN_INVALID");
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    await holdPlan(tx, team);
    await store.lockTeam(tx, team);
    if ((await store.listDomains(tx, team)).length >= samlLimits.domainsMax) throw new Problem("DOMAINS_TOO_MANY", { values: { max: samlLimits.domainsMax } });
    if (await store.findVerified(tx, domain)) throw new Problem("DOMAIN_TAKEN", { values: { domain } });
    const row: DomainRow = { team_id: team, domain, proof: newSecret("kliv").slice(5), verified_at: null, sso_required: false, created_at: clock.date() };
    if (!(await store.insertDomain(tx, row))) throw new Problem("DOMAIN_TAKEN", { values: { domain } });
    await audit.record(tx, { team, action: "domain:create", by, resource: { kind: "domain", id: domain } });
    return row;
  });
}

/** Who is in by another way comes in again by the right one; but for who says so, and the one owner named. */
async function endOthers({ signin }: DomainsParts, tx: Tx, { row, by }: { row: DomainRow; by: Doer }): Promise<void> {
  const kept = new Set([by.user, await store.breakGlassOf(tx, row.team_id)]);
  for (const user of await store.listUsersOf(tx, row.domain)) {
    if (kept.has(user)) continue;
    await speakFor(tx, user);
    if (await store.hasOtherSession(tx, user)) await signin.endSessionsIn(tx, { user, by });
  }
  await speakFor(tx, by.user ?? "");
}

/** Nobody is locked out by a rule that nobody can meet. */
async function holdReady(tx: Tx, { team_id: team, domain, verified_at: verified, proof }: DomainRow): Promise<void> {
  if (!verified) throw new Problem("DOMAIN_UNPROVEN", { values: { domain, record: recordOf({ domain, proof }).value } });
  if (!(await store.listConnections(tx, { team, limit: samlLimits.connectionsMax })).some((row) => row.is_enabled)) throw new Problem("SSO_NO_CONNECTION");
  const user = await store.breakGlassOf(tx, team);
  if (user === null || (await store.findRole(tx, team, user)) !== "owner") throw new Problem("SSO_BREAK_GLASS_NEEDED");
}

async function waysOf({ postgres }: DomainsParts, email: string): ReturnType<Domains["waysOf"]> {
  const domain = domainOf(email.trim());
  const row = domain === null ? null : await postgres.transaction({}, (tx) => store.findVerified(tx, domain));
  if (!row) return { connections: [], isRequired: false };
  const rows = await postgres.transaction({ teams: [row.team_id] }, (tx) => store.listConnections(tx, { team: row.team_id, limit: samlLimits.connectionsMax }));
  return { connections: rows.filter((one) => one.is_enabled).map(({ id, name }) => ({ id, name })), isRequired: row.sso_required };
}

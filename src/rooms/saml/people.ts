import { domainToASCII } from "node:url";
import type { Role } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { isEmail } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import type { Said } from "./assertion.ts";
import * as store from "./store.ts";
import type { ConnectionRow } from "./store.ts";

export interface PeopleParts {
  postgres: Postgres;
  teams: Teams;
  audit: Audit;
  clock: Clock;
}

/** As providers call it, the most common first. */
const emailAttributes = [
  "mail", "email", "urn:oid:0.9.2342.19200300.100.1.3", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "emailAddress", "Email",
];
const nameAttributes = [
  "displayName", "urn:oid:2.16.840.1.113730.3.1.241", "http://schemas.microsoft.com/identity/claims/displayname", "name", "cn", "urn:oid:2.5.4.3",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
];
const rank: Record<string, number> = { viewer: 0, editor: 1, admin: 2 };

/** The domain of an address in the one way of writing that is compared; null for what is no address. */
export function domainOf(email: string): string | null {
  if (!isEmail(email)) return null;
  const domain = domainToASCII(email.slice(email.lastIndexOf("@") + 1)).toLowerCase();
  return domain === "" ? null : domain;
}

/** The one address that the provider says somebody has. Throws SAML_EMAIL_MISSING. */
export function emailOf(connection: Pick<ConnectionRow, "email_attribute">, said: Pick<Said, "nameId" | "attributes">): string {
  const { email_attribute: named } = connection;
  const values = named !== null ? said.attributes.get(named) : emailAttributes.map((name) => said.attributes.get(name)).find((found) => found !== undefined && found.length > 0);
  const [email, second] = values ?? (named === null ? [said.nameId] : []);
  if (email === undefined || second !== undefined || !isEmail(email)) throw new Problem("SAML_EMAIL_MISSING");
  return email;
}

function nameOf(connection: ConnectionRow, said: Said, email: string): string {
  const names = connection.name_attribute === null ? nameAttributes : [connection.name_attribute];
  const name = names.map((one) => said.attributes.get(one)?.[0]?.replace(/[\p{Cc}\p{Cf}]/gu, " ").trim()).find((one) => one !== undefined && one !== "");
  return name ?? (email.split("@")[0] as string);
}

/** The highest role that the provider's values give, else the usual one. Throws SAML_ROLE_MISSING where there is none. */
export function roleOf(connection: Pick<ConnectionRow, "role_attribute" | "roles" | "default_role">, said: Pick<Said, "attributes">): Exclude<Role, "owner"> {
  const values = connection.role_attribute === null ? [] : (said.attributes.get(connection.role_attribute) ?? []);
  const roles = values.flatMap((value) => (Object.hasOwn(connection.roles, value) ? [connection.roles[value]!] : [])).sort((a, b) => rank[b]! - rank[a]!);
  const role = roles[0] ?? connection.default_role;
  if (role === null) throw new Problem("SAML_ROLE_MISSING");
  return role;
}

/**
 * The account of whom a provider has proven, made at the first time, as a member of the connection's team and of no other.
 * Only addresses of the team's own domains are believed. Throws SAML_EMAIL_MISSING, SAML_DOMAIN_FOREIGN, SAML_ROLE_MISSING, SAML_DEACTIVATED.
 */
export async function admit(parts: PeopleParts, tx: Tx, options: { connection: ConnectionRow; said: Said; language: Language; by: Doer }): Promise<UserRow> {
  const { teams, audit } = parts;
  const { connection, said, by } = options;
  const { team_id: team } = connection;
  const email = emailOf(connection, said);
  const domain = domainOf(email);
  if (domain === null || (await store.findVerified(tx, domain))?.team_id !== team) throw new Problem("SAML_DOMAIN_FOREIGN", { values: { domain: domain ?? "" } });
  const role = roleOf(connection, said);
  // Two first sign-ins at once make one account.
  await store.lockAddress(tx, email);
  const known = await teams.findUserByEmail(tx, email);
  if (known && (await store.isDeactivated(tx, team, known.id))) throw new Problem("SAML_DEACTIVATED");
  const user = known ?? (await teams.createUser(tx, { email, name: nameOf(connection, said, email), language: options.language }));
  const doer = { ...by, user: user.id };
  if (!known) await audit.record(tx, { team: null, action: "user:create", by: doer, resource: { kind: "user", id: user.id }, facts: { method: "saml" } });
  const has = await store.findRole(tx, team, user.id);
  if (has === null) await teams.addMemberIn(tx, { team, user: user.id, role, by: doer, facts: { method: "saml" } });
  // An owner is made and unmade by owners; and without a table the provider says nothing of roles.
  else if (has !== "owner" && has !== role && connection.role_attribute !== null) await teams.setRoleIn(tx, { team, user: user.id, role, by: doer, mayMakeOwners: false });
  return user;
}

import { sql } from "kysely";
import type { Role } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";

export type GivenRole = "admin" | "editor" | "viewer";

export interface ConnectionRow {
  id: string;
  team_id: string;
  name: string;
  is_enabled: boolean;
  metadata: string;
  metadata_url: string | null;
  metadata_read_at: Date;
  idp_entity_id: string;
  sso_url: string;
  slo_url: string | null;
  slo_response_url: string | null;
  certificates: string[];
  signs_requests: boolean;
  idp_initiated: boolean;
  email_attribute: string | null;
  name_attribute: string | null;
  role_attribute: string | null;
  roles: Record<string, GivenRole>;
  default_role: GivenRole | null;
  refusal: string | null;
  refused_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface KeyRow {
  id: string;
  connection_id: string;
  team_id: string;
  use: "signing" | "encryption";
  state: "next" | "current" | "old";
  certificate: string;
  private_key: string;
  created_at: Date;
  expires_at: Date;
}

export interface RequestRow {
  id: string;
  connection_id: string;
  team_id: string;
  kind: "login" | "logout";
  relay_hash: string;
  browser_hash: string | null;
  /** Where the person wanted to go, sealed; null in a logout. */
  sealed_path: string | null;
  created_at: Date;
  expires_at: Date;
}

export interface SamlSessionRow {
  session_id: string;
  connection_id: string;
  team_id: string;
  user_id: string;
  name_id: string;
  name_id_format: string | null;
  session_index: string | null;
}

export interface DomainRow {
  team_id: string;
  domain: string;
  proof: string;
  verified_at: Date | null;
  sso_required: boolean;
  created_at: Date;
}

type SamlTables = {
  domains: DomainRow;
  sso_settings: { team_id: string; break_glass_user: string | null };
  saml_connections: Omit<ConnectionRow, "roles"> & { roles: unknown };
  saml_keys: KeyRow;
  saml_requests: RequestRow;
  saml_assertions: { connection_id: string; team_id: string; assertion_id: string; expires_at: Date };
  saml_sessions: SamlSessionRow;
  members: { team_id: string; user_id: string; role: Role; created_at: Date };
  teams: { id: string; plan: string };
  scim_users: { team_id: string; user_id: string; is_active: boolean };
};

const on = (tx: Tx) => tx.withTables<SamlTables>();

export async function insertConnection(tx: Tx, row: ConnectionRow): Promise<void> {
  await on(tx).insertInto("saml_connections").values({ ...row, roles: JSON.stringify(row.roles) }).execute();
}

export async function findConnection(tx: Tx, id: string): Promise<ConnectionRow | null> {
  return ((await on(tx).selectFrom("saml_connections").selectAll().where("id", "=", id).executeTakeFirst()) as ConnectionRow | undefined) ?? null;
}

/** Held until the transaction ends, for a change that depends on what is there. */
export async function lockConnection(tx: Tx, team: string, id: string): Promise<ConnectionRow | null> {
  return ((await on(tx).selectFrom("saml_connections").selectAll().where("id", "=", id).where("team_id", "=", team).forUpdate().executeTakeFirst()) as ConnectionRow | undefined) ?? null;
}

/** Newest first. */
export async function listConnections(tx: Tx, options: { team: string; before?: string | undefined; limit: number }): Promise<ConnectionRow[]> {
  let query = on(tx).selectFrom("saml_connections").selectAll().where("team_id", "=", options.team);
  if (options.before !== undefined) query = query.where("id", "<", options.before);
  return (await query.orderBy("id", "desc").limit(options.limit).execute()) as ConnectionRow[];
}

export async function updateConnection(tx: Tx, id: string, change: Partial<Omit<ConnectionRow, "id" | "team_id">>): Promise<void> {
  const { roles, ...rest } = change;
  await on(tx).updateTable("saml_connections").set({ ...rest, ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }) }).where("id", "=", id).execute();
}

export async function deleteConnection(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("saml_connections").where("id", "=", id).execute();
}

/** Those whose metadata has an address and was not read since. */
export async function listStale(tx: Tx, before: Date): Promise<ConnectionRow[]> {
  return (await on(tx).selectFrom("saml_connections").selectAll().where("metadata_url", "is not", null).where("metadata_read_at", "<", before).orderBy("metadata_read_at").limit(50).execute()) as ConnectionRow[];
}

export async function insertKey(tx: Tx, row: KeyRow): Promise<void> {
  await on(tx).insertInto("saml_keys").values(row).execute();
}

/** Oldest first. */
export async function listKeys(tx: Tx, connection: string): Promise<KeyRow[]> {
  return await on(tx).selectFrom("saml_keys").selectAll().where("connection_id", "=", connection).orderBy("id").execute();
}

export async function setKeyState(tx: Tx, which: { connection: string; from: KeyRow["state"]; to: KeyRow["state"] }): Promise<void> {
  await on(tx).updateTable("saml_keys").set({ state: which.to }).where("connection_id", "=", which.connection).where("state", "=", which.from).execute();
}

export async function deleteKeys(tx: Tx, connection: string, state: KeyRow["state"]): Promise<void> {
  await on(tx).deleteFrom("saml_keys").where("connection_id", "=", connection).where("state", "=", state).execute();
}

export async function insertRequest(tx: Tx, row: RequestRow): Promise<void> {
  await on(tx).insertInto("saml_requests").values(row).execute();
}

export async function findRequest(tx: Tx, which: { relayHash: string; connection: string; kind: RequestRow["kind"]; now: Date }): Promise<RequestRow | null> {
  return (await on(tx).selectFrom("saml_requests").selectAll().where("relay_hash", "=", which.relayHash).where("connection_id", "=", which.connection)
    .where("kind", "=", which.kind).where("expires_at", ">", which.now).executeTakeFirst()) ?? null;
}

/** Of several at once exactly one gets it, if its transaction ends well. */
export async function takeRequest(tx: Tx, id: string): Promise<boolean> {
  return (await on(tx).deleteFrom("saml_requests").where("id", "=", id).returning("id").execute()).length > 0;
}

/** False for one that was there already. */
export async function insertAssertion(tx: Tx, row: { connection_id: string; team_id: string; assertion_id: string; expires_at: Date }): Promise<boolean> {
  const made = await on(tx).insertInto("saml_assertions").values(row).onConflict((conflict) => conflict.doNothing()).returning("assertion_id").execute();
  return made.length > 0;
}

export async function insertSession(tx: Tx, row: SamlSessionRow): Promise<void> {
  await on(tx).insertInto("saml_sessions").values(row).execute();
}

export async function findSession(tx: Tx, session: string): Promise<SamlSessionRow | null> {
  return (await on(tx).selectFrom("saml_sessions").selectAll().where("session_id", "=", session).executeTakeFirst()) ?? null;
}

/** Those of one person at one provider: of one of its sessions, or of all. */
export async function listSessions(tx: Tx, which: { connection: string; nameId: string; sessionIndexes: readonly string[] }): Promise<SamlSessionRow[]> {
  let query = on(tx).selectFrom("saml_sessions").selectAll().where("connection_id", "=", which.connection).where("name_id", "=", which.nameId);
  if (which.sessionIndexes.length > 0) query = query.where("session_index", "in", [...which.sessionIndexes]);
  return await query.execute();
}

export async function findRole(tx: Tx, team: string, user: string): Promise<Role | null> {
  return (await on(tx).selectFrom("members").select("role").where("team_id", "=", team).where("user_id", "=", user).forUpdate().executeTakeFirst())?.role ?? null;
}

/** Who comes in by one address queues here until the transaction ends. */
export async function lockAddress(tx: Tx, email: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(lower(${email}), 13))`.execute(tx);
}

/** Whether the team's directory says that this person is not active. */
export async function isDeactivated(tx: Tx, team: string, user: string): Promise<boolean> {
  return (await on(tx).selectFrom("scim_users").select("is_active").where("team_id", "=", team).where("user_id", "=", user).execute()).some((row) => !row.is_active);
}

export async function findPlan(tx: Tx, team: string): Promise<string | null> {
  return (await on(tx).selectFrom("teams").select("plan").where("id", "=", team).executeTakeFirst())?.plan ?? null;
}

export async function deleteOld(tx: Tx, before: Date): Promise<void> {
  await on(tx).deleteFrom("saml_requests").where("expires_at", "<", before).execute();
  await on(tx).deleteFrom("saml_assertions").where("expires_at", "<", before).execute();
}

export async function insertDomain(tx: Tx, row: DomainRow): Promise<boolean> {
  return (await on(tx).insertInto("domains").values(row).onConflict((conflict) => conflict.doNothing()).returning("domain").execute()).length > 0;
}

export async function listDomains(tx: Tx, team: string): Promise<DomainRow[]> {
  return await on(tx).selectFrom("domains").selectAll().where("team_id", "=", team).orderBy("domain").execute();
}

export async function findDomain(tx: Tx, team: string, domain: string): Promise<DomainRow | null> {
  return (await on(tx).selectFrom("domains").selectAll().where("team_id", "=", team).where("domain", "=", domain).executeTakeFirst()) ?? null;
}

/** Whose a domain is, of all teams. */
export async function findVerified(tx: Tx, domain: string): Promise<DomainRow | null> {
  return (await on(tx).selectFrom("domains").selectAll().where("domain", "=", domain).where("verified_at", "is not", null).executeTakeFirst()) ?? null;
}

export async function setDomain(tx: Tx, row: Pick<DomainRow, "team_id" | "domain">, change: Partial<Pick<DomainRow, "verified_at" | "sso_required">>): Promise<void> {
  await on(tx).updateTable("domains").set(change).where("team_id", "=", row.team_id).where("domain", "=", row.domain).execute();
}

export async function deleteDomain(tx: Tx, team: string, domain: string): Promise<boolean> {
  return (await on(tx).deleteFrom("domains").where("team_id", "=", team).where("domain", "=", domain).returning("domain").execute()).length > 0;
}

/** Two changes of a team's rules at once must not each see the other's past. */
export async function lockTeam(tx: Tx, team: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${team}, 12))`.execute(tx);
}

export async function breakGlassOf(tx: Tx, team: string): Promise<string | null> {
  return (await on(tx).selectFrom("sso_settings").select("break_glass_user").where("team_id", "=", team).executeTakeFirst())?.break_glass_user ?? null;
}

export async function setBreakGlass(tx: Tx, team: string, user: string | null): Promise<void> {
  await on(tx).insertInto("sso_settings").values({ team_id: team, break_glass_user: user })
    .onConflict((conflict) => conflict.column("team_id").doUpdateSet({ break_glass_user: user })).execute();
}

/** The accounts with addresses of a domain, of all teams. */
export async function listUsersOf(tx: Tx, domain: string): Promise<string[]> {
  return (await sql<{ id: string }>`select id from users where lower(split_part(email, '@', 2)) = ${domain} order by id`.execute(tx)).rows.map((row) => row.id);
}

/** Whether the person in whose name the transaction speaks is in by anything but single sign-on. */
export async function hasOtherSession(tx: Tx, user: string): Promise<boolean> {
  return (await sql`select 1 from sessions where user_id = ${user} and method != 'saml' limit 1`.execute(tx)).rows.length > 0;
}

/** The role of the person in whose name the transaction speaks; nothing is locked. */
export async function findRoleOfSelf(tx: Tx, team: string, user: string): Promise<Role | null> {
  return (await on(tx).selectFrom("members").select("role").where("team_id", "=", team).where("user_id", "=", user).executeTakeFirst())?.role ?? null;
}

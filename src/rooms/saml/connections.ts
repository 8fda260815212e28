import type { Static } from "typebox";
import type { Clock } from "#src/base/clock.ts";
import type { Config } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Outbound } from "#src/base/outbound/outbound.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { cleanName } from "#src/rooms/teams/teams.ts";
import { makeKeyPair } from "./keys.ts";
import { readIdp, writeSpMetadata } from "./metadata.ts";
import type { Idp } from "./metadata.ts";
import { addressesOf, sealKey } from "./parties.ts";
import { samlLimits } from "./schema.ts";
import type { ConnectionSettings } from "./schema.ts";
import * as store from "./store.ts";
import type { ConnectionRow, KeyRow } from "./store.ts";

export interface ConnectionsParts {
  config: Config;
  postgres: Postgres;
  outbound: Outbound;
  audit: Audit;
  clock: Clock;
  key(): Buffer;
}

export type Settings = Static<typeof ConnectionSettings>;
export type KeyStep = "prepare" | "switch" | "retire";

export interface ConnectionView {
  row: ConnectionRow;
  keys: KeyRow[];
}

export interface Connections {
  list(options: { team: string; before?: string | undefined; limit: number }): Promise<ConnectionView[]>;
  get(team: string, id: string): Promise<ConnectionView>;
  /** Throws PLAN_ENTERPRISE_ONLY, SAML_METADATA_INVALID, SAML_CONNECTIONS_TOO_MANY, OUTBOUND_REFUSED, OUTBOUND_FAILED. */
  create(options: { team: string; settings: Settings; by: Doer }): Promise<ConnectionView>;
  update(options: { team: string; id: string; settings: Settings; by: Doer }): Promise<ConnectionView>;
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** Reads the metadata from its address again. */
  refresh(options: { team: string; id: string; by: Doer }): Promise<ConnectionView>;
  /**
   * Our own keys, changed without a moment in which nobody can sign in: `prepare` makes the next ones and publishes them,
   * `switch` signs with them, `retire` forgets the old ones. Throws SAML_KEYS_ORDER.
   */
  stepKeys(options: { team: string; id: string; step: KeyStep; by: Doer }): Promise<ConnectionView>;
  /** Our metadata for its provider. Throws NOT_FOUND. */
  metadata(id: string): Promise<string>;
  /** Reads again what was not read for a day; a provider that is away is tried again later. */
  refreshAll(): Promise<void>;
}

const dayMs = 86_400_000;
const metadataBytesMax = 512 * 1_024;

export function createConnections(parts: ConnectionsParts): Connections {
  const { config, postgres, clock } = parts;
  const view = async (tx: Tx, row: ConnectionRow): Promise<ConnectionView> => ({ row, keys: await store.listKeys(tx, row.id) });
  const find = async (tx: Tx, team: string, id: string): Promise<ConnectionRow> => (await store.lockConnection(tx, team, id)) ?? missing();
  return {
    list: (options) =>
      postgres.transaction({ teams: [options.team] }, async (tx) => {
        const rows = await store.listConnections(tx, options);
        return await Promise.all(rows.map((row) => view(tx, row)));
      }),
    get: (team, id) => postgres.transaction({ teams: [team] }, async (tx) => await view(tx, await find(tx, team, id))),
    create: (options) => create(parts, options),
    update: (options) => update(parts, options),
    delete: ({ team, id, by }) =>
      postgres.transaction({ teams: [team] }, async (tx) => {
        await find(tx, team, id);
        await store.deleteConnection(tx, id);
        await record(parts, tx, { team, id, action: "sso:delete", by });
      }),
    async refresh({ team, id, by }) {
      const { metadata_url: url } = await postgres.transaction({ teams: [team] }, (tx) => find(tx, team, id));
      if (url === null) throw new Problem("SAML_METADATA_NO_ADDRESS");
      return await update(parts, { team, id, settings: { metadataUrl: url }, by });
    },
    stepKeys: (options) => stepKeys(parts, options),
    async metadata(id) {
      const row = (await postgres.transaction({ slug: id }, (tx) => store.findConnection(tx, id))) ?? missing();
      const keys = await postgres.transaction({ teams: [row.team_id] }, (tx) => store.listKeys(tx, id));
      // The key that encrypts is the current one alone; of those that sign a provider has to know the next one before it is used.
      const of = (use: KeyRow["use"], states: KeyRow["state"][]): string[] => keys.filter((key) => key.use === use && states.includes(key.state)).map((key) => key.certificate);
      const addresses = addressesOf(config, id);
      return writeSpMetadata(
        { ...addresses, idpInitiatedUrl: row.idp_initiated ? addresses.idpInitiatedUrl : null },
        { signing: of("signing", ["current", "next"]), encryption: of("encryption", ["current"]), signsRequests: row.signs_requests },
      );
    },
    async refreshAll() {
      const stale = await postgres.transaction({ operator: true }, (tx) => store.listStale(tx, new Date(clock.now() - dayMs)));
      for (const { team_id: team, id, metadata_url: metadataUrl } of stale) {
        await update(parts, { team, id, settings: { metadataUrl: metadataUrl! }, by: { kind: "system", user: null } }).catch(async (error: unknown) => {
          if (!(error instanceof Problem)) throw error;
          await postgres.transaction({ teams: [team] }, (tx) => store.updateConnection(tx, id, { refusal: error.code, refused_at: clock.date(), metadata_read_at: new Date(clock.now() - dayMs + 3_600_000) }));
        });
      }
    },
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

function record({ audit }: ConnectionsParts, tx: Tx, { team, id, action, by, facts }: { team: string; id: string; action: string; by: Doer; facts?: Record<string, string | number | boolean | null> }) {
  return audit.record(tx, { team, action, by, resource: { kind: "connection", id }, ...(facts ? { facts } : {}) });
}

/** The provider's metadata as given, or from its address. */
async function readMetadata({ config, outbound }: ConnectionsParts, { metadata, metadataUrl }: Settings): Promise<{ text: string; url: string | null; idp: Idp } | null> {
  if (metadata === undefined && metadataUrl === undefined) return null;
  const allowsPlain = config.environment === "development";
  if (metadata !== undefined) return { text: metadata, url: null, idp: readIdp(metadata, { allowsPlain }) };
  const response = await outbound.fetch("saml", metadataUrl!, { headers: { accept: "application/samlmetadata+xml, application/xml" }, bytesMax: metadataBytesMax });
  if (!response.ok) throw new Problem("SAML_METADATA_INVALID", { values: { reason: `its address answers ${response.status}`, reasonJa: `URLの応答がエラーです（${response.status}）` } });
  const text = await response.text();
  return { text, url: metadataUrl!, idp: readIdp(text, { allowsPlain }) };
}

function columnsOf(settings: Settings, read: Awaited<ReturnType<typeof readMetadata>>, now: Date): Partial<ConnectionRow> {
  const { name, isEnabled, signsRequests, idpInitiated, emailAttribute, nameAttribute, roleAttribute, roles, defaultRole } = settings;
  const given = {
    name: name === undefined ? undefined : cleanName(name), is_enabled: isEnabled, signs_requests: signsRequests, idp_initiated: idpInitiated, email_attribute: emailAttribute,
    name_attribute: nameAttribute, role_attribute: roleAttribute, roles, default_role: defaultRole,
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(read
      ? {
          metadata: read.text, metadata_url: read.url, metadata_read_at: now, idp_entity_id: read.idp.entityId, sso_url: read.idp.ssoUrl, slo_url: read.idp.sloUrl,
          slo_response_url: read.idp.sloResponseUrl, certificates: read.idp.certificates,
        }
      : {}),
    updated_at: now,
  };
}

async function create(parts: ConnectionsParts, { team, settings, by }: Parameters<Connections["create"]>[0]): Promise<ConnectionView> {
  const { postgres, clock } = parts;
  await postgres.transaction({ teams: [team] }, (tx) => holdPlan(tx, team));
  const read = await readMetadata(parts, settings);
  if (!read) throw new Problem("SAML_METADATA_INVALID", { values: { reason: "there is none", reasonJa: "メタデータが指定されていません" } });
  const id = newId("saml", clock);
  // Before the transaction: making keys takes a moment.
  const keys = await makeKeys(parts, { team, id, state: "current" });
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    await store.lockTeam(tx, team);
    const { connectionsMax: max } = samlLimits;
    if ((await store.listConnections(tx, { team, limit: max })).length >= max) throw new Problem("SAML_CONNECTIONS_TOO_MANY", { values: { max } });
    const row = {
      id, team_id: team, name: URL.parse(read.idp.ssoUrl)?.hostname ?? "SAML", is_enabled: true, signs_requests: true, idp_initiated: false, email_attribute: null, name_attribute: null,
      role_attribute: null, roles: {}, default_role: "viewer", refusal: null, refused_at: null, created_at: clock.date(), ...columnsOf(settings, read, clock.date()),
    } as ConnectionRow;
    await store.insertConnection(tx, row);
    for (const key of keys) await store.insertKey(tx, key);
    await record(parts, tx, { team, id, action: "sso:create", by });
    return { row, keys };
  });
}

async function update(parts: ConnectionsParts, { team, id, settings, by }: Parameters<Connections["update"]>[0]): Promise<ConnectionView> {
  const { postgres, clock } = parts;
  const read = await readMetadata(parts, settings);
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    const before = (await store.lockConnection(tx, team, id)) ?? missing();
    const change = columnsOf(settings, read, clock.date());
    await store.updateConnection(tx, id, change);
    const row = { ...before, ...change };
    const trusts = row.certificates.join() !== before.certificates.join() || row.idp_entity_id !== before.idp_entity_id;
    // The daily reading is worth an event only where it changed whom we trust.
    if (by.kind !== "system" || trusts) await record(parts, tx, { team, id, action: "sso:update", by, facts: { settings: Object.keys(settings).sort().join(" "), trustChanged: trusts } });
    return { row, keys: await store.listKeys(tx, id) };
  });
}

async function makeKeys(parts: ConnectionsParts, { team, id: connection, state }: { team: string; id: string; state: KeyRow["state"] }): Promise<KeyRow[]> {
  const { clock, config } = parts;
  return await Promise.all(
    (["signing", "encryption"] as const).map(async (use) => {
      const id = newId("key", clock);
      const pair = await makeKeyPair({ name: new URL(config.origin).hostname, clock });
      return {
        id, connection_id: connection, team_id: team, use, state, certificate: pair.certificate, private_key: sealKey(parts.key(), { id, privateKey: pair.privateKey }),
        created_at: clock.date(), expires_at: pair.expiresAt,
      };
    }),
  );
}

async function stepKeys(parts: ConnectionsParts, { team, id, step, by }: Parameters<Connections["stepKeys"]>[0]): Promise<ConnectionView> {
  const made = step === "prepare" ? await makeKeys(parts, { team, id, state: "next" }) : [];
  return await parts.postgres.transaction({ teams: [team] }, async (tx) => {
    const row = (await store.lockConnection(tx, team, id)) ?? missing();
    const has = new Set((await store.listKeys(tx, id)).map((key) => key.state));
    const isInOrder = step === "prepare" ? !has.has("next") && !has.has("old") : step === "switch" ? has.has("next") && !has.has("old") : has.has("old");
    if (!isInOrder) throw new Problem("SAML_KEYS_ORDER");
    for (const key of made) await store.insertKey(tx, key);
    if (step === "switch") {
      await store.setKeyState(tx, { connection: id, from: "current", to: "old" });
      await store.setKeyState(tx, { connection: id, from: "next", to: "current" });
    }
    if (step === "retire") await store.deleteKeys(tx, id, "old");
    await record(parts, tx, { team, id, action: "sso:update", by, facts: { keys: step } });
    return { row, keys: await store.listKeys(tx, id) };
  });
}

/** Single sign-on belongs to the enterprise plan. Throws PLAN_ENTERPRISE_ONLY. */
export async function holdPlan(tx: Tx, team: string): Promise<void> {
  if ((await store.findPlan(tx, team)) !== "enterprise") throw new Problem("PLAN_ENTERPRISE_ONLY");
}

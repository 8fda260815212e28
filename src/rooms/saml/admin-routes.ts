import { Type } from "typebox";
import type { Config } from "#src/base/config.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { recordOf } from "./domains.ts";
import { describeCertificate } from "./metadata.ts";
import { addressesOf } from "./parties.ts";
import type { ConnectionView, KeyStep, Saml } from "./saml.ts";
import { Connection, ConnectionSettings, Domain, SsoSettings } from "./schema.ts";
import type { DomainRow } from "./store.ts";

const TeamParams = Type.Object({ team: Type.String() });
const ConnectionParams = Type.Object({ team: Type.String(), connection: Type.String({ maxLength: 100 }) });
const DomainParams = Type.Object({ team: Type.String(), domain: Type.String({ maxLength: 253 }) });
const read = { action: "sso:read", of: "team", param: "team" } as const;
const change = { action: "sso:update", of: "team", param: "team" } as const;

interface Parts {
  saml: Saml;
  config: Config;
}

export function adminRoutes(parts: Parts): Route[] {
  return [...connectionRoutes(parts), ...stepRoutes(parts), ...domainRoutes(parts.saml), ...settingsRoutes(parts.saml)];
}

function showConnection({ row, keys }: ConnectionView, config: Config) {
  const { signInUrl, ...sp } = addressesOf(config, row.id);
  return {
    id: row.id, name: row.name, isEnabled: row.is_enabled, sp, signInUrl, signsRequests: row.signs_requests, idpInitiated: row.idp_initiated, emailAttribute: row.email_attribute,
    nameAttribute: row.name_attribute, roleAttribute: row.role_attribute, roles: row.roles, defaultRole: row.default_role,
    idp: {
      entityId: row.idp_entity_id, ssoUrl: row.sso_url, sloUrl: row.slo_url, certificates: row.certificates.map(describeCertificate), metadataUrl: row.metadata_url,
      readAt: row.metadata_read_at.toISOString(),
    },
    keys: keys.map((key) => ({ id: key.id, use: key.use, state: key.state, fingerprint: describeCertificate(key.certificate).fingerprint, expiresAt: key.expires_at.toISOString() })),
    refusal: row.refusal !== null && row.refused_at ? { reason: row.refusal, at: row.refused_at.toISOString() } : null,
    createdAt: row.created_at.toISOString(),
  };
}

function connectionRoutes({ saml, config }: Parts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/sso-connections",
      summary: "The team's connections to identity providers",
      tag: "single sign-on",
      access: read,
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Connection) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const found = await saml.connections.list({ team: params.team, before: query.cursor, limit: limit + 1 });
        const { rows, nextCursor } = pageOf(found.map((view) => ({ id: view.row.id, view })), limit);
        return { items: rows.map(({ view }) => showConnection(view, config)), nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/sso-connections",
      summary: "Connect an identity provider, by its metadata or the address of that",
      tag: "single sign-on",
      access: change,
      params: TeamParams,
      body: ConnectionSettings,
      responses: { 201: Connection },
      handler: async (context) => showConnection(await saml.connections.create({ team: context.params.team, settings: context.body, by: doerOf(context) }), config),
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team/sso-connections/:connection",
      summary: "One connection",
      tag: "single sign-on",
      access: read,
      params: ConnectionParams,
      responses: { 200: Connection },
      handler: async ({ params }) => showConnection(await saml.connections.get(params.team, params.connection), config),
    }),
    route({
      method: "PATCH",
      url: "/api/v1/teams/:team/sso-connections/:connection",
      summary: "Change a connection",
      tag: "single sign-on",
      access: change,
      params: ConnectionParams,
      body: ConnectionSettings,
      responses: { 200: Connection },
      handler: async (context) =>
        showConnection(await saml.connections.update({ team: context.params.team, id: context.params.connection, settings: context.body, by: doerOf(context) }), config),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/sso-connections/:connection",
      summary: "Delete a connection; its people stay in the team",
      tag: "single sign-on",
      access: change,
      params: ConnectionParams,
      responses: { 204: null },
      handler: (context) => saml.connections.delete({ team: context.params.team, id: context.params.connection, by: doerOf(context) }),
    }),
  ];
}

function stepRoutes({ saml, config }: Parts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/teams/:team/sso-connections/:connection/readings",
      summary: "Read the provider's metadata from its address again",
      tag: "single sign-on",
      access: change,
      params: ConnectionParams,
      responses: { 200: Connection },
      handler: async (context) => showConnection(await saml.connections.refresh({ team: context.params.team, id: context.params.connection, by: doerOf(context) }), config),
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/sso-connections/:connection/key-steps",
      summary: "Change our own keys towards a provider: prepare, switch, retire",
      tag: "single sign-on",
      access: change,
      params: ConnectionParams,
      body: Type.Object({ step: Type.Union([Type.Literal("prepare"), Type.Literal("switch"), Type.Literal("retire")]) }, { additionalProperties: false }),
      responses: { 200: Connection },
      handler: async (context) =>
        showConnection(await saml.connections.stepKeys({ team: context.params.team, id: context.params.connection, step: context.body.step as KeyStep, by: doerOf(context) }), config),
    }),
  ];
}

const showDomain = (row: DomainRow) => ({ domain: row.domain, record: recordOf(row), verifiedAt: row.verified_at?.toISOString() ?? null, ssoRequired: row.sso_required });

function domainRoutes(saml: Saml): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/domains",
      summary: "The domains of mail that the team has claimed",
      tag: "single sign-on",
      access: read,
      params: TeamParams,
      responses: { 200: Type.Object({ items: Type.Array(Domain), nextCursor: Type.Null() }) },
      handler: async ({ params }) => ({ items: (await saml.domains.list(params.team)).map(showDomain), nextCursor: null }),
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/domains",
      summary: "Claim a domain; the answer says which record proves it",
      tag: "single sign-on",
      access: change,
      params: TeamParams,
      body: Type.Object({ domain: Type.String({ minLength: 1, maxLength: 253 }) }, { additionalProperties: false }),
      responses: { 201: Domain },
      handler: async (context) => showDomain(await saml.domains.add({ team: context.params.team, domain: context.body.domain, by: doerOf(context) })),
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/domains/:domain/verification",
      summary: "Look the record up that proves a domain",
      tag: "single sign-on",
      access: change,
      params: DomainParams,
      responses: { 200: Domain },
      handler: async (context) => showDomain(await saml.domains.verify({ ...context.params, by: doerOf(context) })),
    }),
    route({
      method: "PATCH",
      url: "/api/v1/teams/:team/domains/:domain",
      summary: "Whether people of a domain sign in by single sign-on only",
      tag: "single sign-on",
      access: change,
      params: DomainParams,
      body: Type.Object({ ssoRequired: Type.Boolean() }, { additionalProperties: false }),
      responses: { 200: Domain },
      handler: async (context) => showDomain(await saml.domains.require({ ...context.params, isRequired: context.body.ssoRequired, by: doerOf(context) })),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/domains/:domain",
      summary: "Give a domain up",
      tag: "single sign-on",
      access: change,
      params: DomainParams,
      responses: { 204: null },
      handler: (context) => saml.domains.delete({ ...context.params, by: doerOf(context) }),
    }),
  ];
}

function settingsRoutes(saml: Saml): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/sso",
      summary: "The owner who comes in by password even where single sign-on is required",
      tag: "single sign-on",
      access: read,
      params: TeamParams,
      responses: { 200: SsoSettings },
      handler: async ({ params }) => ({ breakGlassUser: await saml.domains.breakGlass(params.team) }),
    }),
    route({
      method: "PUT",
      url: "/api/v1/teams/:team/sso",
      summary: "Name that owner",
      tag: "single sign-on",
      access: change,
      params: TeamParams,
      body: SsoSettings,
      responses: { 200: SsoSettings },
      async handler(context) {
        await saml.domains.setBreakGlass({ team: context.params.team, user: context.body.breakGlassUser, by: doerOf(context) });
        return { breakGlassUser: context.body.breakGlassUser };
      },
    }),
  ];
}

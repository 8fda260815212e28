import { scimLimits, urn } from "./schema.ts";

type Json = Record<string, unknown>;

const attribute = (name: string, more: Json = {}): Json => ({
  name, type: "string", multiValued: false, required: false, caseExact: false, mutability: "readWrite", returned: "default", uniqueness: "none", ...more,
});

/** What this service says of itself (RFC 7643, 5 to 7). */
export function descriptions(base: string): { provider: Json; types: Json[]; schemas: Json[] } {
  const off = { supported: false };
  return {
    provider: {
      schemas: [urn.provider], patch: { supported: true }, bulk: { ...off, maxOperations: 0, maxPayloadSize: 0 }, filter: { supported: true, maxResults: scimLimits.pageItemsMax }, changePassword: off,
      sort: off, etag: off, authenticationSchemes: [{ type: "oauthbearertoken", name: "Bearer token", description: "The token of the connection", primary: true }],
      meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
    },
    types: [
      { schemas: [urn.type], id: "User", name: "User", endpoint: "/Users", description: "People", schema: urn.user, meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/User` } },
      { schemas: [urn.type], id: "Group", name: "Group", endpoint: "/Groups", description: "Groups", schema: urn.group, meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/Group` } },
    ],
    schemas: [
      {
        schemas: [urn.schema], id: urn.user, name: "User", description: "People",
        attributes: [
          attribute("userName", { required: true, uniqueness: "server" }), attribute("displayName"), attribute("externalId", { caseExact: true }), attribute("active", { type: "boolean" }),
          attribute("name", { type: "complex", subAttributes: [attribute("formatted"), attribute("givenName"), attribute("familyName")] }),
          attribute("emails", { type: "complex", multiValued: true, subAttributes: [attribute("value"), attribute("type"), attribute("primary", { type: "boolean" })] }),
        ],
        meta: { resourceType: "Schema", location: `${base}/Schemas/${urn.user}` },
      },
      {
        schemas: [urn.schema], id: urn.group, name: "Group", description: "Groups",
        attributes: [attribute("displayName", { required: true }), attribute("externalId", { caseExact: true }), attribute("members", { type: "complex", multiValued: true, subAttributes: [attribute("value", { mutability: "immutable" })] })],
        meta: { resourceType: "Schema", location: `${base}/Schemas/${urn.group}` },
      },
    ],
  };
}

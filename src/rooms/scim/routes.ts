import type { Readable } from "node:stream";
import { Type } from "typebox";
import type { Config } from "#src/base/config.ts";
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Groups } from "#src/rooms/groups/groups.ts";
import { deleteGroup, getGroup, listGroups, makeGroup, patchGroup } from "./directory-groups.ts";
import type { GroupParts, ShownGroup } from "./directory-groups.ts";
import { descriptions } from "./descriptions.ts";
import { isObject, readFilter, readGroup, readGroupPatch, readPerson, readPersonPatch, scimLimits, urn } from "./schema.ts";
import type { Directory, Part, Scim } from "./scim.ts";
import type { PersonRow } from "./store.ts";

export interface ScimRoutesParts {
  scim: Scim;
  groups: Groups;
  postgres: GroupParts["postgres"];
  clock: GroupParts["clock"];
  config: Config;
}

type Json = Record<string, unknown>;
interface Call {
  directory: Directory;
  id: string;
  query: Record<string, string | undefined>;
  body(): Promise<Json>;
}
type Work = (call: Call) => Promise<{ status?: number; body?: Json }>;

const mediaType = "application/scim+json; charset=utf-8";
const TeamParams = Type.Object({ team: Type.String(), connection: Type.String({ maxLength: 100 }) });
const DirectoryShape = Type.Object({ isOn: Type.Boolean(), url: Type.String(), createdAt: Type.Union([Type.String(), Type.Null()]), lastUsedAt: Type.Union([Type.String(), Type.Null()]) });

export function scimRoutes(parts: ScimRoutesParts): Route[] {
  return [...directoryRoutes(parts), ...personRoutes(parts), ...groupRoutes(parts), ...aboutRoutes(parts)];
}

/** For the team's administrators. */
function directoryRoutes({ scim, config }: ScimRoutesParts): Route[] {
  const url = "/api/v1/teams/:team/sso-connections/:connection/directory";
  return [
    route({
      method: "GET",
      url,
      summary: "The directory that keeps the team's people (SCIM), if there is one",
      tag: "single sign-on",
      access: { action: "sso:read", of: "team", param: "team" },
      params: TeamParams,
      responses: { 200: DirectoryShape },
      async handler({ params }) {
        const found = await scim.find(params.team, params.connection);
        return { isOn: found !== null, url: addressOf(config, params.connection), createdAt: found?.created_at.toISOString() ?? null, lastUsedAt: found?.last_used_at?.toISOString() ?? null };
      },
    }),
    route({
      method: "POST",
      url,
      summary: "Make the directory's token, in place of the one before; it is shown this once",
      tag: "single sign-on",
      isSecret: true,
      access: { action: "sso:update", of: "team", param: "team" },
      params: TeamParams,
      responses: { 201: Type.Object({ token: Type.String(), url: Type.String() }) },
      async handler(context) {
        return { ...(await scim.createToken({ ...context.params, by: doerOf(context) })), url: addressOf(config, context.params.connection) };
      },
    }),
    route({
      method: "DELETE",
      url,
      summary: "End the directory's access; its people stay in the team",
      tag: "single sign-on",
      access: { action: "sso:update", of: "team", param: "team" },
      params: TeamParams,
      responses: { 204: null },
      handler: (context) => scim.deleteToken({ ...context.params, by: doerOf(context) }),
    }),
  ];
}

const addressOf = ({ origin }: Config, connection: string): string => `${origin}/scim/v2/${connection}`;

/** One of SCIM's own addresses: the token is asked for, and what goes wrong is said as SCIM says it. */
function scimRoute(parts: ScimRoutesParts, method: Route["method"], path: string, summary: string, work: Work): Route {
  return route({
    method,
    url: `/scim/v2/:connection${path}`,
    summary,
    tag: "directory",
    isPage: true,
    access: { public: "the directory's own token is asked for" },
    ...(method === "GET" || method === "DELETE" ? {} : { body: "stream" as const }),
    responses: { 200: mediaType },
    async handler(context) {
      try {
        const params = context.params as { connection: string; id?: string };
        const token = /^Bearer\s+(kliv_scim_[\w-]{43})$/i.exec(context.request.headers.authorization ?? "")?.[1];
        if (token === undefined) throw new Problem("SCIM_TOKEN_INVALID");
        const directory = await parts.scim.authenticate({ connection: params.connection, token, by: doerOf(context) });
        const { status = 200, body } = await work({ directory, id: params.id ?? "", query: context.query as Call["query"], body: () => readBody(context.body as Readable) });
        return say(status, body);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return sayProblem(error, context);
      }
    },
  });
}

// A text, so that it is sent as it stands.
const say = (status: number, body?: Json): Answer => answer({ status, headers: { "content-type": mediaType }, body: body === undefined ? "" : JSON.stringify(body) });

const scimTypes: Record<string, string> = { SCIM_TAKEN: "uniqueness", GROUP_EXISTS: "uniqueness", SCIM_FILTER_INVALID: "invalidFilter", REQUEST_INVALID: "invalidValue", SAML_EMAIL_MISSING: "invalidValue", SAML_DOMAIN_FOREIGN: "invalidValue", EMAIL_INVALID: "invalidValue", LAST_OWNER: "mutability" };

function sayProblem(problem: Problem, { language }: Pick<Context, "language">): Answer {
  const { detail } = problemBody(problem, language);
  const scimType = scimTypes[problem.code];
  const status = scimType === "invalidValue" ? 400 : problem.status;
  return say(status, { schemas: [urn.error], status: String(status), ...(scimType ? { scimType } : {}), detail: `${problem.code}: ${String(detail)}` });
}

async function readBody(body: Readable): Promise<Json> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += (part as Buffer).length;
    if (size > scimLimits.bodyBytesMax) throw new Problem("BODY_TOO_LARGE", { values: { bytesMax: scimLimits.bodyBytesMax } });
    parts.push(part as Buffer);
  }
  try {
    const read: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"));
    if (isObject(read)) return read;
  } catch {
    // Said below, as what is JSON and no object.
  }
  throw new Problem("REQUEST_INVALID", { values: { reason: "the body must be a JSON object" } });
}

function partOf(query: Call["query"], kind: "user" | "group"): Part & { startIndex: number } {
  const number = (text: string | undefined, usual: number): number => (/^-?\d{1,9}$/.test(text ?? "") ? Number(text) : usual);
  const startIndex = Math.max(number(query["startIndex"], 1), 1);
  return { filter: readFilter(query["filter"], kind), startIndex, offset: startIndex - 1, limit: Math.min(Math.max(number(query["count"], 100), 0), scimLimits.pageItemsMax) };
}

const pageOf = (resources: Json[], total: number, startIndex: number): Json => ({ schemas: [urn.list], totalResults: total, startIndex, itemsPerPage: resources.length, Resources: resources });

function personRoutes(parts: ScimRoutesParts): Route[] {
  const { scim, config } = parts;
  const show = (row: PersonRow): Json => ({
    schemas: [urn.user], id: row.user_id, ...(row.external_id === null ? {} : { externalId: row.external_id }), userName: row.email, displayName: row.name, name: { formatted: row.name },
    active: row.is_active, emails: [{ value: row.email, primary: true, type: "work" }],
    meta: { resourceType: "User", created: row.created_at.toISOString(), lastModified: row.updated_at.toISOString(), location: `${addressOf(config, row.connection_id)}/Users/${row.user_id}` },
  });
  return [
    scimRoute(parts, "GET", "/Users", "The directory's people", async ({ directory, query }) => {
      const { startIndex, ...part } = partOf(query, "user");
      const { rows, total } = await scim.listPeople(directory, part);
      return { body: pageOf(rows.map(show), total, startIndex) };
    }),
    scimRoute(parts, "POST", "/Users", "A new person", async ({ directory, body }) => ({ status: 201, body: show(await scim.createPerson(directory, readPerson(await body()))) })),
    scimRoute(parts, "GET", "/Users/:id", "One person", async ({ directory, id }) => ({ body: show(await scim.getPerson(directory, id)) })),
    scimRoute(parts, "PUT", "/Users/:id", "All that is said of a person", async ({ directory, id, body }) => ({
      body: show(await scim.updatePerson(directory, id, { isActive: true, externalId: null, ...readPerson(await body()) })),
    })),
    scimRoute(parts, "PATCH", "/Users/:id", "A change of a person", async ({ directory, id, body }) => ({ body: show(await scim.updatePerson(directory, id, readPersonPatch(await body()))) })),
    scimRoute(parts, "DELETE", "/Users/:id", "A person who is there no more", async ({ directory, id }) => {
      await scim.deletePerson(directory, id);
      return { status: 204 };
    }),
  ];
}

function groupRoutes(parts: ScimRoutesParts): Route[] {
  const { config } = parts;
  const show = (group: ShownGroup): Json => ({
    schemas: [urn.group], id: group.id, ...(group.externalId === null ? {} : { externalId: group.externalId }), displayName: group.name, members: group.members.map((value) => ({ value })),
    meta: { resourceType: "Group", created: group.createdAt.toISOString(), location: `${addressOf(config, group.connection)}/Groups/${group.id}` },
  });
  return [
    scimRoute(parts, "GET", "/Groups", "The directory's groups", async ({ directory, query }) => {
      const { startIndex, ...part } = partOf(query, "group");
      const { groups, total } = await listGroups(parts, directory, part);
      return { body: pageOf(groups.map(show), total, startIndex) };
    }),
    scimRoute(parts, "POST", "/Groups", "A new group", async ({ directory, body }) => ({ status: 201, body: show(await makeGroup(parts, directory, readGroup(await body()))) })),
    scimRoute(parts, "GET", "/Groups/:id", "One group", async ({ directory, id }) => ({ body: show(await getGroup(parts, directory, id)) })),
    scimRoute(parts, "PUT", "/Groups/:id", "All that is said of a group", async ({ directory, id, body }) => ({ body: show(await patchGroup(parts, directory, id, { members: [], ...readGroup(await body()) })) })),
    scimRoute(parts, "PATCH", "/Groups/:id", "A change of a group", async ({ directory, id, body }) => ({ body: show(await patchGroup(parts, directory, id, readGroupPatch(await body()))) })),
    scimRoute(parts, "DELETE", "/Groups/:id", "A group that is there no more", async ({ directory, id }) => {
      await deleteGroup(parts, directory, id);
      return { status: 204 };
    }),
  ];
}

function aboutRoutes(parts: ScimRoutesParts): Route[] {
  const about = (directory: Directory) => descriptions(addressOf(parts.config, directory.connection));
  const listed = (resources: Json[]): Json => pageOf(resources, resources.length, 1);
  const one = (resources: Json[], id: string): Json => {
    const found = resources.find((resource) => resource["id"] === id);
    if (!found) throw new Problem("NOT_FOUND");
    return found;
  };
  return [
    scimRoute(parts, "GET", "/ServiceProviderConfig", "What this service can do", async ({ directory }) => ({ body: about(directory).provider })),
    scimRoute(parts, "GET", "/ResourceTypes", "What there is", async ({ directory }) => ({ body: listed(about(directory).types) })),
    scimRoute(parts, "GET", "/ResourceTypes/:id", "One of these", async ({ directory, id }) => ({ body: one(about(directory).types, id) })),
    scimRoute(parts, "GET", "/Schemas", "What is kept of each", async ({ directory }) => ({ body: listed(about(directory).schemas) })),
    scimRoute(parts, "GET", "/Schemas/:id", "One of these", async ({ directory, id }) => ({ body: one(about(directory).schemas, id) })),
  ];
}

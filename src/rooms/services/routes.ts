import { Type } from "typebox";
import { inPerson } from "#src/access/person.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { NewToken, TokenBody } from "#src/rooms/signin/schema.ts";
import { Service, ServiceBody } from "./schema.ts";
import type { Services, ServiceWithTokens } from "./services.ts";

const TeamParams = Type.Object({ team: Type.String() });
const ServiceParams = Type.Object({ team: Type.String(), service: Type.String() });

const show = (row: ServiceWithTokens) => ({
  id: row.id, name: row.name, role: row.role, tokens: row.tokens, createdBy: row.created_by, createdAt: row.created_at.toISOString(), lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

export function servicesRoutes({ services }: { services: Services }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/services",
      summary: "The service accounts of a team, newest first",
      tag: "services",
      access: { action: "service:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Service) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await services.list({ team: params.team, before: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map(show), nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/services",
      summary: "Make a service account: a member with a role that is no person",
      tag: "services",
      access: { action: "service:create", of: "team", param: "team" },
      params: TeamParams,
      body: ServiceBody,
      responses: { 201: Service },
      handler: async (context) => show(await services.create({ team: context.params.team, ...context.body, by: doerOf(context) })),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/services/:service",
      summary: "Delete a service account with its tokens, at once",
      tag: "services",
      access: { action: "service:delete", of: "team", param: "team" },
      params: ServiceParams,
      responses: { 204: null },
      handler: (context) => services.delete({ team: context.params.team, id: context.params.service, by: doerOf(context) }),
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/services/:service/tokens",
      summary: "Make an API token of a service account; its secret is shown this once",
      tag: "services",
      isSecret: true,
      access: { action: "service:update", of: "team", param: "team" },
      params: ServiceParams,
      body: TokenBody,
      responses: { 201: NewToken },
      async handler(context) {
        inPerson(context.actor);
        const { scope } = context.body;
        const made = await services.createToken({ team: context.params.team, id: context.params.service, ...context.body, by: doerOf(context) });
        return { id: made.id, token: made.token, name: made.name, scope, expiresAt: made.expiresAt?.toISOString() ?? null };
      },
    }),
  ];
}

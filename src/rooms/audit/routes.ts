import { Type } from "typebox";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Page, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { AuditEvent, AuditQuery } from "./schema.ts";
import { listEvents } from "./store.ts";

export function auditRoutes({ postgres }: { postgres: Postgres }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/audit-events",
      summary: "What was done in this team, newest first",
      tag: "audit",
      access: { action: "audit:read", of: "team", param: "team" },
      params: Type.Object({ team: Type.String() }),
      query: AuditQuery,
      responses: { 200: Page(AuditEvent) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const found = await postgres.transaction({ teams: [params.team] }, (tx) =>
          listEvents(tx, {
            team: params.team, limit: limit + 1,
            ...(query.action ? { action: query.action } : {}), ...(query.actor ? { actor: query.actor } : {}),
            ...(query.since ? { since: new Date(query.since) } : {}), ...(query.cursor ? { before: query.cursor } : {}),
          }),
        );
        const { rows, nextCursor } = pageOf(found, limit);
        return {
          items: rows.map((row) => ({
            id: row.id, at: row.at.toISOString(), action: row.action, actor: { kind: row.actor_kind, id: row.actor_id },
            resource: { kind: row.resource_kind, id: row.resource_id }, requestId: row.request_id, address: row.address, facts: row.facts,
          })),
          nextCursor,
        };
      },
    }),
  ];
}

import { Readable } from "node:stream";
import { Type } from "typebox";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "./audit.ts";
import type { AuditLog } from "./audit.ts";
import { AuditEvent, AuditExportQuery, AuditQuery, Verification } from "./schema.ts";
import { listEvents } from "./store.ts";

const TeamParams = Type.Object({ team: Type.String() });

/** A leap second is a time by its form, and none that there is a Date for. */
function momentOf(name: string, text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new Problem("REQUEST_INVALID", { values: { reason: `${name} is not a time`, reasonJa: `${name}が日時ではありません` } });
  return moment;
}

export function auditRoutes({ postgres, auditLog }: { postgres: Postgres; auditLog: AuditLog }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/audit-events",
      summary: "What was done in this team, newest first",
      tag: "audit",
      access: { action: "audit:read", of: "team", param: "team" },
      params: TeamParams,
      query: AuditQuery,
      responses: { 200: Page(AuditEvent) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const { action, actor, resource, since, until, q, cursor } = query;
        const found = await postgres.transaction({ teams: [params.team] }, (tx) =>
          listEvents(tx, {
            team: params.team, limit: limit + 1, ...(action ? { action } : {}), ...(actor ? { actor } : {}), ...(resource ? { resource } : {}), ...(q?.trim() ? { text: q.trim() } : {}),
            ...(since ? { since: momentOf("since", since) } : {}), ...(until ? { until: momentOf("until", until) } : {}), ...(cursor ? { before: cursor } : {}),
          }),
        );
        const { rows, nextCursor } = pageOf(found, limit);
        return {
          items: rows.map((row) => ({
            id: row.id, at: row.at.toISOString(), action: row.action, actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
            resource: { kind: row.resource_kind, id: row.resource_id }, requestId: row.request_id, address: row.address, facts: row.facts,
          })),
          nextCursor,
        };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team/audit-events/export",
      summary: "The whole log as lines of JSON (OCSF), oldest first, with what it takes to verify it without Kliv",
      tag: "audit",
      access: { action: "audit:export", of: "team", param: "team" },
      params: TeamParams,
      query: AuditExportQuery,
      responses: { 200: "application/x-ndjson" },
      async handler(context) {
        const { team } = context.params;
        const headers = { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store", "content-disposition": `attachment; filename="kliv-audit-${team}.ndjson"` };
        // Asked only what it would be, it hands nothing out.
        if (context.request.method === "HEAD") return answer({ headers, stream: Readable.from([]) });
        const from = Number(context.query.from ?? 0);
        return answer({ headers, stream: Readable.from(await auditLog.exportTeam({ team, from, by: doerOf(context) }), { objectMode: false }) });
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team/audit-events/verification",
      summary: "The log held against all its signed checkpoints now; the newest checkpoint and the public key, to keep elsewhere",
      tag: "audit",
      access: { action: "audit:read", of: "team", param: "team" },
      params: TeamParams,
      responses: { 200: Verification },
      handler: ({ params }) => auditLog.verifyTeam(params.team),
    }),
  ];
}

import { Type } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import type { Clock } from "#src/base/clock.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { Source, SourceBody, sourceLimits } from "./sourceschema.ts";
import { showSource } from "./sources.ts";
import type { Sources } from "./sources.ts";

const IdParams = Type.Object({ id: Type.String() });

export interface SourceRoutesParts {
  sources: Sources;
  rules: RowRules;
  clock: Clock;
}

export function sourceRoutes({ sources, rules, clock }: SourceRoutesParts): Route[] {
  /** Who does not see all rows does not decide what they become. */
  const hold = async ({ actor, resource }: Pick<Context, "actor" | "resource">): Promise<void> => {
    if ((await rules.accessOf(actor, resource)) !== null) throw new Problem("DATABASE_RESTRICTED");
  };
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/source",
      summary: "Where the database is refreshed from, when, and how that went; null where it is not",
      tag: "databases",
      access: { action: "source:read", of: "database", param: "id" },
      params: IdParams,
      responses: { 200: Type.Object({ source: Type.Union([Source, Type.Null()]) }) },
      async handler({ resource, language }) {
        const row = await sources.get(resource.team, resource.id);
        return { source: row && showSource(row, { clock, language }) };
      },
    }),
    route({
      method: "PUT",
      url: "/api/v1/databases/:id/source",
      summary: "Refresh the database from an https address or an S3 object, every hour, day or week; a version is made where the file changed",
      tag: "databases",
      access: { action: "source:update", of: "database", param: "id" },
      params: IdParams,
      body: SourceBody,
      perHourMax: sourceLimits.refreshesPerHourMax,
      responses: { 200: Source },
      async handler(context) {
        await hold(context);
        const { team, id } = context.resource;
        return showSource(await sources.set({ team, database: id, source: context.body, by: doerOf(context) }), { clock, language: context.language });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/databases/:id/source/refreshes",
      summary: "Refresh the database now; this also ends a pause",
      tag: "databases",
      access: { action: "source:update", of: "database", param: "id" },
      params: IdParams,
      perHourMax: sourceLimits.refreshesPerHourMax,
      responses: { 202: Source },
      async handler(context) {
        await hold(context);
        const { team, id } = context.resource;
        return answer({ status: 202, body: showSource(await sources.refresh({ team, database: id, by: doerOf(context) }), { clock, language: context.language }) });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/databases/:id/source",
      summary: "Refresh the database no more; its versions stay",
      tag: "databases",
      access: { action: "source:update", of: "database", param: "id" },
      params: IdParams,
      responses: { 204: null },
      async handler(context) {
        await hold(context);
        await sources.delete({ team: context.resource.team, database: context.resource.id, by: doerOf(context) });
      },
    }),
  ];
}

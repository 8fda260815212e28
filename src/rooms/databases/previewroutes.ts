import { Type } from "typebox";
import { can } from "#src/access/access.ts";
import type { RowRules } from "#src/access/rows.ts";
import type { Config } from "#src/base/config.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Databases } from "./databases.ts";
import type { Fetches } from "./fetches.ts";
import { showPreview } from "./previews.ts";
import type { Previews } from "./previews.ts";
import { ChoicesBody, ImportBody, Preview, UrlBody, previewLimits } from "./previewschema.ts";
import { uploadOf } from "./upload.ts";

const IdParams = Type.Object({ id: Type.String() });

export interface PreviewsRoutesParts {
  previews: Previews;
  fetches: Fetches;
  databases: Databases;
  config: Config;
  rules: RowRules;
}

/** Whose contents a file may replace: who may change the database, and sees all of its rows. */
export async function holdTarget({ databases, rules }: Pick<PreviewsRoutesParts, "databases" | "rules">, { actor }: Pick<Context, "actor">, target: { team: string; database: string }): Promise<void> {
  const resource = actor && (await databases.find(actor, target.database));
  if (!resource || resource.team !== target.team || !can(actor, "database:read", resource)) throw new Problem("NOT_FOUND");
  if (!can(actor, "database:update", resource)) throw new Problem("FORBIDDEN");
  if ((await rules.accessOf(actor, { id: target.database, team: target.team })) !== null) throw new Problem("DATABASE_RESTRICTED");
}

export function previewRoutes(parts: PreviewsRoutesParts): Route[] {
  const { previews, fetches, config } = parts;
  return [
    route({
      method: "POST",
      url: "/api/v1/teams/:team/previews",
      summary: "Upload a file to look at it before its import: format, tables, columns, types and a sample of rows; kept for a day",
      tag: "databases",
      access: { action: "database:create", of: "team", param: "team" },
      params: Type.Object({ team: Type.String() }),
      query: Type.Object({ database: Type.Optional(Type.String()) }),
      body: "stream",
      responses: { 201: Preview },
      async handler(context) {
        const { team } = context.params;
        const { database } = context.query;
        if (database !== undefined) await holdTarget(parts, context, { team, database });
        const upload = await uploadOf(context.request, config.limits.uploadBytesMax);
        const row = await previews.create({ team, ...(database === undefined ? {} : { database }), upload, by: doerOf(context), language: context.language, signal: context.signal });
        return answer({ status: 201, body: showPreview(row) });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/previews/url",
      summary: "Fetch a file from an https address to look at it before its import; the job's result names the preview",
      tag: "databases",
      access: { action: "database:create", of: "team", param: "team" },
      params: Type.Object({ team: Type.String() }),
      body: UrlBody,
      perHourMax: previewLimits.fetchesPerHourMax,
      responses: { 202: Type.Object({ job: Type.String() }) },
      async handler(context) {
        const { team } = context.params;
        const { url, database } = context.body;
        if (database !== undefined) await holdTarget(parts, context, { team, database });
        const job = await fetches.queue({ team, url, ...(database === undefined ? {} : { database }), by: doerOf(context), language: context.language });
        return answer({ status: 202, body: { job } });
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team/previews",
      summary: "The files of one's own that wait for their import, newest first",
      tag: "databases",
      access: { action: "database:create", of: "team", param: "team" },
      params: Type.Object({ team: Type.String() }),
      query: PageQuery,
      responses: { 200: Page(Preview) },
      async handler({ params, query, actor }) {
        const limit = pageLimit(query);
        const found = await previews.list({ team: params.team, uploader: actor?.user ?? "", before: query.cursor, limit: limit + 1 });
        const { rows, nextCursor } = pageOf(found, limit);
        return { items: rows.map(showPreview), nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/previews/:id",
      summary: "A file that waits for its import, as it would be read",
      tag: "databases",
      access: { action: "preview:read", of: "preview", param: "id" },
      params: IdParams,
      responses: { 200: Preview },
      handler: async ({ resource, params }) => showPreview(await previews.get(resource.team, params.id)),
    }),
    route({
      method: "PATCH",
      url: "/api/v1/previews/:id",
      summary: "Correct how a file is read (encoding, delimiter, header, names, types, what is left out), and look at it again",
      tag: "databases",
      access: { action: "preview:update", of: "preview", param: "id" },
      params: IdParams,
      body: Type.Object({ choices: ChoicesBody }, { additionalProperties: false }),
      responses: { 200: Preview },
      handler: async (context) => showPreview(await previews.update({ team: context.resource.team, id: context.params.id, choices: context.body.choices, by: doerOf(context), language: context.language, signal: context.signal })),
    }),
    route({
      method: "POST",
      url: "/api/v1/previews/:id/import",
      summary: "Import a file as it was looked at: into a new database, or as a version of the one that it was uploaded for",
      tag: "databases",
      access: { action: "preview:import", of: "preview", param: "id" },
      params: IdParams,
      body: ImportBody,
      responses: { 202: Type.Object({ job: Type.String() }) },
      async handler(context) {
        const { team } = context.resource;
        const { id } = context.params;
        const { database_id: database } = await previews.get(team, id);
        if (database !== null) await holdTarget(parts, context, { team, database });
        const name = context.body.name?.trim();
        return answer({ status: 202, body: { job: await previews.import({ team, id, ...(name ? { name } : {}), by: doerOf(context), language: context.language }) } });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/previews/:id",
      summary: "Discard a file that waits for its import",
      tag: "databases",
      access: { action: "preview:delete", of: "preview", param: "id" },
      params: IdParams,
      responses: { 204: null },
      handler: (context) => previews.delete({ team: context.resource.team, id: context.params.id, by: doerOf(context) }),
    }),
  ];
}

import { Type } from "typebox";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import type { Attachments } from "#src/rooms/attachments/attachments.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Queries } from "#src/rooms/queries/queries.ts";
import { choicesOf, fillBlocks } from "./fill.ts";
import { attachmentsOf } from "./check.ts";
import { readWidth, withPictures } from "./picture.ts";
import type { Drawing } from "./picture.ts";
import type { Reports, ReportWithPublication } from "./reports.ts";
import { Publication, PublicationBody, ReportBrief, ReportDefinition, ReportVersion, StoredReport } from "./schema.ts";
import type { PublicationRow } from "./store.ts";
import { readValues } from "./values.ts";

const TeamParams = Type.Object({ team: Type.String() });
const IdParams = Type.Object({ id: Type.String() });
/** Pictures in blocks are part of the definition. */
const definitionBytesMax = 32 * 1024 ** 2;

export interface ReportsRoutesParts {
  reports: Reports;
  queries: Queries;
  drawing: Drawing;
  attachments: Attachments;
  config: { origin: string };
}

export function reportsRoutes(parts: ReportsRoutesParts): Route[] {
  return [...writingRoutes(parts), ...readingRoutes(parts), ...versionRoutes(parts), ...publicationRoutes(parts)];
}

function showPublication(origin: string, row: Pick<PublicationRow, "slug" | "visibility" | "report_version" | "published_at" | "pins">) {
  const hasHiddenRows = Object.values(row.pins).some((pin) => Boolean(pin.rows));
  return { url: `${origin}/r/${row.slug}`, slug: row.slug, visibility: row.visibility, version: row.report_version, publishedAt: row.published_at.toISOString(), hasHiddenRows };
}

function known(origin: string, row: ReportWithPublication) {
  return {
    id: row.id, team: row.team_id, version: row.version, createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(),
    publication: row.publication && showPublication(origin, row.publication),
  };
}

const show = (origin: string, row: ReportWithPublication) => ({ ...known(origin, row), ...row.definition });

function stored(origin: string, row: ReportWithPublication, status = 200) {
  return answer({ status, headers: { etag: `"${row.version}"`, "cache-control": "no-store" }, body: show(origin, row) });
}

/** The version of an If-Match header; without one, or with `*`, whichever is current is replaced. */
function expectedOf({ request }: Pick<Context, "request">): number | undefined {
  const header = request.headers["if-match"];
  if (header === undefined || header.trim() === "*") return undefined;
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  if (version === undefined) throw new Problem("REQUEST_INVALID", { values: { reason: 'If-Match takes one version, as "3"' } });
  return Number(version);
}

function writingRoutes({ reports, config }: ReportsRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/teams/:team/reports",
      summary: "Create a report",
      tag: "reports",
      access: { action: "report:create", of: "team", param: "team" },
      params: TeamParams,
      body: ReportDefinition,
      bodyBytesMax: definitionBytesMax,
      responses: { 201: StoredReport },
      handler: async (context) => stored(config.origin, await reports.create({ team: context.params.team, definition: context.body, reader: context.actor, by: doerOf(context) }), 201),
    }),
    route({
      method: "PUT",
      url: "/api/v1/reports/:id",
      summary: "Replace the definition: a new version. If-Match with the version it was made from refuses to overwrite another's change",
      tag: "reports",
      access: { action: "report:update", of: "report", param: "id" },
      params: IdParams,
      query: Type.Object({
        /** A step of an editor's autosave: steps of one person within two minutes are kept as one version. */
        autosave: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])),
      }),
      body: ReportDefinition,
      bodyBytesMax: definitionBytesMax,
      responses: { 200: StoredReport },
      async handler(context) {
        const { team, id } = context.resource;
        const isStep = context.query.autosave === "true";
        return stored(config.origin, await reports.update({ team, id, definition: context.body, expected: expectedOf(context), isStep, reader: context.actor, by: doerOf(context) }));
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/reports/:id",
      summary: "Delete a report with its versions and its publication",
      tag: "reports",
      access: { action: "report:delete", of: "report", param: "id" },
      params: IdParams,
      responses: { 204: null },
      handler: (context) => reports.delete({ team: context.resource.team, id: context.params.id, by: doerOf(context) }),
    }),
  ];
}

function readingRoutes({ reports, queries, drawing, attachments, config }: ReportsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/reports",
      summary: "The reports of a team, newest first",
      tag: "reports",
      access: { action: "report:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(ReportBrief) },
      async handler({ params, query, actor }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await reports.list({ team: params.team, ...(actor ? { reader: actor } : {}), before: query.cursor, limit: limit + 1 }), limit);
        const items = rows.map((row) => {
          const { title, description = "", language, tags = [] } = row.definition;
          return { ...known(config.origin, row), title, description, language, tags };
        });
        return { items, nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/reports/:id",
      summary: "A report's definition as it is now; the ETag is its version",
      tag: "reports",
      access: { action: "report:read", of: "report", param: "id" },
      params: IdParams,
      responses: { 200: StoredReport },
      handler: async ({ resource }) => stored(config.origin, await reports.get(resource.team, resource.id)),
    }),
    route({
      method: "GET",
      url: "/api/v1/reports/:id/screenshot.png",
      summary: "The report drawn with the newest data; parameters of the report as ?name=value",
      tag: "reports",
      access: { action: "report:read", of: "report", param: "id" },
      params: IdParams,
      query: Type.Object({ width: Type.Optional(Type.String({ maxLength: 10 })) }, { additionalProperties: Type.String({ maxLength: 1_000 }) }),
      responses: { 200: "image/png" },
      async handler(context) {
        const { resource, query, actor, signal } = context;
        const { width, ...given } = query;
        const pixels = readWidth(width);
        const { definition } = await reports.get(resource.team, resource.id);
        const pins = await reports.currentPins({ team: resource.team, definition, actor });
        const options = await choicesOf(queries, { parameters: definition.parameters, pins, signal });
        const { values } = readValues(definition.parameters, given, options);
        const filled = await fillBlocks(queries, { definition, pins, values, signal });
        const shown = await attachments.show(resource.team, [...attachmentsOf(definition).keys()]);
        const body = await drawing.picture({ definition: await withPictures(attachments, definition, shown), filled, values, width: pixels, team: resource.team });
        if (context.request.method !== "HEAD") await reports.recordDownload({ ...resource, format: "png", by: doerOf(context) });
        return answer({ headers: { "content-type": "image/png", "cache-control": "no-store" }, body });
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/schemas/report.json",
      summary: "The JSON schema of a report definition",
      tag: "operation",
      access: { public: "the interface is documented for everyone" },
      responses: { 200: "application/schema+json" },
      handler: () =>
        answer({
          headers: { "content-type": "application/schema+json", "cache-control": "public, max-age=300" },
          body: JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", title: "Kliv report 1", ...ReportDefinition }),
        }),
    }),
  ];
}

function versionRoutes({ reports, config }: ReportsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/reports/:id/versions",
      summary: "The versions of a report, newest first",
      tag: "reports",
      access: { action: "report:read", of: "report", param: "id" },
      params: IdParams,
      query: PageQuery,
      responses: { 200: Page(ReportVersion) },
      async handler({ resource, query }) {
        const { team, id } = resource;
        const limit = pageLimit(query);
        const before = query.cursor === undefined ? undefined : Number(query.cursor);
        if (before !== undefined && !Number.isInteger(before)) throw new Problem("REQUEST_INVALID", { values: { reason: "cursor is not one of this list" } });
        const rows = await reports.versions({ team, id, before, limit: limit + 1 });
        const items = rows.slice(0, limit).map((row) => ({
          version: row.version, title: row.definition.title, createdAt: row.created_at.toISOString(),
          createdBy: row.created_by !== null && row.user_name !== null ? { id: row.created_by, name: row.user_name } : null,
        }));
        return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.version) : null };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/reports/:id/versions/:version",
      summary: "The definition as of one version",
      tag: "reports",
      access: { action: "report:read", of: "report", param: "id" },
      params: Type.Object({ id: Type.String(), version: Type.String({ pattern: "^\\d{1,9}$" }) }),
      responses: { 200: StoredReport },
      async handler({ resource, params }) {
        const { team, id } = resource;
        const [report, then] = await Promise.all([reports.get(team, id), reports.getVersion({ team, id, version: Number(params.version) })]);
        return { ...known(config.origin, report), version: then.version, updatedAt: then.created_at.toISOString(), ...then.definition };
      },
    }),
  ];
}

function publicationRoutes({ reports, config }: ReportsRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/reports/:id/publication",
      summary: "Publish the report as it is now, with its databases as they are now; again, to replace what readers see or who they are",
      tag: "reports",
      access: { action: "report:publish", of: "report", param: "id" },
      params: IdParams,
      body: PublicationBody,
      responses: { 200: Publication },
      async handler(context) {
        const { team, id } = context.resource;
        const { visibility } = context.body;
        return showPublication(config.origin, await reports.publish({ team, id, visibility, language: context.language, actor: context.actor, by: doerOf(context), signal: context.signal }));
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/reports/:id/publication",
      summary: "Withdraw the publication: its address shows nothing any more",
      tag: "reports",
      access: { action: "report:publish", of: "report", param: "id" },
      params: IdParams,
      responses: { 204: null },
      handler: (context) => reports.withdraw({ team: context.resource.team, id: context.params.id, by: doerOf(context) }),
    }),
  ];
}

import { Readable } from "node:stream";
import { Type } from "typebox";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { disposition } from "#src/http/disposition.ts";
import { makePage, sendPage } from "#src/http/page.ts";
import type { PageFiles } from "#src/http/page.ts";
import { Page, pageLimit } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import { sendVersion } from "#src/rooms/databases/download.ts";
import type { Exports } from "#src/rooms/exports/exports.ts";
import { formats } from "#src/rooms/exports/schema.ts";
import type { Queries, QueryResult } from "#src/rooms/queries/queries.ts";
import { QueryAnswer } from "#src/rooms/queries/schema.ts";
import { databaseBody, databaseHead, firstSql, listBody, notFoundBody, pageStyle } from "./page.ts";
import type { OpenDatabase, PublicDatabases, State } from "./publicdatabases.ts";
import { ListQuery, PageQuery, PublicDatabase, PublicItem, PublicQueryBody, PublicationState, publicLimits } from "./schema.ts";
import { words } from "./words.ts";

const SlugParams = Type.Object({ slug: Type.String({ maxLength: 100 }) });
const IdParams = Type.Object({ id: Type.String() });
const openToAll = "what a team opened to everyone; the room itself asks whether it still is";
const jsonHeaders = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };

export interface PublicDatabasesRoutesParts {
  publicDatabases: PublicDatabases;
  queries: Queries;
  databases: Databases;
  exports: Exports;
  blobs: Blobs;
  config: { origin: string };
  files: PageFiles;
}

export function publicDatabasesRoutes(parts: PublicDatabasesRoutesParts): Route[] {
  return [...teamRoutes(parts), ...readingRoutes(parts), ...takingRoutes(parts), ...pageRoutes(parts)];
}

/** For the team itself. */
function teamRoutes({ publicDatabases, config }: PublicDatabasesRoutesParts): Route[] {
  const show = ({ publication, hindrance }: State) => ({
    publication: publication && { slug: publication.slug, url: `${config.origin}/d/${publication.slug}`, publishedAt: publication.publishedAt.toISOString() },
    hindrance,
  });
  const url = "/api/v1/databases/:id/publication";
  return [
    route({
      method: "GET", url, summary: "Whether a database is open to everyone, and what is in the way", tag: "databases",
      access: { action: "database:read", of: "database", param: "id" }, params: IdParams, responses: { 200: PublicationState },
      handler: async ({ resource }) => show(await publicDatabases.state(resource)),
    }),
    route({
      method: "POST", url, summary: "Open a database to everyone: schema, rows, download and reading SQL of its current version", tag: "databases",
      access: { action: "database:publish", of: "database", param: "id" }, params: IdParams, responses: { 200: PublicationState },
      handler: async (context) => show(await publicDatabases.publish({ database: context.resource, by: doerOf(context) })),
    }),
    route({
      method: "DELETE", url, summary: "Show a database to strangers no more, at once and on every node", tag: "databases",
      access: { action: "database:publish", of: "database", param: "id" }, params: IdParams, responses: { 204: null },
      handler: (context) => publicDatabases.withdraw({ database: context.resource, by: doerOf(context) }),
    }),
  ];
}

async function get(publicDatabases: PublicDatabases, slug: string): Promise<OpenDatabase> {
  const found = await publicDatabases.find(slug);
  if (!found) throw new Problem("NOT_FOUND");
  return found;
}

function common(origin: string, { slug, name, description, version, publishedAt, updatedAt }: OpenDatabase) {
  return { slug, url: `${origin}/d/${slug}`, name, description, sizeBytes: version.sizeBytes, publishedAt: publishedAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

function readingRoutes({ publicDatabases, queries, config }: PublicDatabasesRoutesParts): Route[] {
  return [
    route({
      method: "GET", url: "/api/v1/public/databases", summary: "The databases that are open to everyone at this moment, newest first", tag: "gallery",
      access: { public: openToAll }, perHourMax: publicLimits.pagesPerHourMax, query: ListQuery, responses: { 200: Page(PublicItem) },
      async handler({ query }) {
        const { items, nextCursor } = await publicDatabases.list({ q: query.q ?? "", cursor: query.cursor, limit: pageLimit(query) });
        return { items: items.map((item) => ({ ...common(config.origin, item), tables: item.tables.length, rows: item.tables.reduce<number | null>((sum, { rows }) => (rows === null || sum === null ? null : sum + rows), 0) })), nextCursor };
      },
    }),
    route({
      method: "GET", url: "/api/v1/public/databases/:slug", summary: "A database that is open to everyone: tables and columns", tag: "gallery",
      access: { public: openToAll }, perHourMax: publicLimits.pagesPerHourMax, params: SlugParams, responses: { 200: PublicDatabase },
      async handler({ params }) {
        const found = await get(publicDatabases, params.slug);
        return { ...common(config.origin, found), version: found.version.id, sha256: found.version.sha256, tables: found.tables };
      },
    }),
    route({
      method: "POST", url: "/api/v1/public/databases/:slug/query", summary: "Ask a database that is open to everyone one SQL question, within smaller limits", tag: "gallery",
      access: { public: openToAll }, params: SlugParams, body: PublicQueryBody, responses: { 200: QueryAnswer },
      async handler(context) {
        const found = await get(publicDatabases, context.params.slug);
        const body = await queries.run(publicDatabases.questionOf(found, { ...context.body, by: context.address, signal: context.signal }));
        return answer({ status: 200, headers: jsonHeaders, ...(Buffer.isBuffer(body) ? { body } : { stream: Readable.from(body, { objectMode: false }) }) });
      },
    }),
  ];
}

const Format = Type.Union((["csv", "tsv", "json", "ndjson"] as const).map((format) => Type.Literal(format)));

function takingRoutes({ publicDatabases, databases, exports, blobs }: PublicDatabasesRoutesParts): Route[] {
  return [
    route({
      method: "GET", url: "/api/v1/public/databases/:slug/download", summary: "The SQLite file of a database that is open to everyone; ranges", tag: "gallery",
      access: { public: openToAll }, perHourMax: publicLimits.downloadsPerHourMax, params: SlugParams,
      responses: { 200: "application/vnd.sqlite3", 206: "application/vnd.sqlite3", 304: null },
      async handler(context) {
        const found = await get(publicDatabases, context.params.slug);
        const { version, name } = found;
        const sent = await sendVersion({ version, name, request: context.request, blobs, record: (range) => databases.recordDownload({ version, range, by: doerOf(context) }) });
        if (sent.stream) publicDatabases.hold(found, sent.stream);
        return sent;
      },
    }),
    route({
      method: "GET", url: "/api/v1/public/databases/:slug/tables/:table/export", summary: "All rows of a table that is open to everyone, as a file: csv, tsv, json, ndjson", tag: "gallery",
      access: { public: openToAll }, perHourMax: publicLimits.downloadsPerHourMax, params: Type.Object({ slug: Type.String({ maxLength: 100 }), table: Type.String() }),
      query: Type.Object({ format: Format, bom: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])) }, { additionalProperties: false }),
      responses: { 200: "application/octet-stream" },
      async handler(context) {
        const { params: { slug, table }, query: { format, bom } } = context;
        const found = await get(publicDatabases, slug);
        const { contentType, ending } = formats[format];
        const headers = { "content-type": contentType, "content-disposition": disposition(table, ending), "cache-control": "no-store" };
        if (context.request.method === "HEAD") return answer({ status: 200, headers, stream: Readable.from([]) });
        const { stream } = await exports.start({ version: { ...found.version, rows: null }, source: { table }, format, options: { bom: bom === "true" }, title: table, by: doerOf(context), isGuest: true, signal: context.signal });
        return answer({ status: 200, headers, stream: publicDatabases.hold(found, stream) });
      },
    }),
  ];
}

function pageRoutes(parts: PublicDatabasesRoutesParts): Route[] {
  const { publicDatabases, files } = parts;
  return [
    route({
      method: "GET", url: "/d", summary: "The public databases", tag: "gallery", isPage: true,
      access: { public: openToAll }, perHourMax: publicLimits.pagesPerHourMax, query: ListQuery, responses: { 200: "text/html" },
      async handler({ query, language, request }) {
        const { q = "", cursor } = query;
        const say = words[language];
        const { items, nextCursor } = await publicDatabases.list({ q, cursor, limit: publicLimits.pageItems });
        const page = makePage(files, { language, title: say.list, description: say.listDescription, body: listBody({ language, q, items, nextCursor }), style: pageStyle, current: "gallery", ...(q ? { search: new URLSearchParams({ q }).toString() } : {}) });
        return sendPage(request, page, { cacheControl: "no-store" });
      },
    }),
    route({
      method: "GET", url: "/d/:slug", summary: "The page of a public database", tag: "gallery", isPage: true,
      access: { public: openToAll }, perHourMax: publicLimits.pagesPerHourMax, params: SlugParams, query: PageQuery, responses: { 200: "text/html", 404: "text/html" },
      handler: (context) => databasePage(parts, context),
    }),
  ];
}

async function databasePage({ publicDatabases, queries, config, files }: PublicDatabasesRoutesParts, context: Context<{ slug: string }, { table?: string; sql?: string }>): Promise<Answer> {
  const { params, query, language, request, signal, address } = context;
  const database = await publicDatabases.find(params.slug);
  if (!database) {
    const page = makePage(files, { language, title: words[language].notFound, body: notFoundBody(language) });
    return sendPage(request, page, { status: 404, cacheControl: "no-store" });
  }
  const { tables, name, description } = database;
  const table = tables.find((one) => one.name === query.table)?.name ?? tables[0]?.name ?? null;
  const isAnswer = query.sql !== undefined && query.sql.trim() !== "";
  const sample = table === null ? null : await attempt(() => publicDatabases.sample(database, table, signal));
  const reply = isAnswer ? await attempt(async () => await queries.result(publicDatabases.questionOf(database, { sql: query.sql!, rowsMax: publicLimits.shownRows, by: address, signal }))) : null;
  const search = new URLSearchParams({ ...(query.table === undefined ? {} : { table: query.table }), ...(isAnswer ? { sql: query.sql! } : {}) }).toString();
  const page = makePage(files, {
    language, title: name, description: (description || words[language].of(name)).slice(0, 300), style: pageStyle, head: databaseHead(config.origin, database, { language, isAnswer }),
    body: databaseBody({ language, origin: config.origin, database, table, sample, sql: isAnswer ? query.sql! : firstSql(table), answer: reply }), ...(search ? { search } : {}),
  });
  const refused = reply instanceof Problem ? reply : null;
  const sent = sendPage(request, page, { status: refused?.status ?? 200, cacheControl: "no-store" });
  if (refused?.options.retryAfterSeconds !== undefined) sent.headers = { ...sent.headers, "retry-after": String(refused.options.retryAfterSeconds) };
  return sent;
}

/** What is refused is a part of the page, as its reader asked for it. */
async function attempt(work: () => Promise<QueryResult>): Promise<QueryResult | Problem> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

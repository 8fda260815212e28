import { Type } from "typebox";
import type { Actor } from "#src/access/access.ts";
import type { RowAccess, RowRules } from "#src/access/rows.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Config } from "#src/base/config.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { CurrentRow, Databases, VersionRef } from "./databases.ts";
import { sendVersion } from "./download.ts";
import type { Imports } from "./imports.ts";
import { Database, Table, databaseLimits } from "./schema.ts";
import { bodyOf, uploadOf } from "./upload.ts";

const TeamParams = Type.Object({ team: Type.String() });
const IdParams = Type.Object({ id: Type.String() });
const Name = Type.String({ minLength: 1, maxLength: databaseLimits.nameCharactersMax });
const Accepted = Type.Object({ job: Type.String() });

export interface DatabasesRoutesParts {
  databases: Databases;
  imports: Imports;
  blobs: Blobs;
  config: Config;
  rules: RowRules;
}

export function databasesRoutes(parts: DatabasesRoutesParts): Route[] {
  return [...writingRoutes(parts), ...readingRoutes(parts), ...downloadRoutes(parts)];
}

/** Counts, sizes and sums of a file tell of rows that its reader may not see. */
export const hideCounts = (tables: Table[]) => ({ tables: tables.map((table) => ({ ...table, rows: null })), sizeBytes: null, sha256: null });

/** A database as the API shows it to who sees all of it. */
export function showDatabase(row: CurrentRow) {
  return { ...showAll(row), hasHiddenRows: false, hasRules: false };
}

/** A database as the API shows it to this reader. */
export async function showTo(actor: Actor | null, row: CurrentRow, rules: RowRules) {
  const database = { id: row.id, team: row.team_id };
  const shown = { ...showAll(row), hasHiddenRows: false, hasRules: await rules.hasRules(database) };
  // What an import warned of quotes values.
  return (await rules.accessOf(actor, database)) === null ? shown : { ...shown, ...hideCounts(row.tables), warnings: [], hasHiddenRows: true };
}

function showAll(row: CurrentRow) {
  const { format, fileName, encoding, delimiter, warnings } = row.source;
  return {
    id: row.id, team: row.team_id, name: row.name, description: row.description, version: row.version_id, versionNumber: row.number,
    tables: row.tables, sizeBytes: row.size_bytes, sha256: row.sha256,
    source: { format, fileName, ...(encoding ? { encoding } : {}), ...(delimiter ? { delimiter } : {}) }, warnings: warnings ?? [],
    createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(),
  };
}

/** Who does not see all rows cannot replace them, add to them or take them all away. */
export async function holdAll(rules: RowRules, actor: Actor | null, database: { id: string; team: string }): Promise<void> {
  if ((await rules.accessOf(actor, database)) !== null) throw new Problem("DATABASE_RESTRICTED");
}

/** Columns with commas in between, or where a name has one, as a JSON array. */
export function keyOf(text = ""): string[] {
  let names: unknown = text.split(",");
  if (text.startsWith("[")) {
    try {
      names = JSON.parse(text);
    } catch {
      names = [];
    }
  }
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string" || name.trim() === "")) throw new Problem("ROWS_KEY_NEEDED");
  return (names as string[]).map((name) => name.trim());
}

const wantsAsync = (context: Pick<Context, "request">): boolean => String(context.request.headers.prefer ?? "").includes("respond-async");

function writingRoutes({ databases, imports, config, rules }: DatabasesRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/teams/:team/databases",
      summary: "Upload a file as a new database; Prefer: respond-async answers at once with a job",
      tag: "databases",
      access: { action: "database:create", of: "team", param: "team" },
      params: TeamParams,
      query: Type.Object({ name: Type.Optional(Name) }),
      body: "stream",
      responses: { 201: Database, 202: Accepted },
      async handler(context) {
        const { team } = context.params;
        const upload = await uploadOf(context.request, config.limits.uploadBytesMax);
        const name = context.query.name?.trim() || upload.fileName.replace(/\.[^.]+$/, "") || upload.fileName;
        const by = doerOf(context);
        if (wantsAsync(context)) return answer({ status: 202, body: { job: await imports.queue({ team, name, upload, by, language: context.language }) } });
        return answer({ status: 201, body: showDatabase(await databases.create({ team, name, upload, by, signal: context.signal })) });
      },
    }),
    route({
      method: "PUT",
      url: "/api/v1/databases/:id/contents",
      summary: "Replace the contents: a new version; readers of the old one are not disturbed",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: IdParams,
      body: "stream",
      responses: { 200: Database, 202: Accepted },
      async handler(context) {
        const { team, id } = context.resource;
        await holdAll(rules, context.actor, context.resource);
        const upload = await uploadOf(context.request, config.limits.uploadBytesMax);
        const by = doerOf(context);
        if (wantsAsync(context)) return answer({ status: 202, body: { job: await imports.queue({ team, database: id, upload, by, language: context.language }) } });
        return answer({ status: 200, body: await showTo(context.actor, await databases.replace({ team, id, upload, by, signal: context.signal }), rules) });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/databases/:id/tables/:table/rows",
      summary: "Append rows (a JSON array or NDJSON), or with mode=upsert and key=a,b change those that have the same values in these columns: a new version, all rows or none",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: Type.Object({ id: Type.String(), table: Type.String() }),
      query: Type.Object({ mode: Type.Optional(Type.Union([Type.Literal("append"), Type.Literal("upsert")])), key: Type.Optional(Type.String({ maxLength: 2_000 })) }),
      body: "stream",
      responses: { 200: Type.Object({ added: Type.Integer(), updated: Type.Integer(), version: Type.String(), tables: Type.Array(Table) }) },
      async handler(context) {
        const { team, id } = context.resource;
        await holdAll(rules, context.actor, context.resource);
        const input = bodyOf(context.request, { fileName: "rows", bytesMax: config.limits.uploadBytesMax });
        const key = context.query.mode === "upsert" ? keyOf(context.query.key) : null;
        const { database, added, updated } = await databases.append({ team, id, table: context.params.table, ...(key ? { key } : {}), input, by: doerOf(context), signal: context.signal });
        return { added, updated, version: database.version_id, tables: database.tables };
      },
    }),
    route({
      method: "PATCH",
      url: "/api/v1/databases/:id",
      summary: "Rename or describe a database",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: IdParams,
      body: Type.Object(
        { name: Type.Optional(Name), description: Type.Optional(Type.String({ maxLength: databaseLimits.descriptionCharactersMax })) },
        { additionalProperties: false },
      ),
      responses: { 200: Database },
      async handler(context) {
        const { team, id } = context.resource;
        const updated = await databases.update({ team, id, ...context.body, by: doerOf(context) });
        return await showTo(context.actor, updated, rules);
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/databases/:id",
      summary: "Delete a database with all of its versions",
      tag: "databases",
      access: { action: "database:delete", of: "database", param: "id" },
      params: IdParams,
      responses: { 204: null },
      async handler(context) {
        await holdAll(rules, context.actor, context.resource);
        await databases.delete({ team: context.resource.team, id: context.params.id, by: doerOf(context) });
      },
    }),
  ];
}

function readingRoutes({ databases, rules }: DatabasesRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/databases",
      summary: "The databases of a team, newest first",
      tag: "databases",
      access: { action: "database:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Database) },
      async handler({ params, query, actor }) {
        const limit = pageLimit(query);
        const { team } = params;
        const { rows, nextCursor } = pageOf(await databases.list({ team, ...(actor ? { reader: actor } : {}), before: query.cursor, limit: limit + 1 }), limit);
        const items = await Promise.all(rows.map((row) => showTo(actor, row, rules)));
        return { items, nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/databases/:id",
      summary: "A database: tables, columns, current version",
      tag: "databases",
      access: { action: "database:read", of: "database", param: "id" },
      params: IdParams,
      responses: { 200: Database },
      handler: async ({ resource, actor }) => await showTo(actor, await databases.get(resource.team, resource.id), rules),
    }),
    route({
      method: "GET",
      url: "/api/v1/databases/:id/schema",
      summary: "Tables and views with columns, keys, indexes and row counts, as SQLite tells them",
      tag: "databases",
      access: { action: "database:read", of: "database", param: "id" },
      params: IdParams,
      query: Type.Object({ version: Type.Optional(Type.String()) }),
      responses: { 200: Type.Object({ tables: Type.Array(Type.Record(Type.String(), Type.Unknown())) }, { additionalProperties: true }) },
      async handler({ resource, query, actor }) {
        const { team, id } = resource;
        const version = query.version ? await databases.getVersion({ team, database: id, version: query.version }) : await databases.currentVersion(team, id);
        const described = await databases.describe(version);
        if ((await rules.accessOf(actor, resource)) === null) return described;
        return { ...described, tables: described.tables.map((table) => ({ ...table, rows: null })) };
      },
    }),
  ];
}

function downloadRoutes({ databases, blobs, rules }: DatabasesRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/download",
      summary: "The SQLite file of a version; ranges; the ETag is its SHA-256. Where rules hide rows from the reader, a file of the others",
      tag: "databases",
      access: { action: "database:download", of: "database", param: "id" },
      params: IdParams,
      query: Type.Object({ version: Type.Optional(Type.String()) }),
      responses: { 200: "application/vnd.sqlite3", 206: "application/vnd.sqlite3", 304: null },
      async handler(context) {
        const { team, id } = context.resource;
        const { version } = context.query;
        const found = version ? await databases.getVersion({ team, database: id, version }) : await databases.currentVersion(team, id);
        const { name } = await databases.get(team, id);
        const rows = await rules.accessOf(context.actor, context.resource);
        if (rows !== null) return await sendExtract({ databases, version: found, rows, name, context });
        return await sendVersion({ version: found, name, request: context.request, blobs, record: (range) => databases.recordDownload({ version: found, range, by: doerOf(context) }) });
      },
    }),
  ];
}

/** A file made for this reader, sent as any other; it goes when it is sent. */
async function sendExtract(options: { databases: Databases; version: VersionRef; rows: RowAccess; name: string; context: Context }): Promise<Answer> {
  const { databases, version, rows, name, context } = options;
  const made = await databases.extract(version, { rows, signal: context.signal });
  let isSent = false;
  try {
    return await sendVersion({
      version: { ...version, sha256: made.sha256, sizeBytes: made.sizeBytes }, name, request: context.request,
      blobs: {
        get: async (_key, range) => {
          isSent = true;
          return { body: made.stream(range), head: null as never };
        },
      },
      record: (range) => databases.recordDownload({ version, range, by: doerOf(context) }),
    });
  } finally {
    if (!isSent) await made.close();
  }
}

import { Type } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Comparisons } from "./comparisons.ts";
import type { Databases } from "./databases.ts";
import { hideCounts, holdAll, keyOf, showTo } from "./routes.ts";
import { Database, Keep, Version, databaseLimits } from "./schema.ts";
import type { VersionRow, Versions } from "./versions.ts";

const IdParams = Type.Object({ id: Type.String() });
const VersionParams = Type.Object({ id: Type.String(), version: Type.String() });
const Kept = Type.Object({ ...Keep.properties, due: Type.Integer() });

export interface VersionsRoutesParts {
  versions: Versions;
  databases: Databases;
  rules: RowRules;
  comparisons: Comparisons;
}

export function versionsRoutes(parts: VersionsRoutesParts): Route[] {
  return [...readingRoutes(parts), ...compareRoutes(parts), ...writingRoutes(parts), ...keepRoutes(parts)];
}

function showVersion(row: VersionRow, options: { current: string; isRestricted: boolean }) {
  const shown = {
    id: row.id, number: row.number, createdAt: row.created_at.toISOString(), createdBy: row.created_by, sizeBytes: row.size_bytes, sha256: row.sha256,
    tables: row.tables, current: row.id === options.current, label: row.label, note: row.note, restoredFrom: row.restored_from,
  };
  return options.isRestricted ? { ...shown, ...hideCounts(shown.tables) } : shown;
}

function readingRoutes({ versions, databases, rules }: VersionsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/versions",
      summary: "The versions of a database, newest first",
      tag: "databases",
      access: { action: "database:read", of: "database", param: "id" },
      params: IdParams,
      query: PageQuery,
      responses: { 200: Page(Version) },
      async handler({ resource, query, actor }) {
        const { team, id } = resource;
        const isRestricted = (await rules.accessOf(actor, resource)) !== null;
        const limit = pageLimit(query);
        const current = await databases.currentVersion(team, id);
        const { rows, nextCursor } = pageOf(await databases.versions({ team, id, before: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map((row) => showVersion(row, { current: current.id, isRestricted })), nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/databases/:id/versions/:version",
      summary: "One version; one that was removed answers 410",
      tag: "databases",
      access: { action: "database:read", of: "database", param: "id" },
      params: VersionParams,
      responses: { 200: Version },
      async handler({ resource, params, actor }) {
        const { team, id } = resource;
        const isRestricted = (await rules.accessOf(actor, resource)) !== null;
        const row = await versions.get({ team, database: id, version: params.version });
        return showVersion(row, { current: (await databases.currentVersion(team, id)).id, isRestricted });
      },
    }),
  ];
}

const Cells = Type.Array(Type.Unknown());
const Names = Type.Array(Type.String());
const TableChanges = Type.Object({
  name: Type.String(),
  change: Type.String(),
  columns: Type.Object({ added: Names, removed: Names, changed: Type.Array(Type.Object({ name: Type.String(), before: Type.String(), after: Type.String() })) }),
  rows: Type.Union([
    Type.Object({
      by: Type.String(), key: Names, added: Type.Integer(), removed: Type.Integer(), changed: Type.Integer(), columns: Names,
      sample: Type.Object({ added: Type.Array(Cells), removed: Type.Array(Cells), changed: Type.Array(Type.Object({ before: Cells, after: Cells })) }),
    }),
    Type.Null(),
  ]),
  trouble: Type.Union([Type.String(), Type.Null()]),
});

function compareRoutes({ comparisons, rules }: VersionsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/comparison",
      summary: "What differs between two versions: tables, columns, and rows added, removed and changed by key, counted and with a sample",
      tag: "databases",
      access: { action: "database:query", of: "database", param: "id" },
      params: IdParams,
      query: Type.Object({ from: Type.String(), to: Type.String(), table: Type.Optional(Type.String()), key: Type.Optional(Type.String({ maxLength: 2_000 })) }),
      responses: { 200: Type.Object({ from: Type.String(), to: Type.String(), tables: Type.Array(TableChanges), truncated: Type.Boolean() }) },
      async handler({ resource, query, actor, signal }) {
        if ((await rules.accessOf(actor, resource)) !== null) throw new Problem("COMPARE_RESTRICTED");
        const { from, to, table, key } = query;
        return await comparisons.compare({ team: resource.team, database: resource.id, from, to, ...(table === undefined ? {} : { table }), ...(key === undefined ? {} : { key: keyOf(key) }), signal });
      },
    }),
  ];
}

function writingRoutes({ versions, databases, rules }: VersionsRoutesParts): Route[] {
  return [
    route({
      method: "PATCH",
      url: "/api/v1/databases/:id/versions/:version",
      summary: "Label a version: a name, by which it is kept whatever the policy says, and a note",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: VersionParams,
      body: Type.Object(
        { label: Type.Optional(Type.String({ maxLength: databaseLimits.labelCharactersMax })), note: Type.Optional(Type.String({ maxLength: databaseLimits.noteCharactersMax })) },
        { additionalProperties: false },
      ),
      responses: { 200: Version },
      async handler(context) {
        const { team, id } = context.resource;
        await holdAll(rules, context.actor, context.resource);
        const { label, note } = context.body;
        const row = await versions.label({
          team, database: id, version: context.params.version, by: doerOf(context), ...(label === undefined ? {} : { label: label.trim() }), ...(note === undefined ? {} : { note: note.trim() }),
        });
        return showVersion(row, { current: (await databases.currentVersion(team, id)).id, isRestricted: false });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/databases/:id/versions/:version/restoration",
      summary: "Restore an older version: a new version with its contents",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: VersionParams,
      responses: { 200: Database },
      async handler(context) {
        const { team, id } = context.resource;
        await holdAll(rules, context.actor, context.resource);
        return await showTo(context.actor, await versions.restore({ team, database: id, version: context.params.version, by: doerOf(context) }), rules);
      },
    }),
  ];
}

function keepRoutes({ versions, rules }: VersionsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/retention",
      summary: "How many versions are kept, and how many the next hourly upkeep removes",
      tag: "databases",
      access: { action: "database:read", of: "database", param: "id" },
      params: IdParams,
      responses: { 200: Kept },
      handler: ({ resource }) => versions.keep({ team: resource.team, database: resource.id }),
    }),
    route({
      method: "PUT",
      url: "/api/v1/databases/:id/retention",
      summary: "Keep only the last versions, or those of the last days, or what either keeps; null and null keep all. The current version, labelled and published ones always stay",
      tag: "databases",
      access: { action: "database:delete", of: "database", param: "id" },
      params: IdParams,
      body: Keep,
      responses: { 200: Kept },
      async handler(context) {
        const { team, id } = context.resource;
        await holdAll(rules, context.actor, context.resource);
        return await versions.setKeep({ team, database: id, keep: context.body, by: doerOf(context) });
      },
    }),
  ];
}

import { Type } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Catalog } from "./catalog.ts";
import { Description, DescriptionsBody, Profile } from "./schema.ts";

const IdParams = Type.Object({ id: Type.String() });

export interface CatalogRoutesParts {
  catalog: Catalog;
  databases: Databases;
  rules: RowRules;
}

export function catalogRoutes({ catalog, databases, rules }: CatalogRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/descriptions",
      summary: "What tables and columns mean, in the team's words",
      tag: "databases",
      access: { action: "database:read", of: "database", param: "id" },
      params: IdParams,
      responses: { 200: Type.Object({ items: Type.Array(Description) }) },
      handler: async ({ resource }) => ({ items: await catalog.descriptions(resource.team, resource.id) }),
    }),
    route({
      method: "PUT",
      url: "/api/v1/databases/:id/descriptions",
      summary: "Describe tables and columns: those that are named; without words a description is gone",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: IdParams,
      body: DescriptionsBody,
      responses: { 200: Type.Object({ items: Type.Array(Description) }) },
      handler: async (context) => ({ items: await catalog.describe({ team: context.resource.team, database: context.resource.id, items: context.body.items, by: doerOf(context) }) }),
    }),
    route({
      method: "GET",
      url: "/api/v1/databases/:id/tables/:table/columns/:column/profile",
      summary: "What stands in a column: nulls, distinct and most frequent values, least, greatest, average, distribution",
      tag: "databases",
      access: { action: "database:query", of: "database", param: "id" },
      params: Type.Object({ id: Type.String(), table: Type.String(), column: Type.String() }),
      query: Type.Object({ version: Type.Optional(Type.String()) }),
      responses: { 200: Profile },
      async handler({ resource, params, query, actor, signal }) {
        const { team, id } = resource;
        const version = query.version ? await databases.getVersion({ team, database: id, version: query.version }) : await databases.currentVersion(team, id);
        return await catalog.profile({ version: { ...version, rows: await rules.accessOf(actor, resource) }, table: params.table, column: params.column, signal });
      },
    }),
  ];
}

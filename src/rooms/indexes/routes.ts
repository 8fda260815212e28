import { Type } from "typebox";
import type { Actor } from "#src/access/access.ts";
import type { RowRules } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Indexes } from "./indexes.ts";
import { Advice, IndexesBody } from "./schema.ts";

const IdParams = Type.Object({ id: Type.String() });

export function indexesRoutes({ indexes, rules }: { indexes: Indexes; rules: RowRules }): Route[] {
  // What others asked can tell of rows; and a version is of all of them.
  const holdAll = async (actor: Actor | null, database: { id: string; team: string }): Promise<void> => {
    if ((await rules.accessOf(actor, database)) !== null) throw new Problem("DATABASE_RESTRICTED");
  };
  return [
    route({
      method: "POST",
      url: "/api/v1/databases/:id/index-advice",
      summary: "Which indexes would make the questions of the last 30 days faster, measured on a copy; nothing is changed",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: IdParams,
      responses: { 200: Advice },
      async handler({ actor, resource, signal }) {
        await holdAll(actor, resource);
        return await indexes.advise({ team: resource.team, database: resource.id, signal });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/databases/:id/indexes",
      summary: "A new version with these indexes and fresh statistics for SQLite's planner",
      tag: "databases",
      access: { action: "database:update", of: "database", param: "id" },
      params: IdParams,
      body: IndexesBody,
      responses: { 200: Type.Object({ version: Type.String(), versionNumber: Type.Integer(), sizeBytes: Type.Integer() }) },
      async handler(context) {
        const { actor, resource, body, signal } = context;
        await holdAll(actor, resource);
        const made = await indexes.add({ team: resource.team, database: resource.id, indexes: body.indexes, by: doerOf(context), signal });
        return { version: made.version_id, versionNumber: made.number, sizeBytes: made.size_bytes };
      },
    }),
  ];
}

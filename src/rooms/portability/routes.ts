import { Type } from "typebox";
import { Problem } from "#src/base/problems/problem.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Portability } from "./portability.ts";
import { Workspace } from "./schema.ts";

const TeamParams = Type.Object({ team: Type.String() });
const importBytesMax = 256 * 1024 ** 2;

export function portabilityRoutes({ portability }: { portability: Portability }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/export",
      summary: "The whole workspace as JSON: people, databases (metadata and SHA-256), saved queries, reports",
      tag: "portability",
      access: { action: "team:export", of: "team", param: "team" },
      params: TeamParams,
      responses: { 200: Workspace },
      async handler(context) {
        const { team } = context.params;
        const workspace = await portability.exportTeam({ team, by: doerOf(context) });
        // Its shape is the portability room's own; the serializer of responses would reorder nothing but drop what a schema cannot name.
        const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", "content-disposition": `attachment; filename="kliv-${team}.json"` };
        return answer({ status: 200, headers, body: JSON.stringify(workspace) });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/import",
      summary: "An export, into a team that is still empty: the same workspace again",
      tag: "portability",
      access: { action: "team:import", of: "team", param: "team" },
      params: TeamParams,
      body: Workspace,
      bodyBytesMax: importBytesMax,
      responses: { 201: Type.Object({ databases: Type.Integer(), queries: Type.Integer(), reports: Type.Integer(), waiting: Type.Integer() }) },
      async handler(context) {
        const { actor } = context;
        if (!actor) throw new Problem("SIGNIN_NEEDED");
        return await portability.importTeam({ team: context.params.team, workspace: context.body, actor, by: doerOf(context) });
      },
    }),
  ];
}

import { Type } from "typebox";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { SharingBody, SharingView } from "./schema.ts";
import type { Sharing } from "./sharing.ts";

const IdParams = Type.Object({ id: Type.String() });

export function sharingRoutes({ sharing }: { sharing: Sharing }): Route[] {
  return [...routesOf(sharing, "database", "databases"), ...routesOf(sharing, "report", "reports")];
}

function routesOf(sharing: Sharing, kind: "database" | "report", folder: string): Route[] {
  return [
    route({
      method: "GET",
      url: `/api/v1/${folder}/:id/sharing`,
      summary: `Who of the team sees this ${kind}: everyone by role, or only those named here`,
      tag: folder,
      access: { action: `${kind}:read`, of: kind, param: "id" },
      params: IdParams,
      responses: { 200: SharingView },
      handler: ({ resource }) => sharing.get(resource),
    }),
    route({
      method: "PUT",
      url: `/api/v1/${folder}/:id/sharing`,
      summary: `Restrict this ${kind} to people, groups, service accounts or roles of the team, or open it to all of it; owners and administrators always see it`,
      tag: folder,
      access: { action: `${kind}:share`, of: kind, param: "id" },
      params: IdParams,
      body: SharingBody,
      responses: { 200: SharingView },
      handler: (context) => sharing.set({ resource: context.resource, ...context.body, actor: context.actor, by: doerOf(context) }),
    }),
  ];
}

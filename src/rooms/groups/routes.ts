import { Type } from "typebox";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { CountedGroup, Groups } from "./groups.ts";
import { Group, GroupMember, GroupName } from "./schema.ts";

const TeamParams = Type.Object({ team: Type.String() });
const GroupParams = Type.Object({ team: Type.String(), group: Type.String() });
const MemberParams = Type.Object({ team: Type.String(), group: Type.String(), user: Type.String() });
const Body = Type.Object({ name: GroupName }, { additionalProperties: false });

const show = (row: CountedGroup) => ({ id: row.id, name: row.name, members: Number(row.members), createdAt: row.created_at.toISOString() });

export function groupsRoutes({ groups }: { groups: Groups }): Route[] {
  return [...collectionRoutes(groups), ...memberRoutes(groups)];
}

function collectionRoutes(groups: Groups): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/groups",
      summary: "The groups of a team, newest first",
      tag: "groups",
      access: { action: "group:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Group) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await groups.list({ team: params.team, before: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map(show), nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/groups",
      summary: "Make a group",
      tag: "groups",
      access: { action: "group:create", of: "team", param: "team" },
      params: TeamParams,
      body: Body,
      responses: { 201: Group },
      handler: async (context) => show(await groups.create({ team: context.params.team, name: context.body.name, by: doerOf(context) })),
    }),
    route({
      method: "PATCH",
      url: "/api/v1/teams/:team/groups/:group",
      summary: "Rename a group",
      tag: "groups",
      access: { action: "group:update", of: "team", param: "team" },
      params: GroupParams,
      body: Body,
      responses: { 200: Group },
      handler: async (context) => show(await groups.rename({ team: context.params.team, id: context.params.group, name: context.body.name, by: doerOf(context) })),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/groups/:group",
      summary: "Delete a group; its people stay in the team, and what was shared with it is not shared with them any more",
      tag: "groups",
      access: { action: "group:delete", of: "team", param: "team" },
      params: GroupParams,
      responses: { 204: null },
      handler: (context) => groups.delete({ team: context.params.team, id: context.params.group, by: doerOf(context) }),
    }),
  ];
}

function memberRoutes(groups: Groups): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/groups/:group/members",
      summary: "The people of a group",
      tag: "groups",
      access: { action: "group:list", of: "team", param: "team" },
      params: GroupParams,
      query: PageQuery,
      responses: { 200: Page(GroupMember) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const found = await groups.members({ team: params.team, id: params.group, after: query.cursor, limit: limit + 1 });
        const { rows, nextCursor } = pageOf(found, limit);
        return { items: rows.map((user) => ({ user })), nextCursor };
      },
    }),
    route({
      method: "PUT",
      url: "/api/v1/teams/:team/groups/:group/members/:user",
      summary: "Put a person of the team into a group",
      tag: "groups",
      access: { action: "group:update", of: "team", param: "team" },
      params: MemberParams,
      responses: { 204: null },
      handler: (context) => groups.addMember({ team: context.params.team, id: context.params.group, user: context.params.user, by: doerOf(context) }),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/groups/:group/members/:user",
      summary: "Take a person out of a group",
      tag: "groups",
      access: { action: "group:update", of: "team", param: "team" },
      params: MemberParams,
      responses: { 204: null },
      handler: (context) => groups.removeMember({ team: context.params.team, id: context.params.group, user: context.params.user, by: doerOf(context) }),
    }),
  ];
}

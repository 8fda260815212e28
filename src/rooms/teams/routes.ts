import { Type } from "typebox";
import type { Actor, Role } from "#src/access/access.ts";
import { inPerson } from "#src/access/person.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { TeamRow, Teams } from "./teams.ts";

const RoleShape = Type.Union([Type.Literal("owner"), Type.Literal("admin"), Type.Literal("editor"), Type.Literal("viewer")]);
const Team = Type.Object({ id: Type.String(), name: Type.String(), plan: Type.String(), createdAt: Type.String(), factorRequired: Type.Boolean() });
const MemberShape = Type.Object({
  user: Type.Object({ id: Type.String(), name: Type.String(), userName: Type.String(), email: Type.String() }),
  role: RoleShape,
  createdAt: Type.String(),
});
const TeamParams = Type.Object({ team: Type.String() });
const MemberParams = Type.Object({ team: Type.String(), user: Type.String() });

export function teamsRoutes({ teams }: { teams: Teams }): Route[] {
  const show = (row: TeamRow) => ({ id: row.id, name: row.name, plan: row.plan, createdAt: row.created_at.toISOString(), factorRequired: row.factor_required });
  const mayMakeOwners = (actor: Actor | null, team: string): boolean => actor?.teams.get(team) === "owner";
  const ownSession = (actor: Actor | null, user: string): string | undefined => (actor?.kind === "session" && actor.user === user ? actor.id : undefined);
  return [
    route({
      method: "POST",
      url: "/api/v1/teams",
      summary: "Make a team; one becomes its owner",
      tag: "teams",
      access: { signedIn: true },
      body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
      responses: { 201: Team },
      async handler(context) {
        const { actor } = context;
        if (!actor || actor.kind !== "session") throw new Problem("SESSION_NEEDED");
        return show(await teams.createTeam({ name: context.body.name, plan: "free", owner: actor.user, by: doerOf(context) }));
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team",
      summary: "A team",
      tag: "teams",
      access: { action: "team:read", of: "team", param: "team" },
      params: TeamParams,
      responses: { 200: Team },
      handler: async ({ params }) => show(await teams.getTeam(params.team)),
    }),
    route({
      method: "PATCH",
      url: "/api/v1/teams/:team",
      summary: "Rename a team, or require two-step verification of its people",
      tag: "teams",
      access: { action: "team:update", of: "team", param: "team" },
      params: TeamParams,
      body: Type.Object({ name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), factorRequired: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
      responses: { 200: Team },
      async handler(context) {
        const { factorRequired } = context.body;
        // A person's word: a token that came into other hands must not take the second factor away.
        if (factorRequired !== undefined && !inPerson(context.actor).hasFactor && factorRequired) throw new Problem("OWN_FACTOR_NEEDED");
        return show(await teams.updateTeam({ team: context.params.team, ...context.body, by: doerOf(context) }));
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team/members",
      summary: "The people of a team and their roles",
      tag: "teams",
      access: { action: "member:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(MemberShape) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await teams.members({ team: params.team, after: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map(({ user, role, createdAt }) => ({ user, role, createdAt: createdAt.toISOString() })), nextCursor };
      },
    }),
    route({
      method: "PATCH",
      url: "/api/v1/teams/:team/members/:user",
      summary: "Change a person's role",
      tag: "teams",
      access: { action: "member:update", of: "team", param: "team" },
      params: MemberParams,
      body: Type.Object({ role: RoleShape }, { additionalProperties: false }),
      responses: { 204: null },
      async handler(context) {
        const { team, user } = context.params;
        await teams.setRole({ team, user, role: context.body.role as Role, by: doerOf(context), mayMakeOwners: mayMakeOwners(context.actor, team), session: ownSession(context.actor, user) });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/members/:user",
      summary: "Remove a person from the team",
      tag: "teams",
      access: { action: "member:delete", of: "team", param: "team" },
      params: MemberParams,
      responses: { 204: null },
      async handler(context) {
        const { team, user } = context.params;
        await teams.removeMember({ team, user, by: doerOf(context), mayMakeOwners: mayMakeOwners(context.actor, team), session: ownSession(context.actor, user) });
      },
    }),
  ];
}

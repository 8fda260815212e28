import { Type } from "typebox";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Membership } from "./membership.ts";

const TeamParams = Type.Object({ team: Type.String() });

export function membershipRoutes({ membership }: { membership: Membership }): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/teams/:team/leave",
      summary: "Leave the team; its last owner cannot",
      tag: "teams",
      access: { action: "member:leave", of: "team", param: "team" },
      params: TeamParams,
      responses: { 204: null },
      async handler(context) {
        const { cookie } = await membership.leave({ team: context.params.team, actor: context.actor, by: doerOf(context) });
        return answer({ status: 204, headers: { "set-cookie": cookie } });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/ownership",
      summary: "Hand over ownership: another member becomes an owner, and one becomes an administrator, in one act",
      tag: "teams",
      access: { action: "owner:change", of: "team", param: "team" },
      params: TeamParams,
      body: Type.Object({ to: Type.String({ minLength: 1, maxLength: 60 }) }, { additionalProperties: false }),
      responses: { 204: null },
      async handler(context) {
        const { cookie } = await membership.handOver({ team: context.params.team, to: context.body.to, actor: context.actor, by: doerOf(context) });
        return answer({ status: 204, headers: { "set-cookie": cookie } });
      },
    }),
  ];
}

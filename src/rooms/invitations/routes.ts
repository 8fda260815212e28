import { Type } from "typebox";
import type { Role } from "#src/access/access.ts";
import type { Config } from "#src/base/config.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { InvitationRow, Invitations } from "./invitations.ts";
import { AcceptBody, Invitation, InvitationBody, InvitationView, LinkBody } from "./schema.ts";

const TeamParams = Type.Object({ team: Type.String() });
const InvitationParams = Type.Object({ team: Type.String(), invitation: Type.String() });
const holder = "the mailed link is the proof; the room asks for the account behind its address";

export interface InvitationsRoutesParts {
  invitations: Invitations;
  config: Config;
}

const show = (row: InvitationRow) => ({
  id: row.id, email: row.email, role: row.role, groups: row.group_ids, invitedBy: row.invited_by, createdAt: row.created_at.toISOString(), expiresAt: row.expires_at.toISOString(),
});

export function invitationsRoutes(parts: InvitationsRoutesParts): Route[] {
  return [...teamRoutes(parts), ...holderRoutes(parts)];
}

function teamRoutes({ invitations, config }: InvitationsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/invitations",
      summary: "Who is invited and has not answered, newest first",
      tag: "teams",
      access: { action: "invitation:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Invitation) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await invitations.list({ team: params.team, before: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map(show), nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/invitations",
      summary: "Invite a person by e-mail address: they become a member when they accept the mailed link",
      tag: "teams",
      access: { action: "invitation:create", of: "team", param: "team" },
      params: TeamParams,
      body: InvitationBody,
      responses: { 201: Invitation },
      async handler(context) {
        const { team } = context.params;
        const { email, role, groups = [] } = context.body;
        const mayMakeOwners = context.actor?.teams.get(team) === "owner";
        return show(await invitations.invite({ team, email, role: role as Role, groups, mayMakeOwners, language: context.language, origin: config.origin, by: doerOf(context) }));
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/invitations/:invitation/mail",
      summary: "Mail the invitation again, with a new link: the one before works no more",
      tag: "teams",
      access: { action: "invitation:create", of: "team", param: "team" },
      params: InvitationParams,
      responses: { 200: Invitation },
      async handler(context) {
        const { team, invitation: id } = context.params;
        return show(await invitations.resend({ team, id, language: context.language, origin: config.origin, by: doerOf(context) }));
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/invitations/:invitation",
      summary: "Withdraw an invitation: its link works no more",
      tag: "teams",
      access: { action: "invitation:delete", of: "team", param: "team" },
      params: InvitationParams,
      responses: { 204: null },
      handler: (context) => invitations.revoke({ team: context.params.team, id: context.params.invitation, by: doerOf(context) }),
    }),
  ];
}

// The link is a secret and stands in bodies only: addresses stand in logs.
function holderRoutes({ invitations }: InvitationsRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/invitations/view",
      summary: "What a mailed invitation is about; the link stays unused",
      tag: "teams",
      access: { public: holder },
      body: LinkBody,
      responses: { 200: InvitationView },
      async handler({ body }) {
        const { team, inviter, invitation, hasAccount, pending } = await invitations.view(body.link);
        return { team: { name: team }, inviter, role: invitation.role, email: invitation.email, hasAccount, expiresAt: invitation.expires_at.toISOString(), agreements: { pending } };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/invitations/accept",
      summary: "Join the team: signed in as the invited address, or with a password for a new account of it",
      tag: "teams",
      access: { public: holder },
      body: AcceptBody,
      responses: { 200: Type.Object({ team: Type.String() }) },
      async handler(context) {
        const { team, cookie } = await invitations.accept({ ...context.body, actor: context.actor, language: context.language, by: doerOf(context) });
        return answer({ ...(cookie === null ? {} : { headers: { "set-cookie": cookie } }), body: { team } });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/invitations/decline",
      summary: "Decline a mailed invitation: its link works no more",
      tag: "teams",
      access: { public: holder },
      body: LinkBody,
      responses: { 204: null },
      handler: (context) => invitations.decline({ link: context.body.link, by: doerOf(context) }),
    }),
  ];
}

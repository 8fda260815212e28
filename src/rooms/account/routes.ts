import { Type } from "typebox";
import type { Config } from "#src/base/config.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Account } from "./account.ts";
import { EmailBody, LinkBody, LinkResult, LinkView, PasswordBody, PendingChange, UserNameBody } from "./schema.ts";

export interface AccountRoutesParts {
  account: Account;
  config: Config;
}

const holder = "the mailed link itself is the proof";

export function accountRoutes(parts: AccountRoutesParts): Route[] {
  return [...ownRoutes(parts), ...emailRoutes(parts), ...linkRoutes(parts)];
}

function ownRoutes({ account }: AccountRoutesParts): Route[] {
  return [
    route({
      method: "PUT",
      url: "/api/v1/me/password",
      summary: "Change one's own password; all other sessions end",
      tag: "sign-in",
      access: { signedIn: true },
      body: PasswordBody,
      responses: { 204: null },
      async handler(context) {
        const { cookie } = await account.changePassword({ ...context.body, actor: context.actor, by: doerOf(context) });
        return answer({ status: 204, headers: { "set-cookie": cookie } });
      },
    }),
    route({
      method: "PUT",
      url: "/api/v1/me/user-name",
      summary: "Change the name that one signs in with",
      tag: "sign-in",
      access: { signedIn: true },
      body: UserNameBody,
      responses: { 204: null },
      handler: (context) => account.changeUserName({ ...context.body, actor: context.actor, by: doerOf(context) }),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/me/sessions",
      summary: "End all of one's own sessions but this one",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 200: Type.Object({ ended: Type.Integer() }) },
      handler: async (context) => ({ ended: await account.endOthers({ actor: context.actor, by: doerOf(context) }) }),
    }),
  ];
}

function emailRoutes({ account, config }: AccountRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/me/email",
      summary: "The change of one's own address that waits for a confirmation",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 200: PendingChange },
      async handler({ actor }) {
        const row = await account.pendingEmail(actor);
        return { change: row && { email: row.new_email, oldConfirmed: row.old_confirmed_at !== null, newConfirmed: row.new_confirmed_at !== null, expiresAt: row.expires_at.toISOString() } };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/me/email",
      summary: "Change one's own address: both addresses get a link to confirm it; the answer is always the same",
      tag: "sign-in",
      access: { signedIn: true },
      body: EmailBody,
      responses: { 202: Type.Object({}) },
      async handler(context) {
        await account.requestEmail({ ...context.body, actor: context.actor, origin: config.origin, by: doerOf(context) });
        return {};
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/me/email",
      summary: "Give up a change of address that is not confirmed yet",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 204: null },
      handler: (context) => account.cancelEmail({ actor: context.actor, by: doerOf(context) }),
    }),
  ];
}

function linkRoutes({ account, config }: AccountRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/email-links/view",
      summary: "What a mailed link about an address would do; it stays unused",
      tag: "sign-in",
      access: { public: holder },
      body: LinkBody,
      responses: { 200: LinkView },
      handler: ({ body }) => account.viewLink(body.link),
    }),
    route({
      method: "POST",
      url: "/api/v1/email-links",
      summary: "Confirm a change of address with a mailed link, or take it back",
      tag: "sign-in",
      access: { public: holder },
      body: LinkBody,
      responses: { 200: LinkResult },
      handler: async (context) => ({ state: await account.useLink({ ...context.body, origin: config.origin, by: doerOf(context) }) }),
    }),
  ];
}

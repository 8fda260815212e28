import { Type } from "typebox";
import type { Config } from "#src/base/config.ts";
import type { Actor } from "#src/access/access.ts";
import { inPerson } from "#src/access/person.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { languageCookie } from "#src/http/language.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import type { Agreements } from "#src/rooms/agreements/agreements.ts";
import { Accepted, Pending } from "#src/rooms/agreements/schema.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Teams } from "#src/rooms/teams/teams.ts";
import type { Factors } from "#src/rooms/factors/factors.ts";
import { SecondKind } from "#src/rooms/factors/schema.ts";
import { cookieRules, sessionCookie, sessionCookieFor, stepCookieFor } from "./cookies.ts";
import { secondRoutes } from "./second-routes.ts";
import { NewToken, Token, TokenBody } from "./schema.ts";
import { sessionDays } from "./signin.ts";
import type { Signin } from "./signin.ts";

/** Of one client address: an office signs in behind one. */
const linksPerHourMax = 300;
const signInsPerHourMax = 10_000;

const Session = Type.Object({ id: Type.String(), createdAt: Type.String(), lastUsedAt: Type.String(), agent: Type.String(), current: Type.Boolean() });
const TeamParams = Type.Object({ team: Type.String() });

export interface SigninRoutesParts {
  signin: Signin;
  factors: Factors;
  teams: Teams;
  agreements: Agreements;
  postgres: Postgres;
  config: Config;
}

export function signinRoutes(parts: SigninRoutesParts): Route[] {
  return [...passwordRoutes(parts), ...sessionRoutes(parts), ...secondRoutes(parts), ...tokenRoutes(parts)];
}

function passwordRoutes({ signin, config }: SigninRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/password-links",
      summary: "Mail a link to create a password; the answer is always the same",
      tag: "sign-in",
      access: { public: "people without an account sign up here" },
      perHourMax: linksPerHourMax,
      body: Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }) }, { additionalProperties: false }),
      responses: { 202: Type.Object({}) },
      async handler(context) {
        const { body, language } = context;
        await signin.sendLink({ email: body.email, language, origin: config.origin, by: doerOf(context) });
        return {};
      },
    }),
    route({
      // Not GET: the link is a secret, and addresses stand in logs.
      method: "POST",
      url: "/api/v1/passwords/account",
      summary: "Whose password a mailed link is for; the link stays unused",
      tag: "sign-in",
      access: { public: "the link itself is the proof" },
      body: Type.Object({ link: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
      responses: { 200: Type.Object({ email: Type.String(), isNew: Type.Boolean(), agreements: Pending }) },
      handler: ({ body }) => signin.readLink(body.link),
    }),
    route({
      method: "POST",
      url: "/api/v1/passwords",
      summary: "Create a password with a mailed link",
      tag: "sign-in",
      access: { public: "the link itself is the proof" },
      body: Type.Object({ link: Type.String({ minLength: 1, maxLength: 200 }), password: Type.String({ maxLength: 4_096 }), accepted: Type.Optional(Accepted) }, { additionalProperties: false }),
      responses: { 204: null },
      async handler(context) {
        await signin.createPassword({ ...context.body, language: context.language, by: doerOf(context) });
      },
    }),
  ];
}

function sessionRoutes(parts: SigninRoutesParts): Route[] {
  const { signin, teams } = parts;
  return [
    route({
      method: "POST",
      url: "/api/v1/sessions",
      summary: "Sign in with an e-mail address or user name and a password; 202 where a second step is asked for",
      tag: "sign-in",
      access: { public: "signing in" },
      perHourMax: signInsPerHourMax,
      body: Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ maxLength: 4_096 }) }, { additionalProperties: false }),
      responses: {
        201: Type.Object({ user: Type.Object({ id: Type.String(), name: Type.String() }) }),
        202: Type.Object({ secondFactor: Type.Array(SecondKind) }),
      },
      async handler(context) {
        const agent = context.request.headers["user-agent"] ?? "";
        const signed = await signin.signIn({ ...context.body, agent, by: doerOf(context) });
        if (signed.step !== undefined) return answer({ status: 202, headers: { "set-cookie": stepCookieFor(signed.step) }, body: { secondFactor: signed.kinds } });
        const { id, name } = signed.user;
        return answer({ status: 201, headers: { "set-cookie": sessionCookieFor(signed.secret, sessionDays * 86_400) }, body: { user: { id, name } } });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/sessions/current",
      summary: "Sign out",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 204: null },
      async handler(context) {
        const actor = signedIn(context);
        if (actor.kind === "session") await signin.endSessions({ user: actor.user, id: actor.id, by: doerOf(context) });
        return answer({ status: 204, headers: { "set-cookie": `${sessionCookie}=; ${cookieRules}; Max-Age=0`, "clear-site-data": '"cache"' } });
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/me",
      summary: "Who is asking: user, teams, scopes",
      tag: "people",
      access: { signedIn: true },
      responses: { 200: Me },
      handler: async (context) => await describeMe(parts, context),
    }),
    route({
      method: "PATCH",
      url: "/api/v1/me",
      summary: "Change one's own name or language",
      tag: "people",
      access: { signedIn: true },
      body: Type.Object(
        { name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), language: Type.Optional(Type.Union([Type.Literal("en"), Type.Literal("ja")])) },
        { additionalProperties: false },
      ),
      responses: { 200: Me },
      async handler(context) {
        const actor = inPerson(context.actor);
        await teams.updateUser(actor.user, context.body, doerOf(context));
        const { language } = context.body;
        const headers: Record<string, string> = language ? { "set-cookie": `${languageCookie}=${language}; Path=/; Secure; SameSite=Lax; Max-Age=31536000` } : {};
        return answer({ headers, body: await describeMe(parts, context) });
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/me/sessions",
      summary: "One's own sessions",
      tag: "sign-in",
      access: { signedIn: true },
      query: PageQuery,
      responses: { 200: Page(Session) },
      async handler(context) {
        const actor = inPerson(context.actor);
        const limit = pageLimit(context.query);
        const { rows, nextCursor } = pageOf(await signin.sessions({ user: actor.user, before: context.query.cursor, limit: limit + 1 }), limit);
        const items = rows.map((row) => ({
          id: row.id, createdAt: row.created_at.toISOString(), lastUsedAt: row.last_used_at.toISOString(), agent: row.agent, current: row.id === actor.id,
        }));
        return { items, nextCursor };
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/me/sessions/:id",
      summary: "End one of one's own sessions",
      tag: "sign-in",
      access: { signedIn: true },
      params: Type.Object({ id: Type.String() }),
      responses: { 204: null },
      async handler(context) {
        const actor = inPerson(context.actor);
        const ended = await signin.endSessions({ user: actor.user, id: context.params.id, by: doerOf(context) });
        if (ended === 0) throw new Problem("NOT_FOUND");
      },
    }),
  ];
}

const Me = Type.Object({
  user: Type.Object({ id: Type.String(), name: Type.String(), userName: Type.String(), email: Type.String(), language: Type.String() }),
  teams: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), plan: Type.String(), role: Type.String(), factorRequired: Type.Boolean(), withheld: Type.Boolean() })),
  /** This session has shown a second factor, or what stands for two. */
  hasFactor: Type.Boolean(),
  scopes: Type.Array(Type.String()),
  kind: Type.String(),
  /** What is in force and not accepted yet. */
  agreements: Pending,
});

function signedIn(context: Pick<Context, "actor">) {
  if (!context.actor) throw new Problem("SIGNIN_NEEDED");
  return context.actor;
}

async function describeMe({ signin, teams, agreements, postgres }: SigninRoutesParts, context: Pick<Context, "actor">) {
  const actor = signedIn(context);
  if (actor.kind === "service") return await describeService({ teams, signin }, actor);
  const user = await postgres.transaction({ user: actor.user }, (tx) => teams.findUser(tx, actor.user));
  if (!user) throw new Problem("NOT_FOUND");
  const all = await teams.teamsOf(actor.user);
  return {
    user: { id: user.id, name: user.name, userName: user.user_name, email: user.email, language: user.language },
    // Those too that are kept from this session until it has shown a second factor, so that it can be told why.
    teams: all.filter(({ id }) => actor.teams.has(id) || actor.withheld?.has(id))
      .map(({ factor_required, ...team }) => ({ ...team, factorRequired: factor_required, withheld: !actor.teams.has(team.id) })),
    hasFactor: actor.hasFactor ?? false,
    scopes: actor.scope === "all" ? ["read", "all"] : ["read"],
    kind: actor.kind,
    agreements: { pending: await postgres.transaction({ user: actor.user, teams: [...actor.teams.keys()] }, (tx) => agreements.pending(tx, actor.user)) },
  };
}

/** A service account has a name and one team, and nothing else of what people have. */
async function describeService({ teams, signin }: Pick<SigninRoutesParts, "teams" | "signin">, actor: Actor) {
  const mine = await Promise.all([...actor.teams].map(async ([id, role]) => {
    const { name, plan } = await teams.getTeam(id);
    return { id, name, plan, role, factorRequired: false, withheld: false };
  }));
  return {
    user: { id: actor.user, name: await signin.serviceName(mine[0]?.id ?? "", actor.user), userName: "", email: "", language: "en" },
    teams: mine, hasFactor: false, scopes: actor.scope === "all" ? ["read", "all"] : ["read"], kind: actor.kind, agreements: { pending: [] },
  };
}

function tokenRoutes({ signin }: SigninRoutesParts): Route[] {
  const roleIn = (context: Pick<Context, "actor">, team: string) => signedIn(context).teams.get(team) ?? "viewer";
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/tokens",
      summary: "API tokens of the team (administrators) or one's own",
      tag: "tokens",
      access: { action: "token:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Token) },
      async handler(context) {
        const { team } = context.params;
        const limit = pageLimit(context.query);
        const found = await signin.tokens({ team, user: signedIn(context).user, role: roleIn(context, team), before: context.query.cursor, limit: limit + 1 });
        const { rows, nextCursor } = pageOf(found, limit);
        const items = rows.map((row) => ({
          id: row.id, name: row.name, user: row.user_id, service: row.service_id, scope: row.scope, createdAt: row.created_at.toISOString(),
          expiresAt: row.expires_at?.toISOString() ?? null, lastUsedAt: row.last_used_at?.toISOString() ?? null,
        }));
        return { items, nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/tokens",
      summary: "Make an API token; its secret is shown this once",
      tag: "tokens",
      isSecret: true,
      access: { action: "token:create", of: "team", param: "team" },
      params: TeamParams,
      body: TokenBody,
      responses: { 201: NewToken },
      async handler(context) {
        const { scope } = context.body;
        const made = await signin.createToken({ ...context.body, user: inPerson(context.actor).user, team: context.params.team, by: doerOf(context) });
        return { id: made.id, token: made.token, name: made.name, scope, expiresAt: made.expiresAt?.toISOString() ?? null };
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/teams/:team/tokens/:id",
      summary: "Revoke an API token, at once",
      tag: "tokens",
      access: { action: "token:revoke", of: "team", param: "team" },
      params: Type.Object({ team: Type.String(), id: Type.String() }),
      responses: { 204: null },
      async handler(context) {
        const { team, id } = context.params;
        await signin.revokeToken({ team, id, user: signedIn(context).user, role: roleIn(context, team), by: doerOf(context) });
      },
    }),
  ];
}

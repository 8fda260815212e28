import type { Readable } from "node:stream";
import { Type } from "typebox";
import { inPerson } from "#src/access/person.ts";
import type { Config } from "#src/base/config.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { cookieOf } from "#src/http/cookies.ts";
import { ownPath } from "#src/http/own-path.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { cookieRules as sessionRules, sessionCookie, sessionCookieFor } from "#src/rooms/signin/cookies.ts";
import { adminRoutes } from "./admin-routes.ts";
import { readForm } from "./form.ts";
import type { Arrival, Arrived, Saml } from "./saml.ts";
import { requestMs } from "./verify.ts";

/**
 * Binds a sign-in to the browser that began it. Not Lax: the answer is posted from the provider's page, and such cookies
 * do not come with that. It opens nothing by itself.
 */
export const samlCookie = "__Host-kliv-saml";
const cookieRules = "Path=/; Secure; HttpOnly; SameSite=None";

const ConnectionParams = Type.Object({ connection: Type.String({ maxLength: 100 }) });

export interface SamlRoutesParts {
  saml: Saml;
  config: Config;
}

export function samlRoutes(parts: SamlRoutesParts): Route[] {
  return [...pageRoutes(parts), ...findRoutes(parts), ...adminRoutes(parts)];
}

/** What browsers and providers walk through. Whatever goes wrong is said on a page of the app. */
function pageRoutes({ saml, config }: SamlRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/signin/saml/:connection",
      summary: "Begin a sign-in at a team's identity provider",
      tag: "sign-in",
      isPage: true,
      access: { public: "signing in" },
      params: ConnectionParams,
      query: Type.Object({ to: Type.Optional(Type.String({ maxLength: 2_000 })) }),
      responses: { 303: null },
      async handler(context) {
        const path = ownPath(context.query.to, config.origin, { isSealed: true });
        try {
          const { url, browser } = await saml.begin({ connection: context.params.connection, path, browser: browserOf(context) });
          return redirect(url, { "set-cookie": `${samlCookie}=${browser}; ${cookieRules}; Max-Age=${requestMs / 1_000}` });
        } catch (error) {
          return redirect(pageOfProblem(error, { config, path }));
        }
      },
    }),
    route({
      method: "POST",
      url: "/saml/:connection/acs",
      summary: "A provider's answer to a sign-in that began here",
      tag: "sign-in",
      isPage: true,
      isCrossSite: true,
      access: { public: "signing in" },
      params: ConnectionParams,
      body: "stream",
      responses: { 303: null },
      handler: (context) => arrive({ config, arrive: (arrival) => saml.arrive(arrival) }, context as never),
    }),
    route({
      method: "POST",
      url: "/saml/:connection/unasked",
      summary: "A sign-in that begins at the provider, where a team has allowed that",
      tag: "sign-in",
      isPage: true,
      isCrossSite: true,
      access: { public: "signing in" },
      params: ConnectionParams,
      body: "stream",
      responses: { 303: null },
      handler: (context) => arrive({ config, arrive: (arrival) => saml.arriveUnasked(arrival) }, context as never),
    }),
    route({
      method: "GET",
      url: "/saml/:connection/logout",
      summary: "A provider's message about signing out, by redirect",
      tag: "sign-in",
      isPage: true,
      access: { public: "it is believed for the provider's signature alone" },
      params: ConnectionParams,
      responses: { 303: null },
      async handler(context) {
        const { params, request } = context;
        try {
          return redirect(await saml.receiveLogout({ connection: params.connection, query: request.url.split("?").slice(1).join("?"), by: doerOf(context) }));
        } catch (error) {
          return redirect(pageOfProblem(error, { config, path: "/" }));
        }
      },
    }),
    route({
      method: "GET",
      url: "/saml/:connection/metadata",
      summary: "Our SAML metadata for one connection",
      tag: "sign-in",
      isPage: true,
      access: { public: "a provider reads it; it holds certificates and addresses only" },
      params: ConnectionParams,
      responses: { 200: "application/samlmetadata+xml" },
      async handler({ params }) {
        const body = await saml.connections.metadata(params.connection);
        return answer({ headers: { "content-type": "application/samlmetadata+xml; charset=utf-8", "content-disposition": 'inline; filename="kliv-metadata.xml"' }, body });
      },
    }),
  ];
}

function findRoutes({ saml }: SamlRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/me/single-logout",
      summary: "Sign out, and learn where the identity provider's own session is ended",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 200: Type.Object({ url: Type.Union([Type.String(), Type.Null()]) }) },
      async handler(context) {
        const { user, id: session } = inPerson(context.actor);
        const url = await saml.signOut({ user, session, by: doerOf(context) });
        return answer({ headers: { "set-cookie": `${sessionCookie}=; ${sessionRules}; Max-Age=0`, "clear-site-data": '"cache"' }, body: { url } });
      },
    }),
    route({
      // Not GET: addresses of people do not belong into the addresses of requests.
      method: "POST",
      url: "/api/v1/sso-lookups",
      summary: "Where people of an e-mail address sign in by single sign-on",
      tag: "sign-in",
      access: { public: "signing in; it tells of the address's domain only" },
      body: Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }) }, { additionalProperties: false }),
      responses: { 200: Type.Object({ items: Type.Array(Type.Object({ name: Type.String(), url: Type.String() })), isRequired: Type.Boolean() }) },
      async handler({ body }) {
        const { connections, isRequired } = await saml.domains.waysOf(body.email);
        if (connections.length === 0) throw new Problem("SSO_NONE");
        return { items: connections.map(({ id, name }) => ({ name, url: `/signin/saml/${id}` })), isRequired };
      },
    }),
  ];
}

async function arrive({ config, arrive: take }: { config: Config; arrive(arrival: Arrival): Promise<Arrived> }, context: Context<{ connection: string }, unknown, Readable>): Promise<Answer> {
  const { params, request, language } = context;
  try {
    const form = await readForm(context.body, request.headers["content-type"]);
    const found = await take({ ...form, connection: params.connection, browser: browserOf(context), agent: request.headers["user-agent"] ?? "", language, by: doerOf(context) });
    if (found.kind === "refused") return redirect(pageOfProblem(found.problem, { config, path: found.path }));
    const seconds = Math.max(Math.ceil((found.expiresAt.getTime() - found.openedAt.getTime()) / 1_000), 1);
    // 303: what follows is a GET, and the cookie is Lax, so it comes with it.
    return redirect(new URL(found.path, config.origin).href, { "set-cookie": sessionCookieFor(found.secret, seconds) });
  } catch (error) {
    return redirect(pageOfProblem(error, { config, path: "/" }));
  }
}

function browserOf({ request }: Pick<Context, "request">): string | null {
  const value = cookieOf(request.headers, samlCookie);
  return value !== null && /^kliv_browser_[\w-]{43}$/.test(value) ? value : null;
}

const redirect = (location: string, headers: Record<string, string | string[]> = {}): Answer => answer({ status: 303, headers: { location, ...headers } });

function pageOfProblem(error: unknown, { config, path }: { config: Config; path: string }): string {
  if (!(error instanceof Problem)) throw error;
  return `${config.origin}/signin?${new URLSearchParams({ problem: error.code, ...(path === "/" ? {} : { to: path }) })}`;
}

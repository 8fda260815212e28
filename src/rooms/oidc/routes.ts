import { Type } from "typebox";
import { inPerson } from "#src/access/person.ts";
import type { Config } from "#src/base/config.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { cookieOf } from "#src/http/cookies.ts";
import { ownPath } from "#src/http/own-path.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { cookieRules, sessionCookieFor } from "#src/rooms/signin/cookies.ts";
import { sessionDays } from "#src/rooms/signin/signin.ts";
import type { Oidc, Person } from "./oidc.ts";
import { IdentityShape, ProviderShape, pathCharactersMax, requestMs } from "./schema.ts";

/** Holds the secret that binds a sign-in to the browser that began it. Lax: the way back comes from the provider's page. */
export const browserCookie = "__Host-kliv-browser";

const beginningsPerHourMax = 1_000;
const ProviderParams = Type.Object({ provider: Type.String({ maxLength: 100 }) });
const PathText = Type.String({ maxLength: pathCharactersMax });

export interface OidcRoutesParts {
  oidc: Oidc;
  config: Config;
}

export function oidcRoutes(parts: OidcRoutesParts): Route[] {
  return [...pageRoutes(parts), ...identityRoutes(parts)];
}

/** What a browser walks through. Whatever goes wrong is said on a page of the app: there is nobody here who reads JSON. */
function pageRoutes({ oidc, config }: OidcRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/signin/oidc/:provider",
      summary: "Begin a sign-in at a provider",
      tag: "sign-in",
      // Each leaves a row for an hour or more: one address must not fill the disk with them.
      perHourMax: beginningsPerHourMax,
      isPage: true,
      access: { public: "signing in" },
      params: ProviderParams,
      query: Type.Object({ to: Type.Optional(PathText) }),
      responses: { 303: null },
      async handler(context) {
        const { provider } = context.params;
        const path = ownPath(context.query.to, config.origin, { isSealed: true });
        try {
          const { url, browser } = await oidc.begin({ provider, path, browser: browserOf(context) });
          return redirect(url.href, { "set-cookie": keepBrowser(browser) });
        } catch (error) {
          return redirect(pageOfProblem(error, { config, path, page: "/signin", provider }));
        }
      },
    }),
    route({
      method: "GET",
      url: "/signin/oidc/:provider/callback",
      summary: "Where the provider sends the browser back to",
      tag: "sign-in",
      isPage: true,
      access: { public: "signing in" },
      params: ProviderParams,
      responses: { 303: null },
      handler: (context) => arrive({ oidc, config }, context),
    }),
  ];
}

async function arrive({ oidc, config }: OidcRoutesParts, context: Context<{ provider: string }>): Promise<Answer> {
  const { provider } = context.params;
  const { actor, request } = context;
  const user = actor?.kind === "session" ? actor.user : null;
  const found = await oidc
    .arrive({
      provider, user, url: new URL(request.url, config.origin), browser: browserOf(context), agent: request.headers["user-agent"] ?? "", language: context.language, by: doerOf(context),
    })
    .catch((error: unknown) => ({ kind: "refused" as const, problem: error, path: "/", isLinking: user !== null }));
  if (found.kind === "refused") return redirect(pageOfProblem(found.problem, { config, path: found.path, page: found.isLinking ? "/account" : "/signin", provider }));
  const forget = `${browserCookie}=; ${cookieRules}; Max-Age=0`;
  if (found.kind === "linked") return redirect(new URL(found.path, config.origin).href, { "set-cookie": forget });
  if (found.kind === "link-needed") {
    // The page behind `to` does the linking, whatever way in the person takes to it.
    const path = `/connect?${new URLSearchParams({ to: found.path })}`;
    return redirect(pageOfProblem(new Problem("OIDC_LINK_NEEDED"), { config, path, page: "/signin", provider }), { "set-cookie": keepBrowser(browserOf(context) ?? "") });
  }
  return redirect(new URL(found.path, config.origin).href, { "set-cookie": [sessionCookieFor(found.secret, sessionDays * 86_400), forget] });
}

function identityRoutes({ oidc }: OidcRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/sign-in-providers",
      summary: "The providers that people can sign in with",
      tag: "sign-in",
      access: { public: "the buttons of the sign-in page" },
      responses: { 200: Type.Object({ items: Type.Array(ProviderShape) }) },
      handler: () => ({ items: oidc.providers().map((one) => ({ ...one, url: `/signin/oidc/${one.name}` })) }),
    }),
    route({
      method: "GET",
      url: "/api/v1/me/identities",
      summary: "The accounts of providers that are connected to one's own",
      tag: "sign-in",
      access: { signedIn: true },
      query: PageQuery,
      responses: { 200: Page(IdentityShape) },
      async handler(context) {
        const limit = pageLimit(context.query);
        const { rows, nextCursor } = pageOf(await oidc.identities({ user: personOf(context).user, before: context.query.cursor, limit: limit + 1 }), limit);
        return { items: rows, nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/me/identities",
      summary: "Connect the provider's account that this browser has just proven",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 201: IdentityShape },
      async handler(context) {
        const made = await oidc.link({ ...personOf(context), browser: browserOf(context), by: doerOf(context) });
        return answer({ status: 201, headers: { "set-cookie": `${browserCookie}=; ${cookieRules}; Max-Age=0` }, body: made });
      },
    }),
    route({
      // Not a GET: another site's page must not begin it.
      method: "POST",
      url: "/api/v1/me/sign-in-providers/:provider/links",
      summary: "Begin to connect a provider's account; the answer says where to send the browser",
      tag: "sign-in",
      access: { signedIn: true },
      params: ProviderParams,
      responses: { 201: Type.Object({ url: Type.String() }) },
      async handler(context) {
        const person = personOf(context);
        const { url, browser } = await oidc.begin({ provider: context.params.provider, path: "/account?connected=1", browser: browserOf(context), person });
        return answer({ status: 201, headers: { "set-cookie": keepBrowser(browser) }, body: { url: url.href } });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/me/identities/:id",
      summary: "Disconnect a provider's account; never the last way in",
      tag: "sign-in",
      access: { signedIn: true },
      params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
      responses: { 204: null },
      async handler(context) {
        await oidc.unlink({ ...personOf(context), identity: context.params.id, by: doerOf(context) });
      },
    }),
  ];
}

/** No token may add or take away a way in. */
function personOf({ actor }: Pick<Context, "actor">): Person {
  const { user, id: session } = inPerson(actor);
  return { user, session };
}

const keepBrowser = (secret: string): string => `${browserCookie}=${secret}; ${cookieRules}; Max-Age=${requestMs / 1_000}`;

function browserOf({ request }: Pick<Context, "request">): string | null {
  const value = cookieOf(request.headers, browserCookie);
  return value !== null && /^kliv_browser_[\w-]{43}$/.test(value) ? value : null;
}

const redirect = (location: string, headers: Record<string, string | string[]> = {}): Answer => answer({ status: 303, headers: { location, ...headers } });

/** The page that says what went wrong, in the reader's language and with the other ways in below it. */
function pageOfProblem(error: unknown, { config, path, page, provider }: { config: Config; path: string; page: "/signin" | "/account"; provider: string }): string {
  if (!(error instanceof Problem)) throw error;
  const query = new URLSearchParams({ problem: error.code, provider, ...(page === "/signin" && path !== "/" ? { to: path } : {}) });
  return `${config.origin}${page}?${query}`;
}

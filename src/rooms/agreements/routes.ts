import { Type } from "typebox";
import { inPerson } from "#src/access/person.ts";
import { createKept } from "#src/base/kept.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { makePage, sendPage } from "#src/http/page.ts";
import type { Page as HtmlPage, PageFiles } from "#src/http/page.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Agreements } from "./agreements.ts";
import { agreementPage, descriptionOf } from "./page.ts";
import type { Shown } from "./page.ts";
import { Acceptance, Accepted, Document, Pending, TeamAgreement, Version, kinds } from "./schema.ts";
import type { Kind } from "./schema.ts";

const openToAll = "what one is asked to accept can be read before";
const keptBytesMax = 4 * 1024 ** 2;
const Numeral = Type.Optional(Type.String({ pattern: "^[1-9]\\d{0,5}$" }));
const VersionQuery = Type.Object({ version: Numeral, compare: Numeral, lang: Type.Optional(Type.String()) });

export interface AgreementsRoutesParts {
  agreements: Agreements;
  postgres: Postgres;
  files: PageFiles;
}

export function agreementsRoutes(parts: AgreementsRoutesParts): Route[] {
  return [...publicRoutes(parts), ...kinds.map((kind) => pageRoute(parts, kind)), ...ownRoutes(parts), teamRoute(parts)];
}

const numberOf = (version: string | undefined): number | undefined => (version === undefined ? undefined : Number(version));

function publicRoutes({ agreements }: AgreementsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/agreements",
      summary: "The operator's privacy policy and terms: every version, newest first within its kind",
      tag: "agreements",
      access: { public: openToAll },
      query: PageQuery,
      responses: { 200: Page(Version) },
      async handler({ query }) {
        const all = (await agreements.list()).map((one) => ({ ...one, id: `${one.kind}-${one.version}` }));
        const after = query.cursor === undefined ? 0 : all.findIndex((one) => one.id === query.cursor) + 1;
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(all.slice(after, after + limit + 1), limit);
        return { items: rows, nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/agreements/:kind",
      summary: "A document with its text in both languages: the version in force, or another",
      tag: "agreements",
      access: { public: openToAll },
      params: Type.Object({ kind: Type.String() }),
      query: Type.Object({ version: Numeral }),
      responses: { 200: Document },
      handler: ({ params, query }) => agreements.get({ kind: params.kind, version: numberOf(query.version) }),
    }),
  ];
}

function pageRoute({ agreements, files }: AgreementsRoutesParts, kind: Kind): Route {
  const kept = createKept<HtmlPage>({ bytesMax: keptBytesMax, weigh: (page) => page.bytes * 2 });
  const pageOfVersion = (shown: Shown, language: Language): HtmlPage => {
    // A version never changes; which one is in force does.
    const { compared } = shown;
    const key = `${language} ${shown.version} ${compared?.version ?? ""} ${shown.versions.map((one) => `${one.version}${one.state}`).join()}`;
    const known = kept.get(key);
    if (known) return known;
    const isMain = shown.state === "current" && !compared;
    const made = makePage(files, {
      language, title: shown.title[language], description: descriptionOf(kind, language), body: agreementPage({ language, shown }), current: kind,
      ...(isMain ? {} : { search: `version=${shown.version}${compared ? `&compare=${compared.version}` : ""}`, head: '<meta name="robots" content="noindex">' }),
    });
    kept.set(key, made);
    return made;
  };
  return route({
    method: "GET",
    url: `/${kind}`,
    summary: kind === "privacy" ? "The privacy policy as a page" : "The terms as a page",
    tag: "agreements",
    access: { public: openToAll },
    query: VersionQuery,
    responses: { 200: "text/html" },
    isPage: true,
    async handler({ request, query, language }) {
      const shown = await agreements.get({ kind, version: numberOf(query.version) });
      const compared = query.compare === undefined ? null : await agreements.get({ kind, version: numberOf(query.compare) });
      return sendPage(request, pageOfVersion({ ...shown, ...(compared ? { compared } : {}) }, language));
    },
  });
}

function ownRoutes({ agreements, postgres }: AgreementsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/me/agreements",
      summary: "What one accepted, and when",
      tag: "agreements",
      access: { signedIn: true },
      query: PageQuery,
      responses: { 200: Page(Acceptance) },
      async handler(context) {
        const actor = inPerson(context.actor);
        const all = (await agreements.acceptances(actor.user, [...actor.teams.keys()])).map((one) => ({ ...one, id: `${one.kind}-${one.version}`, acceptedAt: one.acceptedAt.toISOString() }));
        const { cursor } = context.query;
        const after = cursor === undefined ? 0 : all.findIndex((one) => one.id === cursor) + 1;
        const limit = pageLimit(context.query);
        const { rows, nextCursor } = pageOf(all.slice(after, after + limit + 1), limit);
        return { items: rows, nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/me/agreements",
      summary: "Accept versions in force; answers what is still to be accepted",
      tag: "agreements",
      access: { signedIn: true },
      body: Type.Object({ accepted: Accepted }, { additionalProperties: false }),
      responses: { 200: Pending },
      async handler(context) {
        const actor = inPerson(context.actor);
        return await postgres.transaction({ user: actor.user, teams: [...actor.teams.keys()] }, async (tx) => {
          await agreements.accept(tx, { user: actor.user, accepted: context.body.accepted, method: "asked", language: context.language, by: doerOf(context) });
          return { pending: await agreements.pending(tx, actor.user) };
        });
      },
    }),
  ];
}

function teamRoute({ agreements }: AgreementsRoutesParts): Route {
  return route({
    method: "GET",
    url: "/api/v1/teams/:team/agreements",
    summary: "The team's own agreements with the operator, as the operator noted them, newest first",
    tag: "agreements",
    access: { action: "agreement:read", of: "team", param: "team" },
    params: Type.Object({ team: Type.String() }),
    query: PageQuery,
    responses: { 200: Page(TeamAgreement) },
    async handler({ params, query }) {
      const limit = pageLimit(query);
      const { rows, nextCursor } = pageOf(await agreements.noted({ team: params.team, before: query.cursor, limit: limit + 1 }), limit);
      const items = rows.map((row) => ({ id: row.id, title: row.title, reference: row.reference, agreedOn: row.agreed_on, notedAt: row.noted_at.toISOString(), imported: row.is_imported }));
      return { items, nextCursor };
    },
  });
}

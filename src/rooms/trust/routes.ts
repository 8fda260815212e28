import { Type } from "typebox";
import type { Language } from "#src/base/problems/problem.ts";
import type { WallsSeen } from "#src/base/sandbox/command.ts";
import { makePage, sendPage } from "#src/http/page.ts";
import type { Page as HtmlPage, PageFiles } from "#src/http/page.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { trustPage } from "./page.ts";
import { places, placesWords } from "./places.ts";
import { placesPage } from "./placespage.ts";
import { PlaceView, PromiseView } from "./schema.ts";
import type { Trust } from "./trust.ts";
import { pageWords } from "./words.ts";

const openToAll = "what Kliv promises, and whether it keeps it, is for everyone to see";

export function trustRoutes({ trust, sandbox, files }: { trust: Trust; sandbox: () => Promise<WallsSeen>; files: PageFiles }): Route[] {
  // Written and packed again only when a check has said something new.
  const kept = new Map<Language, { key: string; page: HtmlPage }>();
  const promisesIn = (language: Language, promises: PromiseView[], { level, separateUser, filtersCalls }: WallsSeen): HtmlPage => {
    const walls = { level, separateUser, filtersCalls };
    const key = JSON.stringify([promises, walls]);
    const known = kept.get(language);
    if (known?.key === key) return known.page;
    const { title, intro } = pageWords[language];
    const page = makePage(files, { language, title, description: intro, body: trustPage({ language, promises, walls }), current: "trust" });
    kept.set(language, { key, page });
    return page;
  };
  // It is the program's own: it does not change while it runs.
  const maps = new Map<Language, HtmlPage>();
  const placesIn = (language: Language): HtmlPage => {
    const { title, intro } = placesWords[language];
    const page = maps.get(language) ?? makePage(files, { language, title, description: intro, body: placesPage(language), current: "trust" });
    maps.set(language, page);
    return page;
  };
  return [
    route({
      method: "GET",
      url: "/api/v1/promises",
      summary: "Every promise of the security page with its state on this installation and the evidence for it",
      tag: "trust",
      access: { public: openToAll },
      responses: { 200: Type.Array(PromiseView) },
      handler: () => trust.list(),
    }),
    route({
      method: "GET",
      url: "/api/v1/places",
      summary: "Every place that this installation puts data into, and what it can hold",
      tag: "trust",
      access: { public: openToAll },
      query: PageQuery,
      responses: { 200: Page(PlaceView) },
      handler({ query }) {
        const all = places.map((place) => ({ ...place, id: `${place.kind}:${place.name}` }));
        const after = query.cursor === undefined ? 0 : all.findIndex(({ id }) => id === query.cursor) + 1;
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(all.slice(after, after + limit + 1), limit);
        return { items: rows, nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/trust/places",
      summary: "The map of places as a page",
      tag: "trust",
      access: { public: openToAll },
      responses: { 200: "text/html" },
      isPage: true,
      handler: ({ request, language }) => sendPage(request, placesIn(language)),
    }),
    route({
      method: "GET",
      url: "/trust",
      summary: "The promises as a page",
      tag: "trust",
      access: { public: openToAll },
      responses: { 200: "text/html" },
      isPage: true,
      handler: async ({ request, language }) => sendPage(request, promisesIn(language, await trust.list(), await sandbox())),
    }),
  ];
}

import type { Language } from "#src/base/problems/problem.ts";
import { makePage, sendPage } from "#src/http/page.ts";
import type { Page as HtmlPage, PageFiles } from "#src/http/page.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { subprocessorsPage } from "./page.ts";
import { Subprocessor } from "./schema.ts";
import type { Subprocessors } from "./subprocessors.ts";
import { pageWords } from "./words.ts";

const openToAll = "who else gets something of a person's data is for everyone to see";

export function subprocessorsRoutes({ subprocessors, files }: { subprocessors: Subprocessors; files: PageFiles }): Route[] {
  // The configuration does not change while the server runs.
  const kept = new Map<Language, HtmlPage>();
  const pageIn = (language: Language): HtmlPage => {
    const { title, intro } = pageWords[language];
    const page = kept.get(language) ?? makePage(files, { language, title, description: intro, body: subprocessorsPage({ language, list: subprocessors.list() }), current: "trust" });
    kept.set(language, page);
    return page;
  };
  return [
    route({
      method: "GET",
      url: "/api/v1/subprocessors",
      summary: "Every third party that this installation sends something to: what for, what is sent, and where",
      tag: "trust",
      access: { public: openToAll },
      query: PageQuery,
      responses: { 200: Page(Subprocessor) },
      handler({ query }) {
        const all = subprocessors.list().map((one) => ({ ...one, id: one.name }));
        const after = query.cursor === undefined ? 0 : all.findIndex(({ id }) => id === query.cursor) + 1;
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(all.slice(after, after + limit + 1), limit);
        return { items: rows, nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/trust/subprocessors",
      summary: "The register of third parties as a page",
      tag: "trust",
      access: { public: openToAll },
      responses: { 200: "text/html" },
      isPage: true,
      handler: ({ request, language }) => sendPage(request, pageIn(language)),
    }),
  ];
}

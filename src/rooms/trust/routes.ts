import { Type } from "typebox";
import type { Language } from "#src/base/problems/problem.ts";
import type { WallsSeen } from "#src/base/sandbox/command.ts";
import { makePage, sendPage } from "#src/http/page.ts";
import type { Page, PageFiles } from "#src/http/page.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { trustPage } from "./page.ts";
import { PromiseView } from "./schema.ts";
import type { Trust } from "./trust.ts";
import { pageWords } from "./words.ts";

const openToAll = "what Kliv promises, and whether it keeps it, is for everyone to see";

export function trustRoutes({ trust, sandbox, files }: { trust: Trust; sandbox: () => WallsSeen; files: PageFiles }): Route[] {
  // Written and packed again only when a check has said something new.
  const kept = new Map<Language, { key: string; page: Page }>();
  const pageOf = (language: Language, promises: PromiseView[]): Page => {
    const { level, separateUser, filtersCalls } = sandbox();
    const walls = { level, separateUser, filtersCalls };
    const key = JSON.stringify([promises, walls]);
    const known = kept.get(language);
    if (known?.key === key) return known.page;
    const { title, intro } = pageWords[language];
    const page = makePage(files, { language, title, description: intro, body: trustPage({ language, promises, walls }), current: "trust" });
    kept.set(language, { key, page });
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
      url: "/trust",
      summary: "The promises as a page",
      tag: "trust",
      access: { public: openToAll },
      responses: { 200: "text/html" },
      isPage: true,
      handler: async ({ request, language }) => sendPage(request, pageOf(language, await trust.list())),
    }),
  ];
}

import { Type } from "typebox";
import { makePage, sendPage } from "#src/http/page.ts";
import type { PageFiles } from "#src/http/page.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { trustPage } from "./page.ts";
import { PromiseView } from "./schema.ts";
import type { Trust } from "./trust.ts";
import { pageWords } from "./words.ts";

const openToAll = "what Kliv promises, and whether it keeps it, is for everyone to see";

export function trustRoutes({ trust, files }: { trust: Trust; files: PageFiles }): Route[] {
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
      async handler({ request, language }) {
        const { title, intro } = pageWords[language];
        const body = trustPage({ language, promises: await trust.list() });
        return sendPage(request, makePage(files, { language, title, description: intro, body, current: "trust" }));
      },
    }),
  ];
}

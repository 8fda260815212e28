import { Type } from "typebox";
import { Problem } from "#src/base/problems/problem.ts";
import { makePage, sendPage } from "#src/http/page.ts";
import type { PageFiles } from "#src/http/page.ts";
import { Page, pageLimit } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import type { Attachments } from "#src/rooms/attachments/attachments.ts";
import { sendAttachment } from "#src/rooms/attachments/routes.ts";
import type { Gallery, Publication } from "./gallery.ts";
import { galleryBody, notFoundBody } from "./gallery-page.ts";
import { GalleryItem, GalleryQuery, ValuesQuery, galleryLimits } from "./schema.ts";
import type { Listed } from "./store.ts";
import { words } from "./words.ts";

const SlugParams = Type.Object({ slug: Type.String({ maxLength: 100 }) });
const openToAll = "what a team published for everyone; the room itself asks who may see the rest";

export interface GalleryRoutesParts {
  gallery: Gallery;
  attachments: Attachments;
  config: { origin: string };
  files: PageFiles;
}

export function galleryRoutes(parts: GalleryRoutesParts): Route[] {
  return [...listRoutes(parts), ...reportRoutes(parts), attachmentRoute(parts)];
}

function show(origin: string, row: Listed) {
  const { title, description = "", language } = row.definition;
  return {
    slug: row.slug, url: `${origin}/r/${row.slug}`, title, description, language, tags: row.tags, publishedAt: row.published_at.toISOString(), views: row.views,
    picture: `${origin}/r/${row.slug}/picture.png?r=${row.revision}`,
  };
}

function listRoutes({ gallery, config, files }: GalleryRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/gallery",
      summary: "The public reports: all that are public at this moment, and nothing else",
      tag: "gallery",
      access: { public: openToAll },
      query: GalleryQuery,
      responses: { 200: Page(GalleryItem) },
      async handler({ query }) {
        const { items, nextCursor } = await gallery.list({ ...query, sort: query.sort ?? "recent", limit: pageLimit(query) });
        return { items: items.map((item) => show(config.origin, item)), nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/gallery",
      summary: "The gallery",
      tag: "gallery",
      access: { public: openToAll },
      query: GalleryQuery,
      responses: { 200: "text/html" },
      isPage: true,
      async handler({ query, language, request }) {
        const { q = "", tag, sort = "recent", cursor } = query;
        const { items, nextCursor } = await gallery.list({ q, tag, sort, cursor, limit: galleryLimits.pageItems });
        const say = words[language];
        const body = galleryBody({ language, q, tag, sort, items, nextCursor, isFirstPage: cursor === undefined });
        return sendPage(request, makePage(files, { language, title: say.title, description: say.description, body, current: "gallery" }), { cacheControl: "no-store" });
      },
    }),
  ];
}

/** The texts of an address; of a name that stands there twice, the last. */
function givenOf(query: object): Record<string, string> {
  return Object.fromEntries(Object.entries(query as Record<string, string | string[]>).map(([name, value]): [string, string] => [name, Array.isArray(value) ? (value.at(-1) ?? "") : value]));
}

/** What is the team's alone stays with the reader; the rest may be kept by anyone, who then asks each time whether it is still there. */
const cachingOf = ({ visibility }: Publication): string => (visibility === "team" ? "private, no-store" : "no-cache");

function isKnown({ request }: Pick<Context, "request">, etag: string): boolean {
  return (request.headers["if-none-match"] ?? "").split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}

function reportRoutes({ gallery, files }: GalleryRoutesParts): Route[] {
  const get = async (slug: string, context: Pick<Context, "actor">): Promise<Publication> => {
    const publication = await gallery.open(slug, context.actor);
    if (!publication) throw new Problem("NOT_FOUND");
    return publication;
  };
  return [
    route({
      method: "GET",
      url: "/r/:slug",
      summary: "The page of a published report",
      tag: "gallery",
      access: { public: openToAll },
      params: SlugParams,
      query: ValuesQuery,
      responses: { 200: "text/html", 304: null, 404: "text/html" },
      isPage: true,
      handler: (context) => reportPage({ gallery, files, context }),
    }),
    route({
      method: "GET",
      url: "/r/:slug/picture.png",
      summary: "The picture of a published report",
      tag: "gallery",
      access: { public: openToAll },
      params: SlugParams,
      responses: { 200: "image/png", 304: null },
      isPage: true,
      async handler(context) {
        const publication = await get(context.params.slug, context);
        const etag = `"${publication.slug}-${publication.revision}"`;
        const headers = { "content-type": "image/png", etag, "cache-control": cachingOf(publication) };
        if (isKnown(context, etag)) return answer({ status: 304, headers });
        return answer({ headers, body: await gallery.picture(publication) });
      },
    }),
    route({
      method: "GET",
      url: "/r/:slug/charts/:block",
      summary: "A chart of a published report with its data",
      tag: "gallery",
      access: { public: openToAll },
      params: Type.Object({ slug: Type.String({ maxLength: 100 }), block: Type.String({ maxLength: 64 }) }),
      query: ValuesQuery,
      responses: { 200: "application/json" },
      isPage: true,
      async handler(context) {
        const publication = await get(context.params.slug, context);
        const chart = await gallery.chart(publication, { block: context.params.block, given: givenOf(context.query), by: context.address });
        if (!chart) throw new Problem("NOT_FOUND");
        return answer({ headers: { "content-type": "application/json; charset=utf-8", "cache-control": cachingOf(publication) }, body: JSON.stringify(chart) });
      },
    }),
  ];
}

function attachmentRoute({ gallery, attachments }: GalleryRoutesParts): Route {
  return route({
    method: "GET",
    url: "/r/:slug/attachments/:id",
    summary: "A picture or a document of a published report",
    tag: "gallery",
    access: { public: openToAll },
    params: Type.Object({ slug: Type.String({ maxLength: 100 }), id: Type.String({ maxLength: 64 }) }),
    responses: { 200: "application/octet-stream", 304: null },
    isPage: true,
    async handler(context) {
      const { slug, id } = context.params;
      const publication = await gallery.open(slug, context.actor);
      // Those of the publication and no others, whoever asks.
      if (!publication || !Object.hasOwn(publication.attachments, id)) throw new Problem("NOT_FOUND");
      const shown = publication.attachments[id]!;
      return await sendAttachment({ shown, cacheControl: cachingOf(publication), request: context.request, open: () => attachments.open(shown) });
    },
  });
}

async function reportPage({ gallery, files, context }: { gallery: Gallery; files: PageFiles; context: Context<{ slug: string }, object> }): Promise<Answer> {
  const { params, query, actor, request, language } = context;
  const found = gallery.open(params.slug, actor);
  const publication = found instanceof Promise ? await found : found;
  if (!publication) {
    const page = makePage(files, { language, title: words[language].notFound, body: notFoundBody(language) });
    return sendPage(request, page, { status: 404, cacheControl: "no-store" });
  }
  const drawn = gallery.page(publication, { given: givenOf(query), by: context.address });
  const page = drawn instanceof Promise ? await drawn : drawn;
  if (request.method === "GET") gallery.countView(publication);
  const etag = page.etag;
  // A browser takes the headers of a 304 over into what it keeps: they must be the page's own, its policy above all.
  if (isKnown(context, etag)) return answer({ status: 304, headers: { ...page.headers, etag, "cache-control": cachingOf(publication) } });
  const sent = sendPage(request, page, { cacheControl: cachingOf(publication) });
  sent.headers = { ...sent.headers, etag };
  return sent;
}

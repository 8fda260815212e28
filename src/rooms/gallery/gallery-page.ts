import { escapeText } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { cardPixels } from "#src/rooms/reports/picture.ts";
import type { Listed } from "./store.ts";
import { countOf, dayOf, words } from "./words.ts";

export interface GalleryView {
  language: Language;
  q: string;
  tag: string | undefined;
  sort: "recent" | "popular";
  items: Listed[];
  nextCursor: string | null;
  isFirstPage: boolean;
}

/** The address of the gallery with these choices; what is usual is left out. */
function addressOf({ q, tag, sort }: Pick<GalleryView, "q" | "tag" | "sort">, cursor?: string): string {
  const search = new URLSearchParams();
  if (q) search.set("q", q);
  if (tag !== undefined) search.set("tag", tag);
  if (sort === "popular") search.set("sort", sort);
  if (cursor) search.set("cursor", cursor);
  return search.size === 0 ? "/gallery" : `/gallery?${search}`;
}

/** The inner HTML of the gallery: complete without scripts. */
export function galleryBody(view: GalleryView): string {
  const { language, q, tag, sort, items, nextCursor } = view;
  const say = words[language];
  const isNarrowed = q !== "" || tag !== undefined;
  const order = (["recent", "popular"] as const)
    .map((one) => `<a href="${escapeText(addressOf({ q, tag, sort: one }))}"${one === sort ? ' aria-current="true"' : ""}>${say[one]}</a>`).join("");
  return [
    `<div class="gallery"><header class="gallery-head"><h1>${say.title}</h1><p>${say.intro} <a href="/d">${say.databases}</a></p>`,
    `<form class="gallery-search" role="search" action="/gallery" method="get"><input type="search" name="q" value="${escapeText(q)}" maxlength="200" aria-label="${say.search}" placeholder="${say.search}">`,
    tag === undefined ? "" : `<input type="hidden" name="tag" value="${escapeText(tag)}">`,
    sort === "popular" ? '<input type="hidden" name="sort" value="popular">' : "",
    `<button type="submit">${say.find}</button></form>`,
    `<div class="gallery-bar"><p>${isNarrowed || items.length > 0 ? say.found(items.length, nextCursor !== null || !view.isFirstPage) : ""}${tag === undefined ? "" : ` · ${escapeText(say.tagged(tag))}`}${isNarrowed ? ` · <a href="/gallery">${say.all}</a>` : ""}</p>`,
    items.length > 1 || sort === "popular" ? `<nav class="gallery-order" aria-label="${say.sort}">${order}</nav>` : "",
    "</div></header>",
    items.length === 0 ? emptyHtml(view) : `<ul class="gallery-cards">${items.map((item) => cardHtml(item, language)).join("")}</ul>`,
    nextCursor === null ? "" : `<p class="gallery-more"><a rel="next" href="${escapeText(addressOf(view, nextCursor))}">${say.more}</a></p>`,
    "</div>",
  ].join("");
}

function emptyHtml({ language, q, tag }: GalleryView): string {
  const say = words[language];
  const isNarrowed = q !== "" || tag !== undefined;
  return `<div class="gallery-empty"><p><strong>${isNarrowed ? say.none : say.empty}</strong></p><p>${isNarrowed ? say.noneHint : say.emptyHint}</p></div>`;
}

function cardHtml({ slug, definition, tags, views, published_at, revision }: Listed, language: Language): string {
  const say = words[language];
  const { title, description } = definition;
  const { width, height } = cardPixels;
  const shownTags = tags.slice(0, 4).map((tag) => `<a class="tag" href="/gallery?tag=${encodeURIComponent(tag)}">${escapeText(tag)}</a>`).join("");
  return [
    `<li class="card"><img src="/r/${slug}/picture.png?r=${revision}" alt="${escapeText(say.pictureOf(title))}" width="${width}" height="${height}" loading="lazy" decoding="async">`,
    `<div class="card-text"${definition.language === language ? "" : ` lang="${definition.language}"`}><h2><a href="/r/${slug}">${escapeText(title)}</a></h2>${description ? `<p>${escapeText(description)}</p>` : ""}</div>`,
    `<p class="card-foot"><time datetime="${published_at.toISOString()}">${dayOf(published_at, language)}</time>${views > 0 ? ` · ${say.views(countOf(views, language))}` : ""}</p>`,
    shownTags ? `<p class="card-tags">${shownTags}</p>` : "",
    "</li>",
  ].join("");
}

/** For an address that shows no report (any more). */
export function notFoundBody(language: Language): string {
  const say = words[language];
  return `<div class="gallery-empty"><h1>${say.notFound}</h1><p>${say.notFoundText}</p><p><a href="/gallery">${say.toGallery}</a></p></div>`;
}

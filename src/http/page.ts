import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyRequest } from "fastify";
import { escapeText } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { chooseEncoding, pack } from "./files.ts";
import { languageCookie } from "./language.ts";
import { answer } from "./routes.ts";
import type { Answer } from "./routes.ts";
import { contentPolicy } from "./walls.ts";
import { frameWords, languageNames } from "./words.ts";

/** The built stylesheet and script of the pages that the server writes; null before the first build. */
export interface PageFiles {
  style: string | null;
  script: string | null;
}

export interface PageParts {
  language: Language;
  title: string;
  description?: string;
  /** The inner HTML of main, escaped by who made it. */
  body: string;
  /** More elements of the head, as the description for messengers. */
  head?: string;
  /** CSS that belongs to this page alone; it is allowed by its hash. */
  style?: string;
  /** Of the body element. */
  className?: string;
  /** The entry of the navigation that this page is. */
  current?: "gallery" | "trust" | "docs" | "status" | "privacy" | "terms";
  /** What the address says beside the language, which stays when the language is changed: `version=2`. */
  search?: string;
  /** The page comes alive with the built script; without it the page is the same, only still. */
  isAlive?: boolean;
  /** The page is in one language only, whatever the reader's: it offers no switch. */
  isOneLanguage?: boolean;
}

/** A page ready to be sent as often as wanted. */
export interface Page {
  headers: Record<string, string>;
  encodings: Partial<Record<"br" | "gzip" | "identity", Buffer>>;
  bytes: number;
}

const entry = "src/page/page.ts";

/** Finds the page's files by the build's own list: their names change with their contents. */
export function findPageFiles(dist: string): PageFiles {
  const list = join(dist, ".vite/manifest.json");
  if (!existsSync(list)) return { style: null, script: null };
  const { file, css } = (JSON.parse(readFileSync(list, "utf8")) as Record<string, { file: string; css?: string[] }>)[entry] ?? {};
  return { script: file ? `/${file}` : null, style: css?.[0] ? `/${css[0]}` : null };
}

/** The whole document around a page's body: complete without scripts, under a policy that allows nothing inline. */
export function makePage(files: PageFiles, parts: PageParts): Page {
  const html = Buffer.from(documentOf(files, parts));
  return {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-language": parts.language,
      vary: "accept-encoding",
      "content-security-policy": contentPolicy(parts.style ? { styleHash: createHash("sha256").update(parts.style).digest("base64") } : {}),
    },
    encodings: { identity: html },
    bytes: html.length,
  };
}

/** Sends a page, packed as the browser takes it. A choice of language in the address is remembered. */
export function sendPage(request: FastifyRequest, page: Page, options: { status?: number; cacheControl?: string } = {}): Answer {
  const encoding = chooseEncoding(request.headers["accept-encoding"]);
  const body = (page.encodings[encoding] ??= pack(page.encodings.identity!, encoding));
  const asked = (request.query as { lang?: unknown } | undefined)?.lang;
  const headers = {
    ...page.headers,
    "cache-control": options.cacheControl ?? "no-cache",
    ...(encoding === "identity" ? {} : { "content-encoding": encoding }),
    ...(asked === "en" || asked === "ja" ? { "set-cookie": `${languageCookie}=${asked}; Path=/; SameSite=Lax; Max-Age=31536000; Secure` } : {}),
  };
  return answer({ status: options.status ?? 200, headers, body });
}

function documentOf(files: PageFiles, parts: PageParts): string {
  const { language, title, description, body, head = "", style, className = "" } = parts;
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<title>${escapeText(title)} · Kliv</title>`,
    description ? `<meta name="description" content="${escapeText(description)}">` : "",
    '<link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="apple-touch-icon" href="/icon-192.png"><link rel="manifest" href="/manifest.webmanifest">',
    files.style ? `<link rel="stylesheet" href="${files.style}">` : "",
    style ? `<style>${style}</style>` : "",
    head,
    parts.isAlive && files.script ? `<script type="module" src="${files.script}"></script>` : "",
    `</head><body${className ? ` class="${className}"` : ""}>`,
    headerOf(parts),
    `<main id="content">${body}</main>`,
    footerOf(parts),
    "</body></html>",
  ].join("");
}

const logo =
  '<svg viewBox="0 0 64 64" width="24" height="24" aria-hidden="true"><rect class="logo-ground" width="64" height="64" rx="14"/><g class="logo-ink"><rect x="15" y="14" width="8" height="36" rx="2"/><path d="M27 31.2 41.6 15.3a4 4 0 0 1 3-1.3h4.2L33.4 31.2z" opacity=".72"/><path d="M27 32.8 42 48.9a4 4 0 0 0 3 1.1h4.6L33.6 32.8z"/></g></svg>';

function headerOf({ language, current }: PageParts): string {
  const words = frameWords[language];
  const link = (name: "gallery" | "trust" | "docs", href: string): string =>
    `<a href="${href}"${current === name ? ' aria-current="page"' : ""}>${words[name]}</a>`;
  return [
    `<a class="skip" href="#content">${words.skip}</a><header class="frame-header"><div class="frame-inner"><a class="frame-logo" href="/gallery">${logo}<span>Kliv</span></a>`,
    `<nav aria-label="${words.navigation}">${link("gallery", "/gallery")}${link("trust", "/trust")}${link("docs", "/api/docs")}<a class="frame-enter" href="/">${words.enter}</a></nav></div></header>`,
  ].join("");
}

function footerOf({ language, current, isOneLanguage, search }: PageParts): string {
  const words = frameWords[language];
  const other = language === "en" ? "ja" : "en";
  const change = isOneLanguage ? "" : `<a href="?${search ? `${escapeText(search)}&amp;` : ""}lang=${other}" hreflang="${other}" lang="${other}" rel="nofollow">${languageNames[other]}</a>`;
  return `<footer class="frame-footer"><div class="frame-inner"><p>Kliv · ${words.tagline}</p><nav aria-label="${words.language}">${(["status", "privacy", "terms"] as const).map((name) => `<a href="/${name}"${current === name ? ' aria-current="page"' : ""}>${words[name]}</a>`).join("")}${change}</nav></div></footer>`;
}

import { escapeText } from "#src/base/escape.ts";
import { problemBody } from "#src/base/problems/problem.ts";
import type { Language, Problem } from "#src/base/problems/problem.ts";
import type { QueryResult } from "#src/rooms/queries/queries.ts";
import type { OpenDatabase } from "./publicdatabases.ts";
import { publicLimits } from "./schema.ts";
import { countOf, dayOf, sizeOf, words } from "./words.ts";

export interface DatabaseView {
  language: Language;
  origin: string;
  database: OpenDatabase;
  /** The table that is shown; null where the database has none. */
  table: string | null;
  sample: QueryResult | Problem | null;
  /** As it was asked, or one to begin with. */
  sql: string;
  /** To the question, if one was asked. */
  answer: QueryResult | Problem | null;
}

const isProblem = (value: QueryResult | Problem): value is Problem => "options" in value;
const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Allowed by its hash, on these pages alone. */
export const pageStyle = [
  ".pd-facts{color:var(--ink-2);display:flex;flex-wrap:wrap;gap:2px 18px;margin-top:6px;font-size:.92rem}",
  ".pd-text{margin-top:10px;max-width:70ch;white-space:pre-line}",
  ".pd-tables{display:flex;flex-wrap:wrap;gap:8px;margin:26px 0 0;padding:0;list-style:none}.pd-tables+.pd-two{margin-top:16px}",
  ".pd-tables a{display:inline-block;padding:5px 13px;border:1px solid var(--line);border-radius:999px;color:inherit;text-decoration:none;font-size:.9rem}",
  ".pd-tables a:hover{border-color:var(--ink-2)}.pd-tables a[aria-current]{background:var(--ink);color:var(--paper);border-color:var(--ink)}",
  ".pd-two{display:grid;grid-template-columns:minmax(0,1fr) 260px;gap:26px;align-items:start;margin-top:28px}@media(max-width:820px){.pd-two{grid-template-columns:minmax(0,1fr)}}",
  ".pd-scroll{overflow:auto;max-height:460px;border:1px solid var(--line);border-radius:8px}",
  ".pd-scroll table{border-collapse:collapse;width:100%;font-size:.88rem;overflow-wrap:normal}.pd-scroll th,.pd-scroll td{text-align:left;padding:5px 12px;border-bottom:1px solid var(--line);white-space:nowrap;max-width:340px;overflow:hidden;text-overflow:ellipsis}",
  ".pd-scroll th{position:sticky;top:0;background:var(--surface);font-weight:600}.pd-scroll td.n,.pd-scroll th.n{text-align:right}.pd-scroll tr:last-child td{border-bottom:0}",
  ".pd-columns{list-style:none;margin:8px 0 0;padding:0;border:1px solid var(--line);border-radius:8px;font-size:.9rem;max-height:460px;overflow:auto}.pd-columns li{display:flex;justify-content:space-between;gap:12px;padding:5px 12px;border-bottom:1px solid var(--line)}.pd-columns li:last-child{border:0}.pd-columns code{color:var(--ink-2);font-size:.8rem;flex:none}",
  ".pd-head{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:baseline;justify-content:space-between;margin-bottom:8px}.pd-links{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:.9rem}",
  ".pd-ask{margin-top:36px}.pd-ask form{display:grid;gap:8px;margin:8px 0 14px}.pd-ask textarea{width:100%;min-height:110px;padding:10px 12px;border:1px solid var(--ink-2);border-radius:8px;background:var(--paper);color:inherit;font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;resize:vertical}",
  ".pd-ask form p{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center}.pd-ask button{background:var(--accent);border-color:var(--accent);color:var(--paper);padding-inline:18px}",
  ".pd-trouble{border:1px solid var(--bad);border-radius:8px;padding:10px 14px}.pd-trouble strong{color:var(--bad)}.pd-note{margin:8px 0}",
  ".pd-program{margin-top:30px}.pd-program pre{overflow:auto;padding:12px 14px;border:1px solid var(--line);border-radius:8px;background:var(--surface);font-size:.82rem}",
  ".pd-list{list-style:none;margin:22px 0 0;padding:0;display:grid;gap:14px}.pd-list li{border:1px solid var(--line);border-radius:10px;padding:16px 18px}.pd-list h2 a{color:inherit}.pd-list p{color:var(--ink-2);margin-top:3px}",
].join("");

export const addressOf = (slug: string, options: { table?: string; sql?: string } = {}): string => {
  const search = new URLSearchParams(Object.entries(options).filter(([, value]) => value !== undefined) as [string, string][]);
  return `/d/${slug}${search.size > 0 ? `?${search}` : ""}`;
};

/** The inner HTML of a database's page: complete without scripts. */
export function databaseBody(view: DatabaseView): string {
  const { language, database } = view;
  const { slug, name, description, tables, updatedAt, version } = database;
  const say = words[language];
  return [
    `<article><header><p class="quiet"><a href="/d">${say.list}</a></p><h1>${escapeText(name)}</h1>`,
    `<p class="pd-facts"><span>${factsOf(database, language)}</span><span>${say.updated} <time datetime="${updatedAt.toISOString()}">${dayOf(updatedAt, language)}</time></span></p>`,
    description ? `<p class="pd-text">${escapeText(description)}</p>` : "",
    `<p class="pd-links pd-text"><span>${say.download}:</span><a href="/api/v1/public/databases/${slug}/download" download>${say.wholeFile} (${sizeOf(version.sizeBytes, language)})</a></p></header>`,
    tables.length > 1 ? tabsHtml(view) : "",
    tableHtml(view),
    askHtml(view),
    programHtml(view),
    "</article>",
  ].join("");
}

function factsOf({ tables }: OpenDatabase, language: Language): string {
  const say = words[language];
  const rows = tables.reduce((sum, table) => sum + (table.rows ?? 0), 0);
  return `${say.tables(countOf(tables.length, language), tables.length === 1)} · ${say.rows(countOf(rows, language), rows === 1)}`;
}

function tabsHtml({ database: { slug, tables }, table, language }: DatabaseView): string {
  const links = tables.slice(0, publicLimits.tablesShown).map(({ name }) => `<li><a href="${escapeText(addressOf(slug, { table: name }))}"${name === table ? ' aria-current="true"' : ""}>${escapeText(name)}</a></li>`);
  const more = tables.length - publicLimits.tablesShown;
  return `<ul class="pd-tables">${links.join("")}${more > 0 ? `<li class="quiet">${words[language].moreTables(countOf(more, language))}</li>` : ""}</ul>`;
}

function tableHtml({ database: { slug, tables }, table, sample, language }: DatabaseView): string {
  const say = words[language];
  const shown = tables.find(({ name }) => name === table);
  if (!shown || table === null || sample === null) return "";
  const exports = (["csv", "json", "ndjson"] as const).map((format) => `<a href="/api/v1/public/databases/${slug}/tables/${escapeText(encodeURIComponent(table))}/export?format=${format}" rel="nofollow" download>${format === "ndjson" ? "JSON Lines" : format.toUpperCase()}</a>`);
  const rows = isProblem(sample) ? troubleHtml(sample, say.sampleFailed, language) : gridHtml(sample, table, language);
  return [
    `<section class="pd-two" aria-labelledby="table"><div><div class="pd-head"><h2 id="table">${escapeText(table)}${shown.rows === null ? "" : ` <span class="quiet">${say.rows(countOf(shown.rows, language), shown.rows === 1)}</span>`}</h2><p class="pd-links">${exports.join("")}</p></div>`,
    rows, isProblem(sample) || !sample.truncated ? "" : `<p class="quiet pd-note">${say.first(countOf(sample.rows.length, language))}</p>`,
    `</div><div><h3>${say.columns}</h3><ul class="pd-columns" tabindex="0" aria-label="${say.columns}">${shown.columns.map((column) => `<li><span>${escapeText(column.name)}</span><code>${escapeText(column.type.toLowerCase())}</code></li>`).join("")}</ul></div></section>`,
  ].join("");
}

function askHtml({ database: { slug }, sql, answer, table, language }: DatabaseView): string {
  const say = words[language];
  return [
    `<section class="pd-ask" id="ask"><h2>${say.ask}</h2><form action="/d/${slug}#ask" method="get">`,
    table === null ? "" : `<input type="hidden" name="table" value="${escapeText(table)}">`,
    // A line break at its beginning is not part of a text area's text.
    `<textarea name="sql" aria-label="SQL" maxlength="${publicLimits.sqlCharactersMax}" spellcheck="false" autocapitalize="off" autocomplete="off" required>\n${escapeText(sql)}</textarea><p><button type="submit">${say.run}</button><span class="quiet">${say.askHint}</span></p></form>`,
    answer === null ? "" : `<div role="status">${answerHtml(answer, language)}</div>`,
    "</section>",
  ].join("");
}

function answerHtml(answer: QueryResult | Problem, language: Language): string {
  const say = words[language];
  if (isProblem(answer)) return troubleHtml(answer, say.failed, language);
  const rowsOf = (count: number): string => say.rows(countOf(count, language), count === 1);
  return [
    `<p class="quiet pd-note">${say.answer(rowsOf(answer.rowCount), countOf(Math.round(answer.elapsedMs), language))}${answer.truncated ? ` · ${say.cut(rowsOf(answer.rows.length))}` : ""}</p>`,
    answer.rows.length === 0 ? `<p>${say.noRows}</p>` : gridHtml(answer, say.answered, language),
  ].join("");
}

function troubleHtml(problem: Problem, title: string, language: Language): string {
  const { line, column } = problem.options;
  const { detail } = problemBody(problem, language) as { detail: string };
  return `<div class="pd-trouble"><p><strong>${title}</strong></p><p>${escapeText(detail)}${line === undefined ? "" : ` ${words[language].place(line, column ?? 1)}`}</p></div>`;
}

const cellCharactersMax = 300;

function gridHtml({ columns, rows }: QueryResult, label: string, language: Language): string {
  const numeric = columns.map((_, at) => rows.some((row) => typeof row[at] === "number") && rows.every((row) => row[at] === null || typeof row[at] === "number"));
  const cell = (value: unknown): string => {
    if (value === null) return `<span class="quiet">${words[language].nothing}</span>`;
    if (typeof value === "object") return `<span class="quiet">${words[language].bytes(countOf(Buffer.byteLength((value as { base64: string }).base64, "base64"), language))}</span>`;
    const text = String(value);
    return escapeText(text.length > cellCharactersMax ? `${text.slice(0, cellCharactersMax).toWellFormed()}…` : text);
  };
  const mark = (at: number): string => (numeric[at] ? ' class="n"' : "");
  return [
    `<div class="pd-scroll" tabindex="0" role="region" aria-label="${escapeText(label)}"><table><thead><tr>${columns.map(({ name }, at) => `<th scope="col"${mark(at)}>${escapeText(name)}</th>`).join("")}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map((value, at) => `<td${mark(at)}>${cell(value)}</td>`).join("")}</tr>`),
    "</tbody></table></div>",
  ].join("");
}

function programHtml({ origin, database: { slug }, table, language }: DatabaseView): string {
  const sql = `select count(*) from ${table === null ? "sqlite_schema" : quoteName(table)}`;
  // What a shell takes apart is not shown as something to type.
  const shown = /^[\w ()*"]+$/.test(sql) ? sql : "select 1";
  const text = `curl ${origin}/api/v1/public/databases/${slug}/query \\\n  -H "Content-Type: application/json" \\\n  -d '${JSON.stringify({ sql: shown })}'`;
  return `<section class="pd-program"><h2>${words[language].program}</h2><pre tabindex="0" class="pd-note"><code>${escapeText(text)}</code></pre><p class="quiet"><a href="/api/docs">API</a></p></section>`;
}

/** A question to begin with. */
export function firstSql(table: string | null): string {
  return table === null ? "" : `select *\nfrom ${quoteName(table)}\nlimit 100`;
}

/** How messengers and search engines show the page; answers to questions are no pages of their own. */
export function databaseHead(origin: string, { slug, name, description }: OpenDatabase, { language, isAnswer }: { language: Language; isAnswer: boolean }): string {
  const url = `${origin}/d/${slug}`;
  const text = (description || words[language].of(name)).slice(0, 300);
  const properties: [string, string][] = [
    ["og:type", "website"], ["og:site_name", "Kliv"], ["og:title", name], ["og:description", text], ["og:url", url], ["og:locale", language === "ja" ? "ja_JP" : "en_GB"],
    ["og:image", `${origin}/icon-512.png`], ["og:image:type", "image/png"],
  ];
  return [
    isAnswer ? '<meta name="robots" content="noindex, nofollow">' : `<link rel="canonical" href="${url}">`,
    ...properties.map(([property, content]) => `<meta property="${property}" content="${escapeText(content)}">`),
    '<meta name="twitter:card" content="summary">',
  ].join("");
}

/** The inner HTML of the list. */
export function listBody({ language, q, items, nextCursor }: { language: Language; q: string; items: OpenDatabase[]; nextCursor: string | null }): string {
  const say = words[language];
  const next = new URLSearchParams({ ...(q ? { q } : {}), ...(nextCursor ? { cursor: nextCursor } : {}) });
  const empty = `<div class="gallery-empty"><p><strong>${q ? say.none : say.empty}</strong></p><p>${q ? say.noneHint : say.emptyHint}</p></div>`;
  return [
    `<div class="gallery"><header class="gallery-head"><h1>${say.list}</h1><p>${say.listIntro} <a href="/gallery">${say.toGallery}</a></p>`,
    `<form class="gallery-search" role="search" action="/d" method="get"><input type="search" name="q" value="${escapeText(q)}" maxlength="200" aria-label="${say.search}" placeholder="${say.search}"><button type="submit">${say.find}</button></form>${q ? `<p><a href="/d">${say.all}</a></p>` : ""}</header>`,
    items.length === 0 ? empty : `<ul class="pd-list">${items.map((item) => itemHtml(item, language)).join("")}</ul>`,
    nextCursor === null ? "" : `<p class="gallery-more"><a rel="next" href="${escapeText(`/d?${next}`)}">${say.more}</a></p>`,
    "</div>",
  ].join("");
}

function itemHtml(database: OpenDatabase, language: Language): string {
  const { slug, name, description, updatedAt, version } = database;
  return `<li><h2><a href="/d/${slug}">${escapeText(name)}</a></h2>${description ? `<p>${escapeText(description.length > 300 ? `${description.slice(0, 300).toWellFormed()}…` : description)}</p>` : ""}<p class="quiet">${factsOf(database, language)} · ${sizeOf(version.sizeBytes, language)} · <time datetime="${updatedAt.toISOString()}">${dayOf(updatedAt, language)}</time></p></li>`;
}

export function notFoundBody(language: Language): string {
  const say = words[language];
  return `<div class="gallery-empty"><h1>${say.notFound}</h1><p>${say.notFoundText}</p><p><a href="/d">${say.toList}</a></p></div>`;
}

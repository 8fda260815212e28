import type { Language } from "#src/base/problems/problem.ts";
import { kinds, sections, states } from "./promise.ts";
import type { Section, State } from "./promise.ts";
import type { PromiseView } from "./schema.ts";
import { kindWords, pageWords, sectionWords, stateWords } from "./words.ts";

type Words = (typeof pageWords)[Language];

/**
 * The inner HTML of the trust page: `<h1>`, counts, legends, then a section each. Complete without scripts or inline styles.
 * Classes: trust-counts, trust-count, trust-legend, trust-contents, trust-section, trust-promise, trust-state, trust-facts;
 * a state adds `is-kept`, `is-broken`, `is-unknown` or `is-not-promised`.
 */
export function trustPage(options: { language: Language; promises: readonly PromiseView[]; checkedNow?: number }): string {
  const { language, promises, checkedNow } = options;
  const words = pageWords[language];
  const used = sections.filter((section) => promises.some((promise) => promise.section === section));
  return [
    `<h1>${escape(words.title)}</h1>`,
    `<p class="trust-intro">${escape(words.intro)}</p>`,
    checkedNow === undefined ? "" : `<p class="trust-checked" role="status">${escape(words.checkedNow(checkedNow))}</p>`,
    `<section class="trust-summary" aria-labelledby="trust-summary"><h2 id="trust-summary">${escape(words.summary)}</h2>`,
    `<p>${escape(words.promises(promises.length))}</p>${counts(promises, language)}</section>`,
    legend({ id: "trust-states", title: words.stateLegend, items: states.map((state) => ({ head: badge(state, language), text: stateWords[state].meaning[language] })) }),
    legend({ id: "trust-kinds", title: words.kindLegend, items: kinds.map((kind) => ({ head: escape(kindWords[kind].name[language]), text: kindWords[kind].meaning[language] })) }),
    `<nav class="trust-contents" aria-label="${escape(words.contents)}"><ol>`,
    ...used.map((section) => `<li><a href="#${section}">${escape(sectionWords[section][language])}</a></li>`),
    "</ol></nav>",
    ...used.map((section) => sectionHtml({ section, promises: promises.filter((promise) => promise.section === section), language })),
  ].join("");
}

function counts(promises: readonly PromiseView[], language: Language): string {
  const items = states.map((state) => {
    const count = promises.filter((promise) => promise.state === state).length;
    return `<li class="trust-count is-${state}"><span class="trust-number">${count}</span> <span>${escape(stateWords[state].name[language])}</span></li>`;
  });
  return `<ul class="trust-counts">${items.join("")}</ul>`;
}

function legend({ id, title, items }: { id: string; title: string; items: { head: string; text: string }[] }): string {
  const rows = items.map(({ head, text }) => `<div><dt>${head}</dt><dd>${escape(text)}</dd></div>`);
  return `<section class="trust-legend" aria-labelledby="${id}"><h2 id="${id}">${escape(title)}</h2><dl>${rows.join("")}</dl></section>`;
}

function sectionHtml({ section, promises, language }: { section: Section; promises: readonly PromiseView[]; language: Language }): string {
  const title = escape(sectionWords[section][language]);
  return `<section class="trust-section" id="${section}" aria-labelledby="${section}-title"><h2 id="${section}-title">${title}</h2>${counts(promises, language)}${promises
    .map((promise) => promiseHtml(promise, language))
    .join("")}</section>`;
}

function promiseHtml(promise: PromiseView, language: Language): string {
  const words = pageWords[language];
  const { name } = kindWords[promise.kind];
  const checked = promise.checkedAt === null ? escape(words.neverChecked) : `<time datetime="${escape(promise.checkedAt)}">${escape(moment(promise.checkedAt, language))}</time>`;
  return [
    `<article class="trust-promise is-${promise.state}" id="${escape(promise.id)}">`,
    `<h3>${badge(promise.state, language)} <a href="#${escape(promise.id)}">${escape(promise.id)}</a> <span class="trust-kind">${escape(name[language])}</span></h3>`,
    `<p class="trust-statement">${escape(promise.statement[language])}</p>`,
    `<dl><div><dt>${escape(words.evidenceLabel)}</dt><dd>${escape(promise.evidence.summary[language])}</dd></div>`,
    `<div><dt>${escape(words.checkedLabel)}</dt><dd>${checked}</dd></div></dl>`,
    `<details><summary>${escape(words.proofLabel)}</summary><dl>`,
    `<div><dt>${escape(words.mustLabel)}</dt><dd>${escape(promise.must[language])}</dd></div>`,
    `<div><dt>${escape(words.proofLabel)}</dt><dd>${escape(promise.proof[language])}</dd></div></dl>`,
    facts(promise, words),
    "</details></article>",
  ].join("");
}

function facts(promise: PromiseView, words: Words): string {
  const all = Object.entries(promise.evidence.facts);
  if (all.length === 0) return "";
  const rows = all.map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(factText(value, words))}</td></tr>`);
  return `<table class="trust-facts"><caption>${escape(words.factsLabel)}</caption><tbody>${rows.join("")}</tbody></table>`;
}

function factText(value: string | number | boolean, words: Words): string {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return String(value);
}

function badge(state: State, language: Language): string {
  return `<span class="trust-state is-${state}">${escape(stateWords[state].name[language])}</span>`;
}

// In UTC, said so: a reader of evidence should not have to guess the server's time zone.
function moment(iso: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return `${format.format(Date.parse(iso))} ${pageWords[language].utc}`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

import { escapeText as escape } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { WallsSeen } from "#src/base/sandbox/command.ts";
import { statusWords, wallsText } from "#src/http/words.ts";
import { placesWords } from "./places.ts";
import { kinds, sections, states } from "./promise.ts";
import type { Section, State } from "./promise.ts";
import type { PromiseView } from "./schema.ts";
import { factValues, factWords, kindWords, pageWords, sectionWords, stateWords } from "./words.ts";

/** The inner HTML of the trust page: counts, legends, then the page's sections with their promises. Complete without scripts. */
export function trustPage(options: { language: Language; promises: readonly PromiseView[]; walls: WallsSeen }): string {
  const { language, promises, walls } = options;
  const words = pageWords[language];
  const used = sections.filter((section) => promises.some((promise) => promise.section === section));
  return [
    `<div class="trust"><header><h1>${escape(words.title)}</h1><p class="trust-intro">${escape(words.intro)}</p>`,
    `<section aria-labelledby="trust-summary"><h2 class="kliv-hidden" id="trust-summary">${escape(words.summary)}</h2><p class="trust-parties"><a href="/trust/subprocessors">${escape(words.parties)}</a></p><p class="trust-parties"><a href="/trust/places">${escape(placesWords[language].link)}</a></p><p class="trust-walls"><strong>${escape(statusWords[language].sandboxTitle)}</strong> ${escape(wallsText(walls, language))}</p><p class="trust-total">${escape(words.promises(promises.length))}</p>${counts(promises, language, states)}</section>`,
    `<details class="trust-legend"><summary>${escape(words.legend)}</summary>`,
    legend({ title: words.stateLegend, items: states.map((state) => ({ head: badge(state, language), text: stateWords[state].meaning[language] })) }),
    legend({ title: words.kindLegend, items: kinds.map((kind) => ({ head: `<span class="trust-kind">${escape(kindWords[kind].name[language])}</span>`, text: kindWords[kind].meaning[language] })) }),
    `</details></header><nav class="trust-contents" aria-label="${escape(words.contents)}"><ol>`,
    ...used.map((section) => `<li><a href="#${section}">${escape(sectionWords[section][language])}</a></li>`),
    '</ol></nav><div class="trust-sections">',
    ...used.map((section) => sectionHtml({ section, promises: promises.filter((promise) => promise.section === section), language })),
    "</div></div>",
  ].join("");
}

function counts(promises: readonly PromiseView[], language: Language, shown: readonly State[]): string {
  const items = shown.map((state) => {
    const count = promises.filter((promise) => promise.state === state).length;
    return `<li class="trust-count is-${state}"><span class="trust-number">${count}</span> <span>${escape(stateWords[state].name[language])}</span></li>`;
  });
  return `<ul class="trust-counts">${items.join("")}</ul>`;
}

function legend({ title, items }: { title: string; items: { head: string; text: string }[] }): string {
  const rows = items.map(({ head, text }) => `<div><dt>${head}</dt><dd>${escape(text)}</dd></div>`);
  return `<h2>${escape(title)}</h2><dl>${rows.join("")}</dl>`;
}

function sectionHtml({ section, promises, language }: { section: Section; promises: readonly PromiseView[]; language: Language }): string {
  const title = escape(sectionWords[section][language]);
  const present = states.filter((state) => promises.some((promise) => promise.state === state));
  return `<section class="trust-section" id="${section}" aria-labelledby="${section}-title"><div class="trust-section-head"><h2 id="${section}-title">${title}</h2>${counts(promises, language, present)}</div>${promises
    .map((promise) => promiseHtml(promise, language))
    .join("")}</section>`;
}

function promiseHtml(promise: PromiseView, language: Language): string {
  const words = pageWords[language];
  const id = escape(promise.id);
  const checked = promise.checkedAt === null ? "" : ` <span class="trust-checked">${escape(words.checkedLabel)} <time datetime="${escape(promise.checkedAt)}">${escape(moment(promise.checkedAt, language))}</time></span>`;
  return [
    `<article class="trust-promise is-${promise.state}" id="${id}">`,
    `<p class="trust-line">${badge(promise.state, language)} <a href="#${id}">${id}</a> <span class="trust-kind">${escape(kindWords[promise.kind].name[language])}</span></p>`,
    `<h3>${escape(promise.statement[language])}</h3>`,
    `<p class="trust-evidence">${escape(promise.evidence.summary[language])}${checked}</p>`,
    `<details><summary>${escape(words.detailsLabel)}<span class="kliv-hidden"> ${id}</span></summary><dl>`,
    `<div><dt>${escape(words.mustLabel)}</dt><dd>${escape(promise.must[language])}</dd></div>`,
    `<div><dt>${escape(words.proofLabel)}</dt><dd>${escape(promise.proof[language])}</dd></div></dl>`,
    facts(promise, language),
    "</details></article>",
  ].join("");
}

function facts(promise: PromiseView, language: Language): string {
  const all = Object.entries(promise.evidence.facts);
  if (all.length === 0) return "";
  const words = pageWords[language];
  const rows = all.map(([name, value]) => `<tr><th scope="row">${escape(factName(name, language))}</th><td>${escape(factText(value, language))}</td></tr>`);
  return `<table class="trust-facts"><caption>${escape(words.factsLabel)}</caption><tbody>${rows.join("")}</tbody></table>`;
}

/** A fact's name in the reader's words; a name may carry one more word, as the port that the fact is about. */
function factName(name: string, language: Language): string {
  const [, key = name, about = ""] = /^(\w+)(?: (.+))?$/.exec(name) ?? [];
  return Object.hasOwn(factWords, key) ? factWords[key]![language].replace("{about}", valueWord(about, language)) : name;
}

function factText(value: string | number | boolean, language: Language): string {
  if (typeof value === "boolean") return value ? pageWords[language].yes : pageWords[language].no;
  return typeof value === "number" ? value.toLocaleString(language) : valueWord(value, language);
}

const valueWord = (text: string, language: Language): string => (Object.hasOwn(factValues, text) ? factValues[text]![language] : text);

function badge(state: State, language: Language): string {
  return `<span class="state is-${state}">${escape(stateWords[state].name[language])}</span>`;
}

// In UTC, said so: a reader of evidence should not have to guess the server's time zone.
function moment(iso: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return `${format.format(Date.parse(iso))} ${pageWords[language].utc}`;
}

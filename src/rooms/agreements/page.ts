import { escapeText as escape } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { compareTexts } from "./compare.ts";
import type { Kind, Version } from "./schema.ts";
import { bodyHtml, bodyOf, hasTitle, passageHtml } from "./text.ts";
import { pageWords } from "./words.ts";

export interface Shown extends Version {
  text: Record<Language, string>;
  versions: Version[];
  /** An earlier version, to say what is different from it. */
  compared?: { version: number; text: Record<Language, string> };
}

/** The inner HTML of a document's page: what it is and since when, its text, and the way to its other versions. */
export function agreementPage({ language, shown }: { language: Language; shown: Shown }): string {
  const words = pageWords[language];
  const label = shown.state === "current" ? words.since : shown.state === "upcoming" ? words.from : words.was;
  return [
    '<article class="agreement"><header>',
    `<h1>${escape(shown.title[language])}</h1>`,
    `<p class="quiet">${words.version(shown.version)} · ${label}${day(shown.effectiveAt, language)}</p>`,
    shown.compared ? comparedNotice(shown, shown.compared.version, language) : notices(shown, language),
    shown.changes ? `<section class="agreement-changes"><h2>${words.changes}</h2><p>${escape(shown.changes[language])}</p></section>` : "",
    `</header><div class="prose">${shown.compared ? comparedHtml(shown.text[language], shown.compared.text[language], language) : bodyHtml(shown.text[language])}</div>`,
    `<footer><h2>${words.versions}</h2><ul>${shown.versions.map((one) => versionLine({ one, shown, language })).join("")}</ul>`,
    `<p class="quiet">${words.checksum}<code>${shown.sha256}</code></p></footer></article>`,
  ].join("");
}

function notices(shown: Shown, language: Language): string {
  const words = pageWords[language];
  const link = (one: Version, text: string): string => `<a href="/${one.kind}?version=${one.version}">${text}</a>`;
  const current = shown.versions.find((one) => one.state === "current");
  const upcoming = shown.versions.find((one) => one.state === "upcoming");
  if (shown.state !== "current") {
    const text = shown.state === "upcoming" ? words.isUpcoming : words.isPast;
    return `<p class="agreement-notice">${text} ${current ? `<a href="/${current.kind}">${words.readCurrent}</a>` : ""}</p>`;
  }
  return upcoming ? `<p class="agreement-notice">${words.upcoming(upcoming.version)}${day(upcoming.effectiveAt, language)}${language === "ja" ? "。" : "."} ${link(upcoming, words.readUpcoming)}</p>` : "";
}

/** The whole text in order, with what was added and what was taken out named as that: colour alone says it to nobody who does not see it. */
function comparedHtml(text: string, before: string, language: Language): string {
  const words = pageWords[language];
  const html = (passage: string): string => passageHtml(passage, hasTitle(text));
  return compareTexts(bodyOf(before), bodyOf(text))
    .map(({ is, text: passage }) => (is === "same" ? html(passage) : `<div class="agreement-${is}"><p class="agreement-mark">${words[is]}</p>${html(passage)}</div>`))
    .join("");
}

function comparedNotice(shown: Shown, before: number, language: Language): string {
  const words = pageWords[language];
  const isSame = compareTexts(bodyOf(shown.compared!.text[language]), bodyOf(shown.text[language])).every((one) => one.is === "same");
  return `<p class="agreement-notice">${isSame ? words.nothingDiffers(before) : words.compared(before)} <a href="/${shown.kind}?version=${shown.version}">${words.withoutMarks}</a></p>`;
}

function versionLine({ one, shown, language }: { one: Version; shown: Shown; language: Language }): string {
  const words = pageWords[language];
  const state = { current: words.current, upcoming: words.next, past: words.past }[one.state];
  const compare = one.version > 1 ? ` · <a href="/${one.kind}?version=${one.version}&amp;compare=${one.version - 1}">${words.compare(one.version - 1)}</a>` : "";
  const here = one.version === shown.version && !shown.compared ? ' aria-current="page"' : "";
  return `<li><a href="/${one.kind}?version=${one.version}"${here}>${words.version(one.version)}</a> <span class="quiet">${day(one.effectiveAt, language)} · ${state}</span>${compare}</li>`;
}

/** In UTC, as a version's time is given. */
function day(iso: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "long", timeZone: "UTC" });
  return `<time datetime="${iso}">${format.format(Date.parse(iso))}</time>`;
}

export const descriptionOf = (kind: Kind, language: Language): string => pageWords[language].description[kind];

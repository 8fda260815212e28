import { escapeText as escape } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Subprocessor } from "./schema.ts";
import { pageWords, whereWords } from "./words.ts";

/** The inner HTML of the register's page, what is in use first. Complete without scripts. */
export function subprocessorsPage({ language, list }: { language: Language; list: readonly Subprocessor[] }): string {
  const words = pageWords[language];
  const order = Object.keys(words.states);
  const sorted = [...list].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return [
    `<div class="parties"><p><a href="/trust#third_parties">${escape(words.back)}</a></p><h1>${escape(words.title)}</h1><p class="trust-intro">${escape(words.intro)}</p>`,
    ...sorted.map((one) => partyHtml(one, language)),
    "</div>",
  ].join("");
}

function partyHtml(one: Subprocessor, language: Language): string {
  const words = pageWords[language];
  const name = words.names[one.name as keyof typeof words.names] ?? one.name;
  const fields = one.fields.map((field) => `<li>${escape(field[language])}</li>`);
  return [
    `<section class="party" id="${escape(one.name)}"><h2>${escape(name)} <span class="party-state is-${one.state}">${escape(words.states[one.state])}</span></h2><dl>`,
    `<div><dt>${escape(words.purpose)}</dt><dd>${escape(one.purpose[language])}</dd></div>`,
    `<div><dt>${escape(words.fields)}</dt><dd><ul>${fields.join("")}</ul></dd></div>`,
    `<div><dt>${escape(words.where)}</dt><dd class="party-where">${escape(whereWords(one, language))}</dd></div>`,
    "</dl></section>",
  ].join("");
}

import { escapeText as escape } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { holdsWords, placeKinds, places, placesWords } from "./places.ts";
import type { Holds, PlaceKind } from "./places.ts";

/** The inner HTML of the map: for each kind of place what it can hold, and where. Complete without scripts. */
export function placesPage(language: Language): string {
  const words = placesWords[language];
  return [
    `<div class="parties"><p><a href="/trust#hosting">${escape(words.back)}</a></p><h1>${escape(words.title)}</h1><p class="trust-intro">${escape(words.intro)}</p>`,
    ...placeKinds.map((kind) => kindHtml(kind, language)),
    `<p class="trust-intro">${escape(words.memory)}</p></div>`,
  ].join("");
}

function kindHtml(kind: PlaceKind, language: Language): string {
  const { kinds, names } = placesWords[language];
  const rows = (Object.keys(holdsWords) as Holds[]).map((holds) => {
    const here = places.filter((place) => place.kind === kind && place.holds === holds).map(({ name }) => name);
    if (here.length === 0) return "";
    const shown = here.map((name) => (kind === "work" ? escape(names[name as keyof typeof names]) : `<code>${escape(name)}</code>`));
    return `<div><dt>${escape(holdsWords[holds][language])}</dt><dd class="party-where">${shown.join(language === "ja" ? "、" : ", ")}</dd></div>`;
  });
  return `<section class="party" id="${kind}"><h2>${escape(kinds[kind].name)}</h2><p>${escape(kinds[kind].about)}</p><dl>${rows.join("")}</dl></section>`;
}

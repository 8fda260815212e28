import { escapeText } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { oidcWords } from "./words.ts";

interface Told {
  title: string;
  email: string;
}

/** Tells a person that there is one more way into their account, or one less. */
export function linkLetter(occasion: "linked" | "unlinked", person: { name: string; language: Language }, { title, email }: Told): { subject: string; text: string; html: string } {
  const words = oidcWords[person.language];
  const { subject, text } = words[occasion];
  const all = [words.hello(person.name), text(title, email), words.unknown];
  return {
    subject,
    text: `${all.join("\n\n")}\n\nKliv\n`,
    html: `<!doctype html><html lang="${person.language}"><body style="font-family:sans-serif;color:#1f2328;line-height:1.7;max-width:34em;margin:2em auto;padding:0 1em">
${all.map((line) => `<p>${escapeText(line)}</p>`).join("")}<p>Kliv</p></body></html>`,
  };
}

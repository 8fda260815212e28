import { escapeText } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { factorWords } from "./words.ts";

/** What a person is told of. */
export type Occasion =
  | { kind: "added"; factor: "totp" | "passkey" }
  | { kind: "removed"; factor: "totp" | "passkey"; isLast: boolean }
  | { kind: "codes-renewed" | "recovery-used" | "reset" | "guessing" };

/** `left` is how many recovery codes remain. */
export function factorLetter(occasion: Occasion, person: { name: string; language: Language; left: number }): { subject: string; text: string; html: string } {
  const words = factorWords[person.language];
  const { subject, lines } = sayingOf(occasion, person);
  const all = [words.hello(person.name), ...lines, words.unknown];
  return {
    subject,
    text: `${all.join("\n\n")}\n\nKliv\n`,
    html: `<!doctype html><html lang="${person.language}"><body style="font-family:sans-serif;color:#1f2328;line-height:1.7;max-width:34em;margin:2em auto;padding:0 1em">
${all.map((line) => `<p>${escapeText(line)}</p>`).join("")}<p>Kliv</p></body></html>`,
  };
}

function sayingOf(occasion: Occasion, { language, left }: { language: Language; left: number }): { subject: string; lines: string[] } {
  const words = factorWords[language];
  if (occasion.kind === "added") return { subject: words.added.subject, lines: [capital(words.added.text(words.factors[occasion.factor]))] };
  if (occasion.kind === "removed") {
    return { subject: words.removed.subject, lines: [capital(words.removed.text(words.factors[occasion.factor])), ...(occasion.isLast ? [words.last] : [])] };
  }
  if (occasion.kind === "codes-renewed") return { subject: words.codesRenewed.subject, lines: [words.codesRenewed.text] };
  if (occasion.kind === "recovery-used") return { subject: words.recoveryUsed.subject, lines: [words.recoveryUsed.text(left)] };
  if (occasion.kind === "guessing") return { subject: words.guessing.subject, lines: [words.guessing.text] };
  return { subject: words.reset.subject, lines: [words.reset.text] };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

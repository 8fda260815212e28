import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Operator } from "#src/base/config.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Kind } from "./schema.ts";

const folder = join(import.meta.dirname, "defaults");

const unnamed: Record<Language, string> = { en: "the operator of this installation", ja: "このKlivの運営者" };

/** The text that Kliv brings, filled with who the operator is. Each call reads the file: it is asked for once in a version. */
export function defaultText({ kind, language, operator, origin }: { kind: Kind; language: Language; operator: Operator; origin: string }): string {
  return fillText(readFileSync(join(folder, `${kind}.${language}.md`), "utf8"), {
    operator: operator.name === null ? unnamed[language] : plain(operator.name),
    address: operator.address === null ? null : plain(operator.address),
    contact: operator.contact === null ? null : contactLink(operator.contact),
    site: `<${origin}>`,
  });
}

/**
 * Fills the `{name}` places of a text. A line with a place for which there is nothing is left out; a line that begins
 * with `{without name}` stands only then.
 */
export function fillText(text: string, values: Record<string, string | null>): string {
  const lines = text.split("\n").flatMap((line) => {
    const [, without, rest = ""] = /^\{without (\w+)\} ?(.*)$/.exec(line) ?? [];
    if (without !== undefined) return (values[without] ?? null) === null ? [rest] : [];
    const isMissing = [...line.matchAll(/\{(\w+)\}/g)].some(([, name = ""]) => name in values && values[name] === null);
    return isMissing ? [] : [line];
  });
  return lines.join("\n").replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

/** A setting as words of a Markdown text, and nothing more. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|~#&{}]/g, "\\$&");
}

function contactLink(contact: string): string {
  if (/^https:\/\/[^\s<>]+$/.test(contact)) return `<${contact}>`;
  if (/^[\w.+-]+@[\w.-]+\.\w+$/.test(contact)) return `[${plain(contact)}](mailto:${contact})`;
  return plain(contact);
}

import { escapeText } from "./escape.ts";
import type { Language } from "./problems/problem.ts";

export interface LetterParts {
  language: Language;
  subject: string;
  /** Paragraphs; what people wrote in them is escaped here. */
  lines: readonly string[];
  /** The one thing to do, after the paragraphs. */
  link?: { url: string; label: string };
  /** Smaller, at the end. */
  notes?: readonly string[];
}

/** A letter as plain text and as HTML that reads the same in every mail program, light and dark. */
export function composeLetter({ language, subject, lines, link, notes = [] }: LetterParts): { subject: string; text: string; html: string } {
  const muted = "color:#57606a";
  const button = link && `<p><a href="${escapeText(link.url)}" style="display:inline-block;background:#1d4ed8;color:#fff;padding:.6em 1.2em;border-radius:6px;text-decoration:none">${escapeText(link.label)}</a></p>
<p style="${muted};word-break:break-all">${escapeText(link.url)}</p>`;
  return {
    subject,
    text: `${[...lines, ...(link ? [link.url] : []), ...notes].join("\n\n")}\n\nKliv\n`,
    html: `<!doctype html><html lang="${language}"><body style="font-family:sans-serif;color:#1f2328;line-height:1.7;max-width:34em;margin:2em auto;padding:0 1em">
${lines.map((line) => `<p>${escapeText(line)}</p>`).join("")}
${button ?? ""}${notes.map((note) => `<p style="${muted}">${escapeText(note)}</p>`).join("")}<p>Kliv</p></body></html>`,
  };
}

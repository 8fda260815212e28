import { markdownHtml } from "#src/base/markdown.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { changesCharactersMax, isKind, textCharactersMax } from "./schema.ts";
import { titleWords } from "./words.ts";

const names: Record<Language, { en: string; ja: string }> = { en: { en: "English", ja: "英語" }, ja: { en: "Japanese", ja: "日本語" } };

/** A document's text as it is kept. Throws AGREEMENT_INVALID for one that is empty, too long or not text. */
export function cleanText(text: string, language: Language): string {
  return clean(text, { language, charactersMax: textCharactersMax, what: { en: "text", ja: "本文" } });
}

export function cleanChanges(text: string, language: Language): string {
  return clean(text, { language, charactersMax: changesCharactersMax, what: { en: "note of changes", ja: "変更点の説明" } });
}

function clean(text: string, { language, charactersMax, what }: { language: Language; charactersMax: number; what: { en: string; ja: string } }): string {
  const refuse = (en: string, ja: string): never => {
    throw new Problem("AGREEMENT_INVALID", { values: { reason: `The ${names[language].en} ${what.en} ${en}.`, reasonJa: `${names[language].ja}の${what.ja}${ja}。` } });
  };
  if (text.length > charactersMax) refuse(`has more than ${charactersMax} characters`, `が${charactersMax}文字を超えています`);
  const lines = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").trim();
  if (!lines.isWellFormed() || /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u.test(lines)) refuse("has characters that are no text", "に文字ではない制御文字が含まれています");
  // A text of link definitions alone would be a page with nothing on it.
  if (bodyHtml(lines).replace(/<[^>]*>/g, "").trim() === "") refuse("is empty", "が空です");
  return lines;
}

const heading = /^# +(.+?) *#*(?:\n|$)/;

/** The text's own first heading, else what the document is. */
export function titleOf(kind: string, text: string, language: Language): string {
  const own = heading.exec(text)?.[1]?.replace(/[*_`]/g, "").trim();
  return own?.slice(0, 200) || (isKind(kind) ? titleWords[kind][language] : kind);
}

/** The text without the title that it begins with. */
export const bodyOf = (text: string): string => text.replace(heading, "");

/** The text below its title, as HTML without scripts, styles and pictures. */
export function bodyHtml(text: string): string {
  return passageHtml(bodyOf(text), hasTitle(text));
}

/** A part of a text's body. */
export function passageHtml(passage: string, isBelowTitle: boolean): string {
  return markdownHtml(passage, { charactersMax: textCharactersMax, isBelowTitle });
}

export const hasTitle = (text: string): boolean => heading.test(text);

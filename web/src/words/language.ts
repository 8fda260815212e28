import { useSyncExternalStore } from "react";
import { en } from "./en.ts";
import type { Words } from "./en.ts";
import { ja } from "./ja.ts";

export type Language = "en" | "ja";

const catalogs: Record<Language, Words> = { en, ja };
const cookie = "kliv-language";
const listeners = new Set<() => void>();

let language: Language = chosen() ?? preferred();
document.documentElement.lang = language;

/** The language that was chosen here before, by the cookie that the server's own pages read too. */
export function chosen(): Language | null {
  const found = /(?:^|;\s*)kliv-language=(en|ja)/.exec(document.cookie)?.[1];
  return (found as Language | undefined) ?? null;
}

function preferred(): Language {
  for (const tag of navigator.languages) {
    const base = tag.split("-")[0];
    if (base === "en" || base === "ja") return base;
  }
  return "en";
}

export const currentLanguage = (): Language => language;
export const currentWords = (): Words => catalogs[language];
export const wordsOf = (language: Language): Words => catalogs[language];

/** Switches the language and remembers it. */
export function setLanguage(next: Language): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${cookie}=${next}; Path=/; SameSite=Lax; Max-Age=31536000${secure}`;
  language = next;
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage);
}

export function useWords(): Words {
  return catalogs[useLanguage()];
}

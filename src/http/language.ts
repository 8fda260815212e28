import type { FastifyRequest } from "fastify";
import type { Language } from "#src/base/problems/problem.ts";
import { cookieOf } from "./cookies.ts";

/** The cookie that remembers a choice of language; it holds nothing else. */
export const languageCookie = "kliv-language";

/** The chosen language, else the browser's first of ours, else English. */
export function languageOf(request: FastifyRequest): Language {
  const asked = (request.query as { lang?: string } | undefined)?.lang;
  if (asked === "en" || asked === "ja") return asked;
  const chosen = cookieOf(request.headers, languageCookie);
  if (chosen === "en" || chosen === "ja") return chosen;
  return preferred(request.headers["accept-language"]);
}

function preferred(header: string | undefined): Language {
  if (!header) return "en";
  let best: { language: Language; weight: number } = { language: "en", weight: 0 };
  for (const part of header.slice(0, 500).split(",")) {
    const [tag = "", ...parameters] = part.trim().split(";");
    const base = tag.split("-")[0]?.toLowerCase();
    if (base !== "en" && base !== "ja") continue;
    const quality = parameters.map((text) => /^\s*q=([\d.]+)/.exec(text)?.[1]).find((text) => text !== undefined);
    const weight = quality === undefined ? 1 : Number(quality);
    if (weight > best.weight) best = { language: base, weight };
  }
  return best.language;
}

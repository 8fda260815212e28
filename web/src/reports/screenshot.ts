import { asProblem, problemFrom } from "../api/api.ts";
import { sayProblem } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import type { Words } from "../words/en.ts";
import { currentLanguage } from "../words/language.ts";
import type { StoredReport } from "./definition.ts";

const widthPixels = 1_200;

/** Has the report drawn with these values, and saves the picture as a file. Says what went wrong. */
export async function saveScreenshot({ id, title, parameters }: StoredReport, given: Record<string, string>, words: Words): Promise<void> {
  const known = Object.entries(given).filter(([name]) => name !== "width" && parameters.some((parameter) => parameter.name === name));
  const search = new URLSearchParams([["width", String(widthPixels * Math.min(2, Math.ceil(devicePixelRatio)))], ...known]);
  try {
    const answer = await fetch(`/api/v1/reports/${encodeURIComponent(id)}/screenshot.png?${search}`, { headers: { "Accept-Language": currentLanguage() } });
    if (!answer.ok) throw problemFrom(await answer.text(), answer.status);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `${title.replaceAll(/[\\/:*?"<>|\s]+/g, " ").trim() || "report"}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    const { title: what, detail } = sayProblem(asProblem(error instanceof TypeError ? { code: "NETWORK", title: "" } : error), words);
    say(`${what}. ${detail}`);
  }
}

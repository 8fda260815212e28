import type { Clock } from "#src/base/clock.ts";
import { escapeText } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { WallsSeen } from "#src/base/sandbox/command.ts";
import { makePage, sendPage } from "./page.ts";
import type { PageFiles } from "./page.ts";
import { route } from "./routes.ts";
import type { Route } from "./routes.ts";
import { statusWords, wallsText } from "./words.ts";

/** The parts without which Kliv does not do its work. */
const partNames = ["server", "metadata", "objects", "queries"] as const;
type PartName = (typeof partNames)[number];

export interface StatusParts {
  /** Each resolves when its part has just answered; PostgreSQL with its version. */
  metadata(): Promise<string>;
  objects(): Promise<unknown>;
  queries(signal: AbortSignal): Promise<unknown>;
  sandbox(): WallsSeen;
  environment(): string;
  /** Names of the programs in this process with their versions. */
  versions: Record<string, string>;
  clock: Clock;
  files: PageFiles;
  /** For tests. */
  answerMsMax?: number;
}

interface Look {
  isUp: Record<PartName, boolean>;
  versions: Record<string, string>;
  lookedAt: Date;
}

/** Whoever asks more often is shown the last look: the page cannot be used to keep the parts busy. */
const lookAgeMsMax = 5_000;
const answerMsMax = 5_000;

/** The public page that says whether Kliv works at this moment, within which walls, and in which versions. */
export function statusRoutes(parts: StatusParts): Route[] {
  let last: { look: Promise<Look>; startedMs: number } | null = null;
  const lookNow = (): Promise<Look> => {
    const now = parts.clock.now();
    if (last === null || now - last.startedMs > lookAgeMsMax) last = { look: lookAt(parts), startedMs: now };
    return last.look;
  };
  return [
    route({
      method: "GET",
      url: "/status",
      summary: "Whether Kliv works, as a page",
      tag: "operation",
      access: { public: "who cannot sign in wants to know why" },
      responses: { 200: "text/html", 503: "text/html" },
      isPage: true,
      async handler({ request, language }) {
        const look = await lookNow();
        const isUp = Object.values(look.isUp).every(Boolean);
        const { title, description } = statusWords[language];
        const page = makePage(parts.files, { language, title, description, body: statusBody({ parts, look, language, isUp }), current: "status" });
        return sendPage(request, page, { status: isUp ? 200 : 503, cacheControl: "no-store" });
      },
    }),
  ];
}

async function lookAt(parts: StatusParts): Promise<Look> {
  const answer = async <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | null> => {
    const signal = AbortSignal.timeout(parts.answerMsMax ?? answerMsMax);
    const late = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
    return await Promise.race([ask(signal).catch(() => null), late]);
  };
  const answers = async (ask: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> => (await answer((signal) => ask(signal).then(() => true))) === true;
  const [postgres, objects, queries] = await Promise.all([answer(parts.metadata), answers(parts.objects), answers(parts.queries)]);
  const versions = { ...parts.versions, ...(postgres === null ? {} : { PostgreSQL: postgres }) };
  return { isUp: { server: true, metadata: postgres !== null, objects, queries }, versions, lookedAt: parts.clock.date() };
}

function statusBody({ parts, look, language, isUp }: { parts: StatusParts; look: Look; language: Language; isUp: boolean }): string {
  const say = statusWords[language];
  const environment = parts.environment();
  const row = (name: string, value: string): string => `<div><dt>${escapeText(name)}</dt><dd>${value}</dd></div>`;
  const mark = (good: boolean): string => `<span class="state ${good ? "is-kept" : "is-broken"}">${good ? say.up : say.down}</span>`;
  const time = new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" }).format(look.lookedAt);
  return [
    `<article class="status"><h1>${say.title}</h1>`,
    `<p class="status-all is-${isUp ? "kept" : "broken"}" role="status">${isUp ? say.allUp : say.someDown}</p>`,
    `<dl class="rows">${partNames.map((name) => row(say.parts[name], mark(look.isUp[name]))).join("")}</dl>`,
    `<h2>${say.sandboxTitle}</h2><p>${wallsText(parts.sandbox(), language)}</p>`,
    environment === "production" ? "" : `<h2>${say.environmentTitle}</h2><p>${say.environment[environment === "staging" ? "staging" : "development"]}</p>`,
    `<h2>${say.versionsTitle}</h2><dl class="rows">${Object.entries(look.versions).map(([name, version]) => row(name, escapeText(version))).join("")}</dl>`,
    `<p class="quiet">${say.lookedAt} <time datetime="${look.lookedAt.toISOString()}">${time} UTC</time></p></article>`,
  ].join("");
}

import { describeError } from "#src/base/log.ts";
import type { Log } from "#src/base/log.ts";
import { checkTimeoutMs } from "./promise.ts";
import type { CheckContext, Evidence, Facts, Finding, PromiseDefinition } from "./promise.ts";
import { reasonWords } from "./words.ts";

const factsMax = 40;
const factCharactersMax = 300;
const summaryCharactersMax = 1_000;

/** Runs one check. Whatever happens to it, it ends in a finding, and only a check that said so makes it `kept`. */
export async function runCheck(options: { promise: PromiseDefinition; context: CheckContext; log?: Log }): Promise<Finding> {
  const { promise, context, log } = options;
  if (!promise.check) return unknown(reasonWords.noCheck);
  const limitMs = promise.timeoutMs ?? checkTimeoutMs;
  const time = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      time.abort(new Error(`${promise.id} took longer than ${limitMs} ms`));
      resolve(unknown(reasonWords.timedOut, { limitMs }));
    }, limitMs);
  });
  try {
    // The signal ends what the check is waiting for, so that its own clearing away happens soon after.
    const running = promise.check({ ...context, signal: AbortSignal.any([context.signal, time.signal]) });
    running.catch(() => {});
    return tidy(await Promise.race([running, timedOut]));
  } catch (error) {
    log?.("promise check failed", { kind: promise.id, ...describeError(error) });
    // An error's text may name machines, files or people: it goes to the log, its kind to the page.
    return unknown(reasonWords.threw, { error: kindOf(error) });
  } finally {
    clearTimeout(timer);
  }
}

/** Runs checks one after the other and gives each finding as it comes; what the stop cuts short gives none. */
export async function runChecks(options: {
  promises: readonly PromiseDefinition[];
  context: CheckContext;
  log?: Log;
  onFinding(promise: PromiseDefinition, finding: Finding): Promise<void>;
}): Promise<void> {
  const { promises, context, log, onFinding } = options;
  for (const promise of promises) {
    const finding = await runCheck({ promise, context, ...(log ? { log } : {}) });
    if (context.signal.aborted) return;
    await onFinding(promise, finding);
  }
}

export function unknown(summary: Evidence["summary"], facts: Facts = {}): Finding {
  return { state: "unknown", evidence: { summary, facts } };
}

function kindOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string") return code.slice(0, 60);
  return error instanceof Error ? error.name : "Error";
}

// A check is our own code, but what it says ends up on a public page and in the database: its shape and size are held.
function tidy(finding: Finding): Finding {
  const { state, evidence } = finding ?? {};
  const isWhole = (state === "kept" || state === "broken" || state === "unknown") && typeof evidence?.summary?.en === "string" && typeof evidence.summary.ja === "string";
  if (!isWhole) return unknown(reasonWords.malformed);
  const facts = Object.entries(evidence.facts ?? {}).slice(0, factsMax)
    .map(([name, value]) => [name.slice(0, 60), typeof value === "string" ? value.slice(0, factCharactersMax) : value] as const);
  const summary = { en: evidence.summary.en.slice(0, summaryCharactersMax), ja: evidence.summary.ja.slice(0, summaryCharactersMax) };
  return { state, evidence: { summary, facts: Object.fromEntries(facts) } };
}

import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { logFieldNames } from "./log.ts";
import type { LogEntry } from "./log.ts";
import { logDays, logFolder } from "./logfiles.ts";

export interface LogSearch {
  /** Milliseconds since the epoch; from, inclusive, and to, exclusive. */
  sinceMs: number;
  untilMs: number;
  event?: string;
  request?: string;
  limit: number;
}

/** The newest lines that fit, oldest first. A line that a power cut tore is passed over. */
export async function readLog(home: string, search: LogSearch): Promise<LogEntry[]> {
  const { sinceMs, untilMs, event, request, limit } = search;
  let found: LogEntry[] = [];
  for (const { file, startMs } of daysWithin(home, search).reverse()) {
    const ofDay: LogEntry[] = [];
    for await (const { entry } of linesOf(file)) {
      if (!entry || (event !== undefined && entry.event !== event) || (request !== undefined && entry.request !== request)) continue;
      const atMs = Date.parse(entry.at);
      if (!(atMs >= sinceMs && atMs < untilMs)) continue;
      ofDay.push(entry);
      if (ofDay.length > 2 * limit) ofDay.splice(0, ofDay.length - limit);
    }
    found = [...ofDay, ...found].slice(-limit);
    if (found.length === limit || startMs < sinceMs) break;
  }
  return found;
}

export interface LogFindings {
  lines: number;
  /** Lines that are not one of ours as a whole. */
  malformed: number;
  /** Lines in which one of the needles stands, in any form that is written here. */
  found: number;
  /** Names of fields that are on no list. */
  fieldsUnknown: string[];
  /** The requests that were told of. */
  requests: Set<string>;
  /** Lines that were left out or lost, as the log says itself. */
  missing: number;
}

/** Looks through all that was logged since a moment for what must not be there. */
export async function searchLog(home: string, { sinceMs, needles }: { sinceMs: number; needles: string[] }): Promise<LogFindings> {
  const findings: LogFindings = { lines: 0, malformed: 0, found: 0, fieldsUnknown: [], requests: new Set(), missing: 0 };
  const forms = needles.flatMap((needle) => [needle, JSON.stringify(needle).slice(1, -1), encodeURIComponent(needle), Buffer.from(needle).toString("base64").replace(/=+$/, ""), Buffer.from(needle).toString("hex")]);
  const unknown = new Set<string>();
  for (const { file } of daysWithin(home, { sinceMs, untilMs: Infinity })) {
    for await (const { text, entry } of linesOf(file)) {
      // What cannot be read may be of any time.
      if (entry && Date.parse(entry.at) < sinceMs) continue;
      findings.lines += 1;
      if (forms.some((form) => text.includes(form))) findings.found += 1;
      if (!entry) {
        findings.malformed += 1;
        continue;
      }
      for (const name of Object.keys(entry)) if (!logFieldNames.has(name)) unknown.add(name);
      if (entry.request !== undefined) findings.requests.add(entry.request);
      if (entry.event === "log lines left out" || entry.event === "log lines lost") findings.missing += entry.count ?? 1;
    }
  }
  return { ...findings, fieldsUnknown: [...unknown] };
}

/** Whether nobody but the server's own user can read the log. */
export function isLogPrivate(home: string): boolean {
  const folder = logFolder(home);
  return [folder, ...readdirSync(folder).map((name) => join(folder, name))].every((path) => (statSync(path).mode & 0o077) === 0);
}

const dayMs = 24 * 3_600_000;

function daysWithin(home: string, { sinceMs, untilMs }: { sinceMs: number; untilMs: number }): { file: string; startMs: number }[] {
  return logDays(logFolder(home)).filter(({ startMs }) => startMs + dayMs > sinceMs && startMs < untilMs).map(({ name, startMs }) => ({ file: join(logFolder(home), name), startMs }));
}

async function* linesOf(file: string): AsyncGenerator<{ text: string; entry: LogEntry | null }> {
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) if (text !== "") yield { text, entry: parse(text) };
}

function parse(line: string): LogEntry | null {
  try {
    const entry = JSON.parse(line) as LogEntry;
    return typeof entry.at === "string" && typeof entry.event === "string" ? entry : null;
  } catch {
    return null;
  }
}

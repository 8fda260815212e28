import { systemClock } from "#src/base/clock.ts";
import type { LogEntry } from "#src/base/log.ts";
import { readLog } from "#src/base/logsearch.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Command } from "./command.ts";

const limitMax = 100_000;
const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

export const logCommands: Command[] = [
  {
    noun: "log",
    verb: "show",
    summary: "What the server of this home has logged, the newest lines that fit; times as 2026-11-24T09:00Z, or 30m, 12h, 7d ago",
    flags: {
      since: { about: "from this time on; a day ago, where no request is asked for" },
      until: { about: "up to this time" },
      event: { about: "only lines of this event, as request or failure" },
      request: { about: "only lines of the request with this X-Request-Id" },
      limit: { about: `at most so many lines; 1000, and ${limitMax} at most` },
    },
    async run({ config, flags, print }) {
      const { since, until, event, request } = flags;
      const found = await readLog(config.home, {
        sinceMs: since === undefined ? (request === undefined ? systemClock.now() - unitMs.d! : 0) : readTime("since", since),
        untilMs: until === undefined ? Infinity : readTime("until", until),
        limit: readLimit(flags.limit ?? "1000"),
        ...(event === undefined ? {} : { event }), ...(request === undefined ? {} : { request }),
      });
      print(found, found.map(line).join("\n"));
    },
  },
];

const line = ({ at, event, ...fields }: LogEntry): string => [at, event, ...Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)].join("  ");

function readTime(name: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time = count !== undefined && unit !== undefined ? systemClock.now() - Number(count) * unitMs[unit]! : /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Problem("CONFIG_INVALID", { values: { name: `--${name}`, value: text, allowed: "2026-11-24T09:00Z, 30m, 12h, 7d" } });
  return time;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) throw new Problem("CONFIG_INVALID", { values: { name: "--limit", value: text, allowed: `1-${limitMax}` } });
  return limit;
}

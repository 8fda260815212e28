import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { createShares } from "./logshares.ts";

export interface LogFiles {
  log: Log;
  /** Removes the days that were kept long enough. */
  sweep(): void;
  close(): void;
}

const dayMs = 24 * 3_600_000;
const sweepEveryMs = 3_600_000;
/** The second form is that of versions before the first release. */
const namePattern = /^(?:kliv-(\d{4}-\d\d-\d\d)\.ndjson|(\d{4}-\d\d-\d\d)\.jsonl)$/;

/**
 * The log of one home as `HOME/logs/kliv-YYYY-MM-DD.ndjson`, a file a day of the clock in UTC. Each line is with the
 * operating system before the next turn of the loop, so a killed process loses at most what it was just doing. A day has
 * at most `bytesMax` bytes, shared among events so that a flood of one does not silence the others; what is left out, or
 * was lost on a full disk, is counted and said. Nothing that goes wrong here stops the caller.
 */
export function openLogFiles(options: { home: string; clock: Clock; daysKept: number; bytesMax: number }): LogFiles {
  const { clock, daysKept, bytesMax } = options;
  const folder = logFolder(options.home);
  const fileOf = (day: string): string => join(folder, `kliv-${day}.ndjson`);
  const bytesBegun = statSync(fileOf(clock.date().toISOString().slice(0, 10)), { throwIfNoEntry: false })?.size ?? 0;
  const shares = createShares({ clock, bytesMax, bytesBegun });
  let open: { day: string; handle: number; isTorn: boolean } | null = null;
  let lost = 0;
  const sweep = (): void => sweepFolder(folder, clock.now() - daysKept * dayMs);

  const openDay = (day: string): { handle: number; isTorn: boolean } => {
    if (open?.day === day) return open;
    if (open) closeSync(open.handle);
    open = null;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const handle = openSync(fileOf(day), "a+", 0o600);
    const { size } = fstatSync(handle);
    open = { day, handle, isTorn: size > 0 && !endsWhole(handle, size) };
    sweep();
    return open;
  };
  const write = (text: string, day: string): void => {
    try {
      const file = openDay(day);
      const bytes = Buffer.from(`${file.isTorn ? "\n" : ""}${lost > 0 ? lineOf(clock, "log lines lost", { count: lost }) : ""}${text}`);
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(file.handle, bytes, done);
        // Cut off in the middle, the next line begins on its own.
        file.isTorn = done < bytes.length;
      }
      lost = 0;
    } catch {
      // A full or broken disk: the server serves on, and says how much is missing as soon as it can.
      lost += text.split("\n").length - 1;
    }
  };

  const log = createLog({ write, clock, admit: shares.admit });
  const timer = setInterval(() => {
    shares.tell(log);
    sweep();
  }, sweepEveryMs).unref();
  sweep();
  return {
    log,
    sweep,
    close() {
      clearInterval(timer);
      shares.tell(log);
      log.flush();
      if (open) closeSync(open.handle);
      open = null;
    },
  };
}

export const logFolder = (home: string): string => join(home, "logs");

const lineOf = (clock: Clock, event: string, fields: object): string => `${JSON.stringify({ at: clock.date().toISOString(), event, ...fields })}\n`;

function endsWhole(handle: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return readSync(handle, last, 0, 1, size - 1) === 1 && last[0] === 0x0a;
}

/** Removes what is wholly older than the limit: a day's file goes when its last moment does. */
function sweepFolder(folder: string, limitMs: number): void {
  for (const { name, startMs } of logDays(folder)) {
    if (startMs + dayMs > limitMs) continue;
    try {
      rmSync(join(folder, name), { force: true });
    } catch {
      // Kept longer than it must be; the next sweep tries again.
    }
  }
}

/** The files of days there are, oldest first. */
export function logDays(folder: string): { name: string; startMs: number }[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .map((name) => ({ name, startMs: Date.parse(namePattern.exec(name)?.slice(1).find(Boolean) ?? "") }))
    .filter(({ startMs }) => !Number.isNaN(startMs))
    .sort((a, b) => a.startMs - b.startMs);
}

import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./problems/problem.ts";
import { startOf } from "./processes.ts";

export interface HomeClaim {
  release(): void;
}

interface Holder {
  pid: number;
  /** Of the process, in clock ticks since boot: a pid alone can be another process's by now. */
  startedAt: string;
  port: number | null;
}

const waitMs = 50;

/** Takes the home for this process alone; waits a little for a command that is just using it. Throws HOME_IN_USE. */
export async function claimHome(options: { home: string; port: number | null; waitMsMax: number }): Promise<HomeClaim> {
  const { home, port, waitMsMax } = options;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chmodSync(home, 0o700);
  const file = lockFile(home);
  for (let waitedMs = 0; ; waitedMs += waitMs) {
    if (tryClaim(file, port)) return { release: () => rmSync(file, { force: true }) };
    const holder = findHolder(home);
    if (!holder) rmSync(file, { force: true });
    else if (waitedMs >= waitMsMax) throw new Problem("HOME_IN_USE", { values: { pid: holder.pid, home } });
    else await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** The live process that holds this home, or null. */
export function findHolder(home: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(lockFile(home), "utf8")) as Holder;
    return startOf(holder.pid) === holder.startedAt ? holder : null;
  } catch {
    return null;
  }
}

const lockFile = (home: string): string => join(home, "lock.json");

function tryClaim(file: string, port: number | null): boolean {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  const holder: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? "", port };
  writeSync(handle, JSON.stringify(holder));
  closeSync(handle);
  return true;
}

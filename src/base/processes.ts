import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/**
 * When a living process began, in the system's own count; null when there is no such process. One that has ended and
 * only waits to be collected, which in a container can take for ever, is none: it holds nothing any more.
 * Where /proc is missing, being alive has to do.
 */
export function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets can hold blanks; the state follows it, the start is the 20th field after it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? "");
  } catch {
    if (process.platform === "linux") return null;
  }
  try {
    process.kill(pid, 0);
    return "alive";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "alive" : null;
  }
}

export const isAlive = (pid: number): boolean => startOf(pid) !== null;

/** The living processes that work in this folder; none where the system does not tell. */
export function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && folderOf(name) === folder).map(Number);
}

function folderOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Ended meanwhile, or another user's: not one of ours.
    return null;
  }
}

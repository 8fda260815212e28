import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/*
 * On Linux a nice value belongs to a thread. Where the kernel groups processes by session, as desktops and many
 * servers do, it counts only within the group, and the group has one of its own.
 */

/** A child that has run for long: it gets what processor time the others leave, about a tenth where they want all. */
const lowered = 10;

/** Lets the process and all that it started run behind others. False where the system does not let it. */
export function lowerPriority(pid: number): boolean {
  return setAll(pid, lowered);
}

/** Takes that back. False where only the administrator may: then the process stays behind for good. */
export function restorePriority(pid: number): boolean {
  return setAll(pid, getPriority(process.pid));
}

function setAll(pid: number, nice: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    for (const one of withDescendants(pid)) {
      for (const thread of readdirSync(`/proc/${one}/task`)) setPriority(Number(thread), nice);
      setGroup(one, nice);
    }
    return true;
  } catch {
    return false;
  }
}

/** Bubblewrap is the parent of what it started. */
function withDescendants(pid: number): number[] {
  const found = [pid];
  for (const one of found) {
    const children = readFileSync(`/proc/${one}/task/${one}/children`, "utf8").trim();
    if (children !== "") found.push(...children.split(" ").map(Number));
  }
  return found;
}

function setGroup(pid: number, nice: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch (error) {
    // A kernel that does not group has no such file. One that does takes it once in a while only: then threads alone are behind.
    if (!["ENOENT", "EAGAIN", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

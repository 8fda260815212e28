import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problems/problem.ts";
import { isAlive, processesIn } from "../processes.ts";

/** Milliseconds that a server gets to stop. */
export const stopMs = 10_000;
const lookMs = 25;

const pidFile = (data: string): string => join(data, "postmaster.pid");

/** The process id of a live postmaster of this data folder, or null. */
export function runningPid(data: string): number | null {
  let text: string;
  try {
    text = readFileSync(pidFile(data), "utf8");
  } catch {
    return null;
  }
  const pid = Number(text.split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return null;
  // A pid is reused after a reboot: it must be a postgres of this folder.
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(data) ? pid : null;
  } catch {
    return process.platform === "linux" ? null : pid;
  }
}

/**
 * Ends what a killed process left of the server, so that a new one can start: a server without its parent is stopped in
 * order; of one that was killed itself, its processes are awaited, which end once they see that it is gone.
 */
export async function clearOrphans({ data, socket }: { data: string; socket: string }): Promise<void> {
  const pid = runningPid(data);
  if (pid !== null) {
    process.kill(pid, "SIGINT");
    return await until(() => !isAlive(pid), pid);
  }
  // Elsewhere PostgreSQL's own look at the file has to do.
  if (process.platform !== "linux") return;
  const isLeft = (): boolean => processesIn(realpathSync(data)).length > 0;
  await until(() => !isLeft(), processesIn(realpathSync(data))[0] ?? 0);
  // PostgreSQL takes the number in its two files for a living server when the dead one was not collected yet, or when
  // another process has that number by now. Nobody works in the folder, and the home is held: nobody is coming either.
  for (const file of [pidFile(data), join(socket, ".s.PGSQL.5432.lock")]) rmSync(file, { force: true });
}

async function until(isDone: () => boolean, pid: number): Promise<void> {
  for (let waitedMs = 0; !isDone(); waitedMs += lookMs) {
    if (waitedMs > stopMs) throw new Problem("POSTGRES_UNAVAILABLE", { values: { reason: `process ${pid} does not stop` } });
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

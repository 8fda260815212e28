import { dirname, join } from "node:path";

import { SandboxChild } from "./child.ts";
import { findTools, othersCanRead, sandboxCommand } from "./command.ts";
import type { CommandNeeds, Walls } from "./command.ts";
import type { CodeImage } from "./image.ts";
import { Exchange } from "./exchange.ts";
import { canFilter } from "./seccomp.ts";

const probeTimeoutMs = 10_000;

/**
 * Finds the strongest walls in which a child really starts and answers, by trying them in order.
 * Returns them with the child that answered. Throws when a child does not even start without walls.
 */
export async function probeWalls(image: CodeImage, needs: CommandNeeds): Promise<{ walls: Walls; child: SandboxChild; refused: string[] }> {
  const refused: string[] = [];
  for (const walls of candidates(needs)) {
    const child = new SandboxChild(sandboxCommand(walls, needs), image.bytes);
    try {
      await child.ready;
      await new Exchange(child, { kind: "probe", request: null }, { timeoutMs: probeTimeoutMs }).answer;
      return { walls, child, refused };
    } catch (error) {
      child.kill();
      refused.push(`${walls.level}${walls.filtersCalls ? " with a filter" : ""}${walls.separateUser ? " as another user" : ""}: ${(error as Error).message}`);
    }
  }
  throw new Error(`no sandboxed process can be started: ${refused.join("; ")}`);
}

function candidates(needs: CommandNeeds): Walls[] {
  const tools = findTools();
  const code = needs.packages ? [join(needs.rootDir, "src"), join(needs.rootDir, "node_modules")] : [];
  const places = [process.execPath, ...needs.readableDirs, ...code, ...(needs.workDir === undefined ? [] : [dirname(needs.workDir)])];
  // The work folder itself is given to the child's user; only the way to it must be open.
  const users = process.getuid?.() === 0 && tools.setpriv !== undefined && othersCanRead(places) ? [true, false] : [false];
  const kinds: Pick<Walls, "level" | "filtersCalls">[] = [];
  if (tools.bwrap !== undefined && canFilter(process.arch)) kinds.push({ level: "bubblewrap", filtersCalls: true });
  if (tools.bwrap !== undefined) kinds.push({ level: "bubblewrap", filtersCalls: false });
  if (tools.prlimit !== undefined) kinds.push({ level: "prlimit", filtersCalls: false });
  const walled = kinds.flatMap((kind) => users.map((separateUser): Walls => ({ ...kind, separateUser, tools })));
  return [...walled, { level: "process", filtersCalls: false, separateUser: false, tools }];
}

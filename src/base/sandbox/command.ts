import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { bootSource } from "./image.ts";
import { seccompProgram } from "./seccomp.ts";
import type { FilteredArch } from "./syscalls.ts";

/** The walls around a child, strongest first. Each includes the ones that need nothing from the machine. */
export type SandboxLevel = "bubblewrap" | "prlimit" | "process";

export interface Walls {
  level: SandboxLevel;
  /** The child runs as another user (65533) than the server, and so cannot read the server's files. */
  separateUser: boolean;
  /** System calls that no child needs are refused by the kernel. Within bubblewrap only, which installs the filter. */
  filtersCalls: boolean;
  /** Where the tools are; undefined where the machine has none. */
  tools: { bwrap?: string; prlimit?: string; setpriv?: string };
}

/** Of walls, what is told to people. */
export type WallsSeen = Pick<Walls, "level" | "separateUser" | "filtersCalls">;

export interface CommandNeeds {
  readableDirs: string[];
  /** A folder that the child may write, for work on one upload. */
  workDir?: string;
  /** The checkout; only its src, node_modules and package.json become visible, and only if `packages`. */
  rootDir: string;
  /** The child loads npm packages (and native addons) from the checkout. */
  packages: boolean;
  memoryBytesMax: number;
  fileBytesMax: number;
  cpuSecondsMax?: number;
}

export interface SandboxCommand {
  file: string;
  args: string[];
  /** What the program reads from `filterDescriptor` before it starts the child. */
  filter?: Buffer;
}

/** The first after stdin, stdout and stderr. */
export const filterDescriptor = 3;
export const sandboxUser = 65533;
/** Address space that Node itself takes before it does anything: 1.2 GB measured. */
const nodeAddressBytes = 1300 * 1024 * 1024;

/**
 * Where nothing ends the child together with a killed server, its processor time ends at least:
 * an hour, which a warm child does not reach before it is replaced.
 */
const orphanCpuSeconds = 3600;
const plainLimits = ["/bin/sh", "-c", `ulimit -c 0; ulimit -t ${orphanCpuSeconds}; exec "$@"`, "sh"];

export function findTools(path = process.env["PATH"] ?? ""): Walls["tools"] {
  const dirs = [...path.split(delimiter), "/usr/bin", "/bin", "/usr/sbin"].filter((dir) => dir.startsWith("/"));
  const find = (name: string) => dirs.map((dir) => join(dir, name)).find((file) => existsSync(file));
  return process.platform === "linux" ? { bwrap: find("bwrap"), prlimit: find("prlimit"), setpriv: find("setpriv") } : {};
}

/** The program and arguments that start a child inside the walls. */
export function sandboxCommand(walls: Walls, needs: CommandNeeds): SandboxCommand {
  const parts = [
    ...(walls.level === "process" && process.platform !== "win32" ? plainLimits : []),
    ...setprivPart(walls),
    ...prlimitPart(walls, needs),
    ...(walls.level === "bubblewrap" ? bubblewrapPart(walls, needs) : []),
    ...nodePart(needs),
  ];
  return { file: parts[0]!, args: parts.slice(1), ...(walls.filtersCalls ? { filter: seccompProgram(process.arch as FilteredArch) } : {}) };
}

/** The folders of the checkout that a child with packages reads. Never the whole: the state may lie in it. */
function codePaths(needs: CommandNeeds): string[] {
  if (!needs.packages) return [];
  return ["src", "node_modules", "package.json"].map((name) => join(needs.rootDir, name)).filter((path) => existsSync(path));
}

function setprivPart({ tools, separateUser, level }: Walls): string[] {
  if (tools.setpriv === undefined || level === "process") return [];
  const user = separateUser ? [`--reuid=${sandboxUser}`, `--regid=${sandboxUser}`, "--clear-groups"] : [];
  // The kernel kills the child when the server dies, however busy the child is.
  return [tools.setpriv, ...user, ...(level === "bubblewrap" ? [] : ["--no-new-privs"]), "--pdeathsig=KILL"];
}

function prlimitPart({ tools, level, separateUser }: Walls, needs: CommandNeeds): string[] {
  if (tools.prlimit === undefined || level === "process") return [];
  return [
    tools.prlimit,
    `--as=${nodeAddressBytes + needs.memoryBytesMax}`,
    `--fsize=${needs.workDir === undefined ? 0 : needs.fileBytesMax}`,
    `--nofile=${needs.packages ? 256 : 64}`,
    "--core=0",
    // Counted over all processes of the user: only sensible for a user that runs nothing else.
    ...(separateUser ? ["--nproc=512"] : []),
    ...cpuLimit(tools, level, needs),
  ];
}

function cpuLimit(tools: Walls["tools"], level: SandboxLevel, { cpuSecondsMax }: CommandNeeds): string[] {
  if (cpuSecondsMax !== undefined) return [`--cpu=${cpuSecondsMax}`];
  return tools.setpriv === undefined && level !== "bubblewrap" ? [`--cpu=${orphanCpuSeconds}`] : [];
}

function bubblewrapPart({ tools, filtersCalls }: Walls, needs: CommandNeeds): string[] {
  const libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"].filter((path) => existsSync(path));
  const readable = [...libraries, process.execPath, ...codePaths(needs), ...needs.readableDirs];
  const args = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"];
  args.push("--uid", String(sandboxUser), "--gid", String(sandboxUser), "--hostname", "sandbox");
  // /dev and /proc are made new; the only writable place is a small folder in memory.
  args.push("--proc", "/proc", "--dev", "/dev", "--size", String(16 * 1024 * 1024), "--tmpfs", "/tmp");
  for (const path of new Set(readable)) args.push("--ro-bind", realpathSync(path), path);
  if (needs.workDir !== undefined) args.push("--bind", needs.workDir, needs.workDir);
  if (filtersCalls) args.push("--seccomp", String(filterDescriptor));
  return [tools.bwrap!, ...args, "--chdir", "/", "--"];
}

function nodePart(needs: CommandNeeds): string[] {
  const readable = [...codePaths(needs), ...needs.readableDirs, ...(needs.workDir === undefined ? [] : [needs.workDir])];
  const heapMegabytes = Math.max(64, Math.floor(needs.memoryBytesMax / 2 / 1024 / 1024));
  return [
    process.execPath,
    // A wall for JavaScript; SQLite's own file access it does not see.
    "--permission",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...(needs.workDir === undefined ? [] : [`--allow-fs-write=${needs.workDir}`]),
    ...(needs.packages ? ["--allow-addons"] : []),
    `--max-old-space-size=${heapMegabytes}`,
    "--v8-pool-size=1",
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
    "--input-type=module",
    "-e",
    bootSource,
  ];
}

/** Whether another user can reach and read these places: each folder above must let others pass. */
export function othersCanRead(paths: string[]): boolean {
  return paths.every((path) => {
    for (let place = path; ; place = dirname(place)) {
      const stat = statSync(place, { throwIfNoEntry: false });
      if (stat !== undefined && stat.isDirectory() && (stat.mode & 0o001) === 0) return false;
      if (place === dirname(place)) return true;
    }
  });
}

import { readdirSync, readFileSync } from "node:fs";

export interface Resident {
  /** Of all processes: what each holds resident, added up; pages that several share are counted for each of them. */
  allBytes: number;
  /** Of the server's own process. */
  serverBytes: number;
  /** Each process with its share, largest first, for who wants to know where it is. */
  processes: { pid: number; name: string; bytes: number }[];
}

/** Of a process and all that it started, from /proc. Throws where there is none. */
export function residentOf(pid: number): Resident {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : "";
    if (stat !== "") parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const isOurs = (one: number): boolean => {
    for (let at: number | undefined = one; at !== undefined && at > 1; at = parents.get(at)) if (at === pid) return true;
    return false;
  };
  const processes = [...parents.keys()].filter(isOurs).map((one) => {
    const status = read(`/proc/${one}/status`);
    return { pid: one, name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? "", bytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024 };
  });
  processes.sort((a, b) => b.bytes - a.bytes);
  const server = processes.find((one) => one.pid === pid);
  if (!server) throw new Error(`there is no process ${pid} in /proc`);
  return { allBytes: processes.reduce((sum, one) => sum + one.bytes, 0), serverBytes: server.bytes, processes };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended meanwhile.
    return "";
  }
}

import { readFile, readdir, readlink } from "node:fs/promises";
import type { PortsSeen } from "./promise.ts";

const processesMax = 500;
const listening = "0A";

/**
 * The TCP ports on which a process and all of its descendants listen, as Linux tells in /proc. What it cannot look into it
 * says, so that a check does not take a part for the whole.
 */
export async function listeningPorts(root: number): Promise<PortsSeen> {
  if (process.platform !== "linux") return { ports: [], unseen: `the open ports of processes are read from /proc, which ${process.platform} has not` };
  const tree = await processTree(root);
  if (tree.length >= processesMax) return { ports: [], unseen: `there are more than ${processesMax} processes` };
  const ports = new Map<string, { host: string; port: number }>();
  let hidden = 0;
  for (const pid of tree) {
    const sockets = await socketsOf(pid);
    if (sockets === "hidden") hidden++;
    else if (sockets.size > 0) for (const one of await listenersOf(pid, sockets)) ports.set(`${one.host} ${one.port}`, one);
  }
  return { ports: [...ports.values()].sort((a, b) => a.port - b.port), unseen: hidden > 0 ? `${hidden} of ${tree.length} processes may not be looked into` : null };
}

async function processTree(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    // The second field, the command's name in brackets, may hold anything: the rest is counted from its end.
    const parent = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent > 0) parents.set(Number(name), parent);
  }
  const tree = [root];
  for (let at = 0; at < tree.length && tree.length < processesMax; at++) {
    for (const [pid, parent] of parents) if (parent === tree[at]) tree.push(pid);
  }
  return tree;
}

async function socketsOf(pid: number): Promise<Set<string> | "hidden"> {
  let names: string[];
  try {
    names = await readdir(`/proc/${pid}/fd`);
  } catch (error) {
    // Ended meanwhile, or somebody else's.
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "hidden" : new Set();
  }
  const found = new Set<string>();
  for (const name of names) {
    const target = await readlink(`/proc/${pid}/fd/${name}`).catch((error: NodeJS.ErrnoException) => (error.code === "EACCES" ? "hidden" : ""));
    if (target === "hidden") return "hidden";
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode) found.add(inode);
  }
  return found;
}

async function listenersOf(pid: number, sockets: Set<string>): Promise<{ host: string; port: number }[]> {
  const found: { host: string; port: number }[] = [];
  for (const family of ["tcp", "tcp6"]) {
    // Read through the process: each network namespace has a table of its own.
    const table = await readFile(`/proc/${pid}/net/${family}`, "latin1").catch(() => "");
    for (const line of table.split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      const [address = "", port = ""] = local.split(":");
      if (state === listening && sockets.has(inode)) found.push({ host: hostOf(address), port: Number.parseInt(port, 16) });
    }
  }
  return found;
}

/** The address to call, from the kernel's words of four little-endian bytes each. An unspecified one is reached by loopback. */
function hostOf(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  if (bytes.length === 4) return bytes.every((byte) => byte === 0) ? "127.0.0.1" : bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::1";
  const mapped = bytes.subarray(0, 12).equals(Buffer.from("00000000000000000000ffff", "hex"));
  if (mapped) return bytes.subarray(12).join(".");
  return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(":");
}

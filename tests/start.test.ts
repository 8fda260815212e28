/* `npm start` as a person runs it, and what a stop leaves: nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { callServer, freePort } from "./server.ts";

const root = join(import.meta.dirname, "..");
const goneMsMax = 5_000;
const skip = process.platform === "linux" ? false : "the process tree is read from /proc, which only Linux has";

interface Started {
  npm: ChildProcess;
  home: string;
  port: number;
  output: string;
}

async function start(): Promise<Started> {
  const home = mkdtempSync(join(tmpdir(), "kliv-start-"));
  const [port, staffPort] = [await freePort(), await freePort()];
  // A group of its own, as a shell makes for a command: Ctrl-C goes to all of it.
  const npm = spawn("npm", ["start", "--", "--home", home, "--port", String(port), "--staff-port", String(staffPort), "--no-sample"], { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  return await new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk;
      if (output.includes("Create the first account")) resolve({ npm, home, port, output });
    };
    npm.stdout.on("data", take);
    npm.stderr.on("data", take);
    npm.once("exit", (code) => reject(new Error(`ended with ${code}: ${output.slice(-500)}`)));
  });
}

const statOf = (pid: number): string[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
};

/** The processes below this one, by pid, each with its start: a pid comes around again. */
function tree(top: number): Map<number, string> {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).map((pid) => ({ pid, stat: statOf(pid) }));
  const found = new Map<number, string>([[top, statOf(top)[19] ?? ""]]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { pid, stat } of all) if (found.has(Number(stat[1]))) found.set(pid, stat[19] ?? "");
  }
  return found;
}

async function leftOf(processes: Map<number, string>): Promise<string[]> {
  const untilMs = performance.now() + goneMsMax;
  for (;;) {
    const left = [...processes].filter(([pid, startedAt]) => statOf(pid)[19] === startedAt && statOf(pid)[0] !== "Z").map(([pid]) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
    if (left.length === 0 || performance.now() > untilMs) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("npm start", { skip }, () => {
  const stops: [who: string, stop: (npm: ChildProcess) => void][] = [
    ["Ctrl-C in a terminal, which reaches everyone,", (npm) => process.kill(-(npm.pid ?? 0), "SIGINT")],
    ["an interrupt of npm alone", (npm) => npm.kill("SIGINT")],
    ["a service manager's SIGTERM", (npm) => npm.kill("SIGTERM")],
  ];
  for (const [who, stop] of stops) {
    it(`serves; ${who} ends it and leaves no process`, async () => {
      const { npm, home, port, output } = await start();
      let processes = tree(npm.pid ?? 0);
      try {
        assert.match(output, new RegExp(`^Kliv is ready at https://localhost:${port}$`, "m"));
        const ca = readFileSync(join(home, "ca.pem"));
        assert.equal((await callServer({ port, ca, method: "GET", path: "/readyz" })).status, 200);
        processes = tree(npm.pid ?? 0);
        assert.ok(processes.size >= 4, "npm, the server, PostgreSQL and a sandboxed child are seen");
        const ended = new Promise((resolve) => npm.once("exit", resolve));
        stop(npm);
        await ended;
        assert.deepEqual(await leftOf(processes), []);
      } finally {
        for (const [pid, startedAt] of processes) if (statOf(pid)[19] === startedAt) process.kill(pid, "SIGKILL");
        rmSync(home, { recursive: true, force: true });
      }
    });
  }
});

import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const root = join(import.meta.dirname, "..");
const startMs = 120_000;

export interface Answer {
  status: number;
  body: Buffer;
}

/** A real server, started by the command line in a home of its own, and one team's token for it. */
export interface Served {
  home: string;
  port: number;
  ca: Buffer;
  token: string;
  team: string;
  pid: number;
  /** From the command to the line that says it is ready. */
  startedMs: number;
  call(method: string, path: string, options?: { body?: Buffer | Readable | object; headers?: Record<string, string> }): Promise<Answer>;
  /** As `call`, for JSON; throws where the answer is not the expected status. */
  ask<T = Record<string, never>>(method: string, path: string, options?: { body?: Buffer | Readable | object; headers?: Record<string, string>; expected?: number }): Promise<T>;
  /** The command line, on the same home. Throws where it fails. */
  kliv(...words: string[]): Record<string, string>;
  stop(): Promise<void>;
}

/** Starts the server. `sample`: with the sample team, as a first start has it. */
export async function serve(options: { sample?: boolean; people?: boolean } = {}): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), "kliv-bench-"));
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn("sh", [join(root, "bin/kliv"), "start", "--home", home, "--port", String(port), ...(options.sample ? [] : ["--no-sample"])], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, KLIV_CHECKS: "off" } });
  const stop = async (): Promise<void> => {
    await ended(child, "SIGTERM");
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await ready(child);
    const startedMs = performance.now() - startedAt;
    const people = options.people === false ? { team: "", token: "" } : makePeople(home);
    const ca = readFileSync(join(home, "ca.pem"));
    const call = caller({ port, ca, token: people.token });
    return {
      home, port, ca, ...people, pid: child.pid ?? 0, startedMs, call, stop, kliv: (...words) => command(home, ...words),
      async ask(method, path, { expected = 200, ...rest } = {}) {
        const { status, body } = await call(method, path, rest);
        if (status !== expected) throw new Error(`${method} ${path} answered ${status}: ${body.toString("utf8", 0, 500)}`);
        return JSON.parse(body.length === 0 ? "{}" : body.toString("utf8"));
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`the server was not ready in ${startMs} ms: ${output}`)), startMs);
    const take = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      if (!output.includes("Kliv is ready")) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}: ${output.slice(-500)}`));
    });
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

function command(home: string, ...words: string[]): Record<string, string> {
  const run = spawnSync("sh", [join(root, "bin/kliv"), ...words, "--home", home, "--json"], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Record<string, string>;
}

function makePeople(home: string): { team: string; token: string } {
  command(home, "user", "create", "--email", "bench@example.com", "--name", "Bench");
  const team = command(home, "team", "create", "--name", "Bench", "--plan", "enterprise", "--owner", "bench@example.com")["id"] ?? "";
  return { team, token: command(home, "token", "create", "--user", "bench@example.com", "--team", team, "--scope", "all")["token"] ?? "" };
}

function caller({ port, ca, token }: { port: number; ca: Buffer; token: string }): Served["call"] {
  const agent = new Agent({ ca, keepAlive: true });
  return (method, path, { body, headers } = {}) =>
    new Promise((resolve, reject) => {
      const isStream = body !== undefined && typeof (body as Readable).pipe === "function";
      const bytes = body === undefined || isStream ? null : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
      const own = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(bytes ? { "content-type": "application/json", "content-length": String(bytes.length) } : {}) };
      const sent = request({ agent, host: "localhost", port, method, path, headers: { ...own, ...headers } }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
        response.on("error", reject);
      });
      sent.on("error", reject);
      if (isStream) pipeline(body as Readable, sent).catch(reject);
      else sent.end(bytes ?? undefined);
    });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

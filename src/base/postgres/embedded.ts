import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Problem } from "../problems/problem.ts";
import { clearOrphans, runningPid, stopMs } from "./orphan.ts";
import { canBeReached, findProgram, serverUser } from "./program.ts";
import type { Binaries } from "./program.ts";

const run = promisify(execFile);

export interface EmbeddedPostgres {
  ownerUrl: string;
  appUrl: string;
  /** Of the running postmaster; its children end with it. */
  pid: number;
  /** Waits until every process of it has ended. Does nothing when this process did not start it. */
  stop(): Promise<void>;
}

interface Secrets {
  owner: string;
  app: string;
}

/**
 * Starts the real PostgreSQL of the npm package on a Unix socket that only this user reaches; no port is opened.
 * An orphan of a killed parent is stopped first. With `attach`, a running one is used as it is.
 */
export async function startEmbeddedPostgres(options: { home: string; attach?: boolean }): Promise<EmbeddedPostgres> {
  const folder = join(options.home, "postgres");
  const data = join(folder, "data");
  const socket = socketFolder(folder);
  const secrets = readSecrets(options.home);
  const url = (user: string, password: string): string =>
    `postgres://${user}:${password}@/kliv?host=${encodeURIComponent(socket)}&port=5432`;
  const urls = { ownerUrl: url("kliv_owner", secrets.owner), appUrl: url("kliv_app", secrets.app) };

  const running = runningPid(data);
  if (running !== null && options.attach) return { ...urls, pid: running, stop: async () => {} };
  if (existsSync(data)) await clearOrphans({ data, socket });

  prepareFolders(folder, socket);
  const { binaries, leave } = await findProgram(folder);
  if (!existsSync(join(data, "PG_VERSION")) || existsSync(join(folder, "initializing"))) await initialize({ folder, data, binaries, secrets });
  const child = await startServer({ data, socket, binaries });
  return { ...urls, pid: child.pid as number, stop: () => stopServer(child).then(leave) };
}

function readSecrets(home: string): Secrets {
  const file = join(home, "secrets", "postgres.json");
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const secrets: Secrets = { owner: randomBytes(24).toString("hex"), app: randomBytes(24).toString("hex") };
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600, flush: true });
  }
  return JSON.parse(readFileSync(file, "utf8")) as Secrets;
}

// A Unix socket's path has at most 107 bytes, so a deep home needs a short one elsewhere.
function socketFolder(folder: string): string {
  const inside = join(folder, "socket");
  if (Buffer.byteLength(inside) < 85) return inside;
  return join(tmpdir(), `kliv-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`);
}

function prepareFolders(folder: string, socket: string): void {
  for (const path of [folder, socket]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    if (process.getuid?.() === 0) chownSync(path, serverUser, serverUser);
  }
}

async function initialize(options: { folder: string; data: string; binaries: Binaries; secrets: Secrets }): Promise<void> {
  const { folder, data, binaries, secrets } = options;
  // The marker stays until the folder is whole: a kill in between means to begin again.
  const marker = join(folder, "initializing");
  writeFileSync(marker, "");
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  const passwords = join(folder, "owner-password");
  writeFileSync(passwords, secrets.owner, { mode: 0o600 });
  if (process.getuid?.() === 0) for (const path of [data, passwords]) chownSync(path, serverUser, serverUser);
  const { command, args, options: as } = asServerUser(binaries.initdb, [
    "-D", data, "-U", "kliv_owner", `--pwfile=${passwords}`, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
  ], [data]);
  await run(command, args, { ...as, timeout: 60_000 });
  // Read only by the owner's and the app's login over the socket: nothing else may connect.
  writeFileSync(join(data, "pg_hba.conf"), "local all kliv_owner scram-sha-256\nlocal kliv kliv_app scram-sha-256\n");
  rmSync(passwords);
  const bootstrap = asServerUser(binaries.postgres, ["--single", "-D", data, "-c", "exit_on_error=true", "postgres"], [data]);
  await feed(bootstrap, `CREATE DATABASE kliv;\nCREATE ROLE kliv_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '${secrets.app}';\n`);
  rmSync(marker);
}

function feed(call: Invocation, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(call.command, call.args, { ...call.options, stdio: ["pipe", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk).slice(-2_000)));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Problem("POSTGRES_UNAVAILABLE", { values: { reason: `bootstrap ended with ${code}: ${errors.slice(-300)}` } })),
    );
    child.stdin.end(input);
  });
}

interface Invocation {
  command: string;
  args: string[];
  options: { uid?: number; gid?: number; env: Record<string, string>; cwd: string };
}

/**
 * As root, another user id. Where that user could not walk to the files (a home below /root), setpriv leaves it
 * the one capability to read and search, and nothing else of root's.
 */
function asServerUser(binary: string, args: string[], paths: string[]): Invocation {
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  if (process.getuid?.() !== 0) return { command: binary, args, options: { env, cwd: "/" } };
  if ([binary, ...paths].every(canBeReached)) return { command: binary, args, options: { env, cwd: "/", uid: serverUser, gid: serverUser } };
  const capabilities = "-all,+dac_read_search";
  return {
    command: "setpriv",
    args: [
      `--reuid=${serverUser}`, `--regid=${serverUser}`, "--clear-groups", `--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`,
      `--bounding-set=${capabilities}`, "--", binary, ...args,
    ],
    options: { env, cwd: "/" },
  };
}

async function startServer(options: { data: string; socket: string; binaries: Binaries }): Promise<ChildProcess> {
  const settings: Record<string, string> = {
    listen_addresses: "", unix_socket_directories: options.socket, unix_socket_permissions: "0700", port: "5432",
    shared_buffers: "32MB", max_connections: "60", jit: "off", wal_level: "replica", max_wal_size: "256MB",
    password_encryption: "scram-sha-256", log_min_messages: "fatal", autovacuum_max_workers: "2",
    max_parallel_workers: "0", max_worker_processes: "2", max_logical_replication_workers: "0",
    // Three processes for reading ahead would cost more than this database ever reads.
    io_method: "sync",
  };
  const args = ["-D", options.data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const call = asServerUser(options.binaries.postgres, args, [options.data]);
  accessSync(options.binaries.postgres, constants.X_OK);
  // A group of its own: Ctrl-C in a terminal must not reach it before the server has finished with it.
  const child = spawn(call.command, call.args, { ...call.options, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk).slice(-2_000)));
  const pidFile = join(options.data, "postmaster.pid");
  for (let waitedMs = 0; !isReady(pidFile, child.pid); waitedMs += 10) {
    if (child.exitCode !== null || waitedMs > 60_000) {
      child.kill("SIGKILL");
      throw new Problem("POSTGRES_UNAVAILABLE", { values: { reason: `the embedded server did not start: ${errors.slice(-300)}` } });
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return child;
}

// The eighth line of postmaster.pid says "ready" once connections are taken.
function isReady(pidFile: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(pidFile, "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function stopServer(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill("SIGQUIT"), stopMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGINT");
  });
}

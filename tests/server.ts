import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { movableClock } from "#src/base/clock.ts";
import { readConfig } from "#src/base/config.ts";
import type { Config } from "#src/base/config.ts";
import { operator } from "#src/commands/command.ts";
import { startServer } from "#src/server.ts";
import type { Running } from "#src/server.ts";
import { createSecrets } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  // What a test expects of a body it asserts itself.
  json: any;
}

export interface CallOptions {
  token?: string;
  cookie?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface TestServer {
  running: Running;
  config: Config;
  clock: ReturnType<typeof movableClock>;
  ca: Buffer;
  api(method: string, path: string, options?: CallOptions): Promise<Answered>;
  /** A new account with a team of its own and a token for it. */
  makeTeam(name: string): Promise<{ user: string; email: string; team: string; token: string }>;
  /** Signs this account in, with a new password, and gives the cookie of the session. `agrees`, as nearly everybody does: accepts privacy policy and terms. */
  makeSession(email: string, options?: { agrees: boolean }): Promise<string>;
  makeToken(options: { user: string; team: string; scope: "all" | "read" }): Promise<string>;
  /** What this server's tests use as passwords, tokens and so on; more can be noted. */
  secrets: Secrets;
  /** Looks for all of that in mails, logs, tables and objects first: a secret where it must not be fails the test. */
  stop(): Promise<void>;
}

/** A real server in this process: embedded PostgreSQL, TLS, sandbox; only its clock stands still until it is moved. */
export async function startTestServer(variables: Record<string, string> = {}): Promise<TestServer> {
  const home = mkdtempSync(join(tmpdir(), "kliv-test-"));
  // Servers that share a database sign its audit log alike, and open the secrets of one-time codes.
  mkdirSync(join(home, "secrets"), { mode: 0o700 });
  writeFileSync(join(home, "secrets/factors"), Buffer.alloc(32, 53).toString("base64"), { mode: 0o600 });
  writeFileSync(join(home, "secrets/audit"), Buffer.alloc(32, 74).toString("base64"), { mode: 0o600 });
  // And those that share a store open it with one key.
  if (variables["KLIV_BLOBS"]) writeFileSync(join(home, "secrets/blobs"), Buffer.alloc(32, 47).toString("base64"), { mode: 0o600 });
  const port = await freePort();
  const config = readConfig({ home, port: String(port), "no-sample": true }, { KLIV_CHECKS: "off", ...variables });
  const clock = movableClock(Date.UTC(2026, 10, 24, 9));
  const running = await startServer(config, clock).catch((error: unknown) => {
    rmSync(home, { recursive: true, force: true });
    throw error;
  });
  const ca = readFileSync(join(home, "ca.pem"));
  const { signin, teams } = running.app.rooms;
  const secrets = createSecrets(config);
  const api: TestServer["api"] = async (method, path, options = {}) => {
    const answered = await callServer({ port, ca, method, path, ...options });
    secrets.watch(options, answered);
    return answered;
  };
  const makeToken: TestServer["makeToken"] = async (options) => {
    const { token } = await signin.createToken({ ...options, name: "test", by: operator });
    secrets.note("token", token);
    return token;
  };
  return {
    running,
    config,
    clock,
    ca,
    makeToken,
    secrets,
    api,
    async makeSession(email, { agrees } = { agrees: true }) {
      const password = `of ${email} for one test`;
      const link = await running.app.postgres.transaction({}, async (tx) => {
        const user = await teams.findUserByEmail(tx, email);
        if (!user) throw new Error(`no account has the address ${email}`);
        return new URL(await signin.createLink(tx, user, config.origin)).searchParams.get("link");
      });
      secrets.note("link", link ?? "");
      const asked = await api("POST", "/api/v1/passwords/account", { body: { link } });
      const { pending } = asked.json.agreements;
      await api("POST", "/api/v1/passwords", { body: { link, password, ...(agrees && pending.length > 0 ? { accepted: pending } : {}) } });
      const { headers } = await api("POST", "/api/v1/sessions", { body: { email, password } });
      return String(headers["set-cookie"]).split(";")[0] as string;
    },
    async makeTeam(name) {
      const email = `${name}@example.com`;
      const user = await running.app.postgres.transaction({}, (tx) => teams.createUser(tx, { email, name }));
      const team = await teams.createTeam({ name, plan: "free", owner: user.id, by: operator });
      return { user: user.id, email, team: team.id, token: await makeToken({ user: user.id, team: team.id, scope: "all" }) };
    },
    async stop() {
      try {
        running.log.flush();
        assert.deepEqual(await secrets.scan(), [], "a secret stands where it must not");
      } finally {
        await running.stop();
        rmSync(home, { recursive: true, force: true });
      }
    },
  };
}

/** One HTTPS request on a connection of its own. */
export function callServer(options: CallOptions & { port: number; ca: Buffer; method: string; path: string }): Promise<Answered> {
  const { port, ca, method, path, token, cookie, body } = options;
  const isRaw = Buffer.isBuffer(body);
  const data = body === undefined ? undefined : isRaw ? body : Buffer.from(JSON.stringify(body));
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}), ...(cookie ? { cookie } : {}),
    ...(data && !isRaw ? { "content-type": "application/json" } : {}), ...(data ? { "content-length": String(data.length) } : {}), ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "localhost", servername: "localhost", port, ca, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(parts);
        let json: unknown;
        if (/[/+]json\b/.test(String(response.headers["content-type"]))) json = JSON.parse(bytes.toString("utf8"));
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, json });
      });
    });
    sent.on("error", reject);
    sent.end(data);
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

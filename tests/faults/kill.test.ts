import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { callServer, freePort } from "../server.ts";

const root = join(import.meta.dirname, "../..");
const momentMsMax = 10_000;
const killsMax = Number(process.env["KLIV_KILLS"] ?? 50);

/** What the server said that it has: after any crash it must still have it. */
interface Acknowledged {
  databases: Map<string, number>;
  /** Report by id: the title of the last answered edit and the one that was under way, which may or may not be there. */
  reports: Map<string, { title: string; next: string | null }>;
  publications: Map<string, string>;
}

/** A generator with a seed, so that a failing run can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("kill -9", () => {
  it(`at ${killsMax} random moments loses nothing acknowledged and shows nothing half-done`, async () => {
    const seed = Number(process.env["KLIV_SEED"] ?? 74);
    const next = random(seed);
    const home = mkdtempSync(join(tmpdir(), "kliv-kill-"));
    const port = await freePort();
    const known: Acknowledged = { databases: new Map(), reports: new Map(), publications: new Map() };
    try {
      const { team, token } = setUp(home);
      for (let round = 0; round < killsMax; round++) {
        const server = await start(home, port);
        const api = caller(home, port, token);
        await verify({ api, team, known, note: `seed ${seed}, after kill ${round}` });
        // A moment by what was answered, and then some milliseconds: the same on a slow machine, where a time alone would hit nothing.
        const moment = createMoment(server, { answers: Math.floor(next() * 12), ms: next() * 60 });
        const counted: Api = async (...call) => {
          const answered = await api(...call);
          moment.count();
          return answered;
        };
        await Promise.all([uploads({ api: counted, team, known, round }), edits({ api: counted, team, known, round }), publications({ api: counted, known })]);
        await moment.dead;
        // Every other time PostgreSQL dies of it too, without a word to its own processes.
        if (round % 2 === 1) killPostgres(home);
      }
      const server = await start(home, port);
      await verify({ api: caller(home, port, token), team, known, note: `seed ${seed}, at the end` });
      const stopped = ended(server);
      server.kill("SIGTERM");
      await stopped;
      assert.ok(known.databases.size > killsMax / 5 && known.reports.size > killsMax / 10 && known.publications.size > 0, `the rounds did something: ${known.databases.size} databases, ${known.reports.size} reports, ${known.publications.size} publications`);
    } finally {
      endLeftovers(home);
      rmSync(home, { recursive: true, force: true });
    }
  });
});

const killPostgres = (home: string): void => killOurs(home, Number(readOr(join(home, "postgres/data/postmaster.pid"), "").split("\n")[0]));

// What the last kill orphaned where no start followed it.
function endLeftovers(home: string): void {
  killOurs(home, JSON.parse(readOr(join(home, "lock.json"), "{}")).pid);
  killPostgres(home);
}

// A pid comes around again: only a process that speaks of this home is ours.
function killOurs(home: string, pid: number | undefined): void {
  if (pid && readOr(`/proc/${pid}/cmdline`, "").includes(home)) process.kill(pid, "SIGKILL");
}

function readOr(file: string, other: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : other;
}

function kliv(home: string, ...words: string[]): any {
  const run = spawnSync(join(root, "bin/kliv"), [...words, "--home", home, "--json"], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout);
}

function setUp(home: string): { team: string; token: string } {
  kliv(home, "user", "create", "--email", "kill@example.com", "--name", "Kill");
  const team = kliv(home, "team", "create", "--name", "Kill", "--plan", "free", "--owner", "kill@example.com").id as string;
  const { token } = kliv(home, "token", "create", "--user", "kill@example.com", "--team", team, "--scope", "all");
  return { team, token };
}

function start(home: string, port: number): Promise<ChildProcess> {
  const child = spawn(join(root, "bin/kliv"), ["start", "--home", home, "--port", String(port), "--no-sample"], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, KLIV_CHECKS: "off" } });
  return new Promise((resolve, reject) => {
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk;
      if (output.includes("Kliv is ready")) resolve(child);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${output.slice(-500)}`)));
  });
}

/** Kills once so many calls were answered and so many milliseconds have passed, and in any case after a while. */
function createMoment(child: ChildProcess, { answers, ms }: { answers: number; ms: number }): { count(): void; dead: Promise<void> } {
  let left = answers;
  const dead = ended(child);
  const kill = (): void => void child.kill("SIGKILL");
  const late = setTimeout(kill, momentMsMax);
  const count = (): void => {
    if (left-- === 0) setTimeout(kill, ms);
  };
  count();
  return { count, dead: dead.finally(() => clearTimeout(late)) };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => void child.once("exit", () => resolve()));
}

type Api = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => ReturnType<typeof callServer>;

function caller(home: string, port: number, token: string): Api {
  const ca = readFileSync(join(home, "ca.pem"));
  return (method, path, body, headers) => callServer({ port, ca, method, path, token, body, ...(headers ? { headers } : {}) });
}

// Each goes on until the connection breaks.
async function untilKilled(step: (count: number) => Promise<void>): Promise<void> {
  for (let count = 0; ; count++) {
    try {
      await step(count);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return;
    }
  }
}

async function uploads({ api, team, known, round }: { api: Api; team: string; known: Acknowledged; round: number }): Promise<void> {
  await untilKilled(async (count) => {
    const rows = 200 + ((round * 37 + count * 101) % 5_000);
    const body = Buffer.from(`id,name\n${Array.from({ length: rows }, (_, i) => `${i},row ${i}`).join("\n")}\n`);
    const made = await api("POST", `/api/v1/teams/${team}/databases?name=r${round}-${count}`, body, { "x-filename": "rows.csv" });
    assert.equal(made.status, 201, made.bytes.toString());
    known.databases.set(made.json.id, rows);
  });
}

async function edits({ api, team, known, round }: { api: Api; team: string; known: Acknowledged; round: number }): Promise<void> {
  const definition = (title: string) => ({ schema: 1, title, language: "en", parameters: [], blocks: [{ id: "a", kind: "text", layout: { x: 0, y: 0, w: 12, h: 2 }, markdown: title }] });
  await untilKilled(async (count) => {
    const title = `Report ${round}-${count}`;
    const made = await api("POST", `/api/v1/teams/${team}/reports`, definition(title));
    assert.equal(made.status, 201, made.bytes.toString());
    const report = { title, next: null as string | null };
    known.reports.set(made.json.id, report);
    for (let edit = 0; edit < 3; edit++) {
      report.next = `${title} edit ${edit}`;
      const saved = await api("PUT", `/api/v1/reports/${made.json.id}`, definition(report.next));
      assert.equal(saved.status, 200, saved.bytes.toString());
      report.title = report.next;
      report.next = null;
    }
  });
}

async function publications({ api, known }: { api: Api; known: Acknowledged }): Promise<void> {
  await untilKilled(async (count) => {
    const id = [...known.reports.keys()][count];
    if (id === undefined) throw new Error("none left");
    if (known.publications.has(id)) return;
    const made = await api("POST", `/api/v1/reports/${id}/publication`, { visibility: "public" });
    assert.ok([200, 201].includes(made.status), made.bytes.toString());
    known.publications.set(id, made.json.slug);
  });
}

async function verify({ api, team, known, note }: { api: Api; team: string; known: Acknowledged; note: string }): Promise<void> {
  const listed = new Map<string, { tables: { name: string; rows: number }[] }>();
  for (let cursor = ""; ; ) {
    const page = await api("GET", `/api/v1/teams/${team}/databases?limit=200${cursor}`);
    assert.equal(page.status, 200, note);
    for (const item of page.json.items) listed.set(item.id, item);
    if (!page.json.nextCursor) break;
    cursor = `&cursor=${page.json.nextCursor}`;
  }
  for (const [id, rows] of known.databases) assert.equal(listed.get(id)?.tables[0]?.rows, rows, `${note}: database ${id}`);
  // What is visible is whole, acknowledged or not: the newest are asked, which are those that the kill can have cut.
  for (const [id, one] of [...listed].slice(0, 3)) {
    const counted = await api("POST", `/api/v1/databases/${id}/query`, { sql: `select count(*) from "${one.tables[0]?.name}"` });
    assert.equal(counted.json?.rows?.[0]?.[0], one.tables[0]?.rows, `${note}: contents of ${id}`);
  }
  for (const [id, report] of [...known.reports].slice(-6)) {
    const found = await api("GET", `/api/v1/reports/${id}`);
    assert.ok([report.title, report.next].includes(found.json?.title), `${note}: report ${id} is ${found.json?.title}, not ${report.title}`);
    if (report.next) Object.assign(report, { title: found.json.title, next: null });
  }
  for (const [, slug] of [...known.publications].slice(-6)) assert.equal((await api("GET", `/r/${slug}`)).status, 200, `${note}: /r/${slug}`);
}

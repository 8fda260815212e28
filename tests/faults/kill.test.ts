import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { processesIn } from "#src/base/processes.ts";
import { callServer, freePort } from "../server.ts";
import { createKnown, verify, verifyEnd } from "./known.ts";
import type { Api, Known } from "./known.ts";

const root = join(import.meta.dirname, "../..");
const killsMax = Number(process.env["KLIV_KILLS"] ?? 50);
/** On a machine that is slow or busy fewer kills have to do, but never fewer than this. */
const killsMin = Math.min(killsMax, 12);
/** Who asks for a number of kills waits for them. */
const killingMs = process.env["KLIV_KILLS"] === undefined ? 150_000 : killsMax * 15_000;
/** Little room for working copies, so that they are put out and fetched again all the time. */
const cacheBytesMax = 256 * 1024;
/** A round ends, whatever it got done. */
const roundMsMax = 4_000;

type Kind = "file" | "report";

interface Round {
  api: Api;
  team: string;
  known: Known;
  number: number;
  /** Called with each answer; they decide when the server dies. */
  answered(kind: Kind): void;
}

describe("kill -9", { timeout: killingMs + 250_000 }, () => {
  it(`at up to ${killsMax} random moments loses nothing acknowledged and shows nothing half-done`, async (t) => {
    const seed = Number(process.env["KLIV_SEED"] ?? 74);
    const next = random(seed);
    const home = mkdtempSync(join(tmpdir(), "kliv-kill-"));
    const port = await freePort();
    const known = createKnown();
    const untilMs = performance.now() + killingMs;
    let kills = 0;
    try {
      const { team, token } = setUp(home);
      while (kills < killsMax && (kills < killsMin || performance.now() < untilMs)) {
        const server = await start(home, port);
        const api = caller(home, port, token);
        await verify({ api, team, known, note: `seed ${seed}, after kill ${kills}` });
        // After some answers and a little more, so that the moments are spread over the work however fast the machine is;
        // by turns among files, which take long, and among reports, which do not.
        const moment = kills % 2 === 0 ? { kind: "file" as const, answers: Math.floor(next() * 4) } : { kind: "report" as const, answers: Math.floor(next() * 12) };
        const { answered, dead } = killDuring(server, { ...moment, thenMs: next() * 150 });
        const round: Round = { api, team, known, number: kills, answered };
        await Promise.all([uploads(round), jobs(round), growth(round), edits(round), publications(round)]);
        await dead;
        // Every other pair of times PostgreSQL dies of it too, without a word to its own processes.
        if (kills % 4 > 1) killAll(home);
        kills++;
      }
      const server = await start(home, port);
      await verifyEnd({ api: caller(home, port, token), team, known, note: `seed ${seed}, at the end` });
      // Every object that a version points to is there, and has the version's checksum.
      const read = kliv(home, "database", "verify");
      assert.deepEqual(read.found, []);
      assert.ok(read.objects > 0);
      const gone = exitOf(server);
      server.kill("SIGTERM");
      await gone;
      assert.deepEqual([...processesOf(home), ...processesIn(join(home, "postgres/data"))], [], "nothing runs on");
      // Every event has its place, and every checkpoint that anyone has seen holds.
      const { ok, trees } = kliv(home, "audit", "verify");
      assert.ok(ok && trees.length >= 2, JSON.stringify(trees));
      assert.deepEqual(trees.map((tree: { pending: number }) => tree.pending), trees.map(() => 0));
      t.diagnostic(`${kills} kills; ${Object.entries(known).map(([name, { size }]) => `${size} ${name}`).join(", ")}`);
      for (const [name, { size }] of Object.entries(known)) assert.ok(size > 0, `the rounds did something with ${name}`);
    } finally {
      killAll(home);
      rmSync(home, { recursive: true, force: true });
    }
  });
});

/** A generator with a seed, so that a failing run can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The server, and the PostgreSQL that a kill orphaned, by the pids in the home: what speaks of this home is ours. */
function processesOf(home: string): number[] {
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const pids = [JSON.parse(read(join(home, "lock.json")) || "{}").pid, Number(read(join(home, "postgres/data/postmaster.pid")).split("\n")[0])];
  return pids.filter((pid) => pid && read(`/proc/${pid}/cmdline`).includes(home));
}

function killAll(home: string): void {
  for (const pid of processesOf(home)) process.kill(pid, "SIGKILL");
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
  const child = spawn(join(root, "bin/kliv"), ["start", "--home", home, "--port", String(port), "--no-sample"], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, KLIV_CHECKS: "off", KLIV_CACHE_BYTES_MAX: String(cacheBytesMax) } });
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

const exitOf = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once("exit", () => resolve()));

function killDuring(child: ChildProcess, { kind, answers, thenMs }: { kind: Kind; answers: number; thenMs: number }): { answered(kind: Kind): void; dead: Promise<void> } {
  const dead = exitOf(child);
  const kill = (): void => void child.kill("SIGKILL");
  const latest = setTimeout(kill, roundMsMax);
  void dead.then(() => clearTimeout(latest));
  let left = answers;
  return { dead, answered: (one) => void (one === kind && left-- === 0 && setTimeout(kill, thenMs)) };
}

function caller(home: string, port: number, token: string): Api {
  const ca = readFileSync(join(home, "ca.pem"));
  return (method, path, body, headers) => callServer({ port, ca, method, path, token, body, ...(headers ? { headers } : {}) });
}

/** Goes on until the connection breaks; an answer that should not be is no such break. */
async function untilKilled({ answered }: Round, kind: Kind, step: (count: number) => Promise<void>): Promise<void> {
  for (let count = 0; ; count++) {
    try {
      await step(count);
      answered(kind);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return;
    }
  }
}

const csvOf = (rows: number): Buffer => Buffer.from(`id,name\n${Array.from({ length: rows }, (_, i) => `${i},row ${i}`).join("\n")}\n`);
const csvHeaders = { "x-filename": "rows.csv", "content-type": "text/csv" };

async function uploads(round: Round): Promise<void> {
  const { api, team, known, number } = round;
  await untilKilled(round, "file", async (count) => {
    const rows = 200 + ((number * 37 + count * 101) % 5_000);
    const made = await api("POST", `/api/v1/teams/${team}/databases?name=r${number}-${count}`, csvOf(rows), csvHeaders);
    assert.equal(made.status, 201, made.bytes.toString());
    known.databases.set(made.json.id, [rows]);
  });
}

/** An accepted import must happen, and once. A few a round: what waits at the end is waited for. */
async function jobs(round: Round): Promise<void> {
  const { api, team, known, number } = round;
  await untilKilled(round, "file", async (count) => {
    if (count === 2) throw new Error("enough");
    const name = `job-${number}-${count}`;
    const accepted = await api("POST", `/api/v1/teams/${team}/databases?name=${name}`, csvOf(300), { ...csvHeaders, prefer: "respond-async" });
    assert.equal(accepted.status, 202, accepted.bytes.toString());
    known.jobs.set(accepted.json.job, name);
  });
}

/** Versions of one database: rows are added or changed by a key, now and then all of it is replaced, or an older version restored. What is under way may be there or not. */
async function growth(round: Round): Promise<void> {
  const { api, team, known, number } = round;
  await untilKilled(round, "file", async (count) => {
    const [id] = known.growing;
    if (id === undefined) {
      const made = await api("POST", `/api/v1/teams/${team}/databases?name=growing-${number}-${count}`, csvOf(1), csvHeaders);
      assert.equal(made.status, 201, made.bytes.toString());
      known.growing.add(made.json.id);
      known.databases.set(made.json.id, [1]);
      return;
    }
    const [rows = 0] = known.databases.get(id) ?? [];
    const steps = [`/tables/rows/rows`, `/tables/rows/rows?mode=upsert&key=id`, "restore", `/tables/rows/rows`, "replace"] as const;
    const step = steps[count % steps.length]!;
    const older = [...known.versions.entries()].at(-3);
    if (step === "restore" && older === undefined) return;
    const next = step === "replace" ? 10 : step === "restore" ? older![1] : rows + 1;
    known.databases.set(id, [rows, next]);
    const saved = await (step === "replace" ? api("PUT", `/api/v1/databases/${id}/contents`, csvOf(10), csvHeaders)
      : step === "restore" ? api("POST", `/api/v1/databases/${id}/versions/${older![0]}/restoration`)
      : api("POST", `/api/v1/databases/${id}${step}`, [{ id: 1_000_000 + number * 1_000 + count, name: "one more" }]));
    assert.equal(saved.status, 200, saved.bytes.toString());
    known.databases.set(id, [next]);
    known.versions.set(saved.json.version, next);
  });
}

async function edits(round: Round): Promise<void> {
  const { api, team, known, number, answered } = round;
  const definition = (title: string) => ({ schema: 1, title, language: "en", parameters: [], blocks: [{ id: "a", kind: "text", layout: { x: 0, y: 0, w: 12, h: 2 }, markdown: title }] });
  await untilKilled(round, "report", async (count) => {
    const title = `Report ${number}-${count}`;
    const made = await api("POST", `/api/v1/teams/${team}/reports`, definition(title));
    assert.equal(made.status, 201, made.bytes.toString());
    const report = { title, next: null as string | null };
    known.reports.set(made.json.id, report);
    for (let edit = 0; edit < 3; edit++) {
      answered("report");
      report.next = `${title} edit ${edit}`;
      const saved = await api("PUT", `/api/v1/reports/${made.json.id}`, definition(report.next));
      assert.equal(saved.status, 200, saved.bytes.toString());
      Object.assign(report, { title: report.next, next: null });
    }
  });
}

/** The newest reports are published; every third is withdrawn again. */
async function publications(round: Round): Promise<void> {
  const { api, known } = round;
  await untilKilled(round, "report", async (count) => {
    const id = [...known.reports.keys()].findLast((one) => !known.publications.has(one));
    if (id === undefined) return void (await api("GET", "/healthz"));
    const made = await api("POST", `/api/v1/reports/${id}/publication`, { visibility: "public" });
    assert.ok([200, 201].includes(made.status), made.bytes.toString());
    const publication = { slug: made.json.slug as string, state: "published" as "published" | "withdrawing" | "withdrawn" };
    known.publications.set(id, publication);
    if (count % 3 !== 2) return;
    publication.state = "withdrawing";
    const gone = await api("DELETE", `/api/v1/reports/${id}/publication`);
    assert.equal(gone.status, 204, gone.bytes.toString());
    publication.state = "withdrawn";
  });
}

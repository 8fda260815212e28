import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Problem } from "#src/base/problems/problem.ts";
import { SandboxChild } from "./child.ts";
import { findTools, sandboxCommand } from "./command.ts";
import type { Walls } from "./command.ts";
import { Exchange } from "./exchange.ts";
import { codeImage } from "./image.ts";
import { SandboxPool } from "./pool.ts";
import type { SandboxOptions } from "./pool.ts";

const entry = fileURLToPath(new URL("test-worker.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "kliv-pool-"));
chmodSync(folder, 0o711);
writeFileSync(join(folder, "data.txt"), "data", { mode: 0o644 });
after(() => rmSync(folder, { recursive: true, force: true }));

async function withPool(work: (pool: SandboxPool) => Promise<void>, more: Partial<SandboxOptions> = {}): Promise<void> {
  const memoryBytesMax = 256 * 1024 * 1024;
  const pool = new SandboxPool({ entry, workersMax: 2, workersIdle: 1, idleMs: 60_000, memoryBytesMax, readableDirs: [folder], ...more });
  try {
    await work(pool);
  } finally {
    await pool.close();
  }
}

const patient = { timeoutMs: 30_000 };
const code = (wanted: string) => (error: unknown) => error instanceof Problem && error.code === wanted && error.status >= 400 && error.status < 504;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!condition()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a child answers, and the same warm child answers again", () =>
  withPool(async (pool) => {
    await pool.warm();
    assert.equal(pool.counts.idle, 1);
    const first = await pool.run("pid", null, patient);
    assert.equal((await first.body.bytes()).length, 0);
    assert.equal((await pool.run("pid", null, patient)).head, first.head);
    assert.deepEqual((await pool.run("echo", { 日本: [1, null, "\u0000"] }, patient)).head, { 日本: [1, null, "\u0000"] });
    await pool.run("print", "this is not a frame", patient);
  }));

test("a child sees its folder and nothing else, has no environment and writes nowhere", () =>
  withPool(async (pool) => {
    const read = async (path: string) => (await pool.run("read", path, patient)).head;
    assert.deepEqual(await read(join(folder, "data.txt")), { done: "data" });
    for (const path of ["/etc/passwd", entry, fileURLToPath(new URL("../../../package.json", import.meta.url))]) {
      assert.ok("refused" in (await read(path)), path);
    }
    for (const path of [join(folder, "new.txt"), "/tmp/kliv-new.txt"]) {
      assert.ok("refused" in (await pool.run("write", { path, bytes: 10 }, patient)).head, path);
    }
    const { uid, variables } = (await pool.run("user", null, patient)).head;
    // Bubblewrap itself sets PWD.
    assert.deepEqual(variables.filter((name: string) => name !== "PWD"), []);
    if (pool.separateUser) assert.equal(uid, 65533);
  }));

test("children start without any tool of the machine, and with only a part of them", async () => {
  const tools = findTools();
  const image = codeImage(entry);
  const needs = { readableDirs: [folder], rootDir: image.rootDir, packages: false, memoryBytesMax: 256e6, fileBytesMax: 0 };
  const levels: Walls[] = [{ level: "process", separateUser: false, filtersCalls: false, tools: {} }];
  if (tools.prlimit !== undefined) levels.push({ level: "prlimit", separateUser: false, filtersCalls: false, tools: { prlimit: tools.prlimit } });
  for (const walls of levels) {
    const child = new SandboxChild(sandboxCommand(walls, needs), image.bytes);
    try {
      const read = new Exchange(child, { kind: "read", request: join(folder, "data.txt") }, patient);
      assert.deepEqual((await read.answer).head, { done: "data" });
      const write = new Exchange(child, { kind: "write", request: { path: join(folder, "new.txt"), bytes: 1 } }, patient);
      assert.ok("refused" in (await write.answer).head);
    } finally {
      child.kill();
      await child.exited;
    }
  }
});

test("the deadline ends one task, others go on, and a new child takes the place", () =>
  withPool(async (pool) => {
    await pool.warm();
    const ended = assert.rejects(pool.run("spin", null, { timeoutMs: 300 }), code("WORK_TIMEOUT"));
    const others = [];
    for (let nth = 0; nth < 20; nth += 1) others.push((await pool.run("echo", nth, patient)).head);
    assert.deepEqual(others, Array.from({ length: 20 }, (_, nth) => nth));
    await ended;
    assert.equal((await pool.run("echo", "again", patient)).head, "again");
  }));

test("queries are refused in the words of queries", () =>
  withPool(async (pool) => {
    await assert.rejects(pool.run("query", {}, patient), code("QUERY_FAILED"));
    await assert.rejects(pool.run("throw", {}, patient), code("WORK_FAILED"));
  }));

test("who goes away frees the child, whether the task runs or waits", () =>
  withPool(
    async (pool) => {
      const [running, waiting] = [new AbortController(), new AbortController()];
      const first = pool.run("spin", null, { ...patient, signal: running.signal });
      const second = pool.run("echo", 2, { ...patient, signal: waiting.signal });
      const third = pool.run("echo", 3, patient);
      await pool.warm();
      waiting.abort();
      await assert.rejects(second, code("WORK_CANCELLED"));
      running.abort();
      await assert.rejects(first, code("WORK_CANCELLED"));
      assert.equal((await third).head, 3);
      await assert.rejects(pool.run("echo", 4, { ...patient, signal: waiting.signal }), code("WORK_CANCELLED"));
    },
    { workersMax: 1 },
  ));

test("the queue has an end, and teams take turns in it", () =>
  withPool(
    async (pool) => {
      const stop = new AbortController();
      const spinning = pool.run("spin", null, { ...patient, signal: stop.signal });
      await pool.warm();
      const order: string[] = [];
      const asks = ["a1", "a2", "a3", "b1"].map((name) =>
        pool.run("echo", name, { ...patient, team: name[0]! }).then(({ head }) => order.push(head as string)),
      );
      await assert.rejects(pool.run("echo", "too many", patient), (error) => code("WORK_QUEUE_FULL")(error) && (error as Problem).options.retryAfterSeconds! > 0);
      stop.abort();
      await assert.rejects(spinning, code("WORK_CANCELLED"));
      await Promise.all(asks);
      assert.deepEqual(order, ["a1", "b1", "a2", "a3"]);
    },
    { workersMax: 1, waitingMax: 4 },
  ));

test("a child that crashes fails its own task only; one that leaves between tasks loses none", () =>
  withPool(async (pool) => {
    await assert.rejects(pool.run("crash", null, patient), code("WORK_FAILED"));
    await assert.rejects(pool.run("leave", null, patient), code("WORK_FAILED"));
    assert.equal((await pool.run("echo", 1, patient)).head, 1);
  }));

test("memory has an end", () =>
  withPool(async (pool) => {
    await assert.rejects(pool.run("hog", null, patient), (error) => code("WORK_MEMORY")(error) || code("WORK_FAILED")(error));
    assert.equal((await pool.run("echo", 1, patient)).head, 1);
  }));

test("a large answer arrives whole while its reader is slow, and the child waits", () =>
  withPool(async (pool) => {
    const { body } = await pool.run("pour", { pieces: 300, pieceBytes: 65_536 }, patient);
    let bytes = 0;
    for await (const piece of body) {
      bytes += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(bytes, 300 * 65_536);
    assert.deepEqual(await body.figures, { pieces: 300 });
    const held = await pool.run("pour", { pieces: 300, pieceBytes: 65_536 }, patient);
    for await (const piece of held.body) if (piece.length > 0) break;
    await assert.rejects(held.body.figures, code("WORK_CANCELLED"));
  }));

test("an answer that breaks off says so at its end", () =>
  withPool(async (pool) => {
    const { head, body } = await pool.run("pour-then-throw", null, patient);
    assert.equal(head, "pouring");
    await assert.rejects(body.bytes(), code("WORK_FAILED"));
  }));

test("children above the warm number are ended when idle, and none is left after close", async () => {
  const lost: number[] = [];
  const pids: number[] = [];
  await withPool(
    async (pool) => {
      await pool.warm();
      await Promise.all([1, 2].map(() => pool.run("echo", null, patient)));
      await until(() => pool.counts.workers === 1);
    },
    { idleMs: 1, log: ({ event, pid }) => (event === "sandbox.child-lost" ? lost : pids).push(pid ?? 0) },
  );
  assert.equal(lost.length >= 1, true);
  for (const pid of lost) assert.equal(alive(pid), false);
});

test("a closed pool takes nothing", async () => {
  const pool = new SandboxPool({ entry, workersMax: 1, workersIdle: 0, idleMs: 1, memoryBytesMax: 1e8, readableDirs: [] });
  await pool.close();
  await assert.rejects(pool.run("echo", 1, patient), code("SHUTTING_DOWN"));
});

test("kill -9 of the server leaves no child, however busy it is", async (t) => {
  const script = `
    import { SandboxPool } from ${JSON.stringify(new URL("pool.ts", import.meta.url).href)};
    const pool = new SandboxPool({ entry: ${JSON.stringify(entry)}, workersMax: 2, workersIdle: 2, idleMs: 1e6, memoryBytesMax: 1e8, readableDirs: [] });
    await pool.warm();
    pool.run("spin", null, { timeoutMs: 60_000 }).catch(() => {});
    console.log(JSON.stringify([pool.level, ...[...pool.workers].map((worker) => worker.child.pid)]));`;
  const server = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => server.kill("SIGKILL"));
  const told = await new Promise<Buffer>((resolve, reject) => {
    server.stdout.once("data", resolve);
    server.once("close", (status) => reject(new Error(`the server ended by itself (${status})`)));
  });
  const [level, ...pids] = JSON.parse(told.toString()) as [string, ...number[]];
  assert.ok(pids.every(alive));
  if (level === "process") {
    for (const pid of pids) process.kill(pid, "SIGKILL");
    return t.skip("this machine has neither bubblewrap nor setpriv; a busy child ends at its limit of processor time");
  }
  server.kill("SIGKILL");
  assert.equal(pids.length, 2);
  await until(() => !pids.some(alive));
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Problem } from "#src/base/problems/problem.ts";
import { SandboxPool } from "./pool.ts";
import type { SandboxOptions } from "./pool.ts";
import { FairQueue } from "./queue.ts";
import { Usage } from "./usage.ts";

const entry = fileURLToPath(new URL("test-worker.ts", import.meta.url));
const patient = { timeoutMs: 30_000 };

async function withPool(work: (pool: SandboxPool) => Promise<void>, more: Partial<SandboxOptions>): Promise<void> {
  const pool = new SandboxPool({ entry, workersMax: 2, workersIdle: 1, idleMs: 60_000, memoryBytesMax: 256 * 1024 * 1024, readableDirs: [], ...more });
  try {
    await work(pool);
  } finally {
    await pool.close();
  }
}

/** Tasks without an end; `stop` ends them. */
function spin(pool: SandboxPool, { team, count }: { team: string; count: number }): { stop(): Promise<void> } {
  const controller = new AbortController();
  const tasks = Array.from({ length: count }, () => pool.run("spin", null, { ...patient, team, signal: controller.signal }));
  const ended = Promise.allSettled(tasks);
  return {
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!condition()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const isCode = (wanted: string) => (error: unknown) => error instanceof Problem && error.code === wanted;

test("whoever runs least is due, then whoever has used least, then whoever has waited longest", () => {
  const usage = new Usage();
  const queue = new FairQueue<string>();
  for (const item of ["a1", "b1", "c1", "a2"]) queue.add(item[0]!, item);
  usage.begin("a");
  usage.begin("b");
  usage.end("b", { startedMs: 0, nowMs: 500 });
  const rankOf = (team: string) => usage.rank(team, 500);
  assert.deepEqual([queue.take(rankOf), queue.take(rankOf), queue.take(rankOf)], ["c1", "b1", "a1"]);
  assert.equal(queue.take(() => null), undefined);
  assert.equal(queue.size, 1);
  assert.ok(Math.abs(usage.usedMs("b", 10_500) - 250) < 1, "half of it is forgotten after ten seconds");
});

test("a team's endless tasks hold every place, and another team is answered all the same", () =>
  withPool(
    async (pool) => {
      const hog = spin(pool, { team: "hog", count: 8 });
      await until(() => pool.counts.workers >= 2);
      const answers = [];
      for (let nth = 0; nth < 5; nth += 1) answers.push((await pool.run("echo", nth, { ...patient, team: "small" })).head);
      assert.deepEqual(answers, [0, 1, 2, 3, 4]);
      // Two places and one spare child: the hog has no more than its places.
      assert.equal(pool.counts.workers, 3);
      assert.equal(pool.counts.waiting, 6);
      await hog.stop();
    },
    { sparesMax: 1 },
  ));

test("what a plan allows at once holds even where children are idle", () =>
  withPool(
    async (pool) => {
      const hog = spin(pool, { team: "hog", count: 2 });
      await pool.warm();
      assert.equal((await pool.run("echo", 1, { ...patient, team: "small" })).head, 1);
      assert.equal(pool.counts.waiting, 1);
      await hog.stop();
      assert.equal((await pool.run("echo", 2, { ...patient, team: "hog" })).head, 2);
    },
    { shareOf: () => ({ atOnceMax: 1, waitingMax: 10 }) },
  ));

test("a team's queue ends before everybody's does, and says when to come again", () =>
  withPool(
    async (pool) => {
      const hog = spin(pool, { team: "hog", count: 3 });
      await assert.rejects(pool.run("echo", 1, { ...patient, team: "hog" }), (error) => isCode("WORK_TEAM_FULL")(error) && (error as Problem).status === 429 && (error as Problem).options.retryAfterSeconds === 5);
      const other = pool.run("echo", 2, { ...patient, team: "small" });
      await hog.stop();
      assert.equal((await other).head, 2);
    },
    { workersMax: 1, waitingMax: 4 },
  ));

test("a task that takes long runs behind others, and the next one in front again", async (t) => {
  if (process.platform !== "linux") return t.skip("only Linux tells of it");
  await withPool(
    async (pool) => {
      const children: number[] = [];
      const hog = spin(pool, { team: "hog", count: 1 });
      await pool.warm();
      const pid = Number(readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").at(-1));
      for (let at = pid; Number.isInteger(at) && at > 0; at = Number(readFileSync(`/proc/${at}/task/${at}/children`, "utf8").trim() || NaN)) children.push(at);
      await until(() => getPriority(children.at(-1)!) > 0);
      await hog.stop();
      const { pid: next } = await pool.run("pid", null, patient).then(({ head }) => ({ pid: head as number }));
      // Where the child has numbers of its own, its own is not ours.
      if (next > 100) assert.equal(getPriority(next), getPriority(process.pid));
    },
    { workersMax: 1 },
  );
});

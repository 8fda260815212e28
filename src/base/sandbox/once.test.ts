import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Problem } from "#src/base/problems/problem.ts";
import { runOnce } from "./once.ts";
import type { OnceOptions } from "./once.ts";

const entry = fileURLToPath(new URL("test-worker.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "kliv-once-"));
chmodSync(folder, 0o711);
after(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function options(more: Partial<OnceOptions> = {}): OnceOptions {
  count += 1;
  const workDir = join(folder, `work-${count}`);
  mkdirSync(workDir);
  return { entry, workDir, memoryBytesMax: 256e6, fileBytesMax: 1_000_000, timeoutMs: 30_000, packages: false, ...more };
}

const code = (wanted: string) => (error: unknown) => error instanceof Problem && error.code === wanted;

async function* pieces(number: number, bytes: number): AsyncGenerator<Buffer> {
  for (let piece = 0; piece < number; piece += 1) yield Buffer.alloc(bytes, piece);
}

test("bytes are streamed into the child, which tells how far it is", async () => {
  const told: unknown[] = [];
  const head = await runOnce("count", null, options({ input: pieces(200, 100_000), onProgress: (progress) => told.push(progress) }));
  assert.deepEqual(head, { bytes: 20_000_000 });
  assert.equal(told.length, 200);
  assert.deepEqual(await runOnce("count", null, options()), { bytes: 0 });
});

test("the work folder can be written, up to a size, and nothing else", async () => {
  const given = options();
  const path = join(given.workDir, "made");
  assert.ok("done" in (await runOnce("write", { path, bytes: 5000 }, given)));
  assert.equal(statSync(path).size, 5000);
  assert.ok("refused" in (await runOnce("write", { path: join(folder, "outside"), bytes: 10 }, options())));
  assert.equal(existsSync(join(folder, "outside")), false);
  if (process.platform !== "linux") return;
  const large = options();
  await runOnce("write", { path: join(large.workDir, "large"), bytes: 3_000_000 }, large).catch(() => {});
  const made = statSync(join(large.workDir, "large"), { throwIfNoEntry: false });
  assert.ok((made?.size ?? 0) <= 1_000_000);
});

test("input that breaks off ends the child with the error of the input", async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(1000);
    throw new Error("the upload broke off");
  }
  await assert.rejects(runOnce("count", null, options({ input: broken() })), /the upload broke off/);
});

test("input that nobody reads does not hold the task up", async () => {
  assert.equal(await runOnce("echo", 7, options({ input: pieces(200, 1_000_000) })), 7);
});

test("deadline, silence and cancelling end the child", async () => {
  await assert.rejects(runOnce("spin", null, options({ timeoutMs: 100 })), code("WORK_TIMEOUT"));
  await assert.rejects(runOnce("spin", null, options({ idleTimeoutMs: 100 })), code("WORK_TIMEOUT"));
  const stop = new AbortController();
  const spinning = runOnce("spin", null, options({ signal: stop.signal }));
  stop.abort();
  await assert.rejects(spinning, code("WORK_CANCELLED"));
  await assert.rejects(runOnce("throw", null, options()), code("WORK_FAILED"));
  await assert.rejects(runOnce("crash", null, options()), code("WORK_FAILED"));
});

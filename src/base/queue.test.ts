import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readConfig } from "#src/base/config.ts";
import { silentLog } from "#src/base/log.ts";
import { openQueue } from "#src/base/queue.ts";
import type { Queue } from "#src/base/queue.ts";
import { openMetadata } from "#src/metadata.ts";
import type { Metadata } from "#src/metadata.ts";

describe("the queue", { timeout: 60_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "kliv-queue-"));
  const log = silentLog;
  let metadata: Metadata;
  let queue: Queue;
  before(async () => {
    metadata = await openMetadata({ config: readConfig({ home }, {}), log, attach: false });
    queue = await openQueue({ postgres: metadata.postgres, log });
  });
  after(async () => {
    await queue?.close();
    await metadata?.close();
    rmSync(home, { recursive: true, force: true });
  });

  it("gives out what was committed, all of it in a row, and nothing else", async () => {
    const { postgres } = metadata;
    const done: number[] = [];
    const last = Promise.withResolvers<void>();
    // Looked at so seldom that only being woken can be what makes it work.
    await queue.work("import", { concurrency: 1, lookSeconds: 3_600 }, async ({ number }: { number: number }) => {
      done.push(number);
      if (number === 4) throw new Error("it is given out again later");
      if (done.length === 5) last.resolve();
    });
    const undone = postgres.transaction({}, async (tx) => {
      await queue.send(tx, "import", { number: 0 });
      throw new Error("undone");
    });
    await assert.rejects(undone, /undone/);
    await postgres.transaction({}, async (tx) => {
      for (const number of [1, 2, 3, 4, 5]) await queue.send(tx, "import", { number });
    });
    queue.wake("import");
    await last.promise;
    assert.deepEqual(done.toSorted(), [1, 2, 3, 4, 5]);
  });
});

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

  it("lets teams take turns, and does one team's work one after the other", async () => {
    const { postgres } = metadata;
    const begun: string[] = [];
    const held = Promise.withResolvers<void>();
    const all = Promise.withResolvers<void>();
    await postgres.transaction({}, async (tx) => {
      for (const [waiting, name] of ["a1", "a2", "a3"].entries()) await queue.send(tx, "fetch", { name }, { team: "a", waiting });
      for (const [waiting, name] of ["b1", "b2"].entries()) await queue.send(tx, "fetch", { name }, { team: "b", waiting });
      await queue.send(tx, "fetch", { name: "c1" }, { team: "c", waiting: 0 });
    });
    await queue.work("fetch", { concurrency: 2, lookSeconds: 1, eachTeamMax: 1 }, async ({ name }: { name: string }) => {
      begun.push(name);
      if (begun.length === 6) all.resolve();
      // The first team's first takes long: the others' go on beside it, its own second does not.
      if (name === "a1") await held.promise;
    });
    queue.wake("fetch");
    while (begun.length < 4) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(begun.toSorted(), ["a1", "b1", "b2", "c1"]);
    assert.ok(begun.indexOf("c1") < begun.indexOf("b2"), begun.join(" "));
    held.resolve();
    await all.promise;
    assert.deepEqual(begun.slice(4), ["a2", "a3"]);
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isAlive, processesIn, startOf } from "./processes.ts";

const skip = process.platform === "linux" ? false : "processes are told apart by /proc, which only Linux has";

describe("processes", { skip }, () => {
  it("one that ended and was not collected is none, though it answers to signals", async () => {
    // The shell becomes a program that never asks for its child.
    const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const pid = Number(String((await once(parent.stdout, "data"))[0]));
      const isEnded = (): boolean => / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
      while (!isEnded()) await new Promise((resolve) => setImmediate(resolve));
      assert.doesNotThrow(() => process.kill(pid, 0));
      assert.deepEqual([startOf(pid), isAlive(pid), isAlive(parent.pid ?? 0)], [null, false, true]);
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("are found by the folder that they work in", async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "kliv-processes-")));
    const child = spawn("sleep", ["60"], { cwd: folder });
    try {
      await once(child, "spawn");
      assert.deepEqual(processesIn(folder), [child.pid]);
      assert.ok(startOf(process.pid));
    } finally {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      assert.deepEqual(processesIn(folder), []);
      rmSync(folder, { recursive: true });
    }
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "#src/base/clock.ts";
import { readConfig } from "#src/base/config.ts";
import { openLogFiles } from "#src/base/logfiles.ts";
import { logCommands } from "./logs.ts";

describe("kliv log show", () => {
  const home = mkdtempSync(join(tmpdir(), "kliv-log-show-"));
  before(() => {
    let nowMs = systemClock.now() - 3 * 3_600_000;
    const { log, close } = openLogFiles({ home, clock: { now: () => nowMs, date: () => new Date(nowMs) }, daysKept: 30, bytesMax: 1e6 });
    log("request", { request: "req_a-1", status: 200 });
    log("failure", { request: "req_a-1", code: "INTERNAL" });
    nowMs += 2.5 * 3_600_000;
    log("request", { request: "req_a-2", status: 404 });
    close();
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  const show = async (flags: Record<string, string> = {}): Promise<{ result: any[]; text: string }> => {
    let printed: { result: any[]; text: string } | null = null;
    await logCommands[0]!.run({ config: readConfig({ home }, {}), flags, words: [], print: (result, text) => void (printed = { result: result as any[], text }) });
    assert.ok(printed);
    return printed;
  };

  it("finds by request, event and time", async () => {
    assert.equal((await show()).result.length, 3);
    assert.deepEqual((await show({ request: "req_a-1" })).result.map(({ event }) => event), ["request", "failure"]);
    assert.deepEqual((await show({ event: "request" })).result.map(({ status }) => status), [200, 404]);
    assert.deepEqual((await show({ since: "1h" })).result.map(({ request }) => request), ["req_a-2"]);
    assert.deepEqual((await show({ until: "60m" })).result.map(({ event }) => event), ["request", "failure"]);
    assert.deepEqual((await show({ limit: "1" })).result.map(({ request }) => request), ["req_a-2"]);
    assert.match((await show({ event: "failure" })).text, /^\d{4}-\S+Z {2}failure {2}request=req_a-1 {2}code=INTERNAL$/);
  });

  it("says what it does not understand", async () => {
    for (const flags of [{ since: "yesterday" }, { until: "5" }, { since: "2026-99-99" }, { limit: "0" }, { limit: "1e9" }] as Record<string, string>[]) {
      await assert.rejects(show(flags), { code: "CONFIG_INVALID" }, JSON.stringify(flags));
    }
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { movableClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { logFolder, openLogFiles } from "./logfiles.ts";
import { readLog } from "./logsearch.ts";
import type { LogSearch } from "./logsearch.ts";

const startMs = Date.UTC(2026, 10, 24, 9);
const dayMs = 24 * 3_600_000;
const bytesMax = 10_000_000;

describe("the log's files", () => {
  let home = "";
  let clock = movableClock(startMs);
  const open = (options: { bytesMax?: number; daysKept?: number } = {}) => openLogFiles({ home, clock, daysKept: 30, bytesMax, ...options });
  const file = (day: string): string => join(logFolder(home), `kliv-${day}.ndjson`);
  const lines = (day = "2026-11-24"): any[] => readFileSync(file(day), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const search = (more: Partial<LogSearch> = {}): Promise<any[]> => readLog(home, { sinceMs: 0, untilMs: Infinity, limit: 1_000, ...more });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "kliv-log-"));
    clock = movableClock(startMs);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("is one file a day of the clock in UTC, for its owner alone", () => {
    mkdirSync(logFolder(home), { mode: 0o755 });
    chmodSync(logFolder(home), 0o755);
    const { log, close } = open();
    log("first", { count: 1 });
    clock.move(15 * 3_600_000 - 1);
    log("last of the day");
    clock.move(1);
    log("next day");
    close();
    assert.deepEqual(readdirSync(logFolder(home)).sort(), ["kliv-2026-11-24.ndjson", "kliv-2026-11-25.ndjson"]);
    assert.deepEqual(lines().map((line) => line.event), ["first", "last of the day"]);
    assert.deepEqual(lines("2026-11-25"), [{ at: "2026-11-25T00:00:00.000Z", event: "next day" }]);
    assert.equal(statSync(logFolder(home)).mode & 0o777, 0o700);
    assert.equal(statSync(file("2026-11-24")).mode & 0o777, 0o600);
  });

  it("writes no field that is not allowed", () => {
    const { log, close } = open();
    log("request", { status: 200, password: "hunter2", constructor: "x" } as never);
    close();
    assert.deepEqual(lines(), [{ at: "2026-11-24T09:00:00.000Z", event: "request", status: 200 }]);
  });

  it("keeps each line for 30 full days, and not a day longer", () => {
    const first = open();
    clock.move(15 * 3_600_000 - 1);
    first.log("late in the day");
    first.close();
    writeFileSync(join(logFolder(home), "2026-11-24.jsonl"), "{}\n");
    writeFileSync(join(logFolder(home), "notes.txt"), "not a log");
    clock.move(30 * dayMs);
    open().close();
    assert.ok(existsSync(file("2026-11-24")), "30 days less a moment after its last line");
    clock.move(1);
    const later = open();
    assert.deepEqual(readdirSync(logFolder(home)), ["notes.txt"]);
    // A server that runs on removes them by itself, as days begin.
    later.log("a day");
    clock.move(31 * dayMs);
    later.log("another day");
    later.log.flush();
    assert.deepEqual(readdirSync(logFolder(home)).sort(), ["kliv-2027-01-25.ndjson", "notes.txt"]);
    later.close();
  });

  it("is kept longer where the operator says so, and never shorter", () => {
    const config = (days: string) => readConfig({ home }, { KLIV_LOG_DAYS: days });
    for (const days of ["29", "0", "-1", "30.5", "", "many", "1e9"]) assert.throws(() => config(days), { code: "CONFIG_INVALID" }, days);
    assert.equal(config("400").logDays, 400);
    assert.equal(readConfig({ home }, {}).logDays, 30);
    assert.throws(() => readConfig({ home }, { KLIV_LOG_BYTES_MAX: "1000000" }), { code: "CONFIG_INVALID" });
  });

  it("survives a kill that nobody can catch", async () => {
    const code = `
      import { openLogFiles } from ${JSON.stringify(join(import.meta.dirname, "logfiles.ts"))};
      import { systemClock } from ${JSON.stringify(join(import.meta.dirname, "clock.ts"))};
      const { log } = openLogFiles({ home: ${JSON.stringify(home)}, clock: systemClock, daysKept: 30, bytesMax: 1e9 });
      for (let i = 0; i < 1000; i++) log("line", { count: i });
      setImmediate(() => process.kill(process.pid, "SIGKILL"));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
    const [, signal] = (await once(child, "exit")) as [number | null, string];
    assert.equal(signal, "SIGKILL");
    assert.deepEqual((await search({ event: "line" })).map((line) => line.count), Array.from({ length: 1000 }, (_, i) => i));
  });

  it("goes on after a line that was torn", async () => {
    mkdirSync(logFolder(home));
    writeFileSync(file("2026-11-24"), '{"at":"2026-11-24T08:00:00.000Z","event":"whole"}\n{"at":"2026-11-24T08:00:01.000Z","ev');
    const { log, close } = open();
    log("after");
    close();
    assert.deepEqual((await search()).map((line) => line.event), ["whole", "after"]);
  });

  it("does not stop anyone when the disk is full, and says what is missing once there is room", { skip: !existsSync("/dev/full") && "this system has no /dev/full" }, () => {
    mkdirSync(logFolder(home));
    symlinkSync("/dev/full", file("2026-11-24"));
    const { log, close } = open();
    for (let i = 0; i < 5; i++) {
      log("lost", { count: i });
      log.flush();
    }
    clock.move(dayMs);
    log("there");
    close();
    assert.deepEqual(lines("2026-11-25").map(({ event, count }) => [event, count]), [["log lines lost", 5], ["there", undefined]]);
  });

  it("is bounded a day: a flood leaves room for all else, is counted, and comes through as a sample", async () => {
    const { log, close } = open({ bytesMax: 1_000_000 });
    for (let i = 0; i < 20_000; i++) log("request", { request: `req-${i}`, status: 404 });
    log("request", { request: "of a person", user: "usr_1", status: 200 });
    log("failure", { code: "INTERNAL" });
    clock.move(3 * 3_600_000);
    for (let i = 0; i < 1_000; i++) log("request", { request: `later-${i}`, status: 404 });
    close();
    assert.ok(statSync(file("2026-11-24")).size < 300_000, `${statSync(file("2026-11-24")).size} bytes`);
    const found = await search({ limit: 100_000 });
    const anyone = found.filter((line) => line.event === "request" && line.user === undefined);
    const leftOut = found.filter((line) => line.event === "log lines left out" && line.kind === "request").reduce((sum, line) => sum + line.count, 0);
    assert.equal(anyone.length + leftOut, 21_000);
    assert.ok(anyone.some((line) => line.request.startsWith("later")) && leftOut > 10_000);
    assert.equal((await search({ request: "of a person" })).length, 1);
    assert.equal((await search({ event: "failure" })).length, 1);
  });

  it("has an end even when everything floods, and the next day begins anew", async () => {
    const { log, close } = open({ bytesMax: 100_000 });
    for (let event = 0; event < 100; event++) for (let i = 0; i < 100; i++) log(`event ${event}`, { count: i });
    log.flush();
    // Beside the lines that say what was left out: at most one an event and minute.
    assert.ok(statSync(file("2026-11-24")).size < 120_000, `${statSync(file("2026-11-24")).size} bytes`);
    close();
    const again = open({ bytesMax: 50_000 });
    again.log("refused", {});
    clock.move(dayMs);
    again.log("a new day", {});
    again.close();
    assert.deepEqual(lines("2026-11-25").map((line) => line.event), ["a new day"]);
    assert.deepEqual(lines().at(-1), { at: "2026-11-24T09:00:00.000Z", event: "log lines left out", kind: "refused", count: 1 });
  });

  it("is read by time, event and request, the newest first found and the oldest first shown", async () => {
    const { log, close } = open();
    for (let day = 0; day < 3; day++) {
      for (let i = 0; i < 10; i++) log(i % 2 ? "odd" : "even", { request: `${day}-${i}` });
      clock.move(dayMs);
    }
    close();
    assert.deepEqual((await search({ limit: 3 })).map((line) => line.request), ["2-7", "2-8", "2-9"]);
    assert.deepEqual((await search({ event: "odd", limit: 6 })).map((line) => line.request), ["1-9", "2-1", "2-3", "2-5", "2-7", "2-9"]);
    assert.equal((await search({ sinceMs: startMs + dayMs, untilMs: startMs + 2 * dayMs })).length, 10);
    assert.equal((await search({ untilMs: startMs })).length, 0);
    assert.deepEqual((await search({ request: "1-4" })).map((line) => line.event), ["even"]);
    assert.deepEqual(await readLog(join(home, "nowhere"), { sinceMs: 0, untilMs: Infinity, limit: 10 }), []);
  });
});

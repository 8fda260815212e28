import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";

const root = mkdtempSync(join(tmpdir(), "kliv-runner-"));
after(() => rmSync(root, { recursive: true, force: true }));

function run(files: Record<string, string>, words: string[] = []) {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "src"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, "src", name), `import { describe, it, before } from "node:test";\n${text}`);
  const ended = spawnSync(process.execPath, [join(import.meta.dirname, "run.ts"), "--root", root, "--file-seconds", "2", ...words], { encoding: "utf8", timeout: 60_000 });
  return { status: ended.status, out: ended.stdout, last: ended.stdout.trimEnd().split("\n").at(-1) };
}

it("counts what passed, failed and was skipped, and names the last two with their reason", () => {
  const { status, out, last } = run({
    "good.test.ts": `describe("a", () => { it("one", () => {}); it("two", () => {}); });`,
    "mixed.test.ts": `describe("b", () => {
      it("breaks", () => { throw new Error("for this reason"); });
      it("waits", { skip: "no such machine" }, () => {});
    });
    describe("c", { skip: "nothing of it here" }, () => { it("inner", () => {}); });`,
  });
  assert.equal(last, "2 passed, 1 failed, 2 skipped");
  assert.equal(status, 1);
  assert.match(out, /failed: b > breaks\n +Error: for this reason/);
  assert.match(out, /src\/mixed\.test\.ts: b > waits: no such machine/);
  assert.match(out, /src\/mixed\.test\.ts: c: nothing of it here/);
});

it("ends well when all is well, and takes words of file names", () => {
  const files = { "good.test.ts": `it("one", () => {});`, "bad.test.ts": `it("two", () => { throw new Error("no"); });` };
  assert.deepEqual([run(files, ["good"]).status, run(files, ["good"]).last], [0, "1 passed, 0 failed, 0 skipped"]);
});

it("fails on what could hide: no file, no test, a broken hook, a bad exit, a skip without a reason, something left to do", () => {
  assert.deepEqual([run({}).status, run({}).last], [1, "0 passed, 1 failed, 0 skipped"]);
  const cases: [string, RegExp][] = [
    [`console.log("nothing");`, /has no test/],
    [`describe("s", () => { before(() => { throw new Error("hooked"); }); it("x", () => {}); });`, /failed: s\n +Error: hooked/],
    [`it("x", () => {}); process.exitCode = 3;`, /ended with 3/],
    [`it("x", { skip: true }, () => {});`, /skipped without a reason/],
    [`it.todo("x");`, /left to do/],
    [`throw new Error("at load");`, /at load/],
  ];
  for (const [text, expected] of cases) {
    const { status, out, last } = run({ "one.test.ts": text });
    assert.equal(status, 1, text);
    assert.match(out, expected);
    assert.match(String(last), /^\d+ passed, [1-9]\d* failed, \d+ skipped$/);
  }
});

it("kills a file that hangs, with what it started", () => {
  const text = `import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";
    it("fine", () => {});
    it("hangs", async () => { writeFileSync(${JSON.stringify(join(root, "pid"))}, String(spawn("sleep", ["60"], { stdio: "inherit" }).pid)); await new Promise(() => { setInterval(() => {}, 1000); }); });`;
  const { status, out, last } = run({ "hang.test.ts": text });
  assert.equal(status, 1);
  assert.equal(last, "1 passed, 1 failed, 0 skipped");
  assert.match(out, /did not end within 2 seconds/);
  const pid = readFileSync(join(root, "pid"), "utf8");
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  assert.match(stat, /^$|\) Z /, "the process that it started is gone");
});

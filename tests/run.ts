/*
 * The whole suite: `node tests/run.ts [words in a file's name ...]`. Each file runs in a process group of its own, two at
 * a time; one that hangs is killed with all that it started and counts as a failure. Ends with one line
 * `N passed, N failed, N skipped`; exit 1 on a failure, also when there was nothing to run.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Ended } from "./report.ts";

const project = resolve(import.meta.dirname, "..");
const places = ["tests/**/*.test.ts", "src/**/*.test.ts", "promises/**/*.test.ts", "web/src/**/*.test.ts"];
const filesAtOnce = 2;
const outputCharactersMax = 4_000;
const fileSecondsMax = 600;

interface FileResult {
  file: string;
  seconds: number;
  ended: Ended[];
  /** What the tests themselves printed, its end. */
  output: string;
}

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { root: { type: "string", default: project }, "file-seconds": { type: "string", default: String(fileSecondsMax) } },
});
const root = resolve(values.root);
const running = new Set<ChildProcess>();

/** What takes longest stands first, so that nothing is left alone at the end: the tests of the whole before those of one file. */
function findFiles(): string[] {
  return places.flatMap((place) => globSync(place, { cwd: root }).sort()).filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
}

async function runFile(file: string, lines: string): Promise<FileResult> {
  const startedMs = performance.now();
  const { NODE_TEST_CONTEXT: _, ...variables } = process.env;
  const reporter = join(import.meta.dirname, "report.ts");
  const child = spawn(process.execPath, [`--test-reporter=${reporter}`, `--test-reporter-destination=${lines}`, join(root, file)], {
    cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"], env: variables,
  });
  running.add(child);
  let output = "";
  const take = (chunk: Buffer): void => {
    output = (output + chunk).slice(-outputCharactersMax);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, Number(values["file-seconds"]) * 1000);
  const how = await new Promise<number | string>((done) => child.once("exit", (code, signal) => done(code ?? signal ?? "unknown")));
  clearTimeout(timer);
  // What the file started and left would take the place of the next one.
  killGroup(child);
  child.stdout.destroy();
  child.stderr.destroy();
  running.delete(child);
  const ended = existsSync(lines) ? readFileSync(lines, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Ended) : [];
  const trouble = (text: string): void => void ended.push({ state: "failed", name: "the file itself", text });
  if (isLate) trouble(`did not end within ${values["file-seconds"]} seconds and was killed`);
  else if (how !== 0 && !ended.some((one) => one.state === "failed")) trouble(`ended with ${how}`);
  else if (ended.length === 0) trouble("has no test");
  return { file, seconds: (performance.now() - startedMs) / 1000, ended, output };
}

const of = (results: FileResult[], state: Ended["state"]) => results.flatMap(({ file, ended }) => ended.filter((one) => one.state === state).map((one) => ({ file, ...one })));
const indent = (text: string): string => text.trimEnd().replace(/^/gm, "    ");

function tell({ file, seconds, ended, output }: FileResult): void {
  const failed = ended.filter((one) => one.state === "failed");
  console.log(`${failed.length > 0 ? "FAIL" : "ok  "} ${file} (${ended.length} tests, ${seconds.toFixed(1)} s)`);
  for (const { name, text } of failed) console.log(`  failed: ${name}\n${indent(text)}`);
  if (failed.length > 0 && output.trim() !== "") console.log(`  it printed:\n${indent(output)}`);
}

function tellAll(results: FileResult[]): number {
  const failed = of(results, "failed");
  const skipped = of(results, "skipped");
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((one) => `  ${one.file}: ${one.name}: ${one.text}`).join("\n")}`);
  if (failed.length > 0) console.log(`\nFailed:\n${failed.map((one) => `  ${one.file}: ${one.name}`).join("\n")}`);
  const nothing = results.length === 0 ? 1 : 0;
  if (nothing) console.log(`No test file was found${words.length > 0 ? ` for ${words.join(" ")}` : ""}.`);
  console.log(`\n${of(results, "passed").length} passed, ${failed.length + nothing} failed, ${skipped.length} skipped`);
  return failed.length + nothing > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const files = findFiles().entries();
  const folder = mkdtempSync(join(tmpdir(), "kliv-run-"));
  const results: FileResult[] = [];
  try {
    const work = async (): Promise<void> => {
      for (const [index, file] of files) {
        const result = await runFile(relative(root, join(root, file)), join(folder, `${index}.jsonl`));
        tell(result);
        results.push(result);
      }
    };
    await Promise.all(Array.from({ length: filesAtOnce }, work));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tellAll(results);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(130);
  });
}
process.exitCode = await main();

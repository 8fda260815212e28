/*
 * Runs the whole suite: `npm test`, or `npm test -- name ...` for the files whose path has one of these words.
 * Ends with one line, `N passed, N failed, N skipped`.
 */
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import type { EventData } from "node:test";
import { performance } from "node:perf_hooks";

const root = join(import.meta.dirname, "..");
const places = ["src/**/*.test.ts", "promises/**/*.test.ts", "tests/**/*.test.ts", "web/src/**/*.test.ts", "bench/**/*.test.ts"];
/** A file that takes longer hangs: it is ended, and counts as failed. */
const fileMinutesMax = 8;
const filesAtOnce = 2;
const slowSeconds = 10;

interface Outcome {
  passed: number;
  failed: { name: string; file: string; error: unknown }[];
  skipped: { name: string; reason: string }[];
  seconds: Map<string, number>;
}

function findFiles(words: string[]): string[] {
  const all = places.flatMap((place) => globSync(place, { cwd: root })).sort();
  // What takes longest begins first, so that it does not run alone at the end.
  const first = (file: string): number => (/tests\/(faults|journeys)/.test(file) ? 0 : /corpora|corrupt/.test(file) ? 1 : 2);
  return all.filter((file) => words.length === 0 || words.some((word) => file.includes(word))).sort((a, b) => first(a) - first(b));
}

async function runFiles(files: string[]): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: [], skipped: [], seconds: new Map() };
  const events = run({ files: files.map((file) => join(root, file)), concurrency: filesAtOnce, isolation: "process", timeout: fileMinutesMax * 60_000 });
  events.on("test:pass", (event) => takePass(outcome, event));
  events.on("test:fail", (event) => takeFail(outcome, event));
  for await (const _ of events) {
    // The listeners take what matters; reading to the end keeps the stream going.
  }
  return outcome;
}

// A suite is the sum of its tests, and a file of its suites: only what has no tests inside is counted.
const isSuite = (data: EventData.TestPass | EventData.TestFail): boolean => data.details.type === "suite" || data.name === data.file || (data.file !== undefined && data.name === relative(process.cwd(), data.file));

function takePass(outcome: Outcome, data: EventData.TestPass): void {
  if (data.nesting === 0 && data.file) outcome.seconds.set(data.file, (outcome.seconds.get(data.file) ?? 0) + data.details.duration_ms / 1_000);
  if (isSuite(data)) return;
  if (data.skip === undefined || data.skip === false) outcome.passed += 1;
  else outcome.skipped.push({ name: data.name, reason: typeof data.skip === "string" ? data.skip : "" });
}

function takeFail(outcome: Outcome, data: EventData.TestFail): void {
  const error = data.details.error as Error & { failureType?: string; cause?: unknown };
  // A suite or file that fails only because a test in it failed has been told already.
  if (error.failureType === "subtestsFailed") return;
  if (data.name === data.file && outcome.failed.some((one) => one.file === data.file)) return;
  outcome.failed.push({ name: data.name, file: data.file ?? "", error: error.cause ?? error });
}

const report = (outcome: Outcome): string[] => [
  ...outcome.skipped.map(({ name, reason }) => `skipped  ${name}${reason ? `: ${reason}` : ""}`),
  ...outcome.failed.map(({ name, file, error }) => `\nFAILED   ${relative(root, file)}: ${name}\n${textOf(error)}`),
];

function textOf(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.split("\n").slice(0, 40).map((line) => `         ${line.slice(0, 400)}`).join("\n");
}

const files = findFiles(process.argv.slice(2));
if (files.length === 0) {
  console.error(`No test file has ${process.argv.slice(2).join(" or ")} in its path.`);
  process.exit(1);
}
console.log(`Running ${files.length} test files ...`);
const began = performance.now();
const outcome = await runFiles(files);
for (const line of report(outcome)) console.log(line);
const slow = [...outcome.seconds].filter(([, seconds]) => seconds >= slowSeconds).sort((a, b) => b[1] - a[1]);
if (slow.length > 0) console.log(`\nSlowest: ${slow.map(([file, seconds]) => `${relative(root, file)} ${Math.round(seconds)} s`).join(", ")}`);
console.log(`${files.length} files in ${Math.round((performance.now() - began) / 1_000)} s`);
console.log(`${outcome.passed} passed, ${outcome.failed.length} failed, ${outcome.skipped.length} skipped`);
process.exit(outcome.failed.length === 0 && outcome.passed > 0 ? 0 : 1);

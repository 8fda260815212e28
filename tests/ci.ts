/* What must be green before a change lands: `npm run ci`. Each step by name, with its time; the first that fails ends it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { missingOptional } from "./lockfile.ts";
import type { LockPackages } from "./lockfile.ts";

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const node = process.execPath;

const steps: [name: string, command: string, args: string[]][] = [
  ["types", bin("tsc"), ["--noEmit", "-p", "tsconfig.json"]],
  ["types of the web app", bin("tsc"), ["--noEmit", "-p", "web/tsconfig.json"]],
  ["lint", bin("oxlint"), ["--deny-warnings"]],
  ["dead code", bin("knip"), ["--reporter", "symbols", "--reporter", "./tests/knip.ts"]],
  ["generated files", join(root, "bin/kliv"), ["generate", "check"]],
  ["tests", node, [join(root, "tests/run.ts"), ...process.argv.slice(2)]],
];

const missing = missingOptional((JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: LockPackages }).packages);
if (missing.length > 0) {
  console.error(`package-lock.json lacks ${missing.length} optional packages of other platforms: run node tests/lockfile.ts`);
  process.exit(1);
}
for (const [name, command, args] of steps) {
  const began = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  if (status !== 0) {
    console.error(`\nci: ${name} failed after ${seconds} s${error ? `: ${error.message}` : ""}`);
    process.exit(1);
  }
  console.log(`ci: ${name} ${seconds} s`);
}

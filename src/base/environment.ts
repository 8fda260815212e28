import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./problems/problem.ts";

const fileOf = (home: string): string => join(home, "environment");

/**
 * A home has the keys of one environment: a process of another one is refused before anything else of it is read.
 * Throws HOME_ENVIRONMENT_MISMATCH.
 */
export function holdHomeEnvironment(home: string, environment: string): void {
  if (!existsSync(fileOf(home))) return;
  const found = readFileSync(fileOf(home), "utf8").trim();
  if (found !== environment) throw new Problem("HOME_ENVIRONMENT_MISMATCH", { values: { home, environment, found } });
}

/** Says whose a home is, once its stores have been opened as that environment's. */
export function markHome(home: string, environment: string): void {
  if (existsSync(fileOf(home))) return;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(`${fileOf(home)}.new`, `${environment}\n`, { mode: 0o600, flush: true });
  renameSync(`${fileOf(home)}.new`, fileOf(home));
}

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { holdHomeEnvironment, markHome } from "./environment.ts";
import { Problem } from "./problems/problem.ts";
import { readConfig } from "./config.ts";
import { startServer } from "#src/server.ts";

test("a home is one environment's from its first start on, and nothing of it is read by another's", async () => {
  const home = mkdtempSync(join(tmpdir(), "kliv-environment-"));
  try {
    holdHomeEnvironment(home, "production");
    markHome(home, "production");
    markHome(home, "staging");
    holdHomeEnvironment(home, "production");
    const isMismatch = (error: unknown) => error instanceof Problem && error.code === "HOME_ENVIRONMENT_MISMATCH" && /production/.test(error.message);
    assert.throws(() => holdHomeEnvironment(home, "staging"), isMismatch);
    mkdirSync(join(home, "secrets"));
    await assert.rejects(startServer(readConfig({ home, port: "1", environment: "staging" }, {})), isMismatch);
    // No log, no key, no database was made or opened, and the home is free again.
    assert.deepEqual(readdirSync(home).toSorted(), ["environment", "secrets"]);
    assert.deepEqual(readdirSync(join(home, "secrets")), []);
  } finally {
    rmSync(home, { recursive: true });
  }
});

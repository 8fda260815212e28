import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { planLimits } from "./plans.ts";

test("the operator's page tells the limits of each plan", () => {
  const page = readFileSync(new URL("../../../docs/operating.md", import.meta.url), "utf8");
  const number = (value: number): string => value.toLocaleString("en");
  for (const [plan, limits] of Object.entries(planLimits)) {
    const cells = [limits.queriesAtOnceMax, limits.queriesWaitingMax, limits.queryTimeoutMs / 1_000, limits.queryRowsMax, limits.importsWaitingMax].map(number);
    assert.ok(page.includes(`| ${plan === "own" ? "none" : `\`${plan}\``} | ${cells.join(" | ")} |\n`), plan);
  }
});

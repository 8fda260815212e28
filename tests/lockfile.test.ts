import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { missingOptional } from "./lockfile.ts";
import type { LockPackages } from "./lockfile.ts";

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8")) as { packages: LockPackages };

describe("the lockfile", () => {
  it("has the optional packages of every platform, so that npm ci works on each", () => {
    assert.ok(Object.keys(packages).length > 300, "the packages are seen");
    assert.deepEqual(missingOptional(packages), []);
    for (const name of Object.keys(packages[""]?.optionalDependencies ?? {})) assert.ok(packages[`node_modules/${name}`], name);
  });

  it("lacks one that npm left out, until it is completed with its platform", () => {
    const [path, entry] = Object.entries(packages).find(([name]) => name.startsWith("node_modules/@oxlint/") && name.endsWith("darwin-arm64")) ?? assert.fail("no package of another platform");
    const { [path]: _, ...rest } = packages;
    const [found] = missingOptional(rest);
    assert.deepEqual(found?.[0], path);
    assert.deepEqual([found?.[1].version, found?.[1].os, found?.[1].cpu], [entry.version, entry.os, entry.cpu]);
  });

  it("holds each package to its bytes, or is one whose hash only its own platform's registry tells", () => {
    const open = Object.entries(packages).filter(([path, one]) => path.includes("node_modules/") && !one.link && one["integrity"] === undefined && !one.optional);
    assert.deepEqual(open.map(([path]) => path), []);
  });
});

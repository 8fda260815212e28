import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { canBeReached, findProgram, serverUser } from "./program.ts";

const isRoot = process.getuid?.() === 0;

test("a folder that only root may enter is told from one that all may", { skip: isRoot ? false : "only root runs the server as another user" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-reach-"));
  try {
    assert.equal(canBeReached(join(folder, "x")), false);
    assert.equal(canBeReached(folder), true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the program can be executed by the server's user, wherever it is installed", { skip: isRoot ? false : "only root runs the server as another user" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-program-"));
  try {
    const { binaries, leave } = await findProgram(folder);
    for (const binary of [binaries.initdb, binaries.postgres]) {
      assert.match(execFileSync(binary, ["--version"], { uid: serverUser, gid: serverUser, cwd: "/", encoding: "utf8" }), /PostgreSQL/);
    }
    const note = join(folder, "program.json");
    const { place = null } = existsSync(note) ? (JSON.parse(readFileSync(note, "utf8")) as { place: string }) : {};
    // A second start after a kill takes the same place over.
    assert.equal((await findProgram(folder)).binaries.postgres, binaries.postgres);
    leave();
    assert.equal(place !== null && existsSync(place), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

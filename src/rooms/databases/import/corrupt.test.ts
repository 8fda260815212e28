import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { inFolder } from "./testing.ts";

/*
 * SQLite's own collection of damaged databases. They are read in child processes, as an import is:
 * one that brings SQLite down ends that child, is counted as refused, and the next child goes on behind it.
 */

const corpora = process.env["KLIV_CORPORA"];
const packed = corpora ? join(corpora, "corpora/sqlite-corrupt-databases.db.xz") : "";
const skip = !existsSync(packed) ? "KLIV_CORPORA names no folder with corpora/sqlite-corrupt-databases.db.xz" : spawnSync("xz", ["--version"]).status === 0 ? false : "there is no xz command on this machine";
const hangMs = 20_000;

const child = `
import { DatabaseSync } from "node:sqlite";
import { writeSync } from "node:fs";
import { imported, problemOf } from ${JSON.stringify(import.meta.resolve("./testing.ts"))};
const [path, after] = process.argv.slice(1);
const database = new DatabaseSync(path, { readOnly: true });
for (const { dbid, dbcontent } of database.prepare("SELECT dbid, dbcontent FROM db WHERE dbid > ? ORDER BY dbid").iterate(Number(after))) {
  writeSync(1, dbid + " ");
  const problem = await problemOf(imported(dbcontent, { fileName: "x.db" }).then(() => {})).catch((error) => error.message === "no problem was met" ? { code: "taken", status: 200 } : { code: String(error.stack), status: 500 });
  writeSync(1, problem.status + " " + problem.code.replaceAll("\\n", " ") + "\\n");
}`;

/** Runs a child over the databases after the given one; its lines, and the id of the one that ended it. */
async function run(path: string, after: number): Promise<{ lines: string[]; ended: number | null }> {
  const process_ = spawn(process.execPath, ["--input-type=module", "-e", child, path, String(after)], { stdio: ["ignore", "pipe", "inherit"] });
  let last: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(last);
    last = setTimeout(() => process_.kill("SIGKILL"), hangMs);
  };
  watch();
  process_.stdout.on("data", watch);
  const lines = (await text(process_.stdout)).split("\n");
  clearTimeout(last);
  const open = lines.pop()!;
  return { lines, ended: open === "" ? null : Number(open.trim()) };
}

test("every damaged database of SQLite's own collection is taken whole or refused, and none hangs", { skip }, async (context) => {
  await inFolder(async (folder) => {
    const path = join(folder, "corrupt.db");
    writeFileSync(path, spawnSync("xz", ["-dc", packed], { maxBuffer: 2 ** 30 }).stdout);
    const database = new DatabaseSync(path, { readOnly: true });
    const { count } = database.prepare("SELECT count(*) AS count FROM db").get() as { count: number };
    database.close();
    const counts = new Map<string, number>();
    let [seen, crashes] = [0, 0];
    for (let after = 0; ; ) {
      const { lines, ended } = await run(path, after);
      for (const line of lines) {
        const [, status, code] = /^\d+ (\d+) (.*)$/.exec(line)!;
        assert.ok(Number(status) < 500, line);
        counts.set(code!, (counts.get(code!) ?? 0) + 1);
      }
      seen += lines.length + (ended === null ? 0 : 1);
      if (ended === null) break;
      crashes++;
      after = ended;
    }
    assert.ok(count > 2000);
    assert.equal(seen, count);
    context.diagnostic(`${JSON.stringify(Object.fromEntries(counts))}, ${crashes} children ended`);
  });
});

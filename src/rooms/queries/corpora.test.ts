import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { Problem } from "#src/base/problems/problem.ts";
import { SandboxPool } from "#src/base/sandbox/pool.ts";
import type { SandboxEvent } from "#src/base/sandbox/pool.ts";
import { readStatement, tokenize } from "./sql.ts";

/*
 * SQLite's own fuzzing corpora, against the pool: whatever is in them, each answer is a result or a
 * problem of the asker's, and nothing but the answer comes out of the sandbox.
 */

const corpora = process.env["KLIV_CORPORA"];
const skip = corpora === undefined ? "KLIV_CORPORA does not name the folder of the corpora" : false;
const taskMs = 250;
const lanes = 4;

function unpack(t: TestContext, name: string): { folder: string; corpus: DatabaseSync } {
  const folder = mkdtempSync(join(tmpdir(), "kliv-corpora-"));
  chmodSync(folder, 0o711);
  const packed = join(folder, `${name}.xz`);
  copyFileSync(join(corpora!, "corpora", `${name}.xz`), packed);
  execFileSync("xz", ["-d", packed]);
  const corpus = new DatabaseSync(join(folder, name), { readOnly: true });
  t.after(() => {
    if (corpus.isOpen) corpus.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, corpus };
}

function makePool(dir: string, log?: (event: SandboxEvent) => void): SandboxPool {
  return new SandboxPool({
    entry: fileURLToPath(new URL("../../worker.ts", import.meta.url)),
    workersMax: 3,
    workersIdle: 3,
    idleMs: 60_000,
    memoryBytesMax: 256 * 1024 * 1024,
    readableDirs: [dir],
    log,
  });
}

/** Works through the items with a few at a time. */
async function inLanes<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

type Tally = Record<string, number>;

/** Asks, reads the answer, and holds it to its shape. Returns the answer's head, or undefined for a problem. */
async function attempt(pool: SandboxPool, tally: Tally, kind: "query" | "describe", request: object): Promise<any> {
  let outcome = "answered";
  let head: any;
  try {
    const answer = await pool.run(kind, request, { timeoutMs: taskMs });
    head = answer.head;
    const bytes = await answer.body.bytes();
    if (kind === "query") assert.ok(Array.isArray(JSON.parse(bytes.toString()).rows));
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    assert.ok(error.status >= 400 && error.status < 500, `${error.code} for ${JSON.stringify(request).slice(0, 500)}`);
    outcome = error.code;
  }
  tally[outcome] = (tally[outcome] ?? 0) + 1;
  return head;
}

function listing(dir: string): string[] {
  return readdirSync(dir).toSorted().map((name) => `${name} ${createHash("sha256").update(readFileSync(join(dir, name))).digest("hex")}`);
}

/** The files that the children hold open, as far as this machine lets them be seen. */
function filesOpenIn(pids: Iterable<number>): string[] {
  const files = new Set<string>();
  for (const pid of pids) {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    for (const link of links) if (link.startsWith("/") && link !== "/dev/null") files.add(link);
  }
  return [...files];
}

/** The statements of a script, as they stand. */
function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let from = 0;
  for (const token of tokenize(script)) {
    if (token.kind !== "semicolon") continue;
    statements.push(script.slice(from, token.at));
    from = token.at + 1;
  }
  return [...statements, script.slice(from)].map((text) => text.trim()).filter((text) => text !== "");
}

const sampleSchema = `
  CREATE TABLE t1 (a INTEGER PRIMARY KEY, b, c, d, e, x, y, z); CREATE TABLE t2 (a, b, c, x, y); CREATE TABLE t3 (a, b, c); CREATE TABLE t0 (c0, c1);
  INSERT INTO t1 VALUES (1, 2, 3, 'four', x'05', 6.5, NULL, 'zed'), (2, 'b', 'c', 'd', 'e', 1, 2, 3); INSERT INTO t2 SELECT a, b, c, x, y FROM t1;
  INSERT INTO t3 SELECT a, b, c FROM t1; INSERT INTO t0 VALUES (0, 1);
  CREATE INDEX t1b ON t1 (b, c); CREATE VIEW v1 AS SELECT * FROM t1;
  CREATE VIRTUAL TABLE f1 USING fts5 (words); INSERT INTO f1 VALUES ('one two three'); CREATE VIRTUAL TABLE r1 USING rtree (id, x1, x2);`;

test("hostile SQL: thousands of scripts leave nothing behind but answers", { skip }, async (t) => {
  const { folder, corpus } = unpack(t, "sqlite-hostile-sql.db");
  const dir = join(folder, "data");
  mkdirSync(dir);
  chmodSync(dir, 0o711);
  const sample = new DatabaseSync(join(dir, "sample.sqlite"));
  sample.exec(sampleSchema);
  sample.close();
  chmodSync(join(dir, "sample.sqlite"), 0o644);
  // The corpus holds bytes that are no UTF-8; they arrive here as they would in a request.
  const scripts = corpus.prepare("SELECT sqltext FROM xsql").all().map((row) => String(row["sqltext"]));
  assert.ok(scripts.length > 2500);
  const statements = new Set(scripts.flatMap((script) => [script, ...statementsOf(script)]));
  const before = listing(dir);
  const pids = new Set<number>();
  const pool = makePool(dir, ({ event, pid }) => (event === "sandbox.child-lost" ? pids.delete(pid!) : pid !== undefined && pids.add(pid)));
  const tally: Tally = {};
  try {
    await pool.warm();
    await inLanes([...statements], async (sql) => {
      const parameters = Object.fromEntries(readStatement(sql).parameters.map(({ name }, nth) => [name, nth]));
      await attempt(pool, tally, "query", { file: join(dir, "sample.sqlite"), sql, parameters, rowsMax: 200, bytesMax: 100_000 });
    });
    assert.deepEqual(filesOpenIn(pids), [join(dir, "sample.sqlite")]);
    assert.equal((await pool.run("query", { file: join(dir, "sample.sqlite"), sql: "SELECT 1", rowsMax: 1, bytesMax: 1000 }, { timeoutMs: 20_000 })).head.rowCount, 1);
  } finally {
    await pool.close();
  }
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally["answered"]! > 1000);
  assert.deepEqual(listing(dir), before);
});

test("corrupt databases: each table of thousands is read or refused", { skip }, async (t) => {
  const { folder, corpus } = unpack(t, "sqlite-corrupt-databases.db");
  const dir = join(folder, "data");
  mkdirSync(dir);
  chmodSync(dir, 0o711);
  const files = corpus.prepare("SELECT dbid, dbcontent FROM db").all().map((row) => {
    const file = join(dir, `${row["dbid"]}.sqlite`);
    writeFileSync(file, row["dbcontent"] as Uint8Array, { mode: 0o644 });
    return file;
  });
  assert.ok(files.length > 2300);
  const before = listing(dir);
  const pool = makePool(dir);
  const tally: Tally = {};
  try {
    await pool.warm();
    await inLanes(files, async (file) => {
      const described = await attempt(pool, tally, "describe", { file, countMs: 50 });
      for (const { name } of described?.tables.slice(0, 10) ?? []) {
        const sql = `SELECT * FROM "${name.replaceAll('"', '""')}"`;
        await attempt(pool, tally, "query", { file, sql, rowsMax: 1000, bytesMax: 1_000_000 });
      }
    });
  } finally {
    await pool.close();
  }
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally["answered"]! > 1000);
  assert.deepEqual(listing(dir), before);
});

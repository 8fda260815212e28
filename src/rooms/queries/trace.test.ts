import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { SandboxChild } from "#src/base/sandbox/child.ts";
import { findTools, sandboxCommand } from "#src/base/sandbox/command.ts";
import { Exchange } from "#src/base/sandbox/exchange.ts";
import { codeImage } from "#src/base/sandbox/image.ts";

/*
 * What a child asks of the kernel while it works through hostile SQL and hostile files: strace writes it down, beside
 * the child, which notices nothing. A few are tried always, SQLite's own corpora where KLIV_CORPORA names them.
 */

const corpora = process.env["KLIV_CORPORA"];
const entry = fileURLToPath(new URL("../../worker.ts", import.meta.url));
const taskMs = 1_000;
const corpusItemsMax = 150;
const calls = "open,openat,openat2,creat,socket,socketpair,connect,bind,listen,execve,fork,vfork,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,truncate,mount,ptrace";

const ownSql = [
  "SELECT count(*), group_concat(a) FROM t",
  "ATTACH '/etc/passwd' AS p",
  "SELECT load_extension('/tmp/x.so')",
  "SELECT readfile('/etc/passwd')",
  "VACUUM INTO '/tmp/kliv-trace-out.sqlite'",
  "SELECT * FROM t ORDER BY random()",
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT a.i FROM n a JOIN n b ON a.i = b.i ORDER BY a.i % 7, a.i",
  "SELECT datetime('now', 'localtime')",
  "PRAGMA temp_store_directory = '/tmp'",
];

interface Item {
  sql: string;
  file: string;
}

test("a child opens its file and nothing else, and no socket, whatever it is asked", { timeout: 240_000 }, async (t) => {
  const tools = findTools();
  if (spawnSync("strace", ["-V"]).status !== 0 || tools.prlimit === undefined) return t.skip("this machine has no strace");
  const folder = mkdtempSync(join(tmpdir(), "kliv-trace-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const items = [...ownItems(folder), ...(corpora === undefined ? [] : corpusItems(folder))];
  const count = items.length;
  let seen = 0;
  for (let child = start(folder); items.length > 0; child = start(folder)) {
    await child.ready;
    const warm = new Exchange(child, { kind: "query", request: request({ sql: "SELECT 1", file: items[0]!.file }) }, { timeoutMs: 60_000 });
    await (await warm.answer).body.bytes();
    const before = lines(folder).length;
    const asked = [];
    while (items.length > 0 && !child.dead) {
      const item = items.shift()!;
      asked.push(item);
      const exchange = new Exchange(child, { kind: "query", request: request(item) }, { timeoutMs: taskMs });
      await exchange.answer.then(({ body }) => body.bytes()).catch(() => {});
    }
    child.kill();
    await child.exited;
    const files = new Set(asked.map(({ file }) => file));
    const after = lines(folder).slice(before);
    seen += after.length;
    assert.deepEqual(after.filter((line) => !isExpected(line, files)), []);
    if (items.length === 0) break;
  }
  t.diagnostic(`${count} questions, ${seen} calls seen`);
  assert.ok(seen > 0, "the files that the child was asked about were seen being opened");
});

const request = ({ sql, file }: Item): object => ({ file, sql, parameters: {}, rowsMax: 1_000, bytesMax: 1e6, version: "v" });
const lines = (folder: string): string[] => readFileSync(join(folder, "calls.txt"), "utf8").split("\n").filter((line) => /\w\(/.test(line));

/** Node looks how large it has grown; the C library reads the time zone, which nobody put there. */
const machineFiles = ["/proc/self/stat", "/etc/localtime"];

/** Opened to be read, its own file or one beside it that SQLite looks for; or not there at all. */
function isExpected(line: string, files: ReadonlySet<string>): boolean {
  const [, call = "", path = ""] = /(\w+)\([^"]*(?:"([^"]*)")?/.exec(line) ?? [];
  if (!call.startsWith("open")) return false;
  const isOwn = machineFiles.includes(path) || files.has(path.replace(/-(wal|journal|shm)$/, ""));
  return isOwn && /O_RDONLY/.test(line) && !/O_CREAT|O_TRUNC/.test(line);
}

function start(folder: string): SandboxChild {
  const image = codeImage(entry);
  const walls = { level: "prlimit", separateUser: false, filtersCalls: false, tools: { prlimit: findTools().prlimit! } } as const;
  const { file, args } = sandboxCommand(walls, { readableDirs: [folder], rootDir: image.rootDir, packages: false, memoryBytesMax: 512e6, fileBytesMax: 0 });
  return new SandboxChild({ file: "/usr/bin/env", args: ["strace", "-f", "-qq", "-s", "300", "-e", `trace=${calls}`, "-e", "signal=none", "-o", join(folder, "calls.txt"), file, ...args] }, image.bytes);
}

function ownItems(folder: string): Item[] {
  const file = join(folder, "own.sqlite");
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), ('二'), (NULL)");
  database.close();
  const bad = join(folder, "bad.sqlite");
  writeFileSync(bad, Buffer.concat([readFileSync(file).subarray(0, 3_000), Buffer.alloc(2_000, 0x5a)]));
  return [...ownSql.map((sql) => ({ sql, file })), { sql: "SELECT * FROM t", file: bad }];
}

function corpusItems(folder: string): Item[] {
  const found: Item[] = [];
  for (const name of ["sqlite-hostile-sql.db", "sqlite-corrupt-databases.db"]) {
    const packed = join(folder, `${name}.xz`);
    copyFileSync(join(corpora!, "corpora", `${name}.xz`), packed);
    execFileSync("xz", ["-d", packed]);
    const corpus = new DatabaseSync(join(folder, name), { readOnly: true });
    const tables = new Set(corpus.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map((row) => String(row["name"])));
    const texts = tables.has("xsql") ? corpus.prepare("SELECT sqltext FROM xsql LIMIT ?").all(corpusItemsMax) : [];
    for (const { sqltext } of texts) found.push({ sql: String(sqltext), file: join(folder, "own.sqlite") });
    const contents = tables.has("db") ? corpus.prepare("SELECT dbid, dbcontent FROM db LIMIT ?").all(corpusItemsMax) : [];
    for (const { dbid, dbcontent } of contents) {
      const file = join(folder, `${name}-${String(dbid)}.sqlite`);
      writeFileSync(file, dbcontent as Uint8Array);
      found.push({ sql: "SELECT * FROM sqlite_schema", file });
    }
    corpus.close();
  }
  assert.ok(found.length > 0 && existsSync(join(folder, "own.sqlite")));
  return found;
}

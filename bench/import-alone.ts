/*
 * The import without upload or sandbox, against `sqlite3 .import` on the same file: for who works on it.
 *   node bench/import-alone.ts [rows]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { runImport } from "#src/rooms/databases/import/run.ts";
import { ordersStream } from "./orders.ts";

const rows = Number(process.argv[2] ?? 2_000_000);
const folder = mkdtempSync(join(tmpdir(), "kliv-import-"));
const limits = { uploadBytesMax: 10 * 1024 ** 3, columnsMax: 2_000, lineBytesMax: 16 * 1024 ** 2, fieldBytesMax: 16 * 1024 ** 2, tablesMax: 2_000 };

async function measure(): Promise<number> {
  const workDir = mkdtempSync(join(folder, "work-"));
  const start = performance.now();
  const before = process.memoryUsage.rss();
  const outcome = await runImport({ workDir, fileName: "orders.csv", limits }, createReadStream(csv), () => {});
  const seconds = (performance.now() - start) / 1000;
  const megabytes = Math.round((process.resourceUsage().maxRSS * 1024 - before) / 1024 ** 2);
  console.log(`runImport ${seconds.toFixed(2)} s, ${Math.round(rows / seconds)} rows/s, +${megabytes} MB, ${outcome.tables[0]!.columns.map((c) => c.type).join(" ")}`);
  if (outcome.tables[0]!.rows !== rows) throw new Error("rows are missing");
  console.log(`  integrity_check ${execFileSync("sqlite3", [join(workDir, "out.sqlite"), "pragma integrity_check"], { encoding: "utf8" }).trim()}`);
  rmSync(workDir, { recursive: true });
  return seconds;
}

const csv = join(folder, "orders.csv");
try {
  await pipeline(ordersStream({ rows }), createWriteStream(csv));
  console.log(`${rows} rows, ${Math.round(statSync(csv).size / 1024 ** 2)} MB`);
  const mine = await measure();
  const second = await measure();
  const start = performance.now();
  spawnSync("sqlite3", [join(folder, "import.sqlite"), "-cmd", "pragma journal_mode=off; pragma synchronous=off", `.import --csv ${csv} t`]);
  const baseline = (performance.now() - start) / 1000;
  console.log(`sqlite3 .import ${baseline.toFixed(2)} s, ${Math.round(rows / baseline)} rows/s; ratio ${(baseline / Math.min(mine, second)).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}

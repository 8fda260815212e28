/*
 * The import without upload or sandbox, against `sqlite3 .import` on the same file.
 *   node bench/import-alone.ts [rows]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runImport } from "#src/rooms/databases/import/run.ts";

const rows = Number(process.argv[2] ?? 2_000_000);
const folder = mkdtempSync(join(tmpdir(), "kliv-import-"));
const limits = { uploadBytesMax: 10 * 1024 ** 3, columnsMax: 2_000, lineBytesMax: 16 * 1024 ** 2, fieldBytesMax: 16 * 1024 ** 2, tablesMax: 2_000 };

/** Orders of a shop: six columns, about 100 bytes a row, the same every time. */
function generate(path: string): void {
  const prefectures = ["北海道", "青森県", "東京都", "神奈川県", "大阪府", "京都府", "福岡県", "沖縄県"];
  const products = ["ノートパソコン 14型", "Wireless headphones", "コーヒー豆 200g", '"Desk lamp, black"', "登山用リュックサック 40L", "Notebook A5"];
  let seed = 12_345;
  const next = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8;
  const fd = openSync(path, "w");
  let text = "id,ordered_at,prefecture,product,quantity,amount,customer\n";
  for (let i = 1; i <= rows; i++) {
    const at = new Date(Date.UTC(2020, 0, 1, 0, i)).toISOString().slice(0, 19).replace("T", " ");
    text += `${i},${at},${prefectures[next() % 8]},${products[next() % 6]},${(next() % 20) + 1},${(next() % 1_000_000) / 100},customer-${String(next() % 100_000).padStart(6, "0")}@example.com\n`;
    if (text.length > 1 << 20) {
      writeSync(fd, text);
      text = "";
    }
  }
  writeSync(fd, text);
  closeSync(fd);
}

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
  generate(csv);
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

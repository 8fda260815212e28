import { spawnSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { ordersStream } from "./orders.ts";

const rows = 2_000_000;

export const importCsv: Measurement = {
  name: "import-csv",
  about: "rows a second of a CSV with 2 million rows, from the upload's first byte to queryable (types found, checked, stored), against sqlite3 .import alone with journal and sync off",
  async measure({ shared, tell }) {
    if (spawnSync("sqlite3", ["--version"]).status !== 0) throw new Error("there is no sqlite3 command on this machine to compare with (Debian: sqlite3)");
    const served = await shared();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-csv-"));
    const csv = join(folder, "orders.csv");
    try {
      await pipeline(ordersStream({ rows }), createWriteStream(csv));
      const { size } = statSync(csv);
      tell(`${Math.round(size / 1024 ** 2)} MB`);
      const found = await inTurns({
        rounds: 3,
        baseline: async () => rows / importAlone(folder, csv),
        async value() {
          const startedAt = performance.now();
          const made = await served.ask<{ id: string; tables: { rows: number; columns: { type: string }[] }[] }>("POST", `/api/v1/teams/${served.team}/databases?name=orders`, {
            body: createReadStream(csv, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": "orders.csv", "content-type": "text/csv", "content-length": String(size) }, expected: 201,
          });
          const seconds = (performance.now() - startedAt) / 1000;
          if (made.tables[0]?.rows !== rows) throw new Error(`${made.tables[0]?.rows} rows arrived of ${rows}`);
          await served.call("DELETE", `/api/v1/databases/${made.id}`);
          return rows / seconds;
        },
      });
      return measured({ name: "import-csv", ...found, unit: "rows/s", baselineName: "sqlite3 .import", goal: { of: "ratio", atLeast: 1.5 } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds of the command alone; its file is removed again. */
function importAlone(folder: string, csv: string): number {
  const file = join(folder, "import.sqlite");
  const startedAt = performance.now();
  const run = spawnSync("sqlite3", [file, "-cmd", "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", `.import --csv ${csv} t`], { encoding: "utf8" });
  const seconds = (performance.now() - startedAt) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  rmSync(file);
  return seconds;
}

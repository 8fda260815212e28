import { copyFileSync, createReadStream, createWriteStream, fsyncSync, mkdtempSync, openSync, closeSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import { inTurns, measured, median } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { ordersStream } from "./orders.ts";
import type { Served } from "./served.ts";

/** Of the database that the goal is about, and of the smaller ones that show how the figure grows. */
const rowsOf = { "20 MB": 190_000, "200 MB": 1_900_000 };
const rounds = 7;

export const append: Measurement = {
  name: "append",
  about: "one row appended to a database of 200 MB by API, from the request to the durable version, against a copy of the file, the insert and an fsync alone",
  async measure({ shared, tell }) {
    const served = await shared();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-append-"));
    try {
      const small = await makeDatabase(served, folder, rowsOf["20 MB"]);
      const smallMs = median(await appendSeveral(served, small.id));
      tell(`${small.megabytes} MB: ${Math.round(smallMs)} ms`);
      await served.call("DELETE", `/api/v1/databases/${small.id}`);
      const large = await makeDatabase(served, folder, rowsOf["200 MB"]);
      const file = join(folder, "alone.sqlite");
      const { body } = await served.call("GET", `/api/v1/databases/${large.id}/download`);
      await pipeline([body], createWriteStream(file));
      const found = await inTurns({ rounds, baseline: async () => appendAlone(file), value: () => appendOne(served, large.id) });
      tell(`${large.megabytes} MB: ${Math.round(found.value)} ms, ${((found.value - smallMs) / (large.megabytes - small.megabytes)).toFixed(1)} ms for each MB more`);
      await served.call("DELETE", `/api/v1/databases/${large.id}`);
      return measured({ name: "append", ...found, unit: "ms", baselineName: "copy, insert, fsync alone", goal: { of: "value", atMost: 1_500 } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function makeDatabase(served: Served, folder: string, rows: number): Promise<{ id: string; megabytes: number }> {
  const csv = join(folder, "orders.csv");
  await pipeline(ordersStream({ rows }), createWriteStream(csv));
  const made = await served.ask<{ id: string; sizeBytes: number }>("POST", `/api/v1/teams/${served.team}/databases?name=orders`, {
    body: createReadStream(csv, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": "orders.csv", "content-type": "text/csv", "content-length": String(statSync(csv).size) }, expected: 201,
  });
  return { id: made.id, megabytes: Math.round(made.sizeBytes / 1e6) };
}

async function appendSeveral(served: Served, id: string): Promise<number[]> {
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) figures.push(await appendOne(served, id));
  return figures;
}

/** Milliseconds until it is answered. */
async function appendOne(served: Served, id: string): Promise<number> {
  const startedAt = performance.now();
  await served.ask("POST", `/api/v1/databases/${id}/tables/orders/rows`, { body: [{ id: 0, ordered_at: "2026-11-24 09:00:00", prefecture: "東京都", product: "one more", quantity: 1, amount: 9.5, customer: "a@example.com" }] });
  return performance.now() - startedAt;
}

function appendAlone(file: string): number {
  const copy = `${file}.copy`;
  const startedAt = performance.now();
  copyFileSync(file, copy);
  const database = new DatabaseSync(copy);
  database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; INSERT INTO orders (id) VALUES (0)");
  database.close();
  const handle = openSync(copy, "r+");
  fsyncSync(handle);
  closeSync(handle);
  const ms = performance.now() - startedAt;
  rmSync(copy);
  return ms;
}

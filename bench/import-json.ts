import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { ordersJson } from "./orders.ts";

const rows = 1_000_000;
const layouts = ["lines", "list"] as const;

export const importJson: Measurement = {
  name: "import-json",
  about: "rows a second of 1 million rows of JSON (the slower of NDJSON and one list), from the upload's first byte to queryable, against JSON.parse alone: of each line, of the whole",
  async measure({ shared, tell }) {
    const served = await shared();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-json-"));
    try {
      const results = [];
      for (const layout of layouts) {
        const json = join(folder, `orders.${layout}`);
        await pipeline(Readable.from(ordersJson({ rows, layout }), { objectMode: false, highWaterMark: 1024 ** 2 }), createWriteStream(json));
        const { size } = statSync(json);
        const found = await inTurns({
          rounds: 3,
          baseline: async () => rows / (layout === "lines" ? parseLines(json) : parseWhole(json)),
          async value() {
            const startedAt = performance.now();
            const made = await served.ask<{ id: string; tables: { rows: number }[] }>("POST", `/api/v1/teams/${served.team}/databases?name=orders`, {
              body: createReadStream(json, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": layout === "lines" ? "orders.ndjson" : "orders.json", "content-type": "application/json", "content-length": String(size) }, expected: 201,
            });
            const seconds = (performance.now() - startedAt) / 1000;
            if (made.tables[0]?.rows !== rows) throw new Error(`${made.tables[0]?.rows} rows arrived of ${rows}`);
            await served.call("DELETE", `/api/v1/databases/${made.id}`);
            return rows / seconds;
          },
        });
        tell(`${layout}: ${Math.round(size / 1024 ** 2)} MB, ${Math.round(found.value)} rows/s against ${Math.round(found.baseline)}`);
        rmSync(json);
        results.push(found);
      }
      const slower = results.toSorted((a, b) => a.ratio - b.ratio)[0]!;
      return measured({ name: "import-json", ...slower, unit: "rows/s", baselineName: "JSON.parse", goal: { of: "ratio", atLeast: 0.7 } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds to read a file and parse each of its lines. */
function parseLines(path: string): number {
  const startedAt = performance.now();
  const fd = openSync(path, "r");
  let count = 0;
  try {
    const chunk = Buffer.alloc(1024 ** 2);
    let rest: Buffer = Buffer.alloc(0);
    for (let bytes = readSync(fd, chunk); bytes > 0; bytes = readSync(fd, chunk)) {
      const block = Buffer.concat([rest, chunk.subarray(0, bytes)]);
      const end = block.lastIndexOf(10) + 1;
      for (const line of block.toString("utf8", 0, end).split("\n")) if (line !== "" && JSON.parse(line) !== null) count++;
      rest = block.subarray(end);
    }
  } finally {
    closeSync(fd);
  }
  return held(count, startedAt);
}

function parseWhole(path: string): number {
  const startedAt = performance.now();
  return held((JSON.parse(readFileSync(path, "utf8")) as unknown[]).length, startedAt);
}

function held(count: number, startedAt: number): number {
  if (count !== rows) throw new Error(`${count} rows were parsed of ${rows}`);
  return (performance.now() - startedAt) / 1000;
}

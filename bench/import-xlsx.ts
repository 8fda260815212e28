import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { streamXlsxRows, writeXlsxStream } from "hucre";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const rows = 1_000_000;
const [cities, products] = [["北海道", "青森県", "東京都"], ["ノートパソコン 14型", "Wireless headphones", '"Desk lamp, black"']];

export const importXlsx: Measurement = {
  name: "import-xlsx",
  about: "rows a second of an Excel workbook with 1 million rows, from the upload's first byte to queryable, against a reader of Excel files (hucre) passing over the same rows alone",
  async measure({ shared, tell }) {
    const served = await shared();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-xlsx-"));
    const xlsx = join(folder, "orders.xlsx");
    try {
      await pipeline(Readable.fromWeb(writeXlsxStream(orders(), { name: "orders" }) as unknown as ReadableStream), createWriteStream(xlsx));
      const { size } = statSync(xlsx);
      tell(`${Math.round(size / 1024 ** 2)} MB`);
      const found = await inTurns({
        rounds: 3,
        baseline: async () => rows / (await readAlone(xlsx)),
        async value() {
          const startedAt = performance.now();
          const made = await served.ask<{ id: string; tables: { rows: number }[] }>("POST", `/api/v1/teams/${served.team}/databases?name=orders`, {
            body: createReadStream(xlsx, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": "orders.xlsx", "content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "content-length": String(size) }, expected: 201,
          });
          const seconds = (performance.now() - startedAt) / 1000;
          if (made.tables[0]?.rows !== rows) throw new Error(`${made.tables[0]?.rows} rows arrived of ${rows}`);
          await served.call("DELETE", `/api/v1/databases/${made.id}`);
          return rows / seconds;
        },
      });
      return measured({ name: "import-xlsx", ...found, unit: "rows/s", baselineName: "hucre, rows alone", goal: { of: "ratio", atLeast: 0.7 } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function* orders(): AsyncGenerator<(string | number | Date)[]> {
  yield ["id", "ordered_at", "prefecture", "product", "quantity", "amount", "customer"];
  for (let i = 1; i <= rows; i++) {
    yield [i, new Date(Date.UTC(2020, 0, 1) + i * 60_000), cities[i % 3]!, products[i % 3]!, (i % 20) + 1, ((i * 7919) % 1_000_000) / 100, `customer-${String((i * 31) % 100_000).padStart(6, "0")}@example.com`];
  }
}

async function readAlone(xlsx: string): Promise<number> {
  const startedAt = performance.now();
  let count = -1;
  for await (const row of streamXlsxRows(readFileSync(xlsx))) count += row.values.length > 0 ? 1 : 0;
  if (count !== rows) throw new Error(`${count} rows were read of ${rows}`);
  return (performance.now() - startedAt) / 1000;
}

import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { ordersStream } from "./orders.ts";

const rows = 1_000_000;

export const importParquet: Measurement = {
  name: "import-parquet",
  about: "rows a second of 1 million rows of Parquet, from the upload's first byte to queryable, against DuckDB reading the same file into values alone",
  async measure({ shared, tell }) {
    const served = await shared();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-parquet-"));
    const [csv, parquet] = [join(folder, "orders.csv"), join(folder, "orders.parquet")];
    await pipeline(ordersStream({ rows }), createWriteStream(csv));
    const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
    const connection = await instance.connect();
    try {
      await connection.run(`COPY (FROM '${csv}') TO '${parquet}' (FORMAT parquet)`);
      const { size } = statSync(parquet);
      const startedAt = performance.now();
      await connection.run(`CREATE TABLE alone AS FROM '${parquet}'`);
      tell(`${Math.round(size / 1024 ** 2)} MB; into a table of DuckDB's own ${Math.round(rows / ((performance.now() - startedAt) / 1000))} rows/s`);
      await connection.run("DROP TABLE alone");
      const found = await inTurns({
        rounds: 3,
        baseline: async () => rows / (await readAlone(connection, parquet)),
        async value() {
          const at = performance.now();
          const made = await served.ask<{ id: string; tables: { rows: number }[] }>("POST", `/api/v1/teams/${served.team}/databases?name=orders`, {
            body: createReadStream(parquet, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": "orders.parquet", "content-type": "application/vnd.apache.parquet", "content-length": String(size) }, expected: 201,
          });
          const seconds = (performance.now() - at) / 1000;
          if (made.tables[0]?.rows !== rows) throw new Error(`${made.tables[0]?.rows} rows arrived of ${rows}`);
          await served.call("DELETE", `/api/v1/databases/${made.id}`);
          return rows / seconds;
        },
      });
      return measured({ name: "import-parquet", ...found, unit: "rows/s", baselineName: "DuckDB into values", goal: { of: "ratio", atLeast: 0.7 } });
    } finally {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds to read every value, a chunk of rows after the other. */
async function readAlone(connection: DuckDBConnection, parquet: string): Promise<number> {
  const startedAt = performance.now();
  const result = await connection.stream(`FROM '${parquet}'`);
  let count = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) count += chunk.getRows().length;
  if (count !== rows) throw new Error(`${count} rows were read of ${rows}`);
  return (performance.now() - startedAt) / 1000;
}

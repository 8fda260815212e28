import { DatabaseSync } from "node:sqlite";
import { hostedOrders } from "./hosted.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const rows = 100_000;
const sql = `SELECT id, ordered_at, prefecture, product, quantity, amount, customer, code, note, paid FROM orders WHERE id > :after LIMIT ${rows}`;

export const result100k: Measurement = {
  name: "result-100k",
  about: "the whole response with 100,000 rows of 10 columns through REST, not cached, against array rows and JSON.stringify in plain node:sqlite",
  async measure({ shared }) {
    const { served, id, file } = await hostedOrders(await shared());
    const database = new DatabaseSync(file, { readOnly: true });
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const baseline = (round: number): Promise<number> => {
      const startedAt = performance.now();
      const text = JSON.stringify(statement.all({ after: round }));
      if (text.length < rows) throw new Error("rows are missing");
      return Promise.resolve(performance.now() - startedAt);
    };
    const value = async (round: number): Promise<number> => {
      const startedAt = performance.now();
      const { status, body } = await served.call("POST", `/api/v1/databases/${id}/query`, { body: { sql, parameters: { after: round } } });
      const took = performance.now() - startedAt;
      if (status !== 200 || !body.subarray(-300).includes(`"rowCount":${rows}`)) throw new Error(`answered ${status}: ${body.toString("utf8", 0, 300)}`);
      return took;
    };
    try {
      for (const round of [100, 101]) {
        await baseline(round);
        await value(round);
      }
      const found = await inTurns({ rounds: 9, baseline, value });
      return measured({ name: "result-100k", ...found, unit: "ms", baselineName: "plain node:sqlite and JSON.stringify", goal: { of: "ratio", atMost: 1.5 } });
    } finally {
      database.close();
    }
  },
};

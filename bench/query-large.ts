import { DatabaseSync } from "node:sqlite";
import { hostedOrders } from "./hosted.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const sql = `SELECT substr(ordered_at, 1, 7) AS month, prefecture, count(*) AS orders, round(sum(amount), 2) AS amount
  FROM orders WHERE id > :after GROUP BY 1, 2 ORDER BY 1, 2`;

export const queryLarge: Measurement = {
  name: "query-large",
  about: "a query of at least 300 ms through REST, not cached, against the same in plain node:sqlite",
  async measure({ shared }) {
    const { served, id, file } = await hostedOrders(await shared());
    const database = new DatabaseSync(file, { readOnly: true });
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const timed = async (work: () => unknown): Promise<number> => {
      const startedAt = performance.now();
      await work();
      return performance.now() - startedAt;
    };
    // Each round asks with another value, which no cache has seen.
    const baseline = (round: number): Promise<number> => timed(() => statement.all({ after: -round }));
    const value = (round: number): Promise<number> => timed(() => served.ask("POST", `/api/v1/databases/${id}/query`, { body: { sql, parameters: { after: -round } } }));
    try {
      await baseline(100);
      await value(100);
      const found = await inTurns({ rounds: 7, baseline, value });
      if (found.baseline < 300) throw new Error(`the query takes only ${Math.round(found.baseline)} ms here`);
      return measured({ name: "query-large", ...found, unit: "ms", baselineName: "plain node:sqlite", goal: { of: "ratio", atMost: 1.1 } });
    } finally {
      database.close();
    }
  },
};

import { startBare } from "./bare.ts";
import { hostedOrders, hostedRows } from "./hosted.ts";
import { connections, load } from "./load.ts";
import type { Request } from "./load.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const sql = "SELECT id, ordered_at, product, amount FROM orders WHERE code = :code";
const amount = 24_000;
const constant = Buffer.from(JSON.stringify({ columns: [{ name: "id", type: "INTEGER" }], rows: [[1]], rowCount: 1, truncated: false }));

export const querySmall: Measurement = {
  name: "query-small",
  about: "uncached indexed lookups a second through REST (TLS, token, sandbox), 16 connections, against a bare Fastify route that returns a constant over TLS",
  async measure({ shared }) {
    const { served, id } = await hostedOrders(await shared());
    const bare = await startBare({ home: served.home, body: constant, contentType: "application/json" });
    const headers = { authorization: `Bearer ${served.token}`, "content-type": "application/json" };
    let code = 0;
    // No two requests of a run ask for the same.
    const lookups = (): Request[] =>
      Array.from({ length: Math.ceil((amount * 1.5) / connections) }, () => ({
        method: "POST", path: `/api/v1/databases/${id}/query`, headers, body: JSON.stringify({ sql, parameters: { code: code++ % hostedRows } }),
      }));
    try {
      await load({ port: served.port, ca: served.ca, requestsOf: lookups, amount: 4_000 });
      const found = await inTurns({
        rounds: 5,
        baseline: () => load({ port: bare.port, ca: served.ca, requestsOf: () => [{ method: "GET", path: "/" }], seconds: 2 }),
        value: () => load({ port: served.port, ca: served.ca, requestsOf: lookups, amount }),
      });
      return measured({ name: "query-small", ...found, unit: "requests/s", baselineName: "bare Fastify route over TLS", goal: { of: "ratio", atLeast: 0.2 } });
    } finally {
      bare.stop();
    }
  },
};

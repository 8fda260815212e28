import { startBare } from "./bare.ts";
import { hostedOrders } from "./hosted.ts";
import { load } from "./load.ts";
import type { Request } from "./load.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

export const queryCached: Measurement = {
  name: "query-cached",
  about: "the same lookup again and again through REST, answered from the cache of results, against a bare Fastify route that returns the same bytes over TLS",
  async measure({ shared }) {
    const { served, id } = await hostedOrders(await shared());
    const path = `/api/v1/databases/${id}/query`;
    const body = JSON.stringify({ sql: "SELECT id, ordered_at, product, amount FROM orders WHERE code = :code", parameters: { code: 74 } });
    const answered = await served.call("POST", path, { body: Buffer.from(body) });
    if (answered.status !== 200) throw new Error(answered.body.toString());
    const bare = await startBare({ home: served.home, body: answered.body, contentType: "application/json" });
    const again: Request = { method: "POST", path, body, headers: { authorization: `Bearer ${served.token}`, "content-type": "application/json" } };
    try {
      await load({ port: served.port, ca: served.ca, requestsOf: () => [again], seconds: 1 });
      const found = await inTurns({
        rounds: 5,
        baseline: () => load({ port: bare.port, ca: served.ca, requestsOf: () => [{ method: "GET", path: "/" }], seconds: 2 }),
        value: () => load({ port: served.port, ca: served.ca, requestsOf: () => [again], seconds: 2 }),
      });
      return measured({ name: "query-cached", ...found, unit: "requests/s", baselineName: "bare Fastify route over TLS", goal: { of: "ratio", atLeast: 0.5 } });
    } finally {
      bare.stop();
    }
  },
};

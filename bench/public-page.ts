import { startBare } from "./bare.ts";
import { load } from "./load.ts";
import type { Request } from "./load.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { publishedReport } from "./published.ts";

export const publicPage: Measurement = {
  name: "public-page",
  about: "a public report with six charts, warm, against a bare Fastify route that returns the same bytes from memory over TLS",
  async measure({ shared }) {
    const served = await shared();
    const { path } = await publishedReport(served);
    const answered = await served.call("GET", path);
    if (answered.status !== 200 || !answered.body.includes("kliv-chart")) throw new Error(`the page answered ${answered.status}`);
    const bare = await startBare({ home: served.home, body: answered.body, contentType: "text/html; charset=utf-8" });
    const page: Request = { method: "GET", path };
    try {
      await load({ port: served.port, ca: served.ca, requestsOf: () => [page], seconds: 1 });
      const found = await inTurns({
        rounds: 5,
        baseline: () => load({ port: bare.port, ca: served.ca, requestsOf: () => [{ method: "GET", path: "/" }], seconds: 2 }),
        value: () => load({ port: served.port, ca: served.ca, requestsOf: () => [page], seconds: 2 }),
      });
      return measured({ name: "public-page", ...found, unit: "requests/s", baselineName: "bare Fastify route over TLS", goal: { of: "ratio", atLeast: 0.8 } });
    } finally {
      bare.stop();
    }
  },
};

import { spawnSync } from "node:child_process";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { serve } from "./served.ts";

export const start: Measurement = {
  name: "start",
  about: "from the command to ready in a new home (certificate, PostgreSQL and schema are made), everything installed; beside a Node process that starts and ends",
  async measure() {
    const found = await inTurns({
      rounds: 3,
      baseline() {
        const startedAt = performance.now();
        spawnSync(process.execPath, ["-e", "0"]);
        return Promise.resolve((performance.now() - startedAt) / 1000);
      },
      async value() {
        const served = await serve({ sample: true, people: false });
        await served.stop();
        return served.startedMs / 1000;
      },
    });
    return measured({ name: "start", ...found, unit: "s", baselineName: "node -e 0", goal: { of: "value", atMost: 4 } });
  },
};

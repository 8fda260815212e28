import { performance } from "node:perf_hooks";
import { draw } from "#src/rooms/charts/draw.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { publishedReport, sixCharts } from "./published.ts";

interface Definition {
  blocks: { id: string; sql: string }[];
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

export const picture: Measurement = {
  name: "picture",
  about: "the screenshot of a report with six charts that was just changed, so that nothing of it is kept, against the drawing code alone over results in memory",
  async measure({ shared }) {
    const served = await shared();
    const { database, report } = await publishedReport(served);
    const change = (mark: string): Promise<unknown> => served.ask("PUT", `/api/v1/reports/${report}`, { body: sixCharts(database, mark) });
    const shoot = async (): Promise<void> => {
      const { status, body } = await served.call("GET", `/api/v1/reports/${report}/screenshot.png`);
      if (status !== 200 || body.readUInt32BE(0) !== 0x89504e47) throw new Error(`the screenshot answered ${status}`);
    };
    const definition = sixCharts(database, "alone") as Definition;
    const results: Record<string, never> = {};
    for (const { id, sql } of definition.blocks) results[id] = (await served.ask("POST", `/api/v1/databases/${database}/query`, { body: { sql } })) as never;
    const alone = (): Promise<unknown> => draw({ kind: "picture", report: definition as never, results });
    // The first drawing loads the fonts and Vega, here as there.
    await Promise.all([alone(), shoot()]);
    const found = await inTurns({
      rounds: 7,
      baseline: () => timed(alone),
      async value(round) {
        await change(`round ${round}`);
        return await timed(shoot);
      },
    });
    return measured({ name: "picture", ...found, unit: "ms", baselineName: "drawing alone", goal: { of: "value", atMost: 400 } });
  },
};

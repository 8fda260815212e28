import { spawn } from "node:child_process";
import { measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { residentOf } from "./resident.ts";
import { serve } from "./served.ts";

const idleMs = 10_000;
const megabyte = 1024 ** 2;

export const memory: Measurement = {
  name: "memory",
  about: "what all processes together hold resident, idle for a while after a first start with the sample team, beside one Node process that does nothing",
  async measure({ tell }) {
    const served = await serve({ sample: true, people: false });
    const node = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    try {
      await new Promise((resolve) => setTimeout(resolve, idleMs));
      const { allBytes, processes } = residentOf(served.pid);
      tell(processes.map(({ name, bytes }) => `${name} ${Math.round(bytes / megabyte)}`).join(", "));
      return measured({
        name: "memory", value: allBytes / megabyte, unit: "MB", baseline: residentOf(node.pid ?? 0).allBytes / megabyte, baselineName: "one idle Node process",
        goal: { of: "value", atMost: 350 },
      });
    } finally {
      node.kill("SIGKILL");
      await served.stop();
    }
  },
};

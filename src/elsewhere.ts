import { openBlobs } from "./base/blobs/blobs.ts";
import type { Config, Environment } from "./base/config.ts";
import { holdHomeEnvironment } from "./base/environment.ts";
import { silentLog } from "./base/log.ts";
import { Problem } from "./base/problems/problem.ts";
import { homeKey } from "./base/secrets.ts";
import { openMetadata } from "./metadata.ts";

/** What a process of another environment meets at one of this one's stores: the code of its refusal, or null where it is let in. */
export interface Met {
  store: "home" | "database" | "objects";
  refusedWith: string | null;
}

export interface Elsewhere {
  /** Opens each of this installation's stores as a process of this environment would at its start, and closes what it got. */
  openAs(environment: Environment): Promise<Met[]>;
}

/** For the check that environments are kept apart: the same code that a start runs. */
export function createElsewhere(config: Config): Elsewhere {
  return {
    async openAs(environment) {
      const other = { ...config, environment };
      const met = async (store: Met["store"], open: () => unknown): Promise<Met> => {
        try {
          await open();
          return { store, refusedWith: null };
        } catch (error) {
          if (error instanceof Problem) return { store, refusedWith: error.code };
          throw error;
        }
      };
      return [
        await met("home", () => holdHomeEnvironment(config.home, environment)),
        await met("database", async () => await (await openMetadata({ config: other, log: silentLog, attach: true })).close()),
        await met("objects", async () => await (await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment })).close()),
      ];
    },
  };
}

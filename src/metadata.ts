import { join } from "node:path";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import { startEmbeddedPostgres } from "./base/postgres/embedded.ts";
import { migrate } from "./base/postgres/migrate.ts";
import { connectPostgres } from "./base/postgres/postgres.ts";
import type { Postgres } from "./base/postgres/postgres.ts";
import { installQueue, queueVersion } from "./base/queue.ts";

// Owns no table and cannot pass row-level security; the migrations grant to it by this name.
const appRole = "kliv_app";
const migrations = join(import.meta.dirname, "migrations");

export interface Metadata {
  postgres: Postgres;
  close(): Promise<void>;
}

/**
 * The database of metadata: the operator's by DATABASE_URL, else the embedded one, started here unless a running
 * server of this home has it already. The schema is brought up to date first.
 */
export async function openMetadata({ config, log, attach }: { config: Config; log: Log; attach: boolean }): Promise<Metadata> {
  const { databaseUrl, databaseAppUrl, environment } = config;
  const embedded = databaseUrl === null ? await startEmbeddedPostgres({ home: config.home, attach }) : null;
  const ownerUrl = embedded?.ownerUrl ?? (databaseUrl as string);
  try {
    await migrate({ ownerUrl, folder: migrations, environment, appRole, finish: { name: queueVersion, run: () => installQueue({ ownerUrl, appRole }) } });
    const url = embedded?.appUrl ?? databaseAppUrl ?? ownerUrl;
    const postgres = await connectPostgres({ url, role: embedded ? null : appRole, log });
    return {
      postgres,
      async close() {
        await postgres.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

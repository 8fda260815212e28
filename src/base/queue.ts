import { CompiledQuery } from "kysely";
import pg from "pg";
import { PgBoss } from "pg-boss";
import about from "pg-boss/package.json" with { type: "json" };
import type { Log } from "./log.ts";
import { describeError } from "./log.ts";
import { unconfined } from "./postgres/confine.ts";
import type { Postgres, Tx } from "./postgres/postgres.ts";
import { createTurns } from "./turns.ts";

const schema = "boss";
// A node that was killed stops refreshing, and another one (or the same, restarted) takes the work again.
const heartbeatSeconds = 10;
const expireSeconds = 6 * 3_600;
/** How soon it is seen that a node stopped refreshing. */
const superviseSeconds = 5;

/**
 * The queues, and where the work of one goes that was given up after its last try. All work on them is idempotent:
 * it can be given out twice.
 */
const queues = { "import-given-up": null, import: "import-given-up", fetch: "import-given-up", refresh: null, "refresh-due": null, "columnar-given-up": null, columnar: "columnar-given-up", upkeep: null, durability: null } as const;
export type QueueName = keyof typeof queues;
/** Changes when the queue's own tables may: with the library's version and the queues. */
export const queueVersion = `pg-boss ${about.version} ${JSON.stringify(queues)}`;

/** Work of a team's: the more of it waits already, the later it is due. So teams take turns, however much one sends. */
export interface Turn {
  team: string;
  waiting: number;
}

export interface Queue {
  /** Given out once `tx` is committed, and not at all when it is not. */
  send(tx: Tx, name: QueueName, data: object, turn?: Turn): Promise<void>;
  /** A worker of this node need not wait for its next look: work was sent and committed. */
  wake(name: QueueName): void;
  /**
   * Calls `handler` for each piece of work; a throw means that it is tried again later. `eachTeamMax`: so much of one
   * team's at once, on all nodes together, where it was sent with a turn.
   */
  work(name: QueueName, options: { concurrency: number; lookSeconds?: number; eachTeamMax?: number }, handler: (data: never, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** A cron line in UTC. */
  schedule(name: QueueName, cron: string, data: object): Promise<void>;
  close(): Promise<void>;
}

/** Makes the queue's tables and queues, as the owner of the schema; the application's role may only use them. */
export async function installQueue(options: { ownerUrl: string; appRole: string }): Promise<void> {
  const client = new pg.Client({ connectionString: options.ownerUrl });
  await client.connect();
  try {
    const boss = new PgBoss({ db: adapter(client), schema, supervise: false, schedule: false, migrate: true });
    boss.on("error", () => {});
    await boss.start();
    for (const [name, deadLetter] of Object.entries(queues)) {
      const options = { retryLimit: 3, retryDelay: 1, expireInSeconds: expireSeconds, ...(deadLetter ? { deadLetter } : {}) };
      if (await boss.getQueue(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, { ...options, heartbeatSeconds });
    }
    await boss.stop({ graceful: false });
    const role = pg.escapeIdentifier(options.appRole);
    await client.query(`grant usage on schema ${schema} to ${role}; grant select, insert, update, delete on all tables in schema ${schema} to ${role};
      grant usage on all sequences in schema ${schema} to ${role}; grant execute on all functions in schema ${schema} to ${role}`);
  } finally {
    await client.end();
  }
}

function adapter(target: { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> }) {
  // All workers look at the same moment; one after the other they keep one connection open instead of one each.
  const inTurn = createTurns(1);
  return {
    // Several statements in one text answer with one result each; pg-boss wants them as pg gives them.
    executeSql: (text: string, values?: unknown[]) => inTurn(() => target.query(text, values)) as Promise<{ rows: never[] }>,
  };
}

export async function openQueue({ postgres, log }: { postgres: Postgres; log: Log }): Promise<Queue> {
  const boss = new PgBoss({ db: adapter(postgres.pool), schema, migrate: false, supervise: true, superviseIntervalSeconds: superviseSeconds, monitorIntervalSeconds: superviseSeconds, schedule: true });
  boss.on("error", (error: unknown) => log("queue trouble", describeError(error)));
  await boss.start();
  const workers = new Map<QueueName, string[]>();
  return {
    async send(tx, name, data, turn) {
      await boss.send(name, data, { ...(turn ? { group: { id: turn.team }, priority: -turn.waiting } : {}), db: { executeSql: async (text, values = []) => ({ rows: (await tx.executeQuery(CompiledQuery.raw(text, values as unknown[]))).rows as never[] }) } });
    },
    wake: (name) => workers.get(name)?.forEach((id) => boss.notifyWorker(id)),
    async work(name, { concurrency, lookSeconds = 5, eachTeamMax }, handler) {
      const ids: string[] = [];
      workers.set(name, ids);
      for (let i = 0; i < concurrency; i++) {
        const id: string = await boss.work(name, { batchSize: 1, pollingIntervalSeconds: lookSeconds, ...(eachTeamMax === undefined ? {} : { groupConcurrency: eachTeamMax }) }, async ([job]) => {
          try {
            // A request that wakes it lends it nothing.
            if (job) await unconfined(() => handler(job.data as never, job.signal));
          } catch (error) {
            // What is thrown from here the queue keeps in its tables with message and all, which can quote anything.
            const told = describeError(error);
            log("work failed", { kind: name, ...told });
            throw Object.assign(new Error(told.error), { stack: "" });
          } finally {
            // Where one was, more may wait: they need not do so until the next look.
            boss.notifyWorker(id);
          }
        });
        ids.push(id);
      }
    },
    schedule: (name, cron, data) => boss.schedule(name, cron, data, { tz: "UTC" }),
    close: () => boss.stop({ graceful: true, timeout: 5_000 }),
  };
}

import { describeError } from "#src/base/log.ts";
import type { Log } from "#src/base/log.ts";
import { clearProbes, createCheckContext } from "./live.ts";
import type { LiveParts } from "./live.ts";
import type { PromiseView } from "./schema.ts";
import type { Trust } from "./trust.ts";

export interface Checker {
  /** Runs these checks now (all that there are, without ids), after what is running. Answers with the promises' states. */
  run(options: { ids?: readonly string[]; signal?: AbortSignal }): Promise<PromiseView[]>;
  /** From now on runs what is due, by and by. */
  start(): void;
  /** Stops what is running, with its traces cleared, and starts nothing more. */
  close(): Promise<void>;
}

export interface CheckerParts extends LiveParts {
  trust: Trust;
  log: Log;
  /** For tests. */
  firstMs?: number;
}

/** A moment after the start, so that who starts Kliv has it to themselves first. */
const firstMs = 30_000;
const lookEveryMs = 5 * 60_000;
/** One run at a time over all nodes: what a run finds of others' accounts is then known to be left over. */
const lockKey = 0x6b6c6976;

export function createChecker(parts: CheckerParts): Checker {
  const { postgres, trust, log } = parts;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
  const runNow = async (ids: readonly string[] | undefined, signal: AbortSignal): Promise<PromiseView[]> => {
    signal.throwIfAborted();
    const { context, close } = createCheckContext(parts, signal);
    try {
      await clearProbes(parts);
      return await trust.check({ context, ...(ids ? { ids } : {}) });
    } finally {
      close();
      // Of checks that did not end in time, too.
      await clearProbes(parts);
    }
  };
  const runDue = async (isFirst: boolean): Promise<void> => {
    const ids = await trust.due();
    // At the start, what a killed process left is cleared even if nothing is due.
    if (ids.length === 0 && !isFirst) return;
    await withLock({ pool: postgres.pool, isPatient: false, work: async () => void (ids.length > 0 ? await runNow(ids, stop.signal) : await clearProbes(parts)) });
  };
  const look = (isFirst: boolean): void => {
    void inTurn(() => runDue(isFirst)).catch((error: unknown) => {
      if (!stop.signal.aborted) log("promise checks failed", describeError(error));
    });
  };
  return {
    run({ ids, signal }) {
      const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      return inTurn(async () => (await withLock({ pool: postgres.pool, isPatient: true, work: () => runNow(ids, either) })) as PromiseView[]);
    },
    start() {
      timer = setTimeout(() => {
        look(true);
        timer = setInterval(() => look(false), lookEveryMs).unref();
      }, parts.firstMs ?? firstMs).unref();
    },
    async close() {
      stop.abort(new Error("Kliv is stopping"));
      clearTimeout(timer);
      await last;
    },
  };
}

/** Works while this connection holds the lock, which a killed process loses. Null where another one holds it and waiting is not wanted. */
async function withLock<T>(options: { pool: LiveParts["postgres"]["pool"]; isPatient: boolean; work(): Promise<T> }): Promise<T | null> {
  const client = await options.pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean | string }>(options.isPatient ? "select pg_advisory_lock($1)::text as got" : "select pg_try_advisory_lock($1) as got", [lockKey]);
    if (rows[0]?.got === false) return null;
    try {
      return await options.work();
    } finally {
      await client.query("select pg_advisory_unlock($1)", [lockKey]);
    }
  } finally {
    client.release();
  }
}

import type { Clock } from "#src/base/clock.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import type { Audit } from "./audit.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { canonicalJson, eventLeaf, eventOf } from "./event.ts";
import type { AuditKeys } from "./keys.ts";
import { Frontier } from "./merkle.ts";
import * as store from "./store.ts";
import type { Witness } from "./witness.ts";

/*
 * Events are written by many transactions at once, in an order that nobody knows before they are committed; so none of them
 * is held up for a number. Each lists its event as pending in its own transaction, and one node at a time then gives the
 * committed ones their places: leaves, the new root's signed checkpoint and the end of pending are one transaction. What a
 * kill interrupts is still pending afterwards.
 */

export interface Sequencer {
  /** Resolves when everything that was committed before is in its tree and its checkpoints are outside the database too. */
  run(): Promise<void>;
  /** From now on soon after each event, and by and by for those of other processes. */
  start(audit: Audit): void;
  /** Ends with what was written so far. */
  close(): Promise<void>;
}

interface Parts {
  postgres: Postgres;
  clock: Clock;
  keys: AuditKeys;
  witness: Witness;
  log: Log;
}

const eventsAtOnceMax = 1_000;
/** Everything within a second shares one checkpoint of its tree. */
const soonMs = 1_000;
const lookEveryMs = 5_000;

export function createSequencer(parts: Parts): Sequencer {
  const { postgres, log } = parts;
  let last: Promise<void> = Promise.resolve();
  let soon: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const run = (): Promise<void> => {
    const next = last.then(async () => {
      while ((await postgres.transaction(store.everything, (tx) => sequence(parts, tx))) === "more");
      await tellWitness(parts);
    });
    last = next.catch(() => {});
    return next;
  };
  const look = (): void => {
    soon = undefined;
    run().catch((error: unknown) => log("audit log not sequenced", describeError(error)));
  };
  return {
    run,
    start(audit) {
      audit.onRecorded(() => {
        soon ??= setTimeout(look, soonMs).unref();
      });
      timer = setInterval(look, lookEveryMs).unref();
      look();
    },
    async close() {
      clearTimeout(soon);
      clearInterval(timer);
      await run().catch((error: unknown) => log("audit log not sequenced", describeError(error)));
    },
  };
}

type Pending = Awaited<ReturnType<typeof store.listPending>>;

async function sequence(parts: Parts, tx: Tx): Promise<"more" | "done"> {
  await store.lockSequencer(tx);
  const number = Math.max(await store.lastCheckpointNumber(tx), parts.witness.last());
  // Events from before there were seals can only be there before the first checkpoint: they are all taken at once.
  const isFirst = number === 0;
  let after: string | undefined;
  let made = number;
  for (;;) {
    const pending = await store.listPending(tx, { limit: eventsAtOnceMax, after });
    if (pending.length === 0) return "done";
    after = pending.at(-1)?.id;
    const trees = Map.groupBy(pending.filter((event) => holdSeal(parts, event, isFirst)), (event) => event.tree);
    for (const [tree, events] of trees) await append(parts, tx, { tree, events, number: ++made });
    await store.deletePending(tx, pending.map((event) => event.id));
    if (!isFirst) return pending.length < eventsAtOnceMax ? "done" : "more";
  }
}

/** A row that something else than this program wrote, or changed since, gets no place; verifying names it. */
function holdSeal({ keys, log }: Parts, event: Pending[number], isFirst: boolean): boolean {
  const isTaken = keys.isSealed(event.seal, event.salt, canonicalJson(eventOf(event))) || (isFirst && event.seal === null);
  if (!isTaken) log("audit event refused", { kind: "seal", ...(event.team_id ? { team: event.team_id } : {}) });
  return isTaken;
}

async function append({ keys, clock }: Parts, tx: Tx, { tree, events, number }: { tree: string; events: Pending; number: number }): Promise<void> {
  const before = await store.lastCheckpoint(tx, tree);
  const frontier = new Frontier(before?.size, before?.frontier);
  const leaves = events.map((event) => {
    const leaf = { tree, position: frontier.size, event_id: event.id, leaf_hash: eventLeaf(event.salt, canonicalJson(eventOf(event))) };
    frontier.push(leaf.leaf_hash);
    return leaf;
  });
  await store.insertLeaves(tx, leaves);
  const at = clock.date();
  const checkpoint = { tree, size: frontier.size, root: frontier.root() };
  await store.insertCheckpoint(tx, { ...checkpoint, number, frontier: frontier.toBytes(), at, note: signCheckpoint(keys, { ...checkpoint, at: at.toISOString() }) });
}

/** Also what was committed just before a kill, and what other nodes made. */
async function tellWitness({ postgres, witness }: Parts): Promise<void> {
  for (;;) {
    const made = await postgres.transaction(store.everything, (tx) => store.listCheckpointsAfter(tx, { number: witness.last(), limit: eventsAtOnceMax }));
    if (made.length === 0) return;
    witness.append(made);
  }
}

import type { Postgres, Reach } from "#src/base/postgres/postgres.ts";
import { canonicalJson, eventOf } from "./event.ts";
import type { LoggedEvent } from "./event.ts";
import { toOcsf } from "./ocsf.ts";
import * as store from "./store.ts";

/*
 * A log as a file of lines that can be verified without Kliv: each event in its place with its salt, then the signed
 * checkpoints. A part that does not begin at the first event has before it what the tree was up to there.
 */

/** Where an event stands in its tree, beside its own words. Hexadecimal. */
export interface Leaf {
  tree: string;
  position: number;
  salt: string;
  hash: string;
}

/** A line of a file before the events: the tree's right edge at a checkpoint, by which the rest can be verified. */
export interface Begin {
  begin: { tree: string; size: number; frontier: string };
}

export interface CheckpointLine {
  checkpoint: string;
}

const rowsAtOnce = 500;

/** `raw_data` is the very text of the leaf; the rest says the same for tools that read OCSF. */
export function eventLine(event: LoggedEvent, leaf: Leaf): Record<string, unknown> {
  return { ...toOcsf(event), raw_data: canonicalJson(event), unmapped: { leaf } };
}

/** From the newest checkpoint at or before `from` to the newest of all. Each part is read in a moment of its own: what has its place does not change. */
export async function* exportLines(postgres: Postgres, { tree, from, reach }: { tree: string; from: number; reach: Reach }): AsyncGenerator<string> {
  const [begin, end] = await postgres.transaction(reach, async (tx) => [await store.lastCheckpoint(tx, tree, from), await store.lastCheckpoint(tx, tree)]);
  const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
  if (begin) yield line({ begin: { tree, size: begin.size, frontier: begin.frontier.toString("hex") } } satisfies Begin);
  const size = end?.size ?? 0;
  for (let at = begin?.size ?? 0; at < size; ) {
    const leaves = await postgres.transaction(reach, (tx) => store.listLeaves(tx, { tree, from: at, limit: Math.min(rowsAtOnce, size - at) }));
    yield leaves.map(({ event, position, hash }) => (event ? line(eventLine(eventOf(event), { tree, position, salt: event.salt.toString("hex"), hash: hash.toString("hex") })) : "")).join("");
    at += rowsAtOnce;
  }
  for (let after = (begin?.size ?? 0) - 1; after < size; ) {
    const rows = await postgres.transaction(reach, (tx) => store.listCheckpoints(tx, { tree, after, upTo: size, limit: rowsAtOnce }));
    yield rows.map(({ note }) => line({ checkpoint: note } satisfies CheckpointLine)).join("");
    after = rows.at(-1)?.size ?? size;
  }
}

import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { originOf, readCheckpoint } from "./checkpoint.ts";
import { canonicalJson, eventLeaf, eventOf, installationTree, treeOf } from "./event.ts";
import type { AuditKeys } from "./keys.ts";
import * as store from "./store.ts";
import { Walk } from "./walk.ts";
import type { KnownRoot, Trouble } from "./walk.ts";
import { readWitness } from "./witness.ts";

export interface TreeVerdict {
  /** A team's id, or `installation`. */
  tree: string;
  /** Events that have their place. */
  size: number;
  /** Of the tree as it was read, in base64. */
  root: string;
  /** Signed checkpoints that say the same, in the database and outside. */
  checkpoints: number;
  /** Events too new to have a place. */
  pending: number;
  trouble: Trouble | null;
}

const rowsAtOnce = 1_000;

interface Parts {
  postgres: Postgres;
  keys: AuditKeys;
  /** Where checkpoints lie outside the database; null to leave them out. */
  folder: string | null;
  signal?: AbortSignal;
}

/** Holds the log of one team, of what belongs to none (null), or all logs against all that was ever signed. */
export async function verifyDatabase(parts: Parts, team?: string | null): Promise<TreeVerdict[]> {
  // Read before the database: what is outside was inside first.
  const outside = readOutside(parts, team);
  const trees = team === undefined ? await parts.postgres.transaction(store.everything, store.listTrees) : [team];
  const all = team === undefined ? [...new Set([...trees, ...[...outside.keys()].map((tree) => (tree === installationTree ? null : tree))])] : trees;
  const verdicts: TreeVerdict[] = [];
  for (const one of all) {
    parts.signal?.throwIfAborted();
    const tree = treeOf({ team: one });
    verdicts.push(await parts.postgres.transaction({ ...store.everything, snapshot: true }, (tx) => verifyTree(tx, { team: one, tree, keys: parts.keys, outside: outside.get(tree) ?? [] })));
  }
  const broken = outside.get("")?.[0];
  if (broken) verdicts.push({ tree: "", size: 0, root: "", checkpoints: 0, pending: 0, trouble: { kind: "checkpoint", position: null, event: null, reason: broken.from } });
  return verdicts.filter((verdict) => verdict.tree !== "" || verdict.trouble);
}

/** By tree, in the order of their sizes; what is not ours under no name. With a team only what says that it is of its log. */
function readOutside({ keys, folder }: Parts, team: string | null | undefined): Map<string, KnownRoot[]> {
  const found = new Map<string, KnownRoot[]>();
  if (folder === null) return found;
  let line = 0;
  const only = team === undefined ? null : `${originOf(treeOf({ team }))}\n`;
  for (const one of readWitness(folder)) {
    line += 1;
    if (only !== null && !one?.note.startsWith(only)) continue;
    const checkpoint = one && readCheckpoint(keys, one.note);
    const { tree, size, root } = checkpoint ?? { tree: "", size: 0, root: Buffer.alloc(0) };
    const from = checkpoint ? `checkpoint ${one.number} outside the database` : `Line ${line} of the checkpoints outside the database is not signed by this installation's key`;
    const list = found.get(tree) ?? [];
    list.push({ size, root, from });
    found.set(tree, list);
  }
  for (const list of found.values()) list.sort((a, b) => a.size - b.size);
  return found;
}

interface TreeParts {
  team: string | null;
  tree: string;
  keys: AuditKeys;
  outside: KnownRoot[];
}

async function verifyTree(tx: Tx, parts: TreeParts): Promise<TreeVerdict> {
  const { inside, trouble: unsigned } = await readInside(tx, parts);
  const walk = new Walk([...inside, ...parts.outside].sort((a, b) => a.size - b.size));
  const inTree = (await walkLeaves(tx, { ...parts, walk })) ?? walk.end() ?? unsigned;
  const { pending, trouble } = await walkRest(tx, { ...parts, isFirst: (await store.lastCheckpointNumber(tx)) === 0 });
  return {
    tree: parts.tree, size: walk.frontier.size, root: walk.frontier.root().toString("base64"), checkpoints: walk.checkpoints, pending,
    trouble: inTree?.event == null && trouble ? trouble : (inTree ?? trouble),
  };
}

async function readInside(tx: Tx, { tree, keys }: TreeParts): Promise<{ inside: KnownRoot[]; trouble: Trouble | null }> {
  const inside: KnownRoot[] = [];
  for (let after = 0; ; ) {
    const rows = await store.listCheckpoints(tx, { tree, after, limit: rowsAtOnce });
    for (const row of rows) {
      const said = readCheckpoint(keys, row.note);
      const isSame = said !== null && said.tree === tree && said.size === row.size && said.root.equals(row.root);
      if (!isSame) return { inside, trouble: { kind: "checkpoint", position: null, event: null, reason: `Checkpoint ${row.number} of the database is not signed by this installation's key, or was altered` } };
      inside.push({ size: said.size, root: said.root, from: `checkpoint ${row.number} of the database` });
    }
    after = rows.at(-1)?.size ?? after;
    if (rows.length < rowsAtOnce) return { inside, trouble: null };
  }
}

async function walkLeaves(tx: Tx, { tree, walk }: TreeParts & { walk: Walk }): Promise<Trouble | null> {
  for (;;) {
    const leaves = await store.listLeaves(tx, { tree, from: walk.frontier.size, limit: rowsAtOnce });
    for (const { position, hash, eventId, event } of leaves) {
      const at = walk.frontier.size;
      if (position !== at) return { kind: "deleted", position: at, event: null, reason: `The event at ${at} is missing; the next is ${eventId} at ${position}` };
      if (!event) return { kind: "deleted", position, event: eventId, reason: "The event was deleted; its place in the tree is still there" };
      const told = eventOf(event);
      if (treeOf(told) !== tree) return { kind: "altered", position, event: eventId, reason: `The event now belongs to ${treeOf(told)}` };
      if (!eventLeaf(event.salt, canonicalJson(told)).equals(hash)) return { kind: "altered", position, event: eventId, reason: "The event is not the one whose hash is in the tree" };
      const trouble = walk.add({ event: eventId, hash });
      if (trouble) return trouble;
    }
    if (leaves.length < rowsAtOnce) return null;
  }
}

/** Events without a place: too new, or not this program's. */
async function walkRest(tx: Tx, { team, keys, isFirst }: TreeParts & { isFirst: boolean }): Promise<{ pending: number; trouble: Trouble | null }> {
  let pending = 0;
  for (const event of await store.listUnsequenced(tx, team)) {
    const isOurs = keys.isSealed(event.seal, event.salt, canonicalJson(eventOf(event))) || (isFirst && event.seal === null);
    if (isOurs && event.isPending) pending += 1;
    else if (isOurs) return { pending, trouble: { kind: "reordered", position: null, event: event.id, reason: "The event's place in the tree was removed" } };
    else return { pending, trouble: { kind: "inserted", position: null, event: event.id, reason: "The event has no place in the tree, and Kliv did not write it as it stands" } };
  }
  return { pending, trouble: null };
}

import { readCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { canonicalJson, eventLeaf, treeOf } from "./event.ts";
import type { LoggedEvent } from "./event.ts";
import { eventLine } from "./export.ts";
import type { Begin, CheckpointLine, Leaf } from "./export.ts";
import type { Verifier } from "./keys.ts";
import { Frontier } from "./merkle.ts";
import type { TreeVerdict } from "./verify.ts";
import { Walk } from "./walk.ts";
import type { KnownRoot, Trouble } from "./walk.ts";

export interface FileVerdict extends TreeVerdict {
  /** Events before the first one of the file, covered by its first checkpoint. */
  begin: number;
  /** When the newest checkpoint was signed. */
  at: string | null;
}

type Line = Begin | CheckpointLine | { raw_data: string; unmapped: { leaf: Leaf } };

/** Opens the export's lines anew at each call: it is gone through twice, so that its size does not matter. */
type Lines = () => AsyncIterable<string> | Iterable<string>;

/** Holds an export against the checkpoints in it and the public key; nothing else is needed. */
export async function verifyExport(lines: Lines, verifier: Verifier): Promise<FileVerdict> {
  const { known, last, trouble } = await readCheckpoints(lines, verifier);
  const verdict: FileVerdict = { tree: last?.tree ?? "", size: 0, root: "", checkpoints: 0, pending: 0, begin: 0, at: last?.at ?? null, trouble };
  if (trouble || !last) return verdict;
  return { ...verdict, ...(await walkEvents(lines, { known, tree: last.tree })) };
}

async function* read(lines: Lines): AsyncGenerator<{ number: number; line: Line | null }> {
  let number = 0;
  for await (const text of lines()) {
    number += 1;
    let line: Line | null = null;
    try {
      line = JSON.parse(text) as Line | null;
    } catch {
      // Told by the null, with the line's number.
    }
    yield { number, line: typeof line === "object" ? line : null };
  }
}

async function readCheckpoints(lines: Lines, verifier: Verifier): Promise<{ known: KnownRoot[]; last: Checkpoint | null; trouble: Trouble | null }> {
  const known: KnownRoot[] = [];
  let last: Checkpoint | null = null;
  const refuse = (reason: string) => ({ known, last, trouble: { kind: "checkpoint" as const, position: null, event: null, reason } });
  for await (const { number, line } of read(lines)) {
    if (line === null || !("checkpoint" in line)) continue;
    const said = readCheckpoint(verifier, String(line.checkpoint));
    if (!said) return refuse(`The checkpoint on line ${number} is not signed with this key, or was altered`);
    if (last && (said.tree !== last.tree || said.size < last.size)) return refuse(`The checkpoint on line ${number} does not follow the one before it`);
    last = said;
    known.push({ size: said.size, root: said.root, from: `the signed checkpoint on line ${number}` });
  }
  return last ? { known, last, trouble: null } : refuse("The file has no signed checkpoint: it is not a whole export");
}

async function walkEvents(lines: Lines, { known, tree }: { known: KnownRoot[]; tree: string }): Promise<Omit<FileVerdict, "tree" | "at">> {
  let walk = new Walk(known);
  let begin = 0;
  const verdict = (trouble: Trouble | null) => ({ begin, size: walk.frontier.size, root: walk.frontier.root().toString("base64"), checkpoints: walk.checkpoints, pending: 0, trouble });
  for await (const { number, line } of read(lines)) {
    if (line === null) return verdict({ kind: "altered", position: walk.frontier.size, event: null, reason: `Line ${number} is not an event` });
    if ("checkpoint" in line) continue;
    if ("begin" in line) {
      const { size, frontier } = line.begin;
      if (number === 1) walk = new Walk(known, new Frontier(size, Buffer.from(String(frontier), "hex")));
      begin = size;
      const isKnown = number === 1 && line.begin.tree === tree && walk.checkpoints > 0;
      if (!isKnown) return verdict({ kind: "checkpoint", position: null, event: null, reason: `What line ${number} says of the events before it is not what a signed checkpoint says` });
      continue;
    }
    const trouble = holdLine({ number, line, position: walk.frontier.size, tree }) ?? walk.add({ event: idOf(line.raw_data), hash: Buffer.from(line.unmapped.leaf.hash, "hex") });
    if (trouble) return verdict(trouble);
  }
  return verdict(walk.end());
}

interface Placed {
  number: number;
  line: { raw_data: string; unmapped: { leaf: Leaf } };
  position: number;
  tree: string;
}

/** One line by itself: in its place, its hash its own, and all that it says the same as what was hashed. */
function holdLine({ number, line, position, tree }: Placed): Trouble | null {
  const leaf = line.unmapped?.leaf;
  const event = idOf(line.raw_data);
  const say = (kind: Trouble["kind"], reason: string): Trouble => ({ kind, position, event: event || null, reason: `Line ${number}: ${reason}` });
  if (typeof leaf?.salt !== "string" || event === "") return say("altered", "this is not an event as Kliv exports it");
  if (leaf.position > position) return say("deleted", `before this event, ${leaf.position - position} are missing`);
  if (leaf.position !== position) return say("reordered", `the place of this event is ${leaf.position}, not ${position}`);
  if (eventLeaf(Buffer.from(leaf.salt, "hex"), line.raw_data).toString("hex") !== leaf.hash) return say("altered", "this event is not the one whose hash it has");
  return saysTheSame({ line, leaf, tree }) ? null : say("altered", "this event says something else than what was hashed");
}

function saysTheSame({ line, leaf, tree }: Pick<Placed, "line" | "tree"> & { leaf: Leaf }): boolean {
  try {
    const told = JSON.parse(line.raw_data) as LoggedEvent;
    return treeOf(told) === tree && leaf.tree === tree && canonicalJson(eventLine(told, leaf)) === canonicalJson(line);
  } catch {
    // Something that is not an event was hashed.
    return false;
  }
}

function idOf(text: unknown): string {
  try {
    const { id } = JSON.parse(String(text)) as { id?: unknown };
    return typeof id === "string" ? id : "";
  } catch {
    return "";
  }
}

import type { AuditKeys, Verifier } from "./keys.ts";

/** What a tree was at one moment, as its signed note says it. */
export interface Checkpoint {
  tree: string;
  size: number;
  root: Buffer;
  at: string;
}

/** The first line of a tree's notes. */
export const originOf = (tree: string): string => `kliv/audit/${tree}`;

/** The note: origin, size, root hash, and as an extension line the time. */
export function signCheckpoint(keys: AuditKeys, { tree, size, root, at }: Checkpoint): string {
  return keys.sign(`${originOf(tree)}\n${size}\n${root.toString("base64")}\ntime ${at}\n`);
}

/** What a note says, if the key signed it; else null. */
export function readCheckpoint(verifier: Verifier, note: string): Checkpoint | null {
  const text = verifier.open(note);
  const [, tree = "", size = "", root = "", at = ""] = /^kliv\/audit\/([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\ntime ([^\n]+)\n$/.exec(text ?? "") ?? [];
  return tree === "" ? null : { tree, size: Number(size), root: Buffer.from(root, "base64"), at };
}

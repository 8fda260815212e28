import { createHash } from "node:crypto";

/*
 * The Merkle tree of RFC 6962, section 2.1, with SHA-256. Only its right edge is ever kept: the roots of the full subtrees
 * that the leaves so far make, which is all that a next leaf and the root of the whole need.
 */

export const hashBytes = 32;

/** The hash of one leaf: 0x00, then its data. */
export function leafHash(...data: (Buffer | string)[]): Buffer {
  const hash = createHash("sha256").update(Buffer.of(0));
  for (const part of data) hash.update(part);
  return hash.digest();
}

const nodeHash = (left: Buffer, right: Buffer): Buffer => createHash("sha256").update(Buffer.of(1)).update(left).update(right).digest();

/** A tree of which only the right edge is known; leaves are added one after another. */
export class Frontier {
  size: number;
  readonly #peaks: Buffer[];

  /** `bytes` as `toBytes` gave them for a tree of `size` leaves. */
  constructor(size = 0, bytes: Buffer = Buffer.alloc(0)) {
    this.size = size;
    this.#peaks = Array.from({ length: bytes.length / hashBytes }, (_, at) => bytes.subarray(at * hashBytes, (at + 1) * hashBytes));
  }

  push(leaf: Buffer): void {
    this.#peaks.push(leaf);
    // Each trailing one of the size is a full subtree as large as the one that has just become full.
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const right = this.#peaks.pop() as Buffer;
      const left = this.#peaks.pop() as Buffer;
      this.#peaks.push(nodeHash(left, right));
    }
    this.size += 1;
  }

  root(): Buffer {
    if (this.#peaks.length === 0) return createHash("sha256").digest();
    return this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }

  toBytes(): Buffer {
    return Buffer.concat(this.#peaks);
  }
}

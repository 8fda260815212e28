import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/*
 * The encrypted file, version 1 (docs/decisions/0003-object-store.md says why):
 *
 *   header   48 bytes  "klivblob", version, log2 of the segment's size, 6 zeros, 32 random bytes (the salt)
 *   segments           each 64 KiB of plain bytes as AES-256-GCM: ciphertext, then the tag of 16 bytes;
 *                      the last one has 0 to 65535 plain bytes, so that a writer need not look ahead
 *   trailer  64 bytes  size, time and SHA-256 of the plain bytes, as AES-256-GCM
 *
 * The data key is HKDF-SHA-256 of the master key and the salt, so it is used for one file only, and a part's kind
 * and index can be its nonce. Kind, index, header and the object's key are authenticated with every part.
 */

export const headerBytes = 48;
export const tagBytes = 16;
const trailerPlainBytes = 48;
export const trailerBytes = trailerPlainBytes + tagBytes;
export const segmentBytes = 65_536;
const segmentLog2 = 16;
const magic = Buffer.from("klivblob");
const formatVersion = 1;
const algorithm = "aes-256-gcm";

// A part's kind. The last segment is a kind of its own, so that no cut can make another segment the last.
type Kind = 0 | 1 | 2;
const middle: Kind = 0;
const last: Kind = 1;
const trailer: Kind = 2;

export interface Trailer {
  sizeBytes: number;
  modifiedAt: number;
  sha256: string;
}

/** What is wrong with a file; the driver makes it a Problem that names the key. */
export class Damage extends Error {}

class Parts {
  readonly #dataKey: Buffer;
  readonly #additional: Buffer;
  readonly #nonce = Buffer.alloc(12);

  constructor(masterKey: Buffer, header: Buffer, key: string) {
    this.#dataKey = Buffer.from(hkdfSync("sha256", masterKey, header.subarray(16), "kliv blob 1 data", 32));
    const context = createHash("sha256").update(header).update(key).digest();
    this.#additional = Buffer.concat([context, Buffer.alloc(9)]);
  }

  seal(plain: Uint8Array, kind: Kind, index: number): [Buffer, Buffer] {
    this.#place(kind, index);
    const cipher = createCipheriv(algorithm, this.#dataKey, this.#nonce);
    cipher.setAAD(this.#additional);
    const sealed = cipher.update(plain);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  }

  /** Plain bytes, given out only once they are authenticated. Throws Damage. */
  open(sealed: Buffer, kind: Kind, index: number): Buffer {
    this.#place(kind, index);
    const cut = sealed.length - tagBytes;
    const decipher = createDecipheriv(algorithm, this.#dataKey, this.#nonce, { authTagLength: tagBytes });
    decipher.setAAD(this.#additional);
    decipher.setAuthTag(sealed.subarray(cut));
    const plain = decipher.update(sealed.subarray(0, cut));
    try {
      decipher.final();
    } catch {
      throw new Damage(kind === trailer ? "the trailer does not authenticate" : `segment ${index} does not authenticate`);
    }
    return plain;
  }

  #place(kind: Kind, index: number): void {
    this.#nonce[0] = kind;
    this.#nonce.writeBigUInt64BE(BigInt(index), 4);
    this.#additional[32] = kind;
    this.#additional.writeBigUInt64BE(BigInt(index), 33);
  }
}

/** Seals one object from its first byte to its last. Each part is sealed once, or nonces would repeat. */
export class Sealer {
  readonly header: Buffer;
  readonly #parts: Parts;
  readonly #hash = createHash("sha256");
  #index = 0;
  #sizeBytes = 0;

  constructor(masterKey: Buffer, key: string) {
    this.header = Buffer.concat([magic, Buffer.from([formatVersion, segmentLog2, 0, 0, 0, 0, 0, 0]), randomBytes(32)]);
    this.#parts = new Parts(masterKey, this.header, key);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** A whole segment; fewer bytes than that are for `finish`. */
  segment(plain: Uint8Array): [Buffer, Buffer] {
    if (plain.length !== segmentBytes) throw new RangeError("a middle segment is whole");
    return this.#seal(plain, middle);
  }

  /** The last segment, 0 to 65535 bytes, and the trailer. */
  finish(plain: Uint8Array, modifiedAt: number): { buffers: Buffer[]; trailer: Trailer } {
    if (plain.length >= segmentBytes) throw new RangeError("the last segment is not whole");
    const segment = this.#seal(plain, last);
    const sum = this.#hash.digest();
    const text = Buffer.alloc(16);
    text.writeBigUInt64BE(BigInt(this.#sizeBytes), 0);
    text.writeBigUInt64BE(BigInt(modifiedAt), 8);
    return {
      buffers: [...segment, ...this.#parts.seal(Buffer.concat([text, sum]), trailer, 0)],
      trailer: { sizeBytes: this.#sizeBytes, modifiedAt, sha256: sum.toString("hex") },
    };
  }

  #seal(plain: Uint8Array, kind: Kind): [Buffer, Buffer] {
    this.#hash.update(plain);
    this.#sizeBytes += plain.length;
    return this.#parts.seal(plain, kind, this.#index++);
  }
}

/** Opens one object's parts. */
export class Opener {
  readonly trailer: Trailer;
  readonly segments: number;
  readonly #parts: Parts;

  /** `header` and `trailer` are the file's first 48 and last 64 bytes, `fileBytes` its length. Throws Damage. */
  constructor(options: { masterKey: Buffer; key: string; header: Buffer; trailer: Buffer; fileBytes: number }) {
    const { masterKey, key, header, fileBytes } = options;
    if (!isSealed(header)) throw new Damage("the header is not one of ours");
    this.#parts = new Parts(masterKey, header, key);
    const plain = this.#parts.open(options.trailer, trailer, 0);
    this.trailer = {
      sizeBytes: Number(plain.readBigUInt64BE(0)),
      modifiedAt: Number(plain.readBigUInt64BE(8)),
      sha256: plain.toString("hex", 16),
    };
    if (plainBytes(fileBytes) !== this.trailer.sizeBytes) throw new Damage("the length is not the recorded one");
    this.segments = Math.floor(this.trailer.sizeBytes / segmentBytes) + 1;
  }

  /** Where segments `first` to `end` (not included) lie in the file. */
  place(first: number, end: number): { position: number; length: number } {
    const position = headerBytes + first * (segmentBytes + tagBytes);
    const whole = (end - first) * (segmentBytes + tagBytes);
    const short = end === this.segments ? segmentBytes - (this.trailer.sizeBytes % segmentBytes) : 0;
    return { position, length: whole - short };
  }

  /** Plain bytes of one segment. Throws Damage. */
  open(sealed: Buffer, index: number): Buffer {
    return this.#parts.open(sealed, index === this.segments - 1 ? last : middle, index);
  }
}

/** Whether these are the first bytes of a sealed file of a version that is known here. */
export function isSealed(header: Buffer): boolean {
  if (header.length < headerBytes || !header.subarray(0, 8).equals(magic)) return false;
  return header[8] === formatVersion && header[9] === segmentLog2 && header.subarray(10, 16).every((byte) => byte === 0);
}

/** Plain bytes in a sealed file of this length, or -1 where no sealed file has it. */
export function plainBytes(fileBytes: number): number {
  const body = fileBytes - headerBytes - trailerBytes;
  if (body < tagBytes) return -1;
  const whole = Math.floor(body / (segmentBytes + tagBytes));
  const rest = body - whole * (segmentBytes + tagBytes) - tagBytes;
  return rest < 0 ? -1 : whole * segmentBytes + rest;
}

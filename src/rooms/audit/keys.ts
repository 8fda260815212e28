import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, sign, timingSafeEqual, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { homeKey } from "#src/base/secrets.ts";

/*
 * Signed notes as C2SP describes them (signed-note, tlog-checkpoint): text that people can read, and below it the
 * signature, by which any tool that knows the format can verify it with the one line of the public key.
 */

export interface Verifier {
  /** The public key as one line: name+hash+key. */
  readonly line: string;
  /** Whether the note has this key's signature. Gives the note's text, or null. */
  open(note: string): string | null;
}

export interface AuditKeys extends Verifier {
  sign(text: string): string;
  /** What only this program can put beside an event: SHA-256 HMAC with a key that is nowhere in the database. */
  seal(salt: Buffer, text: string): Buffer;
  isSealed(seal: Buffer | null, salt: Buffer, text: string): boolean;
}

const keyName = "kliv-audit";
const ed25519 = 1;
// What stands before the 32 bytes of a private and of a public key in their DER forms (RFC 8410).
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");
const idBytes = 4;

/** The keys of this home, made at their first use: HOME/secrets/audit. */
export function openAuditKeys(home: string): AuditKeys {
  const seed = homeKey(home, "audit");
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
  const publicBytes = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(publicPrefix.length);
  const sealKey = Buffer.from(hkdfSync("sha256", seed, "", "kliv audit seal", 32));
  const seal = (salt: Buffer, text: string): Buffer => createHmac("sha256", sealKey).update(salt).update(text).digest();
  const verifier = verifierOf(publicBytes);
  return {
    ...verifier,
    sign: (text) => `${text}\n— ${keyName} ${Buffer.concat([keyId(publicBytes), sign(null, Buffer.from(text), key)]).toString("base64")}\n`,
    seal,
    isSealed: (found, salt, text) => found?.length === 32 && timingSafeEqual(found, seal(salt, text)),
  };
}

/** The public key from its line; null when it is not one. */
export function readVerifier(line: string): Verifier | null {
  const [, name, id = "", bytes = ""] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(line.trim()) ?? [];
  const key = Buffer.from(bytes, "base64");
  if (name !== keyName || key.length !== 33 || key[0] !== ed25519) return null;
  const publicBytes = key.subarray(1);
  return keyId(publicBytes).toString("hex") === id ? verifierOf(publicBytes) : null;
}

const keyId = (publicBytes: Buffer): Buffer => createHash("sha256").update(`${keyName}\n`).update(Buffer.of(ed25519)).update(publicBytes).digest().subarray(0, idBytes);

function verifierOf(publicBytes: Buffer): Verifier {
  const key: KeyObject = createPublicKey({ key: Buffer.concat([publicPrefix, publicBytes]), format: "der", type: "spki" });
  const id = keyId(publicBytes);
  return {
    line: `${keyName}+${id.toString("hex")}+${Buffer.concat([Buffer.of(ed25519), publicBytes]).toString("base64")}`,
    open(note) {
      const [, text, signature = ""] = /^((?:[^\n]+\n)+)\n— kliv-audit ([A-Za-z0-9+/=]+)\n$/.exec(note) ?? [];
      const bytes = Buffer.from(signature, "base64");
      if (text === undefined || !bytes.subarray(0, idBytes).equals(id)) return null;
      return verify(null, Buffer.from(text), key, bytes.subarray(idBytes)) ? text : null;
    },
  };
}

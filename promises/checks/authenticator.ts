import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/*
 * An authenticator in software, as WebAuthn Level 2 describes one: enough to register a passkey and to sign in with it, and
 * to do either wrongly. For checks and tests; what a browser does on the way is in the journeys.
 */

/** What an answer may do otherwise than it should. */
export interface Oddity {
  /** Another page's address. */
  origin?: string;
  /** The person was not verified. */
  unverified?: boolean;
  /** The count of uses that the authenticator says. */
  counter?: number;
  /** Signed with another key. */
  forged?: boolean;
}

export interface Authenticator {
  create(options: { challenge: string; rp: { id?: string }; user: { id: string } }, oddity?: Oddity): Record<string, unknown>;
  get(options: { challenge: string; rpId?: string }, oddity?: Oddity): Record<string, unknown>;
}

const flags = { present: 1, verified: 4, attested: 64 };

export function createAuthenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = newKey();
  const id = randomBytes(32);
  let user = "";
  let counter = 0;
  const clientData = (type: string, challenge: string, oddity: Oddity): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin: oddity.origin ?? origin, crossOrigin: false }));
  const head = (host: string, oddity: Oddity, more: number): Buffer => {
    const bytes = Buffer.alloc(37);
    sha256(Buffer.from(host)).copy(bytes);
    bytes[32] = flags.present | (oddity.unverified ? 0 : flags.verified) | more;
    bytes.writeUInt32BE(oddity.counter ?? ++counter, 33);
    return bytes;
  };
  const wrap = (response: object): Record<string, unknown> => ({ id: url(id), rawId: url(id), type: "public-key", clientExtensionResults: {}, response });
  const hostOf = new URL(origin).hostname;
  return {
    create({ challenge, rp, user: person }, oddity = {}) {
      user = person.id;
      const { x = "", y = "" } = publicKey.export({ format: "jwk" });
      const key = map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, "base64url")], [-3, Buffer.from(y, "base64url")]]);
      const length = Buffer.from([0, id.length]);
      const authData = Buffer.concat([head(rp.id ?? hostOf, oddity, flags.attested), Buffer.alloc(16), length, id, key]);
      const attestationObject = map([["fmt", "none"], ["attStmt", {}], ["authData", authData]]);
      return wrap({ clientDataJSON: url(clientData("webauthn.create", challenge, oddity)), attestationObject: url(attestationObject), transports: ["internal"] });
    },
    get({ challenge, rpId }, oddity = {}) {
      const data = clientData("webauthn.get", challenge, oddity);
      const authenticatorData = head(rpId ?? hostOf, oddity, 0);
      const signature = sign("sha256", Buffer.concat([authenticatorData, sha256(data)]), oddity.forged ? newKey().privateKey : privateKey);
      return wrap({ clientDataJSON: url(data), authenticatorData: url(authenticatorData), signature: url(signature), userHandle: user });
    },
  };
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
const url = (bytes: Buffer): string => bytes.toString("base64url");

/** A map in CBOR (RFC 8949), of small whole numbers, texts, bytes and the empty map. */
function map(entries: [number | string, number | string | Buffer | object][]): Buffer {
  return Buffer.concat([Buffer.from([0xa0 | entries.length]), ...entries.flatMap((pair) => pair.map(cbor))]);
}

function cbor(value: number | string | Buffer | object): Buffer {
  if (typeof value === "number") return Buffer.from([value >= 0 ? value : 0x20 | (-1 - value)]);
  if (typeof value === "string") return Buffer.concat([Buffer.from([0x60 | value.length]), Buffer.from(value)]);
  if (!Buffer.isBuffer(value)) return Buffer.from([0xa0]);
  return Buffer.concat([Buffer.from([0x58, value.length]), value]);
}

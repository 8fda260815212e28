import "reflect-metadata";
import { webcrypto } from "node:crypto";
import type { Clock } from "#src/base/clock.ts";

const algorithm = { name: "RSASSA-PKCS1-v1_5", publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" } as const;
const years = 5;
const dayMs = 86_400_000;

export interface KeyPair {
  /** DER in base64, as metadata holds it. */
  certificate: string;
  /** PKCS 8, PEM. */
  privateKey: string;
  expiresAt: Date;
}

/** A key of ours with a certificate that it signed itself: a provider trusts it because it stands in our metadata. */
export async function makeKeyPair({ name, clock, bits = 3_072 }: { name: string; clock: Clock; bits?: 2_048 | 3_072 }): Promise<KeyPair> {
  const x = await import("@peculiar/x509");
  x.cryptoProvider.set(webcrypto as never);
  const keys = (await webcrypto.subtle.generateKey({ ...algorithm, modulusLength: bits }, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const expiresAt = new Date(clock.now() + years * 365 * dayMs);
  const certificate = await x.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`, notBefore: new Date(clock.now() - dayMs), notAfter: expiresAt, signingAlgorithm: algorithm, keys: keys as never,
  });
  return {
    certificate: Buffer.from(certificate.rawData).toString("base64"),
    privateKey: x.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY"),
    expiresAt,
  };
}

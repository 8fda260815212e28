import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";

export interface Certificate {
  cert: Buffer;
  key: Buffer;
}

const dayMs = 86_400_000;
// Browsers refuse leaves that live longer than 398 days; ours is renewed well before its end.
const leafDays = 397;
const renewDays = 30;

/**
 * The protocol settings of every listener: TLS 1.2 and 1.3, AES-GCM suites with forward secrecy only.
 * Source: RFC 9325 and the security page's promise of AES for all clients.
 */
export const tlsSettings = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: [
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
  ].join(":"),
  honorCipherOrder: true,
} as const;

/** The certificate of this home: HOME/ca.pem signs HOME/tls/cert.pem; both are made when missing, the leaf again near its end. */
export async function localCertificate(options: { home: string; hosts: string[]; clock: Clock }): Promise<Certificate> {
  const { home, hosts, clock } = options;
  const folder = join(home, "tls");
  const files = { ca: join(home, "ca.pem"), caKey: join(folder, "ca-key.pem"), cert: join(folder, "cert.pem"), key: join(folder, "key.pem"), about: join(folder, "about.json") };
  if (existsSync(files.cert) && existsSync(files.key) && existsSync(files.about)) {
    const about = JSON.parse(readFileSync(files.about, "utf8")) as { notAfter: number; hosts: string[] };
    const isCurrent = about.notAfter - clock.now() > renewDays * dayMs && hosts.every((host) => about.hosts.includes(host));
    if (isCurrent) return { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await readAuthority(files, clock);
  const made = await makeLeaf({ authority, hosts, clock });
  // The note that says the pair is whole is written last.
  write(files.key, made.key);
  write(files.cert, made.cert);
  write(files.about, JSON.stringify({ notAfter: made.notAfter, hosts }));
  return { cert: Buffer.from(made.cert), key: Buffer.from(made.key) };
}

/** The operator's own certificate. */
export function readCertificate(files: { certFile: string; keyFile: string }): Certificate {
  return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

interface Authority {
  certPem: string;
  keys: CryptoKeyPair;
}
type CryptoKeyPair = webcrypto.CryptoKeyPair;

// Loaded when needed: most starts find a current certificate.
async function x509() {
  const module = await import("@peculiar/x509");
  module.cryptoProvider.set(webcrypto as never);
  return module;
}

async function readAuthority(files: { ca: string; caKey: string }, clock: Clock): Promise<Authority> {
  const { X509CertificateGenerator, BasicConstraintsExtension, KeyUsagesExtension, KeyUsageFlags, PemConverter, X509Certificate } = await x509();
  if (existsSync(files.ca) && existsSync(files.caKey)) {
    const certPem = readFileSync(files.ca, "utf8");
    const raw = PemConverter.decodeFirst(readFileSync(files.caKey, "utf8"));
    const privateKey = await webcrypto.subtle.importKey("pkcs8", raw, algorithm, true, ["sign"]);
    const publicKey = (await new X509Certificate(certPem).publicKey.export()) as never;
    return { certPem, keys: { privateKey, publicKey } };
  }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Kliv local authority",
    notBefore: new Date(clock.now() - dayMs),
    notAfter: new Date(clock.now() + 3_650 * dayMs),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
  });
  write(files.caKey, PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY"));
  write(files.ca, authority.toString("pem"));
  return { certPem: authority.toString("pem"), keys };
}

async function makeLeaf(options: { authority: Authority; hosts: string[]; clock: Clock }): Promise<{ cert: string; key: string; notAfter: number }> {
  const { authority, hosts, clock } = options;
  const x = await x509();
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const notAfter = clock.now() + leafDays * dayMs;
  const issuer = new x.X509Certificate(authority.certPem);
  const leaf = await x.X509CertificateGenerator.create({
    subject: `CN=${hosts[0]}`,
    issuer: issuer.subject,
    notBefore: new Date(clock.now() - dayMs),
    notAfter: new Date(notAfter),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey as never,
    signingKey: authority.keys.privateKey as never,
    extensions: [
      new x.BasicConstraintsExtension(false, undefined, true),
      new x.KeyUsagesExtension(x.KeyUsageFlags.digitalSignature, true),
      new x.ExtendedKeyUsageExtension([x.ExtendedKeyUsage.serverAuth]),
      new x.SubjectAlternativeNameExtension(hosts.map((host) => ({ type: /^[\d.]+$|:/.test(host) ? "ip" : "dns", value: host }))),
      await x.AuthorityKeyIdentifierExtension.create(issuer),
      await x.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return {
    cert: leaf.toString("pem") + "\n" + authority.certPem,
    key: x.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY"),
    notAfter,
  };
}

import "reflect-metadata";
import assert from "node:assert/strict";
import { randomBytes, webcrypto } from "node:crypto";
import { createServer as createPlain } from "node:http";
import { createServer as createSecure } from "node:https";
import type { ServerOptions } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createServer as createRaw } from "node:net";
import { after, before, test } from "node:test";
import * as x509 from "@peculiar/x509";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { movableClock } from "#src/base/clock.ts";
import { tlsSettings } from "#src/base/tls.ts";
import { createOutsider } from "#src/rooms/trust/outsider.ts";
import { listeningPorts } from "#src/rooms/trust/ports.ts";
import type { CheckContext, LiveSystem, Listener, Probe } from "#src/rooms/trust/promise.ts";
import { checkPlain } from "./plain.ts";
import { checkTls } from "./tls.ts";

interface Identity {
  ca: Buffer;
  ecdsa: { cert: string; key: string };
  rsa: { cert: string; key: string };
}

let identity: Identity;
const opened: Server[] = [];

before(async () => {
  x509.cryptoProvider.set(webcrypto as never);
  identity = await makeIdentity();
});

after(() => {
  for (const server of opened) server.close();
});

// An RSA certificate too: the weakest old suites need one.
async function makeIdentity(): Promise<Identity> {
  const ec = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2_048 };
  const dates = { notBefore: new Date("2020-01-01"), notAfter: new Date("2060-01-01") };
  const keys = (await webcrypto.subtle.generateKey(ec, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Test authority", ...dates, signingAlgorithm: ec, keys: keys as never, extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const leaf = async (algorithm: typeof ec | typeof rsa): Promise<{ cert: string; key: string }> => {
    const own = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const cert = await x509.X509CertificateGenerator.create({
      subject: "CN=localhost", issuer: ca.subject, ...dates, signingAlgorithm: ec, publicKey: own.publicKey as never, signingKey: keys.privateKey as never,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
    });
    return { cert: cert.toString("pem"), key: x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", own.privateKey), "PRIVATE KEY") };
  };
  return { ca: Buffer.from(ca.toString("pem")), ecdsa: await leaf(ec), rsa: await leaf(rsa) };
}

function png(pixels: number): Buffer {
  const bytes = Buffer.alloc(33);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(pixels, 16);
  bytes.writeUInt32BE(pixels, 20);
  return bytes;
}

/** The pages that make a web app installable, and the two calls of signing in. */
function site(without: string | null, cookieRules: string): Record<string, { type: string; body: Buffer; status?: number; headers?: Record<string, string> }> {
  const pages: ReturnType<typeof site> = {
    "/": { type: "text/html", body: Buffer.from('<link rel="manifest" href="/app.webmanifest"><link rel="apple-touch-icon" href="/icon-192.png">') },
    "/app.webmanifest": { type: "application/manifest+json", body: Buffer.from(JSON.stringify({ name: "Kliv", start_url: "/", display: "standalone", icons: [{ src: "icon-192.png" }, { src: "icon-512.png" }] })) },
    "/icon-192.png": { type: "image/png", body: png(192) },
    "/icon-512.png": { type: "image/png", body: png(512) },
    "/sw.js": { type: "text/javascript", body: Buffer.from("self.addEventListener('fetch', () => {});") },
    "/api/v1/passwords": { type: "application/json", body: Buffer.alloc(0), status: 204 },
    "/api/v1/sessions": { type: "application/json", body: Buffer.from("{}"), status: 201, headers: { "set-cookie": `__Host-kliv=x; Path=/; ${cookieRules}` } },
  };
  if (without) delete pages[without];
  return pages;
}

async function listen(server: Server): Promise<number> {
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

interface Setting {
  tls?: ServerOptions;
  rsa?: boolean;
  without?: string;
  cookieRules?: string;
  hsts?: string;
  live?: Partial<LiveSystem>;
  /** Listening sockets besides. */
  more?: { host: string; port: number }[];
  redirect?: number;
}

async function contextOf(setting: Setting = {}): Promise<CheckContext> {
  const pages = site(setting.without ?? null, setting.cookieRules ?? "Secure; HttpOnly");
  const pair = setting.rsa ? identity.rsa : identity.ecdsa;
  const server = createSecure({ ...pair, ...tlsSettings, ...setting.tls }, (request, response) => {
    const page = pages[request.url ?? ""];
    const hsts: Record<string, string> = setting.hsts ? { "strict-transport-security": setting.hsts } : {};
    response.writeHead(page?.status ?? (page ? 200 : 404), { "content-type": page?.type ?? "text/plain", ...hsts, ...page?.headers }).end(page?.body);
  });
  const port = await listen(server);
  const origin = `https://localhost:${port}`;
  const { signal } = new AbortController();
  const listeners: Listener[] = [{ host: "127.0.0.1", port, kind: "https" }];
  if (setting.redirect !== undefined) listeners.push({ host: "127.0.0.1", port: setting.redirect, kind: "redirect" });
  const probe: Probe = {
    user: { id: "u", email: "u@kliv.invalid", userName: "u" }, team: "t", token: "k", passwordLink: () => Promise.resolve("link"), claimDomain: () => Promise.resolve("kliv.invalid"), comeFromProvider: () => Promise.resolve(""), dispose: () => Promise.resolve(),
  };
  const live: LiveSystem = {
    openAs: async () => [],
    placesFound: async () => [],
    environment: "development", isPublicHost: false, blobs: null as unknown as Blobs, listeners: () => listeners,
    ports: () => Promise.resolve({ ports: [...listeners, ...(setting.more ?? [])], unseen: null }),
    outbound: () => [{ name: "mail", security: "verified", isLoopback: false }], attemptOutbound: async () => [],
    probeMember: () => Promise.reject(new Error("no members")), storedRows: () => Promise.resolve([]), databaseRole: () => Promise.reject(new Error("no database")),
    readLog: () => Promise.reject(new Error("no log")), probeActor: () => Promise.resolve(probe), publicSlugs: () => Promise.resolve([]), verifyLogs: () => Promise.resolve([]),
    auditObjects: () => Promise.resolve([]), durability: () => Promise.reject(new Error("nothing audits here")),
    agreements: { publish: () => Promise.reject(new Error("there are no documents here")), note: () => Promise.reject(new Error("there are no documents here")) },
    ...setting.live,
  };
  const outsider = createOutsider({ origin, ca: identity.ca, signal });
  return { origin, ca: identity.ca, clock: movableClock(0), signal, request: outsider.request, live };
}

/** What an OpenSSL of the old days would have taken. */
const weakest = (options: ServerOptions): ServerOptions => ({ ...options, ciphers: `${options.ciphers ?? "ALL"}:@SECLEVEL=0` });

test("TLS-1 is kept by the server's own settings, with either kind of certificate", async () => {
  for (const rsa of [false, true]) {
    const { state, evidence } = await checkTls(await contextOf({ rsa }));
    assert.equal(state, "kept", evidence.summary.en);
    assert.ok(Object.values(evidence.facts).some((fact) => /TLS 1\.2 ECDHE-\w+-AES128-GCM.*TLS 1\.3 TLS_AES_256_GCM/.test(String(fact))));
  }
});

const weak: [string, Setting, RegExp][] = [
  ["TLS 1.1", { tls: weakest({ minVersion: "TLSv1.1" }) }, /accepted TLS 1\.1/],
  ["TLS 1.0 with RSA", { rsa: true, tls: weakest({ minVersion: "TLSv1" }) }, /accepted TLS 1\.0/],
  ["a CBC suite", { tls: { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256" } }, /TLS 1\.2 with cipher suite 0xc023/],
  ["an RSA CBC suite", { rsa: true, tls: weakest({ ciphers: "ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA" }) }, /TLS 1\.2 with cipher suite 0x002f/],
  ["ChaCha20 in TLS 1.2", { tls: { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305" } }, /0xcca9/],
  ["ChaCha20 in TLS 1.3", { tls: { ciphers: "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256" } }, /TLS 1\.3 with cipher suite 0x1303/],
  ["no authentication", { tls: weakest({ ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ADH-AES128-GCM-SHA256", dhparam: "auto" }) }, /0x00a6/],
  ["no manifest", { without: "/app.webmanifest" }, /manifest was answered with 404/],
  ["no large icon", { without: "/icon-512.png" }, /no PNG icon of 512/],
  ["no service worker", { without: "/sw.js" }, /no service worker/],
];
for (const [name, setting, summary] of weak) {
  test(`TLS-1 is broken by a server with ${name}`, async () => {
    const { state, evidence } = await checkTls(await contextOf(setting));
    assert.equal(state, "broken", evidence.summary.en);
    assert.match(evidence.summary.en, summary);
  });
}

test("TLS-1 is broken by a certificate for another authority, and by a second listener in the clear", async () => {
  const context = await contextOf();
  const plain = await listen(createPlain((_, response) => response.end("hello")));
  const listeners = [...context.live.listeners(), { host: "127.0.0.1", port: plain, kind: "staff" as const }];
  const finding = await checkTls({ ...context, live: { ...context.live, listeners: () => listeners } });
  assert.equal(finding.state, "broken");
  assert.match(finding.evidence.summary.en, /does not speak TLS/);
  const other = await makeIdentity();
  const stranger = await checkTls({ ...context, ca: other.ca });
  assert.match(stranger.evidence.summary.en, /certificate on port \d+ does not verify/);
});

test("TLS-2 is kept by HTTPS and a port that only redirects", async () => {
  const redirect = await listen(createPlain((request, response) => response.writeHead(308, { location: `https://localhost${request.url}` }).end()));
  const { state, evidence } = await checkPlain(await contextOf({ redirect }));
  assert.equal(state, "kept", evidence.summary.en);
  assert.equal(evidence.facts.ports, 2);
});

test("TLS-2 is broken by each way in or out without TLS", async () => {
  const serving = await listen(createPlain((_, response) => response.end("hello")));
  const silent = await listen(createRaw((socket) => socket.on("data", () => socket.end())));
  const cookies = await listen(createPlain((_, response) => response.writeHead(308, { location: "https://localhost/", "set-cookie": "a=b" }).end()));
  const downgrade = await listen(createPlain((_, response) => response.writeHead(302, { location: "http://localhost/elsewhere" }).end()));
  const at = (port: number) => ({ more: [{ host: "127.0.0.1", port }] });
  const cases: [Setting, RegExp][] = [
    [at(serving), /answered plain HTTP with 200/],
    [at(silent), /listens and does not speak TLS/],
    [{ redirect: cookies }, /answered plain HTTP with 308/],
    [{ redirect: downgrade }, /answered plain HTTP with 302/],
    [{ cookieRules: "HttpOnly" }, /without Secure/],
    [{ cookieRules: "Secure" }, /read by scripts/],
    [{ live: { isPublicHost: true } }, /HSTS/],
    [{ live: { isPublicHost: true }, hsts: "max-age=300" }, /HSTS/],
    [{ live: { outbound: () => [{ name: "database", security: "none", isLoopback: false }] } }, /connection for database/],
    [{ live: { environment: "production", outbound: () => [{ name: "objects", security: "unverified", isLoopback: true }] } }, /connection for objects/],
  ];
  for (const [setting, summary] of cases) {
    const { state, evidence } = await checkPlain(await contextOf(setting));
    assert.equal(state, "broken", `${summary}: ${evidence.summary.en}`);
    assert.match(evidence.summary.en, summary);
  }
});

test("TLS-2 is unknown where ports may be hidden, and kept with HSTS on a public host", async () => {
  const hidden = await checkPlain(await contextOf({ live: { ports: () => Promise.resolve({ ports: [], unseen: "one process" }) } }));
  assert.equal(hidden.state, "unknown");
  const open = await checkPlain(await contextOf({ live: { isPublicHost: true }, hsts: "max-age=63072000" }));
  assert.equal(open.state, "kept", open.evidence.summary.en);
});

test("The system's own list shows a plain listener that nobody declared", { skip: process.platform === "linux" ? false : "open ports are read from /proc on Linux only" }, async () => {
  const port = await listen(createPlain((_, response) => response.end(randomBytes(4))));
  const context = await contextOf();
  const seen = await listeningPorts(process.pid);
  assert.equal(seen.unseen, null);
  assert.ok(seen.ports.some((one) => one.port === port && one.host === "127.0.0.1"));
  const mine = { ports: seen.ports.filter((one) => one.port === port), unseen: null };
  const { evidence } = await checkPlain({ ...context, live: { ...context.live, ports: () => Promise.resolve(mine) } });
  assert.match(evidence.summary.en, new RegExp(`Port ${port} answered plain HTTP`));
});

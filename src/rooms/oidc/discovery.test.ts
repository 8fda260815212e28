import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createSecure } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePort, startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { Browser, clientSecret, startLiar } from "./testing.ts";

/** What a provider says of itself is the operator's choice, and still nobody's sign-in hangs on it. */
describe("a provider that cannot be used", () => {
  let kliv: TestServer;
  let [plain, secure]: Server[] = [];
  let answer: RequestListener = (_, response) => void response.end();
  let asked = 0;
  const ports = { plain: 0, secure: 0, late: 0 };
  before(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const set = (name: string, issuer: string) => ({ [`KLIV_OIDC_${name}_ISSUER`]: issuer, [`KLIV_OIDC_${name}_CLIENT_ID`]: "kliv", [`KLIV_OIDC_${name}_CLIENT_SECRET`]: clientSecret });
    kliv = await startTestServer({ ...set("PLAIN", `http://localhost:${ports.plain}`), ...set("SECURE", `https://localhost:${ports.secure}`), ...set("LATE", `http://localhost:${ports.late}`) });
    plain = createServer((request, response) => {
      asked += 1;
      answer(request, response);
    }).listen(ports.plain, "127.0.0.1");
    // Its certificate is good, of an authority that this machine does not know.
    const pair = { cert: readFileSync(join(kliv.config.home, "tls/cert.pem")), key: readFileSync(join(kliv.config.home, "tls/key.pem")) };
    secure = createSecure(pair, () => { asked += 1; }).listen(ports.secure, "127.0.0.1");
  });
  after(async () => {
    await kliv?.stop();
    for (const server of [plain, secure]) {
      server?.close();
      server?.closeAllConnections();
    }
  });

  const says = async (name: string): Promise<string | null> => (await new Browser(kliv).go(`/signin/oidc/${name}`)).searchParams.get("problem");
  const document = (change: object): string => {
    const issuer = `http://localhost:${ports.plain}`;
    return JSON.stringify({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"], ...change });
  };
  const json: RequestListener = (_, response) => void response.setHeader("content-type", "application/json");
  const answers: [string, RequestListener][] = [
    ["another issuer's document", (request, response) => { json(request, response); response.end(document({ issuer: "https://accounts.google.com" })); }],
    ["no place to sign in", (request, response) => { json(request, response); response.end(document({ authorization_endpoint: undefined })); }],
    ["a place to sign in that is none", (request, response) => { json(request, response); response.end(document({ authorization_endpoint: "/auth" })); }],
    ["a script as the place to sign in", (request, response) => { json(request, response); response.end(document({ authorization_endpoint: "javascript:alert(1)" })); }],
    ["no keys", (request, response) => { json(request, response); response.end(document({ jwks_uri: undefined })); }],
    ["no JSON", (_, response) => void response.setHeader("content-type", "text/html").end("<h1>Hello</h1>")],
    ["half of a document", (request, response) => { json(request, response); response.end(document({}).slice(0, 60)); }],
    ["a failure", (_, response) => void response.writeHead(503).end()],
    ["another place", (_, response) => void response.writeHead(302, { location: "https://accounts.google.com/.well-known/openid-configuration" }).end()],
    ["two megabytes", (request, response) => { json(request, response); response.end(document({ more: "x".repeat(2 * 1024 ** 2) })); }],
    ["nothing", (_, response) => void response.destroy()],
  ];
  for (const [name, listener] of answers) {
    it(`answers with ${name}: people are told so, and the next one asks again`, async () => {
      answer = listener;
      const before = asked;
      assert.equal(await says("plain"), "OIDC_UNAVAILABLE");
      assert.equal(asked, before + 1);
    });
  }

  it("is asked once for all who come at the same time, and not again within the hour", async () => {
    answer = (request, response) => {
      json(request, response);
      response.end(document({}));
    };
    const before = asked;
    assert.deepEqual(await Promise.all(Array.from({ length: 10 }, () => says("plain"))), Array.from({ length: 10 }, () => null));
    kliv.clock.move(3_599_000);
    assert.equal(await says("plain"), null);
    assert.equal(asked, before + 1);
    kliv.clock.move(2_000);
    assert.equal(await says("plain"), null);
    assert.equal(asked, before + 2);
  });

  it("has a certificate that nobody vouches for: it hears nothing", async () => {
    const before = asked;
    assert.equal(await says("secure"), "OIDC_UNAVAILABLE");
    assert.equal(asked, before);
  });

  it("is down, and then comes up", async () => {
    assert.equal(await says("late"), "OIDC_UNAVAILABLE");
    const late = await startLiar(ports.late);
    try {
      late.person = { sub: "late", email: "late@example.com", email_verified: true };
      assert.equal((await new Browser(kliv).signIn("late", "late")).pathname, "/");
    } finally {
      await late.close();
    }
  });
});

/* What the interface shows to everyone, over HTTPS as they see it. */
import assert from "node:assert/strict";
import { connect } from "node:http2";
import { after, before, describe, it } from "node:test";
import { expectKeys, expectStatus } from "./expect.ts";
import { startTestServer } from "./server.ts";
import type { TestServer } from "./server.ts";

let kliv: TestServer;
before(async () => {
  kliv = await startTestServer();
});
after(() => kliv.stop());

const get = (path: string) => kliv.api("GET", path);

describe("the server itself", () => {
  it("is alive and ready, and describes itself", async () => {
    expectStatus(await get("/healthz"), 200);
    expectStatus(await get("/readyz"), 200);
    const description = expectStatus(await get("/api/v1/openapi.json"), 200);
    assert.match(description.openapi, /^3\.1/);
    const served = kliv.running.app.routes.filter((route) => !route.isPage).map((route) => `${route.method.toLowerCase()} ${route.url.replace(/:(\w+)/g, "{$1}")}`);
    const described = Object.entries(description.paths as Record<string, object>).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    assert.ok(served.length > 40);
    assert.deepEqual(described.sort(), served.sort());
  });

  it("speaks HTTP/2 and HTTP/1.1", async () => {
    const session = connect(kliv.config.origin, { ca: kliv.ca, servername: "localhost" });
    try {
      const status = await new Promise((resolve, reject) => {
        session.on("error", reject);
        session.request({ ":path": "/healthz" }).on("response", (headers) => resolve(headers[":status"])).on("error", reject).resume();
      });
      assert.deepEqual([status, session.alpnProtocol], [200, "h2"]);
    } finally {
      session.close();
    }
    expectStatus(await get("/healthz"), 200);
  });
});

describe("promises", () => {
  it("are told to everyone, each with its statement, state and evidence", async () => {
    const all = expectStatus(await get("/api/v1/promises"), 200);
    assert.equal(all.length, 74);
    for (const one of all) {
      expectKeys(one, ["id", "kind", "statement", "state", "checkedAt", "evidence"]);
      expectKeys(one.statement, ["en", "ja"]);
      assert.match(one.state, /^(kept|broken|unknown|not-promised)$/);
    }
  });
});

describe("pages", () => {
  it("are there for everyone", async () => {
    for (const path of ["/", "/gallery", "/trust", "/status", "/signup", "/signin", "/api/docs"]) {
      const page = await get(path);
      assert.deepEqual([page.status, String(page.headers["content-type"]).split(";")[0]], [200, "text/html"], path);
      assert.doesNotMatch(String(page.headers["content-security-policy"]), /unsafe/);
      // What the server draws is whole without scripts.
      if (!["/", "/signup", "/signin"].includes(path)) assert.match(page.bytes.toString(), /<h1[^>]*>[^<]/, path);
    }
  });
});

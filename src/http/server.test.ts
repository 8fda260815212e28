import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { after, before, describe, it, mock } from "node:test";
import { connect as connectTls } from "node:tls";
import { Type } from "typebox";
import { readLog } from "#src/base/logsearch.ts";
import { silentLog } from "#src/base/log.ts";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { route } from "./routes.ts";
import type { Route } from "./routes.ts";
import { createServer } from "./server.ts";

describe("the server", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  it("refuses to start with a route that declares no access or no response", async () => {
    const good = route({ method: "GET", url: "/x", summary: "", tag: "t", access: { public: "a test" }, responses: { 200: Type.Object({}) }, handler: () => ({}) });
    const make = (one: unknown) =>
      createServer({
        config: kliv.config, certificate: { cert: Buffer.alloc(0), key: Buffer.alloc(0) }, routes: [one as Route], log: silentLog,
        authenticate: () => null, resolvers: {}, fallback: () => null, rates: { hold() {} }, idempotency: { once: ({ work }) => work() },
      });
    await assert.rejects(make({ ...good, access: undefined }), /declares no access/);
    await assert.rejects(make({ ...good, responses: {} }), /no response/);
    await assert.rejects(make({ ...good, access: { action: "team:read", of: "nothing", param: "id" } }), /nothing resolves/);
  });

  it("refuses changes that another site asks for, whatever they carry", async () => {
    const { token } = await kliv.makeTeam("site");
    const attempts: Record<string, string>[] = [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { origin: "null" }];
    for (const headers of attempts) {
      const answered = await kliv.api("POST", "/api/v1/password-links", { token, headers, body: { email: "x@example.com" } });
      assert.deepEqual([answered.status, answered.json.code], [403, "CROSS_SITE_REFUSED"], JSON.stringify(headers));
    }
    const own = { origin: `https://localhost:${kliv.config.port}`, "sec-fetch-site": "same-origin" };
    assert.equal((await kliv.api("POST", "/api/v1/password-links", { headers: own, body: { email: "x@example.com" } })).status, 202);
  });

  it("gives every answer an id of its own, which the log has, and takes none from outside", async () => {
    const { port } = kliv.config;
    const paths = ["/healthz", "/api/v1/none", "/api/v1/me", "/nothing.png", "/%zz", `/r/${"x".repeat(300)}`, "/signin"];
    const answers = await Promise.all(paths.map((path) => kliv.api("GET", path, { headers: { "x-request-id": "mine", "request-id": "mine" } })));
    assert.deepEqual(answers.map(({ status }) => status), [200, 404, 401, 404, 400, 404, 200]);
    assert.equal(answers[4]!.json.code, "REQUEST_INVALID");
    const ids = answers.map(({ headers }) => String(headers["x-request-id"]));
    for (const [i, id] of ids.entries()) assert.match(id, /^req_\w+-\d+$/, paths[i] ?? "");
    assert.equal(new Set(ids).size, ids.length);
    const broken = await new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port, host: "localhost", ca: kliv.ca, ALPNProtocols: ["http/1.1"] }, () => socket.write("NONSENSE secret HTTP/9.9\r\n\r\n"));
      let text = "";
      socket.on("data", (part: Buffer) => (text += part)).on("end", () => resolve(text)).on("error", reject);
    });
    ids.push(/\r\nX-Request-Id: (\S+)\r\n/.exec(broken)?.[1] ?? "none");
    // HTTP/2 lets a client name any method.
    const session = connectHttp2(`https://localhost:${port}`, { ca: kliv.ca });
    const stream = session.request({ ":method": "GEZDGNBVGY3TQOJQ", ":path": "/healthz" });
    const [headers] = (await once(stream, "response")) as [Record<string, string>];
    ids.push(headers["x-request-id"] ?? "none");
    session.destroy();
    kliv.running.log.flush();
    for (const id of ids) assert.ok((await readLog(kliv.config.home, { sinceMs: 0, untilMs: Infinity, limit: 9, request: id })).length > 0, id);
    const all = JSON.stringify(await readLog(kliv.config.home, { sinceMs: 0, untilMs: Infinity, limit: 1_000 }));
    for (const theirs of ["mine", "secret", "GEZDGNBVGY3TQOJQ", "%zz"]) assert.ok(!all.includes(theirs), theirs);
  });

  it("logs whose request it was, of which team, and why it was refused", async () => {
    const { team, token, user } = await kliv.makeTeam("logged");
    const good = await kliv.api("GET", `/api/v1/teams/${team}`, { token });
    const bad = await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name: 1 } });
    const stranger = await kliv.api("GET", `/api/v1/teams/${team}`);
    kliv.running.log.flush();
    const seen = await Promise.all([good, bad, stranger].map(async ({ headers }) => (await readLog(kliv.config.home, { sinceMs: 0, untilMs: Infinity, limit: 1, request: String(headers["x-request-id"]) }))[0]));
    assert.deepEqual(seen.map((line) => [line?.method, line?.route, line?.status, line?.code, line?.user, line?.team]), [
      ["GET", "/api/v1/teams/:team", 200, undefined, user, team], ["PATCH", "/api/v1/teams/:team", 400, "REQUEST_INVALID", user, team], ["GET", "/api/v1/teams/:team", 401, "SIGNIN_NEEDED", undefined, undefined],
    ]);
  });

  it("names the request in a failure of its own", async () => {
    const { team, token } = await kliv.makeTeam("failing");
    const { postgres } = kliv.running.app;
    const stub = mock.method(postgres, "transaction", () => Promise.reject(new Error("a cell: 4711")));
    try {
      const failed = await kliv.api("GET", `/api/v1/teams/${team}/reports`, { token });
      assert.deepEqual([failed.status, failed.json.request], [500, failed.headers["x-request-id"]]);
      assert.match(failed.json.detail, new RegExp(failed.json.request));
      kliv.running.log.flush();
      const [failure] = await readLog(kliv.config.home, { sinceMs: 0, untilMs: Infinity, limit: 9, request: failed.json.request, event: "failure" });
      assert.deepEqual([failure?.code, failure?.error], ["INTERNAL", "Error"]);
    } finally {
      stub.mock.restore();
    }
  });

  it("does not answer for another host name", async () => {
    const answered = await kliv.api("GET", "/api/v1/openapi.json", { headers: { host: "rebound.example" } });
    assert.deepEqual([answered.status, answered.json.code], [421, "HOST_UNKNOWN"]);
  });

  it("answers a problem for what is not there, not valid or not JSON, in the asker's language", async () => {
    const { token, team } = await kliv.makeTeam("problems");
    const missing = await kliv.api("GET", "/api/v1/databases/db_none", { token, headers: { "accept-language": "ja,en;q=0.5" } });
    assert.deepEqual([missing.status, missing.headers["content-type"], missing.json.title], [404, "application/problem+json; charset=utf-8", "見つかりません"]);
    const wrong = await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name: 5 } });
    assert.deepEqual([wrong.status, wrong.json.code], [400, "REQUEST_INVALID"]);
    assert.match(wrong.json.detail, /name/);
    const broken = await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: Buffer.from("{"), headers: { "content-type": "application/json" } });
    assert.deepEqual([broken.status, broken.json.code], [400, "REQUEST_INVALID"]);
    const huge = await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name: "x".repeat(5_000_000) } });
    assert.equal(huge.status, 413);
  });

  it("hides another team's things and honours role and scope", async () => {
    const mine = await kliv.makeTeam("walls-mine");
    const theirs = await kliv.makeTeam("walls-theirs");
    const readOnly = await kliv.makeToken({ user: mine.user, team: mine.team, scope: "read" });
    assert.equal((await kliv.api("GET", `/api/v1/teams/${mine.team}`, { token: theirs.token })).status, 404);
    assert.equal((await kliv.api("GET", `/api/v1/teams/${mine.team}`)).status, 401);
    assert.equal((await kliv.api("GET", `/api/v1/teams/${mine.team}`, { token: "kliv_wrong" })).status, 401);
    assert.equal((await kliv.api("GET", `/api/v1/teams/${mine.team}`, { token: readOnly })).status, 200);
    const renamed = await kliv.api("PATCH", `/api/v1/teams/${mine.team}`, { token: readOnly, body: { name: "y" } });
    assert.deepEqual([renamed.status, renamed.json.code], [403, "FORBIDDEN"]);
  });

  it("sends a strict policy with every answer, and no HSTS from localhost", async () => {
    const policies = { "/healthz": /^default-src 'none'; script-src 'self'/, "/signin": /^default-src 'none'; script-src 'self'/, "/api/v1/none": /^default-src 'none'; frame-ancestors 'none'$/ };
    for (const [path, policy] of Object.entries(policies)) {
      const { headers } = await kliv.api("GET", path);
      assert.match(String(headers["content-security-policy"]), policy);
      assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["strict-transport-security"], undefined);
    }
  });

  it("keeps an idle connection longer than clients do", async () => {
    const { headers } = await kliv.api("GET", "/healthz", { headers: { connection: "keep-alive" } });
    assert.equal(headers["keep-alive"], "timeout=72");
  });
});

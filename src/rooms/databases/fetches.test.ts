import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

describe("a file from an address", { timeout: 120_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let at: (path: string) => string;
  const waiting = Promise.withResolvers<void>();
  const elsewhere = createServer((request, response) => {
    if (request.url?.startsWith("/named")) return response.writeHead(200, { "content-disposition": "attachment; filename*=UTF-8''%E5%BA%97%E8%88%97.csv" }).end("code,city\n001,東京\n");
    if (request.url === "/up.csv") return response.writeHead(200, { "content-disposition": 'attachment; filename="../../etc/passwd"' }).end("a\n1\n");
    if (request.url === "/moved.csv") return response.writeHead(302, { location: "https://169.254.169.254/latest/meta-data" }).end();
    if (request.url === "/page.csv") return response.end("<!doctype html><html>Sign in</html>");
    if (request.url === "/slow.csv") {
      response.writeHead(200).write("a\n1\n");
      return waiting.resolve();
    }
    return response.writeHead(404).end();
  });
  before(async () => {
    await new Promise<void>((done) => elsewhere.listen(0, "127.0.0.1", done));
    at = (path) => `http://localhost:${(elsewhere.address() as AddressInfo).port}${path}`;
    kliv = await startTestServer({ KLIV_OUTBOUND_PRIVATE: "localhost" });
    mine = await kliv.makeTeam("fetches");
  });
  after(async () => {
    elsewhere.close().closeAllConnections();
    await kliv.stop();
  });

  const fetchOf = (url: string): Promise<Answered> => kliv.api("POST", `/api/v1/teams/${mine.team}/previews/url`, { token: mine.token, body: { url } });
  const ended = async (job: string): Promise<any> => {
    const { bytes } = await kliv.api("GET", `/api/v1/jobs/${job}`, { token: mine.token, headers: { accept: "text/event-stream" } });
    return JSON.parse(bytes.toString().trim().split("\n\n").at(-1)?.replace(/^data: /, "") ?? "");
  };

  it("is fetched by a job, shown, and imported under the name that it has there", async () => {
    const { status, json } = await fetchOf(at("/named?token=do-not-tell"));
    assert.equal(status, 202);
    const done = await ended(json.job);
    assert.equal(done.state, "done", JSON.stringify(done));
    const preview = (await kliv.api("GET", `/api/v1/previews/${done.result.preview}`, { token: mine.token })).json;
    assert.deepEqual([preview.fileName, preview.tables[0].sample], ["店舗.csv", [["001", "東京"]]]);
    const made = await ended((await kliv.api("POST", `/api/v1/previews/${preview.id}/import`, { token: mine.token, body: {} })).json.job);
    assert.equal(made.result.name, "店舗");
    // What stands in an address may open what is behind it.
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql`select input::text as input from jobs where kind = 'fetch'`.execute(tx));
    assert.ok(rows.length > 0 && !JSON.stringify(rows).includes("do-not-tell"));
    const events = (await kliv.api("GET", `/api/v1/teams/${mine.team}/audit-events`, { token: mine.token })).bytes.toString();
    assert.ok(events.includes("preview:fetch") && events.includes("localhost") && !events.includes("do-not-tell"));
  });

  it("is refused where it leads inside, at once or by a redirection", async () => {
    for (const url of ["https://127.0.0.1/x.csv", "https://10.0.0.1/x.csv", "https://169.254.169.254/latest/meta-data", "https://[::ffff:a9fe:a9fe]/", "https://2130706433/", "http://example.com/x.csv", "https://u:p@example.com/", "file:///etc/passwd", "x"]) {
      const { status, json } = await fetchOf(url);
      assert.deepEqual([status, json.code], [422, "OUTBOUND_REFUSED"], url);
    }
    const moved = await ended((await fetchOf(at("/moved.csv"))).json.job);
    assert.deepEqual([moved.state, moved.error.code], ["failed", "OUTBOUND_REFUSED"]);
  });

  it("that is none, or is not there, says so", async () => {
    const missing = await ended((await fetchOf(at("/nothing.csv"))).json.job);
    assert.deepEqual([missing.state, missing.error.code], ["failed", "URL_ANSWERED"]);
    const page = await ended((await fetchOf(at("/page.csv"))).json.job);
    assert.deepEqual([page.error.code, page.error.detail.includes("HTML")], ["FILE_FORMAT_UNSUPPORTED", true]);
    const strange = await ended((await fetchOf(at("/up.csv"))).json.job);
    assert.equal((await kliv.api("GET", `/api/v1/previews/${strange.result.preview}`, { token: mine.token })).json.fileName, "download");
  });

  it("is given up when its job is cancelled", async () => {
    const { job } = (await fetchOf(at("/slow.csv"))).json;
    await waiting.promise;
    assert.equal((await kliv.api("DELETE", `/api/v1/jobs/${job}`, { token: mine.token })).status, 204);
    assert.equal((await ended(job)).state, "cancelled");
  });
});

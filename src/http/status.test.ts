import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { movableClock } from "#src/base/clock.ts";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import type { Answer, Context } from "./routes.ts";
import { statusRoutes } from "./status.ts";
import type { StatusParts } from "./status.ts";

describe("the status page", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  it("says to anyone that all works, in which walls and versions, in the reader's language", async () => {
    const { status, bytes, headers } = await kliv.api("GET", "/status");
    assert.equal(status, 200);
    assert.equal(headers["cache-control"], "no-store");
    const html = bytes.toString();
    assert.equal(html.match(/state is-kept/g)?.length, 4);
    assert.match(html, /Everything works\./);
    assert.equal(html.match(/(strongest|middle|weakest) level/g)?.length, 1);
    for (const [name, version] of [["Node.js", process.versions.node], ["SQLite", String(process.versions["sqlite"])]] as const) assert.ok(html.includes(`<dt>${name}</dt><dd>${version}</dd>`), name);
    assert.match(html, /<dt>PostgreSQL<\/dt><dd>\d+\.\d+/);
    assert.match((await kliv.api("GET", "/status?lang=ja")).bytes.toString(), /<html lang="ja">[\s\S]*すべて正常に稼働しています。/);
  });

  const fine: StatusParts = {
    metadata: () => Promise.resolve("18.1"), objects: () => Promise.resolve(null), queries: () => Promise.resolve(null), sandbox: () => ({ level: "process", separateUser: false, filtersCalls: false }),
    environment: () => "production", versions: { Kliv: "1" }, clock: movableClock(0), files: { style: null, script: null }, answerMsMax: 20,
  };
  const show = async (change: Partial<StatusParts>): Promise<{ status: number | undefined; html: string }> => {
    const { status, body } = (await statusRoutes({ ...fine, ...change })[0]!.handler({ request: { headers: {}, query: {} }, language: "en" } as unknown as Context<never, never, never>)) as Answer;
    return { status, html: String(body) };
  };
  for (const [part, name] of [["metadata", "PostgreSQL"], ["objects", "object store"], ["queries", "sandboxed"]] as const) {
    it(`says that ${part} does not answer, whether it fails or is silent`, async () => {
      for (const broken of [() => Promise.reject(new Error("secret address")), () => new Promise<never>(() => {})]) {
        const { status, html } = await show({ [part]: broken });
        assert.equal(status, 503);
        assert.match(html, new RegExp(`${name}[^<]*</dt><dd><span class="state is-broken">`));
        assert.equal(html.match(/state is-broken/g)?.length, 1);
        assert.doesNotMatch(html, /secret address|Everything works/);
      }
    });
  }

  it("asks its parts no more than once in a few seconds, however often it is shown", async () => {
    let asked = 0;
    const clock = movableClock(0);
    const [route] = statusRoutes({ ...fine, clock, objects: () => Promise.resolve(asked++) });
    const open = () => route!.handler({ request: { headers: {}, query: {} }, language: "ja" } as unknown as Context<never, never, never>);
    await Promise.all([open(), open(), open()]);
    assert.equal(asked, 1);
    clock.move(5_001);
    await open();
    assert.equal(asked, 2);
  });
});

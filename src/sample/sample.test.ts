import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { sampleFiles } from "./data.ts";
import { sampleReports } from "./reports.ts";
import { makeSample } from "./sample.ts";

describe("the sample", () => {
  let kliv: TestServer;
  let owner: string;
  let parts: Parameters<typeof makeSample>[0];
  before(async () => {
    kliv = await startTestServer();
    const { app } = kliv.running;
    parts = { postgres: app.postgres, clock: kliv.clock, ...app.rooms };
    owner = (await app.postgres.transaction({}, (tx) => app.rooms.teams.createUser(tx, { email: "owner@localhost", name: "Owner" }))).id;
  });
  after(() => kliv.stop());

  const counts = async () => {
    const [team] = await parts.teams.teamsOf(owner);
    const databases = await parts.databases.list({ team: team?.id ?? "", limit: 100 });
    const reports = await parts.reports.list({ team: team?.id ?? "", limit: 100 });
    return { databases: databases.length, reports: reports.length, published: reports.filter((one) => one.publication).length };
  };
  const whole = { databases: Object.keys(sampleFiles).length, reports: sampleReports.length, published: sampleReports.length };

  it("cut off anywhere goes on where it was, and makes nothing twice", async () => {
    const { reports } = parts;
    for (const stopAt of [1, 3]) {
      const ending = new AbortController();
      let made = 0;
      const create: typeof reports.create = async (options) => {
        if (++made >= stopAt) ending.abort(new Error("cut off"));
        return await reports.create(options);
      };
      await assert.rejects(makeSample({ ...parts, reports: { ...reports, create } }, { owner, signal: ending.signal }));
      assert.notDeepEqual(await counts(), whole);
    }
    // As a crash between a database and its description leaves it.
    const [team] = await parts.teams.teamsOf(owner);
    const [first] = await parts.databases.list({ team: team!.id, limit: 1 });
    await parts.databases.update({ team: team!.id, id: first!.id, description: "", by: { kind: "system", user: owner } });
    assert.equal(await makeSample(parts, { owner, signal: AbortSignal.timeout(60_000) }), true);
    assert.deepEqual(await counts(), whole);
    for (const { description } of await parts.databases.list({ team: team!.id, limit: 100 })) assert.match(description, /Source: |出典/);
  });

  it("is in the gallery, drawn without a part that failed, in both languages", async () => {
    const { json } = await kliv.api("GET", "/api/v1/gallery");
    assert.equal(json.items.length, sampleReports.length);
    assert.deepEqual([...new Set(json.items.map((one: { language: string }) => one.language))].sort(), ["en", "ja"]);
    for (const { slug } of json.items) {
      const page = await kliv.api("GET", `/r/${slug}`);
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.bytes.toString(), /class="failed"|No rows to show|表示するデータがありません/, slug);
    }
  });

  it("shows every kind of block, and most kinds of chart", () => {
    const ids = Object.fromEntries(Object.keys(sampleFiles).map((key) => [key, "db_x"])) as Parameters<(typeof sampleReports)[number]>[0];
    const blocks = sampleReports.flatMap((make) => make(ids).blocks);
    assert.deepEqual([...new Set(blocks.map((block) => block.kind))].sort(), ["chart", "filter", "image", "number", "table", "text"]);
    const marks = blocks.flatMap((block) => (block.kind === "chart" ? [block.chart?.["mark"] as string | { type: string }] : [])).map((mark) => (typeof mark === "string" ? mark : mark.type));
    assert.deepEqual([...new Set(marks)].sort(), ["arc", "area", "bar", "line", "point", "rect"]);
  });

  it("is not made again after people deleted of it", async () => {
    const [team] = await parts.teams.teamsOf(owner);
    const [report] = await parts.reports.list({ team: team!.id, limit: 1 });
    await parts.reports.delete({ team: team!.id, id: report!.id, by: { kind: "system", user: owner } });
    assert.equal(await makeSample(parts, { owner, signal: AbortSignal.timeout(60_000) }), false);
    assert.equal((await counts()).reports, whole.reports - 1);
  });
});

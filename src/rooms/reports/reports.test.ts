import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const text = (title: string) => ({ schema: 1, title, language: "en", parameters: [] as unknown[], blocks: [{ id: "a", kind: "text", layout: { x: 0, y: 0, w: 12, h: 2 }, markdown: title }] as unknown[] });
const chart = { mark: "bar", encoding: { x: { field: "city", type: "nominal" }, y: { field: "people", type: "quantitative" } } };

describe("reports", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let database: string;
  const post = (path: string, body: unknown, token = mine.token) => kliv.api("POST", path, { token, body });
  const put = (id: string, body: unknown, options: { version?: string; autosave?: boolean } = {}) =>
    kliv.api("PUT", `/api/v1/reports/${id}${options.autosave ? "?autosave=true" : ""}`, { token: mine.token, body, headers: options.version ? { "if-match": options.version } : {} });
  const make = async (definition: unknown): Promise<string> => {
    const made = await post(`/api/v1/teams/${mine.team}/reports`, definition);
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };

  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("reports");
    const csv = Buffer.from("city,people\n東京,14\n大阪,9\n札幌,2\n");
    database = (await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=cities`, { token: mine.token, body: csv, headers: { "x-filename": "cities.csv" } })).json.id;
  });
  after(() => kliv.stop());

  it("keeps every version, tells them apart and gives an old one back", async () => {
    const id = await make(text("One"));
    const saved = await put(id, text("Two"));
    assert.deepEqual([saved.status, saved.json.version, saved.headers["etag"]], [200, 2, '"2"']);
    await put(id, text("Three"));
    const { json } = await kliv.api("GET", `/api/v1/reports/${id}/versions?limit=2`, { token: mine.token });
    assert.deepEqual(json.items.map((one: { title: string; version: number }) => [one.version, one.title]), [[3, "Three"], [2, "Two"]]);
    const rest = await kliv.api("GET", `/api/v1/reports/${id}/versions?limit=2&cursor=${json.nextCursor}`, { token: mine.token });
    assert.deepEqual([rest.json.items.length, rest.json.nextCursor], [1, null]);
    assert.equal((await kliv.api("GET", `/api/v1/reports/${id}/versions/1`, { token: mine.token })).json.title, "One");
    const none = await kliv.api("GET", `/api/v1/reports/${id}/versions/9`, { token: mine.token });
    assert.deepEqual([none.status, none.json.code], [404, "REPORT_VERSION_NOT_FOUND"]);
  });

  it("refuses to overwrite a change that its author did not see", async () => {
    const id = await make(text("Base"));
    assert.equal((await put(id, text("Mine"), { version: '"1"' })).status, 200);
    const late = await put(id, text("Theirs"), { version: '"1"' });
    assert.deepEqual([late.status, late.json.code], [412, "REPORT_CHANGED"]);
    assert.equal((await kliv.api("GET", `/api/v1/reports/${id}`, { token: mine.token })).json.title, "Mine");
    assert.equal((await put(id, text("x"), { version: "nonsense" })).status, 400);
    const both = await Promise.all([put(id, text("A"), { version: '"2"' }), put(id, text("B"), { version: '"2"' })]);
    assert.deepEqual(both.map((one) => one.status).sort(), [200, 412]);
  });

  it("keeps the steps of one person's typing as one version, two minutes long", async () => {
    const id = await make(text("Start"));
    for (const [seconds, title] of [[1, "S"], [1, "St"], [121, "Ste"], [1, "Step"]] as const) {
      kliv.clock.move(seconds * 1_000);
      assert.equal((await put(id, text(title), { autosave: true })).status, 200);
    }
    const { json } = await kliv.api("GET", `/api/v1/reports/${id}/versions`, { token: mine.token });
    assert.deepEqual(json.items.map((one: { title: string }) => one.title), ["Step", "Ste", "St", "Start"]);
  });

  it("names the place of what is wrong in a definition, in both languages, and saves nothing", async () => {
    const block = { id: "c", kind: "chart", layout: { x: 0, y: 0, w: 6, h: 6 }, database, sql: "select 1", chart };
    const cases: [string, unknown, number, string, RegExp][] = [
      ["twice the same id", { ...text("x"), blocks: [block, block] }, 422, "REPORT_INVALID", /\/blocks\/1\/id/],
      ["outside the grid", { ...text("x"), blocks: [{ ...block, layout: { x: 8, y: 0, w: 6, h: 2 } }] }, 422, "REPORT_INVALID", /\/blocks\/0\/layout/],
      ["no such parameter", { ...text("x"), blocks: [{ id: "f", kind: "filter", layout: { x: 0, y: 0, w: 3, h: 2 }, parameter: "city" }] }, 422, "REPORT_INVALID", /\/blocks\/0\/parameter/],
      ["a chart that runs code", { ...text("x"), blocks: [{ ...block, chart: { ...chart, params: [] } }] }, 422, "CHART_INVALID", /\/blocks\/0\/chart\/params/],
      ["a database of nobody", { ...text("x"), blocks: [{ ...block, database: "db_none" }] }, 422, "REPORT_INVALID", /\/blocks\/0\/database/],
      ["a default of another type", { ...text("x"), parameters: [{ name: "n", type: "number", default: "many" }] }, 422, "REPORT_INVALID", /\/parameters\/0\/default/],
      ["not a report", { hello: 1 }, 400, "REQUEST_INVALID", /./],
    ];
    for (const [name, definition, status, code, detail] of cases) {
      for (const language of ["en", "ja"]) {
        const refused = await kliv.api("POST", `/api/v1/teams/${mine.team}/reports`, { token: mine.token, body: definition, headers: { "accept-language": language } });
        assert.deepEqual([refused.status, refused.json.code], [status, code], name);
        assert.match(refused.json.detail, detail, name);
        assert.doesNotMatch(refused.json.detail, /\{\w+\}|undefined/, name);
      }
    }
    const all = await kliv.api("GET", `/api/v1/teams/${mine.team}/reports?limit=200`, { token: mine.token });
    assert.ok(all.json.items.every((one: { title: string }) => one.title !== "x"));
  });

  it("does not take another team's database into a report, nor show a report to another team", async () => {
    const theirs = await kliv.makeTeam("reports-theirs");
    const stolen = await post(`/api/v1/teams/${theirs.team}/reports`, { ...text("x"), blocks: [{ id: "t", kind: "table", layout: { x: 0, y: 0, w: 6, h: 6 }, database, sql: "select * from cities" }] }, theirs.token);
    assert.deepEqual([stolen.status, stolen.json.code], [422, "REPORT_INVALID"]);
    const id = await make(text("Secret"));
    for (const [method, path] of [["GET", ""], ["DELETE", ""], ["GET", "/versions"], ["GET", "/screenshot.png"]] as const) {
      assert.equal((await kliv.api(method, `/api/v1/reports/${id}${path}`, { token: theirs.token })).status, 404);
    }
    assert.equal((await kliv.api("PUT", `/api/v1/reports/${id}`, { token: theirs.token, body: text("Taken") })).status, 404);
    assert.equal((await post(`/api/v1/reports/${id}/publication`, { visibility: "public" }, theirs.token)).status, 404);
  });

  it("draws a report as a picture of the width that was asked for", async () => {
    const id = await make({ ...text("都市"), language: "ja", blocks: [{ id: "c", kind: "chart", layout: { x: 0, y: 0, w: 12, h: 6 }, database, sql: "select * from cities", chart }] });
    const shot = await kliv.api("GET", `/api/v1/reports/${id}/screenshot.png?width=640`, { token: mine.token });
    assert.deepEqual([shot.status, shot.headers["content-type"]], [200, "image/png"]);
    assert.deepEqual([shot.bytes.readUInt32BE(0), shot.bytes.readUInt32BE(16)], [0x89504e47, 640]);
    for (const width of ["0", "999999", "wide"]) {
      const refused = await kliv.api("GET", `/api/v1/reports/${id}/screenshot.png?width=${width}`, { token: mine.token });
      assert.deepEqual([refused.status, refused.json.code], [422, "CHART_SIZE_REFUSED"]);
    }
  });

  it("refuses to publish what readers would see fail, and says which block and why", async () => {
    const id = await make({ ...text("Broken"), blocks: [{ id: "c", kind: "table", title: "Cities", layout: { x: 0, y: 0, w: 12, h: 6 }, database, sql: "select * from citties" }] });
    const refused = await post(`/api/v1/reports/${id}/publication`, { visibility: "public" });
    assert.deepEqual([refused.status, refused.json.code], [422, "REPORT_BLOCK_FAILED"]);
    assert.match(refused.json.detail, /Cities.*citties/s);
    assert.equal((await kliv.api("GET", `/api/v1/reports/${id}`, { token: mine.token })).json.publication, null);
  });
});

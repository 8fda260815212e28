import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { homeKey } from "#src/base/secrets.ts";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const csv = Buffer.from("code,city\n007,東京\n12,大阪\n");

describe("a file that is looked at before its import", { timeout: 120_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let colleague: { token: string };
  let blobs: Blobs;
  before(async () => {
    kliv = await startTestServer();
    const { config, clock } = kliv;
    blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment, clock });
    mine = await kliv.makeTeam("previews");
    const other = await kliv.makeTeam("colleague");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: other.email, role: "owner", by: operator, mayMakeOwners: true });
    colleague = { token: await kliv.makeToken({ user: other.user, team: mine.team, scope: "all" }) };
  });
  after(() => kliv.stop());

  const call = (method: string, path: string, body?: unknown, token = mine.token): Promise<Answered> => kliv.api(method, `/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });
  const upload = (body: Buffer, options: { query?: string; name?: string; token?: string } = {}): Promise<Answered> =>
    kliv.api("POST", `/api/v1/teams/${mine.team}/previews${options.query ?? ""}`, { token: options.token ?? mine.token, body, headers: { "x-filename": options.name ?? "cities.csv" } });
  const ended = async (job: string): Promise<any> => {
    const { bytes } = await kliv.api("GET", `/api/v1/jobs/${job}`, { token: mine.token, headers: { accept: "text/event-stream" } });
    return JSON.parse(bytes.toString().trim().split("\n\n").at(-1)?.replace(/^data: /, "") ?? "");
  };
  const stored = async (prefix: string): Promise<string[]> => (await kliv.running.app.rooms.arrivals.sweep(), (await blobs.list(prefix)).items.map(({ key }: { key: string }) => key));
  const choices = { tables: [{ from: "cities", name: "places", columns: [{ from: "code", type: "integer" }] }] };

  it("is shown, corrected and imported without another upload, and goes then", async () => {
    const { status, json: preview } = await upload(csv);
    assert.equal(status, 201);
    assert.deepEqual([preview.format, preview.tables[0].columns[0].type, preview.tables[0].sample[0]], ["csv", "text", ["007", "東京"]]);
    const corrected = await call("PATCH", `/previews/${preview.id}`, { choices });
    assert.deepEqual([corrected.status, corrected.json.tables[0].columns[0].type, corrected.json.tables[0].sample[0]], [200, "integer", [7, "東京"]]);
    assert.deepEqual((await call("GET", `/previews/${preview.id}`)).json, corrected.json);
    const done = await ended((await call("POST", `/previews/${preview.id}/import`, { name: "都市" })).json.job);
    assert.deepEqual([done.state, done.result?.name, done.result?.tables[0].name, done.result?.tables[0].columns[0].type], ["done", "都市", "places", "INTEGER"]);
    assert.equal((await call("GET", `/previews/${preview.id}`)).status, 404);
    assert.deepEqual(await stored(`previews/${mine.team}`), []);
    // The next file of the same shape is read the same way, through each door.
    const put = await kliv.api("PUT", `/api/v1/databases/${done.result.id}/contents`, { token: mine.token, body: Buffer.from("code,city\n0099,京都\n"), headers: { "x-filename": "later.csv" } });
    assert.deepEqual([put.status, put.json.tables], [200, [{ name: "places", rows: 1, columns: [{ name: "code", type: "INTEGER" }, { name: "city", type: "TEXT" }] }]]);
    const wrong = await kliv.api("PUT", `/api/v1/databases/${done.result.id}/contents`, { token: mine.token, body: Buffer.from("code,city\nA1,京都\n") });
    assert.deepEqual([wrong.status, wrong.json.code, wrong.json.line], [422, "FILE_CELL_TYPE", 2]);
    const rows = await kliv.api("POST", `/api/v1/databases/${done.result.id}/tables/places/rows`, { token: mine.token, body: [{ code: 1 }] });
    assert.equal(rows.status, 200);
    const again = await upload(Buffer.from("code,city\n0042,奈良\n"), { query: `?database=${done.result.id}`, name: "new.csv" });
    assert.deepEqual([again.json.database, again.json.tables[0].sample], [done.result.id, [[42, "奈良"]]]);
    const replaced = await ended((await call("POST", `/previews/${again.json.id}/import`, {})).json.job);
    assert.deepEqual([replaced.result?.id, replaced.result?.versionNumber], [done.result.id, 4]);
  });

  it("stays when its import is refused, to be corrected", async () => {
    const { json: preview } = await upload(Buffer.from("code\n1\nx\n"), { name: "codes.csv" });
    const seen = await call("PATCH", `/previews/${preview.id}`, { choices: { tables: [{ from: "codes", columns: [{ from: "code", type: "integer" }] }] } });
    assert.deepEqual(seen.json.misfits.map(({ line, value }: { line: number; value: string }) => [line, value]), [[3, "x"]]);
    const failed = await ended((await call("POST", `/previews/${preview.id}/import`, {})).json.job);
    assert.deepEqual([failed.state, failed.error.code, failed.error.line], ["failed", "FILE_CELL_TYPE", 3]);
    await call("PATCH", `/previews/${preview.id}`, { choices: { misfits: "empty", tables: [{ from: "codes", columns: [{ from: "code", type: "integer" }] }] } });
    assert.equal((await ended((await call("POST", `/previews/${preview.id}/import`, {})).json.job)).state, "done");
  });

  it("that cannot be read as it is can be corrected; one that is no data cannot", async () => {
    const { status, json: preview } = await upload(Buffer.from('a;b\n"x;1\n'));
    assert.deepEqual([status, preview.problem?.code, preview.corrections], [201, "FILE_QUOTE_OPEN", ["encoding", "delimiter", "header"]]);
    // One correction may not be enough: each is kept.
    const first = (await call("PATCH", `/previews/${preview.id}`, { choices: { delimiter: ";" } })).json;
    assert.deepEqual([first.problem?.code, first.choices], ["FILE_QUOTE_OPEN", { delimiter: ";" }]);
    const picture = await upload(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), { name: "x.png" });
    assert.deepEqual([picture.status, picture.json.code], [415, "FILE_FORMAT_UNSUPPORTED"]);
    assert.equal((await stored(`previews/${mine.team}`)).length, 1);
    assert.equal((await call("DELETE", `/previews/${preview.id}`)).status, 204);
    assert.deepEqual(await stored(`previews/${mine.team}`), []);
  });

  it("is there for its uploader alone", async () => {
    const { json: preview } = await upload(csv);
    for (const [method, path, body] of [["GET", "", undefined], ["PATCH", "", { choices: {} }], ["POST", "/import", {}], ["DELETE", "", undefined]] as const) {
      assert.equal((await call(method, `/previews/${preview.id}${path}`, body, colleague.token)).status, 404, `${method} ${path}`);
    }
    const listed = async (token: string): Promise<string[]> => (await call("GET", `/teams/${mine.team}/previews`, undefined, token)).json.items.map(({ id }: { id: string }) => id);
    assert.ok((await listed(mine.token)).includes(preview.id));
    assert.deepEqual(await listed(colleague.token), []);
    const stranger = await kliv.makeTeam("stranger");
    assert.equal((await call("GET", `/previews/${preview.id}`, undefined, stranger.token)).status, 404);
    const theirs = await kliv.api("POST", `/api/v1/teams/${stranger.team}/databases`, { token: stranger.token, body: csv, headers: { "x-filename": "cities.csv" } });
    assert.equal((await upload(csv, { query: `?database=${theirs.json.id}` })).status, 404);
  });

  it("is not imported twice at once, nor taken away meanwhile", async () => {
    const { json: preview } = await upload(csv);
    const { jobs } = kliv.running.app.rooms;
    const { finish } = jobs;
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    jobs.finish = async (...all) => {
      reached.resolve();
      await go.promise;
      await finish(...all);
    };
    try {
      const { job } = (await call("POST", `/previews/${preview.id}/import`, {})).json;
      await reached.promise;
      for (const [method, path] of [["POST", "/import"], ["DELETE", ""]] as const) assert.equal((await call(method, `/previews/${preview.id}${path}`, method === "POST" ? {} : undefined)).json.code, "PREVIEW_BUSY");
      go.resolve();
      assert.equal((await ended(job)).state, "done");
    } finally {
      jobs.finish = finish;
    }
  });

  it("goes after a day, with its object", async () => {
    const { json: preview } = await upload(csv);
    assert.ok((await stored("previews/")).some((key) => key.endsWith(preview.id)));
    // And one that a kill has left between the object and its row.
    await blobs.put(`previews/${mine.team}/prv_left`, Buffer.from("a\n1\n"));
    kliv.clock.move(25 * 3_600_000);
    await kliv.running.app.rooms.arrivals.sweep();
    assert.deepEqual((await blobs.list("previews/")).items, []);
    assert.equal((await call("GET", `/previews/${preview.id}`)).status, 404);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const dayMs = 86_400_000;

describe("versions", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("versions");
  });
  after(() => kliv.stop());

  const call = async (method: string, path: string, body?: unknown, expected = 200) => {
    const answered = await kliv.api(method, `/api/v1${path}`, { token: mine.token, body, headers: { "accept-language": "en", ...(Buffer.isBuffer(body) ? { "x-filename": "t.csv" } : {}) } });
    assert.equal(answered.status, expected, answered.bytes.toString());
    return answered.json;
  };
  const csv = (...values: number[]) => Buffer.from(`id,n\n${values.map((n, i) => `${i},${n}`).join("\n")}\n`);
  const sumOf = async (id: string, version?: string, expected = 200) => {
    const answered = await call("POST", `/databases/${id}/query`, { sql: "select sum(n) from t", ...(version ? { version } : {}) }, expected);
    return expected === 200 ? answered.rows[0][0] : answered.code;
  };
  const listed = async (id: string): Promise<any[]> => (await call("GET", `/databases/${id}/versions`)).items;
  const objects = async () => (await kliv.running.app.rooms.databases.sweep(), (await storeKeys()).length);
  const storeKeys = async () => {
    const { openBlobs } = await import("#src/base/blobs/blobs.ts");
    const { homeKey } = await import("#src/base/secrets.ts");
    const blobs = await openBlobs({ url: kliv.config.blobsUrl, key: homeKey(kliv.config.home, "blobs"), environment: kliv.config.environment });
    return (await blobs.list(`versions/${mine.team}/`)).items;
  };

  /** A database with so many versions; the n of its one row is the version's number. */
  async function make(count: number): Promise<{ id: string; versions: string[] }> {
    const made = await call("POST", `/teams/${mine.team}/databases?name=v`, csv(1), 201);
    for (let n = 2; n <= count; n++) await call("PUT", `/databases/${made.id}/contents`, csv(n));
    return { id: made.id, versions: (await listed(made.id)).map((one) => one.id).reverse() };
  }

  it("are labelled, and an older one is restored as a new one that shares its object", async () => {
    const before = await objects();
    const { id, versions } = await make(3);
    const labelled = await call("PATCH", `/databases/${id}/versions/${versions[0]}`, { label: " 決算 ", note: "as filed" });
    assert.deepEqual([labelled.label, labelled.note, labelled.current], ["決算", "as filed", false]);
    const restored = await call("POST", `/databases/${id}/versions/${versions[0]}/restoration`);
    assert.equal(restored.versionNumber, 4);
    assert.equal(await sumOf(id), 1);
    assert.deepEqual((await listed(id)).map((one) => [one.number, one.restoredFrom, one.current]), [[4, 1, true], [3, null, false], [2, null, false], [1, null, false]]);
    assert.equal((await objects()) - before, 3, "no copy was made");
    // What is current already is restored by doing nothing.
    assert.equal((await call("POST", `/databases/${id}/versions/${restored.version}/restoration`)).versionNumber, 4);
    await call("DELETE", `/databases/${id}`, undefined, 204);
    assert.equal(await objects(), before, "all objects went with it");
  });

  it("go by the policy, but for the current one, those with a label and those that are published", async () => {
    const before = await objects();
    const { id, versions } = await make(1);
    const report = await call("POST", `/teams/${mine.team}/reports`, {
      schema: 1, title: "Shown", language: "en", parameters: [], blocks: [{ id: "a", kind: "table", layout: { x: 0, y: 0, w: 6, h: 4 }, database: id, sql: "select n from t" }],
    }, 201);
    const published = await kliv.api("POST", `/api/v1/reports/${report.id}/publication`, { token: mine.token, body: { visibility: "public" } });
    assert.ok(published.status < 300, published.bytes.toString());
    for (let n = 2; n <= 6; n++) await call("PUT", `/databases/${id}/contents`, csv(n));
    versions.splice(0, 1, ...(await listed(id)).map((one) => one.id).reverse());
    await call("PATCH", `/databases/${id}/versions/${versions[1]}`, { label: "kept" });
    assert.deepEqual(await call("GET", `/databases/${id}/retention`), { versions: null, days: null, due: 0 });
    assert.deepEqual(await call("PUT", `/databases/${id}/retention`, { versions: 2, days: null }), { versions: 2, days: null, due: 2 });
    // What either keeps is kept.
    assert.equal((await call("PUT", `/databases/${id}/retention`, { versions: 2, days: 7 })).due, 0);
    const { versions: room } = kliv.running.app.rooms;
    assert.equal(await room.sweep(), 0);
    kliv.clock.move(8 * dayMs);
    assert.equal(await room.sweep(), 2);
    assert.deepEqual((await listed(id)).map((one) => one.number), [6, 5, 2, 1]);
    assert.equal(await sumOf(id, versions[2], 410), "VERSION_REMOVED");
    const gone = await call("GET", `/databases/${id}/versions/${versions[3]}`, undefined, 410);
    assert.match(gone.detail, /Version 4 was removed on 2026-12-02/);
    assert.equal(await sumOf(id, versions[0]), 1, "what is published is there");
    assert.equal((await objects()) - before, 4);
    await call("DELETE", `/reports/${report.id}/publication`, undefined, 204);
    assert.equal(await room.sweep(), 1, "no longer published");
    const { items } = await call("GET", `/teams/${mine.team}/audit-events?action=database:expire`);
    assert.deepEqual(items.map((one: any) => [one.actor.kind, one.facts.versions]), [["system", 1], ["system", 2]]);
    await call("DELETE", `/databases/${id}`, undefined, 204);
  });

  it("that share an object keep it until the last of them goes", async () => {
    const before = await objects();
    const { id, versions } = await make(2);
    await call("POST", `/databases/${id}/versions/${versions[0]}/restoration`);
    await call("PUT", `/databases/${id}/retention`, { versions: 1, days: null });
    assert.equal(await kliv.running.app.rooms.versions.sweep(), 2);
    kliv.clock.move(2 * dayMs);
    assert.equal((await objects()) - before, 1);
    assert.equal(await sumOf(id), 1, "its contents are the removed first version's");
    await call("DELETE", `/databases/${id}`, undefined, 204);
  });

  it("are compared by key", async () => {
    const { id, versions } = await make(2);
    const { tables } = await call("GET", `/databases/${id}/comparison?from=${versions[0]}&to=${versions[1]}&table=t&key=id`);
    const { rows, ...table } = tables[0];
    assert.deepEqual(table, { name: "t", change: "changed", columns: { added: [], removed: [], changed: [] }, trouble: null });
    assert.deepEqual([rows.by, rows.changed, rows.sample.changed], ["key", 1, [{ before: [0, 1], after: [0, 2] }]]);
    assert.equal((await call("GET", `/databases/${id}/comparison?from=${versions[0]}&to=${versions[1]}&table=t&key=x`, undefined, 422)).code, "COMPARE_KEY_UNFIT");
    assert.equal((await call("GET", `/databases/${id}/comparison?from=${versions[0]}&to=ver_none`, undefined, 404)).code, "VERSION_NOT_FOUND");
  });

  it("say what is not there, and a policy within limits", async () => {
    const { id } = await make(1);
    const other = await make(1);
    for (const version of ["ver_none", other.versions[0]]) assert.equal((await call("GET", `/databases/${id}/versions/${version}`, undefined, 404)).code, "VERSION_NOT_FOUND");
    assert.equal((await call("POST", `/databases/${id}/versions/${other.versions[0]}/restoration`, undefined, 404)).code, "VERSION_NOT_FOUND");
    assert.equal((await call("PUT", `/databases/${id}/retention`, { versions: 0, days: null }, 400)).code, "REQUEST_INVALID");
  });
});

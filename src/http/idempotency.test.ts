import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";

const report = (title: string) => ({ schema: 1, title, language: "en", parameters: [], blocks: [] });

describe("Idempotency-Key", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("once");
  });
  after(() => kliv.stop());
  const create = (key: string, body: unknown = report("Once"), token = mine.token, team = mine.team) =>
    kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body, headers: { "idempotency-key": key } });
  const count = async (): Promise<number> => (await kliv.api("GET", `/api/v1/teams/${mine.team}/reports?limit=200`, { token: mine.token })).json.items.length;

  it("gives the same request the same answer, and creates one thing", async () => {
    const before = await count();
    const first = await create("a");
    const again = await create("a");
    assert.deepEqual([first.status, again.status, again.json], [201, 201, first.json]);
    assert.equal(await count(), before + 1);
    assert.notEqual((await create("b")).json.id, first.json.id);
  });

  it("creates one thing for many at once", async () => {
    const before = await count();
    const all = await Promise.all(Array.from({ length: 10 }, () => create("many")));
    assert.ok(all.every(({ status, json }) => status === 201 || (status === 409 && json.code === "IDEMPOTENCY_KEY_BUSY")), all.map((one) => one.status).join());
    assert.equal(await count(), before + 1);
  });

  it("refuses the key for another request, and frees it after a failure and after a day", async () => {
    const first = await create("c");
    const other = await create("c", report("Other"));
    assert.deepEqual([other.status, other.json.code], [422, "IDEMPOTENCY_KEY_REUSED"]);
    assert.equal((await create("d", { ...report("x"), blocks: [{ id: "b", kind: "filter", layout: { x: 0, y: 0, w: 1, h: 1 }, parameter: "none" }] })).status, 422);
    assert.equal((await create("d")).status, 201);
    kliv.clock.move(24 * 3_600_000 + 1);
    assert.notEqual((await create("c")).json.id, first.json.id);
    assert.equal((await create("")).status, 400);
    assert.equal((await create("x".repeat(256))).status, 400);
  });

  it("uploads a file once, and keeps neither keys nor secrets", async () => {
    const upload = () => kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=once`, { token: mine.token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "a.csv", "idempotency-key": "upload-key" } });
    const [first, again] = [await upload(), await upload()];
    assert.equal(first.status, 201);
    assert.equal(again.json.id, first.json.id);
    const cookie = await kliv.makeSession(mine.email);
    const token = () => kliv.api("POST", `/api/v1/teams/${mine.team}/tokens`, { cookie, body: { name: "t", scope: "read" }, headers: { "idempotency-key": "token-key" } });
    const made = (await token()).json;
    assert.notEqual((await token()).json.id, made.id);
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql<{ all: string }>`select coalesce(string_agg(k::text, ''), '') as all from idempotency_keys k`.execute(tx));
    assert.ok(rows[0]!.all.length > 100);
    for (const secret of ["upload-key", "token-key", made.token]) assert.ok(!rows[0]!.all.includes(secret), secret);
  });

  /** As a server leaves a key that was killed after the transaction of the creation and before its answer was kept. */
  const cutOff = () => kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql`update idempotency_keys set status = 0, body = 'null'`.execute(tx));

  it("a crash after the creation makes no second one: the same request gets what it made", async () => {
    const uploads = (prefer: string) => kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=cut`, { token: mine.token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "a.csv", prefer, "idempotency-key": `cut-upload ${prefer}` } });
    const group = () => kliv.api("POST", `/api/v1/teams/${mine.team}/groups`, { token: mine.token, body: { name: "cut" }, headers: { "idempotency-key": "cut group" } });
    for (const make of [() => create("cut"), () => uploads(""), () => uploads("respond-async")]) {
      const first = await make();
      assert.ok(first.status === 201 || first.status === 202, first.bytes.toString());
      await cutOff();
      const again = await make();
      assert.deepEqual([again.status, again.json], [first.status, first.json]);
      kliv.clock.move(11 * 60_000);
      await cutOff();
      const later = await make();
      assert.deepEqual([later.status, later.json], [first.status, first.json]);
    }
    const made = await group();
    assert.equal(made.status, 201, made.bytes.toString());
    await cutOff();
    const again = await group();
    // A group is read as one of a list: its id is told.
    assert.deepEqual([again.status, again.json.code, again.json.detail.includes(made.json.id)], [409, "IDEMPOTENCY_KEY_DONE", true]);
  });

  it("is each actor's own", async () => {
    const theirs = await kliv.makeTeam("once-theirs");
    const first = await create("shared");
    const other = await create("shared", report("Once"), theirs.token, theirs.team);
    assert.equal(other.status, 201);
    assert.notEqual(other.json.id, first.json.id);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { homeKey } from "#src/base/secrets.ts";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { columnarPrefix } from "./maker.ts";

describe("the columnar copy", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let blobs: Blobs;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("columns");
    const { config, clock } = kliv;
    blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment, clock });
  });
  after(async () => {
    await blobs.close();
    await kliv.stop();
  });

  const csv = "city,day,people\n札幌,2026-01-31,14\n那覇,2026-02-01,3\n";
  const question = { sql: "SELECT strftime(day, '%Y-%m') AS month, sum(people) AS people FROM cities GROUP BY ALL ORDER BY month", engine: "duckdb" };
  const upload = async (body = csv): Promise<{ id: string; version: string }> => {
    const { status, json, bytes } = await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=cities`, { token: mine.token, body: Buffer.from(body), headers: { "x-filename": "cities.csv" } });
    assert.equal(status, 201, bytes.toString());
    return json;
  };
  const ask = (id: string, body: object, token = mine.token) => kliv.api("POST", `/api/v1/databases/${id}/query`, { token, body });
  const objects = async (version: string) => (await blobs.list(`${columnarPrefix}${mine.team}/${version}/`)).items.map((item) => item.key);
  const rows = (version: string) => kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql<{ state: string }>`select state from columnar_copies where version_id = ${version}`.execute(tx)).rows);

  it("is made when DuckDB is asked for, and answers", async () => {
    const { id, version } = await upload();
    const { status, json, bytes } = await ask(id, question);
    assert.equal(status, 200, bytes.toString());
    const { elapsedMs: _, ...rest } = json;
    assert.deepEqual(rest, {
      columns: [{ name: "month", type: "TEXT" }, { name: "people", type: "INTEGER" }], rows: [["2026-01", 14], ["2026-02", 3]], rowCount: 2, truncated: false, version, engine: "duckdb",
    });
    assert.equal((await ask(id, { sql: "SELECT 1" })).json.engine, "sqlite");
    // Kept, and not mistaken for the other engine's answer to the same words.
    assert.deepEqual((await ask(id, { sql: "SELECT 7 / 2", engine: "duckdb" })).json.rows, [[3.5]]);
    assert.deepEqual((await ask(id, { sql: "SELECT 7 / 2" })).json.rows, [[3]]);
    assert.equal((await ask(id, question)).bytes.toString(), bytes.toString());
    const keys = await objects(version);
    assert.equal(keys.length, 1);
    assert.equal((await blobs.verifyEncryption(keys[0]!)).encrypted, true);
    // The library is in the children only: an idle server is as large as without it.
    const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
    assert.ok(sharedObjects.length > 0 && !sharedObjects.some((path) => path.includes("duckdb")), sharedObjects.join(" "));
    const told = await kliv.api("GET", `/api/v1/databases/${id}/columnar`, { token: mine.token });
    assert.deepEqual([told.json.state, told.json.version, told.json.tables], ["ready", version, [{
      name: "cities", rows: 2, columns: [{ name: "city", type: "VARCHAR", unclean: null }, { name: "day", type: "DATE", unclean: null }, { name: "people", type: "BIGINT", unclean: null }],
    }]]);
  });

  it("of a new version is made before somebody asks, where the old one was used", async () => {
    const { id } = await upload();
    assert.equal((await ask(id, question)).status, 200);
    const { json } = await kliv.api("PUT", `/api/v1/databases/${id}/contents`, { token: mine.token, body: Buffer.from(`${csv}那覇,2026-02-02,5\n`), headers: { "x-filename": "cities.csv" } });
    const { rooms } = kliv.running.app;
    await rooms.columnar.wait(await rooms.databases.currentVersion(mine.team, id), { waitMs: 30_000 });
    assert.deepEqual(await rows(json.version), [{ state: "ready" }]);
    assert.deepEqual((await ask(id, question)).json.rows, [["2026-01", 14], ["2026-02", 8]]);
  });

  it("shows nothing to whom rules hide rows", async () => {
    const { id } = await upload();
    assert.equal((await ask(id, question)).status, 200);
    const member = await kliv.makeTeam("viewer");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: member.email, role: "viewer", by: operator, mayMakeOwners: false });
    const token = await kliv.makeToken({ user: member.user, team: mine.team, scope: "all" });
    assert.equal((await ask(id, question, token)).status, 200);
    const rules = [{ subject: { kind: "everyone" }, table: "cities", condition: "city = '札幌'" }];
    const set = await kliv.api("PUT", `/api/v1/databases/${id}/rules`, { token: mine.token, body: { rules } });
    assert.equal(set.status, 200, set.bytes.toString());
    const refused = await ask(id, question, token);
    assert.deepEqual([refused.status, refused.json.code], [422, "ENGINE_UNAVAILABLE"]);
    const told = await kliv.api("GET", `/api/v1/databases/${id}/columnar`, { token });
    assert.deepEqual([told.json.state, told.json.sizeBytes, told.json.tables], ["closed", null, []]);
    assert.deepEqual((await ask(id, { sql: "SELECT sum(people) FROM cities" }, token)).json.rows, [[14]]);
    assert.equal((await ask(id, question, member.token)).status, 404);
    assert.equal((await ask(id, question)).status, 200);
  });

  it("goes with its version", async () => {
    const { id, version } = await upload();
    await ask(id, question);
    assert.equal((await objects(version)).length, 1);
    assert.equal((await kliv.api("DELETE", `/api/v1/databases/${id}`, { token: mine.token })).status, 204);
    assert.deepEqual(await objects(version), []);
    assert.deepEqual(await rows(version), []);
  });

  it("leaves no object behind that nobody knows", async () => {
    const { id, version } = await upload();
    await ask(id, question);
    const [key] = await objects(version);
    const old = `${columnarPrefix}${mine.team}/${version}/col_before-0.parquet`;
    const foreign = `${columnarPrefix}${mine.team}/ver_gone/col_1-0.parquet`;
    for (const made of [old, foreign]) await blobs.put(made, Buffer.from("of a killed maker"));
    await kliv.running.app.rooms.columnar.sweep();
    assert.deepEqual(await objects(version), [key, old].sort(), "one that is just being made stays");
    assert.deepEqual(await objects("ver_gone"), []);
    kliv.clock.move(25 * 3_600_000);
    await kliv.running.app.rooms.columnar.sweep();
    assert.deepEqual(await objects(version), [key]);
  });

  it("is made again where its objects are gone", async () => {
    const { id, version } = await upload();
    await kliv.running.app.rooms.columnar.wait(await kliv.running.app.rooms.databases.currentVersion(mine.team, id), { waitMs: 30_000 });
    const [key = ""] = await objects(version);
    await blobs.delete(key);
    const lost = await ask(id, question);
    assert.deepEqual([lost.status, lost.json.code, lost.headers["retry-after"]], [503, "COLUMNAR_NOT_READY", "5"]);
    assert.deepEqual((await ask(id, question)).json.rows, [["2026-01", 14], ["2026-02", 3]]);
    assert.notDeepEqual(await objects(version), [key]);
  });

  it("that is not ready in time, or cannot be made, is told", async () => {
    const { id, version } = await upload();
    const { rooms, postgres } = kliv.running.app;
    const put = (state: string, reason: string | null) =>
      postgres.transaction({ teams: [mine.team] }, (tx) => sql`insert into columnar_copies (version_id, database_id, team_id, format, state, reason, asked_at) values (${version}, ${id}, ${mine.team}, 1, ${state}, ${reason}, ${kliv.clock.date()})
        on conflict (version_id) do update set state = excluded.state, reason = excluded.reason, asked_at = excluded.asked_at`.execute(tx));
    // Another node has taken the work and says nothing.
    await put("asked", null);
    const ref = await rooms.databases.currentVersion(mine.team, id);
    await assert.rejects(rooms.columnar.wait(ref, { waitMs: 50 }), (error) => error instanceof Problem && error.code === "COLUMNAR_NOT_READY" && error.status === 503);
    await put("failed", "WORK_MEMORY");
    const { status, json } = await ask(id, question);
    assert.deepEqual([status, json.code], [422, "ENGINE_UNAVAILABLE"]);
    assert.match(json.detail, /memory/);
    // Later it is tried again.
    kliv.clock.move(2 * 3_600_000);
    assert.equal((await ask(id, question)).status, 200);
  });
});

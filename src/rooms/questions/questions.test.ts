/* Questions without SQL through the interface. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Check } from "typebox/schema";

import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

let kliv: TestServer;
let team: string;
let token: string;
let database: string;
let viewer: { user: string; token: string };

const csv = Buffer.from("region,day,amount\nnorth,2026-11-01,10\nsouth,2026-11-20,200\nnorth,2026-11-24,30\n,2025-01-05,7\n");
const perRegion = { schema: 1, from: "sales", groups: [{ value: { column: "region" } }], aggregates: [{ kind: "sum", of: { column: "amount" }, name: "total" }] };

const call = (path: string, body: unknown, as = token, headers: Record<string, string> = {}): Promise<Answered> => kliv.api("POST", `/api/v1/databases/${database}/${path}`, { token: as, body, headers });

async function rowsOf(question: object, more: object = {}, as = token): Promise<unknown[][]> {
  const { status, json, bytes } = await call("query", { question, ...more }, as);
  assert.equal(status, 200, bytes.toString());
  return json.rows;
}

before(async () => {
  kliv = await startTestServer();
  ({ team, token } = await kliv.makeTeam("questions"));
  const uploaded = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=sales`, { token, body: csv, headers: { "x-filename": "sales.csv", "content-type": "text/csv" } });
  assert.equal(uploaded.status, 201, uploaded.bytes.toString());
  database = uploaded.json.id;
  const made = await kliv.makeTeam("viewer");
  await kliv.running.app.rooms.teams.addMember({ team, email: made.email, role: "viewer", by: operator, mayMakeOwners: false });
  viewer = { user: made.user, token: await kliv.makeToken({ user: made.user, team, scope: "read" }) };
});
after(() => kliv.stop());

describe("a question without SQL", () => {
  it("is answered as SQL is", async () => {
    const { status, json } = await call("query", { question: perRegion });
    assert.equal(status, 200);
    assert.deepEqual(json.columns.map((one: { name: string }) => one.name), ["region", "total"]);
    assert.deepEqual(json.rows, [[null, 7], ["north", 40], ["south", 200]]);
    const shown = await call("question/sql", { question: perRegion });
    assert.equal(shown.status, 200, shown.bytes.toString());
    assert.equal(shown.json.sql, "SELECT\n  region,\n  sum(amount) AS total\nFROM sales\nGROUP BY 1\nORDER BY region");
    const { elapsedMs: _, ...bySql } = (await call("query", { sql: shown.json.sql })).json;
    const { elapsedMs: __, ...byQuestion } = json;
    assert.deepEqual(byQuestion, bySql);
  });

  it("takes parameters, and today as the asked-for day", async () => {
    const lately = { ...perRegion, filter: { value: { column: "day" }, is: "last", count: 7, unit: "day" } };
    // The clock of this test stands at 24 November 2026.
    assert.deepEqual(await rowsOf(lately), [["north", 30], ["south", 200]]);
    assert.deepEqual(await rowsOf(lately, { parameters: { today: "2026-11-01" } }), [["north", 10]]);
    const some = { ...perRegion, filter: { value: { column: "region" }, is: "=", to: { parameter: "region" }, optional: true } };
    assert.equal((await rowsOf(some)).length, 3);
    assert.deepEqual(await rowsOf(some, { parameters: { region: "south" } }), [["south", 200]]);
    const listed = { ...perRegion, filter: { value: { column: "region" }, is: "in", to: { parameter: "regions" } } };
    assert.deepEqual(await rowsOf(listed, { parameters: { regions: ["south", "west"] } }), [["south", 200]]);
    for (const [question, parameters] of [[lately, { today: "soon" }], [lately, { today: "2026-02-30" }], [some, { region: 5 }], [listed, { regions: "south" }]] as const) {
      const { status, json } = await call("query", { question, parameters });
      assert.deepEqual([status, json.code], [422, "QUESTION_PARAMETER_UNFIT"]);
    }
    assert.equal((await call("query", { question: { ...perRegion, filter: { value: { column: "amount" }, is: ">", to: { parameter: "least" } } } })).json.code, "QUERY_PARAMETER_MISSING");
    assert.equal((await call("query", { question: perRegion, parameters: { unknown: 1 } })).json.code, "QUERY_PARAMETER_UNKNOWN");
  });

  it("is refused with its place in either language", async () => {
    const question = { ...perRegion, groups: [{ value: { column: "regoin" } }] };
    for (const path of ["query", "question/sql"]) {
      const { status, json } = await call(path, { question });
      assert.deepEqual([status, json.code], [422, "QUESTION_INVALID"]);
      assert.match(json.detail, /^At \/question\/groups\/0\/value\/column: the table sales has no column regoin; it has region, day, amount\./);
      assert.match((await call(path, { question }, token, { "accept-language": "ja" })).json.detail, /^\/question\/groups\/0\/value\/column：.*regoin.*ありません/);
    }
    for (const body of [{}, { sql: "select 1", question: perRegion }]) {
      const { status, json } = await call("query", body);
      assert.deepEqual([status, json.code], [400, "REQUEST_INVALID"]);
      assert.match(json.detail, /either sql or question/);
    }
  });

  it("is saved with its SQL, and stays in an export", async () => {
    const saved = await kliv.api("POST", `/api/v1/teams/${team}/queries`, { token, body: { name: "Per region", database, sql: "", question: perRegion, engine: "duckdb" } });
    assert.equal(saved.status, 201, saved.bytes.toString());
    assert.deepEqual([saved.json.question, saved.json.engine], [perRegion, undefined]);
    assert.match(saved.json.sql, /^SELECT\n  region/);
    const path = `/api/v1/queries/${saved.json.id}`;
    const listed = { ...perRegion, limit: 1 };
    assert.match((await kliv.api("PUT", path, { token, body: { name: "One", database, sql: "", question: listed } })).json.sql, /LIMIT 1$/);
    const wrong = await kliv.api("PUT", path, { token, body: { name: "One", database, sql: "select 1", question: { ...listed, from: "nowhere" } } });
    assert.deepEqual([wrong.status, wrong.json.code], [422, "QUESTION_INVALID"]);
    const { json } = await kliv.api("GET", `/api/v1/teams/${team}/export`, { token });
    assert.deepEqual(json.queries.map((one: { question: unknown }) => one.question), [listed]);
    assert.deepEqual((await kliv.api("PUT", path, { token, body: { name: "By SQL", database, sql: "select 1" } })).json.question, undefined);
  });

  it("makes blocks of reports, until they are edited as SQL", async () => {
    const block = { id: "t", kind: "table", layout: { x: 0, y: 0, w: 6, h: 6 }, database, sql: "select 1", question: perRegion };
    const report = (...blocks: object[]) => ({ schema: 1, title: "Regions", language: "en", parameters: [], blocks });
    const made = await kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body: report(block) });
    assert.equal(made.status, 201, made.bytes.toString());
    const [written] = made.json.blocks;
    assert.deepEqual(written.question, perRegion);
    assert.match(written.sql, /GROUP BY 1/);
    const path = `/api/v1/reports/${made.json.id}`;
    const put = (...blocks: object[]): Promise<Answered> => kliv.api("PUT", path, { token, body: report(...blocks) });
    const wrong = await put(written, { ...block, id: "u", question: { ...perRegion, from: "nowhere" } });
    assert.deepEqual([wrong.status, wrong.json.code], [422, "QUESTION_INVALID"]);
    assert.match(wrong.json.detail, /^At \/blocks\/1\/question\/from: the database has no table nowhere/);
    // What is there stays, whether it fits a new version or not.
    await kliv.api("PUT", `/api/v1/databases/${database}/contents`, { token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "other.csv", "content-type": "text/csv" } });
    assert.deepEqual((await put(written, { ...written, id: "v" })).json.blocks.map((one: { sql: string; question: unknown }) => [one.sql, one.question]), [[written.sql, perRegion], [written.sql, perRegion]]);
    await kliv.api("PUT", `/api/v1/databases/${database}/contents`, { token, body: csv, headers: { "x-filename": "sales.csv", "content-type": "text/csv" } });
    assert.match((await put({ ...written, question: { ...perRegion, limit: 2 } })).json.blocks[0].sql, /LIMIT 2$/);
    const again = (await put(written)).json.blocks[0];
    const edited = (await put({ ...again, sql: "select 2" })).json.blocks[0];
    assert.deepEqual([edited.sql, edited.question], ["select 2", undefined]);
  });

  it("keeps rules on rows, and another team's databases from sight", async () => {
    const rules = [{ table: "sales", subject: { kind: "member", id: viewer.user }, condition: "region = 'south'" }];
    assert.equal((await kliv.api("PUT", `/api/v1/databases/${database}/rules`, { token, body: { rules } })).status, 200);
    assert.deepEqual(await rowsOf(perRegion, {}, viewer.token), [["south", 200]]);
    assert.equal((await rowsOf(perRegion)).length, 3);
    const share = { schema: 1, from: "sales", groups: [{ value: { column: "amount" }, bin: { count: 2 } }], aggregates: [{ kind: "share" }] };
    // The bins too are made of the reader's rows.
    assert.deepEqual(await rowsOf(share, {}, viewer.token), [[200, 1]]);
    const stranger = await kliv.makeTeam("stranger");
    for (const path of ["query", "question/sql"]) assert.equal((await call(path, { question: perRegion }, stranger.token)).status, 404);
  });

  it("has a published schema", async () => {
    const { status, json } = await kliv.api("GET", "/api/v1/schemas/question.json");
    assert.equal(status, 200);
    assert.ok(Check(json, perRegion));
    assert.ok(!Check(json, { ...perRegion, groups: [{ value: { column: 5 } }] }));
  });
});

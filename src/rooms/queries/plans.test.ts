import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

let kliv: TestServer;
before(async () => {
  kliv = await startTestServer({ KLIV_PLANS: "on" });
});
after(() => kliv.stop());

test("a plan ends an answer's rows and a team's queue, and a new plan counts at once", async () => {
  const { team, token } = await kliv.makeTeam("planned");
  const setPlan = (plan: "free" | "enterprise") => kliv.running.app.rooms.teams.setPlan({ team, plan, by: operator });
  const made = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=one`, { token, body: Buffer.from("a\n1\n"), headers: { "content-type": "text/csv", "x-filename": "one.csv" } });
  const path = `/api/v1/databases/${made.json.id}/query`;
  const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100001) SELECT i FROM n";
  const ask = async () => (await kliv.api("POST", path, { token, body: { sql } })).json;
  await setPlan("free");
  assert.deepEqual([(await ask()).rowCount, (await ask()).truncated], [100_000, true]);
  await setPlan("enterprise");
  assert.deepEqual([(await ask()).rowCount, (await ask()).truncated], [100_001, false]);

  await setPlan("free");
  // The plan is read by the next question.
  await kliv.api("POST", path, { token, body: { sql: "SELECT 1" } });
  const stop = new AbortController();
  const { pools, rooms } = kliv.running.app;
  const version = { ...(await rooms.databases.currentVersion(team, made.json.id)), rows: null };
  const endless = "WITH RECURSIVE n(i) AS (SELECT :start UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
  const waiting = Array.from({ length: 52 }, (_, start) => rooms.queries.run({ version, sql: endless, parameters: { start }, signal: stop.signal }).catch(() => {}));
  while (pools.query.counts.waiting < 50) await new Promise((resolve) => setImmediate(resolve));
  const refused = await kliv.api("POST", path, { token, body: { sql: "SELECT 2" } });
  assert.deepEqual([refused.status, refused.json.code, refused.headers["retry-after"]], [429, "QUERY_TEAM_FULL", "5"]);
  const other = await kliv.makeTeam("other");
  const theirs = await kliv.api("POST", `/api/v1/teams/${other.team}/databases?name=one`, { token: other.token, body: Buffer.from("a\n1\n"), headers: { "content-type": "text/csv", "x-filename": "one.csv" } });
  assert.equal((await kliv.api("POST", `/api/v1/databases/${theirs.json.id}/query`, { token: other.token, body: { sql: "SELECT 2" } })).status, 200);
  stop.abort();
  await Promise.all(waiting);
});

test("a plan ends the line of imports", async () => {
  const { team, token } = await kliv.makeTeam("importing");
  const { jobs } = kliv.running.app.rooms;
  await kliv.running.app.postgres.transaction({ teams: [team] }, async (tx) => {
    for (let nth = 0; nth < 20; nth++) await jobs.create(tx, { id: `job_${nth}`, team, user: null, kind: "import", input: {} });
  });
  const answered = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=one`, { token, body: Buffer.from("a\n1\n"), headers: { "content-type": "text/csv", "x-filename": "one.csv", prefer: "respond-async" } });
  assert.deepEqual([answered.status, answered.json.code, answered.headers["retry-after"]], [429, "WORK_TEAM_FULL", "60"]);
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { silentLog } from "../log.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { connectPostgres } from "./postgres.ts";

/** Row-level security alone, as if no route had asked for permission. */
describe("row-level security", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let theirs: typeof mine;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("mine");
    theirs = await kliv.makeTeam("theirs");
    for (const one of [mine, theirs]) {
      const made = await kliv.api("POST", `/api/v1/teams/${one.team}/databases?name=d`, { token: one.token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "d.csv" } });
      assert.equal(made.status, 201);
    }
  });
  after(() => kliv.stop());

  const tables = ["teams", "members", "tokens", "databases", "versions", "audit_events"];
  const count = (reach: object, table: string): Promise<number> =>
    kliv.running.app.postgres.transaction(reach, async (tx) => Number((await sql<{ n: number }>`select count(*) n from ${sql.table(table)}`.execute(tx)).rows[0]?.n));

  it("shows nothing without a reach, and only the team's own rows with one", async () => {
    for (const table of tables) {
      assert.equal(await count({}, table), 0, table);
      const own = await count({ teams: [mine.team] }, table);
      const all = await count({ operator: true }, table);
      assert.ok(own > 0 && own < all, `${table}: ${own} of ${all}`);
      assert.equal(await count({ teams: ["team_none"] }, table), 0, table);
    }
  });

  it("changes nothing of another team's", async () => {
    const { postgres } = kliv.running.app;
    await postgres.transaction({ teams: [mine.team] }, async (tx) => {
      assert.equal((await sql`update databases set name = 'taken' where team_id = ${theirs.team}`.execute(tx)).numAffectedRows, 0n);
      assert.equal((await sql`delete from databases where team_id = ${theirs.team}`.execute(tx)).numAffectedRows, 0n);
    });
    const steal = postgres.transaction({ teams: [mine.team] }, (tx) => sql`update databases set team_id = ${theirs.team}`.execute(tx));
    await assert.rejects(steal, /row-level security/);
  });

  it("lets nobody change or remove an audit event, nor pass the walls", async () => {
    const { postgres } = kliv.running.app;
    for (const statement of ["update audit_events set action = 'x'", "delete from audit_events", "alter table databases disable row level security", "set role kliv_owner"]) {
      await assert.rejects(postgres.transaction({ operator: true }, (tx) => sql.raw(statement).execute(tx)), /permission denied|must be owner/, statement);
    }
  });

  it("does not leak a reach from one transaction into the next of its connection", async () => {
    await count({ operator: true }, "databases");
    const seen = await Promise.all(Array.from({ length: 20 }, () => count({}, "databases")));
    assert.deepEqual(seen, Array.from({ length: 20 }, () => 0));
  });

  it("never lets a connection be used that did not take the application's role", async () => {
    const { ownerUrl: url } = await startEmbeddedPostgres({ home: kliv.config.home, attach: true });
    const log = silentLog;
    const seen = async (role: string): Promise<unknown> => {
      const postgres = await connectPostgres({ url, role, log });
      try {
        return await postgres.transaction({}, async (tx) => (await sql`select current_user as name, (select count(*) from databases) as databases`.execute(tx)).rows[0]);
      } finally {
        await postgres.close();
      }
    };
    assert.deepEqual(await seen("kliv_app"), { name: "kliv_app", databases: 0 });
    await assert.rejects(seen("kliv_nobody"), /role "kliv_nobody" does not exist/);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import pg from "pg";
import { readConfig } from "#src/base/config.ts";
import { startServer } from "#src/server.ts";
import { silentLog } from "#src/base/log.ts";
import type { Problem } from "#src/base/problems/problem.ts";
import { startTestServer } from "../../../tests/server.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import type { EmbeddedPostgres } from "./embedded.ts";
import { connectPostgres } from "./postgres.ts";

/** The server beside a PostgreSQL that it did not start: another real one, given by DATABASE_URL. */
describe("a PostgreSQL of the operator's", () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-given-"));
  let given: EmbeddedPostgres;
  before(async () => {
    given = await startEmbeddedPostgres({ home: folder });
  });
  after(async () => {
    await given.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is used by two servers at once, as a role that owns nothing, and knows its environment", async () => {
    const variables = { DATABASE_URL: given.ownerUrl };
    const first = await startTestServer(variables);
    try {
      const { team, token } = await first.makeTeam("given");
      const made = await first.api("POST", `/api/v1/teams/${team}/reports`, { token, body: { schema: 1, title: "Shared", language: "en", parameters: [], blocks: [] } });
      assert.equal(made.status, 201, made.bytes.toString());
      const { postgres } = first.running.app;
      const { rows } = await postgres.transaction({}, (tx) => sql<{ role: string; bypass: boolean }>`select current_user as role, (select rolbypassrls or rolsuper from pg_roles where rolname = current_user) as bypass`.execute(tx));
      assert.deepEqual(rows, [{ role: "kliv_app", bypass: false }]);
      await assert.rejects(postgres.transaction({}, (tx) => sql`drop table reports`.execute(tx)), /must be owner/);
      const second = await startTestServer(variables);
      try {
        assert.equal((await second.api("GET", `/api/v1/reports/${made.json.id}`, { token })).json.title, "Shared");
        // What one server changes, the other's memory does not keep.
        const published = await first.api("POST", `/api/v1/reports/${made.json.id}/publication`, { token, body: { visibility: "public" } });
        assert.equal((await second.api("GET", `/r/${published.json.slug}`)).status, 200);
      } finally {
        await second.stop();
      }
      const other = mkdtempSync(join(folder, "home-"));
      await assert.rejects(startServer(readConfig({ home: other, port: "1" }, variables)), { code: "AUDIT_KEY_OTHER" });
      await assert.rejects(startTestServer({ ...variables, KLIV_ENVIRONMENT: "production" }), { code: "ENVIRONMENT_MISMATCH" });
    } finally {
      await first.stop();
    }
  });

  /** Runs statements as the owner of the given PostgreSQL. */
  async function asOwner(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: given.ownerUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  it("whose user may not become the application's role is told which grant is missing", async () => {
    await asOwner("create role somebody nologin");
    await assert.rejects(connectPostgres({ url: given.appUrl, role: "somebody", log: silentLog }), (error: Problem) => {
      assert.deepEqual([error.code, error.options.values], ["POSTGRES_ROLE_UNUSABLE", { role: "somebody", user: "kliv_app" }]);
      return true;
    });
  });

  it("with a migration of a newer version is left alone", async () => {
    await asOwner("insert into migrations (name) values ('9999-from-the-future.sql')");
    try {
      await assert.rejects(startTestServer({ DATABASE_URL: given.ownerUrl }), { code: "SCHEMA_NEWER" });
    } finally {
      await asOwner("delete from migrations where name = '9999-from-the-future.sql'");
    }
  });

  it("that cannot be reached is a clear refusal", async () => {
    await assert.rejects(startTestServer({ DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/kliv" }), { code: "POSTGRES_UNAVAILABLE" });
  });
});

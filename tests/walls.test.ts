/* The wall behind the question of permission: with that question answered wrongly, PostgreSQL alone still gives nothing of another team's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { createIdempotency } from "#src/http/idempotency.ts";
import { createRates } from "#src/http/rates.ts";
import type { Route } from "#src/http/routes.ts";
import { createServer } from "#src/http/server.ts";
import { onePixel } from "./png.ts";
import { callServer, freePort, startTestServer } from "./server.ts";
import type { Answered, TestServer } from "./server.ts";

const canary = "canary-74f0";
const csv = Buffer.from(`city,people\n${canary},14\n`);

describe("row-level security alone", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let stranger: typeof mine;
  let port: number;
  let server: Awaited<ReturnType<typeof createServer>>;
  const ids = new Map<string, string>();
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam(canary);
    stranger = await kliv.makeTeam("stranger");
    const { app, log } = kliv.running;
    port = await freePort();
    const config = { ...kliv.config, port, origin: `https://localhost:${port}` };
    const certificate = { cert: readFileSync(join(kliv.config.home, "tls/cert.pem")), key: readFileSync(join(kliv.config.home, "tls/key.pem")) };
    // Each question is answered as if the thing were the asker's own: whatever they name, they may.
    const lie = (kind: string) => (id: string) => ({ kind, id, team: stranger.team });
    const resolvers = Object.fromEntries(Object.keys(app.resolvers).map((kind) => [kind, lie(kind)]));
    const idempotency = createIdempotency({ postgres: app.postgres, clock: kliv.clock });
    server = await createServer({ ...app, rates: createRates(kliv.clock), resolvers, config, certificate, log, idempotency, fallback: () => null });
    await server.listen({ port, host: "localhost" });
    const make = async (kind: string, path: string, body: unknown, field = "id"): Promise<void> => {
      const made = await kliv.api("POST", path, { token: mine.token, body, headers: { "x-filename": "cities.csv", ...(field === "job" ? { prefer: "respond-async" } : {}) } });
      assert.ok(made.status < 300, made.bytes.toString());
      ids.set(kind, made.json[field]);
    };
    ids.set("team", mine.team);
    await make("database", `/api/v1/teams/${mine.team}/databases?name=${canary}`, csv);
    await make("query", `/api/v1/teams/${mine.team}/queries`, { name: canary, database: ids.get("database"), sql: `select '${canary}'` });
    await make("attachment", `/api/v1/teams/${mine.team}/attachments`, onePixel);
    await make("report", `/api/v1/teams/${mine.team}/reports`, { schema: 1, title: canary, language: "en", parameters: [], blocks: [] });
    await make("job", `/api/v1/teams/${mine.team}/databases?name=${canary}`, csv, "job");
    await kliv.api("GET", `/api/v1/jobs/${ids.get("job")}`, { token: mine.token, headers: { accept: "text/event-stream" } });
    await make("preview", `/api/v1/teams/${mine.team}/previews`, csv);
    await make("group", `/api/v1/teams/${mine.team}/groups`, { name: canary });
  });
  after(async () => {
    await server.close();
    await kliv.stop();
  });

  /** Bodies that a handler takes, so that it goes as far as it can. */
  const bodies: Record<string, unknown> = {
    "POST /api/v1/databases/:id/query": { sql: "select * from cities" }, "POST /api/v1/databases/:id/query/export": { sql: "select * from cities", format: "csv" }, "PATCH /api/v1/databases/:id": { name: "taken" }, "PATCH /api/v1/teams/:team": { name: "taken" },
    "PUT /api/v1/reports/:id": { schema: 1, title: "taken", language: "en", parameters: [], blocks: [] }, "POST /api/v1/reports/:id/publication": { visibility: "public" },
    "PUT /api/v1/databases/:id/retention": { versions: 1, days: null }, "PATCH /api/v1/databases/:id/versions/:version": { label: "planted" },
    "POST /api/v1/teams/:team/groups": { name: "planted" }, "POST /api/v1/teams/:team/services": { name: "planted", role: "admin" },
    "POST /api/v1/teams/:team/invitations": { email: "planted@example.com", role: "admin" },
    "POST /api/v1/teams/:team/reports": { schema: 1, title: "planted", language: "en", parameters: [], blocks: [] },
    "PUT /api/v1/databases/:id/source": { kind: "url", url: "https://example.com/taken.csv", every: "day" },
    "PATCH /api/v1/previews/:id": { choices: { header: false } }, "POST /api/v1/previews/:id/import": { name: "taken" },
    "PUT /api/v1/databases/:id/sharing": { restricted: true, shares: [] }, "PUT /api/v1/reports/:id/sharing": { restricted: true, shares: [] },
  };

  const call = (route: Route): Promise<Answered> => {
    const { of, param } = route.access as { of: string; param: string };
    const path = route.url.replace(/:(\w+)/g, (_, name: string) => (name === param ? (ids.get(of) ?? "1") : name === "user" ? mine.user : name === "group" ? (ids.get("group") ?? "1") : "1"));
    const body = route.method === "GET" || route.method === "DELETE" ? undefined : route.body === "stream" ? Buffer.from("a,b\n1,2\n") : (bodies[`${route.method} ${route.url}`] ?? {});
    return callServer({ port, ca: kliv.ca, method: route.method, path, token: stranger.token, body, headers: { "x-filename": "planted.csv" } });
  };

  /** All that the team has, but for what is only ever added: its log. */
  const snapshot = (): Promise<unknown> =>
    kliv.running.app.postgres.transaction({ operator: true }, async (tx) => {
      const tables = ["databases", "versions", "queries", "reports", "report_versions", "publications", "members", "groups", "group_members", "attachments", "descriptions", "query_runs", "invitations", "service_accounts", "shares", "public_databases", "tokens", "previews", "sources", "columnar_copies", "object_checks", "removed_versions"];
      const found = await Promise.all(tables.map(async (table) => {
        // When a token was last used is no change.
        const { rows } = await sql<{ row: string }>`select (to_jsonb(t) - 'last_used_at')::text as row from ${sql.table(table)} t where team_id = ${mine.team} order by 1`.execute(tx);
        return [table, rows.map(({ row }) => row)];
      }));
      const { rows } = await sql<{ name: string }>`select name from teams where id = ${mine.team}`.execute(tx);
      return { found, rows };
    });

  it("no route gives or changes anything of another team's, though each admits", async () => {
    const before = await snapshot();
    const routes = kliv.running.app.routes.filter((route) => "of" in route.access && !route.isPage);
    assert.ok(routes.length > 60, `${routes.length} routes`);
    let reached = 0;
    for (const route of routes) {
      const { status, bytes, json } = await call(route);
      const label = `${route.method} ${route.url}: ${status} ${bytes.toString().slice(0, 200)}`;
      assert.ok(!bytes.includes(canary), label);
      // The question of permission was answered with yes: what refuses is the wall, or the body.
      assert.ok(!["FORBIDDEN", "SIGNIN_NEEDED"].includes(json?.code), label);
      if (json?.code !== "REQUEST_INVALID") reached += 1;
      if (status < 300 && json?.items) assert.deepEqual(json.items, [], label);
    }
    assert.ok(reached > 40, `${reached} handlers were reached`);
    assert.deepEqual(await snapshot(), before);
  });

  it("the same calls are answered to the team itself, so it is the wall that refuses", async () => {
    const found = await callServer({ port: kliv.config.port, ca: kliv.ca, method: "GET", path: `/api/v1/teams/${mine.team}/databases`, token: mine.token });
    assert.ok(found.bytes.includes(canary));
  });

  it("the application's role owns nothing, passes no wall, and reads only what it is granted", async () => {
    const { postgres } = kliv.running.app;
    const asked = <T>(text: string): Promise<T[]> => postgres.transaction({}, async (tx) => (await sql.raw<T>(text).execute(tx)).rows);
    const [role] = await asked<Record<string, unknown>>("select current_user as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user");
    assert.deepEqual(role, { name: "kliv_app", rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false });
    assert.deepEqual(await asked("select tablename from pg_tables where tableowner = current_user"), []);
    // What holds a team's things, has the wall; what has none, is named here with why.
    const open = await asked<{ name: string }>(`select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'team_id'
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity order by 1`);
    assert.deepEqual(open, []);
    for (const statement of ["select * from migrations", "create table mine (a int)", "copy users to program 'true'", "set role kliv_owner"]) {
      await assert.rejects(asked(statement), /permission denied/, statement);
    }
  });
});

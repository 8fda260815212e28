/* Databases that are open to everyone: who may open one, what strangers see and ask, and how soon it is gone. */
import assert from "node:assert/strict";
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, CallOptions, TestServer } from "../../../tests/server.ts";
import { publicLimits } from "./schema.ts";

describe("public databases", { timeout: 90_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let viewer: string;
  let editor: string;
  const own = (method: string, path: string, options: CallOptions = {}): Promise<Answered> => kliv.api(method, path, { ...(options.token === undefined ? { token: mine.token } : {}), ...options });
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answered> => kliv.api("GET", path, { headers });
  const upload = async (name: string, csv = "name,people\n札幌,1973395\n<b>那覇</b>,317625\n"): Promise<string> =>
    (await own("POST", `/api/v1/teams/${mine.team}/databases?name=${encodeURIComponent(name)}`, { body: Buffer.from(csv), headers: { "x-filename": encodeURIComponent("都市.csv") } })).json.id;
  const publish = async (id: string): Promise<string> => {
    const answered = await own("POST", `/api/v1/databases/${id}/publication`);
    assert.equal(answered.status, 200, answered.bytes.toString());
    return answered.json.publication.slug;
  };
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("open");
    const tokenOf = async (role: "viewer" | "editor"): Promise<string> => {
      const { user, email } = await kliv.makeTeam(role);
      await kliv.running.app.rooms.teams.addMember({ team: mine.team, email, role, by: operator, mayMakeOwners: false });
      return await kliv.makeToken({ user, team: mine.team, scope: "all" });
    };
    viewer = await tokenOf("viewer");
    editor = await tokenOf("editor");
  });
  after(() => kliv.stop());

  it("are opened by those who edit, under an address of their own, and by nobody else", async () => {
    const id = await upload("Städte & 都市");
    assert.deepEqual((await own("GET", `/api/v1/databases/${id}/publication`)).json, { publication: null, hindrance: null });
    assert.equal((await own("POST", `/api/v1/databases/${id}/publication`, { token: viewer })).status, 403);
    assert.equal((await own("POST", `/api/v1/databases/${id}/publication`, { token: (await kliv.makeTeam("stranger")).token })).status, 404);
    const { publication } = (await own("POST", `/api/v1/databases/${id}/publication`, { token: editor })).json;
    assert.match(publication.slug, /^stadte-[0-9a-z]{8}$/);
    assert.equal(publication.url, `${kliv.config.origin}/d/${publication.slug}`);
    assert.equal(await publish(id), publication.slug, "again is no change");
    assert.deepEqual((await own("GET", `/api/v1/databases/${id}/publication`, { token: viewer })).json.publication, publication);
    assert.equal((await own("DELETE", `/api/v1/databases/${id}/publication`, { token: viewer })).status, 403);
    assert.equal((await own("DELETE", `/api/v1/databases/${id}/publication`, { token: editor })).status, 204);
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql<{ action: string }>`select action from audit_events where resource_id = ${id} and action in ('database:publish', 'database:withdraw') order by id`.execute(tx));
    assert.deepEqual(rows.map(({ action }) => action), ["database:publish", "database:withdraw"]);
  });

  it("show everyone their tables, rows, download and answers", async () => {
    const id = await upload("seen");
    const slug = await publish(id);
    const described = (await get(`/api/v1/public/databases/${slug}`)).json;
    assert.deepEqual([described.name, described.tables], ["seen", [{ name: "都市", rows: 2, columns: [{ name: "name", type: "TEXT" }, { name: "people", type: "INTEGER" }] }]]);
    assert.ok(!JSON.stringify(described).includes(mine.team) && !JSON.stringify(described).includes(id), "neither team nor id");
    const answered = await kliv.api("POST", `/api/v1/public/databases/${slug}/query`, { body: { sql: "select people from 都市 where name = :n", parameters: { n: "札幌" } } });
    assert.deepEqual(answered.json.rows, [[1973395]]);
    const file = await get(`/api/v1/public/databases/${slug}/download`);
    assert.deepEqual([file.status, file.bytes.subarray(0, 15).toString()], [200, "SQLite format 3"]);
    assert.equal((await get(`/api/v1/public/databases/${slug}/download`, { range: "bytes=0-9" })).status, 206);
    assert.match((await get(`/api/v1/public/databases/${slug}/tables/${encodeURIComponent("都市")}/export?format=csv`)).bytes.toString(), /^name,people\r\n札幌,1973395\r\n/);
    assert.equal((await get(`/api/v1/public/databases/${slug}/tables/x/export?format=csv`)).json.code, "TABLE_NOT_FOUND");
    assert.equal((await get(`/api/v1/public/databases/${slug}/tables/x/export?format=parquet`)).status, 400);
    const told: string[] = [];
    kliv.running.app.rooms.queries.onAsked((asked) => void told.push(asked.sql));
    await kliv.api("POST", `/api/v1/public/databases/${slug}/query`, { body: { sql: "select 'a stranger''s'" } });
    await own("POST", `/api/v1/databases/${id}/query`, { body: { sql: "select 'our own'" } });
    assert.deepEqual(told, ["select 'our own'"], "strangers' questions advise nobody");
    const { items } = (await get("/api/v1/public/databases?q=SEEN")).json;
    assert.deepEqual(items.map((item: { slug: string; rows: number }) => [item.slug, item.rows]), [[slug, 2]]);
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql<{ action: string; actor_kind: string }>`select action, actor_kind from audit_events where resource_id = ${id} and actor_kind = 'anonymous' order by id`.execute(tx));
    assert.deepEqual(rows.map(({ action }) => action), ["database:download", "database:download", "database:export"]);
  });

  it("only read, within smaller limits, and in nobody's place", async () => {
    const slug = await publish(await upload("asked"));
    const ask = (body: object): Promise<Answered> => kliv.api("POST", `/api/v1/public/databases/${slug}/query`, { body });
    for (const [sql_, code] of [["delete from 都市", "QUERY_NOT_READING"], ["select whom", "QUERY_INVALID"], ["attach 'x' as y", "QUERY_NOT_READING"], ["select * from pragma_database_list", "QUERY_DENIED"]] as const) assert.equal((await ask({ sql: sql_ })).json.code, code, sql_);
    assert.equal((await ask({ sql: "select 1", version: "ver_x" })).status, 400, "the current version is the public one");
    const many = (await ask({ sql: "with recursive c (x) as (select 1 union all select x + 1 from c limit 5000) select x from c", rowsMax: 4000 })).json;
    assert.deepEqual([many.rows.length, many.truncated], [publicLimits.queryRowsMax, true]);
    const wide = (await ask({ sql: "with recursive c (x) as (select 1 union all select x + 1 from c limit 900) select hex(zeroblob(50000)) from c" })).json;
    assert.ok(wide.truncated && JSON.stringify(wide).length < publicLimits.queryBytesMax * 1.2);
    assert.equal((await ask({ sql: "with recursive c (x) as (select 1 union all select x + 1 from c) select count(*) from c" })).json.code, "QUERY_TIMEOUT");
  });

  it("are asked so often from one address, and then not for a while", async () => {
    const slug = await publish(await upload("often"));
    const { rates } = kliv.running.app;
    assert.equal((await get(`/d/${slug}?sql=select+1`)).status, 200);
    // The same count as a request's; the last ones are asked for.
    for (let count = 0; ; count++) {
      try {
        rates.hold({ route: "public queries", address: "127.0.0.1", perHourMax: publicLimits.queriesPerHourMax });
        assert.ok(count < publicLimits.queriesPerHourMax);
      } catch {
        break;
      }
    }
    const last = await get(`/d/${slug}?sql=select+1`);
    assert.deepEqual([last.status, last.headers["content-type"]], [429, "text/html; charset=utf-8"]);
    assert.ok(Number(last.headers["retry-after"]) > 0);
    assert.equal((await kliv.api("POST", `/api/v1/public/databases/${slug}/query`, { body: { sql: "select 1" } })).json.code, "RATE_LIMITED", "one count for page and API");
    assert.equal((await get(`/d/${slug}`)).status, 200, "looking goes on");
    kliv.clock.move(3_600_000);
    assert.equal((await get(`/d/${slug}?sql=select+1`)).status, 200);
  });

  it("have a page that is complete without scripts, in both languages, with nothing of theirs as markup", async () => {
    const id = await upload("a <i>name</i>", 'name,"<script>alert(1)</script>"\n<img src=x onerror=alert(1)>,2\n');
    await own("PATCH", `/api/v1/databases/${id}`, { body: { description: 'About "<u>it</u>"' } });
    const slug = await publish(id);
    const page = await get(`/d/${slug}?lang=en`);
    const html = page.bytes.toString();
    assert.equal(page.status, 200);
    for (const part of ["a &lt;i&gt;name&lt;/i&gt;", "&lt;img src=x onerror=alert(1)&gt;", "Ask in SQL", `<link rel="canonical" href="${kliv.config.origin}/d/${slug}">`, 'property="og:title"', "<textarea"]) assert.ok(html.includes(part), part);
    for (const bad of ["<script>alert", "<img src=x", "<u>", "<i>name"]) assert.ok(!html.includes(bad), bad);
    assert.match((await get(`/d/${slug}?lang=ja`)).bytes.toString(), /SQLで質問する/);
    const asked = await get(`/d/${slug}?lang=en&sql=${encodeURIComponent("select 'x' || 1 as y, 2.5 as z, null as n, x'00ff' as b")}`);
    for (const part of ["<td>x1</td>", '<td class="n">2.5</td>', '<span class="quiet">null</span>', "2 bytes", "noindex"]) assert.ok(asked.bytes.toString().includes(part), part);
    const wrong = await get(`/d/${slug}?lang=en&sql=${encodeURIComponent("select\n whom")}`);
    assert.equal(wrong.status, 400);
    assert.match(wrong.bytes.toString(), /no such column: whom.*Line 2, column 2/s);
    assert.match((await get("/d?lang=ja")).bytes.toString(), new RegExp(`/d/${slug}`));
    assert.equal((await get("/d/nothing-here")).status, 404);
  });

  it("cannot be opened while rules hide rows or they are restricted, and are closed while that is so", async () => {
    const id = await upload("held");
    const rules = (list: unknown[]): Promise<Answered> => own("PUT", `/api/v1/databases/${id}/rules`, { body: { rules: list } });
    const sharing = (restricted: boolean): Promise<Answered> => own("PUT", `/api/v1/databases/${id}/sharing`, { body: { restricted, shares: [] } });
    const everyone = [{ table: "都市", subject: { kind: "everyone" }, condition: "people < 1" }];
    await rules(everyone);
    assert.deepEqual([(await own("POST", `/api/v1/databases/${id}/publication`)).json.code, (await own("GET", `/api/v1/databases/${id}/publication`)).json.hindrance], ["PUBLIC_ROWS_HIDDEN", "rules"]);
    await rules([]);
    await sharing(true);
    assert.deepEqual([(await own("POST", `/api/v1/databases/${id}/publication`)).json.code, (await own("GET", `/api/v1/databases/${id}/publication`)).json.hindrance], ["PUBLIC_RESTRICTED", "restricted"]);
    await sharing(false);
    const slug = await publish(id);
    const statuses = async (): Promise<number[]> => [
      (await get(`/d/${slug}`)).status, (await get(`/api/v1/public/databases/${slug}`)).status, (await get(`/api/v1/public/databases/${slug}/download`)).status,
      (await kliv.api("POST", `/api/v1/public/databases/${slug}/query`, { body: { sql: "select 1" } })).status, (await get(`/api/v1/public/databases/${slug}/tables/x/export?format=csv`)).status,
      (await get("/api/v1/public/databases?q=held")).json.items.length,
    ];
    assert.deepEqual(await statuses(), [200, 200, 200, 200, 404, 1]);
    const gone = [404, 404, 404, 404, 404, 0];
    await rules(everyone);
    assert.deepEqual(await statuses(), gone);
    const { publication, hindrance } = (await own("GET", `/api/v1/databases/${id}/publication`)).json;
    assert.deepEqual([publication.slug, hindrance], [slug, "rules"]);
    await rules([]);
    await sharing(true);
    assert.deepEqual(await statuses(), gone);
    await sharing(false);
    assert.deepEqual((await statuses())[0], 200);
    await own("DELETE", `/api/v1/databases/${id}/publication`);
    assert.deepEqual(await statuses(), gone);
  });

  it("end a download that is under way when they are withdrawn or deleted", async () => {
    const large = Array.from({ length: 160_000 }, (_, i) => `${i},${"x".repeat(100)}${(i * 7_919) % 100_003}`).join("\n");
    for (const end of ["withdraw", "delete"] as const) {
      const id = await upload(`flow ${end}`, `a,b\n${large}\n`);
      const slug = await publish(id);
      const responses = await Promise.all([`download`, `tables/${encodeURIComponent("都市")}/export?format=csv`].map((path) => open(`/api/v1/public/databases/${slug}/${path}`)));
      const broken = responses.map((response) => new Promise<boolean>((resolve) => response.on("close", () => resolve(!response.complete))));
      if (end === "withdraw") await own("DELETE", `/api/v1/databases/${id}/publication`);
      else await own("DELETE", `/api/v1/databases/${id}`);
      // The look at whether it is still open was begun by the change; what is asked after it is answered after it.
      assert.equal((await get(`/d/${slug}`)).status, 404);
      responses.forEach((response) => response.resume());
      assert.deepEqual(await Promise.all(broken), [true, true], end);
    }
  });

  const open = async (path: string): Promise<IncomingMessage> => {
    const sent = request({ host: "localhost", servername: "localhost", port: kliv.config.port, ca: kliv.ca, path, agent: false });
    sent.end();
    const response = await new Promise<IncomingMessage>((resolve, reject) => sent.on("response", resolve).on("error", reject));
    assert.equal(response.statusCode, 200);
    response.on("error", () => {});
    return response;
  };

  it("are known to a stranger's transaction by their address alone", async () => {
    const slug = await publish(await upload("walls"));
    const counted = await kliv.running.app.postgres.transaction({ slug }, async (tx) => (await sql<{ n: number }>`select (select count(*) from public_databases) + (select count(*) from databases) + (select count(*) from versions) as n`.execute(tx)).rows[0]!.n);
    assert.equal(counted, 0);
  });
});

/* Each row of the interface that clients of others rely on, called over HTTPS as they would. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { definition, expectKeys, expectProblem, expectStatus, readAll } from "./expect.ts";
import { startTestServer } from "./server.ts";
import type { CallOptions, TestServer } from "./server.ts";

const csv = Buffer.from("city,people\n東京,14\n大阪,9\n札幌,2\n");

let kliv: TestServer;
let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
let theirs: typeof mine;
before(async () => {
  kliv = await startTestServer();
  mine = await kliv.makeTeam("mine");
  theirs = await kliv.makeTeam("theirs");
});
after(() => kliv.stop());

const api = (method: string, path: string, options: CallOptions = {}) => kliv.api(method, path, { token: mine.token, ...options });
const get = (path: string, options: CallOptions = {}) => api("GET", path, options);
const post = (path: string, body?: unknown, options: CallOptions = {}) => api("POST", path, { body, ...options });
const anonymous = { token: "" };

async function upload(name: string, options: CallOptions = {}, file = csv): Promise<any> {
  return expectStatus(await post(`/api/v1/teams/${mine.team}/databases?name=${encodeURIComponent(name)}`, file, { headers: { "content-type": "text/csv", "x-filename": "cities.csv" }, ...options }), 201);
}

describe("walls", () => {
  it("answers 404 for what is not there, in the same words as for what is another team's", async () => {
    const { id } = await upload("secret");
    const none = expectProblem(await get("/api/v1/databases/db_none"), 404, "NOT_FOUND");
    const hidden = expectProblem(await get(`/api/v1/databases/${id}`, { token: theirs.token }), 404, "NOT_FOUND");
    assert.deepEqual(hidden, none);
    expectProblem(await get("/api/v1/nothing"), 404, "NOT_FOUND");
    expectProblem(await get("/api/v1/me", anonymous), 401, "SIGNIN_NEEDED");
  });
});

describe("accounts", () => {
  const mails = () => readdirSync(join(kliv.config.home, "mail")).sort();
  // Quoted-printable breaks the link over lines.
  const linkOf = (file: string | undefined) => /password\?link=([\w-]+)/.exec(readFileSync(join(kliv.config.home, "mail", file ?? ""), "utf8").replace(/=\n/g, "").replaceAll("=3D", "="))?.[1] ?? "";

  it("mails a link that makes a password once, and the password opens a session", async () => {
    const email = "new@example.com";
    const password = "correct horse battery staple";
    const first = await post("/api/v1/password-links", { email }, anonymous);
    const [file] = mails().slice(-1);
    const again = await post("/api/v1/password-links", { email: mine.email }, anonymous);
    assert.deepEqual([first.status, again.status, again.bytes.toString()], [202, 202, first.bytes.toString()], "known or not, the answer is the same");
    const link = linkOf(file);
    expectProblem(await post("/api/v1/passwords", { link, password: "password" }, anonymous), 422, "PASSWORD_REFUSED");
    expectStatus(await post("/api/v1/passwords", { link, password }, anonymous), 204);
    expectProblem(await post("/api/v1/passwords", { link, password }, anonymous), 400, "LINK_INVALID");
    expectProblem(await post("/api/v1/passwords", { link: "unknown", password }, anonymous), 400, "LINK_INVALID");

    expectProblem(await post("/api/v1/sessions", { email, password: "wrong horse" }, anonymous), 401, "SIGNIN_FAILED");
    const session = await post("/api/v1/sessions", { email, password }, anonymous);
    expectStatus(session, 201);
    const cookie = String(session.headers["set-cookie"]);
    assert.match(cookie, /^__Host-[^;]+;.*Secure.*HttpOnly.*SameSite/);
    const me = expectStatus(await get("/api/v1/me", { token: "", cookie: cookie.split(";")[0] ?? "" }), 200);
    assert.equal(me.user.email, email);
    expectKeys(me, ["user", "teams", "scopes"]);
  });

  it("locks an account after failures, and says for how long", async () => {
    const body = { email: "locked@example.com", password: "wrong" };
    let answered = await post("/api/v1/sessions", body, anonymous);
    for (let tries = 0; answered.status === 401 && tries < 50; tries++) answered = await post("/api/v1/sessions", body, anonymous);
    expectProblem(answered, 429, "SIGNIN_LOCKED");
    assert.match(String(answered.headers["retry-after"]), /^[1-9]\d*$/);
  });

  it("tells who a token speaks for", async () => {
    const me = expectStatus(await get("/api/v1/me"), 200);
    assert.deepEqual([me.user.email, me.teams.map((team: { id: string }) => team.id)], [mine.email, [mine.team]]);
  });
});

describe("databases", () => {
  const described = ["id", "name", "version", "tables", "sizeBytes", "sha256"];

  it("takes a file as the body or as a form's part, and describes what it found", async () => {
    const made = await upload("Cities");
    expectKeys(made, described);
    assert.equal(made.name, "Cities");
    assert.deepEqual(made.tables, [{ name: "cities", rows: 3, columns: [{ name: "city", type: "TEXT" }, { name: "people", type: "INTEGER" }] }]);
    assert.match(made.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(expectStatus(await get(`/api/v1/databases/${made.id}`), 200), made);

    const boundary = "a-boundary";
    const form = Buffer.concat([Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="form.csv"\r\ncontent-type: text/csv\r\n\r\n`), csv, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    const sent = await upload("Form", { headers: { "content-type": `multipart/form-data; boundary=${boundary}` } }, form);
    assert.deepEqual(sent.tables[0].rows, 3);
  });

  it("says where a file is wrong", async () => {
    const bad = await post(`/api/v1/teams/${mine.team}/databases?name=bad`, Buffer.from('a,b\n1,2\n"open,3\n'), { headers: { "x-filename": "bad.csv" } });
    assert.ok(bad.status >= 400 && bad.status < 500);
    expectProblem(bad, bad.status, bad.json.code);
    assert.deepEqual([bad.json.file, typeof bad.json.line], ["bad.csv", "number"]);
  });

  it("goes on in the background with Prefer: respond-async, and tells of it as JSON and as events", async () => {
    const answered = await post(`/api/v1/teams/${mine.team}/databases?name=Later`, csv, { headers: { prefer: "respond-async", "x-filename": "later.csv" } });
    const { job } = expectStatus(answered, 202);
    const events = await get(`/api/v1/jobs/${job}`, { headers: { accept: "text/event-stream" } });
    assert.match(String(events.headers["content-type"]), /^text\/event-stream/);
    const last = JSON.parse(events.bytes.toString().trim().split("\n\n").at(-1)?.replace(/^data: /, "") ?? "");
    const shown = expectStatus(await get(`/api/v1/jobs/${job}`), 200);
    assert.deepEqual(last, shown);
    expectKeys(shown, ["state", "progress", "result", "error"]);
    assert.deepEqual([shown.state, shown.error, Object.keys(shown.progress).sort()], ["done", null, ["done", "total", "unit"]]);
    assert.equal((await get(`/api/v1/databases/${shown.result.id}`)).json.name, "Later");
    expectProblem(await get(`/api/v1/jobs/${job}`, { token: theirs.token }), 404, "NOT_FOUND");
  });

  it("makes a version of new contents and of added rows, and still has the old one", async () => {
    const made = await upload("Versions");
    const path = `/api/v1/databases/${made.id}`;
    const replaced = expectStatus(await api("PUT", `${path}/contents`, { body: Buffer.from("city,people\n那覇,1\n"), headers: { "x-filename": "cities.csv" } }), 200);
    assert.notEqual(replaced.version, made.version);
    expectStatus(await post(`${path}/tables/cities/rows`, [{ city: "福岡", people: 2 }]), 200);
    expectStatus(await post(`${path}/tables/cities/rows`, Buffer.from('{"city":"仙台","people":1}\n{"city":"津","people":null}\n'), { headers: { "content-type": "application/x-ndjson" } }), 200);
    const count = async (version?: string) => expectStatus(await post(`${path}/query`, { sql: "select count(*) from cities", ...(version ? { version } : {}) }), 200).rows[0][0];
    assert.deepEqual([await count(), await count(replaced.version), await count(made.version)], [4, 1, 3]);
    const versions = await readAll(get, `${path}/versions`);
    assert.deepEqual([versions.length, versions.at(-1).id, versions.at(-2).id], [4, made.version, replaced.version], "newest first");
  });

  it("gives the SQLite file, whole or in part, under its SHA-256", async () => {
    const { id, sha256, sizeBytes } = await upload("Download");
    const path = `/api/v1/databases/${id}/download`;
    const whole = await get(path);
    expectStatus(whole, 200);
    assert.equal(String(whole.headers.etag).replaceAll('"', ""), sha256);
    assert.deepEqual([createHash("sha256").update(whole.bytes).digest("hex"), whole.bytes.length], [sha256, sizeBytes]);
    const part = await get(path, { headers: { range: "bytes=0-15" } });
    assert.deepEqual([expectStatus(part, 206), part.bytes.toString()], [undefined, "SQLite format 3\0"]);
    assert.equal(part.headers["content-range"], `bytes 0-15/${sizeBytes}`);
    assert.equal((await get(path, { headers: { range: `bytes=${sizeBytes}-` } })).status, 416);
    assert.equal((await get(path, { headers: { "if-none-match": `"${sha256}"` } })).status, 304);
    assert.equal((await get(`${path}?version=ver_none`)).status, 404);
  });

  it("is gone after DELETE", async () => {
    const { id } = await upload("Gone");
    expectStatus(await api("DELETE", `/api/v1/databases/${id}`), 204);
    expectProblem(await get(`/api/v1/databases/${id}`), 404, "NOT_FOUND");
    expectProblem(await get(`/api/v1/databases/${id}/download`), 404, "NOT_FOUND");
  });

  it("lists by limit and cursor, each once, newest first", async () => {
    const team = `/api/v1/teams/${mine.team}/databases`;
    const all = await readAll(get, team);
    const whole = expectStatus(await get(`${team}?limit=200`), 200);
    assert.ok(all.length > 4);
    assert.deepEqual(all.map((one) => one.id), whole.items.map((one: { id: string }) => one.id));
    assert.deepEqual(all.map((one) => one.id), all.map((one) => one.id).sort().reverse());
  });
});

describe("queries", () => {
  let path = "";
  before(async () => {
    path = `/api/v1/databases/${(await upload("Query")).id}/query`;
  });

  it("answers columns, rows and what it took", async () => {
    const answered = expectStatus(await post(path, { sql: "select city, people from cities where people > :least order by people", parameters: { least: 5 } }), 200);
    expectKeys(answered, ["columns", "rows", "rowCount", "truncated", "elapsedMs", "version"]);
    assert.deepEqual(answered.columns.map((one: { name: string }) => one.name), ["city", "people"]);
    assert.deepEqual([answered.rows, answered.rowCount, answered.truncated], [[["大阪", 9], ["東京", 14]], 2, false]);
  });

  it("keeps large integers as text, blobs as base64, and columns of the same name apart", async () => {
    const { rows } = expectStatus(await post(path, { sql: "select 9007199254740993, x'00ff', 1 as a, 2 as a, null, 9007199254740991" }), 200);
    assert.deepEqual(rows, [["9007199254740993", { base64: "AP8=" }, 1, 2, null, 9007199254740991]]);
  });

  it("cuts at rowsMax and says so", async () => {
    const { rows, truncated } = expectStatus(await post(path, { sql: "select * from cities", rowsMax: 2 }), 200);
    assert.deepEqual([rows.length, truncated], [2, true]);
  });

  it("says where SQL is wrong, refuses what writes, and knows its engines", async () => {
    const wrong = await post(path, { sql: "select *\nfrom nowhere" });
    expectProblem(wrong, wrong.status, wrong.json.code);
    assert.ok(wrong.status >= 400 && wrong.status < 500);
    for (const sql of ["delete from cities", "attach 'x' as y", "pragma journal_mode = wal", "select 1; select 2"]) {
      const refused = await post(path, { sql });
      assert.ok(refused.status >= 400 && refused.status < 500, sql);
      expectProblem(refused, refused.status, refused.json.code);
    }
    assert.deepEqual((await post(path, { sql: "select 1", engine: "duckdb" })).json.rows, [[1]]);
    expectProblem(await post(path, { sql: "select 1", engine: "oracle" }), 400, "REQUEST_INVALID");
    expectProblem(await post(path, { sql: 1 }), 400, "REQUEST_INVALID");
  });
});

describe("reports", () => {
  it("keeps a definition, draws, publishes, shows and withdraws it", async () => {
    const database = (await upload("Report")).id;
    const made = await post(`/api/v1/teams/${mine.team}/reports`, definition(database));
    const { id } = expectStatus(made, 201);
    const path = `/api/v1/reports/${id}`;
    const read = expectStatus(await get(path), 200);
    const { schema, title, blocks } = definition(database);
    assert.deepEqual([read.schema, read.title, read.blocks], [schema, title, blocks]);
    assert.equal(expectStatus(await api("PUT", path, { body: definition(database, "売上と人口") }), 200).title, "売上と人口");

    const picture = await get(`${path}/screenshot.png?width=640`);
    expectStatus(picture, 200);
    assert.deepEqual([picture.bytes.readUInt32BE(0), picture.bytes.readUInt32BE(16)], [0x89504e47, 640]);

    const published = await post(`${path}/publication`, { visibility: "public" });
    assert.ok([200, 201].includes(published.status));
    expectKeys(published.json, ["url", "slug", "visibility", "version"]);
    assert.deepEqual([published.json.visibility, new URL(published.json.url).pathname], ["public", `/r/${published.json.slug}`]);
    const found = async () => expectStatus(await get(`/api/v1/gallery?q=${encodeURIComponent("売上")}`, anonymous), 200).items.map((one: { slug: string }) => one.slug);
    assert.deepEqual(await found(), [published.json.slug]);
    const page = await get(`/r/${published.json.slug}`, anonymous);
    expectStatus(page, 200);
    assert.match(page.bytes.toString(), /<svg[\s\S]*東京/);

    expectStatus(await api("DELETE", `${path}/publication`), 204);
    assert.deepEqual(await found(), []);
    assert.equal((await get(`/r/${published.json.slug}`, anonymous)).status, 404);
    expectStatus(await api("DELETE", path), 204);
    expectProblem(await get(path), 404, "NOT_FOUND");
  });

  it("shows a link's report to who has the link, and a team's to the team", async () => {
    const database = (await upload("Visible")).id;
    const { id } = expectStatus(await post(`/api/v1/teams/${mine.team}/reports`, definition(database, "Visible")), 201);
    for (const [visibility, stranger] of [["link", 200], ["team", 404]] as const) {
      const { slug } = (await post(`/api/v1/reports/${id}/publication`, { visibility })).json;
      assert.deepEqual([(await get(`/r/${slug}`, anonymous)).status, (await get(`/r/${slug}`)).status], [stranger, 200], visibility);
      assert.equal(expectStatus(await get("/api/v1/gallery?q=Visible", anonymous), 200).items.length, 0);
    }
  });

  it("is refused with the place where it is wrong", async () => {
    const broken = { ...definition("db_none"), blocks: [{ id: "a", kind: "nothing", layout: { x: 0, y: 0, w: 1, h: 1 } }] };
    const refused = await post(`/api/v1/teams/${mine.team}/reports`, broken);
    assert.ok(refused.status >= 400 && refused.status < 500);
    expectProblem(refused, refused.status, refused.json.code);
    const schema = expectStatus(await get("/api/v1/schemas/report.json", anonymous), 200);
    expectKeys(schema.properties, ["schema", "title", "blocks", "parameters"]);
  });

  it("sorts the gallery by recent and popular, and by tag", async () => {
    const database = (await upload("Tags")).id;
    const slugs: string[] = [];
    for (const title of ["Tagged one", "Tagged two"]) {
      const { id } = expectStatus(await post(`/api/v1/teams/${mine.team}/reports`, { ...definition(database, title), tags: ["harbour"] }), 201);
      slugs.push((await post(`/api/v1/reports/${id}/publication`, { visibility: "public" })).json.slug);
      kliv.clock.move(1_000);
    }
    for (const sort of ["recent", "popular"]) {
      const { items } = expectStatus(await get(`/api/v1/gallery?tag=harbour&sort=${sort}`, anonymous), 200);
      assert.deepEqual(items.map((one: { slug: string }) => one.slug).sort(), slugs.toSorted(), sort);
    }
    const recent = expectStatus(await get("/api/v1/gallery?tag=harbour&sort=recent", anonymous), 200);
    assert.equal(recent.items[0].slug, slugs[1]);
  });
});

describe("a team's whole", () => {
  it("goes out in a stable order and in again", async () => {
    const path = `/api/v1/teams/${mine.team}`;
    const first = await get(`${path}/export`);
    const out = expectStatus(first, 200);
    expectKeys(out, ["schema", "team", "users", "databases", "reports", "queries"]);
    assert.equal(out.schema, 1);
    assert.ok(out.databases.length > 3 && out.reports.length > 1);
    assert.equal((await get(`${path}/export`)).bytes.toString(), first.bytes.toString());
    const empty = await kliv.makeTeam("empty");
    expectStatus(await post(`/api/v1/teams/${empty.team}/import`, out, { token: empty.token }), 201);
    const again = expectStatus(await get(`/api/v1/teams/${empty.team}/export`, { token: empty.token }), 200);
    assert.deepEqual(again.reports, out.reports);
    assert.deepEqual(again.databases, out.databases);
  });

  it("has its history, newest first, by action, actor and time", async () => {
    const path = `/api/v1/teams/${mine.team}/audit-events`;
    const { items } = expectStatus(await get(`${path}?limit=200`), 200);
    assert.ok(items.length > 10);
    assert.deepEqual(items.map((one: { id: string }) => one.id), items.map((one: { id: string }) => one.id).sort().reverse());
    const created = expectStatus(await get(`${path}?action=database:create&actor=${mine.user}`), 200).items;
    assert.ok(created.length > 3 && created.every((one: { action: string; actor: { id: string } }) => one.action === "database:create" && one.actor.id === mine.user));
    const later = new Date(kliv.clock.now() + 60_000).toISOString();
    assert.deepEqual(expectStatus(await get(`${path}?since=${later}`), 200).items, []);
  });

  it("saves queries", async () => {
    const database = (await upload("Saved")).id;
    const saved = { name: "All", database, sql: "select * from cities" };
    const { id } = expectStatus(await post(`/api/v1/teams/${mine.team}/queries`, saved), 201);
    const read = expectStatus(await get(`/api/v1/queries/${id}`), 200);
    assert.deepEqual([read.name, read.database, read.sql], ["All", database, saved.sql]);
    expectStatus(await api("DELETE", `/api/v1/queries/${id}`), 204);
  });

  it("creates once under an Idempotency-Key", async () => {
    const headers = { "content-type": "text/csv", "x-filename": "once.csv", "idempotency-key": "a-key" };
    const first = await upload("Once", { headers });
    assert.deepEqual(await upload("Once", { headers }), first);
    const other = await post(`/api/v1/teams/${mine.team}/databases?name=Other`, csv, { headers });
    expectProblem(other, other.status, other.json.code);
    assert.ok([409, 422].includes(other.status));
  });
});

describe("an upload", () => {
  it("a client that goes away in the middle of an upload leaves nothing", async () => {
    const path = `/api/v1/teams/${mine.team}/databases?name=Cut`;
    await new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${mine.token}`, "x-filename": "cut.csv", "content-length": "1000000" };
      const sent = request({ host: "localhost", port: kliv.config.port, ca: kliv.ca, method: "POST", path, headers, agent: false });
      sent.on("error", () => resolve());
      sent.write(csv, () => sent.destroy());
      sent.on("close", () => resolve());
    });
    // By when a whole upload is there, the cut one would be.
    await upload("Whole");
    const { items } = expectStatus(await get(`/api/v1/teams/${mine.team}/databases?limit=200`), 200);
    assert.ok(!items.some((one: { name: string }) => one.name === "Cut"));
  });
});

it("a downloaded file opens in plain SQLite", async () => {
  const { id } = await upload("Plain");
  const { bytes } = await get(`/api/v1/databases/${id}/download`);
  const db = new DatabaseSync(":memory:");
  try {
    db.deserialize(bytes);
    assert.deepEqual({ ...db.prepare("select sum(people) as sum from cities").get() }, { sum: 25 });
  } finally {
    db.close();
  }
});

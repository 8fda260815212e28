/* What clients of different makes do with the interface: their file names, ranges, protocols, languages and pages of lists. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:http2";
import type { ClientHttp2Session } from "node:http2";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { expectProblem, expectStatus } from "./expect.ts";
import { startTestServer } from "./server.ts";
import type { CallOptions, TestServer } from "./server.ts";

const csv = Buffer.from("city,people\n東京,14\n大阪,9\n札幌,2\n");

let kliv: TestServer;
let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
before(async () => {
  kliv = await startTestServer();
  mine = await kliv.makeTeam("mine");
});
after(() => kliv.stop());

const api = (method: string, path: string, options: CallOptions = {}) => kliv.api(method, path, { token: mine.token, ...options });
const upload = async (query: string, headers: Record<string, string>, body: Buffer = csv): Promise<any> => expectStatus(await api("POST", `/api/v1/teams/${mine.team}/databases${query}`, { body, headers }), 201);

describe("the name of a file", () => {
  const name = "都市 (2026).csv";
  const utf8 = Buffer.from(name).toString("latin1");
  const encoded = encodeURIComponent(name);

  it("is understood however a client writes it", async () => {
    const ways: Record<string, string> = { "UTF-8 bytes": utf8, "percent-encoded": encoded, "RFC 5987": `UTF-8''${encoded}`, "RFC 5987 with a language": `utf-8'ja'${encoded}`, quoted: `"${utf8}"` };
    for (const [way, header] of Object.entries(ways)) {
      const made = await upload("", { "x-filename": header, "content-type": "text/csv" });
      assert.deepEqual([made.name, made.source.fileName, made.tables[0].name], ["都市 (2026)", name, "都市 (2026)"], way);
    }
  });

  it("with a percent sign of its own stays as it is", async () => {
    const made = await upload("", { "x-filename": "growth 100%.csv", "content-type": "text/csv" });
    assert.equal(made.source.fileName, "growth 100%.csv");
  });

  it("is read from a form's part, plain or by RFC 5987", async () => {
    for (const disposition of [`filename="${name}"`, `filename*=UTF-8''${encoded}`]) {
      const form = Buffer.concat([
        Buffer.from(`--b\r\ncontent-disposition: form-data; name="note"\r\n\r\nbefore the file\r\n--b\r\ncontent-disposition: form-data; name="file"; ${disposition}\r\ncontent-type: text/csv\r\n\r\n`),
        csv, Buffer.from("\r\n--b--\r\n"),
      ]);
      const made = await upload("", { "content-type": "multipart/form-data; boundary=b" }, form);
      assert.deepEqual([made.source.fileName, made.tables[0].rows], [name, 3], disposition);
    }
  });

  it("is given back with the download, in letters that every client can read", async () => {
    const { id } = await upload(`?name=${encodeURIComponent("都市's")}`, { "x-filename": "c.csv" });
    const { headers } = await api("GET", `/api/v1/databases/${id}/download`);
    assert.match(String(headers["content-disposition"]), /^attachment; filename="[\w.-]+\.sqlite"; filename\*=UTF-8''%E9%83%BD%E5%B8%82%27s\.sqlite$/);
  });
});

describe("a download in parts", () => {
  let path = "";
  let whole: Buffer;
  let etag = "";
  before(async () => {
    const { id, sha256 } = await upload("?name=parts", { "x-filename": "c.csv" });
    path = `/api/v1/databases/${id}/download`;
    whole = (await api("GET", path)).bytes;
    etag = `"${sha256}"`;
    assert.equal(createHash("sha256").update(whole).digest("hex"), sha256);
  });

  it("gives the range that is asked for", async () => {
    const size = whole.length;
    for (const [range, start, end] of [["bytes=0-0", 0, 0], ["bytes=100-199", 100, 199], [`bytes=${size - 5}-`, size - 5, size - 1], ["bytes=-7", size - 7, size - 1], [`bytes=${size - 3}-${size + 90}`, size - 3, size - 1], [`bytes=-${size * 2}`, 0, size - 1]] as const) {
      const part = await api("GET", path, { headers: { range } });
      expectStatus(part, 206);
      assert.deepEqual([part.headers["content-range"], part.bytes], [`bytes ${start}-${end}/${size}`, whole.subarray(start, end + 1)], range);
    }
  });

  it("says how long the file is when the range lies outside", async () => {
    for (const range of [`bytes=${whole.length}-`, "bytes=-0"]) {
      const refused = await api("GET", path, { headers: { range } });
      expectProblem(refused, 416, "RANGE_INVALID");
      assert.equal(refused.headers["content-range"], `bytes */${whole.length}`, range);
    }
  });

  it("goes on only with the same contents", async () => {
    const ask = async (headers: Record<string, string>): Promise<number> => (await api("GET", path, { headers: { range: "bytes=10-", ...headers } })).status;
    assert.deepEqual([await ask({ "if-range": etag }), await ask({ "if-range": '"other"' }), await ask({ "if-range": `W/${etag}` })], [206, 200, 200]);
    assert.equal((await api("GET", path, { headers: { "if-none-match": `"other", W/${etag}` } })).status, 304);
  });

  it("can be put together to the whole, and asked about without its bytes", async () => {
    const parts: Buffer[] = [];
    for (let at = 0; at < whole.length; at += 3_000) parts.push((await api("GET", path, { headers: { range: `bytes=${at}-${at + 2_999}`, "if-range": etag } })).bytes);
    assert.deepEqual(Buffer.concat(parts), whole);
    const head = await api("HEAD", path);
    assert.deepEqual([head.status, head.headers.etag, head.headers["accept-ranges"], head.headers["content-length"], head.bytes.length], [200, etag, "bytes", String(whole.length), 0]);
  });
});

describe("HTTP/2", () => {
  let session: ClientHttp2Session;
  before(() => {
    session = connect(kliv.config.origin, { ca: kliv.ca, servername: "localhost" });
  });
  after(() => session.close());

  function call(headers: Record<string, string>, body?: Buffer): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const stream = session.request({ authorization: `Bearer ${mine.token}`, ...headers });
      let status = 0;
      const parts: Buffer[] = [];
      stream.on("response", (answered) => (status = Number(answered[":status"])));
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => resolve({ status, text: Buffer.concat(parts).toString() }));
      stream.on("error", reject);
      stream.end(body);
    });
  }

  it("uploads, asks many questions at once on one connection, and is refused in the same words", async () => {
    const made = await call({ ":method": "POST", ":path": `/api/v1/teams/${mine.team}/databases?name=h2`, "x-filename": "h2.csv", "content-type": "text/csv" }, csv);
    assert.equal(made.status, 201, made.text);
    const { id } = JSON.parse(made.text) as { id: string };
    const ask = (sql: string) => call({ ":method": "POST", ":path": `/api/v1/databases/${id}/query`, "content-type": "application/json" }, Buffer.from(JSON.stringify({ sql })));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(`select ${i} + sum(people) from h2`)));
    assert.deepEqual(answers.map(({ status, text }) => [status, JSON.parse(text).rows[0][0]]), Array.from({ length: 20 }, (_, i) => [200, 25 + i]));
    const missing = await call({ ":method": "GET", ":path": "/api/v1/databases/db_none" });
    assert.deepEqual([missing.status, JSON.parse(missing.text).code], [404, "NOT_FOUND"]);
  });
});

describe("problems", () => {
  it("are told in the reader's language, with the same code", async () => {
    const tell = async (language: string): Promise<any> => expectProblem(await api("GET", "/api/v1/databases/db_none", { headers: { "accept-language": language } }), 404, "NOT_FOUND");
    const [english, japanese, other] = [await tell("en-US"), await tell("ja,en;q=0.5"), await tell("fr")];
    assert.match(japanese.detail, /[ぁ-ん]/);
    assert.doesNotMatch(`${english.title}${english.detail}`, /[^\x20-\x7e’“”]/);
    assert.deepEqual(other, english);
    assert.equal(japanese.type, english.type);
  });
});

describe("lists", () => {
  /** The address, what stands for an item, and who asks, of each list that there is. */
  const lists = async (): Promise<[path: string, key: (item: any) => string, as?: CallOptions][]> => {
    const team = `/api/v1/teams/${mine.team}`;
    const id = (item: { id: string }): string => item.id;
    const database = (await upload("?name=listed", { "x-filename": "c.csv" })).id;
    for (let i = 0; i < 3; i++) {
      expectStatus(await api("POST", `/api/v1/databases/${database}/tables/c/rows`, { body: [{ city: "津", people: i }] }), 200);
      const report = expectStatus(await api("POST", `${team}/reports`, { body: { schema: 1, title: `Listed ${i}`, language: "en", parameters: [], blocks: [] } }), 201).id;
      expectStatus(await api("POST", `${team}/queries`, { body: { name: `q${i}`, database, sql: "select 1" } }), 201);
      expectStatus(await api("PUT", `/api/v1/reports/${report}`, { body: { schema: 1, title: `Listed ${i} again`, language: "en", parameters: [], blocks: [] } }), 200);
      await api("POST", `/api/v1/reports/${report}/publication`, { body: { visibility: "public" } });
      await kliv.makeToken({ user: mine.user, team: mine.team, scope: "read" });
      await kliv.makeTeam(`person${i}`);
      await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: `person${i}@example.com`, role: "viewer", by: operator, mayMakeOwners: false });
      expectStatus(await api("POST", `${team}/invitations`, { body: { email: `guest${i}@example.com`, role: "viewer" } }), 201);
      expectStatus(await api("POST", `${team}/groups`, { body: { name: `group ${i}` } }), 201);
      kliv.clock.move(1_000);
    }
    const cookie = await kliv.makeSession(mine.email);
    for (let i = 0; i < 3; i++) expectStatus(await api("POST", "/api/v1/sessions", { token: "", body: { email: mine.email, password: `of ${mine.email} for one test` } }), 201);
    return [
      [`${team}/databases`, id], [`/api/v1/databases/${database}/versions`, id], [`${team}/reports`, id], [`${team}/queries`, id], [`${team}/audit-events`, id],
      [`${team}/tokens`, id], [`${team}/groups`, id], [`${team}/invitations`, id], [`${team}/members`, (item) => item.user.id], ["/api/v1/gallery", (item) => item.slug], ["/api/v1/gallery?sort=popular", (item) => item.slug], ["/api/v1/me/sessions", id, { token: "", cookie }],
    ];
  };

  it("are walked to their end by limit and cursor: each item once, in the order of the whole", async () => {
    for (const [path, key, as] of await lists()) {
      const at = (query: string): string => `${path}${path.includes("?") ? "&" : "?"}${query}`;
      const whole = expectStatus(await api("GET", at("limit=200"), as), 200);
      assert.deepEqual([Array.isArray(whole.items), whole.nextCursor], [true, null], path);
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: any = expectStatus(await api("GET", at(`limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`), as), 200);
        assert.ok(page.items.length <= 2, `${path} gives ${page.items.length} of 2`);
        assert.ok(page.items.length > 0 || cursor === "", `${path} has an empty page`);
        seen.push(...page.items.map(key));
        cursor = page.nextCursor;
      }
      assert.ok(seen.length > 2, `${path} has ${seen.length}`);
      assert.deepEqual(seen, whole.items.map(key), path);
    }
  });
});

describe("an export", () => {
  it("is the same, byte for byte, when it comes out of the installation that it was imported into", async () => {
    const made = await upload("?name=Moved", { "x-filename": "c.csv" });
    const { id: unpublished } = expectStatus(await api("POST", `/api/v1/teams/${mine.team}/reports`, { body: { schema: 1, title: "下書き", language: "ja", parameters: [], blocks: [] } }), 201);
    assert.ok(unpublished);
    const out = await api("GET", `/api/v1/teams/${mine.team}/export`);
    expectStatus(out, 200);
    const other = await startTestServer();
    try {
      // The same person there, in a team that is still empty.
      const there = await other.makeTeam("mine");
      const path = `/api/v1/teams/${there.team}`;
      const counts = expectStatus(await other.api("POST", `${path}/import`, { token: there.token, body: out.bytes, headers: { "content-type": "application/json" } }), 201);
      assert.equal(counts.databases, out.json.databases.length);
      assert.equal((await other.api("GET", `${path}/export`, { token: there.token })).bytes.toString(), out.bytes.toString());
      // The contents follow, and change nothing of it.
      const moved = expectStatus(await other.api("GET", `${path}/databases?limit=200`, { token: there.token }), 200).items.find((one: { name: string }) => one.name === "Moved");
      expectProblem(await other.api("GET", `/api/v1/databases/${moved.id}/download`, { token: there.token }), 409, "VERSION_CONTENTS_MISSING");
      const file = (await api("GET", `/api/v1/databases/${made.id}/download`)).bytes;
      assert.equal(expectStatus(await other.api("PUT", `/api/v1/databases/${moved.id}/contents`, { token: there.token, body: file, headers: { "x-filename": "Moved.sqlite" } }), 200).sha256, made.sha256);
      assert.equal((await other.api("GET", `${path}/export`, { token: there.token })).bytes.toString(), out.bytes.toString());
    } finally {
      await other.stop();
    }
  });
});

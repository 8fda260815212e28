/* What is thrown at the API to break it: SQL without an end, clients that go away, lines without an end, names that are traps. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const csv = Buffer.from("city,people\n東京,14\n大阪,9\n札幌,2\n");
const corpora = process.env["KLIV_CORPORA"];
const naughty = corpora === undefined ? "" : join(corpora, "corpora/naughty-strings.json");

/** A server, a team and one small database in it. */
async function hosted(variables: Record<string, string>) {
  const kliv = await startTestServer(variables);
  const { team, token } = await kliv.makeTeam("hostile");
  const made = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=cities`, { token, body: csv, headers: { "content-type": "text/csv", "x-filename": "cities.csv" } });
  assert.equal(made.status, 201, made.bytes.toString());
  const path = `/api/v1/databases/${made.json.id}/query`;
  const ask = (sql: string, parameters: Record<string, unknown> = {}) => kliv.api("POST", path, { token, body: { sql, parameters } });
  return { kliv, team, token, path, ask };
}

const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
/** Each with the codes that may answer it; 200 where it may end by being cut off. */
const explosions: [sql: string, codes: RegExp][] = [
  [endless, /^QUERY_TIMEOUT$/],
  ["WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c", /^(200|QUERY_TIMEOUT|cut off)$/],
  ["WITH RECURSIVE c(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM c) SELECT max(length(x)) FROM c", /^QUERY_(TIMEOUT|MEMORY|FAILED|TOO_BIG|SQL_ERROR|VALUE_TOO_LARGE|INVALID)$/],
  ["SELECT randomblob(900000000)", /^(200|QUERY_\w+)$/],
  ["SELECT zeroblob(2e9)", /^QUERY_\w+$/],
  ["SELECT hex(zeroblob(500000000))", /^QUERY_\w+$/],
  ["SELECT replace(hex(zeroblob(10000000)), '00', printf('%.*c', 1000, 'x'))", /^QUERY_\w+$/],
  ["SELECT count(*) FROM cities a, cities b, cities c, cities d, cities e, cities f, cities g, cities h, cities i, cities j, cities k, cities l, cities m, cities n, cities o, cities p, cities q, cities r, cities s, cities t", /^QUERY_TIMEOUT$/],
  ["WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100000000) SELECT x FROM c ORDER BY random()", /^QUERY_(TIMEOUT|MEMORY|FAILED)$/],
  ["WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT group_concat(x, printf('%.*c', 10000, ',')) FROM c", /^QUERY_\w+$/],
  ["SELECT '" + "a".repeat(3_000) + "' LIKE '%" + "a%".repeat(1_000) + "b'", /^(200|QUERY_\w+)$/],
  [`SELECT ${"(".repeat(2_000)}1${")".repeat(2_000)}`, /^(200|QUERY_\w+)$/],
];

describe("SQL without an end", () => {
  let stage: Awaited<ReturnType<typeof hosted>>;
  before(async () => {
    stage = await hosted({ KLIV_QUERY_TIMEOUT_MS: "2000", KLIV_QUERY_MEMORY_BYTES_MAX: String(512 * 1024 ** 2) });
  });
  after(() => stage.kliv.stop());

  for (const [sql, codes] of explosions) {
    it(`${sql.slice(0, 70)} ends at its limit while other questions are answered`, async () => {
      // What has begun to answer when its time is over can only be cut off.
      const exploding = stage.ask(sql).catch((error: Error) => (error.message === "aborted" ? null : assert.fail(error)));
      for (let round = 0; round < 3; round++) {
        const { status, json, bytes } = await stage.ask("SELECT count(*), :round FROM cities", { round: `${round} beside ${sql.length}` });
        assert.deepEqual([status, json.rows?.[0]?.[0]], [200, 3], bytes.toString());
      }
      const exploded = await exploding;
      if (!exploded) return assert.match("cut off", codes);
      const { status, json, bytes } = exploded;
      assert.match(status === 200 ? "200" : String(json?.code), codes, bytes.toString("utf8", 0, 300));
      assert.ok(status < 500 || json.code === "QUERY_TIMEOUT", bytes.toString("utf8", 0, 300));
    });
  }
});

describe("a client that goes away", () => {
  let stage: Awaited<ReturnType<typeof hosted>>;
  before(async () => {
    stage = await hosted({ KLIV_QUERY_TIMEOUT_MS: "600000", KLIV_QUERY_WORKERS_MAX: "1" });
  });
  after(() => stage.kliv.stop());

  it("takes its question with it: the one process that answers is free for the next", { timeout: 30_000 }, async () => {
    const { kliv, path, token } = stage;
    const body = JSON.stringify({ sql: endless });
    const sent = request({ host: "localhost", servername: "localhost", port: kliv.config.port, ca: kliv.ca, method: "POST", path, agent: false, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": body.length } });
    const gone = new Promise((resolve) => sent.on("error", resolve));
    const asked = new Promise<void>((resolve) => sent.on("finish", resolve));
    sent.end(body);
    await asked;
    const { query } = kliv.running.app.pools;
    while (query.counts.idle > 0 || query.counts.workers === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = stage.ask("SELECT 1");
    while (query.counts.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    sent.destroy(new Error("went away"));
    await gone;
    assert.equal((await second).status, 200);
    assert.equal((await stage.ask("SELECT 2")).status, 200);
  });
});

describe("a line without an end", () => {
  let stage: Awaited<ReturnType<typeof hosted>>;
  before(async () => {
    stage = await hosted({});
  });
  after(() => stage.kliv.stop());

  it("of a gigabyte is refused with its place, long before all of it was read", async () => {
    const { kliv, team, token } = stage;
    const piece = Buffer.alloc(1024 ** 2, "a");
    let piecesLeft = 1_024;
    const answered = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const sent = request(
        { host: "localhost", servername: "localhost", port: kliv.config.port, ca: kliv.ca, method: "POST", path: `/api/v1/teams/${team}/databases?name=line`, agent: false, headers: { authorization: `Bearer ${token}`, "content-type": "text/csv", "x-filename": "line.csv" } },
        (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => (body += chunk.toString()));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      // The answer comes while the body still goes out; what is then cut off is no failure.
      sent.on("error", (error: NodeJS.ErrnoException) => (["EPIPE", "ECONNRESET"].includes(error.code ?? "") ? undefined : reject(error)));
      const pump = (): void => {
        while (piecesLeft > 0 && !sent.destroyed) {
          piecesLeft--;
          if (!sent.write(piece)) return void sent.once("drain", pump);
        }
        sent.end();
      };
      pump();
    });
    const problem = JSON.parse(answered.body) as { code: string; line?: number };
    assert.deepEqual([answered.status, problem.line], [422, 1], answered.body);
    assert.ok(piecesLeft > 512, `${piecesLeft} pieces were not needed`);
    assert.equal((await kliv.api("GET", `/api/v1/teams/${team}/databases`, { token })).json.items.length, 1);
  });
});

/** Each place that takes a name or a text, and what it made of it. */
function placesOf({ kliv, team, token }: Awaited<ReturnType<typeof hosted>>, database: string): { make(name: string): ReturnType<TestServer["api"]>; read(made: any): string }[] {
  return [
    { make: (name) => kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name } }), read: (made) => made.name },
    { make: (name) => kliv.api("PATCH", `/api/v1/databases/${database}`, { token, body: { name, description: name } }), read: (made) => made.name },
    { make: (name) => kliv.api("POST", `/api/v1/teams/${team}/queries`, { token, body: { name, database, sql: "SELECT 1" } }), read: (made) => made.name },
    { make: (name) => kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body: { schema: 1, title: name, description: name, language: "ja", parameters: [], blocks: [{ id: "t", kind: "text", layout: { x: 0, y: 0, w: 4, h: 2 }, markdown: name }] } }), read: (made) => made.title },
  ];
}

describe("texts that no database stores", () => {
  let stage: Awaited<ReturnType<typeof hosted>>;
  before(async () => {
    stage = await hosted({});
  });
  after(() => stage.kliv.stop());

  it("are refused in words, or cleaned, in every place that takes one", async () => {
    const { kliv, team, token } = stage;
    const database = (await kliv.api("GET", `/api/v1/teams/${team}/databases`, { token })).json.items[0].id as string;
    for (const text of ["\ud800", "a\udfffb", "\ud83d\ud83d", "\u0000", "a\u0000b"]) {
      for (const { make } of placesOf(stage, database)) {
        const { status, json, bytes } = await make(text);
        assert.ok(status < 300 || (status < 500 && json.code), `${JSON.stringify(text)}: ${bytes.toString()}`);
      }
      const asked = await stage.ask("SELECT :text", { text });
      assert.ok(asked.status < 500, asked.bytes.toString());
    }
  });
});

describe("names that are traps", { skip: existsSync(naughty) ? false : "KLIV_CORPORA with corpora/naughty-strings.json is not set" }, () => {
  let stage: Awaited<ReturnType<typeof hosted>>;
  before(async () => {
    stage = await hosted({});
  });
  after(() => stage.kliv.stop());

  it("are kept as they are or refused, in every place that takes a name, and listed again", async () => {
    const { kliv, team, token } = stage;
    const names = (JSON.parse(readFileSync(naughty, "utf8")) as string[]).filter((name) => name.length <= 200);
    assert.ok(names.length > 400, `${names.length} names`);
    const database = (await kliv.api("GET", `/api/v1/teams/${team}/databases`, { token })).json.items[0].id as string;
    const places = placesOf(stage, database);
    let kept = 0;
    for (const [at, name] of names.entries()) {
      // Each in two of the four, in turns: all of them in all would take a minute.
      for (const { make, read } of places.filter((_, place) => place % 2 === at % 2)) {
        const { status, json, bytes } = await make(name);
        assert.ok(status < 500, `${JSON.stringify(name)}: ${bytes.toString()}`);
        if (status >= 400) assert.ok(json.code, JSON.stringify(name));
        // Control characters and what turns the reading direction are taken out of names; everything else stays.
        else if (!/[\p{Cc}\p{Bidi_Control}]|\s{2}|^\s|\s$/u.test(name)) kept += read(json).normalize() === name.normalize() ? 1 : assert.fail(`${JSON.stringify(name)} became ${JSON.stringify(read(json))}`);
      }
    }
    assert.ok(kept > 500, `${kept} kept`);
    for (const list of ["queries", "reports", "databases", "audit-events"]) assert.equal((await kliv.api("GET", `/api/v1/teams/${team}/${list}?limit=100`, { token })).status, 200, list);
    const exported = await kliv.api("GET", `/api/v1/teams/${team}/export`, { token });
    assert.equal(exported.status, 200);
  });
});

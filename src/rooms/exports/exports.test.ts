/* Exports through the interface: what leaves, under which name, for whom, and what is recorded of it. */
import assert from "node:assert/strict";
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, CallOptions, TestServer } from "../../../tests/server.ts";

const endless = "with recursive c (x) as (select 1 union all select x + 1 from c) select x, hex(zeroblob(200)) from c";

describe("exports", { timeout: 60_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let viewer: string;
  let id: string;
  const call = (method: string, path: string, options: CallOptions = {}): Promise<Answered> => kliv.api(method, `/api/v1/databases/${id}${path}`, { ...(options.token === undefined ? { token: mine.token } : {}), ...options });
  const table = (query: string, options: CallOptions & { of?: string } = {}): Promise<Answered> => call("GET", `/tables/${encodeURIComponent(options.of ?? "都市")}/export?${query}`, options);
  const asked = (body: object, options: CallOptions = {}): Promise<Answered> => call("POST", "/query/export", { ...options, body });

  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("exports");
    const { user, email } = await kliv.makeTeam("viewer");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email, role: "viewer", by: operator, mayMakeOwners: false });
    viewer = await kliv.makeToken({ user, team: mine.team, scope: "read" });
    const csv = Buffer.from("name,people\n札幌,1973395\n=1+1,5\n");
    id = (await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=${encodeURIComponent("日本の都市")}`, { token: mine.token, body: csv, headers: { "x-filename": encodeURIComponent("都市.csv") } })).json.id;
  });
  after(() => kliv.stop());

  const events = async (): Promise<{ facts: unknown; actor_id: string }[]> =>
    await kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql<{ facts: unknown; actor_id: string }>`select facts, actor_id from audit_events where action = 'database:export' order by id`.execute(tx)).rows);

  it("give a table in the format that is asked for, under its own name", async () => {
    const csv = await table("format=csv");
    assert.deepEqual([csv.status, csv.bytes.toString()], [200, "name,people\r\n札幌,1973395\r\n'=1+1,5\r\n"]);
    assert.deepEqual([csv.headers["content-type"], csv.headers["content-disposition"], csv.headers["cache-control"], csv.headers["x-content-type-options"]],
      ["text/csv; charset=utf-8; header=present", `attachment; filename="data.csv"; filename*=UTF-8''${encodeURIComponent("都市")}.csv`, "no-store", "nosniff"]);
    assert.equal((await table("format=csv&bom=true&lineEnd=lf&formulas=kept")).bytes.toString(), "\ufeffname,people\n札幌,1973395\n=1+1,5\n");
    assert.equal((await table("format=tsv")).bytes.toString(), "name\tpeople\r\n札幌\t1973395\r\n'=1+1\t5\r\n");
    assert.deepEqual((await table("format=json")).json, [{ name: "札幌", people: 1973395 }, { name: "=1+1", people: 5 }]);
    assert.equal((await table("format=ndjson")).bytes.toString(), '{"name":"札幌","people":1973395}\n{"name":"=1+1","people":5}\n');
  });

  it("give the answer to a question, under the name that is asked for or the database's", async () => {
    const named = await asked({ sql: "select name from 都市 where people > :p", parameters: { p: 10 }, format: "csv", name: 'large "towns"/2026' });
    assert.deepEqual([named.status, named.bytes.toString()], [200, "name\r\n札幌\r\n"]);
    assert.equal(named.headers["content-disposition"], `attachment; filename="large__towns_2026.csv"; filename*=UTF-8''large%20_towns_2026.csv`);
    assert.match(String((await asked({ sql: "select 1", format: "json" })).headers["content-disposition"]), new RegExp(`''${encodeURIComponent("日本の都市")}\\.json$`));
  });

  it("give an Excel workbook, a SQLite file and a Parquet file", async () => {
    for (const [format, type, start] of [["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"], ["sqlite", "application/vnd.sqlite3", "SQLite format 3"], ["parquet", "application/vnd.apache.parquet", "PAR1"]] as const) {
      for (const made of [await table(`format=${format}`), await asked({ sql: "select * from 都市", format })]) {
        assert.deepEqual([made.status, made.headers["content-type"], made.bytes.subarray(0, start.length).toString()], [200, type, start], made.bytes.toString().slice(0, 300));
        if (format !== "xlsx") assert.equal(Number(made.headers["content-length"]), made.bytes.length);
      }
      assert.equal((await asked({ sql: "select whom", format })).json?.code, "QUERY_INVALID");
    }
  });

  it("give the answer to a question in DuckDB's SQL, in each format", async () => {
    const body = { sql: "select name, people::INTEGER as p, 5::HUGEINT as five, 5::DOUBLE as d, DATE '2026-01-02' as day, true as yes from 都市 where people > $p order by all", parameters: { p: 10 }, engine: "duckdb" };
    const csv = await asked({ ...body, format: "csv" });
    assert.deepEqual([csv.status, csv.bytes.toString()], [200, "name,p,five,d,day,yes\r\n札幌,1973395,5,5.0,2026-01-02,1\r\n"], csv.bytes.toString());
    assert.deepEqual((await asked({ ...body, format: "json" })).json, [{ name: "札幌", p: 1973395, five: 5, d: 5, day: "2026-01-02", yes: 1 }]);
    for (const [format, start] of [["xlsx", "PK"], ["sqlite", "SQLite format 3"], ["parquet", "PAR1"]] as const) assert.equal((await asked({ ...body, format })).bytes.subarray(0, start.length).toString(), start, format);
    assert.equal((await asked({ ...body, sql: "select whom from 都市", parameters: {}, format: "csv" })).json.code, "QUERY_INVALID");
    assert.equal((await asked({ ...body, sql: "copy 都市 to 'x'", parameters: {}, format: "csv" })).status, 400);
  });

  it("of an older version are of that version", async () => {
    const before = (await call("GET", "")).json.version;
    await call("POST", `/tables/${encodeURIComponent("都市")}/rows`, { body: [{ name: "那覇", people: 317625 }] });
    assert.equal((await table("format=ndjson")).bytes.toString().split("\n").length, 4);
    assert.equal((await table(`format=ndjson&version=${before}`)).bytes.toString().split("\n").length, 3);
    assert.equal((await table("format=csv&version=ver_no")).json.code, "VERSION_NOT_FOUND");
  });

  it("refuse what they cannot give, with words", async () => {
    for (const [answered, status, code] of [
      [await table("format=csv", { of: "towns" }), 404, "TABLE_NOT_FOUND"], [await table("format=doc"), 400, "REQUEST_INVALID"], [await table(""), 400, "REQUEST_INVALID"], [await table("format=csv&bom=yes"), 400, "REQUEST_INVALID"],
      [await asked({ sql: "select whom from 都市", format: "csv" }), 400, "QUERY_INVALID"], [await asked({ sql: "drop table 都市", format: "csv" }), 400, "QUERY_NOT_READING"], [await asked({ format: "csv" }), 400, "REQUEST_INVALID"],
    ] as const) assert.deepEqual([answered.status, answered.json?.code], [status, code], answered.bytes.toString());
    const { json } = await asked({ sql: "select name,\n whom from 都市", format: "csv" });
    assert.deepEqual([json.line, json.column], [2, 2]);
  });

  it("are for those who may download, and are events with no word of the contents", async () => {
    const before = (await events()).length;
    assert.equal((await table("format=csv", { token: viewer })).status, 200);
    const { token } = await kliv.makeTeam("stranger");
    assert.deepEqual([(await table("format=csv", { token })).status, (await asked({ sql: "select 1", format: "csv" }, { token })).status, (await table("format=csv", { token: "" })).status], [404, 404, 401]);
    assert.equal((await table("format=csv", { of: "towns" })).status, 404);
    assert.equal((await call("HEAD", `/tables/${encodeURIComponent("都市")}/export?format=csv`)).status, 200);
    const fresh = (await events()).slice(before);
    assert.equal(fresh.length, 1, "what was refused, and what was not made, leaves no event");
    const { version } = (await call("GET", "")).json;
    assert.deepEqual(fresh[0]!.facts, { version, format: "csv", of: "table" });
  });

  it("hold the rows that rules hide, in tables and in questions", async () => {
    const rules = [{ table: "都市", subject: { kind: "everyone" }, condition: "people < 400000" }];
    assert.equal((await call("PUT", "/rules", { body: { rules } })).status, 200);
    const seen = "name,people\r\n'=1+1,5\r\n那覇,317625\r\n";
    assert.deepEqual([(await table("format=csv", { token: viewer })).bytes.toString(), (await asked({ sql: "select * from 都市", format: "csv" }, { token: viewer })).bytes.toString()], [seen, seen]);
    assert.equal((await asked({ sql: "select * from main.都市", format: "csv" }, { token: viewer })).status, 400);
    assert.equal((await asked({ sql: "select * from 都市", format: "csv", engine: "duckdb" }, { token: viewer })).json.code, "ENGINE_UNAVAILABLE");
    for (const format of ["sqlite", "parquet", "xlsx"]) {
      const mine = await table(`format=${format}`, { token: viewer });
      assert.equal(mine.status, 200);
      // Packed or not, what is not read is not there: a file of all rows has another size and holds the name.
      if (format === "sqlite") assert.deepEqual([mine.bytes.includes("札幌"), mine.bytes.includes("那覇"), (await table("format=sqlite")).bytes.includes("札幌")], [false, true, true]);
    }
    assert.match((await table("format=csv")).bytes.toString(), /札幌/);
    await call("PUT", "/rules", { body: { rules: [] } });
  });

  /** An export that has begun and is not read on. */
  const open = async (): Promise<IncomingMessage> => {
    const body = JSON.stringify({ sql: endless, format: "ndjson" });
    const sent = request({ host: "localhost", servername: "localhost", port: kliv.config.port, ca: kliv.ca, method: "POST", path: `/api/v1/databases/${id}/query/export`, agent: false, headers: { authorization: `Bearer ${mine.token}`, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) } });
    sent.end(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => sent.on("response", resolve).on("error", reject));
    assert.equal(response.statusCode, 200);
    response.on("error", () => {});
    return response;
  };

  it("flow as they are read, a few of a team at once, and end when nobody reads them", async () => {
    const flowing = [await open(), await open(), await open()];
    const more = await table("format=csv");
    assert.deepEqual([more.status, more.json?.code, more.headers["retry-after"]], [429, "EXPORTS_TOO_MANY", "5"]);
    // Another team is not kept waiting, and neither are this team's questions.
    const other = await kliv.makeTeam("others");
    const made = (await kliv.api("POST", `/api/v1/teams/${other.team}/databases?name=o`, { token: other.token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "o.csv" } })).json.id;
    assert.equal((await kliv.api("GET", `/api/v1/databases/${made}/tables/o/export?format=csv`, { token: other.token })).bytes.toString(), "a,b\r\n1,2\r\n");
    assert.equal((await call("POST", "/query", { body: { sql: "select 1" } })).status, 200);
    for (const response of flowing) response.destroy();
    let again = await table("format=csv");
    while (again.status === 429) again = await table("format=csv");
    assert.equal(again.status, 200);
  });

  it("break off where the database is deleted meanwhile", async () => {
    const response = await open();
    const broken = new Promise<boolean>((resolve) => response.on("close", () => resolve(!response.complete)));
    await kliv.running.app.rooms.databases.delete({ team: mine.team, id, by: operator });
    response.resume();
    assert.equal(await broken, true);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const rows = 400_000;

function make(script: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "kliv-indexes-"));
  try {
    const db = new DatabaseSync(join(folder, "a.sqlite"));
    db.exec(script);
    db.close();
    return readFileSync(join(folder, "a.sqlite"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function open(bytes: Buffer): { database: DatabaseSync; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), "kliv-indexes-"));
  writeFileSync(join(folder, "a.sqlite"), bytes);
  const database = new DatabaseSync(join(folder, "a.sqlite"), { readOnly: true });
  return { database, close: () => { database.close(); rmSync(folder, { recursive: true, force: true }); } };
}

const orders = `create table orders (id integer primary key, customer text, "日 付" date, amount real, note text);
  create table customers (name text, area text);
  with recursive s(n) as (values (1) union all select n + 1 from s where n < ${rows}) insert into orders select n, 'c' || (n % 5000), date('2020-01-01', '+' || (n % 2000) || ' days'), n % 977, 'a note that makes the row long enough to matter' from s;
  with recursive s(n) as (values (1) union all select n + 1 from s where n < 5000) insert into customers select 'c' || n, 'area ' || (n % 20) from s`;

describe("indexes for what is asked", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let database: string;
  const call = (method: string, path: string, options = {}): Promise<Answered> => kliv.api(method, `/api/v1${path}`, { token: mine.token, ...options });
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];
  const ask = async (text: string, parameters = {}): Promise<unknown[][]> => {
    const answered = await call("POST", `/databases/${database}/query`, { body: { sql: text, parameters } });
    assert.equal(answered.status, 200, answered.bytes.toString());
    return answered.json.rows;
  };
  const looked = 'select count(*), sum(amount) from orders where customer = :who';
  const ranged = 'select customer, sum(amount) from orders where "日 付" between \'2021-01-01\' and \'2021-01-07\' group by 1 order by 2 desc limit 3';

  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("indexes");
    const made = await call("POST", `/teams/${mine.team}/databases?name=o`, { body: make(orders), headers: { "x-filename": "orders.sqlite" } });
    assert.equal(made.status, 201, made.bytes.toString());
    database = made.json.id;
  });
  after(() => kliv.stop());

  it("says so where nothing slow was asked", async () => {
    assert.deepEqual(problem(await call("POST", `/databases/${database}/index-advice`, { body: {} })), [409, "INDEX_NOTHING_ASKED"]);
  });

  it("are found from the questions, measured, made as a version, and the answers stay the same", async () => {
    const before = [await ask(looked, { who: "c42" }), await ask(ranged)];
    const advice = await call("POST", `/databases/${database}/index-advice`, { body: {} });
    assert.equal(advice.status, 200, advice.bytes.toString());
    const { indexes, queries, sizeBeforeBytes, sizeAfterBytes } = advice.json;
    assert.ok(indexes.some(({ table, columns }: { table: string; columns: string[] }) => table === "orders" && columns[0] === "customer"), JSON.stringify(indexes));
    assert.deepEqual(queries.map((one: { sql: string }) => one.sql).sort(), [looked, ranged].sort());
    assert.ok(sizeAfterBytes > sizeBeforeBytes);
    // Not a figure of time: an index turns reading 400,000 rows into reading 80.
    const gained = queries.find((one: { sql: string }) => one.sql === looked);
    assert.ok(gained.afterMs < gained.beforeMs, JSON.stringify(gained));
    const made = await call("POST", `/databases/${database}/indexes`, { body: { indexes } });
    assert.deepEqual([made.status, made.json.versionNumber], [200, 2], made.bytes.toString());
    assert.deepEqual([await ask(looked, { who: "c42" }), await ask(ranged)], before);
    const file = open((await call("GET", `/databases/${database}/download`)).bytes);
    try {
      assert.match(String(file.database.prepare("explain query plan select * from orders where customer = 'c1'").get()!["detail"]), /USING INDEX kliv_orders_customer/);
      assert.ok(Number(file.database.prepare("select count(*) as n from sqlite_stat1").get()!["n"]) >= indexes.length);
      assert.equal(file.database.prepare("pragma integrity_check").get()!["integrity_check"], "ok");
    } finally {
      file.close();
    }
    const { tables } = (await call("GET", `/databases/${database}/schema`)).json;
    assert.ok(tables.find((one: { name: string }) => one.name === "orders").indexes.some(({ columns }: { columns: string[] }) => columns[0] === "customer"));
    assert.equal(tables.some((one: { name: string }) => one.name.startsWith("sqlite_")), false);
  });

  it("are refused for what is not there, and are nobody else's", async () => {
    const add = (index: object, options = {}): Promise<Answered> => call("POST", `/databases/${database}/indexes`, { body: { indexes: [index] }, ...options });
    assert.deepEqual(problem(await add({ table: "towns", columns: ["a"] })), [404, "TABLE_NOT_FOUND"]);
    assert.deepEqual(problem(await add({ table: "orders", columns: ["amount); drop table orders --"] })), [404, "COLUMN_NOT_FOUND"]);
    assert.deepEqual(problem(await add({ table: "orders", columns: [] })), [400, "REQUEST_INVALID"]);
    const other = await kliv.makeTeam("other");
    assert.deepEqual(problem(await add({ table: "orders", columns: ["amount"] }, { token: other.token })), [404, "NOT_FOUND"]);
    assert.deepEqual(problem(await call("POST", `/databases/${database}/index-advice`, { token: other.token, body: {} })), [404, "NOT_FOUND"]);
  });

  it("are not for a reader from whom rows are hidden, whose questions are not noted either", async () => {
    const editor = await kliv.makeTeam("editor");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: editor.email, role: "editor", by: operator, mayMakeOwners: false });
    const token = await kliv.makeToken({ user: editor.user, team: mine.team, scope: "all" });
    assert.equal((await call("PUT", `/databases/${database}/rules`, { body: { rules: [{ table: "orders", subject: { kind: "everyone" }, condition: "amount < 900" }] } })).status, 200);
    const secret = "select count(*) from orders where note like '%whatever nobody may know%'";
    assert.equal((await call("POST", `/databases/${database}/query`, { token, body: { sql: secret } })).status, 200);
    for (const [path, body] of [["index-advice", {}], ["indexes", { indexes: [{ table: "orders", columns: ["amount"] }] }]] as const) {
      assert.deepEqual(problem(await call("POST", `/databases/${database}/${path}`, { token, body })), [403, "DATABASE_RESTRICTED"]);
    }
    await kliv.running.app.rooms.indexes.flush();
    const { rows: noted } = await kliv.running.app.postgres.transaction({ teams: [mine.team] }, (tx) => sql<{ sql: string }>`select sql from query_runs`.execute(tx));
    assert.deepEqual(noted.map((one) => one.sql).filter((text) => text.includes("nobody may know")), []);
    assert.ok(noted.length >= 2);
  });

  it("forgets what was asked long ago", async () => {
    kliv.clock.move(31 * 86_400_000);
    await kliv.running.app.rooms.indexes.sweep();
    const { rows: noted } = await kliv.running.app.postgres.transaction({ teams: [mine.team] }, (tx) => sql`select 1 from query_runs`.execute(tx));
    assert.equal(noted.length, 0);
  });
});

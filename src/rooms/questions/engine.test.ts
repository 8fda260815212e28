/* Which engine answers questions without SQL, and that nobody can tell by the answer. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const rows = 40_000;

function shop(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "kliv-engine-"));
  const path = join(folder, "shop.sqlite");
  const database = new DatabaseSync(path);
  // The products of a and b are beyond 64 bits, where SQLite goes on with fractions.
  database.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY, day DATE TEXT, city TEXT, amount REAL, a INTEGER, b INTEGER, kind, note TEXT);
    CREATE TABLE few (name TEXT); INSERT INTO few VALUES ('x'), ('y');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO orders
      SELECT i, date(1577836800 + i * 3600, 'unixepoch'), 'city ' || (i % 30), i / 8.0, 100000000000 + i, 100000000000 - i, CASE i % 2 WHEN 0 THEN i ELSE 'odd' END, 'a note of some length, so that the file is one for which a copy pays ' || i FROM n`);
  database.close();
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

describe("the engine of a question", () => {
  let kliv: TestServer;
  let team: string;
  let token: string;
  let id: string;
  before(async () => {
    kliv = await startTestServer();
    ({ team, token } = await kliv.makeTeam("engines"));
    const made = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=shop`, { token, body: shop(), headers: { "x-filename": "shop.sqlite" } });
    assert.equal(made.status, 201, made.bytes.toString());
    assert.ok(made.json.sizeBytes > 4 * 1024 ** 2);
    id = made.json.id;
  });
  after(() => kliv.stop());

  const byMonth = {
    schema: 1, from: "orders", filter: { value: { column: "city" }, is: "!=", to: "city 7" }, groups: [{ value: { column: "day" }, bin: "month", name: "month" }],
    aggregates: [{ kind: "count", name: "n" }, { kind: "sum", of: { column: "amount" }, name: "total" }],
  };
  const ask = async (question: object, more: object = {}, as = token) => {
    const { status, json, bytes } = await kliv.api("POST", `/api/v1/databases/${id}/query`, { token: as, body: { question, ...more } });
    assert.equal(status, 200, bytes.toString());
    return json as { engine: string; rows: unknown[][]; columns: { name: string; type: string }[] };
  };
  const copied = async (): Promise<void> => {
    const { databases, columnar } = kliv.running.app.rooms;
    await columnar.wait(await databases.currentVersion(team, id), { waitMs: 60_000 });
  };

  it("is SQLite until there is a copy, which the first question has made, and DuckDB from then on", async () => {
    const first = await ask(byMonth);
    assert.equal(first.engine, "sqlite");
    await copied();
    const second = await ask(byMonth);
    assert.equal(second.engine, "duckdb");
    assert.deepEqual(second.rows, first.rows);
    assert.deepEqual(second.columns.map(({ name }) => name), first.columns.map(({ name }) => name));
    assert.equal((await ask(byMonth, { engine: "sqlite" })).engine, "sqlite");
    assert.equal((await ask(byMonth, { engine: "duckdb" })).engine, "duckdb");
    const { json } = await kliv.api("POST", `/api/v1/databases/${id}/question/sql`, { token, body: { question: byMonth, engine: "duckdb" } });
    assert.deepEqual([typeof json.sql, json.sqliteOnly], ["string", []]);
  });

  it("is the same for a block of a report", async () => {
    await copied();
    const { queries, databases, questions } = kliv.running.app.rooms;
    const version = { ...(await databases.currentVersion(team, id)), rows: null };
    const sql = await questions.write({ version, question: byMonth });
    const found = await queries.result({ version, sql, question: byMonth, rowsMax: 1_000 });
    assert.equal(found.engine, "duckdb");
    const plain = await queries.result({ version, sql, rowsMax: 1_000 });
    assert.deepEqual([plain.engine, plain.rows], ["sqlite", found.rows]);
  });

  it("is SQLite where DuckDB would answer otherwise, and for small tables", async () => {
    await copied();
    const mixed = { schema: 1, from: "orders", groups: [{ value: { column: "kind" } }], aggregates: [{ kind: "count" }], limit: 3 };
    assert.equal((await ask(mixed)).engine, "sqlite");
    const refused = await kliv.api("POST", `/api/v1/databases/${id}/query`, { token, body: { question: mixed, engine: "duckdb" } });
    assert.deepEqual([refused.status, refused.json.code], [422, "ENGINE_UNAVAILABLE"]);
    assert.match(refused.json.detail, /\/question\/groups\/0.*kind holds values of several kinds/);
    assert.equal((await ask({ schema: 1, from: "few", aggregates: [{ kind: "count" }] })).engine, "sqlite");
  });

  it("is SQLite after all where DuckDB ends with an error", async () => {
    await copied();
    const product = { schema: 1, from: "orders", aggregates: [{ kind: "max", of: { op: "*", of: [{ column: "a" }, { column: "b" }] }, name: "most" }] };
    const { engine, rows: found } = await ask(product);
    assert.equal(engine, "sqlite");
    assert.deepEqual(found, (await ask(product, { engine: "sqlite" })).rows);
    const refused = await kliv.api("POST", `/api/v1/databases/${id}/query`, { token, body: { question: product, engine: "duckdb" } });
    assert.match(refused.json.detail, /DuckDB says/);
  });

  it("is SQLite for whom rules hide rows, who hears nothing of the copy", async () => {
    await copied();
    const member = await kliv.makeTeam("half");
    await kliv.running.app.rooms.teams.addMember({ team, email: member.email, role: "viewer", by: operator, mayMakeOwners: false });
    const as = await kliv.makeToken({ user: member.user, team, scope: "all" });
    assert.equal((await ask(byMonth, {}, as)).engine, "duckdb");
    const set = await kliv.api("PUT", `/api/v1/databases/${id}/rules`, { token, body: { rules: [{ subject: { kind: "everyone" }, table: "orders", condition: "city = 'city 3'" }] } });
    assert.equal(set.status, 200, set.bytes.toString());
    const count = { schema: 1, from: "orders", aggregates: [{ kind: "count" }] };
    const seen = await ask(count, {}, as);
    assert.deepEqual([seen.engine, seen.rows], ["sqlite", [[Math.floor((rows - 3) / 30) + 1]]]);
    const refused = await kliv.api("POST", `/api/v1/databases/${id}/query`, { token: as, body: { question: count, engine: "duckdb" } });
    assert.deepEqual([refused.status, refused.json.code], [422, "ENGINE_UNAVAILABLE"]);
    const { json } = await kliv.api("POST", `/api/v1/databases/${id}/question/sql`, { token: as, body: { question: { ...count, groups: [{ value: { column: "kind" } }] }, engine: "duckdb" } });
    assert.equal(json.sql, null);
    assert.doesNotMatch(JSON.stringify(json), /several kinds/);
    assert.deepEqual((await ask(count)).rows, [[rows]]);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const rows = 700_000;

/** A large table, one without row numbers, and columns of every kind. */
function sample(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "kliv-catalog-"));
  try {
    const db = new DatabaseSync(join(folder, "a.sqlite"));
    db.exec(`create table "売上 ""2026""" (id integer primary key, amount real, kind text, day date, note, raw blob);
      insert into "売上 ""2026""" values (1, 0.5, 'a', '2026-01-05', null, x'00'), (2, 1.5, 'b', '2026-02-05', 'text', x'01'), (3, 9.5, 'a', '2026-02-06', 7, null), (4, null, 'a', '2026-04-01', 9007199254740993, null);
      create table pairs (a text, b integer, primary key (a, b)) without rowid;
      insert into pairs values ('x', 1), ('x', 2);
      create table many (n integer, half text);
      insert into many with recursive s(value) as (values (1) union all select value + 1 from s where value < ${rows}) select value, case when value % 2 then 'odd' end from s;
      create table empty (gone text);
      create view seen as select kind, amount from "売上 ""2026"""`);
    db.close();
    return readFileSync(join(folder, "a.sqlite"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the catalog", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let database: string;
  const table = '売上 "2026"';
  const call = (method: string, path: string, options = {}): Promise<Answered> => kliv.api(method, `/api/v1${path}`, { token: mine.token, ...options });
  const ask = (of: string, column: string, options = {}): Promise<Answered> => call("GET", `/databases/${database}/tables/${encodeURIComponent(of)}/columns/${encodeURIComponent(column)}/profile`, options);
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];

  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("catalog");
    const made = await call("POST", `/teams/${mine.team}/databases?name=c`, { body: sample(), headers: { "x-filename": "c.sqlite" } });
    assert.equal(made.status, 201, made.bytes.toString());
    database = made.json.id;
  });
  after(() => kliv.stop());

  it("tells what stands in a column, of every kind of value", async () => {
    const amount = (await ask(table, "amount")).json;
    assert.deepEqual(
      [amount.rows, amount.isSample, amount.nulls, amount.distinct, amount.numbers, amount.least, amount.greatest, Number(amount.average.toFixed(6))], [4, false, 1, 3, 3, 0.5, 9.5, 3.833333]);
    assert.equal(amount.histogram.kind, "number");
    assert.equal(amount.histogram.bins.reduce((sum: number, bin: { count: number }) => sum + bin.count, 0), 3);
    assert.ok(amount.histogram.bins.every((bin: { from: number; to: number }, at: number, all: { from: number }[]) => bin.to > bin.from && (at === 0 || all[at - 1]!.from < bin.from)) && amount.histogram.bins.length <= 24);
    const kind = (await ask(table, "kind")).json;
    assert.deepEqual([kind.top, kind.histogram], [[{ value: "a", count: 3 }, { value: "b", count: 1 }], null]);
    const day = (await ask(table, "day")).json;
    assert.deepEqual([day.histogram.kind, day.histogram.bins.map(({ from, count }: { from: string; count: number }) => [from, count])], ["date", [["2026-01", 1], ["2026-02", 2], ["2026-04", 1]]]);
    const note = (await ask(table, "note")).json;
    assert.deepEqual([note.nulls, note.numbers, note.texts, note.greatest], [1, 2, 1, "text"]);
    assert.ok(note.top.some(({ value }: { value: unknown }) => value === "9007199254740993"), "as it is, not rounded");
    const raw = (await ask(table, "raw")).json;
    assert.deepEqual([raw.blobs, raw.top, raw.least], [2, [], null]);
    const nothing = (await ask("empty", "gone")).json;
    assert.deepEqual([nothing.rows, nothing.nulls, nothing.top, nothing.histogram, nothing.average], [0, 0, [], null, null]);
    assert.deepEqual((await ask("seen", "amount")).json.numbers, 3);
    assert.deepEqual((await ask("pairs", "a")).json.top, [{ value: "x", count: 2 }]);
  });

  it("looks at a sample of a large table, spread over all of it", async () => {
    const n = (await ask("many", "n")).json;
    assert.deepEqual([n.isSample, n.rows, n.greatest], [true, rows / 2, rows]);
    assert.ok(n.least <= 2 && n.histogram.bins.every(({ count }: { count: number }) => count > 0), JSON.stringify(n.histogram));
  });

  it("names what is not there, and is another team's not at all", async () => {
    assert.deepEqual(problem(await ask("towns", "a")), [404, "TABLE_NOT_FOUND"]);
    const none = await ask(table, 'x" from pairs --');
    assert.deepEqual([...(problem(none) as unknown[]), /amount, kind/.test(none.json.detail)], [404, "COLUMN_NOT_FOUND", true]);
    const other = await kliv.makeTeam("other");
    assert.deepEqual(problem(await ask("many", "n", { token: other.token })), [404, "NOT_FOUND"]);
    assert.deepEqual(problem(await call("PUT", `/databases/${database}/descriptions`, { token: other.token, body: { items: [{ table: "many", words: "x" }] } })), [404, "NOT_FOUND"]);
  });

  it("tells a restricted reader of the rows in sight only", async () => {
    const reader = await kliv.makeTeam("reader");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: reader.email, role: "viewer", by: operator, mayMakeOwners: false });
    const token = await kliv.makeToken({ user: reader.user, team: mine.team, scope: "read" });
    assert.equal((await call("PUT", `/databases/${database}/rules`, { body: { rules: [{ table, subject: { kind: "everyone" }, condition: "kind = 'b'" }, { table: "many", subject: { kind: "everyone" }, condition: "n <= 3" }] } })).status, 200);
    const kind = (await ask(table, "kind", { token })).json;
    assert.deepEqual([kind.rows, kind.top], [1, [{ value: "b", count: 1 }]]);
    const n = (await ask("many", "n", { token })).json;
    assert.deepEqual([n.rows, n.greatest, n.isSample], [3, 3, false]);
    assert.equal((await ask(table, "kind")).json.rows, 4, "others see all");
    assert.equal((await call("PUT", `/databases/${database}/rules`, { body: { rules: [] } })).status, 200);
  });

  it("keeps what tables and columns mean, over versions, exports and imports", async () => {
    const put = (items: object[]): Promise<Answered> => call("PUT", `/databases/${database}/descriptions`, { body: { items } });
    assert.deepEqual((await put([{ table, words: " What was sold " }, { table, column: "amount", words: "In 円" }, { table: "many", column: "n", words: "A number" }])).json.items,
      [{ table: "many", column: "n", words: "A number" }, { table, words: "What was sold" }, { table, column: "amount", words: "In 円" }]);
    assert.equal((await put([{ table: "many", column: "n", words: "" }])).json.items.length, 2);
    assert.deepEqual(problem(await put([{ table: "towns", words: "x" }])), [404, "TABLE_NOT_FOUND"]);
    assert.deepEqual(problem(await put([{ table, column: "nope", words: "x" }])), [404, "COLUMN_NOT_FOUND"]);
    assert.deepEqual(problem(await put([{ table, words: "x".repeat(2_001) }])), [400, "REQUEST_INVALID"]);
    assert.equal((await call("PUT", `/databases/${database}/contents`, { body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "other.csv" } })).status, 200);
    assert.equal((await call("GET", `/databases/${database}/descriptions`)).json.items.length, 2);
    const file = (await call("GET", `/teams/${mine.team}/export`)).json;
    const target = await kliv.makeTeam("target");
    assert.equal((await kliv.api("POST", `/api/v1/teams/${target.team}/import`, { token: target.token, body: file })).status, 201);
    const again = (await kliv.api("GET", `/api/v1/teams/${target.team}/export`, { token: target.token })).json;
    assert.deepEqual(again.descriptions, file.descriptions);
    assert.equal(file.descriptions[0].items.length, 2);
  });
});

/* Rules on rows through the interface: every way to the data shows the reader's rows and tells of no others. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

let kliv: TestServer;
let team: string;
let owner: { user: string; token: string };
/** Of the north, of the south, and of neither. */
let north: Member;
let south: Member;
let other: Member;
let group: string;
let database: string;

interface Member {
  user: string;
  email: string;
  token: string;
}

const hidden = "hidden-canary-4711";

function contents(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "kliv-rules-"));
  const path = join(folder, "sales.sqlite");
  const file = new DatabaseSync(path);
  file.exec(`
    CREATE TABLE sales (id INTEGER PRIMARY KEY, region TEXT, rep TEXT, note TEXT, amount INTEGER);
    INSERT INTO sales VALUES (1, 'north', 'north@example.com', 'seen', 10), (2, 'south', 'south@example.com', '${hidden}', 2000), (3, 'north', 'x@example.com', 'seen too', 30), (4, 'south', 'south@example.com', '${hidden}', 4000);
    CREATE INDEX sales_region ON sales (region, note);
    CREATE TABLE regions (name TEXT); INSERT INTO regions VALUES ('north'), ('south');
    CREATE VIEW notes AS SELECT note FROM sales;
    CREATE VIRTUAL TABLE found USING fts5 (note, content='sales', content_rowid='id'); INSERT INTO found (found) VALUES ('rebuild');
  `);
  file.close();
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

const upload = (name = "sales"): Promise<Answered> =>
  kliv.api("POST", `/api/v1/teams/${team}/databases?name=${name}`, { token: owner.token, body: contents(), headers: { "x-filename": "sales.sqlite" } });

async function join_(name: string, role: "editor" | "viewer" | "admin"): Promise<Member> {
  const { user, email } = await kliv.makeTeam(name);
  await kliv.running.app.rooms.teams.addMember({ team, email, role, by: operator, mayMakeOwners: false });
  return { user, email, token: await kliv.makeToken({ user, team, scope: "all" }) };
}

const call = async (method: string, path: string, token: string, body?: unknown, headers?: Record<string, string>): Promise<Answered> =>
  kliv.api(method, path, { token, ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) });

const setRules = (rules: unknown[], headers?: Record<string, string>): Promise<Answered> => call("PUT", `/api/v1/databases/${database}/rules`, owner.token, { rules }, headers);

async function must(answered: Promise<Answered>): Promise<any> {
  const { status, json, bytes } = await answered;
  assert.ok(status < 300, `${status} ${bytes.toString().slice(0, 500)}`);
  return json;
}

const ask = (token: string, sql: string, more: object = {}): Promise<Answered> => call("POST", `/api/v1/databases/${database}/query`, token, { sql, ...more });
const rowsOf = async (token: string, sql: string): Promise<unknown[][]> => (await must(ask(token, sql))).rows;
const notes = (token: string): Promise<unknown[][]> => rowsOf(token, "SELECT note FROM sales ORDER BY id");

const seenByNorth = [["seen"], ["seen too"]];
const seenBySouth = [[hidden], [hidden]];

before(async () => {
  kliv = await startTestServer();
  const made = await kliv.makeTeam("rules");
  team = made.team;
  owner = { user: made.user, token: made.token };
  [north, south, other] = [await join_("north", "editor"), await join_("south", "viewer"), await join_("other", "viewer")];
  const created = await kliv.running.app.rooms.groups.create({ team, name: "south", by: operator });
  group = created.id;
  await kliv.running.app.rooms.groups.addMember({ team, id: group, user: south.user, by: operator });
  database = (await must(upload())).id;
  await must(setRules([
    { table: "Sales", subject: { kind: "member", id: north.user }, condition: "region = 'north'" },
    { table: "sales", subject: { kind: "group", id: group }, condition: "region IN (:groups)" },
  ]));
});
after(() => kliv.stop());

describe("rules on rows", () => {
  it("hold for whoever has a rule, hide all from who has none, and nothing from who makes them", async () => {
    assert.deepEqual(await notes(north.token), seenByNorth);
    assert.deepEqual(await notes(south.token), seenBySouth);
    assert.deepEqual(await notes(other.token), []);
    assert.equal((await notes(owner.token)).length, 4);
    // The same question again comes from what is kept: each reader's own.
    assert.deepEqual(await notes(north.token), seenByNorth);
    assert.deepEqual(await notes(south.token), seenBySouth);
    assert.deepEqual(await rowsOf(other.token, "SELECT count(*) FROM regions"), [[2]]);
  });

  it("follow a group's new name at once", async () => {
    const rename = (name: string) => kliv.running.app.rooms.groups.rename({ team, id: group, name, by: operator });
    assert.deepEqual(await notes(south.token), seenBySouth);
    await rename("north");
    assert.deepEqual(await notes(south.token), seenByNorth);
    await rename("south");
    assert.deepEqual(await notes(south.token), seenBySouth);
  });

  it("are refused with their place where they are not right, and no change overwrites another", async () => {
    const wrong: [object, RegExp][] = [
      [{ table: "nowhere", subject: { kind: "everyone" }, condition: null }, /\/rules\/1\/table.*nowhere/],
      [{ table: "sales", subject: { kind: "member", id: "user_gone" }, condition: null }, /\/rules\/1\/subject\/id/],
      [{ table: "sales", subject: { kind: "group", id: north.user }, condition: null }, /\/rules\/1\/subject\/id/],
      [{ table: "sales", subject: { kind: "everyone" }, condition: "regon = 1" }, /\/rules\/1\/condition.*no such column: regon/],
      [{ table: "sales", subject: { kind: "everyone" }, condition: "1) OR (1" }, /\/rules\/1\/condition/],
      [{ table: "sales", subject: { kind: "everyone" }, condition: "amount > :least" }, /:least is not known/],
      [{ table: "sales", subject: { kind: "everyone" }, condition: "EXISTS (SELECT 1 FROM sales)" }, /circular/],
      [{ table: "sales", subject: { kind: "everyone" }, condition: "load_extension('x') = 1" }, /\/rules\/1\/condition/],
      [{ table: "found", subject: { kind: "everyone" }, condition: null }, /\/rules\/1\/table/],
    ];
    const before = await call("GET", `/api/v1/databases/${database}/rules`, owner.token);
    assert.deepEqual([before.headers["etag"], before.json.number, before.json.rules.length, before.json.rules[0].table], ['"1"', 1, 2, "sales"]);
    for (const [rule, expected] of wrong) {
      const { status, json } = await setRules([{ table: "regions", subject: { kind: "role", role: "editor" }, condition: "name <> ''" }, rule]);
      assert.deepEqual([status, json.code], [422, "RULE_INVALID"], JSON.stringify(rule));
      assert.match(json.detail, expected);
      assert.doesNotMatch(json.detail, /k[0-9a-f]{40}/);
    }
    // Texts that no store takes, and what people paste, are refused or kept as they are; nothing fails.
    for (const text of ["\u0000", "'\u0000'", "name = '\ud800'", "name = '\ud83d'||'x'", "name = '\u202e\u200b\ufeff'", "name = 'ÅÍÎÏ˝ÓÔÒÚÆ☃'", "name = '👩‍👩‍👧‍👦'", "1;drop table sales", "${7*7}", "{{7*7}}", "<script>alert(1)</script>", "NULL", "undefined"]) {
      for (const rule of [{ table: "regions", subject: { kind: "everyone" }, condition: text }, { table: text, subject: { kind: "everyone" }, condition: null }, { table: "regions", subject: { kind: "member", id: text }, condition: null }]) {
        const found = await call("POST", `/api/v1/databases/${database}/rules/preview`, owner.token, { subject: { kind: "role", role: "viewer" }, rules: [rule] });
        assert.ok([200, 400, 422].includes(found.status), `${JSON.stringify(rule)}: ${found.status} ${found.bytes.toString()}`);
        const saved = await call("PUT", `/api/v1/databases/${database}/rules`, owner.token, { rules: [rule] }, { "if-match": '"0"' });
        assert.ok([400, 412, 422].includes(saved.status), `${JSON.stringify(rule)}: ${saved.status} ${saved.bytes.toString()}`);
      }
    }
    for (const text of ["name = '\ud800'", "name = '👩‍👩‍👧‍👦\u202e' -- 名前"]) {
      const { status, json } = await setRules([...before.json.rules, { table: "regions", subject: { kind: "everyone" }, condition: text }]);
      assert.ok(status === 422 || (status === 200 && json.rules[2].condition === text), `${status} ${JSON.stringify(json)}`);
    }
    const { status, json } = await setRules([], { "if-match": '"0"' });
    assert.deepEqual([status, json.code], [412, "RULES_CHANGED"]);
    const { number } = await must(call("GET", `/api/v1/databases/${database}/rules`, owner.token));
    assert.equal((await must(setRules(before.json.rules, { "if-match": `"${number}"` }))).number, number + 1);
    const { items } = await must(call("GET", `/api/v1/teams/${team}/audit-events?action=rule:update`, owner.token));
    assert.deepEqual(items.map((event: { facts: { number: number } }) => event.facts.number), Array.from({ length: number + 1 }, (_, at) => number + 1 - at));
  });

  it("are previewed for a member and for a role, saved or not", async () => {
    const preview = async (body: object): Promise<any> => must(call("POST", `/api/v1/databases/${database}/rules/preview`, owner.token, body));
    const of = ({ tables }: { tables: { name: string; rows: number; visible: number }[] }) => tables.filter((one) => one.name === "sales").map((one) => [one.visible, one.rows]);
    assert.deepEqual(of(await preview({ subject: { kind: "member", id: north.user } })), [[2, 4]]);
    assert.deepEqual(of(await preview({ subject: { kind: "role", role: "viewer" } })), [[0, 4]]);
    assert.equal((await preview({ subject: { kind: "member", id: owner.user } })).isUnrestricted, true);
    const rules = [{ table: "sales", subject: { kind: "role", role: "viewer" }, condition: "rep = :user_email" }];
    assert.deepEqual(of(await preview({ subject: { kind: "member", id: south.user }, rules })), [[2, 4]]);
    assert.deepEqual(of(await preview({ subject: { kind: "member", id: north.user }, rules })), [[0, 4]]);
    assert.equal((await preview({ subject: { kind: "role", role: "editor" }, rules: [] })).isUnrestricted, true);
  });

  it("asked at the same time by many, each gets their own", async () => {
    const asked = Array.from({ length: 30 }, (_, nth) => [north, south, other][nth % 3]!);
    const sql = "SELECT note, 'at once' FROM sales ORDER BY id";
    const answers = await Promise.all(asked.map((one) => rowsOf(one.token, sql)));
    answers.forEach((rows, nth) => assert.deepEqual(rows.map(([note]) => [note]), [seenByNorth, seenBySouth, []][nth % 3]));
  });

  it("have no way around them", async () => {
    const version = (await must(call("GET", `/api/v1/databases/${database}`, north.token))).version;
    const attacks = [
      "SELECT note FROM main.sales", "WITH sales AS (SELECT note FROM main.sales) SELECT note FROM sales", "SELECT note FROM notes UNION ALL SELECT note FROM sales",
      `SELECT 4711 FROM main.sales NATURAL JOIN (SELECT '${hidden.slice(0, -4)}' || '4711' AS note)`, "SELECT rowid FROM found WHERE found MATCH 'canary'", "SELECT * FROM found_data",
      "EXPLAIN SELECT * FROM sales", "SELECT * FROM sqlite_stat1", "SELECT * FROM pragma_table_info('sales')", "SELECT count(*) FROM sales WHERE json(CASE WHEN amount > 100 THEN '{' ELSE '1' END)",
      "SELECT max(amount), sum(amount) FROM sales", "SELECT group_concat(note) FROM notes", "SELECT * FROM sales s JOIN main.sales m ON s.id <> m.id",
    ];
    for (const sql of attacks) {
      for (const more of [{}, { version }]) {
        const { status, bytes } = await ask(north.token, sql, more);
        assert.ok([200, 400, 403].includes(status), `${sql}: ${status} ${bytes.toString()}`);
        assert.doesNotMatch(bytes.toString().replace(sql, ""), /4711|2000|4000|60[34]0/, `${sql}: ${bytes.toString()}`);
      }
    }
  });

  it("no way to a file's bytes, sums and counts", async () => {
    for (const { token } of [north, south, other]) {
      const refused = [
        call("GET", `/api/v1/databases/${database}/rules`, token), call("PUT", `/api/v1/databases/${database}/rules`, token, { rules: [] }),
      ];
      for (const { status, headers } of await Promise.all(refused)) {
        assert.equal(status, 403);
        assert.equal(headers["etag"], undefined);
      }
    }
    for (const [method, path, body] of [["PUT", "contents", contents()], ["POST", "tables/sales/rows", Buffer.from('[{"id":9}]')]] as const) {
      const { status, json } = await call(method, `/api/v1/databases/${database}/${path}`, north.token, body);
      assert.deepEqual([status, json.code], [403, "DATABASE_RESTRICTED"]);
    }
    const deleted = await call("DELETE", `/api/v1/databases/${database}`, north.token);
    assert.deepEqual([deleted.status, deleted.json.code], [403, "DATABASE_RESTRICTED"]);
    const [{ id: version }] = (await must(call("GET", `/api/v1/databases/${database}/versions`, owner.token))).items;
    const compared = await call("GET", `/api/v1/databases/${database}/comparison?from=${version}&to=${version}`, north.token);
    assert.deepEqual([compared.status, compared.json.code], [403, "COMPARE_RESTRICTED"]);
    for (const [method, path, body] of [["PATCH", `versions/${version}`, { label: "x" }], ["POST", `versions/${version}/restoration`, undefined], ["PUT", "retention", { versions: 1, days: null }]] as const) {
      const refused = await call(method, `/api/v1/databases/${database}/${path}`, north.token, body);
      assert.deepEqual([refused.status, refused.json.code], [403, "DATABASE_RESTRICTED"], path);
    }
    const all = await must(call("GET", `/api/v1/databases/${database}`, owner.token));
    assert.equal(all.hasRules, true);
    assert.deepEqual([all.hasHiddenRows, all.tables.find((table: { name: string }) => table.name === "sales").rows], [false, 4]);
    for (const path of [`databases/${database}`, `databases/${database}/schema`, `databases/${database}/versions`, `teams/${team}/databases`]) {
      const { bytes } = await call("GET", `/api/v1/${path}`, north.token);
      assert.doesNotMatch(bytes.toString(), /"rows":\d/, path);
      assert.ok(!bytes.includes(all.sha256) && !bytes.includes(`"sizeBytes":${all.sizeBytes}`), path);
    }
    const suggested = await call("GET", `/api/v1/databases/${database}/suggestions`, north.token);
    assert.equal(suggested.status, 200);
    assert.doesNotMatch(suggested.bytes.toString(), new RegExp(hidden));
    // Whoever sees no row is suggested nothing that only rows could suggest.
    const tables = async ({ token }: { token: string }): Promise<string[]> => (await must(call("GET", `/api/v1/databases/${database}/suggestions`, token))).items.map((item: { table: string }) => item.table);
    assert.ok((await tables(owner)).includes("sales"));
    assert.ok(!(await tables(other)).includes("sales"));
  });

  it("a download is a file of the rows in sight, and nothing else is in its bytes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kliv-extract-"));
    for (const [member, seen] of [[north, seenByNorth], [south, seenBySouth], [other, []]] as const) {
      const got = await call("GET", `/api/v1/databases/${database}/download`, member.token);
      assert.equal(got.status, 200, got.bytes.toString("utf8").slice(0, 300));
      assert.equal(got.headers["etag"], `"${createHash("sha256").update(got.bytes).digest("hex")}"`);
      assert.equal(Number(got.headers["content-length"]), got.bytes.length);
      assert.equal(got.bytes.includes("4711"), member === south);
      const path = join(folder, member.user);
      writeFileSync(path, got.bytes);
      const file = new DatabaseSync(path, { readOnly: true });
      const all = (sql: string): unknown[][] => file.prepare(sql).all().map((row) => Object.values(row));
      assert.deepEqual(all("SELECT note FROM sales ORDER BY id"), seen);
      assert.deepEqual(all("SELECT note FROM notes"), seen);
      assert.deepEqual(all("SELECT count(*) FROM regions"), [[2]]);
      assert.deepEqual(all("SELECT name FROM sqlite_schema WHERE type <> 'view' ORDER BY name"), [["regions"], ["sales"], ["sales_region"]]);
      assert.deepEqual(all("PRAGMA integrity_check"), [["ok"]]);
      file.close();
      // Made the same way again it is the same file, so a download that broke off goes on.
      const rest = await call("GET", `/api/v1/databases/${database}/download`, member.token, undefined, { range: "bytes=100-", "if-range": String(got.headers["etag"]) });
      assert.deepEqual([rest.status, rest.bytes.equals(got.bytes.subarray(100))], [206, true]);
      const known = await call("GET", `/api/v1/databases/${database}/download`, member.token, undefined, { "if-none-match": String(got.headers["etag"]) });
      assert.equal(known.status, 304);
    }
    rmSync(folder, { recursive: true });
    const whole = await call("GET", `/api/v1/databases/${database}/download`, owner.token);
    assert.ok(whole.bytes.includes(hidden));
  });

  it("follow a change of rules, groups and roles at once", async () => {
    const { groups, teams } = kliv.running.app.rooms;
    await groups.addMember({ team, id: group, user: other.user, by: operator });
    assert.deepEqual(await notes(other.token), seenBySouth);
    await groups.removeMember({ team, id: group, user: other.user, by: operator });
    assert.deepEqual(await notes(other.token), []);
    for (const [role, seen] of [["admin", 4], ["viewer", 0]] as const) {
      await teams.setRole({ team, user: other.user, role, by: operator, mayMakeOwners: false });
      // A change of what somebody may do ends their tokens.
      other.token = await kliv.makeToken({ user: other.user, team, scope: "all" });
      assert.equal((await notes(other.token)).length, seen);
    }
    assert.deepEqual(await notes(other.token), []);
  });

  it("a version that lacks a table with rules is closed, so that a renamed table does not open", async () => {
    const renamed = await must(call("PUT", `/api/v1/databases/${database}/contents`, owner.token, Buffer.from("region,note\nsouth,hidden-canary-4711\n"), { "x-filename": "sold.csv" }));
    assert.notEqual(renamed.tables[0].name, "sales");
    const { status, json } = await ask(north.token, `SELECT * FROM "${renamed.tables[0].name}"`);
    assert.deepEqual([status, json.code], [409, "ROWS_RULES_UNFIT"]);
    assert.doesNotMatch(JSON.stringify(json), /region =/);
    await must(call("PUT", `/api/v1/databases/${database}/contents`, owner.token, contents(), { "x-filename": "sales.sqlite" }));
    assert.deepEqual(await notes(north.token), seenByNorth);
  });

  it("a report shows each of the team their own rows, and a publication its publisher's", async () => {
    const block = { id: "t", kind: "table", layout: { x: 0, y: 0, w: 12, h: 4 }, database, sql: "SELECT note, amount FROM sales" };
    const report = await must(call("POST", `/api/v1/teams/${team}/reports`, north.token, { schema: 1, title: "Sold", language: "en", parameters: [], blocks: [block] }));
    const pictures = await Promise.all([north, south, other, owner].map(async ({ token }) => (await call("GET", `/api/v1/reports/${report.id}/screenshot.png?width=400`, token)).bytes.toString("base64")));
    assert.equal(new Set(pictures).size, 4);
    const published = await must(call("POST", `/api/v1/reports/${report.id}/publication`, north.token, { visibility: "public" }));
    assert.equal(published.hasHiddenRows, true);
    const pageOf = async (token = ""): Promise<string> => (await call("GET", `/r/${published.slug}`, token)).bytes.toString();
    for (const token of ["", owner.token, south.token]) {
      const page = await pageOf(token);
      assert.match(page, /seen too/);
      assert.doesNotMatch(page, new RegExp(hidden));
    }
    // Whoever sees more publishes more.
    assert.equal((await must(call("POST", `/api/v1/reports/${report.id}/publication`, owner.token, { visibility: "public" }))).hasHiddenRows, false);
    assert.match(await pageOf(), new RegExp(hidden));
    await must(call("POST", `/api/v1/reports/${report.id}/publication`, north.token, { visibility: "public" }));
    assert.doesNotMatch(await pageOf(), new RegExp(hidden));
  });

  it("leave with the team and come again, and a publication shows no more than before", async () => {
    const before = await must(call("GET", `/api/v1/teams/${team}/export`, owner.token));
    assert.deepEqual(before.rules[0].rules.map((rule: { subject: object }) => rule.subject), [{ kind: "member", email: north.email }, { kind: "group", name: "south" }]);
    const fresh = await kliv.running.app.rooms.teams.createTeam({ name: "again", plan: "free", owner: owner.user, by: operator });
    // With a session of the person's the bytes come along; a token reaches one team only.
    const cookie = await kliv.makeSession("rules@example.com");
    await must(kliv.api("POST", `/api/v1/teams/${fresh.id}/import`, { cookie, body: before, headers: { origin: kliv.config.origin } }));
    const token = await kliv.makeToken({ user: owner.user, team: fresh.id, scope: "all" });
    const again = await must(call("GET", `/api/v1/teams/${fresh.id}/export`, token));
    assert.deepEqual([again.rules, again.reports[0].publication.rows], [before.rules, before.reports[0].publication.rows]);
    const [made] = (await must(call("GET", `/api/v1/teams/${fresh.id}/databases`, token))).items;
    const theirs = await kliv.makeToken({ user: north.user, team: fresh.id, scope: "read" });
    const seen = await must(call("POST", `/api/v1/databases/${made.id}/query`, theirs, { sql: "SELECT note FROM sales ORDER BY id" }));
    assert.deepEqual(seen.rows, seenByNorth);
    const [report] = (await must(call("GET", `/api/v1/teams/${fresh.id}/reports`, token))).items;
    const page = (await call("GET", `/r/${report.publication.slug}`, "")).bytes.toString();
    assert.match(page, /seen too/);
    assert.doesNotMatch(page, new RegExp(hidden));
  });

  it("an import by checksum is no way to the bytes", async () => {
    const { sha256, sizeBytes } = await must(call("GET", `/api/v1/databases/${database}`, owner.token));
    const own = await kliv.running.app.rooms.teams.createTeam({ name: "north's own", plan: "free", owner: north.user, by: operator });
    const at = "2026-11-24T09:00:00.000Z";
    const workspace = {
      schema: 1, team: { id: "t", name: "mine", createdAt: at }, users: [{ email: north.email, name: "n", userName: "n", language: "en", role: "owner", memberSince: at }], queries: [], reports: [],
      databases: [{ id: "d", name: "taken", description: "", createdAt: at, updatedAt: at, createdBy: null, version: { number: 1, sha256, sizeBytes, tables: [], source: { format: "sqlite", fileName: "x" }, createdAt: at } }],
    };
    const cookie = await kliv.makeSession(north.email);
    const { status, json } = await kliv.api("POST", `/api/v1/teams/${own.id}/import`, { cookie, body: workspace, headers: { origin: kliv.config.origin } });
    assert.deepEqual([status, json.waiting], [201, 1]);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Role } from "#src/access/access.ts";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, CallOptions, TestServer } from "../../../tests/server.ts";

const csv = Buffer.from("city,people\n東京,14\n大阪,9\n");
type Person = Awaited<ReturnType<TestServer["makeTeam"]>>;

describe("sharing", () => {
  let kliv: TestServer;
  let owner: Person;
  let editor: Person;
  let other: Person;
  let viewer: Person;
  before(async () => {
    kliv = await startTestServer();
    owner = await kliv.makeTeam("owner");
    const enter = async (name: string, role: Role): Promise<Person> => {
      const one = await kliv.makeTeam(name);
      await kliv.running.app.rooms.teams.addMember({ team: owner.team, email: one.email, role, by: operator, mayMakeOwners: false });
      return { ...one, token: await kliv.makeToken({ user: one.user, team: owner.team, scope: "all" }) };
    };
    [editor, other, viewer] = [await enter("editor", "editor"), await enter("other", "editor"), await enter("viewer", "viewer")];
  });
  after(() => kliv.stop());

  const call = (as: Person, method: string, path: string, options: CallOptions = {}): Promise<Answered> => kliv.api(method, `/api/v1${path}`, { token: as.token, ...options });
  const upload = async (name: string): Promise<string> => {
    const made = await call(owner, "POST", `/teams/${owner.team}/databases?name=${name}`, { body: csv, headers: { "x-filename": "cities.csv" } });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };
  const definition = (database: string): object => ({
    schema: 1, title: "Cities", language: "en", parameters: [],
    blocks: [{ id: "a", kind: "table", layout: { x: 0, y: 0, w: 12, h: 6 }, database, sql: "select city, people from cities" }],
  });
  const share = (path: string, restricted: boolean, shares: object[] = [], as = owner): Promise<Answered> => call(as, "PUT", `${path}/sharing`, { body: { restricted, shares } });
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];
  const gone = [404, "NOT_FOUND"];
  const listed = async (as: Person, what: string): Promise<string[]> => (await call(as, "GET", `/teams/${owner.team}/${what}?limit=200`)).json.items.map((one: { id: string }) => one.id);
  /** Each way to something of a database, and what it answers to this person. */
  const ways = async (as: Person, id: string, { report, query, job }: { report: string; query: string; job: string }): Promise<string[]> => {
    const answers = await Promise.all([
      call(as, "GET", `/databases/${id}`), call(as, "GET", `/databases/${id}/schema`), call(as, "GET", `/databases/${id}/versions`), call(as, "GET", `/databases/${id}/download`),
      call(as, "GET", `/databases/${id}/suggestions`), call(as, "GET", `/databases/${id}/sharing`), call(as, "POST", `/databases/${id}/query`, { body: { sql: "select * from cities" } }),
      call(as, "GET", `/queries/${query}`), call(as, "GET", `/jobs/${job}`),
    ]);
    const drawn = await call(as, "GET", `/reports/${report}`);
    return [...answers, drawn].map(({ status }) => String(status));
  };

  it("restricts a database to those who are named: for everyone else it does not exist, anywhere", async () => {
    const id = await upload("secret");
    const query = (await call(owner, "POST", `/teams/${owner.team}/queries`, { body: { name: "q", database: id, sql: "select 1" } })).json.id;
    const report = (await call(owner, "POST", `/teams/${owner.team}/reports`, { body: definition(id) })).json.id;
    const { job } = (await call(owner, "PUT", `/databases/${id}/contents`, { body: csv, headers: { prefer: "respond-async", "x-filename": "cities.csv" } })).json;
    await call(owner, "GET", `/jobs/${job}`, { headers: { accept: "text/event-stream" } });
    const about = { report, query, job };
    assert.deepEqual(new Set(await ways(viewer, id, about)), new Set(["200"]), "before, by role");
    assert.deepEqual((await call(owner, "GET", `/databases/${id}/sharing`)).json, { restricted: false, shares: [] });

    const set = await share(`/databases/${id}`, true, [{ kind: "user", id: editor.user, level: "edit" }]);
    assert.deepEqual(set.json, { restricted: true, shares: [{ kind: "user", id: editor.user, level: "edit", name: "editor" }] });
    for (const one of [other, viewer]) {
      assert.deepEqual(await ways(one, id, about), [...Array(9).fill("404"), "200"], "all but the report itself, which is not restricted");
      assert.equal((await listed(one, "databases")).includes(id), false);
      assert.equal((await listed(one, "queries")).includes(query), false);
      assert.deepEqual(problem(await call(one, "PATCH", `/databases/${id}`, { body: { name: "taken" } })), gone);
      assert.deepEqual(problem(await call(one, "DELETE", `/jobs/${job}`)), gone);
    }
    for (const one of [owner, editor]) {
      assert.deepEqual(new Set(await ways(one, id, about)), new Set(["200"]));
      assert.equal((await listed(one, "databases")).includes(id) && (await listed(one, "queries")).includes(query), true);
    }
    // Not by naming it in what one makes oneself, either.
    assert.deepEqual(problem(await call(other, "POST", `/teams/${owner.team}/queries`, { body: { name: "q", database: id, sql: "select 1" } })), gone);
    assert.deepEqual(problem(await call(other, "POST", `/teams/${owner.team}/reports`, { body: definition(id) })), [422, "REPORT_INVALID"]);
    assert.deepEqual(problem(await call(other, "POST", `/reports/${report}/publication`, { body: { visibility: "public" } })), [422, "REPORT_BLOCK_FAILED"]);
    // Nor by asking something else of it where it stands already; what else is in the report they may change.
    const asking = { ...(definition(id) as { blocks: object[] }) };
    const [block] = asking.blocks;
    assert.equal((await call(other, "PUT", `/reports/${report}`, { body: { ...asking, title: "Towns" } })).status, 200);
    const changed = await call(other, "PUT", `/reports/${report}`, { body: { ...asking, blocks: [{ ...block, sql: "select * from cities" }] } });
    assert.deepEqual([...(problem(changed) as unknown[]), /\/blocks\/0\/sql/.test(changed.json.detail)], [422, "REPORT_INVALID", true]);
    assert.equal((await call(editor, "PUT", `/reports/${report}`, { body: { ...asking, blocks: [{ ...block, sql: "select * from cities" }] } })).status, 200);
    assert.equal((await call(owner, "PUT", `/reports/${report}`, { body: asking })).status, 200);
    const pictures = await Promise.all([owner, viewer].map((one) => call(one, "GET", `/reports/${report}/screenshot.png?width=640`)));
    assert.notDeepEqual(pictures[0]!.bytes, pictures[1]!.bytes, "the table is not in the picture");

    assert.equal((await share(`/databases/${id}`, false)).status, 200);
    assert.deepEqual(new Set(await ways(viewer, id, about)), new Set(["200"]), "open again, at once");
  });

  it("gives a level, never more than the role, and by group as by name", async () => {
    const id = await upload("levels");
    const { groups } = kliv.running.app.rooms;
    const group = await groups.create({ team: owner.team, name: "Analysts", by: operator });
    const reads = async (as: Person): Promise<number> => (await call(as, "GET", `/databases/${id}`)).status;
    const writes = async (as: Person): Promise<number> => (await call(as, "PATCH", `/databases/${id}`, { body: { description: "x" } })).status;
    await share(`/databases/${id}`, true, [{ kind: "group", id: group.id, level: "view" }, { kind: "user", id: viewer.user, level: "edit" }]);
    assert.deepEqual([await reads(other), await reads(viewer), await writes(viewer)], [404, 200, 403], "a viewer edits nothing");
    await groups.addMember({ team: owner.team, id: group.id, user: other.user, by: operator });
    assert.deepEqual([await reads(other), await writes(other)], [200, 403]);
    await share(`/databases/${id}`, true, [{ kind: "group", id: group.id, level: "edit" }]);
    assert.deepEqual([await writes(other), await reads(viewer)], [200, 404]);
    await groups.delete({ team: owner.team, id: group.id, by: operator });
    assert.deepEqual([await reads(other), await reads(owner)], [404, 200], "what was shared with a group that is gone is open to nobody, not to everybody");
    await share(`/databases/${id}`, true, [{ kind: "role", id: "viewer", level: "view" }]);
    assert.deepEqual([await reads(viewer), await reads(other)], [200, 404]);
  });

  it("restricts a report; what is published stays as it was published", async () => {
    const id = (await call(owner, "POST", `/teams/${owner.team}/reports`, { body: { schema: 1, title: "Plan", language: "en", parameters: [], blocks: [] } })).json.id;
    const published = await call(owner, "POST", `/reports/${id}/publication`, { body: { visibility: "public" } });
    await share(`/reports/${id}`, true, [{ kind: "user", id: editor.user, level: "view" }]);
    for (const path of ["", "/versions", "/versions/1", "/sharing", "/screenshot.png"]) assert.deepEqual(problem(await call(viewer, "GET", `/reports/${id}${path}`)), gone, path);
    assert.deepEqual(problem(await call(other, "DELETE", `/reports/${id}`)), gone);
    assert.deepEqual([(await listed(viewer, "reports")).includes(id), (await listed(editor, "reports")).includes(id)], [false, true]);
    assert.deepEqual(problem(await call(editor, "POST", `/reports/${id}/publication`, { body: { visibility: "team" } })), [403, "FORBIDDEN"]);
    assert.equal((await kliv.api("GET", `/r/${published.json.slug}`)).status, 200);
  });

  it("goes along with an export as a restriction: imported, nothing is open that was not", async () => {
    const id = await upload("travels");
    const report = (await call(owner, "POST", `/teams/${owner.team}/reports`, { body: { schema: 1, title: "Travels", language: "en", parameters: [], blocks: [] } })).json.id;
    await share(`/databases/${id}`, true, [{ kind: "user", id: viewer.user, level: "view" }]);
    await share(`/reports/${report}`, true);
    const file = (await call(owner, "GET", `/teams/${owner.team}/export`)).json;
    const target = await kliv.makeTeam("target");
    assert.equal((await call(target, "POST", `/teams/${target.team}/import`, { body: file })).status, 201);
    const reader = { ...viewer, token: await kliv.makeToken({ user: viewer.user, team: target.team, scope: "read" }) };
    const names = async (as: Person, what: string, field: string): Promise<string[]> => (await call(as, "GET", `/teams/${target.team}/${what}?limit=200`)).json.items.map((one: Record<string, string>) => one[field]);
    const both = async (as: Person): Promise<boolean[]> => [(await names(as, "databases", "name")).includes("travels"), (await names(as, "reports", "title")).includes("Travels")];
    assert.deepEqual([await both(target), await both(reader)], [[true, true], [false, false]]);
  });

  it("is set by editors who may edit, for subjects of the team, and locks nobody out who sets it", async () => {
    const id = await upload("setting");
    assert.deepEqual(problem(await share(`/databases/${id}`, true, [], viewer)), [403, "FORBIDDEN"]);
    assert.deepEqual(problem(await share(`/databases/${id}`, true, [], editor)), [409, "SHARE_LOCKS_OUT"]);
    assert.deepEqual(problem(await share(`/databases/${id}`, true, [{ kind: "user", id: editor.user, level: "view" }], editor)), [409, "SHARE_LOCKS_OUT"]);
    const stranger = await kliv.makeTeam("stranger");
    for (const subject of [{ kind: "user", id: stranger.user }, { kind: "group", id: "grp_none" }, { kind: "role", id: "owner" }, { kind: "user", id: "viewer" }]) {
      assert.deepEqual(problem(await share(`/databases/${id}`, true, [{ ...subject, level: "view" }])), [422, "SHARE_SUBJECT_UNKNOWN"], JSON.stringify(subject));
    }
    assert.equal((await share(`/databases/${id}`, true, [{ kind: "user", id: editor.user, level: "edit" }], editor)).status, 200);
    assert.deepEqual(problem(await share(`/databases/${id}`, false, [], other)), gone);
    const { items } = (await call(owner, "GET", `/teams/${owner.team}/audit-events?action=database:share`)).json;
    assert.equal(items.filter((one: { resource: { id: string } }) => one.resource.id === id).length, 1);
    // Who leaves takes nothing with them: added again, they begin without.
    const { teams } = kliv.running.app.rooms;
    await teams.removeMember({ team: owner.team, user: editor.user, by: operator, mayMakeOwners: false });
    await teams.addMember({ team: owner.team, email: editor.email, role: "editor", by: operator, mayMakeOwners: false });
    const again = { ...editor, token: await kliv.makeToken({ user: editor.user, team: owner.team, scope: "all" }) };
    assert.deepEqual(problem(await call(again, "GET", `/databases/${id}`)), gone);
  });
});

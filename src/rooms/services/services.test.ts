import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

describe("service accounts", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let admin: typeof mine;
  let cookie: string;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("mine");
    admin = await kliv.makeTeam("admin");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: admin.email, role: "admin", by: operator, mayMakeOwners: false });
    cookie = await kliv.makeSession(admin.email);
  });
  after(() => kliv.stop());

  const path = (rest = ""): string => `/api/v1/teams/${mine.team}/services${rest}`;
  const make = async (name: string, role: string): Promise<string> => {
    const made = await kliv.api("POST", path(), { cookie, body: { name, role } });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };
  const tokenOf = async (id: string, body: object = { name: "nightly", scope: "all" }): Promise<string> => {
    const made = await kliv.api("POST", path(`/${id}/tokens`), { cookie, body });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.token;
  };
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];

  it("work with their role in their team, and say who they are", async () => {
    const id = await make("Nightly 取り込み", "editor");
    const token = await tokenOf(id);
    const me = (await kliv.api("GET", "/api/v1/me", { token })).json;
    assert.deepEqual([me.kind, me.user.id, me.user.name, me.teams.map((one: { id: string; role: string }) => [one.id, one.role])], ["service", id, "Nightly 取り込み", [[mine.team, "editor"]]]);
    const made = await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=n`, { token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "n.csv" } });
    assert.equal(made.status, 201, made.bytes.toString());
    const report = await kliv.api("POST", `/api/v1/teams/${mine.team}/reports`, { token, body: { schema: 1, title: "R", language: "en", parameters: [], blocks: [] } });
    assert.equal(report.status, 201, report.bytes.toString());
    const { job } = (await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=later`, { token, body: Buffer.from("a\n1\n"), headers: { "x-filename": "n.csv", prefer: "respond-async" } })).json;
    assert.match((await kliv.api("GET", `/api/v1/jobs/${job}`, { token, headers: { accept: "text/event-stream" } })).bytes.toString(), /"done"/);
    assert.deepEqual(problem(await kliv.api("GET", path(), { token })), [403, "FORBIDDEN"]);
    assert.deepEqual(problem(await kliv.api("GET", `/api/v1/teams/${admin.team}`, { token })), [404, "NOT_FOUND"]);
    for (const [method, own] of [["GET", "/api/v1/me/sessions"], ["PATCH", "/api/v1/me"], ["PUT", "/api/v1/me/password"], ["POST", `/api/v1/teams/${mine.team}/tokens`]] as const) {
      const answered = await kliv.api(method, own, { token, ...(method === "GET" ? {} : { body: { name: "x", scope: "read", present: "x", password: "x" } }) });
      assert.ok([400, 403].includes(answered.status), `${method} ${own}: ${answered.status}`);
    }
    const { items } = (await kliv.api("GET", `/api/v1/teams/${mine.team}/audit-events?action=database:create`, { token: mine.token })).json;
    const event = items.find((one: { resource: { id: string } }) => one.resource.id === made.json.id);
    assert.deepEqual([event.actor.kind, event.actor.id, event.actor.name], ["service", id, "Nightly 取り込み"]);
  });

  it("outlive who made them, and end with one act", async () => {
    const id = await make("Survivor", "viewer");
    const [token, reading] = [await tokenOf(id), await tokenOf(id, { name: "reads", scope: "read", expiresInDays: 1 })];
    const { teams } = kliv.running.app.rooms;
    const works = async (one: string): Promise<number> => (await kliv.api("GET", `/api/v1/teams/${mine.team}`, { token: one })).status;
    await teams.removeMember({ team: mine.team, user: admin.user, by: operator, mayMakeOwners: false });
    assert.deepEqual([await works(token), await works(reading)], [200, 200]);
    kliv.clock.move(86_400_001);
    assert.deepEqual([await works(token), await works(reading)], [200, 401], "a token ends by its time");
    await teams.addMember({ team: mine.team, email: admin.email, role: "admin", by: operator, mayMakeOwners: false });
    cookie = await kliv.makeSession(admin.email);
    const [listed] = (await kliv.api("GET", path(), { cookie })).json.items.filter((one: { id: string }) => one.id === id);
    assert.deepEqual([listed.name, listed.role, listed.tokens, typeof listed.lastUsedAt], ["Survivor", "viewer", 2, "string"]);
    assert.equal((await kliv.api("DELETE", path(`/${id}`), { cookie })).status, 204);
    assert.equal(await works(token), 401);
  });

  it("are made by administrators in person, never as owners, each with a name of its own", async () => {
    const editor = await kliv.makeTeam("editor");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: editor.email, role: "editor", by: operator, mayMakeOwners: false });
    const id = await make("Named", "admin");
    assert.deepEqual(problem(await kliv.api("POST", path(), { cookie, body: { name: "nAMED", role: "viewer" } })), [409, "SERVICE_EXISTS"]);
    assert.deepEqual(problem(await kliv.api("POST", path(), { cookie, body: { name: "x", role: "owner" } })), [400, "REQUEST_INVALID"]);
    assert.deepEqual(problem(await kliv.api("POST", path(), { cookie: await kliv.makeSession(editor.email), body: { name: "x", role: "viewer" } })), [403, "FORBIDDEN"]);
    // An administrator's program makes no token that would outlive its own.
    assert.deepEqual(problem(await kliv.api("POST", path(`/${id}/tokens`), { token: await tokenOf(id), body: { name: "x", scope: "all" } })), [403, "SESSION_NEEDED"]);
    assert.deepEqual(problem(await kliv.api("POST", `/api/v1/teams/${admin.team}/services/${id}/tokens`, { cookie, body: { name: "x", scope: "all" } })), [404, "NOT_FOUND"]);
    const shared = await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=s`, { token: mine.token, body: Buffer.from("a\n1\n"), headers: { "x-filename": "n.csv" } });
    const reader = await make("Reader", "viewer");
    const token = await tokenOf(reader);
    const put = (shares: object[]): Promise<Answered> => kliv.api("PUT", `/api/v1/databases/${shared.json.id}/sharing`, { token: mine.token, body: { restricted: true, shares } });
    const reads = async (): Promise<number> => (await kliv.api("GET", `/api/v1/databases/${shared.json.id}`, { token })).status;
    await put([]);
    assert.equal(await reads(), 404);
    assert.equal((await put([{ kind: "service", id: reader, level: "view" }])).status, 200);
    assert.equal(await reads(), 200);
  });
});

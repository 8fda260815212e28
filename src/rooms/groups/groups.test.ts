import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const corpora = process.env["KLIV_CORPORA"];

describe("groups", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let theirs: typeof mine;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("mine");
    theirs = await kliv.makeTeam("theirs");
  });
  after(() => kliv.stop());

  const call = (method: string, path: string, body?: unknown, token = mine.token) => kliv.api(method, `/api/v1/teams/${mine.team}/groups${path}`, { token, body });
  const make = async (name: string): Promise<string> => {
    const made = await call("POST", "", { name });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };
  const enter = async (name: string): Promise<{ user: string; email: string }> => {
    const made = await kliv.makeTeam(name);
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: made.email, role: "viewer", by: operator, mayMakeOwners: false });
    return made;
  };

  it("have people of the team, and only those", async () => {
    const id = await make("Sales 営業部");
    const member = await enter("member");
    assert.equal((await call("PUT", `/${id}/members/${member.user}`)).status, 204);
    assert.equal((await call("PUT", `/${id}/members/${member.user}`)).status, 204, "twice is once");
    assert.equal((await call("PUT", `/${id}/members/${theirs.user}`)).status, 404, "nobody of another team");
    const { items } = (await call("GET", `/${id}/members`)).json;
    assert.deepEqual(items, [{ user: { id: member.user, name: "member", email: member.email } }]);
    assert.equal((await call("GET", "")).json.items[0].members, 1);
    assert.equal((await call("DELETE", `/${id}/members/${member.user}`)).status, 204);
    assert.equal((await call("DELETE", `/${id}/members/${member.user}`)).status, 404);
  });

  it("are the team's own: another team's administrator finds nothing under its own address", async () => {
    const id = await make("Private");
    for (const [method, path, body] of [["PATCH", `/${id}`, { name: "taken" }], ["DELETE", `/${id}`], ["GET", `/${id}/members`], ["PUT", `/${id}/members/${theirs.user}`]] as const) {
      const other = await kliv.api(method, `/api/v1/teams/${theirs.team}/groups${path}`, { token: theirs.token, body });
      assert.deepEqual([other.status, other.json?.code], [404, "NOT_FOUND"], `${method} ${path}`);
    }
    assert.equal((await call("GET", "")).json.items.find((one: { id: string }) => one.id === id).name, "Private");
  });

  it("have names that differ, whatever their case, and are renamed and deleted with an event each", async () => {
    const id = await make("Board");
    assert.deepEqual([(await call("POST", "", { name: "board " })).json.code, (await call("POST", "", { name: "\u202e " })).json.code], ["GROUP_EXISTS", "REQUEST_INVALID"]);
    assert.equal((await call("PATCH", `/${id}`, { name: "Direc\u0000tors" })).json.name, "Direc tors");
    assert.equal((await call("DELETE", `/${id}`)).status, 204);
    const { items } = (await kliv.api("GET", `/api/v1/teams/${mine.team}/audit-events`, { token: mine.token })).json;
    const actions = items.filter((one: { resource: { id: string } }) => one.resource.id === id).map((one: { action: string }) => one.action);
    assert.deepEqual(actions, ["group:delete", "group:update", "group:create"]);
  });

  it("are known of an actor, and left with the team", async () => {
    const id = await make("Known");
    const { groups, teams, actors } = kliv.running.app.rooms;
    const member = await enter("leaver");
    const token = await kliv.makeToken({ user: member.user, team: mine.team, scope: "read" });
    const known = async (): Promise<boolean | undefined> => (await actors.find("token", token))?.groups?.has(id);
    assert.equal(await known(), false);
    await groups.setMembers({ team: mine.team, id, users: [member.user], by: operator });
    assert.equal(await known(), true, "at once, though the actor is kept in memory");
    await teams.removeMember({ team: mine.team, user: member.user, by: operator, mayMakeOwners: false });
    await teams.addMember({ team: mine.team, email: member.email, role: "viewer", by: operator, mayMakeOwners: false });
    const rows = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql`select 1 from group_members where group_id = ${id}`.execute(tx));
    assert.equal(rows.rows.length, 0, "who is added again begins without them");
  });

  it("take any name that a person may write", { skip: corpora === undefined && "KLIV_CORPORA is not set" }, async () => {
    const names = (JSON.parse(readFileSync(join(corpora!, "corpora/naughty-strings.json"), "utf8")) as string[]).filter((name) => name.length > 0 && name.length <= 100);
    let kept = 0;
    for (const name of names.filter((_, i) => i % 6 === 0)) {
      const made = await call("POST", "", { name });
      assert.ok(made.status === 201 || ["GROUP_EXISTS", "REQUEST_INVALID"].includes(made.json.code), `${JSON.stringify(name)}: ${made.bytes.toString()}`);
      if (made.status === 201) kept += 1;
    }
    assert.ok(kept > 50, `${kept} names`);
    const shown = (await call("GET", "?limit=200")).json.items as { name: string }[];
    for (const { name } of shown) assert.doesNotMatch(name, /[\p{Cc}\p{Bidi_Control}]/u);
  });
});

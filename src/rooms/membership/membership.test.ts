import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import type { Role } from "#src/access/access.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

type Person = Awaited<ReturnType<TestServer["makeTeam"]>>;

describe("one's place in a team", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  let count = 0;
  const person = (): Promise<Person> => kliv.makeTeam(`person${++count}`);
  const enter = async (team: string, role: Role): Promise<Person & { session: string }> => {
    const one = await person();
    await kliv.running.app.rooms.teams.addMember({ team, email: one.email, role, by: operator, mayMakeOwners: true });
    return { ...one, session: await kliv.makeSession(one.email) };
  };
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];
  const rolesIn = async (one: Person): Promise<Record<string, string>> => {
    const { items } = (await kliv.api("GET", `/api/v1/teams/${one.team}/members`, { token: await kliv.makeToken({ user: one.user, team: one.team, scope: "read" }) })).json;
    return Object.fromEntries(items.map((item: { user: { id: string }; role: string }) => [item.user.id, item.role]));
  };
  const cookieOf = ({ headers }: Answered): string => String(headers["set-cookie"]).split(";")[0] ?? "";
  const opens = async (cookie: string): Promise<boolean> => (await kliv.api("GET", "/api/v1/me", { cookie })).status === 200;

  it("ownership is handed over in one act: roles, sessions, one event, a mail to both", async () => {
    const mine = await person();
    const session = await kliv.makeSession(mine.email);
    const heir = await enter(mine.team, "editor");
    const path = `/api/v1/teams/${mine.team}/ownership`;
    assert.deepEqual(problem(await kliv.api("POST", path, { cookie: heir.session, body: { to: heir.user } })), [403, "FORBIDDEN"]);
    assert.deepEqual(problem(await kliv.api("POST", path, { token: mine.token, body: { to: heir.user } })), [403, "SESSION_NEEDED"]);
    assert.deepEqual(problem(await kliv.api("POST", path, { cookie: session, body: { to: (await person()).user } })), [404, "NOT_FOUND"]);
    assert.deepEqual(problem(await kliv.api("POST", path, { cookie: session, body: { to: mine.user } })), [409, "OWNER_CHANGE_REFUSED"]);
    const done = await kliv.api("POST", path, { cookie: session, body: { to: heir.user } });
    assert.equal(done.status, 204, done.bytes.toString());
    assert.deepEqual(await rolesIn(mine), { [mine.user]: "admin", [heir.user]: "owner" });
    assert.deepEqual([await opens(session), await opens(cookieOf(done)), await opens(heir.session)], [false, true, false], "each goes on under a new secret only");
    assert.equal((await kliv.api("GET", "/api/v1/me", { token: mine.token })).status, 401, "a token that was made as an owner is none of an administrator");
    const events = await kliv.api("GET", `/api/v1/teams/${mine.team}/audit-events?action=owner:change`, { cookie: cookieOf(done) });
    assert.deepEqual(events.json.items.map((one: { facts: unknown }) => one.facts), [{ from: mine.user, to: heir.user }]);
    const letters = readdirSync(join(kliv.config.home, "mail")).map((name) => readFileSync(join(kliv.config.home, "mail", name), "utf8"));
    for (const { email } of [mine, heir]) assert.equal(letters.filter((one) => one.includes(`To: ${email}`)).length, 1, email);
  });

  it("everyone may leave but the last owner", async () => {
    const mine = await person();
    const cookie = await kliv.makeSession(mine.email);
    const leave = (as: string): Promise<Answered> => kliv.api("POST", `/api/v1/teams/${mine.team}/leave`, { cookie: as });
    assert.deepEqual(problem(await leave(cookie)), [409, "LAST_OWNER"]);
    const other = await enter(mine.team, "viewer");
    const token = await kliv.makeToken({ user: other.user, team: mine.team, scope: "read" });
    const left = await leave(other.session);
    assert.equal(left.status, 204);
    const me = (await kliv.api("GET", "/api/v1/me", { cookie: cookieOf(left) })).json;
    assert.deepEqual(me.teams.map((one: { id: string }) => one.id), [other.team]);
    assert.equal((await kliv.api("GET", "/api/v1/me", { token })).status, 401);
    assert.deepEqual(problem(await leave(cookieOf(left))), [404, "NOT_FOUND"]);
    assert.deepEqual(await rolesIn(mine), { [mine.user]: "owner" });
    await enter(mine.team, "owner");
    assert.equal((await leave(cookie)).status, 204, "an owner goes where another one stays");
  });

  it("of two owners who leave at once one stays", async () => {
    const mine = await person();
    const other = await enter(mine.team, "owner");
    const cookies = [await kliv.makeSession(mine.email), other.session];
    const answers = await Promise.all(cookies.map((cookie) => kliv.api("POST", `/api/v1/teams/${mine.team}/leave`, { cookie })));
    assert.deepEqual(answers.map(problem).map(String).toSorted(), ["204,", "409,LAST_OWNER"]);
  });

  it("a new role ends the sessions that were opened under the old one, and a lower one its tokens", async () => {
    const mine = await person();
    const { teams } = kliv.running.app.rooms;
    const member = await enter(mine.team, "editor");
    const token = await kliv.makeToken({ user: member.user, team: mine.team, scope: "all" });
    const works = async (): Promise<boolean> => (await kliv.api("GET", "/api/v1/me", { token })).status === 200;
    const set = (role: Role): Promise<void> => teams.setRole({ team: mine.team, user: member.user, role, by: operator, mayMakeOwners: false });
    await set("admin");
    assert.deepEqual([await opens(member.session), await works()], [false, true]);
    const again = await kliv.makeSession(member.email);
    await set("admin");
    assert.equal(await opens(again), true, "the same role is no change");
    await set("viewer");
    assert.deepEqual([await opens(again), await works()], [false, false]);
    // Who changes their own role stays where they do it.
    const own = await kliv.makeSession(mine.email);
    const elsewhere = await kliv.api("POST", "/api/v1/sessions", { body: { email: mine.email, password: `of ${mine.email} for one test` } });
    await enter(mine.team, "owner");
    assert.equal((await kliv.api("PATCH", `/api/v1/teams/${mine.team}/members/${mine.user}`, { cookie: own, body: { role: "admin" } })).status, 204);
    assert.deepEqual([await opens(own), await opens(cookieOf(elsewhere))], [true, false]);
  });
});

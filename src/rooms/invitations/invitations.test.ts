import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const dayMs = 86_400_000;

describe("invitations", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("mine");
  });
  after(() => kliv.stop());

  const invite = (body: object, token = mine.token): Promise<Answered> => kliv.api("POST", `/api/v1/teams/${mine.team}/invitations`, { token, body });
  const post = (path: string, body: object, cookie?: string): Promise<Answered> => kliv.api("POST", `/api/v1/invitations/${path}`, { body, ...(cookie ? { cookie } : {}) });
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];
  const letters = (): string[] => readdirSync(join(kliv.config.home, "mail")).sort().map((name) => readFileSync(join(kliv.config.home, "mail", name), "utf8"));
  /** Of the newest letter to this address; quoted-printable breaks the link over lines. */
  const linkTo = (email: string): string => {
    const letter = letters().filter((one) => one.includes(`To: ${email}`)).at(-1) ?? "";
    return /invitation\?link=([\w-]+)/.exec(letter.replace(/=\n/g, "").replaceAll("=3D", "="))?.[1] ?? "";
  };
  const members = async (): Promise<{ user: { id: string; email: string; name: string }; role: string }[]> =>
    (await kliv.api("GET", `/api/v1/teams/${mine.team}/members?limit=200`, { token: mine.token })).json.items;
  const roleOf = async (email: string): Promise<string | undefined> => (await members()).find((one) => one.user.email === email)?.role;

  it("make an account for an address without one, with a password and the role, once", async () => {
    const group = (await kliv.api("POST", `/api/v1/teams/${mine.team}/groups`, { token: mine.token, body: { name: "Sales" } })).json.id;
    const made = await invite({ email: "New.Person@example.com", role: "editor", groups: [group] });
    assert.equal(made.status, 201, made.bytes.toString());
    assert.equal(await roleOf("New.Person@example.com"), undefined, "not before it is accepted");
    const link = linkTo("New.Person@example.com");
    const view = await post("view", { link });
    const asked = [{ kind: "privacy", version: 1 }, { kind: "terms", version: 1 }];
    assert.deepEqual({ ...view.json, expiresAt: "" }, { team: { name: "mine" }, inviter: "mine", role: "editor", email: "New.Person@example.com", hasAccount: false, expiresAt: "", agreements: { pending: asked } });
    assert.deepEqual(problem(await post("accept", { link })), [422, "PASSWORD_REFUSED"]);
    assert.deepEqual(problem(await post("accept", { link, password: "12345678" })), [422, "PASSWORD_REFUSED"]);
    assert.deepEqual(problem(await post("accept", { link, password: "correct horse battery staple", accepted: [{ kind: "terms", version: 2 }] })), [409, "AGREEMENT_NOT_CURRENT"]);
    const accepted = await post("accept", { link, name: "新しい\u202e人", password: "correct horse battery staple", accepted: asked });
    assert.deepEqual([accepted.status, accepted.json], [200, { team: mine.team }]);
    const member = (await members()).find((one) => one.user.email === "New.Person@example.com");
    assert.deepEqual([member?.role, member?.user.name], ["editor", "新しい 人"]);
    const inside = (await kliv.api("GET", `/api/v1/teams/${mine.team}/groups/${group}/members`, { token: mine.token })).json.items;
    assert.deepEqual(inside.map((one: { user: { id: string } }) => one.user.id), [member?.user.id]);
    for (const path of ["view", "accept", "decline"]) assert.deepEqual(problem(await post(path, { link, ...(path === "accept" ? { password: "correct horse battery staple" } : {}) })), [400, "INVITATION_INVALID"], path);
    const session = await kliv.api("POST", "/api/v1/sessions", { body: { email: "new.person@example.com", password: "correct horse battery staple" } });
    assert.equal(session.status, 201);
    // Invited, one begins in that team and in no other.
    const me = await kliv.api("GET", "/api/v1/me", { cookie: String(session.headers["set-cookie"]).split(";")[0] ?? "" });
    assert.deepEqual(me.json.teams.map((one: { id: string }) => one.id), [mine.team]);
    assert.deepEqual(me.json.agreements.pending, []);
  });

  it("are accepted only by the account of their address, and give its session a new secret", async () => {
    const invited = await kliv.makeTeam("invited");
    const other = await kliv.makeTeam("other");
    assert.equal((await invite({ email: "INVITED@example.com", role: "admin" })).status, 201);
    const link = linkTo("INVITED@example.com");
    assert.equal((await post("view", { link })).json.hasAccount, true);
    assert.deepEqual(problem(await post("accept", { link, password: "correct horse battery staple" })), [401, "SIGNIN_NEEDED"], "the link proves the address, not the account");
    assert.deepEqual(problem(await post("accept", { link }, await kliv.makeSession(other.email))), [409, "INVITATION_FOR_ANOTHER"]);
    assert.deepEqual(problem(await kliv.api("POST", "/api/v1/invitations/accept", { body: { link }, token: invited.token })), [403, "SESSION_NEEDED"]);
    const cookie = await kliv.makeSession(invited.email);
    const accepted = await post("accept", { link }, cookie);
    assert.equal(accepted.status, 200, accepted.bytes.toString());
    assert.equal(await roleOf(invited.email), "admin");
    const renewed = String(accepted.headers["set-cookie"]).split(";")[0] ?? "";
    const who = async (one: string): Promise<number> => (await kliv.api("GET", "/api/v1/me", { cookie: one })).status;
    assert.deepEqual([await who(renewed), await who(cookie)], [200, 401]);
  });

  it("tell an administrator the same whether the address has an account or not", async () => {
    const known = await kliv.makeTeam("known.person");
    const answers = [];
    for (const email of [known.email, "unknown.person@example.com"]) {
      const { status, json } = await invite({ email, role: "viewer" });
      answers.push([status, { ...json, id: "", email: "" }]);
    }
    assert.deepEqual(answers[0], answers[1]);
    const listed = await kliv.api("GET", `/api/v1/teams/${mine.team}/invitations`, { token: mine.token });
    assert.doesNotMatch(listed.bytes.toString(), new RegExp(`"known.person"|${known.user}`));
  });

  it("of fifty acceptances at once take one", async () => {
    await invite({ email: "many@example.com", role: "viewer" });
    const link = linkTo("many@example.com");
    const answers = await Promise.all(Array.from({ length: 50 }, () => post("accept", { link, password: "correct horse battery staple" })));
    const codes = answers.map(problem).map(String).toSorted();
    assert.equal(codes.filter((one) => one === "200,").length, 1, codes.join(" "));
    // Who comes when the account is made already is asked to sign in as it.
    assert.deepEqual(codes.filter((one) => !["200,", "400,INVITATION_INVALID", "401,SIGNIN_NEEDED"].includes(one)), []);
    assert.equal((await members()).filter((one) => one.user.email === "many@example.com").length, 1);
  });

  it("end when withdrawn, declined, mailed again or too old", async () => {
    const start = async (email: string): Promise<{ id: string; link: string }> => {
      const made = await invite({ email, role: "viewer" });
      return { id: made.json.id, link: linkTo(email) };
    };
    const isOpen = async (link: string): Promise<boolean> => (await post("view", { link })).status === 200;
    const path = (id: string): string => `/api/v1/teams/${mine.team}/invitations/${id}`;

    const withdrawn = await start("withdrawn@example.com");
    assert.deepEqual(problem(await invite({ email: "Withdrawn@example.com", role: "viewer" })), [409, "INVITATION_EXISTS"]);
    assert.equal((await kliv.api("DELETE", path(withdrawn.id), { token: mine.token })).status, 204);
    const declined = await start("declined@example.com");
    assert.equal((await post("decline", { link: declined.link })).status, 204);
    const again = await start("again@example.com");
    assert.equal((await kliv.api("POST", `${path(again.id)}/mail`, { token: mine.token })).status, 200);
    const renewed = linkTo("again@example.com");
    assert.deepEqual([await isOpen(withdrawn.link), await isOpen(declined.link), await isOpen(again.link), await isOpen(renewed)], [false, false, false, true]);
    kliv.clock.move(7 * dayMs - 1);
    assert.equal(await isOpen(renewed), true);
    kliv.clock.move(1);
    assert.equal(await isOpen(renewed), false);
    await kliv.running.app.rooms.invitations.sweep();
    assert.equal((await kliv.api("GET", `/api/v1/teams/${mine.team}/invitations`, { token: mine.token })).json.items.length, 0);
  });

  it("end with the membership of who sent them; owners are made by owners", async () => {
    const admin = await kliv.makeTeam("admin");
    const { teams } = kliv.running.app.rooms;
    await teams.addMember({ team: mine.team, email: admin.email, role: "admin", by: operator, mayMakeOwners: false });
    const token = await kliv.makeToken({ user: admin.user, team: mine.team, scope: "all" });
    assert.deepEqual(problem(await invite({ email: "a@example.com", role: "owner" }, token)), [403, "FORBIDDEN"]);
    assert.equal((await invite({ email: "vouched@example.com", role: "admin" }, token)).status, 201);
    await teams.removeMember({ team: mine.team, user: admin.user, by: operator, mayMakeOwners: false });
    assert.deepEqual(problem(await post("view", { link: linkTo("vouched@example.com") })), [400, "INVITATION_INVALID"]);
    assert.deepEqual(problem(await invite({ email: mine.email, role: "viewer" })), [409, "MEMBER_EXISTS"]);
    assert.deepEqual(problem(await invite({ email: "not an address", role: "viewer" })), [400, "EMAIL_INVALID"]);
    assert.deepEqual(problem(await invite({ email: "b@example.com", role: "viewer", groups: ["grp_none"] })), [404, "NOT_FOUND"]);
  });

  it("are mailed in the language of who is invited, with what people wrote escaped, and stand nowhere in the clear", async () => {
    const { app } = kliv.running;
    await app.postgres.transaction({}, (tx) => app.rooms.teams.createUser(tx, { email: "ja@example.com", name: "日本", language: "ja" }));
    await kliv.api("PATCH", `/api/v1/teams/${mine.team}`, { token: mine.token, body: { name: '<img src=x>"&\'' } });
    await invite({ email: "ja@example.com", role: "viewer" });
    const letter = letters().filter((one) => one.includes("To: ja@example.com")).at(-1) ?? "";
    assert.match(letter, /Subject: =\?UTF-8\?/);
    assert.match(letter, /lang=3D"ja"/);
    assert.doesNotMatch(letter.split("text/html")[1] ?? "", /<img/);
    const link = linkTo("ja@example.com");
    const stored = await app.postgres.transaction({ operator: true }, (tx) => sql<{ row: string }>`select row_to_json(invitations)::text as row from invitations`.execute(tx));
    assert.ok(stored.rows.length > 0 && link.length > 40);
    assert.equal(stored.rows.some(({ row }) => row.includes(link)), false);
  });

  it("stop before they flood strangers' mailboxes", async () => {
    kliv.clock.move(dayMs);
    let answered = await invite({ email: "flood0@example.com", role: "viewer" });
    for (let i = 1; answered.status === 201 && i < 100; i++) answered = await invite({ email: `flood${i}@example.com`, role: "viewer" });
    assert.deepEqual(problem(answered), [429, "INVITATIONS_TOO_MANY"]);
  });
});

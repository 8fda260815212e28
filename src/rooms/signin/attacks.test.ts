import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

/** What somebody tries who is not content with the front door. */
describe("accounts under attack", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const post = (path: string, body: unknown, more: { token?: string; cookie?: string } = {}) => kliv.api("POST", path, { body, ...more });
  const linkFor = async (email: string): Promise<string> => {
    const { signin, teams } = kliv.running.app.rooms;
    const url = await kliv.running.app.postgres.transaction({}, async (tx) => signin.createLink(tx, (await teams.findUserByEmail(tx, email))!, kliv.config.origin));
    return new URL(url).searchParams.get("link") as string;
  };

  it("a name in any letters identifies its one account, and a second of the same name gets another", async () => {
    const { teams } = kliv.running.app.rooms;
    const make = (email: string, name: string) => kliv.running.app.postgres.transaction({}, (tx) => teams.createUser(tx, { email, name }));
    const names = ["Élan Ｍ山", "ÉLAN Ｍ山", "Ωmega"];
    const users = [];
    for (const [at, name] of [...names, names[0]!].entries()) users.push(await make(`letters-${at}@example.com`, name));
    assert.equal(new Set(users.map((user) => user.user_name)).size, 4);
    for (const user of users) {
      assert.equal((await post("/api/v1/passwords", { link: await linkFor(user.email), password: "correct horse 電池" })).status, 204);
      const { status, json } = await post("/api/v1/sessions", { email: user.user_name, password: "correct horse 電池" });
      assert.deepEqual([status, json.user?.id], [201, user.id], user.user_name);
    }
  });

  it("a password counts as it is compared: composed characters are one, half a character is none", async () => {
    const { email } = await kliv.makeTeam("composed");
    const offer = async (password: string): Promise<number> => (await post("/api/v1/passwords", { link: await linkFor(email), password })).status;
    assert.equal(await offer("é".normalize("NFD").repeat(4)), 422);
    assert.equal(await offer("\ud800".repeat(12)), 422);
    assert.equal(await offer("がぎぐげごぱぴぷ".normalize("NFD")), 204);
    assert.equal((await post("/api/v1/sessions", { email, password: "がぎぐげごぱぴぷ" })).status, 201);
    assert.equal(await offer("が".normalize("NFD").repeat(128)), 204);
  });

  it("many requests for links at once fill nobody's mailbox", async () => {
    const letters = (): number => readdirSync(join(kliv.config.home, "mail"), { withFileTypes: true }).filter((one) => one.isFile()).length;
    await post("/api/v1/password-links", { email: "other@example.com" });
    const before = letters();
    const all = await Promise.all(Array.from({ length: 20 }, (_, at) => post("/api/v1/password-links", { email: at % 2 === 0 ? "Flood@Example.com" : "flood@example.com" })));
    assert.ok(all.every(({ status }) => status === 202));
    assert.equal(letters() - before, 5);
  });

  it("a token makes no other token, and does not reach the account", async () => {
    const { team, token, email } = await kliv.makeTeam("token");
    const refused = [
      await post(`/api/v1/teams/${team}/tokens`, { name: "mine for ever", scope: "all" }, { token }),
      await post("/api/v1/teams", { name: "another" }, { token }),
      await kliv.api("GET", "/api/v1/me/sessions", { token }),
      await kliv.api("DELETE", "/api/v1/me/sessions/ses_1", { token }),
      await kliv.api("PATCH", "/api/v1/me", { token, body: { name: "somebody else" } }),
    ];
    assert.deepEqual(refused.map(({ status, json }) => [status, json.code]), refused.map(() => [403, "SESSION_NEEDED"]));
    const cookie = await kliv.makeSession(email);
    assert.equal((await post(`/api/v1/teams/${team}/tokens`, { name: "in person", scope: "read" }, { cookie })).status, 201);
    assert.equal((await kliv.api("GET", "/api/v1/me/sessions", { cookie })).json.items.length, 1);
  });

  it("a token ends with its person's membership, also when they are added again", async () => {
    const { team } = await kliv.makeTeam("ends");
    const { user, email } = await kliv.makeTeam("leaver");
    const { teams, signin } = kliv.running.app.rooms;
    const make = () => signin.createToken({ user, team, name: "t", scope: "all", by: operator });
    await assert.rejects(make(), /NOT_FOUND/);
    await teams.addMember({ team, email, role: "editor", by: operator, mayMakeOwners: false });
    const { token } = await make();
    const reads = async (): Promise<number> => (await kliv.api("GET", `/api/v1/teams/${team}`, { token })).status;
    assert.equal(await reads(), 200);
    await teams.removeMember({ team, user, by: operator, mayMakeOwners: false });
    assert.equal(await reads(), 401);
    await teams.addMember({ team, email, role: "viewer", by: operator, mayMakeOwners: false });
    assert.equal(await reads(), 401);
  });

  it("an export written by hand makes no account that another rule would refuse, and no team without an owner", async () => {
    const { team, token, email } = await kliv.makeTeam("importer");
    const file = (await kliv.api("GET", `/api/v1/teams/${team}/export`, { token })).json;
    const person = (change: object) => ({ email: "planted@example.com", name: "Planted", userName: "planted", language: "en", role: "viewer", memberSince: "2026-01-01T00:00:00.000Z", ...change });
    const bring = (users: unknown[]) => post(`/api/v1/teams/${team}/import`, { ...file, users }, { token });
    const wrong = await bring([...file.users, person({ email: "not an address" })]);
    assert.deepEqual([wrong.status, wrong.json.code], [422, "IMPORT_INVALID"]);
    const lower = await bring([{ ...file.users[0], role: "viewer" }]);
    assert.deepEqual([lower.status, lower.json.code], [409, "LAST_OWNER"]);
    assert.equal((await kliv.api("GET", "/api/v1/me", { token })).json.teams[0].role, "owner");
    const made = await bring([...file.users, person({ name: "Ad\u202emin\u0000", userName: `${email}` })]);
    assert.equal(made.status, 201, made.bytes.toString());
    const { items } = (await kliv.api("GET", `/api/v1/teams/${team}/members`, { token })).json;
    const planted = items.find((one: { user: { email: string } }) => one.user.email === "planted@example.com");
    assert.deepEqual([planted.user.name, planted.user.userName], ["Ad min", "importer example.com"]);
  });

  it("nothing private is kept by a browser or on the way", async () => {
    const { team, token } = await kliv.makeTeam("cache");
    for (const path of ["/api/v1/me", `/api/v1/teams/${team}/members`, "/api/v1/databases/db_none"]) {
      assert.equal((await kliv.api("GET", path, { token })).headers["cache-control"], "no-store", path);
    }
    assert.match(String((await kliv.api("GET", "/favicon.svg")).headers["cache-control"] ?? "no-cache"), /no-cache/);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { createAuthenticator } from "#promises/checks/authenticator.ts";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const sessionOf = ({ headers }: Answered): string => [headers["set-cookie"] ?? []].flat().map((one) => one.split(";")[0]!).find((pair) => pair.startsWith("__Host-kliv=")) ?? "";
const saysOf = ({ status, json }: Answered): [number, string | undefined] => [status, json?.code];

describe("a team that requires a second factor", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const call = (method: string, path: string, cookie: string, body?: unknown) => kliv.api(method, path, { cookie, ...(body === undefined ? {} : { body }) });
  /** Gives the session a passkey; its new cookie. */
  async function protect(cookie: string): Promise<string> {
    const { options } = (await call("POST", "/api/v1/me/factors/passkeys/options", cookie, {})).json;
    const added = await call("POST", "/api/v1/me/factors/passkeys", cookie, { name: "key", response: createAuthenticator(kliv.config.origin).create(options) });
    assert.equal(added.status, 201, added.bytes.toString());
    return sessionOf(added);
  }
  async function makeStrict(name: string) {
    const owner = await kliv.makeTeam(name);
    const member = await kliv.makeTeam(`${name}-member`);
    const { teams } = kliv.running.app.rooms;
    await teams.addMember({ team: owner.team, email: member.email, role: "editor", by: operator, mayMakeOwners: true });
    const made = await kliv.api("POST", `/api/v1/teams/${owner.team}/databases?name=m`, { token: owner.token, body: Buffer.from("a\n1\n"), headers: { "x-filename": "m.csv" } });
    const cookie = await protect(await kliv.makeSession(owner.email));
    return { owner, member, database: made.json.id as string, cookie };
  }

  it("is made so by an administrator who has one, in person", async () => {
    const { email, team, token, user } = await kliv.makeTeam("switch");
    const plain = await kliv.makeSession(email);
    const path = `/api/v1/teams/${team}`;
    assert.deepEqual(saysOf(await call("PATCH", path, plain, { factorRequired: true })), [409, "OWN_FACTOR_NEEDED"]);
    for (const factorRequired of [true, false]) assert.deepEqual(saysOf(await kliv.api("PATCH", path, { token, body: { factorRequired } })), [403, "SESSION_NEEDED"]);
    assert.equal((await call("GET", path, plain)).json.factorRequired, false);
    const cookie = await protect(plain);
    assert.equal((await call("PATCH", path, cookie, { factorRequired: true })).json.factorRequired, true);
    const member = await kliv.makeTeam("switch-editor");
    await kliv.running.app.rooms.teams.addMember({ team, email: member.email, role: "editor", by: operator, mayMakeOwners: true });
    const editor = await protect(await kliv.makeSession(member.email));
    assert.deepEqual(saysOf(await call("PATCH", path, editor, { factorRequired: false })), [403, "FORBIDDEN"]);
    const events = (await call("GET", `${path}/audit-events?action=team:update`, cookie)).json.items;
    assert.deepEqual([events.length, events[0].facts.factorRequired, events[0].actor.id], [1, true, user]);
  });

  it("keeps everything of the team from a session without one, at once, and says what to do; the rest stays", async () => {
    const { owner, member, database, cookie: admin } = await makeStrict("strict");
    const cookie = await kliv.makeSession(member.email);
    assert.equal((await call("GET", `/api/v1/databases/${database}`, cookie)).status, 200);
    assert.equal((await call("PATCH", `/api/v1/teams/${owner.team}`, admin, { factorRequired: true })).status, 200);
    const refused = [
      await call("GET", `/api/v1/teams/${owner.team}`, cookie), await call("GET", `/api/v1/teams/${owner.team}/databases`, cookie), await call("GET", `/api/v1/databases/${database}`, cookie),
      await call("POST", `/api/v1/databases/${database}/query`, cookie, { sql: "select 1" }), await call("DELETE", `/api/v1/databases/${database}`, cookie),
    ];
    assert.deepEqual(refused.map(saysOf), refused.map(() => [403, "FACTOR_REQUIRED"]));
    // What there is not stays what there is not, and strangers learn nothing.
    assert.deepEqual(saysOf(await call("GET", "/api/v1/databases/db_none", cookie)), [404, "NOT_FOUND"]);
    const stranger = await kliv.makeTeam("strict-stranger");
    assert.deepEqual(saysOf(await call("GET", `/api/v1/databases/${database}`, await kliv.makeSession(stranger.email))), [404, "NOT_FOUND"]);
    // Their own team, their account and the way to a factor are open.
    assert.equal((await call("GET", `/api/v1/teams/${member.team}`, cookie)).status, 200);
    const me = (await call("GET", "/api/v1/me", cookie)).json;
    assert.deepEqual(me.teams.map((one: { id: string; withheld: boolean }) => [one.id, one.withheld]).sort(), [[owner.team, true], [member.team, false]].sort());
    assert.equal(me.hasFactor, false);
    // Tokens are programs': they go on.
    const token = await kliv.makeToken({ user: member.user, team: owner.team, scope: "read" });
    assert.equal((await kliv.api("GET", `/api/v1/databases/${database}`, { token })).status, 200);
    const fresh = await protect(cookie);
    assert.equal((await call("GET", `/api/v1/databases/${database}`, fresh)).status, 200);
    assert.equal((await call("GET", "/api/v1/me", fresh)).json.teams.some((one: { withheld: boolean }) => one.withheld), false);
    // And with the last factor the team goes again.
    const [{ id }] = (await call("GET", "/api/v1/me/factors", fresh)).json.passkeys;
    const bare = sessionOf(await call("DELETE", `/api/v1/me/factors/passkeys/${id}`, fresh));
    assert.deepEqual(saysOf(await call("GET", `/api/v1/databases/${database}`, bare)), [403, "FACTOR_REQUIRED"]);
    assert.equal((await call("PATCH", `/api/v1/teams/${owner.team}`, admin, { factorRequired: false })).status, 200);
    assert.equal((await call("GET", `/api/v1/databases/${database}`, bare)).status, 200);
  });

  it("does not count such a team among what the session reaches, so that row-level security does not show it either", async () => {
    const { owner, member, cookie: admin } = await makeStrict("wall");
    await call("PATCH", `/api/v1/teams/${owner.team}`, admin, { factorRequired: true });
    const cookie = await kliv.makeSession(member.email);
    const actor = await kliv.running.app.rooms.actors.find("session", cookie.split("=")[1]!);
    assert.deepEqual([[...actor!.teams.keys()], [...actor!.withheld!.keys()]], [[member.team], [owner.team]]);
    const seen = await kliv.running.app.postgres.transaction({ user: actor!.user, teams: [...actor!.teams.keys()] }, async (tx) => (await sql<{ team_id: string }>`select team_id from databases`.execute(tx)).rows);
    assert.deepEqual(seen, []);
  });

  it("takes an identity provider's word and a passkey's", async () => {
    const { owner, member, database, cookie: admin } = await makeStrict("word");
    await call("PATCH", `/api/v1/teams/${owner.team}`, admin, { factorRequired: true });
    const { signin, teams } = kliv.running.app.rooms;
    const { secret } = await kliv.running.app.postgres.transaction({ user: member.user }, async (tx) =>
      await signin.letIn(tx, { user: (await teams.findUser(tx, member.user))!, method: "saml", hasFactor: true, agent: "", by: operator }),
    );
    let cookie = `__Host-kliv=${secret}`;
    assert.equal((await call("GET", `/api/v1/databases/${database}`, cookie)).status, 200);
    // It stands when a factor of one's own comes and goes.
    cookie = await protect(cookie);
    const [{ id }] = (await call("GET", "/api/v1/me/factors", cookie)).json.passkeys;
    cookie = sessionOf(await call("DELETE", `/api/v1/me/factors/passkeys/${id}`, cookie));
    assert.equal((await call("GET", `/api/v1/databases/${database}`, cookie)).status, 200);
  });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { callServer, startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";
import { idpMetadata } from "../saml/testing.ts";

const error = "urn:ietf:params:scim:api:messages:2.0:Error";

describe("a directory that keeps a team's people", () => {
  let kliv: TestServer;
  let team: string;
  let owner: { user: string; token: string; email: string };
  let connection: string;
  let token: string;
  before(async () => {
    kliv = await startTestServer();
    ({ team, ...owner } = await kliv.makeTeam("corp"));
    await query(`update teams set plan = 'enterprise' where id = '${team}'`);
    const { saml } = kliv.running.app.rooms;
    ({ id: connection } = (await saml.connections.create({ team, settings: { metadata: await idpMetadata(), roles: { Editors: "editor", Admins: "admin" } }, by: operator })).row);
    await saml.domains.add({ team, domain: "corp.example", by: operator });
    await saml.domains.verify({ team, domain: "corp.example", isByOperator: true, by: operator });
    token = (await admin("POST")).json.token;
  });
  after(() => kliv?.stop());

  const query = (text: string): Promise<any[]> => kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql.raw<any>(text).execute(tx)).rows);
  const admin = (method: string): Promise<Answered> => kliv.api(method, `/api/v1/teams/${team}/sso-connections/${connection}/directory`, { token: owner.token });
  const scim = (method: string, path: string, body?: unknown, as = token): Promise<Answered> =>
    callServer({ port: Number(new URL(kliv.config.origin).port), ca: kliv.ca, method, path: `/scim/v2/${connection}${path}`, token: as, ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)), headers: { "content-type": "application/scim+json" } }) });
  const person = async (name: string, more: object = {}): Promise<any> => {
    const made = await scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${name}@corp.example`, name: { givenName: name, familyName: "Tanaka" }, externalId: `ext-${name}`, active: true, ...more });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json;
  };
  const roleOf = async (user: string): Promise<string | null> => (await query(`select role from members where team_id = '${team}' and user_id = '${user}'`))[0]?.role ?? null;

  it("answers its own token alone, and tells what it can", async () => {
    const refused = await scim("GET", "/Users", undefined, "kliv_scim_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert.deepEqual([refused.status, refused.json.schemas, refused.json.status, refused.headers["content-type"]], [401, [error], "401", "application/scim+json; charset=utf-8"]);
    assert.equal((await scim("GET", "/Users", undefined, owner.token)).status, 401);
    assert.equal((await kliv.api("GET", "/api/v1/me", { token })).status, 401, "the token is nobody's elsewhere");
    const config = (await scim("GET", "/ServiceProviderConfig")).json;
    assert.deepEqual([config.patch.supported, config.bulk.supported, config.filter.supported], [true, false, true]);
    assert.deepEqual((await scim("GET", "/ResourceTypes")).json.Resources.map((one: { id: string }) => one.id), ["User", "Group"]);
    assert.equal((await scim("GET", "/Schemas")).json.totalResults, 2);
    assert.equal((await scim("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User")).json.name, "User");
    const before = token;
    token = (await admin("POST")).json.token;
    assert.equal((await scim("GET", "/Users", undefined, before)).status, 401, "a new token ends the one before");
  });

  it("makes, finds, changes and lists people", async () => {
    const hana = await person("hana");
    const atOnce = await Promise.all(Array.from({ length: 5 }, () => scim("POST", "/Users", { userName: "once@corp.example" })));
    assert.deepEqual(atOnce.map(({ status }) => status).sort(), [201, 409, 409, 409, 409]);
    assert.equal((await scim("DELETE", `/Users/${atOnce.find(({ status }) => status === 201)!.json.id}`)).status, 204);
    assert.deepEqual([hana.userName, hana.displayName, hana.active, hana.externalId], ["hana@corp.example", "hana Tanaka", true, "ext-hana"]);
    assert.equal(await roleOf(hana.id), "viewer");
    const twice = await scim("POST", "/Users", { userName: "HANA@corp.example" });
    assert.deepEqual([twice.status, twice.json.scimType], [409, "uniqueness"]);
    const foreign = await scim("POST", "/Users", { userName: "hana@other.example" });
    assert.deepEqual([foreign.status, foreign.json.scimType], [400, "invalidValue"]);
    for (const filter of ['userName eq "Hana@Corp.example"', 'externalId eq "ext-hana"', `id EQ "${hana.id}"`, 'emails.value eq "hana@corp.example"']) {
      assert.deepEqual((await scim("GET", `/Users?filter=${encodeURIComponent(filter)}`)).json.Resources.map((one: { id: string }) => one.id), [hana.id], filter);
    }
    assert.equal((await scim("GET", `/Users?filter=${encodeURIComponent('userName eq "x" or "1" eq "1"')}`)).json.scimType, "invalidFilter");
    assert.equal((await scim("GET", `/Users?filter=${encodeURIComponent(`userName eq "' or 1=1 --"`)}`)).json.totalResults, 0);
    for (const filter of ['userName eq "a\nb"', 'userName eq "a\\\u0001"', 'userName co "a"', "userName eq a", 'password eq "a"']) assert.equal((await scim("GET", `/Users?filter=${encodeURIComponent(filter)}`)).json.scimType, "invalidFilter", filter);
    for (const name of ["a", "b", "c"]) await person(name);
    const page = (await scim("GET", "/Users?startIndex=2&count=2")).json;
    assert.deepEqual([page.totalResults, page.startIndex, page.itemsPerPage, page.Resources.length], [4, 2, 2, 2]);
    assert.equal((await scim("GET", "/Users?count=0")).json.Resources.length, 0);
    const put = (await scim("PUT", `/Users/${hana.id}`, { userName: "hanako@corp.example", displayName: "Hanako 花子", active: true })).json;
    assert.deepEqual([put.userName, put.displayName, put.externalId], ["hanako@corp.example", "Hanako 花子", undefined]);
    assert.equal((await scim("PATCH", `/Users/${hana.id}`, { Operations: [{ op: "replace", path: "userName", value: "a@corp.example" }] })).status, 409);
    assert.equal((await scim("PATCH", `/Users/${hana.id}`, { Operations: [{ op: "Add", value: { "name.formatted": "花" } }] })).json.displayName, "花");
    assert.equal((await scim("GET", "/Users/nobody")).status, 404);
    assert.equal((await scim("POST", "/Users", [])).json.scimType, "invalidValue");
  });

  it("who is inactive there is out here: of the team, of sessions, and with every token", async () => {
    const { accounts, postgres } = { accounts: kliv.running.app.rooms.teams, postgres: kliv.running.app.postgres };
    for (const [i, end] of (["active", "entra", "put", "delete"] as const).entries()) {
      const { id } = await person(`leaver${i}`);
      const session = await kliv.makeSession(`leaver${i}@corp.example`);
      const own = await kliv.makeToken({ user: id, team, scope: "all" });
      const ask = async () => [(await kliv.api("GET", "/api/v1/me", { cookie: session })).status, (await kliv.api("GET", "/api/v1/me", { token: own })).status];
      assert.deepEqual(await ask(), [200, 200]);
      const ways = {
        active: () => scim("PATCH", `/Users/${id}`, { Operations: [{ op: "replace", value: { active: false } }] }),
        entra: () => scim("PATCH", `/Users/${id}`, { Operations: [{ op: "Replace", path: "active", value: "False" }] }),
        put: () => scim("PUT", `/Users/${id}`, { userName: `leaver${i}@corp.example`, active: false }),
        delete: () => scim("DELETE", `/Users/${id}`),
      };
      const answered = await ways[end]();
      assert.ok(answered.status < 300, answered.bytes.toString());
      assert.deepEqual(await ask(), [401, 401], end);
      assert.equal(await roleOf(id), null, end);
      assert.equal((await scim("GET", `/Users/${id}`)).status, end === "delete" ? 404 : 200);
      assert.ok(await postgres.transaction({}, (tx) => accounts.findUser(tx, id)), "the account itself stays");
      if (end === "active") {
        assert.equal((await scim("PATCH", `/Users/${id}`, { Operations: [{ op: "replace", path: "active", value: true }] })).json.active, true);
        assert.deepEqual([await roleOf(id), ...(await ask())], ["viewer", 401, 401], "comes back without the old session and token");
      }
      if (end === "delete") assert.equal((await person(`leaver${i}`)).id, id, "the same account again");
    }
  });

  const corpora = process.env["KLIV_CORPORA"];
  it("takes names of every kind, and keeps none that would disguise another", { skip: corpora ? false : "KLIV_CORPORA is not set" }, async () => {
    const names = (JSON.parse(readFileSync(join(corpora ?? "", "corpora/naughty-strings.json"), "utf8")) as string[]).filter((_, at) => at % 12 === 0);
    const { id } = await person("naughty");
    for (const [at, name] of names.entries()) {
      const said = await scim("PATCH", `/Users/${id}`, { Operations: [{ op: "replace", path: "displayName", value: name }] });
      assert.ok(said.status === 200 || said.json.scimType === "invalidValue", `${JSON.stringify(name)}: ${said.bytes.toString()}`);
      if (said.status === 200) assert.doesNotMatch(said.json.displayName, /[\p{Cc}\p{Bidi_Control}]/u);
      const group = await scim("POST", "/Groups", { displayName: `${at} ${name}` });
      assert.ok([201, 400, 409].includes(group.status), `${JSON.stringify(name)}: ${group.bytes.toString()}`);
      if (group.status === 201) assert.equal((await scim("GET", `/Groups?filter=${encodeURIComponent(`displayName eq ${JSON.stringify(group.json.displayName)}`)}`)).json.totalResults, 1, JSON.stringify(name));
    }
  });

  it("never leaves a team without an owner, and never touches another team", async () => {
    await query(`update users set email = 'owner@corp.example' where id = '${owner.user}'`);
    await scim("POST", "/Users", { userName: "owner@corp.example" });
    const last = await scim("PATCH", `/Users/${owner.user}`, { Operations: [{ op: "replace", path: "active", value: false }] });
    assert.deepEqual([last.status, last.json.scimType], [409, "mutability"]);
    assert.equal(await roleOf(owner.user), "owner");
    const other = await kliv.makeTeam("rival");
    assert.equal((await scim("DELETE", `/Users/${other.user}`)).status, 404);
    assert.equal((await kliv.api("GET", `/api/v1/teams/${team}/sso-connections/${connection}/directory`, { token: other.token })).status, 404);
  });

  it("keeps groups, which give roles by the connection's table", async () => {
    const [kei, rin] = [await person("kei"), await person("rin")];
    const made = await scim("POST", "/Groups", { displayName: "Editors", externalId: "g1", members: [{ value: kei.id }, { value: "nobody" }] });
    assert.equal(made.status, 201, made.bytes.toString());
    const group = made.json.id;
    assert.deepEqual([made.json.members, await roleOf(kei.id)], [[{ value: kei.id }], "editor"]);
    assert.ok((await kliv.api("GET", `/api/v1/teams/${team}/groups`, { token: owner.token })).json.items.some((one: { id: string }) => one.id === group), "it is one of the team's groups");
    const patch = (...operations: object[]) => scim("PATCH", `/Groups/${group}`, { Operations: operations });
    assert.deepEqual((await patch({ op: "add", path: "members", value: [{ value: rin.id }] })).json.members.length, 2);
    assert.equal(await roleOf(rin.id), "editor");
    assert.deepEqual((await patch({ op: "remove", path: `members[value eq "${kei.id}"]` })).json.members, [{ value: rin.id }]);
    assert.equal(await roleOf(kei.id), "viewer");
    assert.equal((await patch({ op: "replace", path: "displayName", value: "Admins" })).json.displayName, "Admins");
    assert.equal(await roleOf(rin.id), "admin");
    assert.deepEqual((await scim("PUT", `/Groups/${group}`, { displayName: "Admins", members: [{ value: kei.id }] })).json.members, [{ value: kei.id }]);
    assert.deepEqual([await roleOf(kei.id), await roleOf(rin.id)], ["admin", "viewer"]);
    assert.equal((await scim("GET", `/Groups?filter=${encodeURIComponent('displayName eq "admins"')}`)).json.totalResults, 1);
    const ours = (await kliv.api("POST", `/api/v1/teams/${team}/groups`, { token: owner.token, body: { name: "Ours" } })).json.id;
    assert.equal((await scim("PATCH", `/Groups/${ours}`, { Operations: [{ op: "replace", path: "members", value: [] }] })).status, 404, "a group of the team's own");
    assert.equal((await scim("POST", "/Groups", { displayName: "ours" })).status, 409);
    assert.equal((await scim("DELETE", `/Groups/${group}`)).status, 204);
    assert.deepEqual([(await scim("GET", `/Groups/${group}`)).status, await roleOf(kei.id)], [404, "viewer"]);
  });

  it("ends with its token, or its connection", async () => {
    assert.equal((await admin("DELETE")).status, 204);
    assert.equal((await scim("GET", "/Users")).status, 401);
    assert.equal((await admin("GET")).json.isOn, false);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { Browser, noIdp, startIdp } from "./testing.ts";
import type { Idp } from "./testing.ts";

describe("single sign-on with a real identity provider", { skip: noIdp }, () => {
  let kliv: TestServer;
  let idp: Idp;
  let team: string;
  let owner: { email: string; token: string; user: string };
  let connection: string;
  before(async () => {
    [idp, kliv] = await Promise.all([startIdp(), startTestServer()]);
    // The provider has the machine's clock.
    kliv.clock.move(performance.timeOrigin + performance.now() - kliv.clock.now());
    ({ team, ...owner } = await kliv.makeTeam("corp"));
    await query(`update teams set plan = 'enterprise' where id = '${team}'`);
    connection = (await create({ metadata: await idp.metadata(), name: "Corp" })).id;
    await trust(connection);
    await kliv.running.app.rooms.saml.domains.add({ team, domain: "corp.example", by: operator });
    await kliv.running.app.rooms.saml.domains.verify({ team, domain: "corp.example", isByOperator: true, by: operator });
    person("hana", { mail: ["Hana@corp.example"], displayName: ["Hana 花"], groups: ["staff", "kliv-editors"] });
    person("eve", { mail: ["eve@other.example"] });
  });
  after(async () => {
    await kliv?.stop();
    await idp?.close();
  });

  const query = (text: string): Promise<any[]> => kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql.raw<any>(text).execute(tx)).rows);
  const admin = async (method: string, path: string, body?: unknown): Promise<any> => {
    const answered = await kliv.api(method, `/api/v1/teams/${team}${path}`, { token: owner.token, ...(body === undefined ? {} : { body }) });
    assert.ok(answered.status < 300, answered.bytes.toString());
    return answered.json;
  };
  const create = (settings: object) => admin("POST", "/sso-connections", settings);
  const person = (name: string, attributes: Record<string, string[]>): void => {
    idp.people.set(name, { password: "pass", attributes: { uid: [name], ...attributes } });
    idp.set({});
  };
  const as = (name: string) => ({ name, password: "pass" });
  const trust = async (id: string, more: Record<string, unknown> = {}) => idp.trust((await kliv.api("GET", `/saml/${id}/metadata`)).bytes.toString(), more);
  const problemOf = (url: URL): string => `${url.pathname} ${url.searchParams.get("problem")}`;

  it("makes the account at the first time, as a member of this team alone, and finds it at the next", async () => {
    const browser = new Browser(kliv);
    const page = await browser.signIn(connection, as("hana"), "/databases?x=1#here");
    assert.equal(page.href, `${kliv.config.origin}/databases?x=1#here`);
    const me = (await browser.api("GET", "/api/v1/me")).json;
    assert.deepEqual([me.user.name, me.user.email], ["Hana 花", "Hana@corp.example"]);
    assert.deepEqual(me.teams.map((one: { id: string; role: string }) => [one.id, one.role]), [[team, "viewer"]]);
    const again = new Browser(kliv);
    assert.equal((await again.signIn(connection, as("hana"))).pathname, "/");
    assert.equal((await again.api("GET", "/api/v1/me")).json.user.id, me.user.id);
    assert.deepEqual(await query(`select method, has_factor from sessions where user_id = '${me.user.id}'`), Array(2).fill({ method: "saml", has_factor: true }));
    const events = await query(`select action from audit_events where '${me.user.id}' in (resource_id, actor_id) order by id`);
    assert.deepEqual(events.map((event) => event.action), ["user:create", "member:create", "session:create", "session:create"]);
  });

  it("an address of no domain of the team's comes in nowhere", async () => {
    const browser = new Browser(kliv);
    assert.equal(problemOf(await browser.signIn(connection, as("eve"))), "/signin SAML_DOMAIN_FOREIGN");
    assert.ok(!browser.has("__Host-kliv"));
    assert.deepEqual(await query("select id from users where email = 'eve@other.example'"), []);
    assert.match((await admin("GET", `/sso-connections/${connection}`)).refusal.reason, /SAML_DOMAIN_FOREIGN/);
  });

  it("an answer counts once, in the browser that asked, and half an hour long", async () => {
    const browser = new Browser(kliv);
    const form = await browser.ask(connection, as("hana"));
    const thief = new Browser(kliv);
    assert.equal(problemOf(await thief.post(form)), "/signin SAML_REQUEST_INVALID");
    await thief.go(`/signin/saml/${connection}`);
    assert.equal(problemOf(await thief.post(form)), "/signin SAML_REQUEST_INVALID");
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.postRaw(form)));
    assert.equal(answers.filter(({ headers }) => /__Host-kliv=kliv_session/.test(String(headers["set-cookie"]))).length, 1);
    assert.equal(problemOf(await browser.post(form)), "/signin SAML_REQUEST_INVALID");
    const late = new Browser(kliv);
    const old = await late.ask(connection, as("hana"));
    kliv.clock.move(31 * 60_000);
    assert.equal(problemOf(await late.post(old)), "/signin SAML_REQUEST_INVALID");
    kliv.clock.move(-31 * 60_000);
  });
});

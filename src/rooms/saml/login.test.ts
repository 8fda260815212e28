import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browser, noIdp, problemOf, startCorp } from "./testing.ts";
import type { Corp, Posted } from "./testing.ts";

describe("single sign-on with a real identity provider", { skip: noIdp }, () => {
  let corp: Corp;
  let hana: { name: string; password: string };
  let eve: typeof hana;
  before(async () => {
    corp = await startCorp();
    hana = corp.person("hana", { mail: ["Hana@corp.example"], displayName: ["Hana 花"], groups: ["staff", "kliv-editors"] });
    eve = corp.person("eve", { mail: ["eve@other.example"] });
  });
  after(() => corp?.close());

  it("makes the account at the first time, as a member of this team alone, and finds it at the next", async () => {
    const { kliv, connection, team, query } = corp;
    const browser = new Browser(kliv);
    const page = await browser.signIn(connection, hana, "/databases?x=1#here");
    assert.equal(page.href, `${kliv.config.origin}/databases?x=1#here`);
    const me = (await browser.api("GET", "/api/v1/me")).json;
    assert.deepEqual([me.user.name, me.user.email], ["Hana 花", "Hana@corp.example"]);
    assert.deepEqual(me.teams.map((one: { id: string; role: string }) => [one.id, one.role]), [[team, "viewer"]]);
    const again = new Browser(kliv);
    assert.equal((await again.signIn(connection, hana)).pathname, "/");
    assert.equal((await again.api("GET", "/api/v1/me")).json.user.id, me.user.id);
    assert.deepEqual(await query(`select method, has_factor from sessions where user_id = '${me.user.id}'`), Array(2).fill({ method: "saml", has_factor: true }));
    const events = await query(`select action from audit_events where '${me.user.id}' in (resource_id, actor_id) order by id`);
    assert.deepEqual(events.map((event) => event.action), ["user:create", "member:create", "session:create", "session:create"]);
  });

  it("two first sign-ins of a person at once make one account", async () => {
    const twin = corp.person("twin", { mail: ["twin@corp.example"] });
    const browsers = Array.from({ length: 4 }, () => new Browser(corp.kliv));
    const forms: Posted[] = [];
    for (const browser of browsers) forms.push(await browser.ask(corp.connection, twin));
    const pages = await Promise.all(browsers.map((browser, at) => browser.post(forms[at]!)));
    assert.deepEqual(pages.map(({ pathname }) => pathname), ["/", "/", "/", "/"]);
    assert.equal((await corp.query("select id from users where email = 'twin@corp.example'")).length, 1);
  });

  it("an address of no domain of the team's comes in nowhere", async () => {
    const browser = new Browser(corp.kliv);
    assert.equal(problemOf(await browser.signIn(corp.connection, eve)), "/signin SAML_DOMAIN_FOREIGN");
    assert.ok(!browser.has("__Host-kliv"));
    assert.deepEqual(await corp.query("select id from users where email = 'eve@other.example'"), []);
    assert.match((await corp.admin("GET", `/sso-connections/${corp.connection}`)).json.refusal.reason, /SAML_DOMAIN_FOREIGN/);
  });

  it("an answer counts once, in the browser that asked, and half an hour long", async () => {
    const { kliv, connection } = corp;
    const browser = new Browser(kliv);
    const form = await browser.ask(connection, hana);
    const thief = new Browser(kliv);
    assert.equal(problemOf(await thief.post(form)), "/signin SAML_REQUEST_INVALID");
    await thief.go(`/signin/saml/${connection}`);
    assert.equal(problemOf(await thief.post(form)), "/signin SAML_REQUEST_INVALID");
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.postRaw(form)));
    assert.equal(answers.filter(({ headers }) => /__Host-kliv=kliv_session/.test(String(headers["set-cookie"]))).length, 1);
    assert.equal(problemOf(await browser.post(form)), "/signin SAML_REQUEST_INVALID");
    const late = new Browser(kliv);
    const old = await late.ask(connection, hana);
    kliv.clock.move(31 * 60_000);
    assert.equal(problemOf(await late.post(old)), "/signin SAML_REQUEST_INVALID");
    kliv.clock.move(-31 * 60_000);
  });

  it("the provider's values give a role, the highest of several; it follows them, but no owner's", async () => {
    const { kliv, connection, team, query } = corp;
    const settings = { roleAttribute: "groups", roles: { "kliv-editors": "editor", "kliv-admins": "admin", staff: "viewer" }, defaultRole: null };
    assert.equal((await corp.admin("PATCH", `/sso-connections/${connection}`, settings)).status, 200);
    const roleAfter = async (who: typeof hana): Promise<string> => {
      const browser = new Browser(kliv);
      const page = await browser.signIn(connection, who);
      if (page.pathname === "/signin") return String(page.searchParams.get("problem"));
      return (await browser.api("GET", "/api/v1/me")).json.teams.find((one: { id: string }) => one.id === team).role;
    };
    assert.equal(await roleAfter(hana), "editor");
    corp.person("hana", { mail: ["hana@corp.example"], groups: ["kliv-admins", "staff"] });
    assert.equal(await roleAfter(hana), "admin");
    const admin = new Browser(kliv);
    await admin.signIn(connection, hana);
    corp.person("hana", { mail: ["hana@corp.example"], groups: ["staff", "constructor", "__proto__"] });
    assert.equal(await roleAfter(hana), "viewer");
    assert.equal((await admin.api("GET", "/api/v1/me")).status, 401, "what was opened under higher rights does not outlive them");
    corp.person("hana", { mail: ["hana@corp.example"], groups: ["toString"] });
    assert.equal(await roleAfter(hana), "SAML_ROLE_MISSING");
    await query(`update members set role = 'owner' where team_id = '${team}' and user_id = (select id from users where email = 'Hana@corp.example')`);
    corp.person("hana", { mail: ["hana@corp.example"], groups: ["staff"] });
    assert.equal(await roleAfter(hana), "owner");
  });
});

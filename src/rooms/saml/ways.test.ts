import assert from "node:assert/strict";
import { fork } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { domainCommands } from "#src/commands/domains.ts";
import { Browser, makePair, noIdp, problemOf, startCorp } from "./testing.ts";
import type { Corp } from "./testing.ts";

describe("ways in and out by a real identity provider", { skip: noIdp }, () => {
  let corp: Corp;
  let hana: { name: string; password: string };
  before(async () => {
    corp = await startCorp();
    hana = corp.person("hana", { mail: ["hana@corp.example"] });
  });
  after(() => corp?.close());

  const isIn = async (browser: Browser): Promise<boolean> => (await browser.api("GET", "/api/v1/me")).status === 200;
  const change = async (settings: object): Promise<void> => {
    const answered = await corp.admin("PATCH", `/sso-connections/${corp.connection}`, settings);
    assert.equal(answered.status, 200, answered.bytes.toString());
    await corp.trust(corp.connection);
  };
  const signedIn = async (): Promise<Browser> => {
    const browser = new Browser(corp.kliv);
    assert.equal((await browser.signIn(corp.connection, hana)).pathname, "/");
    return browser;
  };

  it("an encrypted assertion is read, with the old key too while ours changes", async () => {
    const step = (name: string) => corp.admin("POST", `/sso-connections/${corp.connection}/key-steps`, { step: name });
    await corp.trust(corp.connection, { "assertion.encryption": true });
    const browser = new Browser(corp.kliv);
    const sealed = await browser.ask(corp.connection, hana);
    const xml = Buffer.from(sealed.fields["SAMLResponse"]!, "base64").toString();
    assert.ok(xml.includes("<saml:EncryptedAssertion") && !xml.includes("hana@corp.example"));
    const weaker: [RegExp, string][] = [
      [/http:\/\/www.w3.org\/2001\/04\/xmlenc#aes128-cbc/, "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"], [/http:\/\/www.w3.org\/2001\/04\/xmlenc#rsa-oaep-mgf1p/, "http://www.w3.org/2001/04/xmlenc#rsa-1_5"],
      [/(<xenc:CipherValue>)..../, "$1AAAA"], [/<\/saml:EncryptedAssertion>/, "</saml:EncryptedAssertion><saml:EncryptedAssertion/>"],
    ];
    for (const [from, to] of weaker) {
      assert.match(xml, from);
      const form = { ...sealed, fields: { ...sealed.fields, SAMLResponse: Buffer.from(xml.replace(from, to)).toString("base64") } };
      assert.equal(problemOf(await browser.post(form)), "/signin SAML_RESPONSE_INVALID", String(from));
    }
    assert.equal((await browser.post(sealed)).pathname, "/");
    const old = new Browser(corp.kliv);
    const form = await old.ask(corp.connection, hana);
    assert.equal((await step("switch")).json.code, "SAML_KEYS_ORDER");
    assert.equal((await step("prepare")).status, 200);
    const both = (await corp.kliv.api("GET", `/saml/${corp.connection}/metadata`)).bytes.toString();
    assert.deepEqual([both.match(/use="signing"/g)?.length, both.match(/use="encryption"/g)?.length], [2, 1]);
    assert.equal((await step("switch")).status, 200);
    assert.equal((await old.post(form)).pathname, "/", "encrypted for the old key");
    await corp.trust(corp.connection, { "assertion.encryption": true });
    await signedIn();
    assert.equal((await step("retire")).json.keys.length, 2);
    await corp.trust(corp.connection);
    await signedIn();
  });

  it("the provider's key changes: metadata with both, then with the new one alone", async () => {
    const before = await corp.idp.metadata();
    const [own, next] = [{ privateKey: corp.idp.privateKey, certificate: corp.idp.certificate }, await makePair()];
    corp.idp.useKey(next);
    const after = await corp.idp.metadata();
    const certificate = /<md:KeyDescriptor use="signing">[\s\S]*?<\/md:KeyDescriptor>/;
    const browser = new Browser(corp.kliv);
    const form = await browser.ask(corp.connection, hana);
    assert.equal(problemOf(await browser.post(form)), "/signin SAML_RESPONSE_INVALID");
    await change({ metadata: after.replace(certificate, (one) => one + certificate.exec(before)?.[0]) });
    assert.equal((await corp.admin("GET", `/sso-connections/${corp.connection}`)).json.idp.certificates.length, 2);
    assert.equal((await browser.post(form)).pathname, "/");
    corp.idp.useKey(own);
    await signedIn();
    // And by its address, as it is read each day.
    await change({ metadataUrl: corp.idp.entityId });
    assert.equal((await corp.admin("GET", `/sso-connections/${corp.connection}`)).json.idp.certificates.length, 1);
    corp.idp.useKey(next);
    corp.kliv.clock.move(25 * 3_600_000);
    await corp.saml.sweep();
    corp.kliv.clock.move(-25 * 3_600_000);
    await signedIn();
    corp.idp.useKey(own);
    assert.equal((await corp.admin("POST", `/sso-connections/${corp.connection}/readings`)).status, 200);
    await signedIn();
  });

  it("a sign-in that begins at the provider is taken where an administrator allows it, and once", async () => {
    const start = (): URL => new URL(`${corp.idp.url}/saml2/idp/SSOService.php?${new URLSearchParams({ spentityid: corp.addresses(corp.connection).entityId, ConsumerURL: corp.addresses(corp.connection).idpInitiatedUrl })}`);
    await change({ idpInitiated: true });
    const browser = new Browser(corp.kliv);
    const found = await browser.walk(start(), hana);
    assert.ok("form" in found);
    const { form } = found;
    await change({ idpInitiated: false });
    assert.equal(problemOf(await browser.post(form)), "/signin SAML_UNASKED_REFUSED");
    await change({ idpInitiated: true });
    // Not where answers to questions go, even in a browser that has asked.
    const asked = new Browser(corp.kliv);
    const { fields } = await asked.ask(corp.connection, hana);
    assert.equal(problemOf(await asked.post({ action: corp.addresses(corp.connection).acsUrl, fields: { ...fields, SAMLResponse: form.fields["SAMLResponse"]! } })), "/signin SAML_RESPONSE_INVALID");
    assert.equal(problemOf(await asked.post({ action: corp.addresses(corp.connection).idpInitiatedUrl, fields })), "/signin SAML_RESPONSE_INVALID");
    assert.equal((await browser.post({ ...form, fields: { ...form.fields, RelayState: "https://evil.example/" } })).href, `${corp.kliv.config.origin}/`);
    assert.equal(problemOf(await new Browser(corp.kliv).post(form)), "/signin SAML_REPLAYED");
    await change({ idpInitiated: false });
  });

  it("goes back to a mailed link, whose secret the database does not show", async () => {
    const browser = new Browser(corp.kliv);
    const form = await browser.ask(corp.connection, hana, "/invitation?link=kliv_link_secret");
    const [{ dump }] = await corp.query("select string_agg(r::text, '') as dump from saml_requests r");
    assert.ok(dump.length > 100 && !/invitation|kliv_link/.test(dump));
    assert.equal((await browser.post(form)).href, `${corp.kliv.config.origin}/invitation?link=kliv_link_secret`);
  });

  it("a session ends when the provider says so", async () => {
    corp.idp.set({ "authproc.idp": [] });
    const browser = await signedIn();
    const [row] = await corp.query("select expires_at from sessions order by id desc limit 1");
    const days = (row.expires_at.getTime() - corp.kliv.clock.now()) / 86_400_000;
    // The provider's usual session of eight hours, and not ours of thirty days.
    assert.ok(days > 0.3 && days < 0.35, String(days));
    corp.kliv.clock.move(9 * 3_600_000);
    assert.ok(!(await isIn(browser)));
    corp.kliv.clock.move(-9 * 3_600_000);
  });

  it("single sign-out, from here and from there", async () => {
    const here = await signedIn();
    const { url } = (await here.api("POST", "/api/v1/me/single-logout")).json;
    assert.match(url, /SingleLogoutService\.php\?SAMLRequest=.*&SigAlg=.*&Signature=/);
    assert.ok(!here.has("__Host-kliv"));
    const back = await here.walk(new URL(url), null);
    assert.ok("url" in back);
    assert.equal(problemOf(await here.go(back.url.pathname + back.url.search)), "/signin null");
    assert.equal(problemOf(await here.go(back.url.pathname + back.url.search)), "/signin SAML_LOGOUT_INVALID", "an answer counts once");

    const [there, elsewhere] = [await signedIn(), await signedIn()];
    const asked = await there.walk(new URL(`${corp.idp.url}/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(`${corp.kliv.config.origin}/after`)}`), null);
    assert.ok("url" in asked, JSON.stringify(asked));
    const request = asked.url.pathname + asked.url.search;
    const forgeries: [string, (query: string) => string][] = [
      ["unsigned", (query) => query.replace(/&SigAlg=.*/, "")],
      ["without its signature", (query) => query.replace(/&Signature=.*/, "")],
      ["another signature", (query) => query.replace(/&Signature=.{10}/, "&Signature=AAAAAAAAAA")],
      ["SHA-1", (query) => query.replace("rsa-sha256", "rsa-sha1")],
      ["twice", (query) => query.replace("SAMLRequest=", "SAMLRequest=AAAA&SAMLRequest=")],
      ["another relay state", (query) => query.replace(/(&RelayState=[^&]*|&SigAlg)/, "&RelayState=other$1")],
      ["as an answer", (query) => query.replace("SAMLRequest=", "SAMLResponse=")],
    ];
    for (const [name, forge] of forgeries) {
      assert.equal(problemOf(await there.go(forge(request))), "/signin SAML_LOGOUT_INVALID", name);
      assert.ok(await isIn(there), name);
    }
    corp.kliv.clock.move(10 * 60_000);
    assert.equal(problemOf(await there.go(request)), "/signin SAML_LOGOUT_INVALID", "too old");
    corp.kliv.clock.move(-10 * 60_000);
    const answerAt = await there.go(request);
    assert.match(answerAt.href, /SingleLogoutService\.php\?SAMLResponse=.*&Signature=/);
    assert.ok(!(await isIn(there)));
    assert.ok(await isIn(elsewhere), "another session at the provider is another one here");
    assert.equal(problemOf(await there.go(request)), "/signin SAML_LOGOUT_INVALID", "a request counts once");
    // A captured assertion proves no wish to sign out.
    const captured = await elsewhere.ask(corp.connection, hana);
    const posted = await elsewhere.api("POST", `/saml/${corp.connection}/logout`, { body: Buffer.from(new URLSearchParams({ SAMLRequest: captured.fields["SAMLResponse"]! }).toString()), headers: { "content-type": "application/x-www-form-urlencoded" } });
    assert.ok(posted.status >= 400 && (await isIn(elsewhere)));
  });

  it("whom the directory has made inactive the provider lets in no more", async () => {
    const { kliv, team, connection } = corp;
    const { scim } = kliv.running.app.rooms;
    const mio = corp.person("mio", { mail: ["mio@corp.example"] });
    const directory = { connection, team, by: operator };
    const { user_id: user } = await scim.createPerson(directory, { userName: "mio@corp.example" });
    const browser = new Browser(kliv);
    assert.equal((await browser.signIn(connection, mio)).pathname, "/");
    await scim.updatePerson(directory, user, { isActive: false });
    assert.ok(!(await isIn(browser)));
    assert.equal(problemOf(await browser.signIn(connection, mio)), "/signin SAML_DEACTIVATED");
    await scim.updatePerson(directory, user, { isActive: true });
    assert.equal((await browser.signIn(connection, mio)).pathname, "/");
  });

  it("a domain is proven by its record, belongs to one team, and can require single sign-on", async () => {
    const { kliv, admin } = corp;
    const server = await startNames();
    const usual = dns.promises.getServers();
    const ask = (servers: string[]): void => {
      dns.promises.setServers(servers);
      // Who has imported the functions by name asks there too.
      syncBuiltinESMExports();
    };
    ask([`127.0.0.1:${server.port}`]);
    try {
      const made = await admin("POST", "/domains", { domain: "Proven.Example" });
      assert.equal(made.status, 201, made.bytes.toString());
      const { domain, record } = made.json;
      assert.deepEqual([domain, record.name, record.type], ["proven.example", "proven.example", "TXT"]);
      const verify = () => admin("POST", "/domains/proven.example/verification");
      assert.equal((await verify()).json.code, "DOMAIN_UNPROVEN");
      await server.put("proven.example", `${record.value}x`);
      assert.equal((await verify()).json.code, "DOMAIN_UNPROVEN");
      await server.put("proven.example", record.value);
      const done = await verify();
      assert.equal(done.status, 200, done.bytes.toString());
    } finally {
      ask(usual);
      server.close();
    }
    const other = await kliv.makeTeam("rival");
    await corp.query(`update teams set plan = 'enterprise' where id = '${other.team}'`);
    assert.equal((await kliv.api("POST", `/api/v1/teams/${other.team}/domains`, { token: other.token, body: { domain: "proven.example" } })).json.code, "DOMAIN_TAKEN");
    for (const domain of ["example", "exa mple.com", "a@b.example", "*.example.com", "1.2.3.4", "-a.example"]) assert.equal((await admin("POST", "/domains", { domain })).json.code, "DOMAIN_INVALID", domain);
  });

  it("the operator's word counts where there is no DNS", async () => {
    const printed: unknown[] = [];
    const [command] = domainCommands;
    await command!.run({ config: corp.kliv.config, flags: { team: corp.team, domain: "inner.example" }, words: [], print: (result) => void printed.push(result) });
    assert.match(JSON.stringify(printed), /"domain":"inner.example","verifiedAt":"20/);
    assert.deepEqual((await corp.query("select action, actor_kind from audit_events where resource_id = 'inner.example' order by id")).map((one) => Object.values(one)), [["domain:create", "operator"], ["domain:verify", "operator"]]);
  });

  it("where it is required nobody comes in by password but the one owner named for that", async () => {
    const { kliv, admin, owner, query } = corp;
    await query(`update users set email = 'owner@corp.example' where id = '${owner.user}'`);
    const staff = await kliv.makeTeam("staff");
    await query(`update users set email = 'staff@corp.example' where id = '${staff.user}'`);
    const sessions = { owner: await kliv.makeSession("owner@corp.example"), staff: await kliv.makeSession("staff@corp.example") };
    assert.ok(sessions.owner && sessions.staff);
    const enter = async (email: string) => (await kliv.api("POST", "/api/v1/sessions", { body: { email, password: `of ${email} for one test` } })).json.code ?? "in";
    const require = (ssoRequired: boolean) => admin("PATCH", "/domains/corp.example", { ssoRequired });
    assert.equal((await require(true)).json.code, "SSO_BREAK_GLASS_NEEDED");
    assert.equal((await admin("PUT", "/sso", { breakGlassUser: staff.user })).json.code, "SSO_BREAK_GLASS_NEEDED");
    assert.equal((await admin("PUT", "/sso", { breakGlassUser: owner.user })).status, 200);
    assert.equal(await enter("staff@corp.example"), "in");
    const isInBy = async (cookie: string) => (await kliv.api("GET", "/api/v1/me", { cookie })).status === 200;
    assert.deepEqual([await isInBy(sessions.owner), await isInBy(sessions.staff)], [true, true]);
    assert.equal((await require(true)).json.ssoRequired, true);
    assert.deepEqual([await isInBy(sessions.owner), await isInBy(sessions.staff)], [true, false], "who is in by password comes in again");
    const browser = new Browser(kliv);
    await browser.signIn(corp.connection, corp.person("staff", { mail: ["staff@corp.example"] }));
    const away = await browser.api("POST", "/api/v1/me/email", { body: { email: "away@elsewhere.example", password: "of staff@corp.example for one test" } });
    assert.equal(away.json?.code, "SSO_REQUIRED", "the address is the organization's");
    for (const [address, subject] of [["staff@corp.example", /Sign in to Kliv with your organization/], ["nobody-yet@corp.example", /with your organization/], ["owner@corp.example", /Create your password/]] as const) {
      await kliv.api("POST", "/api/v1/password-links", { body: { email: address } });
      const letter = readdirSync(join(kliv.config.home, "mail")).sort().map((name) => readFileSync(join(kliv.config.home, "mail", name), "utf8")).filter((text) => text.includes(`To: ${address}`)).at(-1) ?? "";
      assert.match(letter, subject);
      assert.equal(/password\?link/.test(letter.replace(/=\r?\n/g, "")), address.startsWith("owner"), address);
    }
    assert.equal(await enter("staff@corp.example"), "SSO_REQUIRED");
    assert.equal(await enter("owner@corp.example"), "in");
    assert.equal((await admin("PUT", "/sso", { breakGlassUser: null })).json.code, "SSO_BREAK_GLASS_NEEDED");
    const lookup = (email: string) => kliv.api("POST", "/api/v1/sso-lookups", { body: { email } });
    assert.deepEqual((await lookup("anybody@CORP.example")).json, { items: [{ name: "Corp", url: `/signin/saml/${corp.connection}` }], isRequired: true });
    assert.equal((await lookup("anybody@other.example")).json.code, "SSO_NONE");
    await signedIn();
    await query(`update members set role = 'admin' where user_id = '${owner.user}' and team_id = '${corp.team}'`);
    assert.equal(await enter("owner@corp.example"), "SSO_REQUIRED", "the right ends with the role");
    await query(`update members set role = 'owner' where user_id = '${owner.user}' and team_id = '${corp.team}'`);
    await domainCommands.find(({ verb }) => verb === "release")!.run({ config: kliv.config, flags: { team: corp.team, domain: "corp.example" }, words: [], print: () => {} });
    assert.equal(await enter("staff@corp.example"), "in", "released by the operator");
  });
});

/** The name server that tests ask, and what puts a record there. */
async function startNames(): Promise<{ port: number; put(name: string, text: string): Promise<void>; close(): void }> {
  const child = fork(join(import.meta.dirname, "../../../tests/names.ts"));
  const told = async (): Promise<{ port: number }> => (await once(child, "message"))[0];
  const { port } = await told();
  return {
    port,
    async put(name, text) {
      child.send({ name, text });
      await told();
    },
    close: () => child.disconnect(),
  };
}

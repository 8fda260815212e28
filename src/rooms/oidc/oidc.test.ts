import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { silentLog } from "#src/base/log.ts";
import { createMail } from "#src/base/mail.ts";
import { freePort, startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { createOidc } from "./oidc.ts";
import { Browser, clientSecret, startCertified } from "./testing.ts";
import type { Peer, Person } from "./testing.ts";

const people = new Map<string, Person>(
  [
    { sub: "hana", email: "hana@example.com", email_verified: true, name: "Hana 花", locale: "ja-JP" },
    { sub: "unverified", email: "unverified@example.com", email_verified: false, name: "Nobody" },
    { sub: "silent", name: "No address" },
    { sub: "known", email: "KNOWN@example.com", email_verified: true, name: "Somebody else's name" },
    { sub: "worker", email: "worker@corp.example", email_verified: true },
    { sub: "newcomer", email: "newcomer@corp.example", email_verified: true },
    { sub: "other", email: "other@example.com", email_verified: true },
  ].map((person) => [person.sub, person]),
);

describe("sign-in with a certified OpenID provider", () => {
  let kliv: TestServer;
  let peer: Peer;
  before(async () => {
    const port = await freePort();
    kliv = await startTestServer({
      KLIV_OIDC_TEST_ISSUER: `http://localhost:${port}`, KLIV_OIDC_TEST_CLIENT_ID: "kliv", KLIV_OIDC_TEST_CLIENT_SECRET: clientSecret, KLIV_OIDC_TEST_TITLE: "Test & Co",
      KLIV_OIDC_AWAY_ISSUER: `http://localhost:${await freePort()}`, KLIV_OIDC_AWAY_CLIENT_ID: "kliv", KLIV_OIDC_AWAY_CLIENT_SECRET: "x",
    });
    peer = await startCertified({ port, redirectUri: `${kliv.config.origin}/signin/oidc/test/callback`, people });
  });
  after(async () => {
    await peer?.close();
    await kliv?.stop();
  });

  const problemOf = (url: URL): string => `${url.pathname} ${url.searchParams.get("problem")}`;
  const query = (text: string): Promise<any[]> => kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql.raw<any>(text).execute(tx)).rows);

  const newestLetter = (): string => {
    const folder = join(kliv.config.home, "mail");
    // Quoted-printable: soft line breaks.
    return readFileSync(join(folder, readdirSync(folder).sort().at(-1) as string), "utf8").replace(/=\r?\n/g, "");
  };

  it("lists the providers for the buttons", async () => {
    const { json } = await kliv.api("GET", "/api/v1/sign-in-providers");
    assert.deepEqual(json.items.map((one: { title: string; url: string }) => [one.title, one.url]), [["away", "/signin/oidc/away"], ["Test & Co", "/signin/oidc/test"]]);
  });

  it("sends the browser with PKCE, state and nonce, and binds it with a cookie", async () => {
    const browser = new Browser(kliv);
    const begun = await browser.api("GET", "/signin/oidc/test");
    assert.equal(begun.status, 303);
    const { origin, searchParams } = new URL(String(begun.headers.location));
    assert.equal(origin, peer.issuer);
    assert.deepEqual(Object.fromEntries(["response_type", "client_id", "scope", "redirect_uri", "code_challenge_method"].map((name) => [name, searchParams.get(name)])), {
      response_type: "code", client_id: "kliv", scope: "openid email profile", redirect_uri: `${kliv.config.origin}/signin/oidc/test/callback`, code_challenge_method: "S256",
    });
    for (const name of ["code_challenge", "nonce"]) assert.match(searchParams.get(name) ?? "", /^[\w-]{43}$/);
    assert.match(searchParams.get("state") ?? "", /^kliv_state_[\w-]{43}$/);
    assert.match(String(begun.headers["set-cookie"]), /^__Host-kliv-browser=kliv_browser_[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const [row] = await query("select string_agg(r::text, '') as dump from oidc_requests r");
    for (const secret of [searchParams.get("state"), searchParams.get("nonce"), /=(\w[\w-]*)/.exec(String(begun.headers["set-cookie"]))?.[1]]) assert.ok(!row.dump.includes(secret), "kept as hashes only");
  });

  it("makes the account at the first time and finds it at the next, with a second factor taken as shown", async () => {
    const browser = new Browser(kliv);
    const page = await browser.signIn("test", "hana", "/databases?x=1#here");
    assert.equal(page.href, `${kliv.config.origin}/databases?x=1#here`);
    assert.ok(!browser.has("__Host-kliv-browser"), "the cookie has done its work");
    const me = (await browser.api("GET", "/api/v1/me")).json;
    assert.deepEqual([me.user.name, me.user.email, me.user.language], ["Hana 花", "hana@example.com", "ja"]);
    assert.deepEqual(me.teams.map((team: { name: string; role: string }) => [team.name, team.role]), [["Hana 花", "owner"]]);
    let seen = 0;
    kliv.running.app.rooms.signin.addGuard(async (tx, { user }) => {
      seen = (await sql`select 1 from members where user_id = ${user.id}`.execute(tx)).rows.length;
    });
    const again = new Browser(kliv);
    await again.signIn("test", "hana");
    const next = (await again.api("GET", "/api/v1/me")).json;
    assert.deepEqual([next.user.id, next.teams.length], [me.user.id, 1]);
    assert.equal(seen, 1, "what guards a sign-in sees the person's teams");
    const sessions = await query(`select method, has_factor from sessions where user_id = '${me.user.id}'`);
    assert.deepEqual(sessions, [{ method: "oidc", has_factor: true }, { method: "oidc", has_factor: true }]);
    const events = await query(`select action from audit_events where '${me.user.id}' in (resource_id, actor_id) order by id`);
    assert.deepEqual(events.map((event) => event.action), ["user:create", "team:create", "identity:create", "session:create", "session:create"]);
  });

  it("is let in while the password is locked", async () => {
    for (let i = 0; i < 5; i++) await kliv.api("POST", "/api/v1/sessions", { body: { email: "hana@example.com", password: `wrong ${i}` } });
    assert.equal((await kliv.api("POST", "/api/v1/sessions", { body: { email: "hana@example.com", password: "wrong" } })).status, 429);
    const browser = new Browser(kliv);
    assert.equal((await browser.signIn("test", "hana")).pathname, "/");
    assert.equal((await browser.api("GET", "/api/v1/me")).status, 200);
  });

  it("makes no account of an address that the provider does not vouch for", async () => {
    for (const login of ["unverified", "silent"]) {
      const browser = new Browser(kliv);
      assert.equal(problemOf(await browser.signIn("test", login)), "/signin OIDC_EMAIL_UNVERIFIED", login);
      assert.ok(!browser.has("__Host-kliv"));
    }
  });

  it("connects an account that is there only after its own proof", async () => {
    const { user } = await kliv.makeTeam("known");
    const browser = new Browser(kliv);
    const page = await browser.signIn("test", "known", "/reports");
    assert.equal(problemOf(page), "/signin OIDC_LINK_NEEDED");
    assert.equal(page.searchParams.get("to"), "/connect?to=%2Freports");
    assert.ok(!browser.has("__Host-kliv"), "the address alone opens nothing");
    // Somebody else's proof connects nothing, and what was proven is gone with it.
    const { email } = await kliv.makeTeam("bystander");
    const stolen = await kliv.api("POST", "/api/v1/me/identities", { cookie: `${await kliv.makeSession(email)}; ${browser.cookie(kliv.config.origin)}`, body: undefined });
    assert.deepEqual([stolen.status, stolen.json.code], [409, "OIDC_ADDRESS_DIFFERS"]);
    // The way it is meant.
    const session = await kliv.makeSession("known@example.com");
    const both = `${session}; ${browser.cookie(kliv.config.origin)}`;
    const linked = await kliv.api("POST", "/api/v1/me/identities", { cookie: both });
    assert.deepEqual([linked.status, linked.json.title, linked.json.email], [201, "Test & Co", "KNOWN@example.com"]);
    assert.equal((await kliv.api("POST", "/api/v1/me/identities", { cookie: both })).json.code, "OIDC_REQUEST_INVALID");
    assert.match(newestLetter(), /To: known@example\.com[^]*Test & Co account KNOWN@example\.com signs in/);
    const next = new Browser(kliv);
    await next.signIn("test", "known");
    assert.equal((await next.api("GET", "/api/v1/me")).json.user.id, user);
  });

  it("connects and disconnects on the account page, never the last way in", async () => {
    await kliv.makeTeam("other");
    const session = await kliv.makeSession("other@example.com");
    const browser = new Browser(kliv);
    const start = async (): Promise<URL> => {
      const begun = await kliv.api("POST", "/api/v1/me/sign-in-providers/test/links", { cookie: `${session}; ${browser.cookie(kliv.config.origin)}` });
      assert.equal(begun.status, 201, begun.bytes.toString());
      const bound = String(begun.headers["set-cookie"]).split(";")[0] as string;
      const back = await browser.walk(new URL(begun.json.url), "other");
      const arrived = await kliv.api("GET", back.pathname + back.search, { cookie: `${session}; ${bound}` });
      return new URL(String(arrived.headers.location));
    };
    assert.equal((await start()).pathname, "/account");
    const list = async (): Promise<any[]> => (await kliv.api("GET", "/api/v1/me/identities", { cookie: session })).json.items;
    const [identity] = await list();
    assert.deepEqual([identity.provider, identity.email, identity.lastUsedAt], ["test", "other@example.com", null]);
    assert.equal((await kliv.api("DELETE", `/api/v1/me/identities/${identity.id}`, { cookie: session })).status, 204);
    assert.deepEqual(await list(), []);
    assert.match(newestLetter(), /To: other@example\.com[^]*no longer signs in/);
    // An old session may be anybody's at this machine by now.
    kliv.clock.move(600_001);
    const late = await Promise.all([
      kliv.api("POST", "/api/v1/me/sign-in-providers/test/links", { cookie: session }), kliv.api("DELETE", "/api/v1/me/identities/any", { cookie: session }),
    ]);
    assert.deepEqual(late.map((one) => [one.status, one.json?.code]), [[403, "PROOF_NEEDED"], [403, "PROOF_NEEDED"]]);
    // Of an account that has nothing else, the last one stays.
    const hana = new Browser(kliv);
    await hana.signIn("test", "hana");
    const [only] = (await hana.api("GET", "/api/v1/me/identities")).json.items;
    const kept = await hana.api("DELETE", `/api/v1/me/identities/${only.id}`);
    assert.deepEqual([kept.status, kept.json.code], [409, "LAST_WAY_IN"]);
  });

  it("is closed where a team wants its own provider for the domain: nobody new, and nobody known", async () => {
    const [first, second] = [new Browser(kliv), new Browser(kliv)];
    await first.signIn("test", "worker");
    const { team } = await kliv.makeTeam("corporation");
    await query(`update teams set plan = 'enterprise' where id = '${team}'`);
    const { domains } = kliv.running.app.rooms.saml;
    await domains.add({ team, domain: "corp.example", by: operator });
    await domains.verify({ team, domain: "corp.example", isByOperator: true, by: operator });
    await query(`update domains set sso_required = true where team_id = '${team}'`);
    for (const login of ["worker", "newcomer"]) {
      assert.equal(problemOf(await second.signIn("test", login)), "/signin SSO_REQUIRED", login);
      assert.ok(!second.has("__Host-kliv"), login);
    }
    assert.deepEqual(await query("select email from users where email like '%corp.example'"), [{ email: "worker@corp.example" }], "no account is left of the one who was refused");
  });

  it("goes on at another node, with nothing but the cookie and the database", async () => {
    const browser = new Browser(kliv);
    const back = await browser.walk(await browser.go("/signin/oidc/test"), "hana");
    const { app } = kliv.running;
    const another = createOidc({ ...app, ...app.rooms, config: kliv.config, clock: kliv.clock, log: silentLog, mail: createMail({ ...kliv, outbound: app.outbound }) });
    const secret = /kliv_browser_[\w-]+/.exec(browser.cookie(kliv.config.origin))?.[0] ?? "";
    const arrived = await another.arrive({ provider: "test", url: back, browser: secret, user: null, agent: "", language: "en", by: { kind: "anonymous", user: null } });
    assert.equal(arrived.kind, "signed-in", JSON.stringify(arrived));
    assert.equal((await browser.go(back.pathname + back.search)).searchParams.get("problem"), "OIDC_REQUEST_INVALID");
  });

  it("says on the sign-in page that a provider is away or that there is none", async () => {
    assert.equal(problemOf(await new Browser(kliv).go("/signin/oidc/away")), "/signin OIDC_UNAVAILABLE");
    assert.equal(problemOf(await new Browser(kliv).go("/signin/oidc/nowhere")), "/signin NOT_FOUND");
    for (const language of ["en", "ja"]) {
      const told = await kliv.api("GET", `/api/v1/problems/OIDC_UNAVAILABLE?lang=${language}`);
      assert.equal(told.status, 200);
      assert.match(told.json.title, language === "en" ? /cannot be reached/ : /接続できません/);
    }
    assert.equal((await kliv.api("GET", "/api/v1/problems/toString")).status, 404);
  });

  it("goes back to a mailed link, whose secret the database does not show", async () => {
    const browser = new Browser(kliv);
    const back = await browser.walk(await browser.go(`/signin/oidc/test?to=${encodeURIComponent("/invitation?link=kliv_link_secret")}`), "hana");
    const [{ dump }] = await query("select string_agg(r::text, '') as dump from oidc_requests r");
    assert.ok(dump.length > 100 && !/invitation|kliv_link/.test(dump));
    assert.equal((await browser.go(back.pathname + back.search)).href, `${kliv.config.origin}/invitation?link=kliv_link_secret`);
  });

  it("leads back to a page of its own only", async () => {
    for (const to of ["https://evil.example/", "//evil.example", "/\\evil.example", "/.//evil.example", "javascript:alert(1)", "/\t/evil.example"]) {
      assert.equal((await new Browser(kliv).signIn("test", "hana", to)).href, `${kliv.config.origin}/`, to);
    }
  });
});

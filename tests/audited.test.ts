/* Every route that changes something, or hands data out, writes exactly one event; one that is refused writes none. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { generateSync } from "otplib";
import { createAuthenticator } from "#promises/checks/authenticator.ts";
import type { Authenticator } from "#promises/checks/authenticator.ts";
import { operator } from "#src/commands/command.ts";
import { makePair } from "#src/rooms/saml/testing.ts";
import { elsewhere, expected } from "./audited.ts";
import { onePixel } from "./png.ts";
import { startTestServer } from "./server.ts";
import type { Answered, CallOptions, TestServer } from "./server.ts";

const csv = Buffer.from("a,b\n1,2\n");
const definition = { schema: 1, title: "m", language: "en", parameters: [], blocks: [] };
const cookieOf = ({ headers }: Answered, name: string): string => [headers["set-cookie"] ?? []].flat().map((text) => text.split(";")[0] ?? "").find((pair) => pair.startsWith(`${name}=`)) ?? "";
const sessionOf = (answered: Answered): string => cookieOf(answered, "__Host-kliv");
const stepOf = (answered: Answered): string => cookieOf(answered, "__Host-kliv-second");

describe("the audit log's events", { timeout: 120_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let cookie: string;
  const seen = new Set<string>();
  const called = new Set<string>();
  before(async () => {
    kliv = await startTestServer({ KLIV_OUTBOUND_PRIVATE: "localhost" });
    mine = await kliv.makeTeam("audited");
    cookie = await kliv.makeSession(mine.email);
  });
  after(() => kliv.stop());

  const passwordOf = (email: string): string => `of ${email} for one test`;
  const signIn = async (email: string): Promise<string> => sessionOf(await kliv.api("POST", "/api/v1/sessions", { body: { email, password: passwordOf(email) } }));

  /** Those since the last look, in their order. */
  async function newEvents(): Promise<string[]> {
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql<{ id: string; action: string }>`select id, action from audit_events order by id`.execute(tx));
    const fresh = rows.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    return fresh.map(({ action }) => action);
  }

  /** Calls a route with the parts of its address, and holds its events. */
  async function call(route: string, parts: Record<string, string>, options: CallOptions = { token: mine.token }): Promise<Answered> {
    await newEvents();
    const [method = "", url = ""] = route.split(" ");
    const answered = await kliv.api(method, url.replaceAll(/:(\w+)/g, (_, name: string) => parts[name] ?? assert.fail(`${route} lacks ${name}`)) + (parts.query ?? ""), options);
    assert.ok(answered.status < 300, `${route}: ${answered.status} ${answered.bytes.toString().slice(0, 300)}`);
    const wanted = expected[route] ?? assert.fail(`${route} is not in the table`);
    assert.deepEqual(await newEvents(), wanted.events, route);
    assert.ok(wanted.events.length === 1 || wanted.why, route);
    called.add(route);
    return answered;
  }
  const body = (value: unknown, rest: CallOptions = {}): CallOptions => ({ ...(rest.cookie ? {} : { token: mine.token }), ...rest, body: value });
  const file = (rest: object = {}): CallOptions => body(csv, { headers: { "x-filename": "m.csv", "content-type": "text/csv", ...rest } });
  const letterTo = (email: string, link: RegExp): string => {
    const letters = readdirSync(join(kliv.config.home, "mail")).sort().map((name) => readFileSync(join(kliv.config.home, "mail", name), "utf8").replace(/=\r?\n/g, "").replaceAll("=3D", "="));
    return link.exec(letters.filter((letter) => letter.includes(`To: ${email}`)).at(-1) ?? "")?.[1] ?? assert.fail(`no letter to ${email}`);
  };

  it("of databases, queries and reports", async () => {
    const { team } = mine;
    const { id } = (await call("POST /api/v1/teams/:team/databases", { team }, file())).json;
    await call("PATCH /api/v1/databases/:id", { id }, body({ description: "x" }));
    const { version } = (await call("PUT /api/v1/databases/:id/contents", { id }, file())).json;
    await call("PATCH /api/v1/databases/:id/versions/:version", { id, version }, body({ label: "first" }));
    await call("POST /api/v1/databases/:id/tables/:table/rows", { id, table: "m" }, body([{ a: 3, b: 4 }]));
    await call("POST /api/v1/databases/:id/versions/:version/restoration", { id, version }, body({}));
    await call("PUT /api/v1/databases/:id/retention", { id }, body({ versions: 3, days: null }));
    await call("GET /api/v1/databases/:id/download", { id });
    await call("GET /api/v1/databases/:id/download", { id }, { token: mine.token, headers: { range: "bytes=0-9" } });
    await call("GET /api/v1/databases/:id/tables/:table/export", { id, table: "m", query: "?format=csv" });
    await call("POST /api/v1/databases/:id/query/export", { id }, body({ sql: "select 1", format: "json" }));
    const { slug } = (await call("POST /api/v1/databases/:id/publication", { id })).json.publication;
    await call("GET /api/v1/public/databases/:slug/download", { slug }, { token: "" });
    await call("GET /api/v1/public/databases/:slug/tables/:table/export", { slug, table: "m", query: "?format=csv" }, { token: "" });
    await call("POST /api/v1/public/databases/:slug/query", { slug }, { token: "", body: { sql: "select 1" } });
    await call("DELETE /api/v1/databases/:id/publication", { id });
    await call("POST /api/v1/databases/:id/query", { id }, body({ sql: "select 1" }));
    await call("POST /api/v1/databases/:id/question/sql", { id }, body({ question: { schema: 1, from: "m" } }));
    await call("PUT /api/v1/databases/:id/descriptions", { id }, body({ items: [{ table: "m", words: "measured" }] }));
    await call("POST /api/v1/databases/:id/indexes", { id }, body({ indexes: [{ table: "m", columns: ["a"] }] }));
    await call("POST /api/v1/databases/:id/query", { id }, body({ sql: "with recursive s(n) as (values (1) union all select n + 1 from s where n < 2000000) select count(*) from s" }));
    await call("POST /api/v1/databases/:id/index-advice", { id }, body({}));
    await call("PUT /api/v1/databases/:id/rules", { id }, body({ rules: [] }));
    const preview = (await call("POST /api/v1/teams/:team/previews", { team }, file())).json;
    await call("PATCH /api/v1/previews/:id", { id: preview.id }, body({ choices: { header: true } }));
    await call("DELETE /api/v1/previews/:id", { id: preview.id });
    // Nothing listens there.
    await call("POST /api/v1/teams/:team/previews/url", { team }, body({ url: "http://localhost:1/m.csv" }));
    await call("PUT /api/v1/databases/:id/source", { id }, body({ kind: "url", url: "http://localhost:1/m.csv", every: "day" }));
    while ((await kliv.api("GET", `/api/v1/databases/${id}/source`, { token: mine.token })).json.source.isRunning) await new Promise((resolve) => setImmediate(resolve));
    await call("POST /api/v1/databases/:id/source/refreshes", { id }, body({}));
    await call("DELETE /api/v1/databases/:id/source", { id });
    await call("POST /api/v1/databases/:id/rules/preview", { id }, body({ subject: { kind: "role", role: "viewer" }, rules: [] }));
    await call("PUT /api/v1/databases/:id/sharing", { id }, body({ restricted: false, shares: [] }));
    const query = (await call("POST /api/v1/teams/:team/queries", { team }, body({ name: "q", database: id, sql: "select 1" }))).json.id;
    await call("PUT /api/v1/queries/:id", { id: query }, body({ name: "q", database: id, sql: "select 2" }));
    await call("DELETE /api/v1/queries/:id", { id: query });
    const report = (await call("POST /api/v1/teams/:team/reports", { team }, body(definition))).json.id;
    await call("PUT /api/v1/reports/:id", { id: report }, body({ ...definition, title: "n" }));
    await call("PUT /api/v1/reports/:id/sharing", { id: report }, body({ restricted: false, shares: [] }));
    await call("GET /api/v1/reports/:id/screenshot.png", { id: report });
    await call("POST /api/v1/reports/:id/publication", { id: report }, body({ visibility: "team" }));
    await call("DELETE /api/v1/reports/:id/publication", { id: report });
    await call("DELETE /api/v1/reports/:id", { id: report });
    await call("DELETE /api/v1/databases/:id", { id });
    const attachment = (await call("POST /api/v1/teams/:team/attachments", { team }, body(onePixel, { headers: { "x-filename": "m.png" } }))).json.id;
    await call("DELETE /api/v1/attachments/:id", { id: attachment });
  });

  it("of the team, its people, groups, tokens and invitations", async () => {
    const { team } = mine;
    await call("PATCH /api/v1/teams/:team", { team }, body({ name: "renamed" }));
    const token = (await call("POST /api/v1/teams/:team/tokens", { team }, body({ name: "t", scope: "read" }, { cookie }))).json.id;
    await call("DELETE /api/v1/teams/:team/tokens/:id", { team, id: token }, { cookie });
    const service = (await call("POST /api/v1/teams/:team/services", { team }, body({ name: "s", role: "viewer" }, { cookie }))).json.id;
    await call("POST /api/v1/teams/:team/services/:service/tokens", { team, service }, body({ name: "t", scope: "read" }, { cookie }));
    await call("DELETE /api/v1/teams/:team/services/:service", { team, service }, { cookie });
    const group = (await call("POST /api/v1/teams/:team/groups", { team }, body({ name: "g" }))).json.id;
    await call("PATCH /api/v1/teams/:team/groups/:group", { team, group }, body({ name: "h" }));
    await call("PUT /api/v1/teams/:team/groups/:group/members/:user", { team, group, user: mine.user });
    await call("DELETE /api/v1/teams/:team/groups/:group/members/:user", { team, group, user: mine.user });
    await call("DELETE /api/v1/teams/:team/groups/:group", { team, group });
    const invite = async (email: string): Promise<string> => (await call("POST /api/v1/teams/:team/invitations", { team }, body({ email, role: "viewer" }))).json.id;
    const link = (email: string) => ({ link: letterTo(email, /invitation\?link=([\w-]+)/) });
    const dropped = await invite("dropped@example.com");
    await call("POST /api/v1/teams/:team/invitations/:invitation/mail", { team, invitation: dropped }, body({}));
    await call("DELETE /api/v1/teams/:team/invitations/:invitation", { team, invitation: dropped });
    await invite("declines@example.com");
    await call("POST /api/v1/invitations/view", {}, { body: link("declines@example.com") });
    await call("POST /api/v1/invitations/decline", {}, { body: link("declines@example.com") });
    const join = async (email: string): Promise<string> => {
      await invite(email);
      await call("POST /api/v1/invitations/accept", {}, { body: { ...link(email), password: passwordOf(email) } });
      const { items } = (await kliv.api("GET", `/api/v1/teams/${team}/members`, { token: mine.token })).json;
      return items.find((member: any) => member.user.email === email).user.id;
    };
    const removed = await join("removed@example.com");
    await call("PATCH /api/v1/teams/:team/members/:user", { team, user: removed }, body({ role: "editor" }));
    await call("DELETE /api/v1/teams/:team/members/:user", { team, user: removed });
    const leaves = await join("leaves@example.com");
    await call("POST /api/v1/teams/:team/leave", { team }, { cookie: await signIn("leaves@example.com") });
    // Of another team: whoever hands one over loses the tokens for it.
    const given = await kliv.makeTeam("given");
    await kliv.running.app.rooms.teams.addMember({ team: given.team, email: "leaves@example.com", role: "admin", by: operator, mayMakeOwners: false });
    await call("POST /api/v1/teams/:team/ownership", { team: given.team }, { cookie: await kliv.makeSession(given.email), body: { to: leaves } });
  });

  it("of exports and imports", async () => {
    const { team } = mine;
    await call("GET /api/v1/teams/:team/audit-events/export", { team });
    const workspace = (await call("GET /api/v1/teams/:team/export", { team })).json;
    const fresh = (await call("POST /api/v1/teams", {}, body({ name: "fresh" }, { cookie }))).json.id;
    await call("POST /api/v1/teams/:team/import", { team: fresh }, body(workspace, { cookie }));
    // Many jobs, so that one of them still waits.
    const jobs: string[] = [];
    const preview = (await call("POST /api/v1/teams/:team/previews", { team }, file())).json;
    const { finish } = kliv.running.app.rooms.jobs;
    const counted = Promise.withResolvers<void>();
    // Not before the events of the call are counted.
    kliv.running.app.rooms.jobs.finish = async (...all) => (await counted.promise, await finish(...all));
    jobs.push((await call("POST /api/v1/previews/:id/import", { id: preview.id }, body({}))).json.job);
    counted.resolve();
    for (let at = 0; at < 6; at++) jobs.push((await kliv.api("POST", `/api/v1/teams/${team}/databases?name=j`, file({ prefer: "respond-async" }))).json.job);
    await kliv.api("DELETE", `/api/v1/jobs/${jobs.at(-1)}`, { token: mine.token });
    const ended = async (): Promise<boolean> => (await Promise.all(jobs.map((job) => kliv.api("GET", `/api/v1/jobs/${job}`, { token: mine.token })))).every(({ json }) => !["queued", "running"].includes(json.state));
    while (!(await ended())) await new Promise((resolve) => setImmediate(resolve));
    // The cancelled one has that event, each of the others the one of what it made.
    assert.deepEqual((await newEvents()).sort(), ["database:create", "database:create", "database:create", "database:create", "database:create", "database:create", "job:cancel"]);
    called.add("DELETE /api/v1/jobs/:job");
  });

  it("of accounts, passwords and sessions", async () => {
    const email = "signs-up@example.com";
    await call("POST /api/v1/password-links", {}, { body: { email } });
    const link = letterTo(email, /password\?link=([\w-]+)/);
    await call("POST /api/v1/passwords/account", {}, { body: { link } });
    const password = "correct horse battery staple";
    await call("POST /api/v1/passwords", {}, { body: { link, password } });
    let own = sessionOf(await call("POST /api/v1/sessions", {}, { body: { email, password } }));
    const { agreements } = (await kliv.api("GET", "/api/v1/me", { cookie: own })).json;
    const [{ kind, version }] = agreements.pending;
    await call("POST /api/v1/me/agreements", {}, { cookie: own, body: { accepted: [{ kind, version }] } });
    await call("PATCH /api/v1/me", {}, { cookie: own, body: { name: "Another" } });
    await call("POST /api/v1/sessions", {}, { body: { email, password } });
    const { items } = (await kliv.api("GET", "/api/v1/me/sessions", { cookie: own })).json;
    await call("DELETE /api/v1/me/sessions/:id", { id: items.find((session: any) => !session.current).id }, { cookie: own });
    await call("PUT /api/v1/me/user-name", {}, { cookie: own, body: { userName: "another-name" } });
    await call("POST /api/v1/sessions", {}, { body: { email, password } });
    await call("DELETE /api/v1/me/sessions", {}, { cookie: own });
    await call("POST /api/v1/sessions", {}, { body: { email, password } });
    own = sessionOf(await call("PUT /api/v1/me/password", {}, { cookie: own, body: { present: password, password: `${password} 2` } }));
    const ask = (to: string) => call("POST /api/v1/me/email", {}, { cookie: own, body: { email: to, password: `${password} 2` } });
    await ask("given-up@example.com");
    await call("DELETE /api/v1/me/email", {}, { cookie: own });
    await ask("moved@example.com");
    const [from, to] = [email, "moved@example.com"].map((address) => ({ link: letterTo(address, /email\?link=([\w-]+)/) }));
    await call("POST /api/v1/email-links/view", {}, { body: from });
    assert.equal((await kliv.api("POST", "/api/v1/email-links", { body: from })).status, 200);
    assert.deepEqual(await newEvents(), []);
    await call("POST /api/v1/email-links", {}, { body: to });
    own = sessionOf(await kliv.api("POST", "/api/v1/sessions", { body: { email: "moved@example.com", password: `${password} 2` } }));
    await call("DELETE /api/v1/sessions/current", {}, { cookie: own });
    own = sessionOf(await kliv.api("POST", "/api/v1/sessions", { body: { email: "moved@example.com", password: `${password} 2` } }));
    await call("POST /api/v1/me/single-logout", {}, { cookie: own });
  });

  it("of second factors and passkeys", async () => {
    const { email } = await kliv.makeTeam("factors");
    const password = passwordOf(email);
    let own = await kliv.makeSession(email);
    const { secret } = (await call("POST /api/v1/me/factors/totp/setup", {}, { cookie: own, body: {} })).json;
    const code = (): string => generateSync({ secret, epoch: kliv.clock.now() / 1_000 });
    own = sessionOf(await call("POST /api/v1/me/factors/totp", {}, { cookie: own, body: { code: code() } })) || own;
    kliv.clock.move(30_000);
    const step = stepOf(await kliv.api("POST", "/api/v1/sessions", { body: { email, password } }));
    assert.deepEqual(await newEvents(), [], "half of a sign-in is none");
    own = sessionOf(await call("POST /api/v1/sessions/second-factor", {}, { cookie: step, body: { kind: "totp", code: code() } }));
    own = sessionOf(await call("POST /api/v1/me/factors/recovery-codes", {}, { cookie: own, body: {} })) || own;
    await call("POST /api/v1/me/proofs", {}, { cookie: own, body: { kind: "password", password } });
    own = sessionOf(await call("DELETE /api/v1/me/factors/totp", {}, { cookie: own })) || own;
    const key: Authenticator = createAuthenticator(kliv.config.origin);
    const asked = (await call("POST /api/v1/me/factors/passkeys/options", {}, { cookie: own, body: {} })).json.options;
    own = sessionOf(await call("POST /api/v1/me/factors/passkeys", {}, { cookie: own, body: { name: "Key", response: key.create(asked) } })) || own;
    const id = (await kliv.api("GET", "/api/v1/me/factors", { cookie: own })).json.passkeys[0].id;
    await call("PATCH /api/v1/me/factors/passkeys/:id", { id }, { cookie: own, body: { name: "Other" } });
    const alone = (await call("POST /api/v1/passkey-sessions/options", {}, { body: {} })).json.options;
    await call("POST /api/v1/passkey-sessions", {}, { body: { response: key.get(alone) } });
    await call("POST /api/v1/sessions/second-factor/options", {}, { cookie: stepOf(await kliv.api("POST", "/api/v1/sessions", { body: { email, password } })), body: {} });
    await call("POST /api/v1/me/proofs/options", {}, { cookie: own, body: {} });
    await call("DELETE /api/v1/me/factors/passkeys/:id", { id }, { cookie: own });
  });

  it("of single sign-on and domains", async () => {
    const { team, user, token } = await kliv.makeTeam("single");
    await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql`update teams set plan = 'enterprise' where id = ${team}`.execute(tx));
    const by = (value?: unknown): CallOptions => ({ token, ...(value === undefined ? {} : { body: value }) });
    const certificate = (await makePair()).certificate.replaceAll(/-----[^-]+-----|\n/g, "");
    const metadata = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
    const connection = (await call("POST /api/v1/teams/:team/sso-connections", { team }, by({ name: "Corp", metadata }))).json.id;
    await call("PATCH /api/v1/teams/:team/sso-connections/:connection", { team, connection }, by({ name: "Other" }));
    await call("POST /api/v1/teams/:team/sso-connections/:connection/key-steps", { team, connection }, by({ step: "prepare" }));
    await call("POST /api/v1/teams/:team/sso-connections/:connection/directory", { team, connection }, by({}));
    await call("DELETE /api/v1/teams/:team/sso-connections/:connection/directory", { team, connection }, by());
    const domain = "corp.example";
    await call("POST /api/v1/teams/:team/domains", { team }, by({ domain }));
    await kliv.running.app.rooms.saml.domains.verify({ team, domain, isByOperator: true, by: operator });
    await call("POST /api/v1/sso-lookups", {}, { body: { email: `someone@${domain}` } });
    await call("PUT /api/v1/teams/:team/sso", { team }, by({ breakGlassUser: user }));
    await call("PATCH /api/v1/teams/:team/domains/:domain", { team, domain }, by({ ssoRequired: true }));
    const directory = (await call("POST /api/v1/teams/:team/sso-connections/:connection/directory", { team, connection }, by({}))).json.token;
    const said = (value?: unknown): CallOptions => ({ token: directory, ...(value === undefined ? {} : { body: Buffer.from(JSON.stringify(value)), headers: { "content-type": "application/scim+json" } }) });
    const { id } = JSON.parse((await call("POST /scim/v2/:connection/Users", { connection }, said({ userName: `kei@${domain}`, displayName: "Kei" }))).bytes.toString());
    await call("PATCH /scim/v2/:connection/Users/:id", { connection, id }, said({ Operations: [{ op: "replace", path: "displayName", value: "慧" }] }));
    await call("PUT /scim/v2/:connection/Users/:id", { connection, id }, said({ userName: `kei@${domain}`, displayName: "Kei" }));
    const group = { connection, id: JSON.parse((await call("POST /scim/v2/:connection/Groups", { connection }, said({ displayName: "G", members: [{ value: id }] }))).bytes.toString()).id };
    await call("PATCH /scim/v2/:connection/Groups/:id", group, said({ Operations: [{ op: "replace", path: "displayName", value: "H" }] }));
    await call("PUT /scim/v2/:connection/Groups/:id", group, said({ displayName: "H", members: [] }));
    await call("DELETE /scim/v2/:connection/Groups/:id", group, said());
    await call("DELETE /scim/v2/:connection/Users/:id", { connection, id }, said());
    await call("DELETE /api/v1/teams/:team/sso-connections/:connection/directory", { team, connection }, by());
    await call("DELETE /api/v1/teams/:team/domains/:domain", { team, domain }, by());
    await call("POST /api/v1/teams/:team/sso-connections/:connection/directory", { team, connection }, by());
    await call("DELETE /api/v1/teams/:team/sso-connections/:connection/directory", { team, connection }, by());
    await call("DELETE /api/v1/teams/:team/sso-connections/:connection", { team, connection }, by());
  });

  /** What ends a session has nothing that could be refused. */
  const takesAnything = /me\/sessions$|sessions\/current$|single-logout$/;
  const changing = () => kliv.running.app.routes.filter((route) => route.method !== "GET");
  const nameOf = (route: { method: string; url: string }): string => `${route.method} ${route.url}`;

  it("were looked at for every route that changes something", () => {
    const missing = changing().map(nameOf).filter((name) => !called.has(name) && !(name in elsewhere));
    assert.deepEqual(missing, [], "a route that changes something needs a call in this file");
    assert.deepEqual(Object.keys(expected).filter((name) => !called.has(name)), []);
  });

  it("are none for what is refused: nobody, a stranger, nonsense", async () => {
    const stranger = await kliv.makeTeam("stranger");
    await newEvents();
    for (const route of changing()) {
      const path = route.url.replace(":team", mine.team).replaceAll(/:\w+/g, "none_1");
      const sent = route.method === "DELETE" ? {} : { body: route.body === "stream" ? Buffer.from('"') : { nonsense: true } };
      const callers = [{}, { token: stranger.token }, takesAnything.test(nameOf(route)) ? {} : { cookie }];
      for (const who of callers) {
        const { status } = await kliv.api(route.method, path, { ...who, ...sent });
        // A browser is sent on, to be told there.
        assert.ok(status >= 300 || expected[nameOf(route)]?.events.length === 0 || takesAnything.test(nameOf(route)), `${nameOf(route)} took nonsense: ${status}`);
      }
      assert.deepEqual(await newEvents(), [], nameOf(route));
    }
  });
});

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { CallOptions, TestServer } from "../../../tests/server.ts";
import { defaultText, fillText } from "./defaults.ts";
import { kinds, textCharactersMax } from "./schema.ts";

const dayMs = 86_400_000;

describe("agreements", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer({ KLIV_OPERATOR_NAME: "Äkta *Data* <AB>", KLIV_OPERATOR_CONTACT: "privacy@example.com" });
  });
  after(() => kliv.stop());

  const room = () => kliv.running.app.rooms.agreements;
  const get = (path: string, options: CallOptions = {}) => kliv.api("GET", path, options);
  const page = async (path: string): Promise<string> => {
    const answered = await get(path);
    assert.equal(answered.status, 200, path);
    return answered.bytes.toString();
  };
  const publish = (kind: "privacy" | "terms", text: string, more: Partial<Parameters<ReturnType<typeof room>["publish"]>[0]> = {}) =>
    room().publish({ kind, texts: { en: text, ja: `${text}（日本語）` }, by: operator, ...more });
  const versionOf = async (kind: string): Promise<number> => (await room().get({ kind })).version;
  const current = async () => Promise.all(kinds.map(async (kind) => ({ kind, version: await versionOf(kind) })));
  const pendingOf = async (cookie: string) => (await get("/api/v1/me", { cookie })).json.agreements.pending;
  const accept = (cookie: string, accepted: unknown, headers: Record<string, string> = {}) => kliv.api("POST", "/api/v1/me/agreements", { cookie, body: { accepted }, headers });
  const linkFor = async (email: string): Promise<string> => {
    const { signin, teams } = kliv.running.app.rooms;
    return kliv.running.app.postgres.transaction({}, async (tx) => new URL(await signin.createLink(tx, (await teams.findUserByEmail(tx, email))!, kliv.config.origin)).searchParams.get("link") ?? "");
  };
  const mailedLink = async (email: string): Promise<string> => {
    assert.equal((await kliv.api("POST", "/api/v1/password-links", { body: { email } })).status, 202);
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql<{ count: number }>`select count(*) as count from password_links where email = ${email}`.execute(tx));
    assert.equal(rows[0]?.count, 1);
    const letters = (await get("/mailbox")).bytes.toString();
    return /password\?link=([\w-]+)/.exec(letters.slice(letters.indexOf(email)))?.[1] ?? "";
  };
  const events = async (action: string): Promise<{ actor_id: string | null; resource_id: string; address: string | null; facts: Record<string, unknown> }[]> =>
    (await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql<any>`select actor_id, resource_id, address, facts from audit_events where action = ${action} order by id`.execute(tx))).rows;

  it("the first start makes version 1 of each document, in force and filled with who the operator is", async () => {
    const { json } = await get("/api/v1/agreements");
    assert.deepEqual(json.items.map((one: any) => [one.kind, one.version, one.state]), [["privacy", 1, "current"], ["terms", 1, "current"]]);
    for (const [path, language, title] of [["/privacy?lang=en", "en", "Privacy policy"], ["/privacy?lang=ja", "ja", "プライバシーポリシー"], ["/terms?lang=en", "en", "Terms of service"], ["/terms?lang=ja", "ja", "利用規約"]] as const) {
      const html = await page(path);
      assert.match(html, new RegExp(`<html lang="${language}">`));
      assert.equal([...html.matchAll(/<h1>(.*?)<\/h1>/g)].map(([, text]) => text).join(), title);
      assert.ok(html.includes("Äkta *Data* &lt;AB&gt;"), `${path} does not name the operator as it is`);
      assert.match(html, /href="mailto:privacy@example\.com"/);
      assert.doesNotMatch(html, /\{\w+( \w+)?\}|\{without/);
    }
    assert.doesNotMatch(await page("/privacy"), /Address:/);
    await room().prepare(kliv.config);
    assert.equal((await get("/api/v1/agreements")).json.items.length, 2);
  });

  it("the texts that Kliv brings link only to pages that there are", () => {
    const pages = new Set(kliv.running.app.routes.filter((route) => route.isPage).map(({ url }) => url));
    for (const kind of kinds) {
      for (const language of ["en", "ja"] as const) {
        const text = readFileSync(join(import.meta.dirname, `defaults/${kind}.${language}.md`), "utf8");
        const targets = [...text.matchAll(/\]\((\/[^)]*)\)/g)].map(([, target = ""]) => target);
        assert.ok(targets.length >= 4, `${kind}.${language}: ${targets.length} links`);
        assert.deepEqual(targets.filter((target) => !pages.has(target)), []);
        const bare = defaultText({ kind, language, operator: { name: null, address: null, contact: null }, origin: "https://kliv.example" });
        assert.doesNotMatch(bare, /\{|null|undefined/);
      }
    }
    assert.equal(fillText("{a} and {b}\n{without a} none\n{without b} nothing\n{c}", { a: "1", b: null }), "nothing\n{c}");
  });

  it("a person who signs up accepts on the page, in the version and the language that they saw", async () => {
    const email = "aya@example.com";
    const link = await mailedLink(email);
    const account = await kliv.api("POST", "/api/v1/passwords/account", { body: { link } });
    assert.deepEqual(account.json, { email, isNew: true, agreements: { pending: await current() } });
    const accepted = account.json.agreements.pending;
    const password = "correct horse 電池";
    const old = await kliv.api("POST", "/api/v1/passwords", { body: { link, password, accepted: [{ kind: "privacy", version: 7 }] } });
    assert.deepEqual([old.status, old.json.code], [409, "AGREEMENT_NOT_CURRENT"]);
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link, password, accepted }, headers: { "accept-language": "ja" } })).status, 204);
    const cookie = String((await kliv.api("POST", "/api/v1/sessions", { body: { email, password } })).headers["set-cookie"]).split(";")[0]!;
    assert.deepEqual(await pendingOf(cookie), []);
    const { items } = (await get("/api/v1/me/agreements", { cookie })).json;
    assert.deepEqual(items.map(({ kind, version, language, method, address }: any) => ({ kind, version, language, method, address })),
      ["privacy", "terms"].map((kind) => ({ kind, version: 1, language: "ja", method: "sign-up", address: "127.0.0.1" })));
    const made = (await events("agreement:accept")).filter((event) => event.facts["method"] === "sign-up");
    assert.deepEqual(made.map((event) => [event.resource_id, event.facts["version"], event.address]), [["privacy", 1, "127.0.0.1"], ["terms", 1, "127.0.0.1"]]);
    const again = await kliv.api("POST", "/api/v1/passwords/account", { body: { link: await linkFor(email) } });
    assert.deepEqual(again.json, { email, isNew: false, agreements: { pending: [] } });
  });

  it("link and password alone are enough; who came in so is asked afterwards, once", async () => {
    const { email, user } = await kliv.makeTeam("bo");
    const cookie = await kliv.makeSession(email, { agrees: false });
    assert.deepEqual(await pendingOf(cookie), await current());
    const first = await accept(cookie, [{ kind: "terms", version: 1 }]);
    assert.deepEqual([first.status, first.json], [200, { pending: [{ kind: "privacy", version: 1 }] }]);
    const before = (await get("/api/v1/me/agreements", { cookie })).json.items;
    kliv.clock.move(1_000);
    assert.deepEqual((await accept(cookie, await current())).json, { pending: [] });
    const now = (await get("/api/v1/me/agreements", { cookie })).json.items;
    assert.deepEqual(now.find((one: any) => one.kind === "terms"), before[0], "what was accepted stays as it was");
    assert.deepEqual(await pendingOf(cookie), []);
    const own = (await events("agreement:accept")).filter((event) => event.actor_id === user);
    assert.deepEqual(own.map((event) => [event.resource_id, event.facts["method"]]), [["terms", "asked"], ["privacy", "asked"]], "one event for each, whatever is sent again");
  });

  it("a new version asks everybody again, and the one before is no longer accepted", async () => {
    const { email } = await kliv.makeTeam("chi");
    const cookie = await kliv.makeSession(email, { agrees: false });
    await accept(cookie, await current());
    const made = await publish("terms", "# New terms\n\nBe kind.", { changes: { en: "It is shorter.", ja: "短くなりました。" } });
    assert.deepEqual([made.version, made.state, made.title], [2, "current", { en: "New terms", ja: "New terms" }]);
    assert.deepEqual(await pendingOf(cookie), [{ kind: "terms", version: 2 }]);
    const late = await accept(cookie, [{ kind: "terms", version: 1 }]);
    assert.deepEqual([late.status, late.json.code], [409, "AGREEMENT_NOT_CURRENT"]);
    assert.deepEqual((await accept(cookie, [{ kind: "terms", version: 2 }])).json, { pending: [] });
    const html = await page("/terms?lang=en");
    assert.match(html, /Be kind/);
    assert.match(html, /It is shorter\./);
    const old = await page("/terms?version=1&lang=en");
    assert.match(old, /earlier version/);
    assert.match(old, /<h1>Terms of service<\/h1>/);
    assert.match(old, /href="\?version=1&amp;lang=ja"/);
    assert.equal((await get("/terms?version=3")).status, 404);
    const compared = await page("/terms?version=2&compare=1&lang=en");
    assert.match(compared, /different from version 1 is marked/);
    assert.match(compared, /<div class="agreement-added"><p class="agreement-mark">Added<\/p><p>Be kind\.<\/p>/);
    assert.match(compared, /<div class="agreement-removed">.*1\. Your account/s);
    assert.match(compared, /href="\?version=2&amp;compare=1&amp;lang=ja"/);
    assert.match(await page("/terms?version=2&compare=2&lang=ja"), /第2版と同じです/);
    for (const compare of ["9", "0", "x"]) assert.ok([400, 404].includes((await get(`/terms?version=2&compare=${compare}`)).status), compare);
    assert.deepEqual((await events("agreement:publish")).map((event) => [event.resource_id, event.facts["version"]]), [["privacy", 1], ["terms", 1], ["terms", 2]]);
  });

  it("a version that takes effect later is announced at once and asked for from then on", async () => {
    const { email } = await kliv.makeTeam("dai");
    const cookie = await kliv.makeSession(email, { agrees: false });
    await accept(cookie, await current());
    const made = await publish("privacy", "Version two.", { effectiveAt: new Date(kliv.clock.now() + 3 * dayMs) });
    assert.deepEqual([made.version, made.state], [2, "upcoming"]);
    assert.deepEqual(await pendingOf(cookie), []);
    assert.equal((await get("/api/v1/agreements/privacy")).json.version, 1);
    assert.match(await page("/privacy?lang=en"), /Version 2 has been published and takes effect on <time datetime="2026-11-27/);
    assert.match(await page("/privacy?version=2&lang=en"), /not in force yet/);
    const early = await accept(cookie, [{ kind: "privacy", version: 2 }]);
    assert.equal(early.json.code, "AGREEMENT_NOT_CURRENT");
    kliv.clock.move(3 * dayMs - 1);
    assert.deepEqual(await pendingOf(cookie), []);
    kliv.clock.move(1);
    assert.deepEqual(await pendingOf(cookie), [{ kind: "privacy", version: 2 }]);
    assert.match(await page("/privacy?lang=en"), /Version two\./);
  });

  it("a token is not held up and accepts nothing; nobody accepts for another", async () => {
    const { token, team } = await kliv.makeTeam("eri");
    assert.equal((await get(`/api/v1/teams/${team}`, { token })).status, 200);
    assert.deepEqual((await get("/api/v1/me", { token })).json.agreements, { pending: await current() });
    const refused = await kliv.api("POST", "/api/v1/me/agreements", { token, body: { accepted: await current() } });
    assert.deepEqual([refused.status, refused.json.code], [403, "SESSION_NEEDED"]);
    assert.equal((await kliv.api("POST", "/api/v1/me/agreements", { body: { accepted: await current() } })).status, 401);
  });

  it("what is no acceptance is refused", async () => {
    const { email } = await kliv.makeTeam("fumi");
    const cookie = await kliv.makeSession(email, { agrees: false });
    for (const accepted of [[], [{ kind: "privacy" }], [{ kind: "privacy", version: 0 }], [{ kind: "privacy", version: "1" }], [{ kind: "privacy", version: 1, by: "x" }], "privacy", Array.from({ length: 21 }, () => ({ kind: "terms", version: 1 }))]) {
      assert.equal((await accept(cookie, accepted)).status, 400, JSON.stringify(accepted));
    }
    for (const kind of ["cookies", "", "../privacy", "probe_1"]) assert.ok([400, 409].includes((await accept(cookie, [{ kind, version: 1 }])).status), kind);
    assert.equal((await get("/api/v1/agreements/cookies")).status, 404);
    assert.equal((await get("/api/v1/agreements/privacy?version=x")).status, 400);
    assert.deepEqual((await get("/api/v1/me/agreements", { cookie })).json.items, []);
  });

  it("neither a version nor an acceptance is ever changed, not by the program itself", async () => {
    for (const change of ["update agreements set text_en = ''", "delete from agreements", "update agreement_acceptances set accepted_at = now()", "delete from agreement_acceptances"]) {
      await assert.rejects(kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql.raw(change).execute(tx)), /permission denied/, change);
    }
    // No request reaches as far as publishing: it is the operator's alone.
    const forged = sql`insert into agreements (kind, version, text_en, text_ja, sha256, effective_at, published_at) values ('terms', 99, 'x', 'x', 'x', now(), now())`;
    await assert.rejects(kliv.running.app.postgres.transaction({ teams: ["team_x"], user: "user_x" }, (tx) => forged.execute(tx)), /row-level security/);
  });

  it("a document is a text: what is empty, huge, past or the same is refused, and HTML stays words", async () => {
    const refused = async (text: string, more: object = {}): Promise<string> => {
      const error = await publish("terms", text, more).then(() => null, (thrown: unknown) => thrown);
      assert.ok(error instanceof Problem && error.code === "AGREEMENT_INVALID", String(error));
      return String(error.options.values?.["reason"]);
    };
    const before = await versionOf("terms");
    for (const text of ["", " \n\t\n", "\ufeff", "# Only a title", "[a]: https://example.com"]) assert.match(await refused(text), /is empty/, JSON.stringify(text));
    assert.match(await refused("a".repeat(textCharactersMax + 1)), /more than 100000 characters/);
    for (const text of ["a\0b", "a\u001bb", "a\u202eb", "\ud800"]) assert.match(await refused(text), /no text/, JSON.stringify(text));
    assert.match(await refused("Old news.", { effectiveAt: new Date(kliv.clock.now() - 2 * dayMs) }), /past/);
    assert.match(await refused("New.", { changes: { en: "x".repeat(2_001), ja: "y" } }), /note of changes/);
    assert.equal(await versionOf("terms"), before);
    const text = 'Hello <script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![p](https://example.com/p.png)\n\n<iframe src="https://example.com"></iframe>';
    await publish("terms", text);
    const html = await page("/terms?lang=en");
    const prose = /<div class="prose">(.*?)<\/div>/s.exec(html)?.[1] ?? "";
    assert.match(prose, /&lt;script&gt;/);
    assert.doesNotMatch(prose, /<(script|img|iframe)|href="javascript/);
    assert.match(await refused(text), /those of version 3/);
    const long = `${"word ".repeat(19_900)}the end`;
    await publish("terms", long);
    assert.match(await page("/terms"), /the end/);
  });

  it("each of many publications at once gets a number of its own", async () => {
    const before = (await room().list()).filter((one) => one.kind === "privacy").length;
    const made = await Promise.all(Array.from({ length: 8 }, (_, at) => publish("privacy", `At once, ${at}.`)));
    assert.deepEqual(made.map(({ version }) => version).sort((a, b) => a - b), Array.from({ length: 8 }, (_, at) => before + 1 + at));
  });

  it("the list is walked by limit and cursor", async () => {
    const whole = (await get("/api/v1/agreements?limit=200")).json.items;
    const seen: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const part: any = (await get(`/api/v1/agreements?limit=3${cursor ? `&cursor=${cursor}` : ""}`)).json;
      seen.push(...part.items);
      cursor = part.nextCursor;
    }
    assert.deepEqual(seen, whole);
    assert.ok(whole.length > 8);
  });

  const corpora = process.env["KLIV_CORPORA"];
  const naughty = corpora ? join(corpora, "corpora/naughty-strings.json") : "";
  it("a team's own agreement is noted by the operator and shown to its administrators only", { skip: existsSync(naughty) ? false : "KLIV_CORPORA is not set" }, async () => {
    const { team, token } = await kliv.makeTeam("gen");
    const viewer = await kliv.makeTeam("hiro");
    await kliv.running.app.rooms.teams.addMember({ team, email: viewer.email, role: "viewer", by: operator, mayMakeOwners: true });
    const note = (title: string, more: object = {}) => room().note({ team, title, reference: "2026-17", agreedOn: "2026-11-01", by: operator, ...more });
    const strings = (JSON.parse(readFileSync(naughty, "utf8")) as string[]).slice(0, 150);
    let noted = 0;
    for (const title of strings) {
      const made = await note(title).catch((error: unknown) => {
        assert.ok(error instanceof Problem && error.code === "REQUEST_INVALID", `${JSON.stringify(title)}: ${String(error)}`);
        return null;
      });
      if (made) noted += 1;
    }
    const { items } = (await get(`/api/v1/teams/${team}/agreements?limit=200`, { token })).json;
    assert.equal(items.length, noted);
    assert.ok(noted > 100, `${noted} noted`);
    assert.deepEqual([items[0].reference, items[0].agreedOn, items[0].imported], ["2026-17", "2026-11-01", false]);
    assert.equal((await get(`/api/v1/teams/${team}/agreements`, { token: await kliv.makeToken({ user: viewer.user, team, scope: "all" }) })).status, 403);
    assert.equal((await get(`/api/v1/teams/${team}/agreements`, { token: viewer.token })).status, 404);
    await assert.rejects(note("x", { team: "team_none" }), /TEAM_NOT_FOUND/);
  });
});

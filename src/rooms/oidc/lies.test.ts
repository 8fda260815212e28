import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JWTPayload } from "jose";
import { sql } from "kysely";
import { freePort, startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { Browser, clientSecret, startLiar } from "./testing.ts";
import type { Lie, Person } from "./testing.ts";

type Liar = Awaited<ReturnType<typeof startLiar>>;

/** A provider that does one thing wrong at a time: nobody is ever let in by it. */
describe("a provider that lies", () => {
  let kliv: TestServer;
  let [liar, second]: Liar[] = [];
  before(async () => {
    liar = await startLiar(await freePort());
    second = await startLiar(await freePort());
    kliv = await startTestServer({
      KLIV_OIDC_LIAR_ISSUER: liar.issuer, KLIV_OIDC_LIAR_CLIENT_ID: "kliv", KLIV_OIDC_LIAR_CLIENT_SECRET: clientSecret,
      KLIV_OIDC_SECOND_ISSUER: second.issuer, KLIV_OIDC_SECOND_CLIENT_ID: "kliv", KLIV_OIDC_SECOND_CLIENT_SECRET: clientSecret,
    });
    liar.person = { sub: "eve", email: "eve@example.com", email_verified: true, name: "Eve" };
    second.person = liar.person;
  });
  after(async () => {
    await kliv?.stop();
    await liar?.close();
    await second?.close();
  });

  const counts = (): Promise<unknown> =>
    kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql`select (select count(*) from users) as users, (select count(*) from sessions) as sessions, (select count(*) from oidc_identities) as identities`.execute(tx)).rows[0]);
  /** Signs in while the provider does this, and holds that nothing came of it. */
  const refuses = async (lie: Lie, code: string): Promise<void> => {
    const [browser, was] = [new Browser(kliv), await counts()];
    liar!.lie = lie;
    try {
      const page = await browser.signIn("liar", "eve");
      assert.deepEqual([page.pathname, page.searchParams.get("problem")], ["/signin", code]);
      assert.ok(!browser.has("__Host-kliv"));
      assert.deepEqual(await counts(), was);
    } finally {
      liar!.lie = {};
    }
  };
  const says = (change: JWTPayload) => ({ claims: (right: JWTPayload) => ({ ...right, ...change }) });
  const omits = (name: string) => ({ claims: (right: JWTPayload) => Object.fromEntries(Object.entries(right).filter(([key]) => key !== name)) });
  const seconds = (ago: number) => Math.floor(performance.timeOrigin / 1_000 + performance.now() / 1_000) - ago;

  const lies: [string, () => Lie, string][] = [
    ["another sign-in's nonce", () => says({ nonce: "another" }), "OIDC_ANSWER_INVALID"],
    ["no nonce", () => omits("nonce"), "OIDC_ANSWER_INVALID"],
    ["another issuer in the token", () => says({ iss: "https://accounts.google.com" }), "OIDC_ANSWER_INVALID"],
    ["a token for somebody else", () => says({ aud: "another client" }), "OIDC_ANSWER_INVALID"],
    ["a token for several, given to somebody else", () => says({ aud: ["kliv", "another client"], azp: "another client" }), "OIDC_ANSWER_INVALID"],
    ["a token that has expired", () => says({ iat: seconds(7_200), exp: seconds(3_600) }), "OIDC_ANSWER_INVALID"],
    ["a token without an end", () => omits("exp"), "OIDC_ANSWER_INVALID"],
    ["a token that nobody signed", () => ({ alg: "none" }), "OIDC_ANSWER_INVALID"],
    ["a token signed with the client's secret", () => ({ alg: "HS256" }), "OIDC_ANSWER_INVALID"],
    ["a token signed by a key of nobody's", () => ({ isForeignKey: true }), "OIDC_ANSWER_INVALID"],
    ["another issuer in the address (RFC 9207)", () => ({ answer: { iss: "https://accounts.google.com" } }), "OIDC_ANSWER_INVALID"],
    ["no issuer in the address though it said so", () => ({ answer: { iss: "" } }), "OIDC_ANSWER_INVALID"],
    ["a code that it never gave", () => ({ answer: { code: "stolen" } }), "OIDC_ANSWER_INVALID"],
    ["an id token in the address", () => ({ answer: { id_token: "e30.e30." } }), "OIDC_ANSWER_INVALID"],
    ["an address that is not verified", () => says({ email_verified: false }), "OIDC_EMAIL_UNVERIFIED"],
    ["an address that may be verified", () => says({ email_verified: 1 }), "OIDC_EMAIL_UNVERIFIED"],
    ["no address", () => omits("email"), "OIDC_EMAIL_UNVERIFIED"],
    ["another sign-in's state", () => ({ answer: { state: "kliv_state_another" } }), "OIDC_REQUEST_INVALID"],
    ["that the person said no", () => ({ answer: { code: "", error: "access_denied" } }), "OIDC_DENIED"],
    ["that it is down", () => ({ tokenStatus: 503 }), "OIDC_UNAVAILABLE"],
  ];
  for (const [name, lie, code] of lies) it(`says ${name}: ${code}`, () => refuses(lie(), code));

  /** As far as the address that the provider sends the browser back to. */
  const walkTo = async (provider: string): Promise<{ browser: Browser; back: URL }> => {
    const browser = new Browser(kliv);
    return { browser, back: await browser.walk(await browser.go(`/signin/oidc/${provider}`), "eve") };
  };
  const comeBack = async (browser: Browser, back: URL): Promise<string | null> => (await browser.go(back.pathname + back.search)).searchParams.get("problem");

  it("an answer is of no use in another browser, and stays good in its own", async () => {
    const { browser, back } = await walkTo("liar");
    const calls = liar!.tokenCalls;
    const other = await walkTo("liar");
    for (const thief of [new Browser(kliv), other.browser]) assert.equal(await comeBack(thief, back), "OIDC_REQUEST_INVALID");
    assert.equal(liar!.tokenCalls, calls, "the code was not even tried");
    assert.equal(await comeBack(browser, back), null);
    assert.ok(browser.has("__Host-kliv"));
  });

  it("a code of one provider's is not taken to another", async () => {
    const { browser, back } = await walkTo("liar");
    back.pathname = "/signin/oidc/second/callback";
    const calls = second!.tokenCalls;
    assert.equal(await comeBack(browser, back), "OIDC_REQUEST_INVALID");
    // With a state of the second's and the code of the first: the issuer in the address says whose it is.
    const mixed = await walkTo("second");
    mixed.back.searchParams.set("code", back.searchParams.get("code") ?? "");
    mixed.back.searchParams.set("iss", liar!.issuer);
    assert.equal(await comeBack(mixed.browser, mixed.back), "OIDC_ANSWER_INVALID");
    assert.equal(second!.tokenCalls, calls);
  });

  it("a code that another person was given is refused: the verifier is not theirs", async () => {
    const [victim, thief] = [await walkTo("liar"), await walkTo("liar")];
    // The nonce in the token is the victim's, even where a provider does not look at the verifier.
    thief.back.searchParams.set("code", victim.back.searchParams.get("code") ?? "");
    assert.equal(await comeBack(thief.browser, thief.back), "OIDC_ANSWER_INVALID");
    assert.ok(!thief.browser.has("__Host-kliv"));
  });

  it("one of fifty at once is let in, and nobody afterwards", async () => {
    const { browser, back } = await walkTo("liar");
    const cookie = browser.cookie(kliv.config.origin);
    const come = () => kliv.api("GET", back.pathname + back.search, { cookie });
    const all = await Promise.all(Array.from({ length: 50 }, come));
    const isIn = ({ headers }: { headers: Record<string, unknown> }): boolean => /__Host-kliv=kliv_session/.test(String(headers["set-cookie"]));
    assert.equal(all.filter(isIn).length, 1);
    assert.ok(all.every((one) => one.status === 303));
    assert.ok(!isIn(await come()));
  });

  it("ten minutes are the end of it", async () => {
    const [late, inTime] = [await walkTo("liar"), await walkTo("liar")];
    kliv.clock.move(599_000);
    assert.equal(await comeBack(inTime.browser, inTime.back), null);
    kliv.clock.move(2_000);
    assert.equal(await comeBack(late.browser, late.back), "OIDC_REQUEST_INVALID");
  });

  const corpora = process.env["KLIV_CORPORA"];
  it("takes any name that a provider tells", { skip: corpora === undefined && "KLIV_CORPORA is not set" }, async () => {
    const names = (JSON.parse(readFileSync(join(corpora ?? "", "corpora/naughty-strings.json"), "utf8")) as string[]).filter((name) => name.length < 500);
    assert.ok(names.length > 100, `${names.length} names`);
    // One of twenty: each is a whole sign-in.
    const chosen = names.filter((_, i) => i % 20 === 0).concat("\u0000", "\u202e\u200d", "a\u0000b", "\ud800", " ", "𠮷".repeat(300));
    for (const [i, name] of chosen.entries()) {
      liar!.person = { sub: `named ${i}`, email: `named${i}@example.com`, email_verified: true, name };
      const { browser, back } = await walkTo("liar");
      assert.equal(await comeBack(browser, back), null, JSON.stringify(name));
      const me = (await browser.api("GET", "/api/v1/me")).json;
      assert.match(me.user.name, /^[^\p{Cc}\p{Bidi_Control}]{1,200}$/u, JSON.stringify(name));
      assert.equal(me.teams[0].name, me.user.name);
    }
  });

  it("refuses what cannot be kept, in words", async () => {
    const said = async (person: Partial<Person>): Promise<string | null> => {
      liar!.person = { sub: "odd", email: "odd@example.com", email_verified: true, ...person };
      const { browser, back } = await walkTo("liar");
      return await comeBack(browser, back);
    };
    assert.equal(await said({ email: "a\u0000b@example.com" }), "EMAIL_INVALID");
    assert.equal(await said({ email: "two@at@example.com" }), "EMAIL_INVALID");
    assert.equal(await said({ email: `${"x".repeat(300)}@example.com` }), "EMAIL_INVALID");
    assert.equal(await said({ sub: "x".repeat(256) }), "OIDC_ANSWER_INVALID");
    assert.equal(await said({ sub: "nul\u0000" }), "OIDC_ANSWER_INVALID");
    assert.equal(await said({}), null);
  });

  it("two first sign-ins of a person at once make one account", async () => {
    liar!.person = { sub: "twin", email: "twin@example.com", email_verified: true };
    const both = [await walkTo("liar"), await walkTo("liar")];
    assert.deepEqual(await Promise.all(both.map(({ browser, back }) => comeBack(browser, back))), [null, null]);
    const [first, other] = await Promise.all(both.map(async ({ browser }) => (await browser.api("GET", "/api/v1/me")).json.user));
    assert.deepEqual([first.id, first.name], [other.id, "twin"]);
  });
});

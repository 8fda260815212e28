import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const good = "correct horse 電池";

describe("sign-in", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const newestLink = (): string => {
    const folder = join(kliv.config.home, "mail");
    const name = readdirSync(folder).sort().at(-1) as string;
    // Quoted-printable: soft line breaks and =3D.
    const text = readFileSync(join(folder, name), "utf8").replace(/=\r?\n/g, "").replaceAll("=3D", "=");
    return /password\?link=([\w-]+)/.exec(text)?.[1] as string;
  };
  const askLink = async (email: string): Promise<string> => {
    const asked = await kliv.api("POST", "/api/v1/password-links", { body: { email } });
    assert.equal(asked.status, 202);
    return newestLink();
  };
  const signIn = (email: string, password: string) => kliv.api("POST", "/api/v1/sessions", { body: { email, password } });
  const signUp = async (email: string): Promise<void> => {
    const made = await kliv.api("POST", "/api/v1/passwords", { body: { link: await askLink(email), password: good } });
    assert.equal(made.status, 204);
  };

  it("signs up with a mailed link, in by address or user name, and out", async () => {
    await signUp("hana@example.com");
    for (const name of ["hana@example.com", "HANA@example.com", "hana"]) {
      const session = await signIn(name, good);
      assert.equal(session.status, 201, name);
      const cookie = String(session.headers["set-cookie"]);
      assert.match(cookie, /^__Host-kliv=kliv_session_[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
      const me = await kliv.api("GET", "/api/v1/me", { cookie: cookie.split(";")[0] as string });
      assert.equal(me.json.user.email, "hana@example.com");
      assert.equal(me.json.teams[0].role, "owner");
      const ended = await kliv.api("DELETE", "/api/v1/sessions/current", { cookie: cookie.split(";")[0] as string });
      assert.equal(ended.status, 204);
      assert.equal((await kliv.api("GET", "/api/v1/me", { cookie: cookie.split(";")[0] as string })).status, 401);
    }
  });

  it("answers the same whether an account exists or not", async () => {
    const known = await kliv.api("POST", "/api/v1/password-links", { body: { email: "hana@example.com" } });
    const unknown = await kliv.api("POST", "/api/v1/password-links", { body: { email: "nobody@example.com" } });
    assert.deepEqual([known.status, known.bytes.toString()], [unknown.status, unknown.bytes.toString()]);
    const [wrong, nobody] = [await signIn("hana@example.com", "not this one"), await signIn("nobody@example.com", "not this one")];
    assert.deepEqual([wrong.status, wrong.json], [nobody.status, nobody.json]);
  });

  it("takes passwords of 8 to 128 code points that are not well known", async () => {
    const link = await askLink("long@example.com");
    const refused = ["1234567", "あいうえおかき", "👨‍👩‍👧‍👦", "x".repeat(129), "𠮷".repeat(129), "password", "PASSWORD1", "12345678", "long@example.com"];
    for (const password of refused) {
      const answered = await kliv.api("POST", "/api/v1/passwords", { body: { link, password } });
      assert.deepEqual([answered.status, answered.json?.code], [422, "PASSWORD_REFUSED"], password);
    }
    // A refused password does not cost the link; 128 characters of four bytes each are 128 characters.
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link, password: "𠮷".repeat(128) } })).status, 204);
    assert.equal((await signIn("long@example.com", "𠮷".repeat(128))).status, 201);
    assert.equal((await signIn("long@example.com", "𠮷".repeat(127))).status, 401);
  });

  it("says whose password a link is for, as often as asked, until it is used", async () => {
    const link = await askLink("whose@example.com");
    const ask = () => kliv.api("POST", "/api/v1/passwords/account", { body: { link } });
    for (const one of [await ask(), await ask()]) assert.deepEqual([one.status, one.json], [200, { email: "whose@example.com", isNew: true, agreements: { pending: [{ kind: "privacy", version: 1 }, { kind: "terms", version: 1 }] } }]);
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link, password: good } })).status, 204);
    const used = await ask();
    assert.deepEqual([used.status, used.json.code], [400, "LINK_INVALID"]);
  });

  it("lets one of fifty at once use a link, and nobody after an hour", async () => {
    const link = await askLink("race@example.com");
    const all = await Promise.all(Array.from({ length: 50 }, () => kliv.api("POST", "/api/v1/passwords", { body: { link, password: good } })));
    assert.equal(all.filter((one) => one.status === 204).length, 1);
    assert.ok(all.filter((one) => one.status !== 204).every((one) => one.json.code === "LINK_INVALID"));
    const late = await askLink("race@example.com");
    kliv.clock.move(3_600_001);
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link: late, password: good } })).json.code, "LINK_INVALID");
  });

  it("makes the hash of a password anew when its parameters were raised since", async () => {
    const { email, user } = await kliv.makeTeam("older");
    await kliv.makeSession(email);
    const password = `of ${email} for one test`;
    const nonce = Buffer.from("a salt of sixteen");
    const tag = argon2Sync("argon2id", { message: password, nonce, memory: 8_192, passes: 1, parallelism: 1, tagLength: 32 });
    const text = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
    const { postgres, rooms: { teams } } = kliv.running.app;
    await postgres.transaction({}, (tx) => teams.setPasswordHash(tx, user, `$argon2id$v=19$m=8192,t=1,p=1$${text(nonce)}$${text(tag)}`));
    const signIn = async (typed: string): Promise<number> => (await kliv.api("POST", "/api/v1/sessions", { body: { email, password: typed } })).status;
    const hash = async (): Promise<string> => (await postgres.transaction({}, (tx) => teams.findUser(tx, user)))?.password_hash?.split("$")[3] ?? "";
    assert.deepEqual([await signIn("wrong"), await hash()], [401, "m=8192,t=1,p=1"]);
    assert.deepEqual([await signIn(password), await hash()], [201, "m=19456,t=2,p=1"]);
    assert.equal(await signIn(password), 201);
  });

  it("locks an account for 30 seconds after 5 failures, known or not", async () => {
    // A success ends the row of failures that came before.
    assert.equal((await signIn("hana@example.com", good)).status, 201);
    for (const email of ["hana@example.com", "unknown@example.com"]) {
      for (let i = 0; i < 5; i++) assert.equal((await signIn(email, `wrong ${i}`)).status, 401);
      const locked = await signIn(email, good);
      assert.deepEqual([locked.status, locked.json.code, locked.headers["retry-after"]], [429, "SIGNIN_LOCKED", "30"]);
    }
    kliv.clock.move(29_900);
    assert.equal((await signIn("hana@example.com", good)).status, 429);
    kliv.clock.move(200);
    assert.equal((await signIn("hana@example.com", good)).status, 201);
  });

  it("evaluates at most five of many guesses at once", async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, i) => signIn("race@example.com", `guess ${i}`)));
    assert.equal(all.filter((one) => one.status === 401).length, 5);
    assert.equal(all.filter((one) => one.status === 429).length, 35);
    kliv.clock.move(31_000);
  });

  it("revokes a token and a session at once", async () => {
    const { team, token, email } = await kliv.makeTeam("revoker");
    const made = await kliv.api("POST", `/api/v1/teams/${team}/tokens`, { cookie: await kliv.makeSession(email), body: { name: "second", scope: "read" } });
    assert.equal(made.status, 201);
    assert.equal((await kliv.api("GET", "/api/v1/me", { token: made.json.token })).json.scopes.join(), "read");
    assert.equal((await kliv.api("DELETE", `/api/v1/teams/${team}/tokens/${made.json.id}`, { token })).status, 204);
    assert.equal((await kliv.api("GET", "/api/v1/me", { token: made.json.token })).status, 401);
  });

  it("keeps neither passwords nor links nor tokens in the database, the logs or the store", async () => {
    const { rows } = await kliv.running.app.postgres.pool.query(
      "select string_agg(u::text, '') || (select string_agg(l::text, '') from password_links l) || (select coalesce(string_agg(s::text, ''), '') from sessions s) as dump from users u",
    );
    const dump = String(rows[0].dump);
    assert.ok(dump.includes("hana@example.com") && dump.includes("$argon2id$"), "the dump holds what it should");
    for (const secret of [good, newestLink(), "kliv_session_"]) assert.ok(!dump.includes(secret));
  });
});

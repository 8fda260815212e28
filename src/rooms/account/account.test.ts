import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const dayMs = 86_400_000;
const fresh = "correct horse battery staple";

describe("one's own account", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const problem = ({ status, json }: Answered): unknown => [status, json?.code];
  const cookieOf = ({ headers }: Answered): string => String(headers["set-cookie"]).split(";")[0] ?? "";
  const opens = async (cookie: string): Promise<boolean> => (await kliv.api("GET", "/api/v1/me", { cookie })).status === 200;
  const signIn = (email: string, password: string): Promise<Answered> => kliv.api("POST", "/api/v1/sessions", { body: { email, password } });
  const old = (email: string): string => `of ${email} for one test`;
  const lettersTo = (email: string): string[] =>
    readdirSync(join(kliv.config.home, "mail")).sort().map((name) => readFileSync(join(kliv.config.home, "mail", name), "utf8")).filter((one) => one.includes(`To: ${email}`));
  const linkTo = (email: string): string => /\?link=([\w-]+)/.exec((lettersTo(email).at(-1) ?? "").replace(/=\n/g, "").replaceAll("=3D", "="))?.[1] ?? "";

  it("a new password needs the present one, ends all other sessions and renews this one", async () => {
    const { email, token } = await kliv.makeTeam("password");
    const cookie = await kliv.makeSession(email);
    const other = cookieOf(await signIn(email, old(email)));
    const change = (as: string, body: object): Promise<Answered> => kliv.api("PUT", "/api/v1/me/password", { cookie: as, body });
    assert.deepEqual(problem(await change(cookie, { present: "wrong horse", password: fresh })), [401, "SIGNIN_FAILED"]);
    assert.deepEqual(problem(await change(cookie, { present: old(email), password: "12345678" })), [422, "PASSWORD_REFUSED"]);
    assert.deepEqual(problem(await kliv.api("PUT", "/api/v1/me/password", { token, body: { present: old(email), password: fresh } })), [403, "SESSION_NEEDED"]);
    assert.deepEqual([await opens(cookie), await opens(other)], [true, true], "nothing happened yet");
    const changed = await change(cookie, { present: old(email), password: fresh });
    assert.equal(changed.status, 204, changed.bytes.toString());
    assert.deepEqual([await opens(cookieOf(changed)), await opens(cookie), await opens(other)], [true, false, false]);
    assert.deepEqual([(await signIn(email, old(email))).status, (await signIn(email, fresh)).status], [401, 201]);
    assert.match(lettersTo(email).at(-1) ?? "", /Your password was changed/);
  });

  it("guesses at the present password lock the account like those at the door", async () => {
    const { email } = await kliv.makeTeam("guess");
    const cookie = await kliv.makeSession(email);
    const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => kliv.api("PUT", "/api/v1/me/password", { cookie, body: { present: `guess ${i}`, password: fresh } })));
    assert.deepEqual(guesses.map(({ status }) => status).toSorted(), [...Array(5).fill(401), ...Array(7).fill(429)]);
    kliv.clock.move(30_100);
  });

  it("of fifty uses of one password link at once one is right", async () => {
    const { email } = await kliv.makeTeam("fifty");
    await kliv.api("POST", "/api/v1/password-links", { body: { email } });
    const link = linkTo(email);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => kliv.api("POST", "/api/v1/passwords", { body: { link, password: `${fresh} ${i}` } })));
    const right = answers.findIndex(({ status }) => status === 204);
    assert.deepEqual(answers.map(problem).map(String).toSorted(), ["204,", ...Array(49).fill("400,LINK_INVALID")]);
    assert.equal((await signIn(email, `${fresh} ${right}`)).status, 201);
  });

  it("a user name is anyone's who is first, in any case, and never an address", async () => {
    const { email } = await kliv.makeTeam("named");
    await kliv.makeTeam("other");
    const cookie = await kliv.makeSession(email);
    const rename = (userName: string): Promise<Answered> => kliv.api("PUT", "/api/v1/me/user-name", { cookie, body: { userName } });
    assert.deepEqual(problem(await rename("OTHER")), [409, "USER_NAME_TAKEN"]);
    for (const bad of ["a@b", " ", "a\nb", "a\u200bb", "a\u202eb"]) assert.deepEqual(problem(await rename(bad)), [400, "USER_NAME_INVALID"], JSON.stringify(bad));
    assert.equal((await rename("なまえ 2")).status, 204);
    assert.equal((await signIn("なまえ 2", old(email))).status, 201);
    // Of two who choose the same at once one has it.
    const cookies = [cookie, await kliv.makeSession("other@example.com")];
    const answers = await Promise.all(cookies.map((as) => kliv.api("PUT", "/api/v1/me/user-name", { cookie: as, body: { userName: "Same" } })));
    assert.deepEqual(answers.map(problem).map(String).toSorted(), ["204,", "409,USER_NAME_TAKEN"]);
  });

  it("all other sessions end at once", async () => {
    const { email } = await kliv.makeTeam("others");
    const cookie = await kliv.makeSession(email);
    const others = [cookieOf(await signIn(email, old(email))), cookieOf(await signIn(email, old(email)))];
    assert.deepEqual((await kliv.api("DELETE", "/api/v1/me/sessions", { cookie })).json, { ended: 2 });
    assert.deepEqual([await opens(cookie), await opens(others[0]!), await opens(others[1]!)], [true, false, false]);
  });

  const request = (cookie: string, email: string, password: string): Promise<Answered> => kliv.api("POST", "/api/v1/me/email", { cookie, body: { email, password } });
  const use = (link: string): Promise<Answered> => kliv.api("POST", "/api/v1/email-links", { body: { link } });

  it("an address changes once both mailboxes have agreed, and the old one takes it back within seven days", async () => {
    const { email, token } = await kliv.makeTeam("mover");
    const cookie = await kliv.makeSession(email);
    assert.deepEqual(problem(await request(cookie, "moved@example.com", "wrong horse")), [401, "SIGNIN_FAILED"]);
    assert.deepEqual(problem(await request(cookie, email, old(email))), [409, "EMAIL_UNCHANGED"]);
    assert.equal((await request(cookie, "moved@example.com", old(email))).status, 202);
    const links = [linkTo("moved@example.com"), linkTo(email)];
    assert.deepEqual((await kliv.api("POST", "/api/v1/email-links/view", { body: { link: links[0] } })).json, { kind: "new", oldEmail: email, newEmail: "moved@example.com" });
    assert.deepEqual((await use(links[0]!)).json, { state: "waiting" });
    assert.deepEqual((await use(links[0]!)).json, { state: "waiting" }, "one mailbox twice is not two");
    assert.equal((await kliv.api("GET", "/api/v1/me", { cookie })).json.user.email, email);
    const { change } = (await kliv.api("GET", "/api/v1/me/email", { cookie })).json;
    assert.deepEqual([change.oldConfirmed, change.newConfirmed], [false, true]);
    assert.deepEqual((await use(links[1]!)).json, { state: "done" });
    assert.equal(await opens(cookie), false);
    assert.deepEqual([(await signIn(email, old(email))).status, (await signIn("moved@example.com", old(email))).status], [401, 201]);
    for (const link of links) assert.deepEqual(problem(await use(link)), [400, "LINK_INVALID"]);

    const back = linkTo(email);
    kliv.clock.move(7 * dayMs - 1);
    const session = cookieOf(await signIn("moved@example.com", old(email)));
    assert.deepEqual((await use(back)).json, { state: "reverted" });
    assert.deepEqual([await opens(session), (await kliv.api("GET", "/api/v1/me", { token })).status], [false, 401]);
    assert.deepEqual([(await signIn(email, old(email))).status, (await signIn("moved@example.com", old(email))).status], [401, 401], "the password is nobody's any more");
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link: linkTo(email), password: fresh } })).status, 204);
    assert.equal((await signIn(email, fresh)).status, 201);
    assert.deepEqual(problem(await use(back)), [400, "LINK_INVALID"]);
  });

  it("links about an address end: after a day, with the next request, when given up; taking back after seven days", async () => {
    const { email } = await kliv.makeTeam("ends");
    const cookie = await kliv.makeSession(email);
    const begin = async (): Promise<string> => {
      assert.equal((await request(cookie, "ends2@example.com", old(email))).status, 202);
      return linkTo("ends2@example.com");
    };
    const first = await begin();
    const second = await begin();
    assert.deepEqual([problem(await use(first)), (await use(second)).status], [[400, "LINK_INVALID"], 200]);
    assert.equal((await kliv.api("DELETE", "/api/v1/me/email", { cookie })).status, 204);
    assert.deepEqual(problem(await use(second)), [400, "LINK_INVALID"]);
    const third = await begin();
    const old3 = linkTo(email);
    kliv.clock.move(dayMs);
    assert.deepEqual(problem(await use(third)), [400, "LINK_INVALID"]);
    assert.deepEqual(problem(await use(old3)), [400, "LINK_INVALID"]);
    const [late, agreed] = [await begin(), linkTo(email)];
    await use(late);
    assert.deepEqual((await use(agreed)).json, { state: "done" });
    const back = linkTo(email);
    kliv.clock.move(7 * dayMs);
    assert.deepEqual(problem(await use(back)), [400, "LINK_INVALID"]);
    assert.notEqual(back, agreed);
  });

  it("an address that has an account is not given to another, and nobody is told but its owner", async () => {
    const { email } = await kliv.makeTeam("taker");
    const holder = await kliv.makeTeam("holder");
    const cookie = await kliv.makeSession(email);
    const [known, unknown] = [await request(cookie, holder.email.toUpperCase(), old(email)), await request(cookie, "free@example.com", old(email))];
    assert.deepEqual([known.status, known.json], [unknown.status, unknown.json]);
    const told = lettersTo(holder.email).at(-1) ?? "";
    assert.match(told, /has a Kliv account already/);
    assert.equal(linkTo(holder.email), "", "no link that could be used");
    for (let i = 0; i < 3; i++) assert.equal((await request(cookie, `free${i}@example.com`, old(email))).status, 202);
    assert.deepEqual(problem(await request(cookie, "free9@example.com", old(email))), [429, "EMAIL_CHANGES_TOO_MANY"]);
  });
});

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { generateSync } from "otplib";
import { peopleCommands } from "#src/commands/people.ts";
import { openText, sealText } from "#src/base/secrets.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const stepMs = 30_000;
const cookiesOf = ({ headers }: Answered): Record<string, string> =>
  Object.fromEntries([headers["set-cookie"] ?? []].flat().map((one) => one.split(";")[0]!).map((pair) => [pair.split("=")[0]!, pair] as const));
const sessionOf = (answered: Answered): string => cookiesOf(answered)["__Host-kliv"] ?? "";
const stepOf = (answered: Answered): string => cookiesOf(answered)["__Host-kliv-second"] ?? "";
const saysOf = ({ status, json }: Answered): [number, string | undefined] => [status, json?.code];

describe("second factors", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const call = (method: string, path: string, options: Parameters<TestServer["api"]>[2] = {}) => kliv.api(method, path, options);
  const post = (path: string, body: unknown, cookie = "") => call("POST", path, { body, ...(cookie ? { cookie } : {}) });
  const passwordOf = (email: string): string => `of ${email} for one test`;
  const signIn = (email: string) => post("/api/v1/sessions", { email, password: passwordOf(email) });
  const second = (step: string, code: string, kind = "totp") => post("/api/v1/sessions/second-factor", { kind, code }, step);
  const codeOf = (secret: string): string => generateSync({ secret, epoch: kliv.clock.now() / 1_000 });
  const wrongFor = (secret: string): string => String((Number(codeOf(secret)) + 500_000) % 1_000_000).padStart(6, "0");
  const lettersTo = (email: string): string[] =>
    readdirSync(join(kliv.config.home, "mail")).sort().map((name) => readFileSync(join(kliv.config.home, "mail", name), "utf8").replace(/=\r?\n/g, "")).filter((raw) => raw.includes(`To: ${email}`));

  /** An account with one-time codes; the clock is moved on, so that a new code can be used at once. */
  async function protect(name: string) {
    const { email, user, team, token } = await kliv.makeTeam(name);
    const cookie = await kliv.makeSession(email);
    const setup = await post("/api/v1/me/factors/totp/setup", {}, cookie);
    assert.equal(setup.status, 201, setup.bytes.toString());
    const { secret } = setup.json as { secret: string };
    const added = await post("/api/v1/me/factors/totp", { code: codeOf(secret) }, cookie);
    assert.equal(added.status, 201, added.bytes.toString());
    kliv.clock.move(stepMs);
    return { email, user, team, token, secret, setup: setup.json, old: cookie, cookie: sessionOf(added), recoveryCodes: added.json.recoveryCodes as string[] };
  }

  it("a secret counts after its first right code; then signing in takes two steps", async () => {
    const { email, secret, setup, old, cookie, recoveryCodes } = await protect("two-steps");
    assert.match(setup.uri, /^otpauth:\/\/totp\/Kliv:two-steps%40example\.com\?secret=[A-Z2-7]{32}&issuer=Kliv/);
    assert.match(setup.qr, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.equal(new Set(recoveryCodes).size, 10);
    assert.ok(recoveryCodes.every((code) => /^([0-9a-z]{4}-){3}[0-9a-z]{4}$/.test(code)), recoveryCodes.join());
    // The session has another secret since, and another id.
    assert.equal((await call("GET", "/api/v1/me", { cookie: old })).status, 401);
    assert.equal((await call("GET", "/api/v1/me", { cookie })).status, 200);
    const first = await signIn(email);
    assert.deepEqual([first.status, first.json], [202, { secondFactor: ["totp", "recovery"] }]);
    assert.equal(sessionOf(first), "");
    assert.match(String(first.headers["set-cookie"]), /^__Host-kliv-second=kliv_second_[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
    assert.deepEqual(saysOf(await call("GET", "/api/v1/me", { cookie: stepOf(first) })), [401, "SIGNIN_NEEDED"]);
    assert.deepEqual(saysOf(await second(stepOf(first), wrongFor(secret))), [401, "FACTOR_REFUSED"]);
    const code = codeOf(secret);
    const done = await second(stepOf(first), code);
    assert.equal(done.status, 201, done.bytes.toString());
    assert.equal((await call("GET", "/api/v1/me", { cookie: sessionOf(done) })).json.user.email, email);
    // The step is done, and the code is used: neither opens anything again.
    assert.deepEqual(saysOf(await second(stepOf(first), code)), [400, "SECOND_STEP_EXPIRED"]);
    assert.deepEqual(saysOf(await second(stepOf(await signIn(email)), code)), [401, "FACTOR_REFUSED"]);
    const list = await call("GET", "/api/v1/me/factors", { cookie });
    assert.deepEqual([list.json.totp !== null, list.json.recoveryCodesLeft, list.json.recoveryCodesFew], [true, 10, false]);
    assert.equal(lettersTo(email).length, 1, "one letter of the change");
  });

  it("the code that set the app up signs nobody in, nor one before the last; one step early or late is right", async () => {
    const { email, secret } = await protect("windows");
    const at = (steps: number): string => generateSync({ secret, epoch: kliv.clock.now() / 1_000 + steps * 30 });
    const attempt = async (code: string): Promise<number> => (await second(stepOf(await signIn(email)), code)).status;
    assert.equal(await attempt(at(-1)), 401, "the one that set it up");
    assert.equal(await attempt(at(-2)), 401);
    assert.equal(await attempt(at(2)), 401);
    assert.equal(await attempt(at(1)), 201);
    assert.equal(await attempt(at(0)), 401, "older than the one taken");
    kliv.clock.move(2 * stepMs);
    assert.equal(await attempt(`${at(-0).slice(0, 3)} ${at(0).slice(3)}`), 201, "with a space, as the apps show it");
  });

  it("of fifty uses of one code at once, one gets in; of one recovery code too", async () => {
    const { email, user, secret, recoveryCodes } = await protect("race");
    const { factors, signin } = kliv.running.app.rooms;
    const by = { kind: "anonymous", user: null } as const;
    for (const [kind, code] of [["totp", codeOf(secret)], ["recovery", recoveryCodes[4]!]] as const) {
      // Past the lock, so that all fifty are looked at.
      const uses = await Promise.all(Array.from({ length: 50 }, () => kliv.running.app.postgres.transaction({ user }, (tx) => factors.useCode(tx, { user, kind, code, by }))));
      assert.equal(uses.filter(Boolean).length, 1, kind);
    }
    kliv.clock.move(stepMs);
    // And from outside, each with a right password of its own.
    const steps: string[] = [];
    for (let i = 0; i < 12; i++) steps.push(stepOf(await signIn(email)));
    const all = await Promise.all(steps.map((step) => second(step, codeOf(secret))));
    assert.equal(all.filter(({ status }) => status === 201).length, 1, all.map(({ status }) => status).join());
    assert.ok(all.every(({ status }) => [201, 401, 429].includes(status)));
    assert.equal((await signin.sessions({ user, limit: 200 })).length, 2);
  });

  it("a recovery code works once, however it is typed, and the person is told how many are left", async () => {
    const { email, cookie, recoveryCodes } = await protect("recovery");
    const [one, ...rest] = recoveryCodes as [string, ...string[]];
    const typed = one.replaceAll("-", " ").replaceAll("0", "O").replaceAll("1", "l").toUpperCase();
    assert.equal((await second(stepOf(await signIn(email)), typed, "recovery")).status, 201);
    assert.deepEqual(saysOf(await second(stepOf(await signIn(email)), one, "recovery")), [401, "FACTOR_REFUSED"]);
    assert.match(lettersTo(email).at(-1)!, /9 are left/);
    for (const code of rest.slice(0, 6)) assert.equal((await second(stepOf(await signIn(email)), code, "recovery")).status, 201);
    const list = (await call("GET", "/api/v1/me/factors", { cookie })).json;
    assert.deepEqual([list.recoveryCodesLeft, list.recoveryCodesFew], [3, true]);
    // New ones end the old ones.
    const renewed = await post("/api/v1/me/factors/recovery-codes", {}, cookie);
    assert.equal(renewed.status, 201);
    assert.deepEqual(saysOf(await second(stepOf(await signIn(email)), rest[8]!, "recovery")), [401, "FACTOR_REFUSED"]);
    assert.equal((await second(stepOf(await signIn(email)), renewed.json.recoveryCodes[0], "recovery")).status, 201);
  });

  it("wrong codes and wrong passwords are one row of failures, and a right password does not begin it anew", async () => {
    const { email, secret } = await protect("lock");
    const before = stepOf(await signIn(email));
    for (let i = 0; i < 5; i++) {
      // With a fresh right password before each guess: as who has stolen it would.
      const first = await signIn(email);
      assert.equal(first.status, 202, `guess ${i}`);
      assert.equal((await second(stepOf(first), wrongFor(secret))).status, 401, `guess ${i}`);
    }
    for (const locked of [await second(before, codeOf(secret)), await signIn(email)]) assert.deepEqual([...saysOf(locked), locked.headers["retry-after"]], [429, "SIGNIN_LOCKED", "30"]);
    // Its owner has to know, once a day.
    assert.equal(lettersTo(email).filter((raw) => raw.includes("Somebody may know your password")).length, 1);
    kliv.clock.move(29_900);
    assert.equal((await second(before, codeOf(secret))).status, 429);
    kliv.clock.move(200);
    assert.equal((await second(before, codeOf(secret))).status, 201);
    // Fully in: the row begins anew. Two passwords and three codes are five.
    const open = stepOf(await signIn(email));
    for (let i = 0; i < 2; i++) assert.equal((await post("/api/v1/sessions", { email, password: "not this one" })).status, 401);
    for (let i = 0; i < 3; i++) assert.equal((await second(open, wrongFor(secret))).status, 401);
    assert.equal((await second(open, wrongFor(secret))).status, 429);
    kliv.clock.move(30_100);
    const many = await Promise.all(Array.from({ length: 40 }, () => second(open, wrongFor(secret))));
    assert.equal(many.filter(({ status }) => status === 401).length, 5);
    assert.equal(lettersTo(email).filter((raw) => raw.includes("Somebody may know your password")).length, 1);
    kliv.clock.move(30_100);
  });

  it("the second step lasts ten minutes, and ends with a new password; a new password removes no factor", async () => {
    const { email, secret } = await protect("expiry");
    const late = stepOf(await signIn(email));
    kliv.clock.move(600_000);
    assert.deepEqual(saysOf(await second(late, codeOf(secret))), [400, "SECOND_STEP_EXPIRED"]);
    const old = stepOf(await signIn(email));
    // makeSession sets the password by a link, and signs in: to a second step.
    assert.match(await kliv.makeSession(email), /^__Host-kliv-second=/);
    assert.deepEqual(saysOf(await second(old, codeOf(secret))), [400, "SECOND_STEP_EXPIRED"]);
    assert.equal((await second(stepOf(await signIn(email)), codeOf(secret))).status, 201);
  });

  it("a change needs a proof of the last ten minutes; removing ends the other sessions and is told", async () => {
    const { email, secret, cookie } = await protect("proof");
    kliv.clock.move(600_000);
    const other = sessionOf(await second(stepOf(await signIn(email)), codeOf(secret)));
    const refused = [
      await post("/api/v1/me/factors/totp/setup", {}, cookie), await post("/api/v1/me/factors/totp", { code: "123456" }, cookie),
      await call("DELETE", "/api/v1/me/factors/totp", { cookie }), await post("/api/v1/me/factors/recovery-codes", {}, cookie),
    ];
    assert.deepEqual(refused.map(saysOf), refused.map(() => [403, "PROOF_NEEDED"]));
    assert.deepEqual(saysOf(await post("/api/v1/me/proofs", { kind: "password", password: "not this one" }, cookie)), [401, "SIGNIN_FAILED"]);
    assert.deepEqual(saysOf(await post("/api/v1/me/proofs", { kind: "totp", code: codeOf(secret) }, cookie)), [401, "FACTOR_REFUSED"], "it has signed in already");
    assert.equal((await post("/api/v1/me/proofs", { kind: "password", password: passwordOf(email) }, cookie)).status, 204);
    const removed = await call("DELETE", "/api/v1/me/factors/totp", { cookie });
    assert.equal(removed.status, 204, removed.bytes.toString());
    for (const ended of [cookie, other]) assert.equal((await call("GET", "/api/v1/me", { cookie: ended })).status, 401);
    const list = await call("GET", "/api/v1/me/factors", { cookie: sessionOf(removed) });
    assert.deepEqual([list.json.totp, list.json.recoveryCodesLeft], [null, 0]);
    assert.match(lettersTo(email).at(-1)!, /removed/);
    assert.equal((await signIn(email)).status, 201);
  });

  it("proofs are guesses too", async () => {
    const { email, secret, cookie } = await protect("proof-lock");
    for (let i = 0; i < 4; i++) assert.equal((await post("/api/v1/me/proofs", { kind: "totp", code: wrongFor(secret) }, cookie)).status, 401);
    assert.equal((await post("/api/v1/me/proofs", { kind: "password", password: passwordOf(email) }, cookie)).status, 204, "right, and it clears nothing");
    assert.equal((await post("/api/v1/me/proofs", { kind: "totp", code: wrongFor(secret) }, cookie)).status, 401);
    assert.equal((await post("/api/v1/me/proofs", { kind: "totp", code: codeOf(secret) }, cookie)).status, 429);
    kliv.clock.move(30_100);
  });

  it("the operator can take all factors away; the sessions end, and the person is told", async () => {
    const { email, cookie } = await protect("lost");
    const run = async (address: string) => await peopleCommands.find(({ verb }) => verb === "reset-factors")!.run({ config: kliv.config, flags: { email: address }, words: [], print: (done) => void results.push(done) });
    const results: unknown[] = [];
    await run(email);
    assert.equal((results[0] as { factors: number }).factors, 1);
    assert.equal((await call("GET", "/api/v1/me", { cookie })).status, 401);
    assert.match(lettersTo(email).at(-1)!, /turned off/);
    assert.equal((await signIn(email)).status, 201);
    await run(email);
    assert.equal((results[1] as { factors: number }).factors, 0);
    await assert.rejects(run("nobody@example.com"), /USER_NOT_FOUND/);
  });

  it("neither secrets nor codes stand in the database; a sealed secret opens for its person alone", async () => {
    const { user, secret, recoveryCodes, email } = await protect("at-rest");
    const first = await signIn(email);
    const { rows } = await kliv.running.app.postgres.pool.query<{ dump: string }>("select (select string_agg(s::text, '') from signin_steps s) as dump");
    assert.ok(!rows[0]!.dump.includes(stepOf(first).split("=")[1]!));
    const dump = await kliv.running.app.postgres.transaction({ user }, async (tx) => {
      const { sql } = await import("kysely");
      const found = await sql<{ dump: string }>`select (select string_agg(t::text, '') from totp_factors t) || (select string_agg(r::text, '') from recovery_codes r) as dump`.execute(tx);
      return found.rows[0]!.dump;
    });
    assert.ok(dump.includes(user));
    for (const one of [secret, ...recoveryCodes]) assert.ok(!dump.includes(one));
    // And nobody else's transaction sees them.
    const { rows: none } = await kliv.running.app.postgres.pool.query("select 1 from totp_factors");
    assert.equal(none.length, 0);
    // Another server with a key of its own says so, and does not take a right code for a wrong one.
    const file = join(kliv.config.home, "secrets/factors");
    const own = readFileSync(file);
    writeFileSync(file, Buffer.alloc(32, 9).toString("base64"));
    assert.deepEqual(saysOf(await second(stepOf(first), codeOf(secret))), [503, "FACTOR_KEY_OTHER"]);
    writeFileSync(file, own);
    assert.equal((await second(stepOf(first), codeOf(secret))).status, 201);
    const key = Buffer.alloc(32, 7);
    assert.equal(openText(key, sealText(key, secret, user), user), secret);
    assert.throws(() => openText(key, sealText(key, secret, user), "another"));
    assert.throws(() => openText(Buffer.alloc(32, 8), sealText(key, secret, user), user));
  });
});

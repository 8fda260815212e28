import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createAuthenticator } from "#promises/checks/authenticator.ts";
import type { Problem } from "#src/base/problems/problem.ts";
import type { Authenticator } from "#promises/checks/authenticator.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const corpora = process.env["KLIV_CORPORA"];
const cookieOf = ({ headers }: Answered, name: string): string => [headers["set-cookie"] ?? []].flat().map((one) => one.split(";")[0]!).find((pair) => pair.startsWith(`${name}=`)) ?? "";
const sessionOf = (answered: Answered): string => cookieOf(answered, "__Host-kliv");
const stepOf = (answered: Answered): string => cookieOf(answered, "__Host-kliv-second");
const saysOf = ({ status, json }: Answered): [number, string | undefined] => [status, json?.code];

describe("passkeys", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const post = (path: string, body: unknown, cookie = "") => kliv.api("POST", path, { body, ...(cookie ? { cookie } : {}) });
  const signIn = (email: string, password = `of ${email} for one test`) => post("/api/v1/sessions", { email, password });
  const options = async (path: string, cookie = "") => {
    const answered = await post(path, {}, cookie);
    assert.equal(answered.status, 200, answered.bytes.toString());
    return answered.json.options;
  };
  const register = async (cookie: string, key: Authenticator, name: string): Promise<Answered> =>
    await post("/api/v1/me/factors/passkeys", { name, response: key.create(await options("/api/v1/me/factors/passkeys/options", cookie)) }, cookie);
  const person = async (name: string) => {
    const { email, user, team } = await kliv.makeTeam(name);
    return { email, user, team, cookie: await kliv.makeSession(email) };
  };
  const protect = async (name: string) => {
    const made = await person(name);
    const key = createAuthenticator(kliv.config.origin);
    const added = await register(made.cookie, key, "Phone");
    assert.equal(added.status, 201, added.bytes.toString());
    return { ...made, key, cookie: sessionOf(added), recoveryCodes: added.json.recoveryCodes as string[] };
  };
  const alone = async (key: Authenticator, oddity = {}): Promise<Answered> => await post("/api/v1/passkey-sessions", { response: key.get(await options("/api/v1/passkey-sessions/options"), oddity) });

  it("is both factors by itself, and the second step after a password", async () => {
    const { email, key, cookie, recoveryCodes } = await protect("keys");
    assert.equal(recoveryCodes.length, 10);
    const asked = await options("/api/v1/passkey-sessions/options");
    assert.deepEqual([asked.rpId, asked.userVerification, asked.allowCredentials], ["localhost", "required", undefined]);
    const first = await alone(key);
    assert.equal(first.status, 201, first.bytes.toString());
    assert.equal((await kliv.api("GET", "/api/v1/me", { cookie: sessionOf(first) })).json.user.email, email);
    const half = await signIn(email);
    assert.deepEqual([half.status, half.json.secondFactor], [202, ["passkey", "recovery"]]);
    const second = await options("/api/v1/sessions/second-factor/options", stepOf(half));
    assert.equal(second.allowCredentials.length, 1);
    // As a second step a touch is enough: the password was the other factor.
    const done = await post("/api/v1/sessions/second-factor", { kind: "passkey", response: key.get(second, { unverified: true }) }, stepOf(half));
    assert.equal(done.status, 201, done.bytes.toString());
    const list = (await kliv.api("GET", "/api/v1/me/factors", { cookie })).json;
    assert.deepEqual([list.passkeys[0].name, list.passkeys[0].lastUsedAt !== null], ["Phone", true]);
  });

  it("refuses what is not its own answer: another page's, another key's, an old count, nobody verified, twice, too late", async () => {
    const { key } = await protect("wrong");
    const stranger = createAuthenticator(kliv.config.origin);
    stranger.create({ challenge: "", rp: {}, user: { id: Buffer.from("user_nobody").toString("base64url") } });
    const refused: [string, Answered][] = [
      ["another page", await alone(key, { origin: "https://kliv.example" })], ["forged", await alone(key, { forged: true })], ["unverified", await alone(key, { unverified: true })],
      ["a copy that counts less", await alone(key, { counter: 1 })], ["unknown", await alone(stranger)],
    ];
    const once = key.get(await options("/api/v1/passkey-sessions/options"));
    assert.equal((await post("/api/v1/passkey-sessions", { response: once })).status, 201);
    refused.push(["twice", await post("/api/v1/passkey-sessions", { response: once })]);
    const late = key.get(await options("/api/v1/passkey-sessions/options"));
    kliv.clock.move(300_001);
    refused.push(["late", await post("/api/v1/passkey-sessions", { response: late })]);
    refused.push(["made up", await post("/api/v1/passkey-sessions", { response: key.get({ challenge: "AAAA" }) })]);
    for (const [what, answered] of refused) assert.deepEqual(saysOf(answered), [401, "PASSKEY_REFUSED"], what);
    assert.equal((await alone(key)).status, 201);
  });

  it("of many uses of one answer at once, one gets in", async () => {
    const { key } = await protect("many");
    const response = key.get(await options("/api/v1/passkey-sessions/options"));
    const all = await Promise.all(Array.from({ length: 30 }, () => post("/api/v1/passkey-sessions", { response })));
    assert.equal(all.filter(({ status }) => status === 201).length, 1);
  });

  it("an answer for one purpose or one person is none for another", async () => {
    const [mine, other] = [await protect("purpose"), await protect("purpose-other")];
    const half = stepOf(await signIn(mine.email));
    const alien = other.key.get(await options("/api/v1/sessions/second-factor/options", half));
    assert.deepEqual(saysOf(await post("/api/v1/sessions/second-factor", { kind: "passkey", response: alien }, half)), [401, "PASSKEY_REFUSED"]);
    const crossed = mine.key.get(await options("/api/v1/me/proofs/options", mine.cookie), { unverified: true });
    assert.deepEqual(saysOf(await post("/api/v1/sessions/second-factor", { kind: "passkey", response: crossed }, half)), [401, "PASSKEY_REFUSED"]);
    const first = mine.key.get(await options("/api/v1/passkey-sessions/options"));
    assert.deepEqual(saysOf(await post("/api/v1/me/proofs", { kind: "passkey", response: first }, mine.cookie)), [401, "PASSKEY_REFUSED"]);
    // What another person was asked to register is not mine.
    const made = createAuthenticator(kliv.config.origin).create(await options("/api/v1/me/factors/passkeys/options", other.cookie));
    assert.deepEqual(saysOf(await post("/api/v1/me/factors/passkeys", { name: "x", response: made }, mine.cookie)), [422, "PASSKEY_NOT_MADE"]);
  });

  it("the lock of guessed passwords keeps nobody out who has a passkey", async () => {
    const { email, key } = await protect("locked");
    for (let i = 0; i < 5; i++) assert.equal((await signIn(email, "not this one")).status, 401);
    assert.deepEqual(saysOf(await signIn(email)), [429, "SIGNIN_LOCKED"]);
    assert.equal((await alone(key)).status, 201);
    // And it opens nothing for who guesses.
    assert.equal((await signIn(email)).status, 429);
    kliv.clock.move(30_100);
  });

  it("several have names; they are proof for a change; with the last one the recovery codes go", async () => {
    const { email, key, cookie: first } = await protect("several");
    const added = await register(first, createAuthenticator(kliv.config.origin), "Security key");
    assert.deepEqual([added.status, added.json.recoveryCodes], [201, null]);
    let cookie = sessionOf(added);
    const list = async () => (await kliv.api("GET", "/api/v1/me/factors", { cookie })).json;
    const [one, two] = (await list()).passkeys;
    assert.equal((await kliv.api("PATCH", `/api/v1/me/factors/passkeys/${two.id}`, { cookie, body: { name: "金庫の鍵" } })).status, 204);
    assert.deepEqual((await list()).passkeys.map((row: { name: string }) => row.name), ["Phone", "金庫の鍵"]);
    kliv.clock.move(600_000);
    assert.deepEqual(saysOf(await kliv.api("DELETE", `/api/v1/me/factors/passkeys/${two.id}`, { cookie })), [403, "PROOF_NEEDED"]);
    assert.equal((await post("/api/v1/me/proofs", { kind: "passkey", response: key.get(await options("/api/v1/me/proofs/options", cookie)) }, cookie)).status, 204);
    const removed = await kliv.api("DELETE", `/api/v1/me/factors/passkeys/${two.id}`, { cookie });
    assert.equal(removed.status, 204);
    cookie = sessionOf(removed);
    assert.equal((await list()).recoveryCodesLeft, 10);
    const last = await kliv.api("DELETE", `/api/v1/me/factors/passkeys/${one.id}`, { cookie });
    cookie = sessionOf(last);
    assert.deepEqual([(await list()).passkeys, (await list()).recoveryCodesLeft], [[], 0]);
    assert.deepEqual(saysOf(await alone(key)), [401, "PASSKEY_REFUSED"]);
    assert.equal((await signIn(email)).status, 201);
    assert.deepEqual(saysOf(await kliv.api("DELETE", `/api/v1/me/factors/passkeys/${one.id}`, { cookie })), [404, "NOT_FOUND"]);
  });

  it("another's passkey is neither renamed nor removed, and one is registered once", async () => {
    const [mine, other] = [await protect("owner"), await protect("other")];
    const [{ id }] = (await kliv.api("GET", "/api/v1/me/factors", { cookie: mine.cookie })).json.passkeys;
    assert.equal((await kliv.api("PATCH", `/api/v1/me/factors/passkeys/${id}`, { cookie: other.cookie, body: { name: "x" } })).status, 404);
    assert.equal((await kliv.api("DELETE", `/api/v1/me/factors/passkeys/${id}`, { cookie: other.cookie })).status, 404);
    assert.deepEqual(saysOf(await register(other.cookie, mine.key, "copied")), [422, "PASSKEY_NOT_MADE"]);
  });

  it("takes any name that people give", { skip: corpora ? false : "KLIV_CORPORA is not set" }, async () => {
    const names = (JSON.parse(readFileSync(join(corpora ?? "", "corpora/naughty-strings.json"), "utf8")) as string[]).filter((name, at) => name !== "" && at % 5 === 0);
    const { user } = await protect("naughty");
    const { factors } = kliv.running.app.rooms;
    const { id } = (await factors.overview(user)).passkeys[0]!;
    for (const name of names) {
      const isTaken = await factors.renamePasskey({ user, id, name, by: { kind: "session", user } }).then(() => true, (error: Problem) => assert.equal(error.code, "REQUEST_INVALID", name) ?? false);
      const shown = (await factors.overview(user)).passkeys[0]!.name;
      assert.ok(shown.length > 0 && shown.length <= 100 && !/[\p{Cc}\p{Bidi_Control}]/u.test(shown), `${JSON.stringify(name)}: ${isTaken}`);
    }
  });
});

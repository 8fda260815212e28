import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Problem } from "#src/base/problems/problem.ts";
import type { PromiseView } from "#src/rooms/trust/schema.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

type Rooms = TestServer["running"]["app"]["rooms"];

/** Each breach is planted in Kliv itself, under its own routes: the check must see it, and see it gone afterwards. */
describe("a breach of LOGIN-2 and LOGIN-5 planted in the running server", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const check = async (id: string): Promise<PromiseView> => (await kliv.running.app.rooms.checker.run({ ids: [id] }))[0]!;
  const describeView = ({ state, evidence }: PromiseView): string => `${state}: ${evidence.summary.en}`;
  const twin = <R extends keyof Rooms, M extends keyof Rooms[R]>(id: string, name: string, summary: RegExp, place: [R, M], make: (own: Rooms[R][M]) => Rooms[R][M]): void => {
    test(`${id}: ${name}`, async () => {
      const room = kliv.running.app.rooms[place[0]];
      const own = room[place[1]];
      room[place[1]] = make(own);
      try {
        const view = await check(id);
        assert.equal(view.state, "broken", describeView(view));
        assert.match(view.evidence.summary.en, summary);
        assert.match(view.evidence.summary.ja, /[ぁ-ん]/);
      } finally {
        room[place[1]] = own;
      }
    });
  };
  const unless = (code: string, other: string) => (error: unknown): never => {
    throw error instanceof Problem && error.code === code ? new Problem(other as "NOT_FOUND") : error;
  };
  const isRefusal = (error: unknown): boolean => error instanceof Problem && error.code === "PASSKEY_REFUSED";

  for (const id of ["LOGIN-2", "LOGIN-5"]) {
    test(`${id} is kept`, async () => {
      const view = await check(id);
      assert.equal(view.state, "kept", describeView(view));
    });
  }

  const taken = new Set<string>();
  twin("LOGIN-2", "a code works twice", /A code that was used before was accepted/, ["factors", "useCode"], (own) => async (tx, use) => {
    if (use.kind === "totp" && taken.has(use.code)) return true;
    const isRight = await own(tx, use);
    if (isRight) taken.add(use.code);
    return isRight;
  });
  twin("LOGIN-2", "a recovery code works twice", /A recovery code that was used before was accepted/, ["factors", "useCode"], (own) => async (tx, use) => {
    if (use.kind === "recovery" && taken.has(use.code)) return true;
    const isRight = await own(tx, use);
    if (isRight) taken.add(use.code);
    return isRight;
  });
  twin("LOGIN-2", "any code is right", /A wrong code was accepted/, ["factors", "useCode"], () => async () => true);
  twin("LOGIN-2", "the second step is not asked for", /The password alone was enough/, ["factors", "kindsOf"], () => async () => []);
  twin("LOGIN-2", "the answer of a passkey is not checked", /signed with another key was accepted/, ["factors", "usePasskey"], (own) => async (options) => {
    try {
      return await own(options);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return Buffer.from(options.response.response.userHandle ?? "", "base64url").toString();
    }
  });
  twin("LOGIN-2", "what a team requires is not held", /reached a team that requires it/, ["actors", "find"], (own) => async (kind, secret) => {
    const actor = await own(kind, secret);
    return actor && { ...actor, teams: new Map([...actor.teams, ...(actor.withheld ?? [])]) };
  });

  twin("LOGIN-5", "more than five passwords are looked at", /An account: 50 of 50/, ["signin", "signIn"], (own) => (options) => own(options).catch(unless("SIGNIN_LOCKED", "SIGNIN_FAILED")));
  twin("LOGIN-5", "a name without an account is not locked", /no account has: 50 of 50/, ["signin", "signIn"], (own) => (options) => (options.email.startsWith("nobody-") ? Promise.reject(new Problem("SIGNIN_FAILED")) : own(options)));
  twin("LOGIN-5", "codes are not counted", /Codes of the second step: 50 of 50/, ["signin", "secondStep"], (own) => (options) => own(options).catch(unless("SIGNIN_LOCKED", "FACTOR_REFUSED")));
});

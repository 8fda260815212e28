import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { Problem } from "#src/base/problems/problem.ts";
import { clientSecret, startCertified } from "#src/rooms/oidc/testing.ts";
import type { Peer } from "#src/rooms/oidc/testing.ts";
import type { UserRow } from "#src/rooms/teams/teams.ts";
import { freePort, startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import type { PromiseView } from "./schema.ts";

type Rooms = TestServer["running"]["app"]["rooms"];

/** LOGIN-3 on a server that has a certified provider, and with one thing wrong at a time. */
describe("LOGIN-3 where a provider is set up", () => {
  let kliv: TestServer;
  let peer: Peer | null = null;
  let port = 0;
  const start = async (): Promise<Peer> => await startCertified({ port, redirectUri: `${kliv.config.origin}/signin/oidc/test/callback`, people: new Map() });
  before(async () => {
    port = await freePort();
    kliv = await startTestServer({ KLIV_OIDC_TEST_ISSUER: `http://localhost:${port}`, KLIV_OIDC_TEST_CLIENT_ID: "kliv", KLIV_OIDC_TEST_CLIENT_SECRET: clientSecret });
  });
  after(async () => {
    await kliv.stop();
    await peer?.close();
  });

  const check = async (): Promise<PromiseView> => (await kliv.running.app.rooms.checker.run({ ids: ["LOGIN-3"] }))[0]!;
  const sees = async (state: string, summary: RegExp): Promise<void> => {
    const view = await check();
    assert.equal(view.state, state, view.evidence.summary.en);
    assert.match(view.evidence.summary.en, summary);
  };

  test("unknown while the provider cannot be reached, kept when it can", async () => {
    await sees("unknown", /could not be begun \(OIDC_UNAVAILABLE\)/);
    peer = await start();
    await sees("kept", /^Sign-in was begun at 1 configured providers/);
  });

  const twin = <R extends keyof Rooms, M extends keyof Rooms[R]>(name: string, summary: RegExp, room: R, method: M, make: (own: Rooms[R][M]) => Rooms[R][M]): void => {
    test(`broken where ${name}`, async () => {
      const target = kliv.running.app.rooms[room];
      const own = target[method];
      target[method] = make(own);
      try {
        await sees("broken", summary);
      } finally {
        target[method] = own;
      }
      await sees("kept", /configured/);
    });
  };

  /** The address at the provider, with one thing changed. */
  const begins = (change: (asked: URLSearchParams) => void) => (own: Rooms["oidc"]["begin"]): Rooms["oidc"]["begin"] => async (options) => {
    const begun = await own(options);
    change(begun.url.searchParams);
    return begun;
  };
  twin("every sign-in has the same nonce", /had the same nonce/, "oidc", "begin", begins((asked) => asked.set("nonce", "0".repeat(43))));
  twin("there is no nonce", /begun wrongly: nonce/, "oidc", "begin", begins((asked) => asked.delete("nonce")));
  twin("PKCE is left out", /begun wrongly: code_challenge_method=/, "oidc", "begin", begins((asked) => asked.delete("code_challenge_method")));
  twin("tokens come by the address", /begun wrongly: response_type=id_token/, "oidc", "begin", begins((asked) => asked.set("response_type", "id_token")));
  twin("the way back leads elsewhere", /begun wrongly: redirect_uri=https:\/\/elsewhere\.example/, "oidc", "begin", begins((asked) => asked.set("redirect_uri", "https://elsewhere.example/")));

  twin("a second factor is asked for after single sign-on", /was not let in \(FACTOR_REFUSED\)/, "signin", "letIn", () => async () => {
    throw new Problem("FACTOR_REFUSED");
  });

  twin("single sign-on is not enough for a team that requires a factor", /does not count as a second factor \(OWN_FACTOR_NEEDED\)/, "signin", "letIn", (own) => (tx, opening) => own(tx, { ...opening, hasFactor: false }));

  twin("an answer is taken from any browser", /had not begun the sign-in/, "oidc", "arrive", () => async ({ agent, by }) => {
    const { postgres, rooms } = kliv.running.app;
    return await postgres.transaction({ operator: true }, async (tx) => {
      const { rows: [user] } = await sql<UserRow>`select * from users where email = 'anyone@example.com'`.execute(tx);
      const anyone = user ?? (await rooms.teams.createUser(tx, { email: "anyone@example.com", name: "Anyone" }));
      const { secret } = await rooms.signin.letIn(tx, { user: anyone, method: "oidc", hasFactor: true, agent, by });
      return { kind: "signed-in", user: anyone, secret, path: "/" };
    });
  });
});

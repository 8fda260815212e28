import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Problem } from "#src/base/problems/problem.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

type Saml = TestServer["running"]["app"]["rooms"]["saml"];

/** LOGIN-1 and LOGIN-7 with one thing wrong at a time, planted in Kliv itself. */
describe("single sign-on with a breach planted in it", () => {
  let kliv: TestServer;
  let saml: Saml;
  before(async () => {
    kliv = await startTestServer();
    ({ saml } = kliv.running.app.rooms);
  });
  after(() => kliv.stop());

  const sees = async (id: string, state: string, summary: RegExp): Promise<void> => {
    const view = (await kliv.running.app.rooms.checker.run({ ids: [id] }))[0]!;
    assert.equal(view.state, state, view.evidence.summary.en);
    assert.match(view.evidence.summary.en, summary);
  };
  const twin = <T extends object, M extends keyof T>(id: string, name: string, summary: RegExp, place: () => T, method: M, make: (own: T[M]) => T[M]): void => {
    test(`${id}: ${name}`, async () => {
      const target = place();
      const own = target[method];
      target[method] = make(own);
      await sees(id, "broken", summary).finally(() => void (target[method] = own));
    });
  };

  test("kept as it stands", async () => {
    await sees("LOGIN-1", "kept", /through 2 identity providers.* 14 forged/);
    await sees("LOGIN-7", "kept", /None of the \d+ operations/);
  });

  /** Lets in whom an answer names, without looking at what is wrong with it. */
  const believe = (own: Saml["arrive"]): Saml["arrive"] => async (arrival) => {
    const found = await own(arrival);
    if (found.kind === "signed-in") return found;
    const { postgres, rooms: { teams, signin } } = kliv.running.app;
    const email = />([^<>]+@[^<>]+)<\/saml:NameID>/.exec(Buffer.from(arrival.message, "base64").toString())?.[1] ?? "";
    return await postgres.transaction({}, async (tx) => {
      const user = await teams.findUserByEmail(tx, email);
      if (!user) return found;
      const { secret, expiresAt } = await signin.letIn(tx, { user, method: "saml", hasFactor: true, agent: "", by: arrival.by });
      return { kind: "signed-in", secret, expiresAt, openedAt: kliv.clock.date(), user, path: "/" };
    });
  };
  twin("LOGIN-1", "an answer that is refused lets somebody in all the same", /An answer .* let somebody in/, () => saml, "arrive", believe);
  twin("LOGIN-1", "nobody is let in", /was not let in/, () => saml, "arrive", () => () => Promise.reject(new Problem("SAML_RESPONSE_INVALID")));
  twin("LOGIN-1", "the metadata wants no signed assertions", /lacks WantAssertionsSigned/, () => saml.connections, "metadata", (own) => async (id) => (await own(id)).replace(' WantAssertionsSigned="true"', ""));
  twin("LOGIN-1", "a sign-in begun at the provider is taken though it is off", /though it is off/, () => saml, "arriveUnasked", (own) => async (arrival) => {
    const team = (await kliv.running.app.postgres.transaction({ operator: true }, async () => await kliv.running.app.rooms.teams.listProbes()))[0] ?? "";
    await saml.connections.update({ team, id: arrival.connection, settings: { idpInitiated: true }, by: arrival.by });
    return await own(arrival);
  });
  twin("LOGIN-7", "a password counts where single sign-on is required", /A password was answered with 201/, () => saml.domains, "isRequiredFor", () => () => Promise.resolve(false));
  twin("LOGIN-7", "the named owner is kept out too", /named owner's password was answered with 403/, () => saml.domains, "isRequiredFor", () => () => Promise.resolve(true));
  twin("LOGIN-7", "a session lasts on after the provider's end", /lasts longer/, () => saml, "arrive", (own) => async (arrival) => {
    const found = await own(arrival);
    return found.kind === "signed-in" ? { ...found, expiresAt: new Date(found.expiresAt.getTime() + 86_400_000) } : found;
  });

  test("kept again when all is mended", async () => {
    await sees("LOGIN-1", "kept", /forged/);
    await sees("LOGIN-7", "kept", /operations/);
  });
});

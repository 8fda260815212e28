import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { homeKey } from "#src/base/secrets.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { createLive } from "./live.ts";
import { createOutsider } from "./outsider.ts";
import type { CheckContext } from "./promise.ts";
import { createTrust } from "./trust.ts";

/** The checks against Kliv itself, with everything real but the clock. */
describe("checks on the live system", () => {
  let kliv: TestServer;
  let blobs: Blobs;
  let context: CheckContext;
  let close: () => void;
  before(async () => {
    kliv = await startTestServer();
    const { config, clock, ca, running } = kliv;
    const { postgres, rooms } = running.app;
    blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment, clock });
    const openapi = async () => (await kliv.api("GET", "/api/v1/openapi.json")).json;
    const live = createLive({ config, postgres, blobs, clock, ...rooms, openapi, rootPid: process.pid, verifiesByDefault: true });
    const { signal } = new AbortController();
    const outsider = createOutsider({ origin: config.origin, ca, signal });
    close = outsider.close;
    context = { origin: config.origin, ca, clock, signal, request: outsider.request, live };
  });
  after(async () => {
    close();
    await blobs.close();
    await kliv.stop();
  });

  const rows = async (): Promise<unknown> =>
    await kliv.running.app.postgres.transaction({ operator: true }, async (tx) => {
      const counted = await sql`select (select count(*) from users) users, (select count(*) from teams) teams, (select count(*) from versions) versions, (select count(*) from reports) reports`.execute(tx);
      return counted.rows[0];
    });

  for (const id of ["LOGIN-4", "TLS-2", "REST-2", "VALID-1", "PORT-1", "PORT-2", "ACCESS-6"]) {
    test(`${id} is kept, and its check leaves nothing behind`, async () => {
      const before = await rows();
      const trust = createTrust({ postgres: kliv.running.app.postgres, clock: kliv.clock });
      const [view] = await trust.check({ context, ids: [id] });
      assert.equal(view?.state, "kept", `${view?.evidence.summary.en} ${JSON.stringify(view?.evidence.facts)}`);
      assert.deepEqual(await rows(), before);
      assert.deepEqual((await blobs.list("")).items, []);
    });
  }
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import { silentLog } from "#src/base/log.ts";
import { openQueue } from "#src/base/queue.ts";
import { homeKey } from "#src/base/secrets.ts";
import { startTestServer } from "../tests/server.ts";
import type { TestServer } from "../tests/server.ts";

describe("upkeep", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  it("removes what has expired and what nothing points to, once it is old, and nothing else", async () => {
    const { config, clock } = kliv;
    const { postgres } = kliv.running.app;
    const blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment, clock });
    const { team, token, email } = await kliv.makeTeam("upkeep");
    const made = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=kept`, { token, body: Buffer.from("a,b\n1,2\n"), headers: { "x-filename": "a.csv" } });
    assert.equal(made.status, 201);
    await blobs.put(`versions/${team}/orphan.sqlite`, Buffer.from("x"));
    await blobs.put(`uploads/${team}/job_none`, Buffer.from("x"));
    await kliv.api("POST", "/api/v1/password-links", { body: { email } });
    await kliv.api("POST", "/api/v1/sessions", { body: { email, password: "not this one" } });
    const count = async (): Promise<unknown> =>
      await postgres.transaction({ operator: true }, async (tx) => (await sql`select (select count(*) from password_links) links, (select count(*) from signin_failures) failures, (select count(*) from versions) versions`.execute(tx)).rows[0]);
    const keys = async (): Promise<string[]> => (await blobs.list("")).items.map(({ key }) => key.replace(/ver_\w+/, "ver"));
    const { signin, jobs, imports, databases } = kliv.running.app.rooms;
    const sweep = async (): Promise<void> => {
      for (const room of [signin, jobs, imports, databases]) await room.sweep();
    };
    clock.move(3_600_000);
    await sweep();
    assert.equal((await keys()).length, 3);
    assert.deepEqual(await count(), { links: 1, failures: 1, versions: 1 });
    clock.move(2 * 86_400_000);
    await sweep();
    assert.deepEqual(await keys(), [`versions/${team}/ver.sqlite`]);
    assert.deepEqual(await count(), { links: 0, failures: 0, versions: 1 });
    await blobs.close();
  });

  it("is taken up by the server from the queue, and stands on the schedule", async () => {
    const { postgres, rooms } = kliv.running.app;
    const swept = Promise.withResolvers<void>();
    const { sweep } = rooms.databases;
    rooms.databases.sweep = () => (swept.resolve(), sweep());
    const queue = await openQueue({ postgres, log: silentLog });
    await postgres.transaction({}, (tx) => queue.send(tx, "upkeep", {}));
    await swept.promise;
    await queue.close();
    const { rows } = await postgres.pool.query("select name, cron from boss.schedule where name = 'upkeep'");
    assert.deepEqual(rows, [{ name: "upkeep", cron: "17 * * * *" }]);
  });
});

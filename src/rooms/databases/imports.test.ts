import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const csv = Buffer.from("city,people\n東京,14\n");

describe("imports in the background", { timeout: 120_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("imports");
  });
  after(() => kliv.stop());

  const queueUp = async (name: string): Promise<string> => {
    const answered = await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=${name}`, { token: mine.token, body: csv, headers: { prefer: "respond-async", "x-filename": "cities.csv" } });
    assert.equal(answered.status, 202, answered.bytes.toString());
    return answered.json.job;
  };
  // The stream ends when the job has.
  const ended = async (job: string): Promise<any> => {
    const { bytes } = await kliv.api("GET", `/api/v1/jobs/${job}`, { token: mine.token, headers: { accept: "text/event-stream" } });
    return JSON.parse(bytes.toString().trim().split("\n\n").at(-1)?.replace(/^data: /, "") ?? "");
  };
  const named = async (name: string): Promise<string[]> => {
    const { items } = (await kliv.api("GET", `/api/v1/teams/${mine.team}/databases?limit=200`, { token: mine.token })).json;
    return items.filter((one: { name: string }) => one.name === name).map((one: { id: string }) => one.id);
  };

  it("make their database once, wherever they are cut off and taken up again", async () => {
    const { jobs } = kliv.running.app.rooms;
    const { finish, fail } = jobs;
    let cuts = 2;
    const cut = (at: number): void => {
      if (cuts === at) {
        cuts--;
        throw new Error("cut off");
      }
    };
    // Before it is marked as done, and right after; nothing that follows happens either.
    jobs.finish = async (...all) => {
      cut(2);
      await finish(...all);
      cut(1);
    };
    jobs.fail = async () => {
      throw new Error("cut off");
    };
    try {
      const done = await ended(await queueUp("once"));
      assert.deepEqual([done.state, done.result?.name, cuts], ["done", "once", 0]);
      assert.deepEqual(await named("once"), [done.result.id]);
    } finally {
      Object.assign(jobs, { finish, fail });
    }
  });

  it("tell whoever waits when they are given up after the last try", async () => {
    const { jobs } = kliv.running.app.rooms;
    const { begin } = jobs;
    await kliv.running.app.postgres.pool.query("update boss.queue set retry_limit = 0 where name = 'import'");
    jobs.begin = async () => {
      throw new Error("cut off");
    };
    try {
      const given = await ended(await queueUp("never"));
      assert.deepEqual([given.state, given.error.code, given.error.status], ["failed", "INTERNAL", 500]);
      assert.deepEqual(await named("never"), []);
    } finally {
      jobs.begin = begin;
    }
  });

  it("leave nothing when they were cancelled before they ended", async () => {
    const { jobs } = kliv.running.app.rooms;
    const { finish } = jobs;
    const reached = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    jobs.finish = async (...all) => {
      reached.resolve();
      await cancelled.promise;
      await finish(...all);
    };
    try {
      const job = await queueUp("unwanted");
      await reached.promise;
      assert.equal((await kliv.api("DELETE", `/api/v1/jobs/${job}`, { token: mine.token })).status, 204);
      cancelled.resolve();
      assert.equal((await ended(job)).state, "cancelled");
      assert.equal((await kliv.api("DELETE", `/api/v1/jobs/${job}`, { token: mine.token })).json.code, "JOB_ENDED");
      // Imports run one at a time: when the next has ended, so has this one.
      await ended(await queueUp("next"));
      assert.deepEqual(await named("unwanted"), []);
    } finally {
      jobs.finish = finish;
    }
  });
});

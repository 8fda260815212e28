import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { allPromises } from "#promises/all.ts";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { callControl } from "#src/base/control.ts";
import { silentLog } from "#src/base/log.ts";
import { homeKey } from "#src/base/secrets.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { createChecker } from "./checker.ts";
import { createCheckContext } from "./live.ts";
import type { LiveParts } from "./live.ts";
import type { Finding, PromiseDefinition } from "./promise.ts";
import type { PromiseView } from "./schema.ts";
import { createTrust } from "./trust.ts";
import { factWords } from "./words.ts";

const text = { en: "Said.", ja: "述べます。" };

/** The checks against Kliv itself, with everything real but the clock. */
describe("checks on the live system", () => {
  let kliv: TestServer;
  let blobs: Blobs;
  let parts: LiveParts;
  before(async () => {
    kliv = await startTestServer();
    const { config, clock, running } = kliv;
    blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment, clock });
    parts = { config, postgres: running.app.postgres, blobs, clock, ...running.app.rooms };
  });
  after(async () => {
    await blobs.close();
    await kliv.stop();
  });

  const rows = async (): Promise<unknown> =>
    await kliv.running.app.postgres.transaction({ operator: true }, async (tx) => {
      const counts = ["users", "teams", "members", "tokens", "sessions", "password_links", "databases", "versions", "queries", "jobs", "reports", "report_versions", "publications", "agreements", "agreement_acceptances", "team_agreements"]
        .map((table) => sql`(select count(*) from ${sql.table(table)}) as ${sql.ref(table)}`);
      return (await sql`select ${sql.join(counts)}`.execute(tx)).rows[0];
    });
  const made = (id: string, check: PromiseDefinition["check"]): PromiseDefinition => ({ id, section: "login", kind: "enforced", statement: text, must: text, proof: text, everyHours: 24, ...(check ? { check } : {}) });
  const kept: Finding = { state: "kept", evidence: { summary: text, facts: {} } };

  for (const { id } of allPromises.filter((one) => one.check && one.id !== "LOGIN-3")) {
    test(`${id} is kept, and its check leaves nothing behind`, async () => {
      const before = await rows();
      const [view] = (await callControl({ home: kliv.config.home, name: "promise check", input: { ids: [id] } })) as PromiseView[];
      assert.equal(view?.state, "kept", `${view?.evidence.summary.en} ${JSON.stringify(view?.evidence.facts)}`);
      assert.deepEqual(Object.keys(view.evidence.facts).filter((fact) => !Object.hasOwn(factWords, fact.split(" ")[0]!)), [], "each fact has a name in both languages");
      assert.deepEqual(await rows(), before);
      assert.deepEqual((await blobs.list("")).items, []);
    });
  }

  test("LOGIN-3 is not known where no provider is set up", async () => {
    const [view] = (await callControl({ home: kliv.config.home, name: "promise check", input: { ids: ["LOGIN-3"] } })) as PromiseView[];
    assert.deepEqual([view?.state, view?.evidence.facts], ["unknown", { providers: 0 }]);
    assert.match(view?.evidence.summary.en ?? "", /No provider is set up/);
  });

  test("the API shows what the command line shows, to anyone", async () => {
    const { status, json } = await kliv.api("GET", "/api/v1/promises");
    assert.equal(status, 200);
    assert.deepEqual(json.map((one: PromiseView) => one.id), allPromises.map(({ id }) => id));
    assert.deepEqual(json, JSON.parse(JSON.stringify(await kliv.running.app.rooms.trust.list())));
    assert.deepEqual(json.filter((one: PromiseView) => one.state === "kept").length, allPromises.filter((one) => one.check && one.id !== "LOGIN-3").length);
  });

  test("an id that is none is refused in words", async () => {
    await assert.rejects(callControl({ home: kliv.config.home, name: "promise check", input: { ids: ["A-9"] } }), /there is no promise A-9/);
  });

  test("what a killed check left is cleared by the next run: accounts, teams, objects", async () => {
    const before = await rows();
    // As a process that is killed in the middle leaves it: nothing is disposed.
    const { context, close } = createCheckContext(parts, new AbortController().signal);
    const probe = await context.live.probeActor();
    await context.live.probeActor(probe);
    const upload = await context.request("POST", `/api/v1/teams/${probe.team}/databases?name=left`, { token: probe.token, body: Buffer.from("a,b\n1,2\n"), headers: { "content-type": "text/csv" } });
    assert.equal(upload.status, 201);
    await blobs.put("promises/left", Buffer.from("left"));
    close();
    assert.equal((await blobs.list("")).items.length, 2);
    const version = await kliv.running.app.rooms.databases.currentVersion(probe.team, upload.json.id);
    const open = (): Promise<string> => kliv.running.app.rooms.databases.open(version);
    const copy = await open();
    assert.equal(existsSync(copy), true);
    await kliv.running.app.rooms.checker.run({ ids: ["HOST-1"] });
    assert.deepEqual(await rows(), before);
    assert.deepEqual((await blobs.list("")).items, []);
    await assert.rejects(open(), /ENOENT|BLOB_NOT_FOUND/);
    assert.equal(existsSync(copy), false);
  });

  test("other teams and people are left alone, whatever they are called", async () => {
    const { teams } = kliv.running.app.rooms;
    const mine = await kliv.makeTeam("promise-check");
    const stranger = await kliv.running.app.postgres.transaction({}, (tx) => teams.createUser(tx, { email: "x@promise-check.invalid", name: "x" }));
    await teams.addMember({ team: mine.team, email: stranger.email, role: "owner", by: { kind: "system", user: null }, mayMakeOwners: true }).catch(() => {});
    const before = await rows();
    await kliv.running.app.rooms.checker.run({ ids: ["HOST-1"] });
    await assert.rejects(teams.deleteProbe({ team: mine.team, by: { kind: "system", user: null } }), /./);
    assert.deepEqual(await rows(), before);
  });

  test("what a check publishes is found by its whole random title only", async () => {
    const { context, close } = createCheckContext(parts, new AbortController().signal);
    const probe = await context.live.probeActor();
    try {
      const title = "canary0123456789";
      const { json } = await context.request("POST", `/api/v1/teams/${probe.team}/reports`, { token: probe.token, body: { schema: 1, title, description: "", language: "en", parameters: [], blocks: [] } });
      await context.request("POST", `/api/v1/reports/${json.id}/publication`, { token: probe.token, body: { visibility: "public" } });
      const found = async (q: string): Promise<number> => (await kliv.api("GET", `/api/v1/gallery?q=${q}`)).json.items.length;
      assert.deepEqual([await found(title), await found(""), await found("canary"), await found("c")], [1, 0, 0, 0]);
      assert.doesNotMatch((await kliv.api("GET", "/gallery")).bytes.toString(), /canary/);
      assert.deepEqual(await context.live.publicSlugs(), []);
    } finally {
      await probe.dispose();
      close();
    }
  });

  test("a start clears what a killed process left, also when nothing is due", async () => {
    const before = await rows();
    const { context, close } = createCheckContext(parts, new AbortController().signal);
    await context.live.probeActor();
    close();
    const trust = createTrust({ postgres: parts.postgres, clock: kliv.clock, promises: [made("A-9", undefined)] });
    const cleared = Promise.withResolvers<void>();
    const teams = { ...parts.teams, deleteProbe: async (options: Parameters<typeof parts.teams.deleteProbe>[0]) => (await parts.teams.deleteProbe(options), cleared.resolve()) };
    const checker = createChecker({ ...parts, teams, trust, log: silentLog, firstMs: 0 });
    checker.start();
    await cleared.promise;
    await checker.close();
    assert.deepEqual(await rows(), before);
  });

  test("what is due runs by itself, one run at a time, and a stop clears what it cuts short", async () => {
    const before = await rows();
    const log = silentLog;
    const reached = Promise.withResolvers<void>();
    const cut: string[] = [];
    const promises = [
      made("A-1", () => Promise.resolve(kept)),
      made("A-2", async ({ live, signal }) => {
        await live.probeActor();
        reached.resolve();
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
        return kept;
      }),
      made("A-3", () => (cut.push("A-3"), Promise.resolve(kept))),
    ];
    const trust = createTrust({ postgres: parts.postgres, clock: kliv.clock, promises });
    const checker = createChecker({ ...parts, trust, log, firstMs: 0 });
    const other = createChecker({ ...parts, trust, log, firstMs: 0 });
    checker.start();
    await reached.promise;
    // Another node looks meanwhile: the lock is held, so it does nothing, and clears nothing of the one that runs.
    other.start();
    await other.close();
    assert.equal((await parts.teams.listProbes()).length, 1);
    await checker.close();
    assert.deepEqual(await rows(), before);
    assert.deepEqual((await trust.list()).map(({ state }) => state), ["kept", "unknown", "unknown"]);
    assert.deepEqual(cut, []);
  });
});

import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { callControl } from "#src/base/control.ts";
import { workRoots } from "#src/base/work.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const dayMs = 86_400_000;

describe("the audit of stored objects", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("durable");
  });
  after(() => kliv.stop());

  const call = async (method: string, path: string, body?: unknown) => await kliv.api(method, `/api/v1${path}`, { token: mine.token, body, headers: { "x-filename": "t.csv" } });
  const make = async (text: string) => (await call("POST", `/teams/${mine.team}/databases?name=d`, Buffer.from(`n\n${text}\n`))).json as { id: string; version: string; sha256: string };
  const folder = () => join(kliv.config.blobsUrl.slice("dir:".length), "objects/versions", mine.team);
  const fileOf = (version: string) => join(folder(), readdirSync(folder()).find((name) => name.includes(version)) ?? assert.fail(`no object of ${version}`));
  const flip = (version: string, at = 0.5): void => {
    const bytes = readFileSync(fileOf(version));
    bytes[Math.floor(bytes.length * at)]! ^= 1;
    writeFileSync(fileOf(version), bytes);
  };
  const forgetCopies = (): void => {
    const { memory, disk } = workRoots({ home: kliv.config.home, diskDir: kliv.config.cacheDir });
    for (const root of [memory, disk]) for (const name of root ? readdirSync(root) : []) if (name.endsWith(".sqlite")) rmSync(join(root!, name));
  };
  const audit = async () => {
    kliv.clock.move(1_000);
    return (await callControl({ home: kliv.config.home, name: "database verify", input: {} })) as Awaited<ReturnType<typeof kliv.running.app.rooms.durability.run>>;
  };
  const summary = () => kliv.running.app.rooms.durability.summary();
  const events = async () => (await call("GET", `/teams/${mine.team}/audit-events?action=database:damage`)).json.items.map((one: any) => one.facts);
  const shaOf = async ({ id, version }: { id: string; version: string }) => (await call("GET", `/databases/${id}/download?version=${version}`)).headers["etag"];

  it("reads all of them, and finds nothing where nothing is", async () => {
    const [one, two] = [await make("1"), await make("2")];
    assert.deepEqual(await audit(), { objects: 2, bytes: 2 * 8_192, found: [] });
    assert.deepEqual({ ...(await summary()), bytes: 0 }, { objects: 2, bytes: 0, overdue: 0, damaged: 0, repaired: 0, periodDays: 30 });
    for (const made of [one, two]) await call("DELETE", `/databases/${made.id}`);
    assert.equal((await audit()).objects, 0);
  });

  it("finds a flipped byte anywhere, a missing and another object, and repairs them from a working copy", async () => {
    const made = await make("3");
    for (const at of [0, 0.1, 0.5, 0.999]) {
      flip(made.version, at);
      const { found } = await audit();
      assert.deepEqual(found.map(({ reason, isRepaired, version }) => [reason, isRepaired, version]), [["BLOB_DAMAGED", true, made.version]], `at ${at}`);
      assert.deepEqual((await audit()).found, []);
    }
    rmSync(fileOf(made.version));
    assert.deepEqual((await audit()).found.map(({ reason, isRepaired }) => [reason, isRepaired]), [["BLOB_NOT_FOUND", true]]);
    assert.equal(await shaOf(made), `"${made.sha256}"`);
    assert.equal((await events()).length, 5);
    assert.equal((await summary()).repaired, 1);
    await call("DELETE", `/databases/${made.id}`);
  });

  it("says once what it cannot repair, and repairs it when the same bytes are elsewhere", async () => {
    const made = await make("4");
    forgetCopies();
    flip(made.version);
    const before = (await events()).length;
    for (let round = 0; round < 2; round++) assert.deepEqual((await audit()).found.map(({ isRepaired }) => isRepaired), [false]);
    assert.equal((await events()).length, before + 1);
    assert.equal((await summary()).damaged, 1);
    const refused = await call("GET", `/databases/${made.id}/schema`);
    assert.equal(refused.json.code, "BLOB_DAMAGED", "damaged bytes are given to nobody");
    const twin = await make("4");
    assert.equal(twin.sha256, made.sha256);
    assert.deepEqual((await audit()).found.map(({ isRepaired }) => isRepaired), [true]);
    assert.equal((await summary()).damaged, 0);
    assert.deepEqual((await call("POST", `/databases/${made.id}/query`, { sql: "select n from t" })).json.rows, [[4]]);
    for (const { id } of [made, twin]) await call("DELETE", `/databases/${id}`);
  });

  it("reads each object once within the period, those that were read longest ago first, and goes on where it was cut off", async () => {
    const { durability } = kliv.running.app.rooms;
    const first = await make("5");
    assert.equal((await durability.run()).objects, 1);
    assert.equal((await durability.run()).objects, 0, "it was read a moment ago");
    const second = await make("6");
    assert.equal((await durability.run()).objects, 1, "what was never read");
    kliv.clock.move(31 * dayMs);
    assert.equal((await summary()).overdue, 2);
    const stop = AbortSignal.abort();
    await assert.rejects(durability.run({ signal: stop }));
    assert.equal((await durability.run()).objects, 2);
    assert.equal((await summary()).overdue, 0);
    for (const { id } of [first, second]) await call("DELETE", `/databases/${id}`);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { allPromises } from "#promises/all.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import type { CheckContext, Finding, PromiseDefinition } from "./promise.ts";
import { createTrust } from "./trust.ts";
import type { Trust } from "./trust.ts";

const hourMs = 3_600_000;
const text = { en: "Said.", ja: "述べます。" };
const finding = (state: Finding["state"]): Finding => ({ state, evidence: { summary: text, facts: { seen: 3 } } });

function made(id: string, more: Partial<PromiseDefinition> = {}): PromiseDefinition {
  return { id, section: "login", kind: "enforced", statement: text, must: text, proof: text, everyHours: 24, ...more };
}

describe("trust", () => {
  let kliv: TestServer;
  let says: Finding["state"] = "kept";
  let trust: Trust;
  const context = { signal: new AbortController().signal } as CheckContext;
  before(async () => {
    kliv = await startTestServer();
    const promises = [made("A-1", { check: () => Promise.resolve(finding(says)) }), made("A-2"), made("A-3", { kind: "stated", isAbsence: true })];
    trust = createTrust({ postgres: kliv.running.app.postgres, clock: kliv.clock, promises });
  });
  after(() => kliv.stop());

  const states = async (): Promise<string[]> => (await trust.list()).map(({ state }) => state);

  test("all 74 are listed, none kept before a check has run", async () => {
    const all = createTrust({ postgres: kliv.running.app.postgres, clock: kliv.clock, promises: allPromises });
    const list = await all.list();
    assert.equal(list.length, 74);
    assert.deepEqual([...new Set(list.map(({ state }) => state))].toSorted(), ["not-promised", "unknown"]);
    assert.ok(list.every(({ checkedAt, evidence }) => checkedAt === null && evidence.summary.en !== "" && evidence.summary.ja !== ""));
  });

  test("a check's finding is kept, goes stale after twice its cadence, and is due once a cadence", async () => {
    assert.deepEqual(await states(), ["unknown", "unknown", "not-promised"]);
    assert.deepEqual(await trust.due(), ["A-1"]);
    const [first] = await trust.check({ context, ids: ["A-1"] });
    assert.equal(first?.state, "kept");
    assert.equal(first?.checkedAt, new Date(kliv.clock.now()).toISOString());
    assert.deepEqual(first?.evidence.facts, { seen: 3 });
    assert.deepEqual(await trust.due(), []);
    kliv.clock.move(24 * hourMs);
    assert.deepEqual(await trust.due(), ["A-1"]);
    kliv.clock.move(24 * hourMs);
    assert.equal((await states())[0], "kept");
    kliv.clock.move(1);
    const [stale] = await trust.list();
    assert.equal(stale?.state, "unknown");
    assert.match(stale?.evidence.summary.en ?? "", /too long ago/);
  });

  test("what was seen broken stays broken, however old, until a check sees otherwise", async () => {
    says = "broken";
    const after = await trust.check({ context });
    assert.deepEqual(after.map(({ state }) => state), ["broken", "unknown", "not-promised"]);
    kliv.clock.move(1_000 * hourMs);
    assert.equal((await states())[0], "broken");
    says = "kept";
    await trust.check({ context });
    assert.equal((await states())[0], "kept");
  });

  test("an unknown id is refused", async () => {
    await assert.rejects(trust.check({ context, ids: ["A-9"] }), /there is no promise A-9/);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "#src/base/clock.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { agreementCommands } from "./agreements.ts";

describe("kliv agreement", () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-agreement-"));
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
    // A command goes by the system's clock, this server by its own.
    kliv.clock.move(systemClock.now() - kliv.clock.now());
  });
  after(async () => {
    await kliv.stop();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, text: string | Buffer): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const run = async (verb: string, flags: Record<string, string> = {}): Promise<{ result: any; text: string }> => {
    const told: { result: any; text: string }[] = [];
    const command = agreementCommands.find((one) => one.verb === verb)!;
    await command.run({ config: kliv.config, flags, words: [], print: (result, text) => void told.push({ result, text }) });
    return told[0]!;
  };
  const refused = async (flags: Record<string, string>, verb = "publish"): Promise<string> => {
    const error = await run(verb, flags).then(() => null, (thrown: unknown) => thrown);
    assert.ok(error instanceof Problem, `${JSON.stringify(flags)} was taken`);
    return `${error.code} ${String(error.options.values?.["reason"] ?? "")}`;
  };

  it("lists, shows and publishes beside the running server, which asks from then on", async () => {
    const { email } = await kliv.makeTeam("cli");
    const cookie = await kliv.makeSession(email);
    const before = (await run("list")).result;
    assert.deepEqual(before.map((one: any) => [one.kind, one.version, one.state, one.accepted]), [["privacy", 1, "current", 1], ["terms", 1, "current", 1]]);
    assert.match((await run("show", { kind: "privacy", language: "ja" })).text, /^# プライバシーポリシー/);
    const made = await run("publish", { kind: "terms", en: file("en.md", "\ufeff# Terms\r\n\r\nBe kind."), ja: file("ja.md", "# 規約\n\n親切に。"), "changes-en": "Shorter.", "changes-ja": "短く。" });
    assert.deepEqual([made.result.version, made.result.state, made.result.changes], [2, "current", { en: "Shorter.", ja: "短く。" }]);
    assert.equal((await run("show", { kind: "terms" })).text, "# Terms\n\nBe kind.");
    assert.match((await run("show", { kind: "terms", version: "1" })).text, /^# Terms of service/);
    kliv.clock.move(Math.max(0, systemClock.now() - kliv.clock.now()));
    assert.deepEqual((await kliv.api("GET", "/api/v1/me", { cookie })).json.agreements.pending, [{ kind: "terms", version: 2 }]);
    const later = await run("publish", { kind: "terms", effective: "2999-01-31" });
    assert.deepEqual([later.result.version, later.result.state, later.result.effectiveAt], [3, "upcoming", "2999-01-31T00:00:00.000Z"]);
    assert.match((await run("show", { kind: "terms", version: "3" })).text, /^# Terms of service/);
  });

  it("refuses what is no document, and publishes nothing of it", async () => {
    const good = file("good.md", "Good.");
    const before = (await run("list")).result.length;
    const of = (en: string) => refused({ kind: "privacy", en, ja: good });
    assert.match(await of(file("huge.md", "a".repeat(500_000))), /^AGREEMENT_INVALID .*more than 400000 bytes/);
    assert.match(await of(file("long.md", "a".repeat(200_000))), /^AGREEMENT_INVALID .*more than 100000 characters/);
    assert.match(await of(file("empty.md", "")), /^AGREEMENT_INVALID .*is empty/);
    assert.match(await of(file("latin1.md", Buffer.from([0x67, 0xfc, 0x6e]))), /^AGREEMENT_INVALID .*not text in UTF-8/);
    assert.match(await of(join(folder, "none.md")), /^AGREEMENT_INVALID .*cannot be read/);
    assert.match(await of(folder), /^AGREEMENT_INVALID .*not a file/);
    assert.match(await refused({ kind: "privacy", en: good }), /^AGREEMENT_INVALID --en and --ja/);
    assert.match(await refused({ kind: "privacy", en: good, ja: good, "changes-en": "x" }), /^AGREEMENT_INVALID --changes/);
    for (const kind of ["cookies", "", "probe_1"]) assert.match(await refused({ kind }), /^CONFIG_INVALID/);
    for (const effective of ["2027-02-30", "tomorrow", "2027-1-1", "2027-01-01T00:00:00Z", ""]) assert.match(await refused({ kind: "privacy", effective }), /^CONFIG_INVALID/, effective);
    assert.match(await refused({ kind: "privacy", en: good, ja: good, effective: "2001-01-01" }), /^AGREEMENT_INVALID .*past/);
    assert.match(await refused({ kind: "privacy", version: "0" }, "show"), /^CONFIG_INVALID/);
    assert.match(await refused({ kind: "privacy", version: "99" }, "show"), /^NOT_FOUND/);
    assert.equal((await run("list")).result.length, before);
  });

  it("notes a team's own agreement", async () => {
    const { team, token } = await kliv.makeTeam("noted");
    const flags = { team, title: "Master agreement", reference: "2026-17", date: "2026-11-24" };
    const { id } = (await run("note", flags)).result;
    const { items } = (await kliv.api("GET", `/api/v1/teams/${team}/agreements`, { token })).json;
    assert.deepEqual(items.map((one: any) => [one.id, one.title, one.agreedOn]), [[id, "Master agreement", "2026-11-24"]]);
    const event = (await kliv.api("GET", `/api/v1/teams/${team}/audit-events?action=agreement:note`, { token })).json.items[0];
    assert.deepEqual([event.actor.kind, event.resource.id], ["operator", id]);
    assert.match(await refused({ ...flags, team: "team_none" }, "note"), /^TEAM_NOT_FOUND/);
    assert.match(await refused({ ...flags, date: "2026-11-31" }, "note"), /^CONFIG_INVALID/);
    assert.match(await refused({ ...flags, title: " " }, "note"), /^REQUEST_INVALID/);
  });
});

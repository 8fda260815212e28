import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { auditCommands } from "#src/commands/audit.ts";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { openAuditKeys, readVerifier, verifyExport } from "./audit.ts";
import { eventLeaf } from "./event.ts";
import { toOcsf } from "./ocsf.ts";
import { listEvents } from "./store.ts";

let kliv: TestServer;
let team: string;
let token: string;
let lines: string[];
before(async () => {
  kliv = await startTestServer();
  ({ team, token } = await kliv.makeTeam("exported"));
  await kliv.running.app.rooms.auditLog.run();
  for (const name of ["first <b>", "二番目", "third"]) {
    assert.equal((await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name } })).status, 200);
    await kliv.running.app.rooms.auditLog.run();
  }
  lines = await exportLines();
});
after(() => kliv.stop());

async function exportLines(query = ""): Promise<string[]> {
  const { status, headers, bytes } = await kliv.api("GET", `/api/v1/teams/${team}/audit-events/export${query}`, { token });
  assert.deepEqual([status, headers["content-type"]], [200, "application/x-ndjson; charset=utf-8"]);
  return bytes.toString().trimEnd().split("\n");
}

const verifier = () => readVerifier(openAuditKeys(kliv.config.home).line) ?? assert.fail();
const verify = (some: string[]) => verifyExport(() => some, verifier());
const list = async (query: string) => (await kliv.api("GET", `/api/v1/teams/${team}/audit-events?${query}`, { token })).json;

describe("the export of an audit log", () => {
  it("is OCSF, oldest first, with its own event as the last, and verifies with the public key alone", async () => {
    const events = lines.filter((line) => line.includes("class_uid")).map((line) => JSON.parse(line));
    assert.deepEqual(events.map((event) => event.api.operation), ["team:create", "token:create", "team:update", "team:update", "team:update", "audit:export"]);
    const [, , renamed] = events;
    assert.deepEqual([renamed.class_uid, renamed.activity_id, renamed.type_uid, renamed.category_uid, renamed.time], [6003, 3, 600303, 6, kliv.clock.now()]);
    assert.deepEqual([renamed.metadata.tenant_uid, renamed.metadata.version, renamed.resources], [team, "1.3.0", [{ type: "team", uid: team }]]);
    assert.match(renamed.actor.user.uid, /^user_/);
    const { trouble, size, checkpoints, tree, begin } = await verify(lines);
    assert.deepEqual([trouble, size, tree, begin], [null, 6, team, 0]);
    assert.ok(checkpoints >= 4 && lines.at(-1)?.startsWith('{"checkpoint":'), `${checkpoints} checkpoints`);
  });

  it("may begin later, at a checkpoint, and verifies all the same", async () => {
    const rest = await exportLines("?from=3");
    const { trouble, begin, size } = await verify(rest);
    assert.deepEqual([trouble, begin, size], [null, 3, 7]);
    const past = await verify(await exportLines("?from=1000"));
    assert.deepEqual([past.trouble, past.begin, past.size], [null, 8, 8]);
    const [first = "", ...others] = rest;
    const moved = first.replace(/"frontier":"../, '"frontier":"00');
    assert.equal((await verify([moved === first ? first.replace(/"frontier":"../, '"frontier":"11') : moved, ...others])).trouble?.kind, "checkpoint");
    assert.equal((await verify(others)).trouble?.kind, "deleted");
  });

  const third = () => JSON.parse(lines[2] ?? "");
  const withThird = (change: (event: any) => void): string[] => {
    const event = third();
    change(event);
    return lines.with(2, JSON.stringify(event));
  };
  const rehash = (event: any, raw: string): void => {
    event.raw_data = raw;
    event.unmapped.leaf.hash = eventLeaf(Buffer.from(event.unmapped.leaf.salt, "hex"), raw).toString("hex");
  };
  const damage: [name: string, make: () => string[], names: boolean][] = [
    ["an altered time", () => withThird((event) => (event.time += 1)), true],
    ["an altered actor", () => withThird((event) => (event.actor.user.uid = "user_other")), true],
    ["an altered address", () => withThird((event) => (event.src_endpoint.ip = "10.0.0.1")), true],
    ["an added word", () => withThird((event) => (event.message = "nothing to see")), true],
    ["an altered text", () => withThird((event) => (event.raw_data = event.raw_data.replace("team:update", "team:delete"))), true],
    ["an altered text with its hash", () => withThird((event) => rehash(event, event.raw_data.replace("team:update", "team:delete"))), true],
    ["an altered text with its hash and all else", () => withThird((event) => {
      rehash(event, event.raw_data.replace("team:update", "team:delete"));
      const { unmapped, raw_data } = event;
      for (const key of Object.keys(event)) delete event[key];
      Object.assign(event, toOcsf(JSON.parse(raw_data)), { raw_data, unmapped });
    }), true],
    ["text that is no event", () => withThird((event) => rehash(event, '{"id":"evt_x"}')), false],
    ["a deleted event", () => lines.toSpliced(2, 1), false],
    ["a deleted event, the others moved up", () => lines.toSpliced(2, 1).map((line, at) => {
      const event = JSON.parse(line);
      if (event.unmapped) event.unmapped.leaf.position = at;
      return JSON.stringify(event);
    }), false],
    ["the newest event deleted", () => lines.toSpliced(5, 1), false],
    ["an event twice", () => lines.toSpliced(2, 0, lines[2] ?? ""), false],
    ["two events in each other's place", () => lines.with(2, lines[3] ?? "").with(3, lines[2] ?? ""), false],
    ["an event of another log", () => withThird((event) => (event.unmapped.leaf.tree = "team_other")), true],
    ["a line that is none", () => lines.with(2, "{"), false],
    ["an empty line", () => lines.toSpliced(2, 0, ""), false],
    ["an altered checkpoint", () => lines.with(-1, (lines.at(-1) ?? "").replace("\\n6\\n", "\\n7\\n")), false],
    ["no checkpoint", () => lines.filter((line) => line.includes("class_uid")), false],
    ["nothing at all", () => [], false],
  ];
  for (const [name, make, names] of damage) {
    it(`does not verify with ${name}`, async () => {
      const damaged = make();
      assert.notDeepEqual(damaged, lines);
      const { trouble } = await verify(damaged);
      assert.ok(trouble, "nothing was found");
      if (names) assert.equal(trouble.event, third().metadata.uid, trouble.reason);
    });
  }

  it("is verified by command, without a server", async () => {
    const folder = mkdtempSync(join(kliv.config.home, "away-"));
    const [command] = auditCommands;
    const file = join(folder, "export.ndjson");
    const run = async (flags: Record<string, string>) => {
      let printed: any;
      const code = await command?.run({ config: { ...kliv.config, home: folder }, flags: { file, ...flags }, words: [], print: (result, text) => (printed = { result, text }) });
      return { code, ...printed };
    };
    const key = openAuditKeys(kliv.config.home).line;
    writeFileSync(file, `${lines.join("\n")}\n`);
    const good = await run({ key });
    assert.deepEqual([good.code, good.result.ok, good.result.size], [0, true, 6], good.text);
    writeFileSync(file, `${lines.toSpliced(2, 1).join("\n")}\n`);
    const bad = await run({ key });
    assert.equal(bad.code, 1);
    assert.match(bad.text, /DOES NOT FIT \(deleted\), first evt_/);
    await assert.rejects(run({}), { code: "AUDIT_KEY_NEEDED" });
    rmSync(folder, { recursive: true });
  });

  it("and its verification are for administrators; each export is one event, asking what it would be is none", async () => {
    const editor = await kliv.makeTeam("looker");
    await kliv.running.app.rooms.teams.addMember({ team, email: editor.email, role: "editor", by: operator, mayMakeOwners: false });
    const other = await kliv.makeToken({ user: editor.user, team, scope: "all" });
    const count = async (): Promise<number> => (await list("action=audit:export&limit=200")).items.length;
    const before = await count();
    for (const path of ["audit-events", "audit-events/export", "audit-events/verification"]) assert.equal((await kliv.api("GET", `/api/v1/teams/${team}/${path}`, { token: other })).status, 403);
    assert.equal((await kliv.api("HEAD", `/api/v1/teams/${team}/audit-events/export`, { token })).status, 200);
    assert.equal(await count(), before);
    await exportLines();
    assert.equal(await count(), before + 1);
    const { json } = await kliv.api("GET", `/api/v1/teams/${team}/audit-events/verification`, { token });
    assert.deepEqual([json.ok, json.trouble, json.pending, json.key], [true, null, 0, openAuditKeys(kliv.config.home).line]);
    assert.match(json.checkpoint, new RegExp(`^kliv/audit/${team}\n${json.size}\n`));
  });
});

describe("the list of an audit log", () => {
  it("is searched by action, person, resource, time and words, and shows names", async () => {
    const all = (await list("limit=200")).items;
    const owner = all.find((one: any) => one.action === "team:update");
    assert.equal(owner.actor.name, "exported");
    const holds = async (query: string, test: (one: any) => boolean): Promise<void> => {
      const { items } = await list(`${query}&limit=200`);
      assert.deepEqual(items.map((one: any) => one.id), all.filter(test).map((one: any) => one.id), query);
      assert.ok(items.length > 0 && items.length < all.length, `${query}: ${items.length} of ${all.length}`);
    };
    await holds("action=team:update", (one) => one.action === "team:update");
    await holds(`actor=${owner.actor.id}`, (one) => one.actor.id === owner.actor.id);
    await holds("resource=token", (one) => one.resource.kind === "token");
    await holds(`resource=${team}`, (one) => one.resource.id === team);
    await holds("q=EXPORTED", (one) => one.actor.name === "exported");
    await holds("q=oken:cre", (one) => one.action === "token:create");
    kliv.clock.move(3_600_000);
    const moment = kliv.clock.date().toISOString();
    await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name: "later" } });
    assert.equal((await list(`since=${moment}`)).items.length, 1);
    assert.deepEqual((await list(`until=${moment}&limit=200`)).items.map((one: any) => one.id), all.map((one: any) => one.id));
    // What has a meaning for patterns is looked for as it stands.
    for (const q of ["%25", "team_update", "\\"]) assert.deepEqual((await list(`q=${encodeURIComponent(decodeURIComponent(q))}`)).items, [], q);
  });
});

const corpora = process.env["KLIV_CORPORA"];

describe("what the list is asked", () => {
  const strange = ["\u0000", "a\u0000b", "%", "_", "\\", "'; drop table audit_events; --", "\ud800", "é".normalize("NFD"), "🏳️‍🌈", "x".repeat(100)];
  const ask = async (name: string, value: string) => (await kliv.api("GET", `/api/v1/teams/${team}/audit-events?${new URLSearchParams({ [name]: value })}`, { token })).status;

  it("is never a fault of the server's", async () => {
    for (const name of ["q", "action", "actor", "resource", "cursor"]) for (const value of strange) assert.equal(await ask(name, value), value.includes("\u0000") ? 400 : 200, `${name}=${JSON.stringify(value)}`);
    for (const value of ["2026-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "yesterday", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"]) {
      for (const name of ["since", "until"]) assert.ok([200, 400].includes(await ask(name, value)), `${name}=${value}`);
    }
    assert.equal((await kliv.api("GET", `/api/v1/teams/${team}/audit-events/export?from=999999999999999`, { token })).status, 200);
  });

  it("may be any of the strings that break things", { skip: corpora ? false : "KLIV_CORPORA names no folder" }, async () => {
    const strings = JSON.parse(readFileSync(join(corpora ?? "", "corpora/naughty-strings.json"), "utf8")) as string[];
    assert.ok(strings.length > 400);
    await kliv.running.app.postgres.transaction({ teams: [team] }, async (tx) => {
      for (const text of strings.filter((value) => !value.includes("\u0000"))) assert.ok(Array.isArray(await listEvents(tx, { team, text, limit: 1 })), JSON.stringify(text));
    });
  });
});

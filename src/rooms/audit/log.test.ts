import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { readConfig } from "#src/base/config.ts";
import { silentLog } from "#src/base/log.ts";
import { startEmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import { operator } from "#src/commands/command.ts";
import { openMetadata } from "#src/metadata.ts";
import { startServer } from "#src/server.ts";
import { freePort, startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { createAuditLog, openAuditKeys } from "./audit.ts";
import { verifyDatabase } from "./verify.ts";
import type { TreeVerdict } from "./verify.ts";
import { witnessFolder } from "./witness.ts";

let kliv: TestServer;
/** The owner of the database, whom no row-level security holds: the one that the log has to be safe from. */
let owner: pg.Client;
before(async () => {
  kliv = await startTestServer();
  const { ownerUrl } = await startEmbeddedPostgres({ home: kliv.config.home, attach: true });
  owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
});
after(async () => {
  await owner.end();
  await kliv.stop();
});

async function record(team: string, count: number): Promise<void> {
  const { app } = kliv.running;
  await app.postgres.transaction({ teams: [team] }, async (tx) => {
    for (let at = 0; at < count; at++) await app.rooms.audit.record(tx, { team, action: "team:update", by: operator, resource: { kind: "team", id: team }, facts: { at, text: "東京 é", big: 2 ** 60, none: null } });
  });
}

/** A team with this many events, each batch with a checkpoint of its own. */
async function makeLog(name: string, batches: number[]): Promise<string> {
  const { team } = await kliv.makeTeam(name);
  await kliv.running.app.rooms.auditLog.run();
  for (const count of batches) {
    await record(team, count);
    await kliv.running.app.rooms.auditLog.run();
  }
  return team;
}

const verify = async (team: string | null): Promise<TreeVerdict> => {
  const { config, running } = kliv;
  return (await verifyDatabase({ postgres: running.app.postgres, keys: openAuditKeys(config.home), folder: witnessFolder(config.home) }, team))[0] ?? assert.fail();
};

describe("the audit log's trees", () => {
  it("give every event one place, without gaps, however many write at once", async () => {
    const { app } = kliv.running;
    const { team } = await kliv.makeTeam("busy");
    const another = createAuditLog({ ...kliv, audit: app.rooms.audit, postgres: app.postgres, log: kliv.running.log });
    const held = Promise.withResolvers<void>();
    // An event with an early id whose transaction commits last: its place comes later, and none is left open for it.
    const late = app.postgres.transaction({ teams: [team] }, async (tx) => {
      await app.rooms.audit.record(tx, { team, action: "team:update", by: operator, resource: { kind: "team", id: team } });
      await held.promise;
    });
    let before: TreeVerdict;
    try {
      await Promise.all([...Array.from({ length: 20 }, () => record(team, 3)), app.rooms.auditLog.run(), another.run()]);
      await Promise.all([app.rooms.auditLog.run(), another.run()]);
      await app.rooms.auditLog.run();
      before = await verify(team);
    } finally {
      held.resolve();
      await late;
    }
    // Two of a new team, and those of the transactions.
    assert.deepEqual([before.trouble, before.size, before.pending], [null, 62, 0]);
    assert.equal((await verify(team)).pending, 1);
    await app.rooms.auditLog.run();
    const { trouble, size, pending } = await verify(team);
    assert.deepEqual([trouble, size, pending], [null, 63, 0]);
  });

  it("have no place for what was rolled back", async () => {
    const { app } = kliv.running;
    const team = await makeLog("rolled", [1]);
    const size = (await verify(team)).size;
    await assert.rejects(app.postgres.transaction({ teams: [team] }, async (tx) => {
      await app.rooms.audit.record(tx, { team, action: "team:update", by: operator, resource: { kind: "team", id: team } });
      throw new Error("changed my mind");
    }), /changed my mind/);
    await app.rooms.auditLog.run();
    assert.deepEqual([(await verify(team)).size, (await verify(team)).pending], [size, 0]);
  });

  it("are told outside the database after a kill between the two, and half a line there is written anew", async () => {
    const { app } = kliv.running;
    const folder = mkdtempSync(join(kliv.config.home, "again-"));
    const files = (): string[] => readdirSync(join(folder, "audit")).sort().map((name) => join(folder, "audit", name));
    const lines = (): string[] => files().flatMap((file) => readFileSync(file, "utf8").split("\n").slice(0, -1));
    const open = () => createAuditLog({ config: { home: folder }, audit: app.rooms.audit, clock: kliv.clock, postgres: app.postgres, log: kliv.running.log });
    await makeLog("killed", [1, 1]);
    await open().run();
    const whole = lines();
    assert.ok(whole.length > 2);
    const [file = ""] = files();
    const half = whole.at(-2)?.slice(0, 40) ?? "";
    writeFileSync(file, `${whole.slice(0, -2).join("\n")}\n${half}`);
    await open().run();
    assert.deepEqual(lines(), whole);
    // The kill came with the first line of a day.
    writeFileSync(file, `${whole.slice(0, -2).join("\n")}\n`);
    writeFileSync(file.replace(/[\d-]+\.ndjson$/, "2030-01-01.ndjson"), half);
    await open().run();
    assert.deepEqual(lines(), whole);
  });

  it("are signed with one key: a server or command of another home does not write into them", async () => {
    const { holdAuditKey } = await import("./audit.ts");
    const folder = mkdtempSync(join(kliv.config.home, "other-"));
    await holdAuditKey(kliv.running.app.postgres, openAuditKeys(kliv.config.home));
    await assert.rejects(holdAuditKey(kliv.running.app.postgres, openAuditKeys(folder)), { code: "AUDIT_KEY_OTHER" });
  });
});

describe("a log from before there were seals", () => {
  it("is taken as it stands with the first checkpoint, and nothing without a seal after it", async () => {
    const home = mkdtempSync(join(tmpdir(), "kliv-old-"));
    const config = readConfig({ home, port: String(await freePort()), "no-sample": true }, { KLIV_CHECKS: "off" });
    const work = async (insert: (id: string) => Promise<unknown>): Promise<void> => {
      for (const id of ["evt_1", "evt_2", "evt_3"]) await insert(id);
    };
    const asOwner = async (use: typeof work): Promise<void> => {
      const { ownerUrl } = await startEmbeddedPostgres({ home, attach: true });
      const client = new pg.Client({ connectionString: ownerUrl });
      await client.connect();
      await use((id) => client.query("insert into audit_events (id, team_id, at, action, actor_kind, resource_kind, resource_id) values ($1, 'team_old', '2026-01-01', 'team:update', 'operator', 'team', 'team_old')", [id]));
      await client.end();
    };
    const metadata = await openMetadata({ config, log: silentLog, attach: false });
    await asOwner(work).finally(() => metadata.close());
    const old = await startServer(config);
    try {
      const verifyOld = async () => (await verifyDatabase({ postgres: old.app.postgres, keys: openAuditKeys(home), folder: witnessFolder(home) }, "team_old"))[0] ?? assert.fail();
      await old.app.rooms.auditLog.run();
      assert.deepEqual([(await verifyOld()).trouble, (await verifyOld()).size], [null, 3]);
      await asOwner(async (insert) => void (await insert("evt_4")));
      await old.app.rooms.auditLog.run();
      assert.deepEqual([(await verifyOld()).trouble?.event, (await verifyOld()).size], ["evt_4", 3]);
    } finally {
      await old.stop();
      rmSync(home, { recursive: true });
    }
  });
});

describe("verifying", () => {
  /** Done to the last event but one; `names` says whether it can be told that it is this one. */
  const damage: { name: string; batches: number[]; sql: string; kind: RegExp; names: "event" | "none" }[] = [
    { name: "an altered event", batches: [1, 1, 1], sql: "update audit_events set actor_id = 'user_other' where id = $1", kind: /altered/, names: "event" },
    { name: "an altered fact", batches: [3], sql: `update audit_events set facts = facts || '{"at": 9}' where id = $1`, kind: /altered/, names: "event" },
    { name: "an event whose time was altered", batches: [3], sql: "update audit_events set at = at - interval '1 second' where id = $1", kind: /altered/, names: "event" },
    { name: "an event that was moved to another team", batches: [3], sql: "update audit_events set team_id = 'team_other' where id = $1", kind: /altered/, names: "event" },
    { name: "another salt", batches: [3], sql: "update audit_events set salt = decode('00', 'hex') where id = $1", kind: /altered/, names: "event" },
    { name: "a deleted event", batches: [1, 1, 1], sql: "delete from audit_events where id = $1", kind: /deleted/, names: "event" },
    { name: "an event deleted with its place", batches: [1, 1, 1], sql: "with gone as (delete from audit_leaves where event_id = $1) delete from audit_events where id = $1", kind: /deleted/, names: "none" },
    {
      name: "an event deleted with its place, and those after it moved up", batches: [1, 1, 1], kind: /altered/, names: "none",
      sql: "do $do$ declare p bigint; t text; begin select position, tree into p, t from audit_leaves where event_id = '$1'; delete from audit_events where id = '$1'; delete from audit_leaves where event_id = '$1'; update audit_leaves set position = position - 1 where tree = t and position > p; end $do$",
    },
    { name: "an altered event with its hash", batches: [1, 1, 1], sql: "update audit_leaves set leaf_hash = sha256('x') where event_id = $1", kind: /altered/, names: "event" },
    {
      name: "two events in each other's place", batches: [1, 1, 1], kind: /altered/, names: "none",
      sql: "do $do$ declare t text; p bigint; begin select tree, position into t, p from audit_leaves where event_id = '$1'; update audit_leaves set position = -1 where tree = t and position = p; update audit_leaves set position = p where tree = t and position = p + 1; update audit_leaves set position = p + 1 where tree = t and position = -1; end $do$",
    },
    { name: "a removed place", batches: [1, 1, 1], sql: "delete from audit_leaves where event_id = $1", kind: /reordered|deleted/, names: "event" },
    { name: "an altered checkpoint", batches: [1, 1, 1], sql: "update audit_checkpoints set root = sha256('x') where tree = (select tree from audit_leaves where event_id = $1)", kind: /checkpoint/, names: "none" },
  ];
  for (const { name, batches, sql, kind, names } of damage) {
    it(`finds ${name}`, async () => {
      const team = await makeLog(name.replaceAll(/\W/g, "-"), batches);
      assert.equal((await verify(team)).trouble, null);
      const { rows } = await owner.query<{ event_id: string }>("select event_id from audit_leaves where tree = $1 order by position", [team]);
      const event = rows.at(-2)?.event_id ?? "";
      await (sql.includes("'$1'") ? owner.query(sql.replaceAll("$1", event)) : owner.query(sql, [event]));
      const { kind: found, event: named, reason } = (await verify(team)).trouble ?? assert.fail("nothing was found");
      assert.match(found, kind, reason);
      if (names === "event") assert.equal(named, event, reason);
    });
  }

  it("finds an inserted event, with or without a place that something else gave it", async () => {
    const team = await makeLog("inserted", [1, 1]);
    const insert = (id: string) => owner.query("insert into audit_events (id, team_id, at, action, actor_kind, resource_kind, resource_id) values ($1, $2, '2020-01-01', 'team:update', 'operator', 'team', $2)", [id, team]);
    await insert("evt_0000000000000000000forged1");
    assert.deepEqual([(await verify(team)).trouble?.kind, (await verify(team)).trouble?.event], ["inserted", "evt_0000000000000000000forged1"]);
    // The sequencer does not take it for Kliv's own.
    await kliv.running.app.rooms.auditLog.run();
    assert.equal((await verify(team)).trouble?.event, "evt_0000000000000000000forged1");
    await owner.query("insert into audit_leaves select tree, max(position) + 1, 'evt_0000000000000000000forged1', sha256('x') from audit_leaves where tree = $1 group by tree", [team]);
    assert.equal((await verify(team)).trouble?.event, "evt_0000000000000000000forged1");
  });

  it("finds an event altered before it had its place", async () => {
    const team = await makeLog("early", [1]);
    await record(team, 1);
    const { rows } = await owner.query<{ id: string }>("update audit_events set actor_kind = 'system' where id in (select event_id from audit_pending where tree = $1) returning id", [team]);
    assert.equal((await verify(team)).trouble?.event, rows[0]?.id);
    await kliv.running.app.rooms.auditLog.run();
    assert.equal((await verify(team)).trouble?.event, rows[0]?.id);
  });

  it("finds a log set back as a whole, by what is outside the database", async () => {
    const team = await makeLog("set-back", [1, 1]);
    const { size } = await verify(team);
    await owner.query("delete from audit_checkpoints where tree = $1 and size = $2", [team, size]);
    await owner.query("delete from audit_events where id = (select event_id from audit_leaves where tree = $1 and position = $2)", [team, size - 1]);
    await owner.query("delete from audit_leaves where tree = $1 and position = $2", [team, size - 1]);
    const { trouble } = await verify(team);
    assert.equal(trouble?.kind, "deleted");
    assert.match(trouble?.reason ?? "", /newest events are missing, at least 1: checkpoint \d+ outside/);
    const alone = await verifyDatabase({ postgres: kliv.running.app.postgres, keys: openAuditKeys(kliv.config.home), folder: null }, team);
    assert.equal(alone[0]?.trouble, null, "the database alone does not tell");
  });

  it("finds a line outside the database that was altered", async () => {
    const folder = witnessFolder(kliv.config.home);
    const file = join(folder, readdirSync(folder)[0] as string);
    const text = readFileSync(file, "utf8");
    appendFileSync(file, `${text.slice(0, text.indexOf("\n")).replace(/\\n\d+\\n/, "\\n99\\n")}\n`);
    const verdicts = await verifyDatabase({ postgres: kliv.running.app.postgres, keys: openAuditKeys(kliv.config.home), folder });
    writeFileSync(file, text);
    assert.match(verdicts.at(-1)?.trouble?.reason ?? "", /^Line \d+ of the checkpoints outside/);
  });
});

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import { systemClock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import { startEmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import { hashSecret, homeKey } from "#src/base/secrets.ts";
import { measured, median } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { makeOrdersDatabase } from "./orders.ts";
import { residentOf } from "./resident.ts";
import { serve } from "./served.ts";
import type { Served } from "./served.ts";

const few = 200;
const usual = 2_000;
const databasesATeam = 10;
/** Orders of 105 bytes and an index: half a megabyte. */
const rows = 4_400;
const opened = 100;
const putsAtOnce = 16;

export const many: Measurement = {
  name: "many",
  about: `opening a random cold database of 0.5 MB (token and metadata, object store to first row, through REST) among ${usual} in ${usual / databasesATeam} teams, against the same among ${few}; --databases 20000 for the full size`,
  async measure({ tell, databases = usual }) {
    if (!Number.isInteger(databases) || databases < 2 * few) throw new Error(`--databases is a whole number from ${2 * few} on`);
    const served = await serve();
    const folder = mkdtempSync(join(tmpdir(), "kliv-bench-many-"));
    try {
      const file = join(folder, "half.sqlite");
      makeOrdersDatabase(file, rows);
      const plain = readFileSync(file);
      const fill = await openFill(served, plain);
      const first = await openCold(served, await fill.add(few), fill.read);
      tell(`among ${few}: ${first.told}`);
      const startedMs = performance.now();
      const added = await fill.add(databases - few);
      tell(`${databases - few} more of ${(plain.length / 1e6).toFixed(2)} MB made in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
      const last = await openCold(served, added, fill.read);
      tell(`among ${databases}: ${last.told}`);
      await fill.close();
      return measured({ name: "many", value: last.p50Ms, unit: "ms", baseline: first.p50Ms, baselineName: `among ${few}`, goal: { of: "value", atMost: 30 } });
    } finally {
      await served.stop();
      rmSync(folder, { recursive: true });
    }
  },
};

interface Database {
  id: string;
  key: string;
  token: string;
}

interface Fill {
  add(count: number): Promise<Database[]>;
  /** An object from its first to its last byte, decrypted, by nothing but the store. */
  read(database: Database): Promise<void>;
  close(): Promise<void>;
}

/** Makes teams and databases past the server, in its stores: an upload each would take minutes. */
async function openFill({ home }: Served, plain: Buffer): Promise<Fill> {
  const { ownerUrl } = await startEmbeddedPostgres({ home, attach: true });
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const blobs = await openBlobs({ url: `dir:${join(home, "blobs")}`, key: homeKey(home, "blobs"), environment: "development" });
  const user = (await owner.query<{ id: string }>("select id from users")).rows[0]!.id;
  const sha256 = createHash("sha256").update(plain).digest("hex");
  const tables = JSON.stringify([{ name: "orders", rows, columns: [] }]);
  const now = systemClock.date();
  const addTeam = async (count: number): Promise<Database[]> => {
    const team = newId("team", systemClock);
    const token = newId("bench", systemClock);
    const made = Array.from({ length: count }, () => ({ id: newId("db", systemClock), version: newId("ver", systemClock) }));
    const keys = made.map(({ version }) => `versions/${team}/${version}.sqlite`);
    const waiting = keys.values();
    await Promise.all(Array.from({ length: putsAtOnce }, async () => {
      for (const key of waiting) await blobs.put(key, plain, { sha256 });
    }));
    const ids = made.map(({ id }) => id);
    const versions = made.map(({ version }) => version);
    await owner.query("insert into teams (id, name, plan, created_at) values ($1, 'Bench', 'business', $2)", [team, now]);
    await owner.query("insert into members (team_id, user_id, role, created_at) values ($1, $2, 'owner', $3)", [team, user, now]);
    await owner.query("insert into tokens (id, token_hash, team_id, user_id, name, scope, created_at) values ($1, $2, $3, $4, 'bench', 'all', $5)", [newId("token", systemClock), hashSecret(token), team, user, now]);
    await owner.query("insert into databases (id, team_id, name, version_id, created_by, created_at, updated_at) select id, $1, 'half', version, $2, $3, $3 from unnest($4::text[], $5::text[]) as made (id, version)", [team, user, now, ids, versions]);
    await owner.query(
      `insert into versions (id, database_id, team_id, number, blob_key, size_bytes, sha256, tables, source, created_by, created_at)
        select version, id, $1, 1, key, $2, $3, $4, '{"format": "sqlite", "fileName": "half.sqlite"}', $5, $6 from unnest($7::text[], $8::text[], $9::text[]) as made (id, version, key)`,
      [team, plain.length, sha256, tables, user, now, ids, versions, keys],
    );
    return ids.map((id, at) => ({ id, token, key: keys[at]! }));
  };
  return {
    async add(count) {
      const all: Database[] = [];
      while (all.length < count) all.push(...(await addTeam(Math.min(databasesATeam, count - all.length))));
      await owner.query("analyze");
      return all;
    },
    async read({ key }) {
      const { body } = await blobs.get(key);
      for await (const part of body) void part;
    },
    async close() {
      await owner.end();
      await blobs.close();
    },
  };
}

/** Asks databases that nobody asked before for one row, one after the other. */
async function openCold(served: Served, databases: Database[], read: Fill["read"]): Promise<{ p50Ms: number; told: string }> {
  const taken: number[] = [];
  const alone: number[] = [];
  const step = databases.length / Math.min(opened, databases.length);
  // Spread over all of them; which teams are neighbours means nothing.
  for (let at = 0; at < databases.length; at += step) {
    const { id, token } = databases[Math.floor(at)]!;
    const startedMs = performance.now();
    await served.ask("POST", `/api/v1/databases/${id}/query`, { body: { sql: "SELECT * FROM orders LIMIT 1" }, headers: { authorization: `Bearer ${token}` } });
    taken.push(performance.now() - startedMs);
    const beside = databases[Math.floor(at) + 1];
    if (!beside || step < 2) continue;
    const readMs = performance.now();
    await read(beside);
    alone.push(performance.now() - readMs);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number): number => taken[Math.min(taken.length - 1, Math.floor(taken.length * share))]!;
  const { serverBytes, allBytes } = residentOf(served.pid);
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`;
  return { p50Ms: at(0.5), told: `p50 ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms over ${taken.length}${alone.length > 0 ? ` (of a cold one beside each, the store alone ${median(alone).toFixed(1)} ms)` : ""}; the server's process holds ${megabytes(serverBytes)}, all of them ${megabytes(allBytes)}` };
}

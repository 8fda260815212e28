import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Queue } from "#src/base/queue.ts";
import type { Audit } from "#src/rooms/audit/audit.ts";
import type { Databases } from "./databases.ts";
import * as store from "./durabilitystore.ts";
import type { StoredObject, Summary } from "./durabilitystore.ts";

export interface Found {
  team: string;
  database: string;
  version: string;
  number: number;
  /** The code of what was met, or CHECKSUM_DIFFERS. */
  reason: string;
  isRepaired: boolean;
}

export interface AuditReport {
  objects: number;
  bytes: number;
  found: Found[];
}

export interface Durability {
  /** Reads objects bit by bit and holds them against their SHA-256, those read longest ago first; what is damaged is repaired where its bytes are elsewhere. */
  run(options?: { isAll?: boolean; team?: string; signal?: AbortSignal }): Promise<AuditReport>;
  summary(): Promise<Summary & { periodDays: number }>;
  /** Once an hour, on one node, at a pace that leaves the disk to others. */
  work(): Promise<void>;
}

export interface DurabilityParts {
  postgres: Postgres;
  audit: Audit;
  blobs: Blobs;
  databases: Pick<Databases, "open">;
  queue: Queue;
  clock: Clock;
  log: Log;
}

const dayMs = 86_400_000;
/** Each object is read once within so long. */
const periodDays = 30;
/** An hourly run reads twice its share, so that days without a run are made up for. */
const shareOfAll = 2 / (periodDays * 24);
const runBytesMin = 64 * 1024 ** 2;
const runObjectsMax = 20_000;
const bytesPerSecondMax = 32 * 1024 ** 2;
const sqliteType = "application/vnd.sqlite3";

export function createDurability(parts: DurabilityParts): Durability {
  const { postgres, clock, queue } = parts;
  const asOperator = <T>(work: Parameters<typeof postgres.transaction<T>>[1]): Promise<T> => postgres.transaction({ operator: true }, work);
  const summary: Durability["summary"] = async () => ({ ...(await asOperator((tx) => store.summarize(tx, new Date(clock.now() - periodDays * dayMs)))), periodDays });
  const run: Durability["run"] = async ({ isAll = false, team = null, signal }: { isAll?: boolean; team?: string | null; signal?: AbortSignal } = {}) => {
    const report: AuditReport = { objects: 0, bytes: 0, found: [] };
    const startedAt = clock.date();
    const bytes = isAll ? Number.MAX_SAFE_INTEGER : Math.max(runBytesMin, Math.ceil((await summary()).bytes * shareOfAll));
    // What was read a moment ago, before a run was cut off, is not read again.
    const notSince = isAll ? startedAt : new Date(startedAt.getTime() - dayMs);
    for (;;) {
      const due = await asOperator((tx) => store.listDue(tx, { team, notSince, bytes, limit: isAll ? 1_000 : runObjectsMax }));
      for (const object of due) {
        signal?.throwIfAborted();
        const found = await auditObject(parts, { object, isPaced: !isAll });
        report.objects++;
        report.bytes += object.size_bytes;
        if (found) report.found.push(found);
      }
      // With the clock standing still all are read at the moment of the start, and none is due any more.
      if (!isAll || due.length === 0) break;
    }
    await asOperator(store.forgetGone);
    return report;
  };
  return {
    run,
    summary,
    async work() {
      await queue.work("durability", { concurrency: 1, lookSeconds: 60 }, async (_data, signal) => void (await run({ signal })));
      await queue.schedule("durability", "41 * * * *", {});
    },
  };
}

async function auditObject(parts: DurabilityParts, { object, isPaced }: { object: StoredObject; isPaced: boolean }): Promise<Found | null> {
  const { postgres, clock } = parts;
  const reason = await troubleOf(parts.blobs, object, isPaced);
  if (reason === null) {
    await postgres.transaction({ operator: true }, (tx) => store.saveCheck(tx, { key: object.blob_key, team: object.team_id, state: object.state === "repaired" ? "repaired" : "sound", now: clock.date() }));
    return null;
  }
  // Removed while it was read: no trouble at all.
  if (!(await postgres.transaction({ operator: true }, (tx) => store.isPointedTo(tx, object.blob_key)))) return null;
  const isRepaired = await repair(parts, object);
  await note(parts, { object, reason, isRepaired });
  return { team: object.team_id, database: object.database_id, version: object.version_id, number: object.number, reason, isRepaired };
}

/** What is wrong with an object; a store that does not answer is no finding, and thrown. */
async function troubleOf(blobs: Blobs, object: StoredObject, isPaced: boolean): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    const { body } = await blobs.get(object.blob_key);
    for await (const part of body as AsyncIterable<Buffer>) {
      hash.update(part);
      if (isPaced) await wait((part.length / bytesPerSecondMax) * 1_000);
    }
  } catch (error) {
    if (error instanceof Problem && ["BLOB_DAMAGED", "BLOB_NOT_FOUND"].includes(error.code)) return error.code;
    throw error;
  }
  return hash.digest("hex") === object.sha256 ? null : "CHECKSUM_DIFFERS";
}

/** Puts the object's bytes in its place again, from this node's working copy or from another object with the same bytes; both are held against the checksum. */
async function repair({ blobs, databases, postgres, log }: DurabilityParts, object: StoredObject): Promise<boolean> {
  const put = (body: AsyncIterable<Uint8Array>): Promise<unknown> => blobs.put(object.blob_key, body as Parameters<Blobs["put"]>[1], { sha256: object.sha256, contentType: sqliteType });
  const twins = await postgres.transaction({ operator: true }, (tx) => store.listTwins(tx, object));
  const { version_id: id, database_id: database, team_id: team, blob_key: blobKey, sha256, size_bytes: sizeBytes } = object;
  const sources = [
    // Without a copy here it is asked of the store, which gives what is damaged only to have it refused.
    async () => put(createReadStream(await databases.open({ id, database, team, blobKey, sha256, sizeBytes }), { highWaterMark: 1024 ** 2 })),
    ...twins.map((twin) => async () => put((await blobs.get(twin)).body)),
  ];
  for (const source of sources) {
    try {
      await source();
      return true;
    } catch (error) {
      log("object not repaired", describeError(error));
    }
  }
  return false;
}

/** The finding in its team's audit log and in the server's: once, however often it is met. */
async function note({ postgres, audit, clock, log }: DurabilityParts, { object, reason, isRepaired }: { object: StoredObject; reason: string; isRepaired: boolean }): Promise<void> {
  const { blob_key: key, team_id: team, database_id: database, version_id: version, number } = object;
  const state = isRepaired ? "repaired" : "damaged";
  await postgres.transaction({ teams: [team] }, async (tx) => {
    await store.saveCheck(tx, { key, team, state, now: clock.date() });
    if (object.state === "damaged" && !isRepaired) return;
    await audit.record(tx, { team, action: "database:damage", by: { kind: "system", user: null }, resource: { kind: "database", id: database }, facts: { version, number, reason, isRepaired } });
  });
  log(isRepaired ? "object repaired" : "object damaged", { team, code: reason });
}

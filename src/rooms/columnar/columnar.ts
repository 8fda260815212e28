import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Queue } from "#src/base/queue.ts";
import type { Work } from "#src/base/work.ts";
import type { Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import { columnarPrefix, createMaker } from "./maker.ts";
import { columnarFormat, columnarLimits } from "./schema.ts";
import type { ColumnarTable } from "./schema.ts";
import * as store from "./store.ts";
import type { CopyRow, StoredTable } from "./store.ts";

/** The columnar copy of a version, ready to be opened. */
export interface ColumnarCopy {
  version: VersionRef;
  tables: StoredTable[];
}

/** One table as a sandboxed child opens it. */
export interface OpenTable extends ColumnarTable {
  path: string;
}

/** Parquet copies beside versions: derived, made in the background, dropped and made again freely. */
export interface Columnar {
  /** The copy where it is ready. */
  find(version: VersionRef): Promise<ColumnarCopy | null>;
  /** What there is to say about it; `tables` where it is ready. */
  stateOf(version: VersionRef): Promise<{ state: "none" | CopyRow["state"]; tables: StoredTable[] }>;
  /** Has it made, if it is not there and not being made already. Does not wait. */
  want(version: VersionRef): Promise<void>;
  /** Has it made and waits. Throws COLUMNAR_NOT_READY when it is not there by then, ENGINE_UNAVAILABLE when it cannot be made. */
  wait(version: VersionRef, options: { waitMs: number; signal?: AbortSignal | undefined }): Promise<ColumnarCopy>;
  /** Fetches the files of these tables where they are not here yet. */
  open(copy: ColumnarCopy, isNeeded: (table: ColumnarTable) => boolean): Promise<OpenTable[]>;
  /** Takes up the making of copies. */
  work(): Promise<void>;
  /** Removes objects of copies that no version has any more. */
  sweep(): Promise<void>;
}

export interface ColumnarParts {
  postgres: Postgres;
  databases: Databases;
  queue: Queue;
  blobs: Blobs;
  work: Work;
  limits: Limits;
  clock: Clock;
  log: Log;
}

interface Wanted {
  team: string;
  database: string;
  version: string;
}

const keptMax = 500;
/** An object that its row does not name yet belongs to a copy that is just being made. */
const orphanMs = 24 * 3_600_000;
/** Said to whoever is told to come again. */
const againSeconds = 5;

export function createColumnar(parts: ColumnarParts): Columnar {
  const { postgres, databases, queue, blobs, clock, log } = parts;
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const kept = new Map<string, ColumnarCopy>();
  const waiting = new Map<string, Set<() => void>>();
  // Databases whose copies are in use: a new version of one gets its copy before somebody asks.
  const inUse = new Map<string, string>();
  const read = async (version: VersionRef): Promise<CopyRow | null> => {
    const row = await within(version.team, (tx) => store.findCopy(tx, version.id));
    return row?.format === columnarFormat ? row : null;
  };
  const keep = (version: VersionRef, tables: StoredTable[]): ColumnarCopy => {
    if (kept.size >= keptMax) kept.clear();
    const copy = { version, tables };
    kept.set(version.id, copy);
    return copy;
  };
  const find = async (version: VersionRef): Promise<ColumnarCopy | null> => {
    const known = kept.get(version.id);
    if (known) return known;
    const row = await read(version);
    return row?.state === "ready" ? keep(version, row.tables) : null;
  };
  const want = async ({ id: version, database, team, blobKey }: VersionRef): Promise<void> => {
    if (blobKey === "") throw new Problem("VERSION_CONTENTS_MISSING");
    if (inUse.size >= keptMax) inUse.clear();
    inUse.set(database, team);
    const now = clock.date();
    const retryBefore = new Date(now.getTime() - columnarLimits.retryMs);
    const isNew = await within(team, async (tx) => {
      const asked = await store.askForCopy(tx, { version, database, team, format: columnarFormat, now, retryBefore });
      if (asked) await queue.send(tx, "columnar", { team, database, version } satisfies Wanted);
      return asked;
    });
    if (isNew) queue.wake("columnar");
  };
  postgres.onChange((change) => {
    if (change === null || change.kind === "columnar") {
      const told = change === null ? [...waiting.values()] : [waiting.get(change.id) ?? []];
      for (const wakes of told) for (const wake of wakes) wake();
    }
    if (change?.kind === "team") for (const [id, copy] of kept) if (copy.version.team === change.id) kept.delete(id);
    // Put out by the team's policy: announced with its team and database.
    if (change?.kind === "version") void expire(change.id.split("/")).catch((error: unknown) => log("columnar trouble", describeError(error)));
    const team = change?.kind === "database" ? inUse.get(change.id) : undefined;
    if (change && team !== undefined) void renew(team, change.id);
  });
  const renew = async (team: string, database: string): Promise<void> => {
    try {
      await want(await databases.currentVersion(team, database));
    } catch (error) {
      inUse.delete(database);
      if (!(error instanceof Problem)) log("columnar trouble", describeError(error));
    }
  };
  const expire = async ([team = "", database = "", id = ""]: string[]): Promise<void> => {
    for (const { blobKey } of kept.get(id)?.tables ?? []) await databases.forget({ team, database, id: blobKey });
    kept.delete(id);
    await removeObjects(blobs, `${columnarPrefix}${team}/${id}/`, () => true);
  };
  databases.onGone(async (versions) => {
    for (const { id, team } of versions) {
      kept.delete(id);
      await removeObjects(blobs, `${columnarPrefix}${team}/${id}/`, () => true);
    }
  });
  const make = createMaker({ ...parts, tell: (tx, version) => postgres.announce(tx, { kind: "columnar", id: version }) });
  return {
    find,
    async stateOf(version) {
      const row = await read(version);
      return { state: row?.state ?? "none", tables: row?.state === "ready" ? row.tables : [] };
    },
    want,
    async wait(version, { waitMs, signal }) {
      const found = await find(version);
      if (found) return found;
      await want(version);
      const ended = AbortSignal.any([AbortSignal.timeout(waitMs), ...(signal ? [signal] : [])]);
      for (;;) {
        // Listened for before it is looked at, so that nothing is missed in between.
        const bell = ring(waiting, version.id, ended);
        const row = await read(version);
        if (row?.state === "ready") return (bell.stop(), keep(version, row.tables));
        if (row?.state === "failed" || row === null) throw (bell.stop(), unavailable(row?.reason ?? null));
        await bell.heard;
        signal?.throwIfAborted();
        if (ended.aborted) throw notReady();
      }
    },
    async open({ version, tables }, isNeeded) {
      try {
        return await Promise.all(
          tables.filter(isNeeded).map(async ({ blobKey, sizeBytes, sha256, ...table }) => ({
            ...table, path: await databases.open({ id: blobKey, database: version.database, team: version.team, blobKey, sha256, sizeBytes }),
          })),
        );
      } catch (error) {
        if (!(error instanceof Problem) || !/^BLOB_(NOT_FOUND|DAMAGED)$/.test(error.code)) throw error;
        // Nothing is lost with it: it is made again.
        log("columnar copy lost", { team: version.team, code: error.code });
        kept.delete(version.id);
        await within(version.team, (tx) => store.dropCopy(tx, version.id));
        await want(version);
        throw notReady();
      }
    },
    async work() {
      await queue.work("columnar", { concurrency: 1 }, async ({ team, database, version }: Wanted, signal) => {
        const row = await within(team, (tx) => store.findCopy(tx, version));
        // Given out twice, or gone meanwhile.
        if (row?.state !== "asked" || row.format !== columnarFormat) return;
        await make(await databases.getVersion({ team, database, version }), signal);
      });
      await queue.work("columnar-given-up", { concurrency: 1 }, ({ team, version }: Wanted) =>
        within(team, async (tx) => {
          await store.failCopy(tx, { version, reason: "WORK_FAILED" });
          await postgres.announce(tx, { kind: "columnar", id: version });
        }),
      );
    },
    sweep: () => sweep(parts),
  };
}

function notReady(): Problem {
  return new Problem("COLUMNAR_NOT_READY", { values: { seconds: againSeconds }, retryAfterSeconds: againSeconds });
}

/** `reason`: the code of the problem that the last try ended with. */
function unavailable(reason: string | null): Problem {
  const words: Record<string, [string, string]> = {
    WORK_MEMORY: ["the columnar copy needs more memory than there is for it", "カラム形式のコピーの作成に必要なメモリが上限を超えます"],
    WORK_TIMEOUT: ["making the columnar copy takes too long", "カラム形式のコピーの作成に時間がかかりすぎます"],
  };
  const [en, ja] = words[reason ?? ""] ?? ["the columnar copy of this version could not be made", "このバージョンのカラム形式のコピーを作成できませんでした"];
  return new Problem("ENGINE_UNAVAILABLE", { values: { engine: "duckdb", reason: en, reasonJa: ja } });
}

function ring(waiting: Map<string, Set<() => void>>, id: string, ended: AbortSignal): { heard: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wakes = waiting.get(id) ?? new Set();
  waiting.set(id, wakes.add(resolve));
  const stop = (): void => {
    wakes.delete(resolve);
    if (wakes.size === 0 && waiting.get(id) === wakes) waiting.delete(id);
    ended.removeEventListener("abort", wake);
    resolve();
  };
  const wake = (): void => stop();
  if (ended.aborted) stop();
  else ended.addEventListener("abort", wake, { once: true });
  return { heard: promise.finally(stop), stop };
}

async function removeObjects(blobs: Blobs, prefix: string, isGone: (key: string, modifiedAt: number) => boolean): Promise<void> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list(prefix, { limit: 1_000, ...(after === undefined ? {} : { after }) });
    for (const { key, modifiedAt } of items) if (isGone(key, modifiedAt)) await blobs.delete(key);
    if (next === null) return;
    after = next;
  }
}

async function sweep({ blobs, postgres, clock }: ColumnarParts): Promise<void> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list(columnarPrefix, { limit: 1_000, ...(after === undefined ? {} : { after }) });
    const versionOf = (key: string): string => key.split("/")[2] ?? "";
    const known = await postgres.transaction({ operator: true }, (tx) => store.keysOfCopies(tx, [...new Set(items.map((item) => versionOf(item.key)))]));
    for (const { key, modifiedAt } of items) {
      const keys = known.get(versionOf(key));
      // A copy has its row before its first object.
      if (keys === undefined || (!keys.has(key) && clock.now() - modifiedAt > orphanMs)) await blobs.delete(key);
    }
    if (next === null) return;
    after = next;
  }
}

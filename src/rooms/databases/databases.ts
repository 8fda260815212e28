import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Actor, Resource } from "#src/access/access.ts";
import type { RowAccess } from "#src/access/rows.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxPool } from "#src/base/sandbox/pool.ts";
import type { Work } from "#src/base/work.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Progress } from "#src/rooms/jobs/jobs.ts";
import { createCache } from "./cache.ts";
import type { Cache } from "./cache.ts";
import { createExtracts } from "./extract.ts";
import type { Extract } from "./extract.ts";
import type { Range } from "./download.ts";
import { asBefore, importFile } from "./intake.ts";
import type { Imported, Upload } from "./intake.ts";
import { databaseLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { CurrentRow, NewVersion } from "./store.ts";
import { blobKeyOf, versionPrefix } from "./transfer.ts";
import { getVersion } from "./versions.ts";
import { createWriters } from "./writers.ts";

export { holdVersions } from "./versions.ts";
export type { FileUpload, Upload } from "./intake.ts";
export type { CurrentRow } from "./store.ts";

/** All that is needed to read a version: it never changes. */
export interface VersionRef {
  id: string;
  database: string;
  team: string;
  blobKey: string;
  sha256: string;
  sizeBytes: number;
}

export interface ImportWatch {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
  /** In the transaction that makes it visible: a throw leaves nothing of it. */
  onMade?(tx: Tx, database: CurrentRow): Promise<void>;
}

export interface Databases {
  find(actor: Actor, id: string): Promise<Resource | null> | Resource | null;
  /** Parsed and checked in the sandbox, stored durably, then visible: all of it or nothing. */
  create(options: { team: string; name: string; upload: Upload; by: Doer } & ImportWatch): Promise<CurrentRow>;
  /** A new version; readers of the old one go on. */
  replace(options: { team: string; id: string; upload: Upload; by: Doer } & ImportWatch): Promise<CurrentRow>;
  /** A new version with rows added to one table; with a key, rows that have the same values there are changed instead. One after the other. */
  append(options: { team: string; id: string; table: string; key?: string[]; input: AsyncIterable<Uint8Array>; by: Doer } & ImportWatch): Promise<{ database: CurrentRow; added: number; updated: number }>;
  get(team: string, id: string): Promise<CurrentRow>;
  /** All of the team's, or those that the reader sees. */
  list(options: { team: string; reader?: Actor; before?: string | undefined; limit: number }): Promise<CurrentRow[]>;
  update(options: { team: string; id: string; name?: string; description?: string; by: Doer }): Promise<CurrentRow>;
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  versions(options: { team: string; id: string; before?: string | undefined; limit: number }): ReturnType<typeof store.listVersions>;
  currentVersion(team: string, database: string): Promise<VersionRef>;
  getVersion(options: { team: string; database: string; version: string }): Promise<VersionRef>;
  /** The event of bytes that leave; `range` where they are a part. */
  recordDownload(options: { version: VersionRef; range: Range | null; by: Doer }): Promise<void>;
  /** The path of a plain copy to open, read-only. */
  open(version: VersionRef): Promise<string>;
  /** The rows that a reader may see, as a file of their own. */
  extract(version: VersionRef, options: { rows: RowAccess; signal?: AbortSignal }): Promise<Extract>;
  /** Tables, columns, indexes and foreign keys, as SQLite tells them. */
  describe(version: VersionRef): Promise<Described>;
  /** Removes the working copy of what was opened. */
  forget(object: { team: string; database: string; id: string }): Promise<void>;
  /** Called after databases were deleted, with their versions, for what is derived from them. */
  onGone(listener: (versions: { id: string; team: string }[]) => Promise<void>): void;
  /** Removes objects that no version points to: what an interrupted import or a deletion left. */
  sweep(): Promise<number>;
}

/** What the sandbox tells of a file; `Description` of the queries room. */
export interface Described {
  tables: (Record<string, unknown> & { name: string; rows: number | null })[];
}

export interface DatabasesParts {
  postgres: Postgres;
  audit: Audit;
  blobs: Blobs;
  work: Work;
  pool: SandboxPool;
  limits: Limits;
  clock: Clock;
  log: Log;
}

/** An import of many large databases stores them one by one before it makes them visible: its first must still be there then. */
const orphanMs = 24 * 3_600_000;
const describeMs = 10_000;
// As with actors: announced at once, and read again soon in case an announcement was lost.
const ageMsMax = 4_000;
const entriesMax = 10_000;

export function createDatabases(parts: DatabasesParts): Databases {
  const { postgres, audit, blobs, clock } = parts;
  const cache = createCache({ blobs, work: parts.work, bytesMax: parts.limits.cacheBytesMax });
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const current = createPointers(parts);
  // A team that is gone leaves no plain copy of its data on any node.
  postgres.onChange((change) => {
    if (change?.kind === "team") void cache.forget({ team: change.id });
    if (change?.kind === "version") {
      const [team = "", database = "", id = ""] = change.id.split("/");
      void cache.forget({ team, database, id });
    }
  });
  if (parts.work.isShared) void keepKnown(parts, cache).catch((error: unknown) => parts.log("sweep trouble", describeError(error)));
  const keep = createKeeper(parts, cache);
  const write = createWriters(parts);
  const extracts = createExtracts(parts);
  const told: Parameters<Databases["onGone"]>[0][] = [];
  const open = async (version: VersionRef): Promise<string> => {
    if (version.blobKey === "") throw new Problem("VERSION_CONTENTS_MISSING");
    return await cache.open(version);
  };
  const get = (team: string, id: string): Promise<CurrentRow> => within(team, async (tx) => (await store.findDatabase(tx, id)) ?? missing());
  return {
    find: (actor, id) => {
      const known = current.peek(id);
      if (known) return known.resource;
      return current.read([...actor.teams.keys()], id).then((pointer) => pointer?.resource ?? null);
    },
    async create({ team, name, upload, by, ...watch }) {
      const count = await within(team, (tx) => store.countDatabases(tx, team));
      if (count >= databaseLimits.databasesMax) throw new Problem("DATABASES_TOO_MANY", { values: { max: databaseLimits.databasesMax } });
      const id = newId("db", clock);
      await keep({ team, upload, watch }, async (tx, version) => {
        const now = clock.date();
        await store.insertDatabase(tx, { id, team_id: team, name, description: "", version_id: version.id, created_by: by.user, created_at: now, updated_at: now });
        await store.insertVersion(tx, { ...version, database_id: id, number: 1, created_by: by.user });
        await audit.record(tx, { team, action: "database:create", by, resource: { kind: "database", id }, facts: { version: version.id, sizeBytes: version.size_bytes } });
        await postgres.announce(tx, { kind: "database", id });
        return id;
      });
      return await get(team, id);
    },
    async replace({ team, id, upload, by, ...watch }) {
      const before = await get(team, id);
      await keep({ team, upload: asBefore(upload, before.source), watch }, (tx, version) => addVersion({ tx, parts, id, version, by, action: "contents" }));
      return await get(team, id);
    },
    append: ({ team, id, table, key, input, by, ...watch }) =>
      write(id, { input, ...watch }, async (rows) => {
        const before = await get(team, id);
        const upload: Upload = { kind: "rows", table, key, input: rows, base: refOf(before), copyOf: await cache.open(refOf(before)), tables: before.tables, choices: before.source.choices };
        const made = await keep({ team, upload, watch }, (tx, version) =>
          addVersion({ tx, parts, id, version, by, action: "rows", expected: before.version_id }),
        );
        return { database: await get(team, id), added: made.rowsAdded ?? 0, updated: made.rowsUpdated ?? 0 };
      }),
    get,
    list: (options) => within(options.team, (tx) => store.listDatabases(tx, options)),
    recordDownload: ({ version: { id, team, database }, range, by }) =>
      within(team, (tx) => audit.record(tx, { team, action: "database:download", by, resource: { kind: "database", id: database }, facts: { version: id, ...(range ? { firstByte: range.start, lastByte: range.end } : {}) } })),
    update: ({ team, id, by, ...change }) =>
      within(team, async (tx) => {
        if (!(await store.lockDatabase(tx, id))) missing();
        await store.updateDatabase(tx, id, { ...change, updated_at: clock.date() });
        await audit.record(tx, { team, action: "database:update", by, resource: { kind: "database", id } });
        return (await store.findDatabase(tx, id)) ?? missing();
      }),
    async delete({ team, id, by }) {
      const gone = await within(team, async (tx) => {
        if (!(await store.lockDatabase(tx, id))) missing();
        const versions = await store.listVersions(tx, { database: id, limit: 100_000 });
        await store.deleteDatabase(tx, id);
        await audit.record(tx, { team, action: "database:delete", by, resource: { kind: "database", id }, facts: { versions: versions.length } });
        await postgres.announce(tx, { kind: "database", id });
        return versions;
      });
      current.forget(id);
      // Nothing points to the objects any more; what a crash leaves here the sweep takes.
      await cache.forget({ team, database: id });
      for (const version of gone) if (version.blob_key !== "") await blobs.delete(version.blob_key);
      for (const tell of told) await tell(gone.map((version) => ({ id: version.id, team })));
    },
    versions: ({ team, id, ...page }) => within(team, (tx) => store.listVersions(tx, { database: id, ...page })),
    async currentVersion(team, database) {
      const known = current.peek(database) ?? (await current.read([team], database));
      if (!known || known.resource.team !== team) missing();
      return known.version;
    },
    async getVersion({ team, database, version }) {
      const row = await within(team, (tx) => getVersion(tx, database, version));
      return { id: row.id, database, team, blobKey: row.blob_key, sha256: row.sha256, sizeBytes: row.size_bytes };
    },
    open,
    extract: async (version, options) => await extracts({ version, copyOf: await open(version), ...options }),
    async describe(version) {
      const { head } = await parts.pool.run("describe", { file: await cache.open(version) }, { timeoutMs: describeMs, team: version.team });
      return head as Described;
    },
    forget: (object) => cache.forget(object),
    onGone: (listener) => void told.push(listener),
    async sweep() {
      await keepKnown(parts, cache);
      return await sweep(parts);
    },
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

export function refOf(row: CurrentRow): VersionRef {
  return { id: row.version_id, database: row.id, team: row.team_id, blobKey: row.blob_key, sha256: row.sha256, sizeBytes: row.size_bytes };
}

type ReadyVersion = Omit<NewVersion, "database_id" | "number" | "created_by">;

/** Imports in the sandbox, stores the object, then lets `commit` point to it; without the commit the object is swept. */
function createKeeper(parts: DatabasesParts, cache: Cache) {
  const { blobs, work, clock, postgres } = parts;
  return async (
    options: { team: string; upload: Upload; watch: ImportWatch },
    commit: (tx: Tx, version: ReadyVersion) => Promise<string>,
  ): Promise<Imported> => {
    const { team, upload, watch } = options;
    const folder = work.makeFolder(upload.kind === "rows" ? upload.base.sizeBytes : upload.sizeBytes);
    try {
      const { onMade, ...under } = watch;
      const imported = await importFile({ folder, upload, limits: parts.limits, ...under });
      watch.signal?.throwIfAborted();
      const id = newId("ver", clock);
      const path = join(folder, imported.file);
      const blobKey = blobKeyOf(team, id);
      const head = await blobs.put(blobKey, createReadStream(path, { highWaterMark: 1024 ** 2 }), { contentType: "application/vnd.sqlite3" });
      const version: ReadyVersion = {
        id, team_id: team, blob_key: blobKey, size_bytes: head.sizeBytes, sha256: head.sha256, tables: imported.tables, source: imported.source, created_at: clock.date(),
      };
      const database = await postgres.transaction({ teams: [team] }, async (tx) => {
        const made = await commit(tx, version);
        await onMade?.(tx, (await store.findDatabase(tx, made)) ?? missing());
        return made;
      });
      cache.adopt({ id, database, team, blobKey, sha256: head.sha256, sizeBytes: head.sizeBytes }, path);
      return imported;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

interface Addition {
  tx: Tx;
  parts: DatabasesParts;
  id: string;
  version: ReadyVersion;
  by: Doer;
  action: string;
  /** The version that the change was made from; another one meanwhile is a conflict, never a lost update. */
  expected?: string;
}

async function addVersion({ tx, parts, id, version, by, action, expected }: Addition): Promise<string> {
  const locked = await store.lockDatabase(tx, id);
  if (!locked) missing();
  if (expected !== undefined && locked.version_id !== expected) throw new Problem("DATABASE_CHANGED");
  // An imported workspace waits for the bytes of its versions: the same bytes are the same version.
  const waiting = locked.version_id === null ? null : await store.findVersion(tx, id, locked.version_id);
  if (waiting && waiting.blob_key === "" && waiting.sha256 === version.sha256) {
    await store.setBlobKey(tx, waiting.id, version.blob_key);
    await parts.audit.record(tx, { team: locked.team_id, action: "database:update", by, resource: { kind: "database", id }, facts: { version: waiting.id, change: "contents" } });
    await parts.postgres.announce(tx, { kind: "database", id });
    return id;
  }
  const number = (await store.lastVersionNumber(tx, id)) + 1;
  await store.insertVersion(tx, { ...version, database_id: id, number, created_by: by.user });
  await store.updateDatabase(tx, id, { version_id: version.id, updated_at: parts.clock.date() });
  const facts = { version: version.id, number, change: action, sizeBytes: version.size_bytes };
  await parts.audit.record(tx, { team: locked.team_id, action: "database:update", by, resource: { kind: "database", id }, facts });
  await parts.postgres.announce(tx, { kind: "database", id });
  return id;
}

interface Pointer {
  resource: Resource;
  version: VersionRef;
  readMs: number;
}

// Which team a database belongs to and which version is current, kept for the path of small queries.
function createPointers({ postgres, clock }: DatabasesParts) {
  const pointers = new Map<string, Pointer>();
  let generation = 0;
  postgres.onChange((change) => {
    // A person who leaves the team takes the shares along that named them.
    if (change && !["database", "team", "user"].includes(change.kind)) return;
    generation++;
    if (change?.kind === "database") pointers.delete(change.id);
    else pointers.clear();
  });
  return {
    peek(id: string): Pointer | null {
      const pointer = pointers.get(id);
      return pointer && clock.now() - pointer.readMs < ageMsMax ? pointer : null;
    },
    async read(teams: string[], id: string): Promise<Pointer | null> {
      const startedAt = generation;
      const row = await postgres.transaction({ teams }, (tx) => store.findDatabase(tx, id));
      if (!row) return null;
      const pointer: Pointer = { resource: { kind: "database", id, team: row.team_id, shares: row.shares }, version: refOf(row), readMs: clock.now() };
      if (pointers.size >= entriesMax) pointers.clear();
      if (generation === startedAt) pointers.set(id, pointer);
      return pointer;
    },
    forget: (id: string) => void pointers.delete(id),
  };
}

/** Copies outlive a server where it shares them: what was deleted meanwhile goes. */
async function keepKnown({ postgres }: DatabasesParts, cache: Cache): Promise<void> {
  const known = await postgres.transaction({ operator: true }, store.listPlaces);
  await cache.keepOnly(known);
}

async function sweep({ blobs, postgres, clock, log }: DatabasesParts): Promise<number> {
  let removed = 0;
  let after: string | undefined;
  do {
    const page = await blobs.list(versionPrefix, { limit: 1_000, ...(after === undefined ? {} : { after }) });
    const old = page.items.filter((item) => clock.now() - item.modifiedAt > orphanMs).map((item) => item.key);
    const known = await postgres.transaction({ operator: true }, (tx) => store.knownBlobKeys(tx, old));
    for (const key of old.filter((one) => !known.has(one))) {
      await blobs.delete(key).catch((error: unknown) => log("sweep trouble", describeError(error)));
      removed++;
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  return removed;
}

import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import * as store from "./store.ts";
import type { CurrentRow } from "./store.ts";
import * as versionstore from "./versionstore.ts";
import type { Keep } from "./versionstore.ts";

export type { Keep } from "./versionstore.ts";

export type VersionRow = NonNullable<Awaited<ReturnType<typeof store.findVersion>>>;

export interface Versions {
  /** Throws VERSION_NOT_FOUND, VERSION_REMOVED. */
  get(options: { team: string; database: string; version: string }): Promise<VersionRow>;
  /** One with a label stays, whatever the policy says. */
  label(options: { team: string; database: string; version: string; label?: string; note?: string; by: Doer }): Promise<VersionRow>;
  /** A new version with the contents of an older one. Restoring the current one changes nothing. */
  restore(options: { team: string; database: string; version: string; by: Doer }): Promise<CurrentRow>;
  /** What is kept, and how many versions the next upkeep removes. */
  keep(options: { team: string; database: string }): Promise<Keep & { due: number }>;
  setKeep(options: { team: string; database: string; keep: Keep; by: Doer }): Promise<Keep & { due: number }>;
  /** Removes what the policies do not keep. Returns how many versions. */
  sweep(): Promise<number>;
}

export interface VersionsParts {
  postgres: Postgres;
  audit: Audit;
  blobs: Blobs;
  clock: Clock;
  log: Log;
  /** The versions of the team that publications show: they are kept for as long as these stand. */
  published(tx: Tx, team: string): Promise<Set<string>>;
}

/** A policy that removes very many takes several rounds of the upkeep. */
const removedAtOnceMax = 1_000;

export function createVersions(parts: VersionsParts): Versions {
  const { postgres, audit, clock } = parts;
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  return {
    get: ({ team, database, version }) => within(team, (tx) => getVersion(tx, database, version)),
    label: ({ team, database, version, by, ...change }) =>
      within(team, async (tx) => {
        if (!(await store.lockDatabase(tx, database))) throw new Problem("NOT_FOUND");
        const before = await getVersion(tx, database, version);
        await versionstore.labelVersion(tx, version, change);
        await audit.record(tx, { team, action: "database:update", by, resource: { kind: "database", id: database }, facts: { version, number: before.number, change: "label" } });
        return await getVersion(tx, database, version);
      }),
    restore: ({ team, database, version, by }) =>
      within(team, async (tx) => {
        const locked = await store.lockDatabase(tx, database);
        if (!locked) throw new Problem("NOT_FOUND");
        const from = await getVersion(tx, database, version);
        if (from.blob_key === "") throw new Problem("VERSION_CONTENTS_MISSING");
        if (locked.version_id !== version) {
          const id = newId("ver", clock);
          const number = await versionstore.insertRestored(tx, { database, from: version, id, user: by.user, now: clock.date() });
          await store.updateDatabase(tx, database, { version_id: id, updated_at: clock.date() });
          await audit.record(tx, { team, action: "database:update", by, resource: { kind: "database", id: database }, facts: { version: id, number, change: "restore", from: from.number } });
          await postgres.announce(tx, { kind: "database", id: database });
        }
        return (await store.findDatabase(tx, database))!;
      }),
    keep: ({ team, database }) => within(team, (tx) => keepOf(tx, parts, { team, database })),
    setKeep: ({ team, database, keep, by }) =>
      within(team, async (tx) => {
        if (!(await store.lockDatabase(tx, database))) throw new Problem("NOT_FOUND");
        await versionstore.setKeep(tx, database, keep);
        const facts = { change: "keep", ...(keep.versions === null ? {} : { versions: keep.versions }), ...(keep.days === null ? {} : { days: keep.days }) };
        await audit.record(tx, { team, action: "database:update", by, resource: { kind: "database", id: database }, facts });
        return await keepOf(tx, parts, { team, database });
      }),
    async sweep() {
      const keeping = await postgres.transaction({ operator: true }, (tx) => versionstore.listKeeping(tx));
      let removed = 0;
      for (const { id, team_id: team } of keeping) removed += await removeDue(parts, { team, database: id });
      return removed;
    },
  };
}

/** Throws VERSION_REMOVED where it was there once. */
export async function getVersion(tx: Tx, database: string, version: string): Promise<VersionRow> {
  const row = await store.findVersion(tx, database, version);
  if (row) return row;
  const removed = await versionstore.findRemoved(tx, database, version);
  if (removed) throw new Problem("VERSION_REMOVED", { values: { number: removed.number, date: removed.removed_at.toISOString().slice(0, 10) } });
  throw new Problem("VERSION_NOT_FOUND", { values: { version } });
}

/** For what will show these versions from now on: they stay until the transaction ends, and then for as long as it says so. */
export async function holdVersions(tx: Tx, versions: string[]): Promise<void> {
  const there = await versionstore.lockAgainstRemoval(tx, versions);
  if (versions.some((id) => !there.has(id))) throw new Problem("DATABASE_CHANGED");
}

async function dueOf(tx: Tx, { published, clock }: VersionsParts, { team, database }: { team: string; database: string }) {
  const keep = (await versionstore.findKeep(tx, database)) ?? { versions: null, days: null };
  const unkept = await versionstore.listUnkept(tx, { database, keep, now: clock.date(), limit: removedAtOnceMax });
  // Held before it is asked what is published: who publishes one of them meanwhile waits, and then finds it gone.
  const there = await versionstore.lockForRemoval(tx, unkept.map(({ id }) => id));
  const held = await published(tx, team);
  return { keep, due: unkept.filter(({ id }) => there.has(id) && !held.has(id)) };
}

async function keepOf(tx: Tx, parts: VersionsParts, of: { team: string; database: string }): Promise<Keep & { due: number }> {
  const { keep, due } = await dueOf(tx, parts, of);
  return { ...keep, due: due.length };
}

async function removeDue(parts: VersionsParts, of: { team: string; database: string }): Promise<number> {
  const { postgres, audit, blobs, clock, log } = parts;
  const { team, database } = of;
  const { removed, objects } = await postgres.transaction({ teams: [team] }, async (tx) => {
    // Of a restore and a removal at once the second sees what the first did.
    if (!(await store.lockDatabase(tx, database))) return { removed: 0, objects: [] };
    const { due } = await dueOf(tx, parts, of);
    if (due.length === 0) return { removed: 0, objects: [] };
    const objects = await versionstore.removeVersions(tx, { database, team, versions: due, now: clock.date() });
    const by: Doer = { kind: "system", user: null };
    await audit.record(tx, { team, action: "database:expire", by, resource: { kind: "database", id: database }, facts: { versions: due.length, from: due[0]!.number, to: due.at(-1)!.number } });
    for (const { id } of due) await postgres.announce(tx, { kind: "version", id: `${team}/${database}/${id}` });
    return { removed: due.length, objects };
  });
  // Nothing points to them any more; what a crash leaves here the sweep takes.
  for (const key of objects) await blobs.delete(key).catch((error: unknown) => log("sweep trouble", describeError(error)));
  return removed;
}

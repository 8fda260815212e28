import { createReadStream } from "node:fs";
import { chmod, copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "node:crypto";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import { unconfined } from "#src/base/postgres/confine.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Work } from "#src/base/work.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import { refOf } from "#src/rooms/databases/databases.ts";
import type { CurrentRow, Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import type { Asked, Queries } from "#src/rooms/queries/queries.ts";
import type { AdviseOutcome } from "./advise.ts";
import { indexLimits } from "./limits.ts";
import type { Advice, Index } from "./schema.ts";
import * as store from "./store.ts";

/** Indexes for the questions that a database is really asked. */
export interface Indexes {
  /** Measures on a copy which indexes would help, and how much. Throws INDEX_NOTHING_ASKED. */
  advise(options: { team: string; database: string; signal?: AbortSignal }): Promise<Advice>;
  /** A new version with these indexes and fresh statistics. Throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, DATABASE_CHANGED. */
  add(options: { team: string; database: string; indexes: Index[]; by: Doer; signal?: AbortSignal }): Promise<CurrentRow>;
  /** Writes what was noted of questions so far. */
  flush(): Promise<void>;
  sweep(): Promise<void>;
  close(): Promise<void>;
}

interface Parts {
  postgres: Postgres;
  databases: Databases;
  queries: Pick<Queries, "onAsked">;
  work: Work;
  limits: Limits;
  clock: Clock;
  log: Log;
}

const { slowMs, runsKept, keptDays, queriesMax, measuredMsMax } = indexLimits;
const flushEveryMs = 10_000;
const notedMax = 1_000;
const sqlCharactersMax = 20_000;
const adviseMs = 180_000;
const buildMs = 30 * 60_000;
const namesTold = 20;

export function createIndexes(parts: Parts): Indexes {
  const noted = createNotes(parts);
  const inTurn = createTurns(1);
  return {
    flush: noted.flush,
    close: noted.close,
    sweep: () => parts.postgres.transaction({ operator: true }, (tx) => store.deleteOld(tx, { before: new Date(parts.clock.now() - keptDays * 86_400_000), kept: runsKept })),
    async advise({ team, database, signal }) {
      await noted.flush();
      const since = new Date(parts.clock.now() - keptDays * 86_400_000);
      const runs = await parts.postgres.transaction({ teams: [team] }, (tx) => store.listRuns(tx, { database, since, limit: queriesMax }));
      const asked = within(runs);
      if (asked.length === 0) throw new Problem("INDEX_NOTHING_ASKED", { values: { slowMs } });
      const version = await parts.databases.currentVersion(team, database);
      const outcome = await inTurn(() =>
        inCopy(parts, { version, signal }, async (workDir) =>
          (await runOnce("advise", { workDir, queries: asked.map(({ sql, parameters }) => ({ sql, parameters })) }, { ...childOf(parts, workDir), timeoutMs: adviseMs, signal })) as AdviseOutcome));
      const queries = asked.flatMap(({ sql, runs: count }, at) => (outcome.times[at] ? [{ sql, runs: count, ...outcome.times[at] }] : []));
      return { indexes: outcome.indexes, queries, sizeBeforeBytes: outcome.sizeBeforeBytes, sizeAfterBytes: outcome.sizeAfterBytes, version: version.id };
    },
    async add({ team, database, indexes, by, signal }) {
      const before = await parts.databases.get(team, database);
      holdNames(before, indexes);
      return await inTurn(() =>
        inCopy(parts, { version: refOf(before), signal }, async (workDir) => {
          const { file } = (await runOnce("indexes", { workDir, indexes }, { ...childOf(parts, workDir), timeoutMs: buildMs, signal })) as { file: string };
          return await parts.databases.replace({
            team, id: database, by, ...(signal ? { signal } : {}),
            // It is a database now, whatever the file was that it came from.
            upload: { kind: "file", fileName: `${before.source.fileName.replace(/\.[^.]+$/, "")}.sqlite`, contentType: "application/vnd.sqlite3", sizeBytes: undefined, input: createReadStream(join(workDir, file)) },
            // Made of one version, it must not take the place of a newer one.
            onMade: (_tx, made) => (made.number === before.number + 1 ? Promise.resolve() : Promise.reject(new Problem("DATABASE_CHANGED"))),
          });
        }));
    },
  };
}

/** As many as can be measured in a bearable time. */
function within(runs: store.RunRow[]): store.RunRow[] {
  let leftMs = measuredMsMax;
  return runs.filter((run) => {
    const ms = run.total_ms / Math.max(run.runs, 1);
    if (ms > leftMs) return false;
    leftMs -= ms;
    return true;
  });
}

const childOf = ({ limits }: Parts, workDir: string) => ({ workDir, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: limits.uploadBytesMax * 4, packages: false });

async function inCopy<T>({ databases, work }: Parts, { version, signal }: { version: VersionRef; signal: AbortSignal | undefined }, task: (workDir: string) => Promise<T>): Promise<T> {
  const workDir = work.makeFolder(version.sizeBytes * 3);
  try {
    const copy = join(workDir, "in.sqlite");
    await copyFile(await databases.open(version), copy);
    // The child may run as another user; nobody else can enter the folder.
    await chmod(copy, 0o666);
    signal?.throwIfAborted();
    return await task(workDir);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function holdNames({ tables }: CurrentRow, indexes: Index[]): void {
  const told = (items: { name: string }[]): string => `${items.slice(0, namesTold).map(({ name }) => name).join(", ")}${items.length > namesTold ? ", …" : ""}`;
  for (const { table, columns } of indexes) {
    const found = tables.find((one) => one.name === table);
    if (!found) throw new Problem("TABLE_NOT_FOUND", { values: { table: table.slice(0, 200), tables: told(tables) } });
    const unknown = columns.find((column) => !found.columns.some((one) => one.name === column));
    if (unknown !== undefined) throw new Problem("COLUMN_NOT_FOUND", { values: { column: unknown.slice(0, 200), table: table.slice(0, 200), columns: told(found.columns) } });
  }
}

// Noted in memory and written now and then: no question waits for it, and a crash loses a few.
function createNotes({ postgres, queries, clock, log }: Parts): { flush(): Promise<void>; close(): Promise<void> } {
  let noted = new Map<string, store.RunRow>();
  queries.onAsked(({ version, sql, parameters, elapsedMs }: Asked) => {
    // What a restricted reader asks is about rows that others may not see asked for; and it runs behind views.
    if (version.rows !== null || elapsedMs < slowMs || sql.length > sqlCharactersMax || JSON.stringify(parameters ?? {}).length > sqlCharactersMax) return;
    const sqlHash = hash("sha256", sql, "base64url");
    const known = noted.get(`${version.database} ${sqlHash}`);
    if (!known && noted.size >= notedMax) return;
    noted.set(`${version.database} ${sqlHash}`, {
      database_id: version.database, team_id: version.team, sql_hash: sqlHash, sql, parameters: parameters ?? {}, runs: (known?.runs ?? 0) + 1, total_ms: (known?.total_ms ?? 0) + elapsedMs, last_at: clock.date(),
    });
  });
  const flush = async (): Promise<void> => {
    if (noted.size === 0) return;
    const rows = [...noted.values()];
    noted = new Map();
    const teams = [...new Set(rows.map((row) => row.team_id))];
    await unconfined(() => postgres.transaction({ teams }, async (tx) => {
      for (const row of rows) await store.addRun(tx, row);
    })).catch((error: unknown) => log("failure", describeError(error)));
  };
  const timer = setInterval(() => void flush(), flushEveryMs);
  timer.unref();
  return {
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

import type { Clock } from "#src/base/clock.ts";
import type { Config } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Outbound } from "#src/base/outbound/outbound.ts";
import { urlOfObject } from "#src/base/outbound/s3-signature.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Queue } from "#src/base/queue.ts";
import { homeKey, sealText } from "#src/base/secrets.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Databases } from "./databases.ts";
import type { Every, SourceBody } from "./sourceschema.ts";
import * as store from "./sourcestore.ts";
import type { Shown, SourceRow } from "./sourcestore.ts";

export interface Sources {
  get(team: string, database: string): Promise<SourceRow | null>;
  /** Sets where the database is refreshed from, in the place of what was set before; it is refreshed at once. Throws OUTBOUND_REFUSED, SOURCE_INVALID. */
  set(options: { team: string; database: string; source: SourceBody; by: Doer }): Promise<SourceRow>;
  delete(options: { team: string; database: string; by: Doer }): Promise<void>;
  /** Also ends a pause. Throws SOURCE_BUSY, SOURCE_MISSING. */
  refresh(options: { team: string; database: string; by: Doer }): Promise<SourceRow>;
  /** Queues a refresh of each source whose time has come. */
  queueDue(): Promise<void>;
}

export interface SourcesParts {
  config: Config;
  postgres: Postgres;
  audit: Audit;
  outbound: Outbound;
  databases: Databases;
  queue: Queue;
  clock: Clock;
}

/** A refresh as it is queued. */
export interface Run {
  team: string;
  database: string;
  run: string;
}

const everyMs: Record<Every, number> = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 };
// Longer than any fetch and import may take: what began before has not lived to end it.
const lostMs = 8 * 3_600_000;
const dueMax = 200;

export function createSources(parts: SourcesParts): Sources {
  const { config, postgres, audit, outbound, databases, queue, clock } = parts;
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const event = (tx: Tx, { team, database, by }: { team: string; database: string; by: Doer }, action: string, facts: Record<string, string> = {}): Promise<void> =>
    audit.record(tx, { team, action, by, resource: { kind: "database", id: database }, facts });
  return {
    get: (team, database) => within(team, (tx) => store.findSource(tx, database)),
    async set({ team, database, source, by }) {
      const { url, shown } = readSource(source);
      await outbound.judge("files", url);
      await databases.get(team, database);
      const now = clock.date();
      const row = await within(team, async (tx) => {
        await store.replaceSource(tx, {
          database_id: database, team_id: team, kind: source.kind, sealed: sealText(homeKey(config.home, "sources"), JSON.stringify(source), database), shown, every: source.every,
          next_at: now, created_by: by.user, created_at: now,
        });
        await event(tx, { team, database, by }, "source:update", { kind: source.kind, host: url.hostname, every: source.every });
        return await begin(tx, parts, database);
      });
      queue.wake("refresh");
      return row;
    },
    delete: ({ team, database, by }) =>
      within(team, async (tx) => {
        if (!(await store.deleteSource(tx, database))) throw new Problem("SOURCE_MISSING");
        await event(tx, { team, database, by }, "source:delete");
      }),
    async refresh({ team, database, by }) {
      const row = await within(team, async (tx) => {
        const known = await store.lockSource(tx, database);
        if (!known) throw new Problem("SOURCE_MISSING");
        if (isRunning(known, clock)) throw new Problem("SOURCE_BUSY");
        await event(tx, { team, database, by }, "source:refresh");
        return await begin(tx, parts, database);
      });
      queue.wake("refresh");
      return row;
    },
    async queueDue() {
      const now = clock.date();
      const due = await postgres.transaction({ operator: true }, (tx) => store.listDue(tx, { now, lostBefore: new Date(now.getTime() - lostMs), limit: dueMax }));
      for (const { database_id: database, team_id: team } of due) {
        await within(team, async (tx) => {
          const row = await store.lockSource(tx, database);
          // Another node, or this look given out twice, was first.
          if (row?.next_at && row.next_at <= now && !isRunning(row, clock)) await begin(tx, parts, database);
        });
      }
      queue.wake("refresh");
    },
  };
}

export function isRunning(row: SourceRow, clock: Clock): boolean {
  return row.run_id !== null && row.run_at !== null && clock.now() - row.run_at.getTime() < lostMs;
}

/** Queues a refresh: from then on no other one of this source counts. */
async function begin(tx: Tx, { queue, clock }: SourcesParts, database: string): Promise<SourceRow> {
  const row = (await store.findSource(tx, database))!;
  const now = clock.now();
  const run = newId("run", clock);
  await store.updateSource(tx, database, { run_id: run, run_at: new Date(now), next_at: new Date(now + everyMs[row.every]) });
  await queue.send(tx, "refresh", { team: row.team_id, database, run } satisfies Run);
  return (await store.findSource(tx, database))!;
}

/** Where a source is, and what of that may be shown. */
export function readSource(source: SourceBody): { url: URL; shown: Shown } {
  if (source.kind === "url") {
    const url = URL.parse(source.url);
    if (!url) throw new Problem("OUTBOUND_REFUSED", { values: { host: "", reason: "the address is not a URL", reasonJa: "URLの形式が正しくありません" } });
    return { url, shown: { address: `${url.host}${url.pathname}`, accessKeyId: null } };
  }
  if ((source.accessKeyId === undefined) !== (source.secretAccessKey === undefined)) throw new Problem("SOURCE_INVALID");
  const endpoint = URL.parse(source.endpoint);
  if (!endpoint || endpoint.pathname !== "/" || endpoint.search !== "" || endpoint.username !== "") throw new Problem("SOURCE_INVALID");
  // A path that is made shorter on its way would be another object than the one that is signed for.
  if (source.key.split("/").some((part) => part === "." || part === ".." || part === "") || [".", ".."].includes(source.bucket)) throw new Problem("SOURCE_INVALID");
  const url = urlOfObject(source);
  return { url, shown: { address: `${url.host}/${source.bucket}/${source.key}`, accessKeyId: source.accessKeyId ?? null } };
}

/** A source as the API shows it. */
export function showSource(row: SourceRow, { clock, language }: { clock: Clock; language: Language }) {
  const moment = (date: Date | null): string | null => date?.toISOString() ?? null;
  return {
    kind: row.kind, ...row.shown, every: row.every, nextAt: moment(row.next_at), isPaused: row.next_at === null, isRunning: isRunning(row, clock),
    checkedAt: moment(row.checked_at), changedAt: moment(row.changed_at), failures: row.failures, problem: row.problem?.[language] ?? null,
  };
}

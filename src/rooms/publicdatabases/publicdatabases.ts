import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { Resource } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Rates } from "#src/http/rates.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { VersionRef } from "#src/rooms/databases/databases.ts";
import type { Table } from "#src/rooms/databases/schema.ts";
import type { Queries, QueryRequest } from "#src/rooms/queries/queries.ts";
import { createFlows } from "./flows.ts";
import { publicLimits } from "./schema.ts";
import * as store from "./store.ts";
import type { OpenRow, StateRow } from "./store.ts";

export type Hindrance = "rules" | "restricted" | "contents";

export interface State {
  publication: { slug: string; publishedAt: Date } | null;
  hindrance: Hindrance | null;
}

/** What everyone may see. */
export interface OpenDatabase {
  id: string;
  slug: string;
  name: string;
  description: string;
  publishedAt: Date;
  updatedAt: Date;
  version: VersionRef;
  tables: Table[];
}

export interface PublicDatabases {
  state(database: Pick<Resource, "id" | "team">): Promise<State>;
  /** Opens a database to everyone. Throws where the team does not see all of it alike: then not everyone may. */
  publish(options: { database: Pick<Resource, "id" | "team">; by: Doer }): Promise<State>;
  withdraw(options: { database: Pick<Resource, "id" | "team">; by: Doer }): Promise<void>;
  /** What this address shows at this moment, or null. Asked anew each time: what is withdrawn is gone on every node. */
  find(slug: string): Promise<OpenDatabase | null>;
  list(options: { q: string; cursor: string | undefined; limit: number }): Promise<{ items: OpenDatabase[]; nextCursor: string | null }>;
  /** A stranger's question, within limits of its own. `by` is the address that it counts for. Throws RATE_LIMITED. */
  questionOf(database: OpenDatabase, options: { sql: string; parameters?: Record<string, unknown> | undefined; rowsMax?: number | undefined; by: string; signal: AbortSignal }): QueryRequest & { rowsMax: number };
  /** The first rows of a table. */
  sample(database: OpenDatabase, table: string, signal: AbortSignal): ReturnType<Queries["result"]>;
  /** Ends the stream when the database is no longer open. */
  hold(database: OpenDatabase, stream: Readable): Readable;
}

export interface PublicDatabasesParts {
  postgres: Postgres;
  audit: Audit;
  clock: Clock;
  queries: Queries;
  rates: Rates;
}

const guest = { timeoutMs: publicLimits.queryTimeoutMs, bytesMax: publicLimits.queryBytesMax };
const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export function createPublicDatabases({ postgres, audit, clock, queries, rates }: PublicDatabasesParts): PublicDatabases {
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const find = async (slug: string): Promise<OpenDatabase | null> => {
    const row = await postgres.transaction({}, (tx) => store.findOpen(tx, slug));
    return row && openOf(row);
  };
  const flows = createFlows({ postgres, isOpen: async (slug) => (await find(slug)) !== null });
  return {
    state: ({ id, team }) => within(team, async (tx) => stateOf((await store.findState(tx, id)) ?? missing())),
    publish: ({ database: { id, team }, by }) =>
      within(team, async (tx) => {
        const row = (await store.lockState(tx, id)) ?? missing();
        const hindrance = hindranceOf(row);
        if (hindrance !== null) throw new Problem(({ rules: "PUBLIC_ROWS_HIDDEN", restricted: "PUBLIC_RESTRICTED", contents: "VERSION_CONTENTS_MISSING" } as const)[hindrance]);
        if (row.slug !== null) return stateOf(row);
        const slug = slugOf(row.name);
        await store.insertPublication(tx, { database: id, team, slug, user: by.user, now: clock.date() });
        await audit.record(tx, { team, action: "database:publish", by, resource: { kind: "database", id }, facts: { slug } });
        await postgres.announce(tx, { kind: "database", id });
        return stateOf((await store.findState(tx, id)) ?? missing());
      }),
    withdraw: ({ database: { id, team }, by }) =>
      within(team, async (tx) => {
        if (!(await store.lockState(tx, id))) missing();
        if (!(await store.deletePublication(tx, id))) return;
        await audit.record(tx, { team, action: "database:withdraw", by, resource: { kind: "database", id } });
        await postgres.announce(tx, { kind: "database", id });
      }),
    find,
    async list({ q, cursor, limit }) {
      const words = q.normalize("NFKC").toLowerCase().split(/\s+/).filter((word) => word !== "").slice(0, publicLimits.searchWordsMax);
      const rows = await postgres.transaction({}, (tx) => store.listOpen(tx, { words, after: readCursor(cursor), limit: limit + 1 }));
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return { items: rows.slice(0, limit).map(openOf), nextCursor: last ? Buffer.from(`${last.at} ${last.database_id}`).toString("base64url") : null };
    },
    questionOf({ version }, { sql, parameters, rowsMax = publicLimits.queryRowsMax, by, signal }) {
      rates.hold({ route: "public queries", address: by, perHourMax: publicLimits.queriesPerHourMax });
      return { version: { ...version, rows: null }, sql, parameters, rowsMax: Math.min(rowsMax, publicLimits.queryRowsMax), guest, signal };
    },
    sample: ({ version }, table, signal) => queries.result({ version: { ...version, rows: null }, sql: `select * from ${quoteName(table)}`, rowsMax: publicLimits.sampleRows, guest, signal }),
    hold: (database, stream) => flows.hold(database, stream),
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

function hindranceOf({ is_restricted, has_rules, is_empty }: StateRow): Hindrance | null {
  return has_rules ? "rules" : is_restricted ? "restricted" : is_empty ? "contents" : null;
}

function stateOf(row: StateRow): State {
  return { publication: row.slug !== null && row.published_at !== null ? { slug: row.slug, publishedAt: row.published_at } : null, hindrance: hindranceOf(row) };
}

function openOf(row: OpenRow): OpenDatabase {
  const { database_id: id, team_id: team, slug, name, description, tables } = row;
  return {
    id, slug, name, description, tables, publishedAt: row.published_at, updatedAt: row.version_at,
    version: { id: row.version_id, database: id, team, blobKey: row.blob_key, sha256: row.sha256, sizeBytes: row.size_bytes },
  };
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** The name's Latin letters and digits, and forty random bits, which keep two apart. */
function slugOf(name: string): string {
  const stem = name.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").slice(0, 48).replace(/^-+|-+$/g, "");
  return `${stem || "data"}-${Array.from(randomBytes(8), (byte) => alphabet[byte % 32]).join("")}`;
}

function readCursor(cursor: string | undefined): { at: string; id: string } | null {
  if (cursor === undefined) return null;
  const [, at, id] = /^(\d{1,18}) (db_[a-z0-9]{1,60})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (at === undefined || id === undefined) throw new Problem("REQUEST_INVALID", { values: { reason: "cursor is not one of this list" } });
  return { at, id };
}

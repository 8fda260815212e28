import type { Tx } from "#src/base/postgres/postgres.ts";
import * as store from "./store.ts";

/** A saved query in a workspace's export. */
export interface PortableQuery {
  id: string;
  name: string;
  database: string;
  sql: string;
  question?: Record<string, unknown>;
  engine?: "sqlite" | "duckdb";
  parameters?: Record<string, unknown>;
  chart?: Record<string, unknown> | null;
  createdAt: string;
  updatedAt: string;
  createdBy: string | null;
}

/** In the order of their ids. `databases` gives the name that the export uses for a database, by its id. */
export async function exportQueries(
  tx: Tx, options: { team: string; emails: ReadonlyMap<string, string>; databases: ReadonlyMap<string, string> },
): Promise<PortableQuery[]> {
  const rows = await store.listQueries(tx, { team: options.team, limit: 1_000_000 });
  return rows.map((row) => ({
    id: row.portable_id ?? row.id, name: row.name, database: options.databases.get(row.database_id) ?? row.database_id, ...row.definition,
    createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(), createdBy: options.emails.get(row.created_by ?? "") ?? null,
  })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function importQueries(
  tx: Tx,
  options: { team: string; queries: PortableQuery[]; users: ReadonlyMap<string, string>; databases: ReadonlyMap<string, string>; newId(kind: string): string },
): Promise<void> {
  for (const one of options.queries) {
    const { id, createdAt, updatedAt, createdBy, database, ...rest } = one;
    const made = options.databases.get(database);
    if (made === undefined) continue;
    const row = { id: options.newId("qry"), team: options.team, query: { ...rest, database: made }, user: options.users.get(createdBy ?? "") ?? null, now: new Date(createdAt) };
    await store.insertQuery(tx, { ...row, updatedAt: new Date(updatedAt), portableId: id });
  }
}

import type { ColumnType } from "kysely";
import { sql } from "kysely";
import type { Actor, Share } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { sharesOf, visibleTo } from "#src/rooms/sharing/sharing.ts";
import type { SavedQuery } from "./schema.ts";

type Definition = Omit<SavedQuery, "name" | "database">;

export interface QueryRow {
  id: string;
  team_id: string;
  database_id: string;
  name: string;
  definition: Definition;
  created_by: string | null;
  created_at: Date;
  updated_at: Date;
  /** What an imported workspace calls it. */
  portable_id: string | null;
}

type QueryTables = { queries: Omit<QueryRow, "definition"> & { definition: ColumnType<Definition, string, string> } };
const on = (tx: Tx) => tx.withTables<QueryTables>();

const definitionOf = ({ sql, question, engine, parameters, chart }: SavedQuery): string => JSON.stringify({ sql, question, engine, parameters, chart });

export async function insertQuery(tx: Tx, options: { id: string; team: string; query: SavedQuery; user: string | null; now: Date; updatedAt?: Date; portableId?: string }): Promise<void> {
  const { id, team, query, user, now, updatedAt = now, portableId = null } = options;
  await on(tx).insertInto("queries").values({
    id, team_id: team, database_id: query.database, name: query.name, definition: definitionOf(query), created_by: user, created_at: now, updated_at: updatedAt,
    portable_id: portableId,
  }).execute();
}

/** Where it is, and whom its database is restricted to. */
export async function findPlace(tx: Tx, id: string) {
  const { rows } = await sql<{ team: string; shares: Share[] | null }>`select queries.team_id as team, ${sharesOf("databases")} as shares
    from queries join databases on databases.id = queries.database_id where queries.id = ${id}`.execute(tx);
  return rows[0] ?? null;
}

export async function findQuery(tx: Tx, id: string): Promise<QueryRow | null> {
  return (await on(tx).selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** All of the team's, or those whose database the reader sees. */
export async function listQueries(tx: Tx, options: { team: string; reader?: Actor; before?: string | undefined; limit: number }): Promise<QueryRow[]> {
  let query = on(tx).selectFrom("queries").selectAll().where("team_id", "=", options.team);
  if (options.reader) query = query.where(sql<boolean>`exists (select 1 from databases where databases.id = queries.database_id and ${visibleTo(options.reader, options.team, "databases")})`);
  if (options.before) query = query.where("id", "<", options.before);
  return await query.orderBy("id", "desc").limit(options.limit).execute();
}

export async function updateQuery(tx: Tx, options: { id: string; query: SavedQuery; now: Date }): Promise<void> {
  const { id, query, now } = options;
  await on(tx).updateTable("queries").set({ name: query.name, database_id: query.database, definition: definitionOf(query), updated_at: now }).where("id", "=", id).execute();
}

export async function deleteQuery(tx: Tx, id: string): Promise<boolean> {
  return (await on(tx).deleteFrom("queries").where("id", "=", id).executeTakeFirst()).numDeletedRows > 0n;
}

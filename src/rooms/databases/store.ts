import type { ColumnType, Generated } from "kysely";
import type { Actor } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { sharesOf, visibleTo } from "#src/rooms/sharing/sharing.ts";
import type { Choices } from "./import/choices.ts";
import type { Table } from "./schema.ts";

type Json<T> = ColumnType<T, string, string>;

/** How a version came to be. */
export interface Source {
  format: string;
  fileName: string;
  encoding?: string;
  delimiter?: string;
  warnings?: Record<string, unknown>[];
  /** What a person decided about the file: the next one of the same shape is read the same way. */
  choices?: Choices;
}

interface DatabaseRow {
  id: string;
  team_id: string;
  name: string;
  description: string;
  version_id: string | null;
  created_by: string | null;
  created_at: Date;
  updated_at: Date;
  /** What an imported workspace calls it. */
  portable_id?: string | null;
  is_restricted?: boolean;
}

export interface NewVersion {
  id: string;
  database_id: string;
  team_id: string;
  number: number;
  blob_key: string;
  size_bytes: number;
  sha256: string;
  tables: Table[];
  source: Source;
  created_by: string | null;
  created_at: Date;
}

interface VersionRow extends Omit<NewVersion, "tables" | "source"> {
  tables: Json<Table[]>;
  source: Json<Source>;
  label: Generated<string>;
  note: Generated<string>;
  restored_from: Generated<number | null>;
}

type DatabaseTables = { databases: DatabaseRow; versions: VersionRow };
const on = (tx: Tx) => tx.withTables<DatabaseTables>();

const joined = (tx: Tx) =>
  on(tx).selectFrom("databases").innerJoin("versions", "versions.id", "databases.version_id").select([
    "databases.id", "databases.team_id", "databases.name", "databases.description", "databases.created_at", "databases.updated_at",
    "versions.id as version_id", "versions.number", "versions.blob_key", "versions.size_bytes", "versions.sha256", "versions.tables", "versions.source",
  ]).select(sharesOf("databases").as("shares"));

export type CurrentRow = Awaited<ReturnType<ReturnType<typeof joined>["executeTakeFirstOrThrow"]>>;

export async function insertDatabase(tx: Tx, row: DatabaseRow): Promise<void> {
  await on(tx).insertInto("databases").values(row).execute();
}

export async function insertVersion(tx: Tx, version: NewVersion): Promise<void> {
  await on(tx).insertInto("versions").values({ ...version, tables: JSON.stringify(version.tables), source: JSON.stringify(version.source) }).execute();
}

/** A database with its current version. */
export async function findDatabase(tx: Tx, id: string): Promise<CurrentRow | null> {
  return (await joined(tx).where("databases.id", "=", id).executeTakeFirst()) ?? null;
}

/** Holds the database's row until the transaction ends, so that of two writers the second sees the first. */
export async function lockDatabase(tx: Tx, id: string): Promise<DatabaseRow | null> {
  return (await on(tx).selectFrom("databases").selectAll().where("id", "=", id).forUpdate().executeTakeFirst()) ?? null;
}

/** All of the team's, or those that the reader sees. */
export async function listDatabases(tx: Tx, options: { team: string; reader?: Actor; before?: string | undefined; limit: number }): Promise<CurrentRow[]> {
  let query = joined(tx).where("databases.team_id", "=", options.team);
  if (options.reader) query = query.where(visibleTo(options.reader, options.team, "databases"));
  if (options.before) query = query.where("databases.id", "<", options.before);
  return await query.orderBy("databases.id", "desc").limit(options.limit).execute();
}

export async function updateDatabase(tx: Tx, id: string, change: Partial<Pick<DatabaseRow, "name" | "description" | "version_id" | "updated_at">>): Promise<void> {
  await on(tx).updateTable("databases").set(change).where("id", "=", id).execute();
}

export async function deleteDatabase(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("databases").where("id", "=", id).execute();
}

export async function listVersions(tx: Tx, options: { database: string; before?: string | undefined; limit: number }) {
  let query = on(tx).selectFrom("versions").selectAll().where("database_id", "=", options.database);
  if (options.before) query = query.where("id", "<", options.before);
  return await query.orderBy("id", "desc").limit(options.limit).execute();
}

export async function findVersion(tx: Tx, database: string, id: string) {
  return (await on(tx).selectFrom("versions").selectAll().where("database_id", "=", database).where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function lastVersionNumber(tx: Tx, database: string): Promise<number> {
  const row = await on(tx).selectFrom("versions").select((e) => e.fn.max("number").as("last")).where("database_id", "=", database).executeTakeFirst();
  return row?.last ?? 0;
}

/** Which of these objects a version points to. */
export async function knownBlobKeys(tx: Tx, keys: string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await on(tx).selectFrom("versions").select("blob_key").where("blob_key", "in", keys).execute();
  return new Set(rows.map((row) => row.blob_key));
}

export async function countDatabases(tx: Tx, team: string): Promise<number> {
  return (await on(tx).selectFrom("databases").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).executeTakeFirstOrThrow()).count;
}

/** Every database of a team with its current version, in the order that an export shows them. */
export async function listPortable(tx: Tx, team: string) {
  const rows = await joined(tx).select(["databases.portable_id", "databases.created_by", "versions.created_at as version_created_at"])
    .where("databases.team_id", "=", team).execute();
  const nameOf = (row: { portable_id?: string | null; id: string }): string => row.portable_id ?? row.id;
  return rows.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** The stored objects with these checksums, as far as the transaction reaches. */
export async function objectsBySha256(tx: Tx, sha256s: string[]): Promise<{ sha256: string; blob_key: string; database_id: string }[]> {
  if (sha256s.length === 0) return [];
  return await on(tx).selectFrom("versions").select(["sha256", "blob_key", "database_id"]).where("sha256", "in", sha256s).where("blob_key", "!=", "").execute();
}

/** Gives an imported version the bytes that it was waiting for. */
export async function setBlobKey(tx: Tx, id: string, blobKey: string): Promise<void> {
  await on(tx).updateTable("versions").set({ blob_key: blobKey }).where("id", "=", id).execute();
}

/** Every database there is. */
export async function listPlaces(tx: Tx): Promise<{ team: string; database: string }[]> {
  return await on(tx).selectFrom("databases").select(["team_id as team", "id as database"]).execute();
}

import type { ColumnType } from "kysely";
import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { ColumnarTable } from "./schema.ts";

/** A table's file where it is stored. */
export interface StoredTable extends ColumnarTable {
  blobKey: string;
  sizeBytes: number;
  sha256: string;
}

export interface CopyRow {
  version_id: string;
  database_id: string;
  team_id: string;
  format: number;
  state: "asked" | "ready" | "failed";
  tables: StoredTable[];
  /** The code of the problem that kept it from being made. */
  reason: string | null;
  asked_at: Date;
  made_at: Date | null;
}

type CopyTables = { columnar_copies: Omit<CopyRow, "tables"> & { tables: ColumnType<StoredTable[], string, string> } };
const on = (tx: Tx) => tx.withTables<CopyTables>();

export async function findCopy(tx: Tx, version: string): Promise<CopyRow | null> {
  return (await on(tx).selectFrom("columnar_copies").selectAll().where("version_id", "=", version).executeTakeFirst()) ?? null;
}

/**
 * Notes that a copy is wanted. True when it has to be made: none was asked for, the one there is of another format, or the
 * last try has failed long ago. False also where the version is gone.
 */
export async function askForCopy(tx: Tx, options: { version: string; database: string; team: string; format: number; now: Date; retryBefore: Date }): Promise<boolean> {
  const { version, database, team, format, now, retryBefore } = options;
  const { rows } = await sql<{ version_id: string }>`insert into columnar_copies (version_id, database_id, team_id, format, state, asked_at)
    select id, database_id, team_id, ${format}, 'asked', ${now} from versions where id = ${version} and database_id = ${database} and team_id = ${team}
    on conflict (version_id) do update set state = 'asked', format = excluded.format, asked_at = excluded.asked_at, reason = null
      where columnar_copies.format <> excluded.format or (columnar_copies.state = 'failed' and columnar_copies.asked_at < ${retryBefore})
    returning version_id`.execute(tx);
  return rows.length > 0;
}

/** False when another has been there first, or the version is gone: then the files are nobody's. */
export async function keepCopy(tx: Tx, options: { version: string; format: number; tables: StoredTable[]; now: Date }): Promise<boolean> {
  const { version, format, tables, now } = options;
  const kept = await on(tx).updateTable("columnar_copies").set({ state: "ready", tables: JSON.stringify(tables), made_at: now })
    .where("version_id", "=", version).where("format", "=", format).where("state", "=", "asked").executeTakeFirst();
  return kept.numUpdatedRows > 0n;
}

export async function failCopy(tx: Tx, options: { version: string; reason: string }): Promise<void> {
  await on(tx).updateTable("columnar_copies").set({ state: "failed", reason: options.reason }).where("version_id", "=", options.version).where("state", "=", "asked").execute();
}

/** The objects of these versions' copies, by version; what is not there has no row. */
export async function keysOfCopies(tx: Tx, versions: string[]): Promise<Map<string, Set<string>>> {
  if (versions.length === 0) return new Map();
  const rows = await on(tx).selectFrom("columnar_copies").select(["version_id", "tables"]).where("version_id", "in", versions).execute();
  return new Map(rows.map((row) => [row.version_id, new Set(row.tables.map((table) => table.blobKey))]));
}

export async function dropCopy(tx: Tx, version: string): Promise<void> {
  await on(tx).deleteFrom("columnar_copies").where("version_id", "=", version).execute();
}

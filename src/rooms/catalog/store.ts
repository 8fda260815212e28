import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

interface DescriptionRow {
  database_id: string;
  team_id: string;
  table_name: string;
  /** Empty for the table itself. */
  column_name: string;
  words: string;
}

type Tables = { descriptions: DescriptionRow };
const on = (tx: Tx) => tx.withTables<Tables>();

export async function listDescriptions(tx: Tx, database: string): Promise<DescriptionRow[]> {
  return await on(tx).selectFrom("descriptions").selectAll().where("database_id", "=", database).orderBy("table_name").orderBy("column_name").execute();
}

export async function listOfTeam(tx: Tx, team: string): Promise<DescriptionRow[]> {
  return await on(tx).selectFrom("descriptions").selectAll().where("team_id", "=", team).execute();
}

export async function putDescription(tx: Tx, row: DescriptionRow): Promise<void> {
  await on(tx).insertInto("descriptions").values(row).onConflict((conflict) => conflict.columns(["database_id", "table_name", "column_name"]).doUpdateSet({ words: row.words })).execute();
}

export async function deleteDescription(tx: Tx, { database_id, table_name, column_name }: Omit<DescriptionRow, "team_id" | "words">): Promise<void> {
  await on(tx).deleteFrom("descriptions").where("database_id", "=", database_id).where("table_name", "=", table_name).where("column_name", "=", column_name).execute();
}

/** Holds the database's row: of two writers the second counts what the first has added. */
export async function lockDatabase(tx: Tx, database: string): Promise<boolean> {
  return (await sql`select 1 from databases where id = ${database} for update`.execute(tx)).rows.length > 0;
}

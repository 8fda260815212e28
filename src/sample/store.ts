import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

export async function isMade(tx: Tx): Promise<boolean> {
  return (await sql`select 1 from sample_made`.execute(tx)).rows.length > 0;
}

export async function setMade(tx: Tx, at: Date): Promise<void> {
  await sql`insert into sample_made (made_at) values (${at}) on conflict do nothing`.execute(tx);
}

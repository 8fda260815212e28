import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Choices } from "./import/choices.ts";
import type { Preview } from "./import/preview.ts";

type Json<T> = ColumnType<T, string, string>;

/** What the sandbox saw, or why it could not be read as it is. */
export interface Looked extends Preview {
  problem: Record<string, unknown> | null;
}

interface Table {
  id: string;
  team_id: string;
  user_id: string | null;
  service_id: string | null;
  database_id: string | null;
  file_name: string;
  content_type: string;
  size_bytes: number;
  blob_key: string;
  choices: Json<Choices>;
  is_remembered: boolean;
  looked: Json<Looked>;
  job_id: string | null;
  created_at: Date;
  expires_at: Date;
}

const on = (tx: Tx) => tx.withTables<{ previews: Table }>();

export type PreviewRow = Awaited<ReturnType<typeof findPreview>> & object;
export type NewPreview = Omit<PreviewRow, "job_id">;

export async function findPreview(tx: Tx, id: string) {
  return (await on(tx).selectFrom("previews").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Holds it until the transaction ends: of two who import it at once the second sees the first. */
export async function lockPreview(tx: Tx, id: string): Promise<PreviewRow | null> {
  return (await on(tx).selectFrom("previews").selectAll().where("id", "=", id).forUpdate().executeTakeFirst()) ?? null;
}

export async function insertPreview(tx: Tx, row: NewPreview): Promise<void> {
  await on(tx).insertInto("previews").values({ ...row, choices: JSON.stringify(row.choices), looked: JSON.stringify(row.looked) }).execute();
}

export async function updatePreview(tx: Tx, id: string, change: { choices?: Choices; is_remembered?: boolean; looked?: Looked; job_id?: string }): Promise<void> {
  const { choices, looked, ...rest } = change;
  await on(tx).updateTable("previews").set({ ...rest, ...(choices ? { choices: JSON.stringify(choices) } : {}), ...(looked ? { looked: JSON.stringify(looked) } : {}) }).where("id", "=", id).execute();
}

export async function deletePreview(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("previews").where("id", "=", id).execute();
}

export async function countPreviews(tx: Tx, team: string): Promise<number> {
  return (await on(tx).selectFrom("previews").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).executeTakeFirstOrThrow()).count;
}

/** Somebody's own, newest first. */
export async function listPreviews(tx: Tx, options: { team: string; uploader: string; before?: string | undefined; limit: number }): Promise<PreviewRow[]> {
  const { team, uploader, before, limit } = options;
  let query = on(tx).selectFrom("previews").selectAll().where("team_id", "=", team).where((e) => e.or([e("user_id", "=", uploader), e("service_id", "=", uploader)]));
  if (before) query = query.where("id", "<", before);
  return await query.orderBy("id", "desc").limit(limit).execute();
}

export async function listExpired(tx: Tx, now: Date): Promise<PreviewRow[]> {
  return await on(tx).selectFrom("previews").selectAll().where("expires_at", "<", now).limit(1_000).execute();
}

/** Which of these objects a preview points to. */
export async function knownPreviewKeys(tx: Tx, keys: string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await on(tx).selectFrom("previews").select("blob_key").where("blob_key", "in", keys).execute();
  return new Set(rows.map((row) => row.blob_key));
}

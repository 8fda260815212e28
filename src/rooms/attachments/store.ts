import type { ColumnType } from "kysely";
import { sql } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Format, Note } from "./schema.ts";

export interface AttachmentRow {
  id: string;
  team_id: string;
  name: string;
  format: Format;
  size_bytes: number;
  /** Of the bytes that are served. */
  sha256: string;
  width: number | null;
  height: number | null;
  pages: number | null;
  notes: Note[];
  /** Empty while an imported one waits for its bytes. */
  blob_key: string;
  small_key: string | null;
  created_by: string | null;
  created_at: Date;
  portable_id: string | null;
}

type Tables = { attachments: Omit<AttachmentRow, "notes"> & { notes: ColumnType<Note[], string, string> } };
const on = (tx: Tx) => tx.withTables<Tables>();

export async function insertAttachment(tx: Tx, row: AttachmentRow): Promise<void> {
  await on(tx).insertInto("attachments").values({ ...row, notes: JSON.stringify(row.notes) }).execute();
}

export async function findAttachment(tx: Tx, id: string): Promise<AttachmentRow | null> {
  return (await on(tx).selectFrom("attachments").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function findAttachments(tx: Tx, team: string, ids: readonly string[]): Promise<AttachmentRow[]> {
  if (ids.length === 0) return [];
  return await on(tx).selectFrom("attachments").selectAll().where("team_id", "=", team).where("id", "in", ids).execute();
}

/** Locks these rows; answers how many are there. */
export async function holdAttachments(tx: Tx, { team, ids }: { team: string; ids: readonly string[] }): Promise<number> {
  return (await on(tx).selectFrom("attachments").select("id").where("team_id", "=", team).where("id", "in", ids).orderBy("id").forUpdate().execute()).length;
}

/** Newest first. */
export async function listAttachments(tx: Tx, { team, before, limit }: { team: string; before?: string | undefined; limit: number }): Promise<AttachmentRow[]> {
  let query = on(tx).selectFrom("attachments").selectAll().where("team_id", "=", team);
  if (before) query = query.where("id", "<", before);
  return await query.orderBy("id", "desc").limit(limit).execute();
}

export async function listPortable(tx: Tx, team: string): Promise<AttachmentRow[]> {
  return await on(tx).selectFrom("attachments").selectAll().where("team_id", "=", team).execute();
}

export async function countAttachments(tx: Tx, team: string): Promise<number> {
  return Number((await on(tx).selectFrom("attachments").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).executeTakeFirstOrThrow()).count);
}

export async function deleteAttachment(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("attachments").where("id", "=", id).execute();
}

/** An imported one of the team that waits for these bytes gets them, in what is published too. Returns the addresses of that. */
export async function fillWaiting(tx: Tx, row: Pick<AttachmentRow, "team_id" | "sha256" | "blob_key" | "small_key">): Promise<{ filled: AttachmentRow; slugs: string[] } | null> {
  const waiting = await on(tx).selectFrom("attachments").select("id").where("team_id", "=", row.team_id).where("sha256", "=", row.sha256).where("blob_key", "=", "").limit(1).executeTakeFirst();
  if (!waiting) return null;
  const filled = await on(tx).updateTable("attachments").set({ blob_key: row.blob_key, small_key: row.small_key }).where("id", "=", waiting.id).returningAll().executeTakeFirstOrThrow();
  const keys = JSON.stringify({ blobKey: row.blob_key, smallKey: row.small_key });
  // A new revision: pages and pictures that were drawn without it are not shown again.
  const { rows } = await sql<{ slug: string }>`update publications set revision = revision + 1, attachments = jsonb_set(attachments, array[${filled.id}], attachments->${filled.id} || ${keys}::jsonb)
    where team_id = ${row.team_id} and attachments ? ${filled.id} returning slug`.execute(tx);
  return { filled, slugs: rows.map(({ slug }) => slug) };
}

export type StoredObject = Pick<AttachmentRow, "sha256" | "blob_key" | "small_key">;

export async function objectsBySha256(tx: Tx, sha256s: readonly string[]): Promise<StoredObject[]> {
  if (sha256s.length === 0) return [];
  return await on(tx).selectFrom("attachments").select(["sha256", "blob_key", "small_key"]).where("sha256", "in", sha256s).where("blob_key", "!=", "").execute();
}

/** How many reports show it, as they are now or as they are published. */
export async function countReports(tx: Tx, { team, id }: { team: string; id: string }): Promise<number> {
  const wanted = JSON.stringify([{ attachment: id }]);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from (
    select id from reports where team_id = ${team} and definition->'blocks' @> ${wanted}::jsonb
    union select report_id from publications where team_id = ${team} and definition->'blocks' @> ${wanted}::jsonb) found`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Which of these objects an attachment points to. */
export async function knownKeys(tx: Tx, keys: string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await on(tx).selectFrom("attachments").select(["blob_key", "small_key"]).where((e) => e.or([e("blob_key", "in", keys), e("small_key", "in", keys)])).execute();
  return new Set(rows.flatMap((row) => (row.small_key === null ? [row.blob_key] : [row.blob_key, row.small_key])));
}

import { sql } from "kysely";
import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { PublicationRow } from "#src/rooms/reports/reports.ts";
import { probeTeamPrefix } from "#src/rooms/teams/teams.ts";

type Tables = { publications: Omit<PublicationRow, "views"> & { views: ColumnType<number, number | undefined, number> } };
const on = (tx: Tx) => tx.withTables<Tables>();

/** The publication at an address, where the transaction's reach shows it. */
export async function findBySlug(tx: Tx, slug: string): Promise<PublicationRow | null> {
  return (await on(tx).selectFrom("publications").selectAll().where("slug", "=", slug).executeTakeFirst()) ?? null;
}

export type Listed = Pick<PublicationRow, "report_id" | "slug" | "definition" | "tags" | "views" | "published_at" | "revision">;

export interface ListOptions {
  /** Folded; each must be found. */
  words: string[];
  /** What was searched for, as it was typed. */
  q: string;
  tag?: string | undefined;
  sort: "recent" | "popular";
  after?: { value: number; id: string } | undefined;
  limit: number;
}

/** What is public, whoever asks. What a promise's check publishes for a moment is found only by its whole title, a random word. */
export async function listPublic(tx: Tx, { words, q, tag, sort, after, limit }: ListOptions): Promise<Listed[]> {
  const key = sort === "recent" ? sql<number>`floor(extract(epoch from published_at) * 1000)::bigint` : sql<number>`views`;
  let query = on(tx).selectFrom("publications").select(["report_id", "slug", "definition", "tags", "views", "published_at", "revision"]).where("visibility", "=", "public")
    .where(sql<boolean>`(not starts_with(team_id, ${probeTeamPrefix}) or definition->>'title' = ${q})`);
  for (const word of words) query = query.where("search", "like", `%${word.replace(/[\\%_]/g, "\\$&")}%`);
  if (tag !== undefined) query = query.where(sql<boolean>`${tag} = any (tags)`);
  if (after) query = query.where(sql<boolean>`(${key}, report_id) < (${after.value}, ${after.id})`);
  return await query.orderBy(sql`${key} desc`).orderBy("report_id", "desc").limit(limit).execute();
}

export async function addViews(tx: Tx, counts: ReadonlyMap<string, number>): Promise<void> {
  const ids = [...counts.keys()];
  await sql`update publications set views = views + seen.count
    from unnest(${ids}::text[], ${ids.map((id) => counts.get(id))}::int[]) as seen(id, count) where report_id = seen.id`.execute(tx);
}

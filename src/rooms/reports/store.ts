import type { ColumnType } from "kysely";
import { sql } from "kysely";
import type { Actor, Share } from "#src/access/access.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Shown } from "#src/rooms/attachments/attachments.ts";
import type { Sight } from "#src/rooms/queries/queries.ts";
import { sharesOf, visibleTo } from "#src/rooms/sharing/sharing.ts";
import type { ReportDefinition, Visibility } from "./schema.ts";

type Json<T> = ColumnType<T, string, string>;

export interface ReportRow {
  id: string;
  team_id: string;
  version: number;
  definition: ReportDefinition;
  created_by: string | null;
  created_at: Date;
  updated_at: Date;
  portable_id: string | null;
}

export interface PublicationRow {
  report_id: string;
  team_id: string;
  slug: string;
  visibility: Visibility;
  report_version: number;
  /** Counts the times that this report was published: what is drawn from one revision never changes. */
  revision: number;
  definition: ReportDefinition;
  /** The frozen version of each database, as its publisher saw it, by the database's id. */
  pins: Record<string, Sight>;
  /** The attachments that it shows, by their ids. */
  attachments: Record<string, Shown>;
  search: string;
  tags: string[];
  views: number;
  published_by: string | null;
  published_at: Date;
  portable_slug: string | null;
}

type Tables = {
  reports: Omit<ReportRow, "definition"> & { definition: Json<ReportDefinition> };
  report_versions: { report_id: string; team_id: string; version: number; definition: Json<ReportDefinition>; created_by: string | null; created_at: Date };
  publications: Omit<PublicationRow, "definition" | "pins" | "attachments" | "views"> & {
    definition: Json<ReportDefinition>; pins: Json<PublicationRow["pins"]>; attachments: Json<PublicationRow["attachments"]>; views: ColumnType<number, number | undefined, number>;
  };
  users: { id: string; name: string };
};
const on = (tx: Tx) => tx.withTables<Tables>();

export interface ReportWithPublication extends ReportRow {
  publication: Pick<PublicationRow, "slug" | "visibility" | "report_version" | "published_at" | "pins"> | null;
}

const joined = (tx: Tx) =>
  on(tx).selectFrom("reports").leftJoin("publications", "publications.report_id", "reports.id").selectAll("reports")
    .select(["publications.slug", "publications.visibility", "publications.report_version", "publications.published_at", "publications.pins"]);

type Joined = Awaited<ReturnType<ReturnType<typeof joined>["execute"]>>[number];

function split({ slug, visibility, report_version, published_at, pins, ...report }: Joined): ReportWithPublication {
  const publication = slug === null ? null : { slug, visibility: visibility!, report_version: report_version!, published_at: published_at!, pins: pins! };
  return { ...(report as ReportRow), publication };
}

export async function insertReport(tx: Tx, row: { id: string; team: string; definition: ReportDefinition; user: string | null; now: Date }): Promise<void> {
  const { id, team, user, now } = row;
  const definition = JSON.stringify(row.definition);
  await on(tx).insertInto("reports").values({
    id, team_id: team, version: 1, definition, created_by: user, created_at: now, updated_at: now, portable_id: null,
  }).execute();
  await on(tx).insertInto("report_versions").values({ report_id: id, team_id: team, version: 1, definition, created_by: user, created_at: now }).execute();
}

export async function findReport(tx: Tx, id: string): Promise<ReportWithPublication | null> {
  const row = await joined(tx).where("reports.id", "=", id).executeTakeFirst();
  return row ? split(row) : null;
}

/** The team of a report, where it is within reach, and whom it is restricted to. */
export async function findPlace(tx: Tx, id: string): Promise<{ team: string; shares: Share[] | null } | null> {
  return (await on(tx).selectFrom("reports").select("team_id as team").select(sharesOf("reports").as("shares")).where("id", "=", id).executeTakeFirst()) ?? null;
}

/** As `findReport`, and nobody else changes it until the transaction ends. */
export async function lockReport(tx: Tx, id: string): Promise<ReportRow | null> {
  return ((await on(tx).selectFrom("reports").selectAll().where("id", "=", id).forUpdate().executeTakeFirst()) as ReportRow | undefined) ?? null;
}

/** All of the team's, or those that the reader sees. */
export async function listReports(tx: Tx, options: { team: string; reader?: Actor; before?: string | undefined; limit: number }): Promise<ReportWithPublication[]> {
  let query = joined(tx).where("reports.team_id", "=", options.team);
  if (options.reader) query = query.where(visibleTo(options.reader, options.team, "reports"));
  if (options.before) query = query.where("reports.id", "<", options.before);
  return (await query.orderBy("reports.id", "desc").limit(options.limit).execute()).map(split);
}

export async function countReports(tx: Tx, team: string): Promise<number> {
  return Number((await on(tx).selectFrom("reports").select((e) => e.fn.countAll<number>().as("count")).where("team_id", "=", team).executeTakeFirstOrThrow()).count);
}

export async function addVersion(tx: Tx, row: { report: ReportRow; definition: ReportDefinition; user: string | null; now: Date }): Promise<void> {
  const { report, user, now } = row;
  const definition = JSON.stringify(row.definition);
  const version = report.version + 1;
  await on(tx).insertInto("report_versions").values({ report_id: report.id, team_id: report.team_id, version, definition, created_by: user, created_at: now }).execute();
  await on(tx).updateTable("reports").set({ version, definition, updated_at: now }).where("id", "=", report.id).execute();
}

/**
 * Drops the newest version where it is only a step of the same person's typing: made less than `spanMs` after the one
 * before it, less than `spanMs` ago, and not what readers see. Called before the next step is added.
 */
export async function dropStep(tx: Tx, options: { report: ReportRow; user: string | null; now: Date; spanMs: number }): Promise<void> {
  const { report, user, now, spanMs } = options;
  const since = new Date(now.getTime() - spanMs);
  await sql`delete from report_versions as step using report_versions as before
    where step.report_id = ${report.id} and before.report_id = step.report_id and step.version = ${report.version} and step.version > 1
      and before.version = (select max(version) from report_versions where report_id = step.report_id and version < step.version)
      and step.created_by is not distinct from ${user} and before.created_by is not distinct from ${user}
      and step.created_at > ${since} and step.created_at < before.created_at + make_interval(secs => ${spanMs / 1_000})
      and not exists (select 1 from publications where report_id = step.report_id and report_version = step.version)`.execute(tx);
}

export async function deleteReport(tx: Tx, id: string): Promise<void> {
  await on(tx).deleteFrom("reports").where("id", "=", id).execute();
}

export interface VersionRow {
  version: number;
  definition: ReportDefinition;
  created_by: string | null;
  created_at: Date;
  /** Null where the person is gone. */
  user_name: string | null;
}

const versions = (tx: Tx) =>
  on(tx).selectFrom("report_versions").leftJoin("users", "users.id", "report_versions.created_by")
    .select(["report_versions.version", "report_versions.definition", "report_versions.created_by", "report_versions.created_at", "users.name as user_name"]);

export async function listVersions(tx: Tx, options: { report: string; before?: number | undefined; limit: number }): Promise<VersionRow[]> {
  let query = versions(tx).where("report_id", "=", options.report);
  if (options.before !== undefined) query = query.where("version", "<", options.before);
  return await query.orderBy("version", "desc").limit(options.limit).execute();
}

export async function findVersion(tx: Tx, report: string, version: number): Promise<VersionRow | null> {
  return (await versions(tx).where("report_id", "=", report).where("version", "=", version).executeTakeFirst()) ?? null;
}

export type NewPublication = Omit<PublicationRow, "views" | "revision" | "portable_slug">;

/** Publishes for the first time, or again under the same address as the next revision. */
export async function savePublication(tx: Tx, { pins, attachments, definition, ...row }: NewPublication): Promise<PublicationRow> {
  const frozen = { ...row, pins: JSON.stringify(pins), attachments: JSON.stringify(attachments), definition: JSON.stringify(definition) };
  const { report_id: _report, slug: _slug, team_id: _team, ...change } = frozen;
  return await on(tx).insertInto("publications").values({ ...frozen, revision: 1, portable_slug: null })
    .onConflict((conflict) => conflict.column("report_id").doUpdateSet({ ...change, revision: sql<number>`publications.revision + 1` }))
    .returningAll().executeTakeFirstOrThrow();
}

export async function deletePublication(tx: Tx, report: string): Promise<string | null> {
  return (await on(tx).deleteFrom("publications").where("report_id", "=", report).returning("slug").executeTakeFirst())?.slug ?? null;
}

/** The versions of databases that the team's publications show. */
export async function publishedVersions(tx: Tx, team: string): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select distinct pin.value ->> 'id' as id from publications, jsonb_each(pins) as pin where team_id = ${team}`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

export async function isSlugTaken(tx: Tx, slug: string): Promise<boolean> {
  return (await on(tx).selectFrom("publications").select("slug").where("slug", "=", slug).executeTakeFirst()) !== undefined;
}

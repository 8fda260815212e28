import type { ColumnType } from "kysely";
import { withKey } from "#src/access/rows.ts";
import type { RowAccess } from "#src/access/rows.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Shown } from "#src/rooms/attachments/attachments.ts";
import { attachmentsOf } from "./check.ts";
import type { ReportDefinition } from "./schema.ts";

type Json<T> = ColumnType<T, string, string>;

/** A report in a workspace's export, with its publication as it is frozen. */
export interface PortableReport {
  id: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  createdBy: string | null;
  /** As with a database. */
  restricted?: true;
  definition: ReportDefinition;
  publication: PortablePublication | null;
}

interface PortablePublication {
  slug: string;
  visibility: "team" | "link" | "public";
  reportVersion: number;
  revision: number;
  definition: ReportDefinition;
  /** The SHA-256 of the frozen version of each database. */
  contents: Record<string, string>;
  /** What the publisher saw of the rows of each database, where rules hid some. */
  rows?: Record<string, RowAccess>;
  publishedAt: string;
  publishedBy: string | null;
}

/** A pin as the publications table keeps it; `VersionRef` of the databases room. */
interface Pin {
  id: string;
  database: string;
  team: string;
  blobKey: string;
  sha256: string;
  sizeBytes: number;
  /** What the publisher saw of the rows; without it, all. */
  rows?: RowAccess | null;
}

type TransferTables = {
  reports: {
    id: string; team_id: string; version: number; definition: Json<ReportDefinition>; created_by: string | null; created_at: Date; updated_at: Date;
    portable_id: string | null;
    is_restricted: boolean;
  };
  report_versions: { report_id: string; team_id: string; version: number; definition: Json<ReportDefinition>; created_by: string | null; created_at: Date };
  publications: {
    report_id: string; team_id: string; slug: string; visibility: PortablePublication["visibility"]; report_version: number; revision: number;
    definition: Json<ReportDefinition>; pins: Json<Record<string, Pin>>; attachments: Json<Record<string, Shown>>; search: string; tags: string[]; published_by: string | null; published_at: Date;
    portable_slug: string | null;
  };
};
const on = (tx: Tx) => tx.withTables<TransferTables>();

export interface ExportOptions {
  team: string;
  /** The name that the export uses for an attachment, by its id. */
  attachments: ReadonlyMap<string, string>;
  emails: ReadonlyMap<string, string>;
  /** The name that the export uses for a database, by its id. */
  databases: ReadonlyMap<string, string>;
}

/** In the order of their ids. */
export async function exportReports(tx: Tx, { team, emails, databases, attachments }: ExportOptions): Promise<PortableReport[]> {
  const reports = await on(tx).selectFrom("reports").selectAll().where("team_id", "=", team).execute();
  const publications = await on(tx).selectFrom("publications").selectAll().where("team_id", "=", team).execute();
  const published = new Map(publications.map((one) => [one.report_id, one]));
  const email = (id: string | null): string | null => emails.get(id ?? "") ?? null;
  return reports.map((row): PortableReport => {
    const one = published.get(row.id);
    return {
      id: row.portable_id ?? row.id, version: row.version, createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(),
      createdBy: email(row.created_by), ...(row.is_restricted ? { restricted: true as const } : {}), definition: rename(row.definition, { databases, attachments }),
      publication: one ? {
        slug: one.portable_slug ?? one.slug, visibility: one.visibility, reportVersion: one.report_version, revision: one.revision,
        definition: rename(one.definition, { databases, attachments }),
        contents: Object.fromEntries(Object.values(one.pins).map((pin): [string, string] => [databases.get(pin.database) ?? pin.database, pin.sha256]).sort()),
        ...rowsOf(one.pins, databases), publishedAt: one.published_at.toISOString(), publishedBy: email(one.published_by),
      } : null,
    };
  }).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function rowsOf(pins: Record<string, Pin>, databases: ReadonlyMap<string, string>): Pick<PortablePublication, "rows"> {
  const seen = Object.values(pins).flatMap(({ database, rows }): [string, RowAccess][] => (rows ? [[databases.get(database) ?? database, rows]] : [])).sort();
  return seen.length === 0 ? {} : { rows: Object.fromEntries(seen) };
}

export interface ImportOptions {
  team: string;
  reports: PortableReport[];
  users: ReadonlyMap<string, string>;
  /** New id by the export's name. */
  databases: ReadonlyMap<string, string>;
  /** New ids by the export's names, and what pages show of the new ones. */
  attachments: { ids: ReadonlyMap<string, string>; shown: ReadonlyMap<string, Shown> };
  /** The frozen version of a database with these contents. */
  pinOf(database: string, sha256: string): Pin | null;
  newId(kind: string): string;
  newSlug(wanted: string, visibility: string): Promise<string>;
  searchText(definition: ReportDefinition): string;
}

/** Makes the reports and their publications again; returns the addresses that are now public. */
export async function importReports(tx: Tx, options: ImportOptions): Promise<string[]> {
  const slugs: string[] = [];
  for (const one of options.reports) {
    const id = options.newId("rep");
    const definition = JSON.stringify(rename(one.definition, { databases: options.databases, attachments: options.attachments.ids }));
    const user = options.users.get(one.createdBy ?? "") ?? null;
    const [createdAt, updatedAt] = [new Date(one.createdAt), new Date(one.updatedAt)];
    await on(tx).insertInto("reports").values({
      id, team_id: options.team, version: one.version, definition, created_by: user, created_at: createdAt, updated_at: updatedAt, portable_id: one.id, is_restricted: one.restricted ?? false,
    }).execute();
    await on(tx).insertInto("report_versions").values({ report_id: id, team_id: options.team, version: one.version, definition, created_by: user, created_at: updatedAt }).execute();
    if (one.publication) slugs.push(await importPublication(tx, { ...options, report: id, publication: one.publication }));
  }
  return slugs;
}

async function importPublication(tx: Tx, options: ImportOptions & { report: string; publication: PortablePublication }): Promise<string> {
  const { publication, team, report } = options;
  const slug = await options.newSlug(publication.slug, publication.visibility);
  const definition = rename(publication.definition, { databases: options.databases, attachments: options.attachments.ids });
  const shown = [...attachmentsOf(definition).keys()].flatMap((id): [string, Shown][] => (options.attachments.shown.has(id) ? [[id, options.attachments.shown.get(id)!]] : []));
  const pins: Record<string, Pin> = {};
  for (const [name, sha256] of Object.entries(publication.contents)) {
    const database = options.databases.get(name) ?? name;
    // The importer sees no more than the publication showed.
    const rows = publication.rows?.[name];
    const pin = options.pinOf(database, sha256) ?? { id: "", database, team, blobKey: "", sha256, sizeBytes: 0 };
    pins[database] = rows ? { ...pin, rows: withKey(rows) } : pin;
  }
  await on(tx).insertInto("publications").values({
    report_id: report, team_id: team, slug, visibility: publication.visibility, report_version: publication.reportVersion, revision: publication.revision,
    definition: JSON.stringify(definition), pins: JSON.stringify(pins), attachments: JSON.stringify(Object.fromEntries(shown)), search: options.searchText(definition), tags: definition.tags ?? [],
    published_by: options.users.get(publication.publishedBy ?? "") ?? null, published_at: new Date(publication.publishedAt), portable_slug: publication.slug,
  }).execute();
  return slug;
}

/** The same definition with each database and attachment called by another name; an unknown one keeps its own. */
function rename(definition: ReportDefinition, names: { databases: ReadonlyMap<string, string>; attachments: ReadonlyMap<string, string> }): ReportDefinition {
  const database = (id: string): string => names.databases.get(id) ?? id;
  return {
    ...definition,
    parameters: definition.parameters.map((one) =>
      one.options && !Array.isArray(one.options) ? { ...one, options: { ...one.options, database: database(one.options.database) } } : one,
    ),
    blocks: definition.blocks.map((block) => {
      if ("database" in block) return { ...block, database: database(block.database) };
      return block.kind === "image" && block.attachment !== undefined ? { ...block, attachment: names.attachments.get(block.attachment) ?? block.attachment } : block;
    }),
  };
}

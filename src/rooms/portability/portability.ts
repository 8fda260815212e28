import type { Static } from "typebox";
import { Value } from "typebox/value";
import type { Actor } from "#src/access/access.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { PortableAgreements } from "#src/rooms/agreements/schema.ts";
import { exportAgreements, importAgreements } from "#src/rooms/agreements/transfer.ts";
import { attachmentKeyOf, copyAttachments, exportAttachments, findAttachmentObjects, importAttachments } from "#src/rooms/attachments/transfer.ts";
import type { PortableAttachment } from "#src/rooms/attachments/transfer.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { exportDescriptions, importDescriptions } from "#src/rooms/catalog/transfer.ts";
import type { PortableDescriptions } from "#src/rooms/catalog/transfer.ts";
import { blobKeyOf, copyContents, exportDatabases, findContents, importDatabases } from "#src/rooms/databases/transfer.ts";
import type { PortableDatabase } from "#src/rooms/databases/transfer.ts";
import { exportQueries, importQueries } from "#src/rooms/queries/transfer.ts";
import type { PortableQuery } from "#src/rooms/queries/transfer.ts";
import { ReportDefinition } from "#src/rooms/reports/schema.ts";
import { exportReports, importReports } from "#src/rooms/reports/transfer.ts";
import type { PortableReport } from "#src/rooms/reports/transfer.ts";
import { exportRules, importRules } from "#src/rooms/rules/transfer.ts";
import type { PortableRules } from "#src/rooms/rules/transfer.ts";
import { exportMembers, exportTeam, importMembers, importTeam } from "#src/rooms/teams/transfer.ts";
import type { PortableTeam, PortableUser } from "#src/rooms/teams/transfer.ts";
import type { Workspace } from "./schema.ts";
import * as store from "./store.ts";

export interface PortableWorkspace {
  schema: 1;
  team: PortableTeam;
  users: PortableUser[];
  databases: PortableDatabase[];
  queries: PortableQuery[];
  rules: PortableRules[];
  /** Missing from what older versions exported, as are the next. */
  descriptions?: PortableDescriptions[];
  attachments?: PortableAttachment[];
  reports: PortableReport[];
  /** Missing from what older versions exported. */
  agreements?: PortableAgreements;
}

export interface Portability {
  /** The whole workspace as of one moment, in a stable order: the same workspace gives the same bytes. */
  exportTeam(options: { team: string; by: Doer }): Promise<PortableWorkspace>;
  /** The same workspace again, in an empty team; all of it or nothing. Throws IMPORT_NOT_EMPTY, IMPORT_INVALID. */
  importTeam(options: { team: string; workspace: Static<typeof Workspace>; actor: Actor; by: Doer }): Promise<{ databases: number; queries: number; reports: number; waiting: number }>;
}

interface Parts {
  postgres: Postgres;
  audit: Audit;
  blobs: Blobs;
  clock: Clock;
  /** Whether the actor may have all of a database's contents. */
  mayCopy(actor: Actor, database: string): Promise<boolean>;
  newSlug(wanted: string, visibility: string): Promise<string>;
  searchText(definition: ReportDefinition): string;
}

export function createPortability(parts: Parts): Portability {
  return {
    exportTeam: ({ team, by }) =>
      // One snapshot: what changes meanwhile is in all of the export or in none of it.
      parts.postgres.transaction({ teams: [team], snapshot: true }, async (tx) => {
        const users = await exportMembers(tx, team);
        const emails = new Map(users.map((user) => [user.id, user.portable.email]));
        const databases = await exportDatabases(tx, { team, emails });
        const names = await store.databaseNames(tx, team);
        const queries = await exportQueries(tx, { team, emails, databases: names });
        const rules = await exportRules(tx, { team, emails, databases: names });
        const descriptions = await exportDescriptions(tx, { team, databases: names });
        const attachments = await exportAttachments(tx, { team, emails });
        const reports = await exportReports(tx, { team, emails, databases: names, attachments: attachments.names });
        await parts.audit.record(tx, { team, action: "team:export", by, resource: { kind: "team", id: team }, facts: { databases: databases.length, reports: reports.length } });
        return { schema: 1, team: await exportTeam(tx, team), users: users.map((user) => user.portable), databases, queries, rules, descriptions, attachments: attachments.portable, reports, agreements: await exportAgreements(tx, team) };
      }),
    importTeam: (options) => importWorkspace(parts, options),
  };
}

async function importWorkspace(
  parts: Parts, options: { team: string; workspace: Static<typeof Workspace>; actor: Actor; by: Doer },
): Promise<{ databases: number; queries: number; reports: number; waiting: number }> {
  const { postgres, audit, blobs, clock } = parts;
  const { team, actor, by } = options;
  const workspace = options.workspace as unknown as PortableWorkspace;
  holdReports(workspace.reports);
  await postgres.transaction({ teams: [team] }, async (tx) => {
    if (!(await store.isEmpty(tx, team))) throw new Problem("IMPORT_NOT_EMPTY");
  });
  const sha256s = [...new Set(workspace.databases.map((one) => one.version.sha256))];
  // Objects come first: without the commit nothing points to them and they are swept.
  const contents = await findCopies(parts, actor, sha256s);
  const blobKeys = await copyContents({ blobs, contents, newKey: () => blobKeyOf(team, newId("ver", clock)) });
  const pictures = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => findAttachmentObjects(tx, (workspace.attachments ?? []).map((one) => one.sha256)));
  const copied = await copyAttachments({ blobs, found: pictures, newKey: () => attachmentKeyOf(team, newId("att", clock)) });
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    await store.lockTeam(tx, team);
    if (!(await store.isEmpty(tx, team))) throw new Problem("IMPORT_NOT_EMPTY");
    const make = (kind: string): string => newId(kind, clock);
    await importTeam(tx, { team, portable: workspace.team });
    const users = await importMembers(tx, { team, users: workspace.users, newId: make, now: clock.date() });
    const databases = await importDatabases(tx, { team, databases: workspace.databases, users, newId: make, blobKeys });
    await importQueries(tx, { team, queries: workspace.queries, users, databases, newId: make });
    // An export of before there were rules has none.
    await importRules(tx, { team, rules: workspace.rules ?? [], users, databases, newId: make, now: clock.date() });
    await importDescriptions(tx, { team, descriptions: workspace.descriptions ?? [], databases });
    const pins = await store.pins(tx, team);
    const attachments = await importAttachments(tx, { team, attachments: workspace.attachments ?? [], users, copied, newId: make });
    const slugs = await importReports(tx, {
      team, reports: workspace.reports, users, databases, attachments, newId: make, newSlug: parts.newSlug, searchText: parts.searchText,
      pinOf: (database, sha256) => pins.find((pin) => pin.database === database && pin.sha256 === sha256) ?? null,
    });
    if (workspace.agreements) await importAgreements(tx, { team, portable: workspace.agreements, newId: make });
    const counts = { databases: workspace.databases.length, queries: workspace.queries.length, reports: workspace.reports.length };
    await audit.record(tx, { team, action: "team:import", by, resource: { kind: "team", id: team }, facts: counts });
    for (const id of users.values()) await postgres.announce(tx, { kind: "user", id });
    for (const id of slugs) await postgres.announce(tx, { kind: "publication", id });
    const waiting = workspace.databases.filter((one) => !blobKeys.has(one.version.sha256)).length + (workspace.attachments ?? []).filter((one) => !copied.has(one.sha256)).length;
    return { ...counts, waiting };
  });
}

/** Of contents in the importer's teams those that they may download as they are: an import is no way around what is hidden from them. */
async function findCopies({ postgres, mayCopy }: Parts, actor: Actor, sha256s: string[]): ReturnType<typeof findContents> {
  const found = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => findContents(tx, sha256s));
  const allowed = new Map<string, boolean>();
  for (const { database_id: database } of found) if (!allowed.has(database)) allowed.set(database, await mayCopy(actor, database));
  return found.filter((one) => allowed.get(one.database_id));
}

function holdReports(reports: PortableReport[]): void {
  reports.forEach((report, index) => {
    for (const [name, definition] of [["definition", report.definition], ["publication/definition", report.publication?.definition]] as const) {
      if (definition === undefined || Value.Check(ReportDefinition, definition)) continue;
      const [error] = Value.Errors(ReportDefinition, definition);
      throw new Problem("IMPORT_INVALID", { values: { reason: `reports/${index}/${name}${error?.instancePath ?? ""}: ${error?.message ?? "not a report"}` } });
    }
  });
}

import { randomBytes } from "node:crypto";
import { sees } from "#src/access/access.ts";
import type { Actor, Resource } from "#src/access/access.ts";
import type { RowRules } from "#src/access/rows.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { holdAttachments as holdAttachmentsOf } from "#src/rooms/attachments/attachments.ts";
import type { Attachments, Shown } from "#src/rooms/attachments/attachments.ts";
import { holdVersions } from "#src/rooms/databases/databases.ts";
import type { Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import type { Queries, QuestionSql, Sight } from "#src/rooms/queries/queries.ts";
import { attachmentsOf, checkDefinition, databasesOf, questionsOf } from "./check.ts";
import { fillBlocks, isFilled, reasonOf } from "./fill.ts";
import { reportsMax } from "./schema.ts";
import type { ReportDefinition, Visibility } from "./schema.ts";
import { isSameQuestion, writeQuestions } from "./questions.ts";
import * as store from "./store.ts";
import type { PublicationRow, ReportWithPublication } from "./store.ts";

export { publishedVersions } from "./store.ts";
export type { PublicationRow, ReportWithPublication } from "./store.ts";

/** For whom rows are shown: whoever asks by a request, or the program on its operator's behalf, which sees all. */
export type Reader = Actor | null | "operator";

export interface Reports {
  find(actor: Actor, id: string): Promise<Resource | null>;
  get(team: string, id: string): Promise<ReportWithPublication>;
  list(options: { team: string; reader?: Actor; before?: string | undefined; limit: number }): Promise<ReportWithPublication[]>;
  /** Throws REPORT_INVALID, CHART_INVALID, REPORTS_TOO_MANY. */
  create(options: { team: string; definition: ReportDefinition; reader?: Actor | null; by: Doer }): Promise<ReportWithPublication>;
  /** A new version. `expected` is the version that the change was made from: another one meanwhile is REPORT_CHANGED. */
  update(options: { team: string; id: string; definition: ReportDefinition; expected?: number | undefined; isStep?: boolean; reader?: Actor | null; by: Doer }): Promise<ReportWithPublication>;
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  versions(options: { team: string; id: string; before?: number | undefined; limit: number }): Promise<store.VersionRow[]>;
  getVersion(options: { team: string; id: string; version: number }): Promise<store.VersionRow>;
  /** Freezes the report and the databases it asks, as this actor sees them now. Throws REPORT_BLOCK_FAILED when readers would see an error. */
  publish(options: { team: string; id: string; visibility: Visibility; language: Language; actor: Reader; by: Doer; signal?: AbortSignal }): Promise<PublicationRow>;
  withdraw(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** The event of a report that leaves as a file. */
  recordDownload(options: { team: string; id: string; format: "png"; by: Doer }): Promise<void>;
  /** The databases' current versions as this actor sees them, for a report that is not frozen. */
  currentPins(options: { team: string; definition: ReportDefinition; actor: Reader }): Promise<Record<string, Sight>>;
}

export interface ReportsParts {
  attachments: Attachments;
  postgres: Postgres;
  audit: Audit;
  databases: Databases;
  queries: Queries;
  questions: Pick<QuestionSql, "write">;
  rules: RowRules;
  clock: Clock;
}

// Autosave makes a version every second or so; within this span the steps of one person's typing are one version.
const stepSpanMs = 2 * 60_000;

export function createReports(parts: ReportsParts): Reports {
  const { postgres, audit, clock } = parts;
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const get = (team: string, id: string): Promise<ReportWithPublication> => within(team, async (tx) => (await store.findReport(tx, id)) ?? missing());
  return {
    async find(actor, id) {
      const place = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => store.findPlace(tx, id));
      return place && { kind: "report", id, ...place };
    },
    get,
    recordDownload: ({ team, id, format, by }) => within(team, (tx) => audit.record(tx, { team, action: "report:download", by, resource: { kind: "report", id }, facts: { format } })),
    list: (options) => within(options.team, (tx) => store.listReports(tx, options)),
    async create({ team, definition: given, reader, by }) {
      checkDefinition(given);
      await holdDatabases({ parts, team, definition: given, reader, before: null });
      const definition = await writeQuestions({ parts, team, definition: given, before: null });
      await holdAttachments({ parts, team, definition, before: null });
      const id = newId("rep", clock);
      return await within(team, async (tx) => {
        if ((await store.countReports(tx, team)) >= reportsMax) throw new Problem("REPORTS_TOO_MANY", { values: { max: reportsMax } });
        await store.insertReport(tx, { id, team, definition, user: by.user, now: clock.date() });
        await audit.record(tx, { team, action: "report:create", by, resource: { kind: "report", id }, facts: { blocks: definition.blocks.length } });
        return (await store.findReport(tx, id)) ?? missing();
      });
    },
    async update({ team, id, definition: given, expected, isStep = false, reader, by }) {
      checkDefinition(given);
      const before = (await get(team, id)).definition;
      await holdDatabases({ parts, team, definition: given, reader, before });
      await holdQuestions({ parts, team, definition: given, reader, before });
      const definition = await writeQuestions({ parts, team, definition: given, before });
      await holdAttachments({ parts, team, definition, before });
      return await within(team, async (tx) => {
        const report = (await store.lockReport(tx, id)) ?? missing();
        if (expected !== undefined && expected !== report.version) throw new Problem("REPORT_CHANGED", { values: { version: report.version } });
        const change = { report, definition, user: by.user, now: clock.date() };
        if (isStep) await store.dropStep(tx, { ...change, spanMs: stepSpanMs });
        await store.addVersion(tx, change);
        await audit.record(tx, { team, action: "report:update", by, resource: { kind: "report", id }, facts: { version: report.version + 1 } });
        await postgres.announce(tx, { kind: "report", id });
        return (await store.findReport(tx, id)) ?? missing();
      });
    },
    delete: ({ team, id, by }) =>
      within(team, async (tx) => {
        if (!(await store.lockReport(tx, id))) missing();
        const slug = await store.deletePublication(tx, id);
        await store.deleteReport(tx, id);
        await audit.record(tx, { team, action: "report:delete", by, resource: { kind: "report", id } });
        await postgres.announce(tx, { kind: "report", id });
        if (slug !== null) await postgres.announce(tx, { kind: "publication", id: slug });
      }),
    versions: ({ team, id, ...page }) => within(team, (tx) => store.listVersions(tx, { report: id, ...page })),
    async getVersion({ team, id, version }) {
      const row = await within(team, (tx) => store.findVersion(tx, id, version));
      if (!row) throw new Problem("REPORT_VERSION_NOT_FOUND", { values: { version } });
      return row;
    },
    publish: (options) => publish(parts, options),
    withdraw: ({ team, id, by }) =>
      within(team, async (tx) => {
        if (!(await store.lockReport(tx, id))) missing();
        const slug = await store.deletePublication(tx, id);
        // Withdrawn already: what was asked for is so.
        if (slug === null) return;
        await audit.record(tx, { team, action: "report:withdraw", by, resource: { kind: "report", id } });
        await postgres.announce(tx, { kind: "publication", id: slug });
      }),
    currentPins: (options) => pinsOf(parts, options),
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

/** A database that the report newly names must be the team's; one that is gone since stays named, so that editing goes on. */
async function holdDatabases(options: { parts: ReportsParts; team: string; definition: ReportDefinition; reader?: Actor | null | undefined; before: ReportDefinition | null }): Promise<void> {
  const { parts, team, definition, reader, before } = options;
  const known = before ? databasesOf(before) : new Map<string, string>();
  for (const [database, pointer] of databasesOf(definition)) {
    if (known.has(database) || (await isThere(parts.databases, { team, id: database, reader }))) continue;
    throw new Problem("REPORT_INVALID", {
      values: { pointer, reason: `the team has no database ${database}`, reasonJa: `データベース ${database} はこのチームにありません` },
    });
  }
}

/** An attachment that the report newly shows must be the team's. */
async function holdAttachments({ parts, team, definition, before }: { parts: ReportsParts; team: string; definition: ReportDefinition; before: ReportDefinition | null }): Promise<void> {
  const known = before ? attachmentsOf(before) : new Map<string, string>();
  const added = [...attachmentsOf(definition)].filter(([id]) => !known.has(id));
  const found = await parts.attachments.show(team, added.map(([id]) => id));
  for (const [id, pointer] of added) {
    if (!found[id]) throw new Problem("REPORT_INVALID", { values: { pointer, reason: `the team has no attachment ${id}`, reasonJa: `添付ファイル ${id} はこのチームにありません` } });
  }
}

/**
 * Whoever does not see a database leaves what is asked of it as it is: somebody who does may publish the answer. What
 * stays, moves or goes is no matter.
 */
async function holdQuestions(options: { parts: ReportsParts; definition: ReportDefinition; team: string; reader?: Actor | null | undefined; before: ReportDefinition }): Promise<void> {
  const { parts, team, definition, reader, before } = options;
  if (!reader) return;
  const known = questionsOf(before);
  for (const asked of questionsOf(definition)) {
    const { database, pointer } = asked;
    if (known.some((one) => isSameQuestion(one, asked)) || (await isSeen(parts.databases, reader, database)) || (await pinOf(parts.databases, team, database)) === null) continue;
    throw new Problem("REPORT_INVALID", {
      values: { pointer, reason: `it asks something else of the database ${database}, which is not shared with you`, reasonJa: `共有されていないデータベース ${database} への問い合わせは変更できません` },
    });
  }
}

async function isThere(databases: Databases, { team, id, reader }: { team: string; id: string; reader?: Actor | null | undefined }): Promise<boolean> {
  if (reader && !(await isSeen(databases, reader, id))) return false;
  return (await pinOf(databases, team, id)) !== null;
}

async function isSeen(databases: Databases, reader: Actor, id: string): Promise<boolean> {
  const found = await databases.find(reader, id);
  return found !== null && sees(reader, found);
}

async function pinOf(databases: Databases, team: string, id: string): Promise<VersionRef | null> {
  try {
    return await databases.currentVersion(team, id);
  } catch (error) {
    if (error instanceof Problem && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

async function pinsOf({ databases, rules }: ReportsParts, options: { team: string; definition: ReportDefinition; actor: Reader }): Promise<Record<string, Sight>> {
  const { team, definition, actor } = options;
  const pins: Record<string, Sight> = {};
  for (const id of databasesOf(definition).keys()) {
    // What is not shared with the reader is not there for them, in a report either.
    if (actor !== "operator" && (!actor || !(await isSeen(databases, actor, id)))) continue;
    const pin = await pinOf(databases, team, id);
    if (pin) pins[id] = { ...pin, rows: actor === "operator" ? null : await rules.accessOf(actor, { id, team }) };
  }
  return pins;
}

async function publish(parts: ReportsParts, options: Parameters<Reports["publish"]>[0]): Promise<PublicationRow> {
  const { postgres, audit, clock } = parts;
  const { team, id, visibility, language, actor, by, signal } = options;
  const report = await postgres.transaction({ teams: [team] }, async (tx) => (await store.findReport(tx, id)) ?? missing());
  const pins = await pinsOf(parts, { team, definition: report.definition, actor });
  await holdBlocks({ parts, definition: report.definition, pins, language, signal });
  const attachments = await attachmentsToShow({ parts, team, definition: report.definition, language });
  const slug = report.publication?.slug ?? (await newSlug(postgres, stemOf(report.definition.title)));
  return await postgres.transaction({ teams: [team] }, async (tx) => {
    const now = (await store.lockReport(tx, id)) ?? missing();
    await holdAttachmentsOf(tx, team, Object.keys(attachments));
    await holdVersions(tx, Object.values(pins).map((pin) => pin.id));
    // What was looked at is what is published: an edit meanwhile is not in it.
    const published = await store.savePublication(tx, {
      report_id: id, team_id: team, slug, visibility, report_version: report.version, definition: report.definition, pins, attachments, search: searchText(report.definition),
      tags: report.definition.tags ?? [], published_by: by.user, published_at: clock.date(),
    });
    await audit.record(tx, { team, action: "report:publish", by, resource: { kind: "report", id: now.id }, facts: { visibility, version: report.version } });
    await postgres.announce(tx, { kind: "publication", id: published.slug });
    return published;
  });
}

async function holdBlocks(options: { parts: ReportsParts; definition: ReportDefinition; pins: Record<string, Sight>; language: Language; signal?: AbortSignal | undefined }): Promise<void> {
  const { parts, definition, pins, language, signal } = options;
  const values = Object.fromEntries(definition.parameters.map((parameter) => [parameter.name, parameter.default ?? null]));
  const filled = await fillBlocks(parts.queries, { definition, pins, values, signal });
  for (const block of definition.blocks) {
    const found = filled[block.id];
    if (found === undefined || isFilled(found)) continue;
    // A server that is busy or going down says nothing of the report.
    if (found.problem.status === 503 || found.problem.status === 499) throw found.problem;
    throw new Problem("REPORT_BLOCK_FAILED", { values: { block: block.title ?? block.id, reason: reasonOf(found.problem, language) }, cause: found.problem });
  }
}

async function attachmentsToShow(options: { parts: ReportsParts; team: string; definition: ReportDefinition; language: Language }): Promise<Record<string, Shown>> {
  const { parts, team, definition, language } = options;
  const shown = await parts.attachments.show(team, [...attachmentsOf(definition).keys()]);
  for (const block of definition.blocks) {
    if (block.kind !== "image" || block.attachment === undefined || shown[block.attachment]?.blobKey) continue;
    const cause = new Problem(shown[block.attachment] ? "ATTACHMENT_CONTENTS_MISSING" : "NOT_FOUND");
    throw new Problem("REPORT_BLOCK_FAILED", { values: { block: block.title ?? block.id, reason: reasonOf(cause, language) }, cause });
  }
  return shown;
}

const stemCharactersMax = 48;
const slugAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const slugRandomDigits = 12;

/** The readable begin of an address: the title's Latin letters and digits, or "report". */
export function stemOf(title: string): string {
  const stem = title.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").slice(0, stemCharactersMax).replace(/^-+|-+$/g, "");
  return stem === "" ? "report" : stem;
}

/** An address that nobody has and nobody guesses (60 random bits), so that a link stays one when a report is no longer public. */
export async function newSlug(postgres: Postgres, stem: string): Promise<string> {
  for (;;) {
    const slug = `${stem}-${Array.from(randomBytes(slugRandomDigits), (byte) => slugAlphabet[byte % 32]).join("")}`;
    if (!(await postgres.transaction({ operator: true }, (tx) => store.isSlugTaken(tx, slug)))) return slug;
  }
}

/** An imported publication's address: its old one where that is free here. */
export async function keepSlug(postgres: Postgres, wanted: string): Promise<string> {
  const isFit = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(wanted) && wanted.length >= slugRandomDigits && wanted.length <= 100;
  if (isFit && !(await postgres.transaction({ operator: true }, (tx) => store.isSlugTaken(tx, wanted)))) return wanted;
  return await newSlug(postgres, stemOf(wanted.slice(0, -slugRandomDigits)));
}

/** What the gallery's search looks in: one form for all widths, cases and ways of writing. */
export function searchText({ title, description = "", tags = [], blocks }: ReportDefinition): string {
  const headings = blocks.map((block) => block.title ?? "").filter((text) => text !== "");
  return foldText([title, description, ...tags, ...headings].join("\n")).slice(0, 8_000);
}

export function foldText(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

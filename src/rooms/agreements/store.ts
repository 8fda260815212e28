import { sql } from "kysely";
import type { Language } from "#src/base/problems/problem.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";

export interface AgreementRow {
  kind: string;
  version: number;
  /** Null for everybody. */
  team_id: string | null;
  text_en: string;
  text_ja: string;
  changes_en: string | null;
  changes_ja: string | null;
  sha256: string;
  effective_at: Date;
  published_at: Date;
}

export interface AcceptanceRow {
  user_id: string;
  kind: string;
  version: number;
  accepted_at: Date;
  address: string | null;
  language: Language;
  method: "sign-up" | "asked";
}

export interface HistoryRow {
  team_id: string;
  email: string;
  kind: string;
  version: number;
  sha256: string;
  accepted_at: Date;
  language: Language;
  method: "sign-up" | "asked";
}

export interface TeamAgreementRow {
  id: string;
  team_id: string;
  title: string;
  reference: string;
  /** As 2026-11-24. */
  agreed_on: string;
  noted_at: Date;
  is_imported: boolean;
}

type AgreementTables = {
  agreements: AgreementRow;
  agreement_acceptances: AcceptanceRow;
  agreement_history: HistoryRow;
  team_agreements: TeamAgreementRow;
  members: { team_id: string; user_id: string };
  users: { id: string; email: string };
};

// A statement has 65,535 places for values at most.
const rowsAtOnce = 1_000;

const on = (tx: Tx) => tx.withTables<AgreementTables>();

/** Publications of one kind queue here until the transaction ends: each gets a number of its own. */
export async function lockKind(tx: Tx, kind: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${kind}, 9))`.execute(tx);
}

export async function insertAgreement(tx: Tx, row: AgreementRow): Promise<void> {
  await on(tx).insertInto("agreements").values(row).execute();
}

/** A version without its text: of that only the beginning, in which its title stands. */
export type AgreementHead = Omit<AgreementRow, "text_en" | "text_ja"> & { top_en: string; top_ja: string };

const topCharacters = 400;
const topOf = (column: string) => sql<string>`left(${sql.ref(column)}, ${sql.lit(topCharacters)})`;

/** Every version of the documents for everybody, or of one kind of document, newest first. */
export async function listAgreements(tx: Tx, kind: string | null): Promise<AgreementHead[]> {
  const query = on(tx).selectFrom("agreements")
    .select(["kind", "version", "team_id", "changes_en", "changes_ja", "sha256", "effective_at", "published_at", topOf("text_en").as("top_en"), topOf("text_ja").as("top_ja")]);
  return await (kind === null ? query.where("team_id", "is", null) : query.where("kind", "=", kind)).orderBy("kind").orderBy("version", "desc").execute();
}

export async function getText(tx: Tx, { kind, version }: { kind: string; version: number }): Promise<Record<Language, string>> {
  return await on(tx).selectFrom("agreements").select(["text_en as en", "text_ja as ja"]).where("kind", "=", kind).where("version", "=", version).executeTakeFirstOrThrow();
}

/** What is in force of each kind that the transaction reaches. */
export async function listCurrent(tx: Tx, now: Date): Promise<{ kind: string; version: number }[]> {
  return await on(tx).selectFrom("agreements").select(["kind", (e) => e.fn.max("version").as("version")])
    .where("effective_at", "<=", now).groupBy("kind").orderBy("kind").execute();
}

/** False where it was accepted before. */
export async function insertAcceptance(tx: Tx, row: AcceptanceRow): Promise<boolean> {
  const made = await on(tx).insertInto("agreement_acceptances").values(row)
    .onConflict((conflict) => conflict.columns(["user_id", "kind", "version"]).doNothing()).executeTakeFirst();
  return (made.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** One person's, the last one first, with the beginning of the texts, in which their titles stand. */
export async function listAcceptances(tx: Tx, user: string) {
  return await on(tx).selectFrom("agreement_acceptances as a").innerJoin("agreements as d", (join) => join.onRef("d.kind", "=", "a.kind").onRef("d.version", "=", "a.version"))
    .select(["a.kind", "a.version", "a.accepted_at", "a.address", "a.language", "a.method", topOf("d.text_en").as("top_en"), topOf("d.text_ja").as("top_ja")])
    .where("a.user_id", "=", user).orderBy("a.accepted_at", "desc").orderBy("a.kind").execute();
}

/** What the members of a team accepted here, and what the import brought of where they came from, each once. */
export async function listTeamAcceptances(tx: Tx, team: string): Promise<Omit<HistoryRow, "team_id">[]> {
  const here = on(tx).selectFrom("agreement_acceptances as a")
    .innerJoin("members as m", "m.user_id", "a.user_id").innerJoin("users as u", "u.id", "a.user_id")
    .innerJoin("agreements as d", (join) => join.onRef("d.kind", "=", "a.kind").onRef("d.version", "=", "a.version"))
    .where("m.team_id", "=", team).select(["u.email", "a.kind", "a.version", "d.sha256", "a.accepted_at", "a.language", "a.method"]);
  const there = on(tx).selectFrom("agreement_history").where("team_id", "=", team).select(["email", "kind", "version", "sha256", "accepted_at", "language", "method"]);
  return await here.union(there).execute();
}

export async function insertHistory(tx: Tx, rows: readonly HistoryRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await on(tx).insertInto("agreement_history").values(rows.slice(at, at + rowsAtOnce)).onConflict((conflict) => conflict.doNothing()).execute();
  }
}

export async function insertTeamAgreement(tx: Tx, row: TeamAgreementRow): Promise<void> {
  await on(tx).insertInto("team_agreements").values(row).execute();
}

/** Newest first; without a limit, all. */
export async function listTeamAgreements(tx: Tx, options: { team: string; before?: string | undefined; limit?: number }): Promise<TeamAgreementRow[]> {
  let query = on(tx).selectFrom("team_agreements")
    .select(["id", "team_id", "title", "reference", sql<string>`agreed_on::text`.as("agreed_on"), "noted_at", "is_imported"]).where("team_id", "=", options.team);
  if (options.before !== undefined) query = query.where("id", "<", options.before);
  if (options.limit !== undefined) query = query.limit(options.limit);
  return await query.orderBy("id", "desc").execute();
}

export async function countAcceptances(tx: Tx): Promise<{ kind: string; version: number; count: number }[]> {
  return await on(tx).selectFrom("agreement_acceptances").select(["kind", "version", (e) => e.fn.countAll<number>().as("count")]).groupBy(["kind", "version"]).execute();
}

export async function hasTeam(tx: Tx, team: string): Promise<boolean> {
  return (await sql`select 1 from teams where id = ${team}`.execute(tx)).rows.length > 0;
}

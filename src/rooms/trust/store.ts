import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { isProbeTeam } from "#src/rooms/teams/teams.ts";
import type { Evidence, Finding } from "./promise.ts";

export interface ResultRow {
  promise_id: string;
  state: Finding["state"];
  evidence: ColumnType<Evidence, string, string>;
  checked_at: Date;
}

type TrustTables = {
  promise_results: ResultRow;
};

/** The last result of each promise that was ever checked. */
export async function listResults(tx: Tx) {
  return await tx.withTables<TrustTables>().selectFrom("promise_results").selectAll().orderBy("promise_id").execute();
}

/** Replaces the promise's result, unless a newer one is there already. */
export async function saveResult(tx: Tx, result: { promise: string; finding: Finding; checkedAt: Date }): Promise<void> {
  const { state } = result.finding;
  const evidence = JSON.stringify(result.finding.evidence);
  await tx.withTables<TrustTables>().insertInto("promise_results")
    .values({ promise_id: result.promise, state, evidence, checked_at: result.checkedAt })
    .onConflict((conflict) =>
      conflict.column("promise_id").doUpdateSet({ state, evidence, checked_at: result.checkedAt })
        .where("promise_results.checked_at", "<=", result.checkedAt))
    .execute();
}

type PublicationTables = {
  publications: { slug: string; team_id: string; visibility: string };
};

/** The addresses of what is public, as row-level security shows it to a stranger; what checks published themselves left out. */
export async function listPublicSlugs(tx: Tx): Promise<string[]> {
  const rows = await tx.withTables<PublicationTables>().selectFrom("publications").select(["slug", "team_id"]).where("visibility", "=", "public").execute();
  return rows.filter((row) => !isProbeTeam(row.team_id)).map((row) => row.slug);
}

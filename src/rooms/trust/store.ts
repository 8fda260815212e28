import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";
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

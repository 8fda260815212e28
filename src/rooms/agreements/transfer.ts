import type { Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { PortableAgreements } from "./schema.ts";
import * as store from "./store.ts";

const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What the team's members accepted, without the network addresses, which are nobody's but theirs and the operator's; and
 * the team's own agreements. In a stable order.
 */
export async function exportAgreements(tx: Tx, team: string): Promise<PortableAgreements> {
  const rows = await store.listTeamAcceptances(tx, team);
  const accepted = rows.map((row) => ({
    email: row.email, kind: row.kind, version: row.version, sha256: row.sha256, acceptedAt: row.accepted_at.toISOString(), language: row.language, method: row.method,
  })).sort((a, b) => before(a.email, b.email) || before(a.kind, b.kind) || a.version - b.version || before(a.acceptedAt, b.acceptedAt) || before(a.sha256, b.sha256));
  const noted = (await store.listTeamAgreements(tx, { team })).map((row) => ({ title: row.title, reference: row.reference, agreedOn: row.agreed_on, notedAt: row.noted_at.toISOString() }))
    .sort((a, b) => before(a.notedAt, b.notedAt) || before(a.title, b.title) || before(a.reference, b.reference));
  return { accepted, noted };
}

/** As history: what people accepted elsewhere is told on, but they accept this operator's documents themselves. */
export async function importAgreements(tx: Tx, options: { team: string; portable: PortableAgreements; newId(kind: string): string }): Promise<void> {
  const { team, portable } = options;
  await store.insertHistory(tx, portable.accepted.map(({ acceptedAt, ...row }) => ({ team_id: team, ...row, accepted_at: timeOf(acceptedAt) })));
  for (const one of portable.noted) {
    await store.insertTeamAgreement(tx, {
      id: options.newId("agr"), team_id: team, title: one.title, reference: one.reference, agreed_on: one.agreedOn, noted_at: timeOf(one.notedAt), is_imported: true,
    });
  }
}

/** A leap second is a time by the standard and none for JavaScript. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Problem("IMPORT_INVALID", { values: { reason: `agreements: ${text.slice(0, 40)} is no time` } });
  return time;
}

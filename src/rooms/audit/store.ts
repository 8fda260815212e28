import type { ColumnType } from "kysely";
import type { Tx } from "#src/base/postgres/postgres.ts";

interface EventRow {
  id: string;
  team_id: string | null;
  at: Date;
  action: string;
  actor_kind: string;
  actor_id: string | null;
  resource_kind: string;
  resource_id: string;
  request_id: string | null;
  address: string | null;
  facts: ColumnType<Record<string, unknown>, string, never>;
}

type AuditTables = {
  audit_events: EventRow;
};

export async function insertEvent(tx: Tx, event: Omit<EventRow, "facts"> & { facts: string }): Promise<void> {
  await tx.withTables<AuditTables>().insertInto("audit_events").values(event).execute();
}

export interface EventFilter {
  team: string;
  action?: string;
  actor?: string;
  since?: Date;
  /** The id of the last event of the page before. */
  before?: string;
  limit: number;
}

/** Newest first. */
export async function listEvents(tx: Tx, filter: EventFilter) {
  let query = tx.withTables<AuditTables>().selectFrom("audit_events").selectAll().where("team_id", "=", filter.team);
  if (filter.action) query = query.where("action", "=", filter.action);
  if (filter.actor) query = query.where("actor_id", "=", filter.actor);
  if (filter.since) query = query.where("at", ">=", filter.since);
  if (filter.before) query = query.where("id", "<", filter.before);
  return await query.orderBy("id", "desc").limit(filter.limit).execute();
}

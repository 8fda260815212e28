import { sql } from "kysely";
import type { ColumnType } from "kysely";
import type { Reach, Tx } from "#src/base/postgres/postgres.ts";

export interface EventRow {
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
  salt: Buffer;
  seal: Buffer | null;
}

interface LeafRow {
  tree: string;
  position: number;
  event_id: string;
  leaf_hash: Buffer;
}

export interface CheckpointRow {
  number: number;
  tree: string;
  size: number;
  root: Buffer;
  frontier: Buffer;
  at: Date;
  note: string;
}

type AuditTables = {
  audit_events: EventRow;
  audit_leaves: LeafRow;
  audit_checkpoints: CheckpointRow;
  audit_pending: { event_id: string; tree: string };
  audit_key: { verifier: string };
  users: { id: string; name: string };
};

/** The trees' own upkeep; and what is read of all teams by the operator. */
export const everything: Reach = { operator: true };
// The same number as in migration 0006.
const sequencerLock = 74_740_076;
/** A tree that exists for one check of a promise only goes with its team. */
const throwaway = "probe\\_%";

const on = (tx: Tx) => tx.withTables<AuditTables>();

export async function insertEvent(tx: Tx, event: Omit<EventRow, "facts"> & { facts: string }): Promise<void> {
  await on(tx).insertInto("audit_events").values(event).execute();
}

export interface EventFilter {
  team: string;
  action?: string;
  actor?: string;
  since?: Date;
  until?: Date;
  /** A kind or an id. */
  resource?: string;
  /** Anywhere in the action, the resource, the actor's name or the address. */
  text?: string;
  /** The id of the last event of the page before. */
  before?: string;
  limit: number;
}

/** Newest first. */
export async function listEvents(tx: Tx, filter: EventFilter) {
  // A person's, or a service account's.
  const actorName = sql<string | null>`coalesce(u.name, (select s.name from service_accounts s where s.id = e.actor_id))`;
  let query = on(tx).selectFrom("audit_events as e").leftJoin("users as u", "u.id", "e.actor_id").selectAll("e").select(actorName.as("actor_name")).where("e.team_id", "=", filter.team);
  const { action, actor, since, until, resource, text, before } = filter;
  if (action) query = query.where("e.action", "=", action);
  if (actor) query = query.where("e.actor_id", "=", actor);
  if (since) query = query.where("e.at", ">=", since);
  if (until) query = query.where("e.at", "<", until);
  if (resource) query = query.where((at) => at.or([at("e.resource_kind", "=", resource), at("e.resource_id", "=", resource)]));
  if (text) {
    const like = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
    query = query.where((at) => at.or([...(["e.action", "e.resource_kind", "e.resource_id", "e.address"] as const).map((column) => at(column, "ilike", like)), at(actorName, "ilike", like)]));
  }
  if (before) query = query.where("e.id", "<", before);
  return await query.orderBy("e.id", "desc").limit(filter.limit).execute();
}

/** Held until the end of the transaction. Another node that holds it is waited for, though not without end. */
export async function lockSequencer(tx: Tx): Promise<void> {
  await sql`select set_config('lock_timeout', '10s', true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(${sequencerLock})`.execute(tx);
}

/** Events that are in no tree yet, in the order of their ids. */
export async function listPending(tx: Tx, { limit, after }: { limit: number; after?: string | undefined }) {
  let query = on(tx).selectFrom("audit_pending as p").innerJoin("audit_events as e", "e.id", "p.event_id").selectAll("e").select("p.tree");
  if (after !== undefined) query = query.where("p.event_id", ">", after);
  return await query.orderBy("p.event_id").limit(limit).execute();
}

export async function deletePending(tx: Tx, events: string[]): Promise<void> {
  await on(tx).deleteFrom("audit_pending").where("event_id", "in", events).execute();
}

export async function insertLeaves(tx: Tx, leaves: LeafRow[]): Promise<void> {
  await on(tx).insertInto("audit_leaves").values(leaves).execute();
}

export async function insertCheckpoint(tx: Tx, row: CheckpointRow): Promise<void> {
  await on(tx).insertInto("audit_checkpoints").values(row).execute();
}

/** The newest one, or the newest with at most `sizeMax` events. */
export async function lastCheckpoint(tx: Tx, tree: string, sizeMax?: number): Promise<CheckpointRow | null> {
  let query = on(tx).selectFrom("audit_checkpoints").selectAll().where("tree", "=", tree);
  if (sizeMax !== undefined) query = query.where("size", "<=", sizeMax);
  return (await query.orderBy("size", "desc").limit(1).executeTakeFirst()) ?? null;
}

export async function lastCheckpointNumber(tx: Tx): Promise<number> {
  return (await on(tx).selectFrom("audit_checkpoints").select("number").orderBy("number", "desc").limit(1).executeTakeFirst())?.number ?? 0;
}

/** For a copy elsewhere, in the order in which they were made. */
export async function listCheckpointsAfter(tx: Tx, { number, limit }: { number: number; limit: number }) {
  return await on(tx).selectFrom("audit_checkpoints").select(["number", "note"]).where("number", ">", number).where("tree", "not like", throwaway).orderBy("number").limit(limit).execute();
}

/** A tree's checkpoints, smallest first. */
export async function listCheckpoints(tx: Tx, { tree, after, upTo, limit }: { tree: string; after: number; upTo?: number; limit: number }): Promise<CheckpointRow[]> {
  let query = on(tx).selectFrom("audit_checkpoints").selectAll().where("tree", "=", tree).where("size", ">", after);
  if (upTo !== undefined) query = query.where("size", "<=", upTo);
  return await query.orderBy("size").limit(limit).execute();
}

/** A tree's leaves in their order, each with its event where it is still there. */
export async function listLeaves(tx: Tx, { tree, from, limit }: { tree: string; from: number; limit: number }) {
  const rows = await on(tx).selectFrom("audit_leaves as l").leftJoin("audit_events as e", "e.id", "l.event_id")
    .select(["l.position", "l.leaf_hash", "l.event_id", "e.id", "e.team_id", "e.at", "e.action", "e.actor_kind", "e.actor_id", "e.resource_kind", "e.resource_id", "e.request_id", "e.address", "e.facts", "e.salt"])
    .where("l.tree", "=", tree).where("l.position", ">=", from).orderBy("l.position").limit(limit).execute();
  return rows.map(({ position, leaf_hash, event_id, ...event }) => ({ position, hash: leaf_hash, eventId: event_id, event: event.id === null ? null : (event as Omit<EventRow, "seal">) }));
}

/** A team's events that have no leaf, in the order of their ids; `isPending` for those that wait for one. */
export async function listUnsequenced(tx: Tx, team: string | null) {
  return await on(tx).selectFrom("audit_events as e").leftJoin("audit_pending as p", "p.event_id", "e.id").selectAll("e")
    .select((at) => at("p.event_id", "is not", null).as("isPending"))
    .where("e.team_id", "is not distinct from", team)
    .where((at) => at.not(at.exists(at.selectFrom("audit_leaves as l").select("l.event_id").whereRef("l.event_id", "=", "e.id"))))
    .orderBy("e.id").execute();
}

/** Whatever has events, leaves or checkpoints; null for what belongs to no team. */
export async function listTrees(tx: Tx): Promise<(string | null)[]> {
  const { rows } = await sql<{ tree: string | null }>`
    select team_id as tree from audit_events union select nullif(tree, 'installation') from audit_leaves union select nullif(tree, 'installation') from audit_checkpoints order by 1 nulls first
  `.execute(tx);
  return rows.map((row) => row.tree);
}

/** The first server's public key stays the installation's. */
export async function keepVerifier(tx: Tx, verifier: string): Promise<string> {
  await on(tx).insertInto("audit_key").values({ verifier }).onConflict((conflict) => conflict.doNothing()).execute();
  return (await on(tx).selectFrom("audit_key").select("verifier").executeTakeFirstOrThrow()).verifier;
}

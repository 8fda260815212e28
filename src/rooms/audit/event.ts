import { leafHash } from "./merkle.ts";
import type { EventRow } from "./store.ts";

/** An event as everyone but the database sees it. */
export interface LoggedEvent {
  id: string;
  team: string | null;
  at: string;
  action: string;
  actor: { kind: string; id: string | null };
  resource: { kind: string; id: string };
  requestId: string | null;
  address: string | null;
  facts: Record<string, string | number | boolean | null>;
}

/** The tree of what belongs to no team: accounts, sign-ins, what the operator does. */
export const installationTree = "installation";
export const treeOf = (event: Pick<LoggedEvent, "team">): string => event.team ?? installationTree;

export type SaltedEvent = Pick<EventRow, "id" | "team_id" | "at" | "action" | "actor_kind" | "actor_id" | "resource_kind" | "resource_id" | "request_id" | "address" | "salt"> & { facts: unknown };

export function eventOf(row: Omit<SaltedEvent, "salt">): LoggedEvent {
  return {
    id: row.id, team: row.team_id, at: row.at.toISOString(), action: row.action, actor: { kind: row.actor_kind, id: row.actor_id },
    resource: { kind: row.resource_kind, id: row.resource_id }, requestId: row.request_id, address: row.address, facts: row.facts as LoggedEvent["facts"],
  };
}

/** JSON in the one form of RFC 8785: keys in order, no spaces. The same event is the same text wherever it is written. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(",")}}`;
}

/** An event's leaf: its salt and its text. Without the salt, which can be erased, nobody finds the text by trying. */
export const eventLeaf = (salt: Buffer, text: string): Buffer => leafHash(salt, text);

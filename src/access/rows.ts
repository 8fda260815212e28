import { createHash } from "node:crypto";
import type { Actor, Role } from "./access.ts";

/** Of whom a rule on rows speaks: conditions name these as :user_id, :user_email and :groups. Null and empty where the reader has none. */
export interface Person {
  id: string | null;
  email: string | null;
  /** Names of the person's groups in the team. */
  groups: string[];
}

/**
 * What a restricted reader sees of a database's rows. Tables that stand here show the rows for which one of the conditions
 * holds (none where there is no condition); what else the file derives from rows (full-text indexes, statistics) is closed.
 */
export interface RowAccess {
  /** Equal where all the rest is equal: readers with equal keys see the same. */
  key: string;
  tables: Record<string, string[]>;
  person: Person;
}

/** The one question about rows: what this reader sees of a database; null is all of it. */
export interface RowRules {
  accessOf(actor: Actor | null, database: { id: string; team: string }): RowAccess | null | Promise<RowAccess | null>;
  /** Whether there are rules at all: then others may see less than the actor. */
  hasRules(database: { id: string; team: string }): boolean | Promise<boolean>;
}

/** Who makes the rules sees all rows: an administrator could lift them at any time. */
export const exemptRoles: readonly Role[] = ["owner", "admin"];

/** A table's name as SQLite compares it: it folds the letters A to Z and no others. */
export const foldName = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export function withKey({ tables, person }: Omit<RowAccess, "key">): RowAccess {
  // Stores keep no order of names; the key must not depend on it.
  const ordered = [Object.entries(tables).sort(([a], [b]) => (a < b ? -1 : 1)), person.id, person.email, person.groups];
  return { key: createHash("sha256").update(JSON.stringify(ordered)).digest("base64url"), tables, person };
}

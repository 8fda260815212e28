import type { Role } from "#src/access/access.ts";
import { exemptRoles, foldName, withKey } from "#src/access/rows.ts";
import type { Person, RowAccess } from "#src/access/rows.ts";
import type { Rule, Subject } from "./schema.ts";

/** A reader, as the rules' subjects name them. */
export interface Reader {
  /** null: somebody with this role and in no group. */
  id: string | null;
  role: Role;
  email: string | null;
  /** Id and name. */
  groups: [string, string][];
}

const isMeant = (subject: Subject, { id, role, groups }: Reader): boolean => {
  if (subject.kind === "everyone") return true;
  if (subject.kind === "role") return subject.role === role;
  if (subject.kind === "member") return subject.id === id;
  return groups.some(([group]) => group === subject.id);
};

/**
 * What a reader sees under a set of rules; null is all of it. A table that has a rule shows the rows of those rules that mean
 * the reader, and none where none does. A table without a rule shows all.
 */
export function effectiveAccess(rules: readonly Rule[], reader: Reader): RowAccess | null {
  if (rules.length === 0 || exemptRoles.includes(reader.role)) return null;
  const tables: Record<string, string[]> = {};
  for (const table of [...new Set(rules.map((rule) => foldName(rule.table)))].sort()) {
    const meant = rules.filter((rule) => foldName(rule.table) === table && isMeant(rule.subject, reader));
    if (meant.some((rule) => rule.condition === null)) continue;
    tables[table] = [...new Set(meant.map((rule) => rule.condition as string))].sort();
  }
  if (Object.keys(tables).length === 0) return null;
  // Only the values that are asked for: readers who differ in nothing that counts see the same, and share what is kept of it.
  const asked = Object.values(tables).flat().join("\n").toLowerCase();
  const person: Person = {
    id: asked.includes(":user_id") ? reader.id : null,
    email: asked.includes(":user_email") ? reader.email : null,
    groups: asked.includes(":groups") ? reader.groups.map(([, name]) => name).sort() : [],
  };
  return withKey({ tables, person });
}

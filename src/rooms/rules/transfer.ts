import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Rule, Subject } from "./schema.ts";
import * as store from "./store.ts";

/** The rules on one database's rows in a workspace's export: people by address, groups by name. */
export interface PortableRules {
  database: string;
  number: number;
  rules: { table: string; subject: PortableSubject; condition: string | null }[];
  updatedAt: string;
  updatedBy: string | null;
}

/** null: somebody or something that is no longer in the team. Such a rule means nobody, and still closes its table to the others. */
type PortableSubject = Exclude<Subject, { id: string }> | { kind: "member"; email: string | null } | { kind: "group"; name: string | null };

const nobody = "";

/** In the order of their databases. `databases` gives the name that the export uses for a database, by its id. */
export async function exportRules(tx: Tx, options: { team: string; emails: ReadonlyMap<string, string>; databases: ReadonlyMap<string, string> }): Promise<PortableRules[]> {
  const { team, emails, databases } = options;
  const groups = new Map((await store.listGroups(tx, team)).map(({ id, name }) => [id, name]));
  const name = (subject: Subject): PortableSubject => {
    if (subject.kind === "member") return { kind: "member", email: emails.get(subject.id) ?? null };
    return subject.kind === "group" ? { kind: "group", name: groups.get(subject.id) ?? null } : subject;
  };
  const rows = await store.listRules(tx, team);
  return rows.map((row) => ({
    database: databases.get(row.database_id) ?? row.database_id, number: row.number, rules: row.rules.map((rule) => ({ table: rule.table, subject: name(rule.subject), condition: rule.condition })),
    updatedAt: row.updated_at.toISOString(), updatedBy: emails.get(row.updated_by ?? "") ?? null,
  })).sort((a, b) => (a.database < b.database ? -1 : 1));
}

/** Makes the rules again. A group that they name and that is not there yet is made, without people. */
export async function importRules(
  tx: Tx, options: { team: string; rules: PortableRules[]; users: ReadonlyMap<string, string>; databases: ReadonlyMap<string, string>; newId(kind: string): string; now: Date },
): Promise<void> {
  const { team, users, databases, now } = options;
  const groups = new Map((await store.listGroups(tx, team)).map((group) => [group.name.toLowerCase(), group.id]));
  const find = async (subject: PortableSubject): Promise<Subject> => {
    if (subject.kind === "member") return { kind: "member", id: users.get(subject.email ?? "") ?? nobody };
    if (subject.kind !== "group") return subject;
    if (subject.name === null) return { kind: "group", id: nobody };
    const known = groups.get(subject.name.toLowerCase());
    if (known !== undefined) return { kind: "group", id: known };
    const id = options.newId("grp");
    await store.insertGroup(tx, { id, team, name: subject.name, now });
    groups.set(subject.name.toLowerCase(), id);
    return { kind: "group", id };
  };
  for (const one of options.rules) {
    const database = databases.get(one.database);
    if (database === undefined) continue;
    const rules: Rule[] = [];
    for (const { subject, ...rule } of one.rules) rules.push({ ...rule, subject: await find(subject) });
    await store.saveRules(tx, { database_id: database, team_id: team, number: one.number, rules, updated_by: users.get(one.updatedBy ?? "") ?? null, updated_at: new Date(one.updatedAt) });
  }
}

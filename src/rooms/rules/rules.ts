import { foldName, withKey } from "#src/access/rows.ts";
import type { RowAccess, RowRules } from "#src/access/rows.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { refOf } from "#src/rooms/databases/databases.ts";
import type { CurrentRow, Databases } from "#src/rooms/databases/databases.ts";
import type { Queries } from "#src/rooms/queries/queries.ts";
import { effectiveAccess } from "./effective.ts";
import type { Reader } from "./effective.ts";
import { createReaders } from "./readers.ts";
import type { Rule } from "./schema.ts";
import * as store from "./store.ts";

export interface RuleSet {
  number: number;
  rules: Rule[];
  updatedAt: Date | null;
  updatedBy: string | null;
}

export interface Preview {
  isUnrestricted: boolean;
  tables: { name: string; rows: number | null; visible: number | null }[];
}

/** Who sees which rows of a hosted database. */
export interface Rules extends RowRules {
  get(team: string, database: string): Promise<RuleSet>;
  /** Replaces the whole set. Throws RULE_INVALID with a place, RULES_CHANGED when `expected` is not the current number. */
  update(options: { team: string; database: string; rules: Rule[]; expected?: number | undefined; by: Doer }): Promise<RuleSet>;
  /** How many rows of each table a member, or somebody with a role, would see. */
  preview(options: { team: string; database: string; subject: { kind: "member"; id: string } | { kind: "role"; role: "editor" | "viewer" }; rules?: Rule[] | undefined; signal?: AbortSignal }): Promise<Preview>;
}

export interface RulesParts {
  postgres: Postgres;
  audit: Audit;
  databases: Databases;
  queries: Queries;
  clock: Clock;
}

const none: RuleSet = { number: 0, rules: [], updatedAt: null, updatedBy: null };

const show = (row: store.RulesRow | null): RuleSet => (row ? { number: row.number, rules: row.rules, updatedAt: row.updated_at, updatedBy: row.updated_by } : none);

export function createRules(parts: RulesParts): Rules {
  const { postgres, audit, clock, databases } = parts;
  const readers = createReaders(parts);
  const get = async (team: string, database: string): Promise<RuleSet> => show(await postgres.transaction({ teams: [team] }, (tx) => store.findRules(tx, database)));
  return {
    ...readers,
    get,
    async update({ team, database, rules, expected, by }) {
      const current = await databases.get(team, database);
      const named = nameTables(current, rules);
      await holdSubjects(parts, team, named);
      await holdConditions(parts, current, named);
      return await postgres.transaction({ teams: [team] }, async (tx) => {
        if (!(await store.lockDatabase(tx, database))) throw new Problem("NOT_FOUND");
        const before = show(await store.findRules(tx, database));
        if (expected !== undefined && expected !== before.number) throw new Problem("RULES_CHANGED", { values: { number: before.number } });
        const row = { database_id: database, team_id: team, number: before.number + 1, rules: named, updated_by: by.user, updated_at: clock.date() };
        await store.saveRules(tx, row);
        await audit.record(tx, { team, action: "rule:update", by, resource: { kind: "database", id: database }, facts: { number: row.number, rules: named.length } });
        await postgres.announce(tx, { kind: "database", id: database });
        return show(row);
      });
    },
    preview: (options) => preview(parts, get, options),
  };
}

/** Rules name tables as the file does; what the file has not, no rule may name. */
function nameTables({ tables }: CurrentRow, rules: Rule[]): Rule[] {
  const names = new Map(tables.map(({ name }) => [foldName(name), name]));
  return rules.map((rule, at) => {
    const table = names.get(foldName(rule.table));
    if (table === undefined) {
      throw invalid(`/rules/${at}/table`, `the database has no table ${rule.table}`, `テーブル ${rule.table} はこのデータベースにありません`);
    }
    return { ...rule, table };
  });
}

function invalid(pointer: string, reason: string, reasonJa = reason): Problem {
  return new Problem("RULE_INVALID", { values: { pointer, reason, reasonJa } });
}

const noMember = (pointer: string): Problem => invalid(pointer, "the team has no such member", "そのメンバーはこのチームにいません");

async function holdSubjects({ postgres }: RulesParts, team: string, rules: Rule[]): Promise<void> {
  const ids = rules.flatMap(({ subject }) => ("id" in subject ? [subject.id] : []));
  const known = await postgres.transaction({ teams: [team] }, (tx) => store.knownSubjects(tx, team, ids));
  rules.forEach(({ subject }, at) => {
    if (!("id" in subject) || known.has(`${subject.kind} ${subject.id}`)) return;
    const pointer = `/rules/${at}/subject/id`;
    throw subject.kind === "member" ? noMember(pointer) : invalid(pointer, "the team has no such group", "そのグループはこのチームにありません");
  });
}

/** Has the sandbox prepare each condition on its table, then all together. */
async function holdConditions({ queries }: RulesParts, current: CurrentRow, rules: Rule[]): Promise<void> {
  const version = refOf(current);
  const person = { id: null, email: null, groups: [] };
  const attempt = async (tables: RowAccess["tables"], pointer: (table: string) => string): Promise<void> => {
    for (const table of Object.keys(tables)) {
      try {
        await queries.result({ version: { ...version, rows: withKey({ tables, person }) }, sql: `select 1 from ${quote(table)} limit 0`, rowsMax: 1 });
      } catch (error) {
        if (!(error instanceof Problem) || !/^(ROWS_RULES_UNFIT|QUERY_DENIED|QUERY_INVALID)$/.test(error.code)) throw error;
        const { reason, what, message, table: where } = error.options.values ?? {};
        throw invalid(pointer(String(where ?? table)), String(reason ?? message ?? `${what} is not allowed in a condition`));
      }
    }
  };
  for (const [at, { table, condition }] of rules.entries()) await attempt({ [table]: [condition ?? "1"] }, () => `/rules/${at}/${condition === null ? "table" : "condition"}`);
  // Conditions that ask each other's tables are right one by one and wrong together.
  const together: RowAccess["tables"] = {};
  for (const { table, condition } of rules) (together[table] ??= []).push(condition ?? "1");
  await attempt(together, (table) => `/rules/${rules.findIndex((rule) => foldName(rule.table) === foldName(table))}/condition`);
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function preview(parts: RulesParts, get: (team: string, database: string) => Promise<RuleSet>, options: Parameters<Rules["preview"]>[0]): Promise<Preview> {
  const { databases, queries, postgres } = parts;
  const { team, database, subject, signal } = options;
  const current = await databases.get(team, database);
  const rules = options.rules ? nameTables(current, options.rules) : (await get(team, database)).rules;
  if (options.rules) await holdConditions(parts, current, rules);
  let reader: Reader = { id: null, role: "viewer", email: null, groups: [] };
  if (subject.kind === "role") reader.role = subject.role;
  else {
    const person = await postgres.transaction({ teams: [team] }, (tx) => store.findPerson(tx, team, subject.id));
    if (!person) throw noMember("/subject/id");
    reader = { id: subject.id, ...person };
  }
  const rows = effectiveAccess(rules, reader);
  const version = { ...(await databases.currentVersion(team, database)), rows };
  const tables: Preview["tables"] = [];
  for (const { name, rows: all } of current.tables) {
    const isRestricted = rows !== null && Object.keys(rows.tables).some((table) => foldName(table) === foldName(name));
    tables.push({ name, rows: all, visible: isRestricted ? await count(queries, { version, sql: `select count(*) from ${quote(name)}`, rowsMax: 1, signal }) : all });
  }
  return { isUnrestricted: rows === null, tables };
}

async function count(queries: Queries, request: Parameters<Queries["result"]>[0]): Promise<number | null> {
  try {
    return Number((await queries.result(request)).rows[0]?.[0]);
  } catch (error) {
    if (error instanceof Problem && error.code === "QUERY_TIMEOUT") return null;
    throw error;
  }
}


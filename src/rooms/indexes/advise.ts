import { copyFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, constants } from "node:sqlite";
import { connectionOptions } from "#src/rooms/queries/open.ts";
import { runQuery } from "#src/rooms/queries/run.ts";
import type { QueryFigures } from "#src/rooms/queries/run.ts";
import { addIndexes, nameOf, quote } from "./build.ts";
import { indexLimits } from "./limits.ts";
import type { Index } from "./schema.ts";

export interface AdviseRequest {
  /** Holds `in.sqlite`, a copy of the version. */
  workDir: string;
  queries: { sql: string; parameters: Record<string, unknown> }[];
}

export interface AdviseOutcome {
  indexes: Index[];
  /** In the order of the request; null for a question that this version does not answer. */
  times: ({ beforeMs: number; afterMs: number } | null)[];
  sizeBeforeBytes: number;
  sizeAfterBytes: number;
}

const rowsMin = 1_000;
const sampleRows = 200_000;
const columnsTried = 6;
const rowsMax = 1_000_000;
const bytesMax = 64 * 1024 ** 2;
/** An index that saves less than a tenth is not worth its place. */
const gainLeast = 0.9;

/**
 * Which indexes would make these questions faster. SQLite's own planner chooses among all that are possible, on an empty
 * copy of the schema that has the real figures; what it chose is then made in a real copy, and each question is timed
 * without and with it. For a sandboxed process of its own.
 */
export function advise({ workDir, queries }: AdviseRequest): AdviseOutcome {
  const [file, other] = [join(workDir, "in.sqlite"), join(workDir, "out.sqlite")];
  const before = queries.map((query) => timeOf(file, query));
  const chosen = choose(file, queries.filter((_, at) => before[at] !== null));
  const sizeBeforeBytes = statSync(file).size;
  const unchanged = { indexes: [], times: before.map((ms) => (ms === null ? null : { beforeMs: ms, afterMs: ms })), sizeBeforeBytes, sizeAfterBytes: sizeBeforeBytes };
  if (chosen.length === 0) return unchanged;
  // The planner guesses how much a range holds, and can guess wrong: what does not help is left out, and the rest timed again.
  for (let indexes = chosen; indexes.length > 0; ) {
    copyFileSync(file, other);
    addIndexes(other, indexes);
    const plans = plansOf(other, queries);
    const after = queries.map((query, at) => (before[at] === null ? null : timeOf(other, query)));
    const times = before.map((ms, at) => (ms === null ? null : { beforeMs: ms, afterMs: after[at] ?? ms }));
    const helping = indexes.filter((index) => isWorth(times.filter((_, at) => takes(plans[at], index))));
    if (helping.length === indexes.length) return { indexes, times, sizeBeforeBytes, sizeAfterBytes: statSync(other).size };
    indexes = helping;
  }
  return unchanged;
}

/** One name can begin another. */
const takes = (plan = "", index: Index): boolean => plan.split("\n").some((line) => `${line} `.includes(` INDEX ${nameOf(index)} `));

/** Whether the questions that an index answers are faster with it, all in all. */
function isWorth(times: AdviseOutcome["times"]): boolean {
  const [before, after] = times.reduce(([first, second], one) => [first + (one?.beforeMs ?? 0), second + (one?.afterMs ?? 0)], [0, 0]);
  return after < before * gainLeast;
}

/** Of two runs the faster one, in milliseconds: the first has to read the file. */
function timeOf(file: string, { sql, parameters }: AdviseRequest["queries"][number]): number | null {
  let least = Infinity;
  for (let run = 0; run < 2; run++) {
    let figures: QueryFigures | null = null;
    try {
      runQuery({ file, sql, parameters, rowsMax, bytesMax, version: "" }, { head: (value) => void (figures = value as QueryFigures), body() {}, end: (value) => void (figures = (value as QueryFigures | undefined) ?? figures), progress() {} });
    } catch {
      // Of an older version, perhaps: its tables are gone.
      return null;
    }
    least = Math.min(least, (figures as QueryFigures | null)?.elapsedMs ?? Infinity);
  }
  return Number.isFinite(least) ? least : null;
}

interface Read {
  table: string;
  column: string;
}

/** Lets the planner choose among every index of one or two of the columns that the questions read. */
function choose(file: string, queries: AdviseRequest["queries"]): Index[] {
  const real = new DatabaseSync(file, { ...connectionOptions, readOnly: true });
  const empty = new DatabaseSync(":memory:", connectionOptions);
  try {
    empty.exec("PRAGMA trusted_schema=OFF");
    const reads = copySchema(real, { empty, queries });
    const candidates = candidatesOf(real, reads);
    candidates.forEach((index, at) => empty.exec(`create index kliv_try_${at} on ${quote(index.table)} (${index.columns.map(quote).join(", ")})`));
    fillFigures(real, { empty, candidates });
    const wins = new Map<number, number>();
    for (const { sql } of queries) for (const at of planOf(empty, sql).matchAll(/\bkliv_try_(\d+)\b/g)) wins.set(Number(at[1]), (wins.get(Number(at[1])) ?? 0) + 1);
    return [...wins].sort((a, b) => b[1] - a[1]).slice(0, indexLimits.indexesMax).map(([at]) => candidates[at]!);
  } finally {
    real.close();
    empty.close();
  }
}

/** Makes the tables that the questions read, without rows; answers with the columns that they read. */
function copySchema(real: DatabaseSync, { empty, queries }: { empty: DatabaseSync; queries: AdviseRequest["queries"] }): Read[] {
  const entries = real.prepare("select type, sql from sqlite_schema where sql is not null and name not like 'sqlite\\_%' escape '\\' order by case type when 'table' then 0 when 'index' then 1 else 2 end limit 5000").all();
  for (const { type, sql } of entries) {
    if (type === "trigger" || /^\s*create\s+virtual/i.test(String(sql))) continue;
    try {
      empty.exec(String(sql));
    } catch {
      // What cannot be made here is not advised upon.
    }
  }
  const reads = new Map<string, Read>();
  empty.setAuthorizer((action, first, second) => {
    if (action === constants.SQLITE_READ && first && second) reads.set(`${first}\0${second}`, { table: first, column: second });
    return [constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_FUNCTION, constants.SQLITE_RECURSIVE].includes(action) ? constants.SQLITE_OK : constants.SQLITE_DENY;
  });
  for (const { sql } of queries) planOf(empty, sql);
  empty.setAuthorizer(null);
  return [...reads.values()];
}

function planOf(database: DatabaseSync, sql: string): string {
  try {
    return database.prepare(`explain query plan ${sql}`).all().map((row) => String(row["detail"])).join("\n");
  } catch {
    return "";
  }
}

function candidatesOf(real: DatabaseSync, reads: Read[]): Index[] {
  const columns = new Map<string, string[]>();
  for (const { table, column } of reads) {
    const known = real.prepare("select 1 from pragma_table_xinfo(?) where name = ? collate nocase and hidden = 0 and pk <> 1").get(table, column);
    if (known) columns.set(table, [...(columns.get(table) ?? []), column]);
  }
  return [...columns].flatMap(([table, all]) => {
    const { rows } = real.prepare(`select count(*) as rows from (select 1 from ${quote(table)} limit ${rowsMin})`).get() as { rows: number };
    if (rows < rowsMin) return [];
    const tried = all.slice(0, columnsTried);
    const singles = tried.map((column): Index => ({ table, columns: [column] }));
    const pairs = tried.flatMap((first) => tried.filter((second) => second !== first).map((second): Index => ({ table, columns: [first, second] })));
    return [...singles, ...pairs];
  });
}

/** The figures that `ANALYZE` would find, without making the indexes: rows of a table, and how many share a value. */
function fillFigures(real: DatabaseSync, { empty, candidates }: { empty: DatabaseSync; candidates: Index[] }): void {
  const rowsOf = new Map<string, number>();
  const distinctOf = new Map<string, number>();
  const rows = (table: string): number => {
    if (!rowsOf.has(table)) rowsOf.set(table, (real.prepare(`select count(*) as n from ${quote(table)}`).get() as { n: number }).n);
    return rowsOf.get(table)!;
  };
  const distinct = (table: string, column: string): number => {
    const key = `${table}\0${column}`;
    if (!distinctOf.has(key)) {
      const { seen, values } = real.prepare(`select count(*) as seen, count(distinct v) as "values" from (select ${quote(column)} as v from ${quote(table)} limit ${sampleRows})`).get() as { seen: number; values: number };
      // Nearly all different in a sample: then in the rest too.
      distinctOf.set(key, Math.max(1, values > seen * 0.8 ? Math.round((values / Math.max(seen, 1)) * rows(table)) : values));
    }
    return distinctOf.get(key)!;
  };
  empty.exec("analyze");
  const add = empty.prepare("insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)");
  empty.exec("delete from sqlite_stat1");
  const figures = (table: string, columns: string[]): string => {
    const all = rows(table);
    let groups = 1;
    return [all, ...columns.map((column) => Math.max(1, Math.round(all / (groups = Math.min(all, groups * distinct(table, column))))))].join(" ");
  };
  candidates.forEach(({ table, columns }, at) => add.run(table, `kliv_try_${at}`, figures(table, columns)));
  for (const { name, table } of empty.prepare("select name, tbl_name as \"table\" from sqlite_schema where type = 'index' and name not like 'kliv\\_try\\_%' escape '\\'").all() as { name: string; table: string }[]) {
    const columns = empty.prepare("select name from pragma_index_info(?) where name is not null").all(name).map((row) => String(row["name"]));
    if (columns.length > 0 && rows(table) >= rowsMin) add.run(table, name, figures(table, columns));
  }
  empty.exec("analyze sqlite_schema");
}

/** How the planner goes about each question, now that all figures are real. */
function plansOf(file: string, queries: AdviseRequest["queries"]): string[] {
  const database = new DatabaseSync(file, { ...connectionOptions, readOnly: true });
  try {
    return queries.map(({ sql }) => planOf(database, sql));
  } finally {
    database.close();
  }
}

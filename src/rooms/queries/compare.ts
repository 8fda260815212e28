import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { compareCells } from "./cells.ts";
import { describe } from "./describe.ts";
import type { DescribedTable } from "./describe.ts";
import { openReadOnly } from "./open.ts";
import { fileProblem } from "./run.ts";
import { quoteName } from "./walled.ts";

export interface CompareRequest {
  /** The files of the two versions. */
  before: string;
  after: string;
  /** Of this table only. */
  table?: string;
  /** The columns that tell its rows apart. */
  key?: string[];
  /** After so long, tables that are left are compared by their columns only. */
  rowsMs: number;
}

type Cell = SQLOutputValue;
type ShownCell = string | number | null | { base64: string };

export interface RowChanges {
  /** How rows were told apart: by the `key` that was asked for, the primary key, a unique index; else whole rows are compared, and none counts as changed. */
  by: "key" | "primary key" | "unique index" | "whole rows";
  key: string[];
  added: number;
  removed: number;
  changed: number;
  columns: string[];
  sample: { added: ShownCell[][]; removed: ShownCell[][]; changed: { before: ShownCell[]; after: ShownCell[] }[] };
}

export interface TableChanges {
  name: string;
  change: "added" | "removed" | "changed" | "same";
  columns: { added: string[]; removed: string[]; changed: { name: string; before: string; after: string }[] };
  rows: RowChanges | null;
  /** Why its rows were not compared. */
  trouble: "time" | "key unknown" | "key ambiguous" | "order" | null;
}

const sampleRows = 10;
const cellCharactersMax = 200;
const sampleCharactersMax = 500_000;
const lookEveryRows = 4_096;

/** Thrown within one table; the others are compared all the same. */
class Trouble extends Error {
  readonly why: NonNullable<TableChanges["trouble"]>;

  constructor(why: NonNullable<TableChanges["trouble"]>) {
    super(why);
    this.why = why;
  }
}

/** What differs between two files: tables, columns and, by key, rows. The two are read side by side in the key's order, so memory is bounded. Throws QUERY_FILE_DAMAGED. */
export function compareFiles({ before: beforeFile, after: afterFile, table, key, rowsMs }: CompareRequest): { tables: TableChanges[]; truncated: boolean } {
  const [before, after] = [describe({ file: beforeFile, countMs: 0 }), describe({ file: afterFile, countMs: 0 })];
  const untilMs = performance.now() + rowsMs;
  const old = new Map(before.tables.map((one) => [one.name, one]));
  const now = new Map(after.tables.map((one) => [one.name, one]));
  const names = [...new Set([...now.keys(), ...old.keys()])].filter((name) => table === undefined || name === table).filter((name) => (now.get(name) ?? old.get(name))!.kind !== "shadow");
  const files: DatabaseSync[] = [];
  const budget = { characters: sampleCharactersMax };
  try {
    for (const file of [beforeFile, afterFile]) files.push(openReadOnly(file));
    const [first, second] = files as [DatabaseSync, DatabaseSync];
    const tables = names.map((name) => compareTables({ name, before: old.get(name), after: now.get(name), first, second, key, untilMs, budget }));
    return { tables, truncated: before.truncated || after.truncated };
  } catch (error) {
    throw fileProblem(error as Error);
  } finally {
    for (const file of files) file.close();
  }
}

interface Pair {
  name: string;
  before: DescribedTable | undefined;
  after: DescribedTable | undefined;
  first: DatabaseSync;
  second: DatabaseSync;
  key: string[] | undefined;
  untilMs: number;
  budget: { characters: number };
}

function compareTables(pair: Pair): TableChanges {
  const { name, before, after } = pair;
  const columns = {
    added: (after?.columns ?? []).map((one) => one.name).filter((one) => !before?.columns.some((other) => other.name === one)),
    removed: (before?.columns ?? []).map((one) => one.name).filter((one) => !after?.columns.some((other) => other.name === one)),
    changed: (after?.columns ?? []).flatMap(({ name: column, type }) => {
      const was = before?.columns.find((one) => one.name === column);
      return was && was.type !== type ? [{ name: column, before: was.type, after: type }] : [];
    }),
  };
  const made: TableChanges = { name, change: before ? (after ? "same" : "removed") : "added", columns, rows: null, trouble: null };
  if (!before || !after) return { ...made, columns: { added: [], removed: [], changed: [] } };
  if (before.kind === "table" && after.kind === "table") {
    try {
      made.rows = compareRows(pair, before, after);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      made.trouble = error.why;
    }
  }
  const hasRows = made.rows !== null && made.rows.added + made.rows.removed + made.rows.changed > 0;
  if (hasRows || columns.added.length + columns.removed.length + columns.changed.length > 0) made.change = "changed";
  return made;
}

function compareRows(pair: Pair, before: DescribedTable, after: DescribedTable): RowChanges {
  const common = after.columns.map((one) => one.name).filter((name) => before.columns.some((one) => one.name === name));
  if (pair.key?.some((name) => !common.includes(name))) throw new Trouble("key unknown");
  const found = pair.key ? { by: "key" as const, key: pair.key } : keyOf(before, after);
  if (found === null) return merge(pair, { by: "whole rows", key: common, columns: common });
  try {
    return merge(pair, { ...found, columns: common });
  } catch (error) {
    // What calls itself a primary key can hold nulls more than once; what a person chose is theirs to correct.
    if (error instanceof Trouble && error.why === "key ambiguous" && found.by !== "key") return merge(pair, { by: "whole rows", key: common, columns: common });
    throw error;
  }
}

/** The primary key of both, or a unique index over columns that are never null; a row number is not a key. */
function keyOf(before: DescribedTable, after: DescribedTable): { by: RowChanges["by"]; key: string[] } | null {
  const primary = (table: DescribedTable): string[] => table.columns.filter((one) => one.primaryKey).map((one) => one.name);
  const key = primary(after);
  if (key.length > 0 && String(key) === String(primary(before))) return { by: "primary key", key };
  for (const { unique, partial, columns } of after.indexes) {
    if (!unique || partial || columns.includes(null)) continue;
    const isSure = (table: DescribedTable): boolean => columns.every((name) => table.columns.some((one) => one.name === name && one.notNull));
    if (isSure(before) && isSure(after)) return { by: "unique index", key: columns as string[] };
  }
  return null;
}

function merge({ name, first, second, untilMs, budget }: Pair, { by, key, columns }: { by: RowChanges["by"]; key: string[]; columns: string[] }): RowChanges {
  const made: RowChanges = { by, key: by === "whole rows" ? [] : key, added: 0, removed: 0, changed: 0, columns, sample: { added: [], removed: [], changed: [] } };
  if (columns.length === 0) return made;
  const options = { name, key, columns, isUnique: by !== "whole rows", untilMs };
  const [old, now] = [readInOrder(first, options), readInOrder(second, options)];
  const at = key.map((one) => columns.indexOf(one));
  let [a, b] = [old.next().value, now.next().value];
  while (a || b) {
    const order = a === undefined ? 1 : b === undefined ? -1 : compareKeys(a, b, at);
    if (order < 0) {
      if (made.removed++ < sampleRows) made.sample.removed.push(show(a!, budget));
      a = old.next().value;
    } else if (order > 0) {
      if (made.added++ < sampleRows) made.sample.added.push(show(b!, budget));
      b = now.next().value;
    } else {
      if (by !== "whole rows" && a!.some((cell, i) => compareCells(cell, b![i]!) !== 0) && made.changed++ < sampleRows) made.sample.changed.push({ before: show(a!, budget), after: show(b!, budget) });
      [a, b] = [old.next().value, now.next().value];
    }
  }
  return made;
}

function compareKeys(a: Cell[], b: Cell[], at: number[]): number {
  for (const i of at) {
    const order = compareCells(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function* readInOrder(database: DatabaseSync, options: { name: string; key: string[]; columns: string[]; isUnique: boolean; untilMs: number }): Generator<Cell[], undefined> {
  const { name, key, columns, isUnique, untilMs } = options;
  const order = key.map((one) => `${quoteName(one)} COLLATE BINARY`).join(", ");
  const statement = database.prepare(`SELECT ${columns.map(quoteName).join(", ")} FROM ${quoteName(name)} ORDER BY ${order}`);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const at = key.map((one) => columns.indexOf(one));
  let before: Cell[] | null = null;
  let count = 0;
  for (const row of statement.iterate() as unknown as Iterable<Cell[]>) {
    if (count++ % lookEveryRows === 0 && performance.now() > untilMs) throw new Trouble("time");
    const step = before === null ? 1 : compareKeys(row, before, at);
    // Text that is no UTF-8 reads otherwise than it sorts.
    if (step < 0) throw new Trouble("order");
    if (step === 0 && isUnique) throw new Trouble("key ambiguous");
    before = row;
    yield row;
  }
}

/** Cells as answers have them, each cut. */
function show(row: Cell[], budget: { characters: number }): ShownCell[] {
  return row.map((cell) => {
    const shown = shownCell(cell);
    budget.characters -= typeof shown === "string" ? shown.length : 16;
    return budget.characters > 0 ? shown : null;
  });
}

function shownCell(cell: Cell): ShownCell {
  if (cell === null || typeof cell === "number") return cell;
  if (typeof cell === "bigint") return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === "string") return cell.length > cellCharactersMax ? `${cell.slice(0, cellCharactersMax)}…` : cell;
  return { base64: Buffer.from(cell.subarray(0, cellCharactersMax)).toString("base64") };
}

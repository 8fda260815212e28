import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Misfits, choiceOf, isOfShape, kindOfType, restated } from "./choices.ts";
import type { Choices, ColumnChoice, TableChoice } from "./choices.ts";
import { quoteName, tableName, uniqueNames } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest } from "./run.ts";
import { declaredTypes, isDate, isDatetime, kinds } from "./types.ts";
import { decimalPoint, groupedOf, momentOf } from "./written.ts";

type Table = ImportOutcome["tables"][number];
type Cell = string | number | bigint | Uint8Array | null;

/**
 * Makes the tables of `out.sqlite` what a person chose, for every format that knows nothing of choices itself: names,
 * tables and columns left out, types. A cell's place is the number of its row.
 */
export function applyChoices(request: ImportRequest, outcome: ImportOutcome): ImportOutcome {
  const { choices } = request;
  if (!choices?.tables?.length) return outcome;
  const found = outcome.tables.map((table) => ({ table, choice: choiceOf(choices, table.name, outcome.tables.length) }));
  if (request.isRemembered && !isSameShape(choices, found)) return { ...outcome, warnings: [...outcome.warnings, { code: "CHOICES_PASSED_OVER" }] };
  const kept = found.filter(({ choice }) => choice?.leftOut !== true);
  if (kept.length === 0) throw refuse("CHOICES_LEAVE_NOTHING");
  const path = join(request.workDir, outcome.file);
  const misfits = new Misfits(choices, "row");
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY");
    for (const { table, choice } of found) if (choice?.leftOut === true) database.exec(`DROP TABLE ${quoteName(table.name)}`);
    const names = uniqueNames(kept.map(({ table, choice }) => (choice?.name?.trim() ? tableName("", choice.name.trim()) : table.name)));
    const isTouched = kept.map(({ table, choice }, at) => names[at] !== table.name || isRemade(table, choice));
    kept.forEach(({ table, choice }, at) => {
      if (isTouched[at] && isRemade(table, choice)) holdPlain(database, table.name);
      // Names on their way are nobody's, so that two tables can change places.
      if (isTouched[at]) database.exec(`ALTER TABLE ${quoteName(table.name)} RENAME TO ${quoteName(`kliv found ${at}`)}`);
    });
    const tables = kept.map(({ table, choice }, at) => (isTouched[at] ? makeTable(database, { from: `kliv found ${at}`, to: names[at]!, table, choice, misfits }) : table));
    database.exec("VACUUM");
    return {
      ...outcome, tables, misfits: misfits.list,
      from: kept.map(({ table, choice }) => ({ table: table.name, columns: keptColumns(table, choice).map(({ name }) => name) })),
      warnings: [...outcome.warnings, ...misfits.list.map(({ column, count, line }) => ({ code: "CELLS_MISFIT", count, line, column }))],
      sizeBytes: statSync(path).size,
    };
  } finally {
    database.close();
  }
}

function isSameShape(choices: Choices, found: { table: Table; choice: TableChoice | undefined }[]): boolean {
  return (choices.tables ?? []).every((one) => found.some(({ choice, table }) => choice === one && isOfShape(choice, table.columns.map(({ name }) => name))));
}

const choiceOfColumn = (choice: TableChoice | undefined, name: string): ColumnChoice | undefined => choice?.columns?.find((one) => one.from === name);
const keptColumns = (table: Table, choice: TableChoice | undefined): Table["columns"] => table.columns.filter(({ name }) => choiceOfColumn(choice, name)?.leftOut !== true);

/** Whether columns change, and not only the table's name. */
function isRemade(table: Table, choice: TableChoice | undefined): boolean {
  return table.columns.some(({ name }) => {
    const { type, leftOut = false, name: newName } = choiceOfColumn(choice, name) ?? {};
    const plain = newName?.trim() ?? "";
    return leftOut || type !== undefined || (plain !== "" && plain !== name);
  });
}

/** A table with keys or indexes of its own would lose them. */
function holdPlain(database: DatabaseSync, name: string): void {
  const { plain } = database.prepare(`SELECT EXISTS (SELECT 1 FROM pragma_table_list(?1) WHERE type = 'table' AND wr = 0)
    AND NOT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE pk > 0) AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE tbl_name = ?1 AND type IN ('index', 'trigger')) AS plain`).get(name) as { plain: number };
  if (plain === 0) throw refuse("FILE_TABLE_FIXED", { table: name.slice(0, 200) });
}

function makeTable(database: DatabaseSync, options: { from: string; to: string; table: Table; choice: TableChoice | undefined; misfits: Misfits }): Table {
  const { from, to, table, choice, misfits } = options;
  const columns = keptColumns(table, choice);
  if (columns.length === 0) throw refuse("CHOICES_LEAVE_NOTHING");
  const chosen = columns.map(({ name, type }) => {
    const { type: wanted, name: newName } = choiceOfColumn(choice, name) ?? {};
    return { from: name, name: newName?.trim() || name, declared: wanted === undefined ? type : declaredTypes[kindOfType(wanted)]!, kind: wanted === undefined ? null : kindOfType(wanted) };
  });
  const names = uniqueNames(chosen.map(({ name }) => name));
  const made = { name: to, rows: table.rows, columns: chosen.map(({ declared }, i) => ({ name: names[i]!, type: declared })) };
  if (!isRemade(table, choice)) {
    database.exec(`ALTER TABLE ${quoteName(from)} RENAME TO ${quoteName(to)}`);
    return made;
  }
  database.exec(`CREATE TABLE ${quoteName(to)} (${made.columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(", ")}); BEGIN`);
  const reading = database.prepare(`SELECT ${chosen.map((column) => quoteName(column.from)).join(", ")} FROM ${quoteName(from)} ORDER BY rowid`);
  reading.setReturnArrays(true);
  reading.setReadBigInts(true);
  const writing = database.prepare(`INSERT INTO ${quoteName(to)} VALUES (${chosen.map(() => "?").join(", ")})`);
  let row = 0;
  for (const cells of reading.iterate() as unknown as Iterable<Cell[]>) {
    row++;
    writing.run(...cells.map((cell, i) => {
      const { kind } = chosen[i]!;
      if (kind === null || cell === null) return cell;
      const taken = cast(cell, kind);
      if (taken !== undefined) return taken;
      misfits.add({ table: to, column: names[i]!, kind, line: row, value: typeof cell === "object" ? "(bytes)" : String(cell) });
      return null;
    }));
  }
  database.exec(`COMMIT; DROP TABLE ${quoteName(from)}`);
  return made;
}

/** A cell as a kind of column takes it; undefined where it does not. An empty text is no value. */
function cast(cell: Exclude<Cell, null>, kind: number): Cell | undefined {
  if (typeof cell === "object") return undefined;
  if (kind === kinds.text) return String(cell);
  if (typeof cell !== "string") {
    if (kind === kinds.integer) return typeof cell === "bigint" || Number.isInteger(cell) ? cell : undefined;
    return kind === kinds.real ? cell : undefined;
  }
  if (cell.trim() === "") return null;
  const bytes = Buffer.from(cell.trim());
  if (kind === kinds.date) return isDate(bytes, 0, bytes.length) ? bytes.toString() : momentOf(bytes, 0, bytes.length)?.match(/^.{10}$/)?.[0];
  if (kind === kinds.datetime) return isDatetime(bytes, 0, bytes.length) || isDate(bytes, 0, bytes.length) ? bytes.toString() : (momentOf(bytes, 0, bytes.length) ?? undefined);
  const plain = restated(cell, kind);
  const number = plain === null ? groupedOf(bytes, 0, bytes.length, decimalPoint) : Number(plain);
  if (Number.isNaN(number) || (kind === kinds.integer && !Number.isInteger(number))) return undefined;
  // A number of JavaScript's is a REAL to SQLite; the column makes an integer of it only where it is declared as one.
  return number;
}

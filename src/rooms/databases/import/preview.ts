import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { choiceOf, typeOfDeclared } from "./choices.ts";
import type { Choices, ChosenType, Misfit } from "./choices.ts";
import { asDamage } from "./damage.ts";
import { quoteName } from "./names.ts";
import { runImport } from "./run.ts";
import type { ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import { openHostile } from "./sqlite.ts";

export interface PreviewRequest extends ImportRequest {
  rowsMax: number;
}

/** What a person may correct; a finished database keeps what it has. */
export type Correction = "encoding" | "delimiter" | "header" | "tables";

export interface PreviewColumn {
  from: string;
  name: string;
  /** One to choose from, or another program's own word. */
  type: ChosenType | string;
  leftOut: boolean;
}

export interface PreviewTable {
  from: string;
  name: string;
  leftOut: boolean;
  /** Null where only the beginning was read. */
  rows: number | null;
  columns: PreviewColumn[];
  sample: (string | number | null)[][];
}

export interface Preview {
  format: string;
  encoding?: string;
  delimiter?: string;
  header?: boolean;
  corrections: Correction[];
  /** Whether all of the file was read. */
  isWhole: boolean;
  tables: PreviewTable[];
  warnings: Warning[];
  misfits: Misfit[];
}

const cellCharactersMax = 200;
const tablesShownMax = 100;
const tablesSampledMax = 20;
const columnsShownMax = 500;
const textFormats = ["csv", "tsv"];
/** Databases already, with keys and types of their own. */
const keptFormats = ["sqlite", "sql"];

/**
 * Looks at a file as an import would read it: the import itself runs, of a text over its beginning only, and what it made
 * is shown. Left out columns are still shown, and cells that contradict a chosen type are counted, not refused.
 */
export async function runPreview(request: PreviewRequest, input: AsyncIterable<Uint8Array>, report: Report): Promise<Preview> {
  const { choices } = request;
  const outcome = await runImport({ ...request, choices: softened(choices), looksOnly: true }, input, report);
  const isText = textFormats.includes(outcome.format);
  return {
    format: outcome.format,
    ...(outcome.encoding === undefined ? {} : { encoding: outcome.encoding }),
    ...(outcome.delimiter === undefined ? {} : { delimiter: outcome.delimiter }),
    ...(outcome.header === undefined ? {} : { header: outcome.header }),
    corrections: isText ? ["encoding", "delimiter", "header", "tables"] : keptFormats.includes(outcome.format) ? [] : ["tables"],
    isWhole: outcome.isCut !== true,
    tables: tablesOf(request, outcome),
    // Of the first megabyte only: misfits are told with their values instead.
    warnings: outcome.warnings.filter(({ code }) => code !== "CELLS_MISFIT"),
    misfits: outcome.misfits ?? [],
  };
}

/** All tables and columns are shown, and no cell is a reason to refuse. */
function softened(choices: Choices | undefined): Choices | undefined {
  if (!choices) return undefined;
  const tables = choices.tables?.map((table) => ({ ...table, leftOut: false, columns: table.columns?.map((column) => ({ ...column, leftOut: false })) ?? [] }));
  return { ...choices, misfits: "empty", ...(tables ? { tables } : {}) };
}

function tablesOf(request: PreviewRequest, outcome: ImportOutcome): PreviewTable[] {
  const database = openHostile(join(request.workDir, outcome.file), { readOnly: true });
  try {
    return outcome.tables.slice(0, tablesShownMax).map((table, at): PreviewTable => {
      const from = outcome.from?.[at];
      const choice = choiceOf(request.choices, from?.table ?? table.name, outcome.tables.length);
      const columns = table.columns.slice(0, columnsShownMax).map((column, i): PreviewColumn => {
        const found = from?.columns[i] ?? column.name;
        return { from: found, name: column.name, type: typeOfDeclared(column.type) ?? column.type.toLowerCase(), leftOut: choice?.columns?.find((one) => one.from === found)?.leftOut === true };
      });
      return {
        from: from?.table ?? table.name, name: table.name, leftOut: choice?.leftOut === true, rows: outcome.isCut === true ? null : table.rows, columns,
        sample: at < tablesSampledMax ? sampleOf(database, { table: table.name, columns: columns.map(({ name }) => name), rowsMax: request.rowsMax }) : [],
      };
    });
  } finally {
    database.close();
  }
}

function sampleOf(database: DatabaseSync, options: { table: string; columns: string[]; rowsMax: number }): PreviewTable["sample"] {
  const { table, columns, rowsMax } = options;
  try {
    // A cell may hold megabytes: only its beginning leaves SQLite.
    const shown = columns.map((name) => {
      const column = quoteName(name);
      return `CASE typeof(${column}) WHEN 'blob' THEN '(' || length(${column}) || ' bytes)' WHEN 'text' THEN substr(${column}, 1, ${cellCharactersMax + 1}) ELSE ${column} END`;
    });
    const statement = database.prepare(`SELECT ${shown.join(", ")} FROM ${quoteName(table)} LIMIT ${rowsMax}`);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    return (statement.all() as unknown as unknown[][]).map((row) => row.map(cellOf));
  } catch (error) {
    throw asDamage(error);
  }
}

function cellOf(value: unknown): string | number | null {
  if (value === null || typeof value === "number") return value as number | null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  const text = String(value);
  return text.length > cellCharactersMax ? `${text.slice(0, cellCharactersMax)}…`.toWellFormed() : text.toWellFormed();
}

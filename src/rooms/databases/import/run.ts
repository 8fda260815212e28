import { appendRows } from "./append.ts";
import type { AppendRequest } from "./append.ts";
import { checkMade } from "./check.ts";
import type { Choices, Misfit } from "./choices.ts";
import { importSource } from "./formats.ts";
import { applyChoices } from "./recast.ts";
import { named } from "./refuse.ts";
import { ByteSource } from "./source.ts";

export interface ImportLimits {
  uploadBytesMax: number;
  columnsMax: number;
  lineBytesMax: number;
  fieldBytesMax: number;
  rowsMax?: number;
  tablesMax: number;
}

export interface ImportRequest {
  /** An empty folder that may be written to. */
  workDir: string;
  /** As the person named the file: for the table's name and in errors only, never a path. */
  fileName: string;
  contentType?: string;
  /** Where it is known, for the progress. */
  sizeBytes?: number;
  tableName?: string;
  /** What a person decided after looking at the file. */
  choices?: Choices | undefined;
  /** The choices are of an earlier import: they hold for a file of the same shape, and are passed over for another. */
  isRemembered?: boolean | undefined;
  /** The packed files that it was in, outermost first. */
  within?: readonly string[];
  /** Only its beginning matters: see `runPreview`. */
  looksOnly?: boolean;
  limits: ImportLimits;
  mode?: "replace";
}

export interface Warning {
  code: string;
  [key: string]: unknown;
}

export interface ImportOutcome {
  /** In the work folder. */
  file: "out.sqlite";
  format: "csv" | "tsv" | "json" | "ndjson" | "parquet" | "xlsx" | "sql" | "zip" | "sqlite";
  encoding?: string;
  delimiter?: string;
  header?: boolean;
  tables: { name: string; rows: number; columns: { name: string; type: string }[] }[];
  sizeBytes: number;
  warnings: Warning[];
  /** What the tables and their columns are called in the file, in the order of `tables`; for a preview. */
  from?: { table: string; columns: string[] }[];
  misfits?: Misfit[];
  /** Whether only the beginning of the file was read. */
  isCut?: boolean;
  /** Of an append. */
  rowsAdded?: number;
  rowsUpdated?: number;
}

export type Report = (progress: { done: number; total?: number; unit: "bytes" | "rows"; phase: string }) => void;

/**
 * Turns an uploaded file into a checked SQLite file `out.sqlite` in the work folder, or throws a
 * `Problem` that says what is wrong and where. What the file is, its bytes decide. Meant for a
 * sandboxed process of its own: everything in the input is hostile until proven otherwise.
 */
export async function runImport(request: ImportRequest | AppendRequest, input: AsyncIterable<Uint8Array>, report: Report): Promise<ImportOutcome> {
  if (request.mode === "append") return appendRows(request, input, report);
  const source = new ByteSource(input, request.limits.uploadBytesMax);
  try {
    const found = await importSource(request, source, report);
    // One that came as a SQLite file was checked as such.
    if (found.format === "sqlite") return found;
    // The reader of texts holds to choices itself.
    const outcome = found.from || found.format === "sql" ? found : applyChoices(request, found);
    const rows = outcome.tables.reduce((sum, table) => sum + table.rows, 0);
    report({ done: rows, total: rows, unit: "rows", phase: "checking" });
    checkMade(request.workDir, outcome);
    return outcome;
  } catch (error) {
    throw named(error, request.fileName);
  } finally {
    await source.close();
  }
}

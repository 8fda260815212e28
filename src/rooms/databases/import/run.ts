import { appendRows } from "./append.ts";
import type { AppendRequest } from "./append.ts";
import { checkMade } from "./check.ts";
import { importText } from "./csv.ts";
import { damaged } from "./damage.ts";
import { contradictionOf, formatOf, headBytes } from "./detect.ts";
import { named, refuse } from "./refuse.ts";
import { ByteSource } from "./source.ts";
import { importSqlite } from "./sqlite.ts";

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
  format: "csv" | "tsv" | "sqlite";
  encoding?: string;
  delimiter?: string;
  header?: boolean;
  tables: { name: string; rows: number; columns: { name: string; type: string }[] }[];
  sizeBytes: number;
  warnings: Warning[];
  /** Of an append. */
  rowsAdded?: number;
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
    const head = await source.peek(headBytes);
    const found = formatOf(head);
    if (found.format === "empty") throw refuse("FILE_EMPTY");
    if (found.format === "other") throw refuse("FILE_FORMAT_UNSUPPORTED", { looksLike: found.looksLike });
    const extension = contradictionOf(request.fileName, found.format);
    // A database whose begin is overwritten is no text either.
    if (extension !== null && found.format === "text" && head.includes(0)) throw damaged("its first 16 bytes are not those of SQLite 3");
    if (extension !== null) throw refuse("FILE_EXTENSION_WRONG", { extension, found: found.format === "sqlite" ? "SQLite" : "CSV / TSV" });
    if (found.format === "sqlite") return await importSqlite(request, source, report);
    const outcome = await importText(request, source, report);
    report({ done: outcome.tables[0]!.rows, total: outcome.tables[0]!.rows, unit: "rows", phase: "checking" });
    checkMade(request.workDir, outcome);
    return outcome;
  } catch (error) {
    throw named(error, request.fileName);
  } finally {
    await source.close();
  }
}

import { constants } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Limits } from "#src/base/config.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import type { Progress } from "#src/rooms/jobs/jobs.ts";
import type { VersionRef } from "./databases.ts";
import type { Choices } from "./import/choices.ts";
import type { Table } from "./schema.ts";
import type { Source } from "./store.ts";

/** A file to import, or rows to add to a table of a version. */
export type Upload = FileUpload | RowsUpload;

export interface FileUpload {
  kind: "file";
  /** As the person named it: a label, never a path. */
  fileName: string;
  contentType: string;
  /** Where the client said it. */
  sizeBytes: number | undefined;
  /** What a person decided about it after looking at it. */
  choices?: Choices | undefined;
  /** The choices are those of the version before: they hold only for a file of the same shape. */
  isRemembered?: boolean;
  input: AsyncIterable<Uint8Array>;
}

export interface RowsUpload {
  kind: "rows";
  table: string;
  input: AsyncIterable<Uint8Array>;
  base: VersionRef;
  /** A plain file with the version's contents, to be copied. */
  copyOf: string;
  tables: Table[];
  /** Rows that have the same values in these columns are changed. */
  key?: string[] | undefined;
  choices?: Choices | undefined;
}

/** A file that nobody decided about is read as the one before it was, where it has the same shape. */
export function asBefore<T extends Upload>(upload: T, before: Source): T {
  const { choices } = before;
  return upload.choices !== undefined || choices === undefined ? upload : { ...upload, choices, isRemembered: true };
}

export interface Imported {
  file: string;
  tables: Table[];
  source: Source;
  rowsAdded?: number;
  rowsUpdated?: number;
}

const importMs = 6 * 3_600_000;
// A client that sends nothing for this long has gone away without saying so.
const idleMs = 120_000;

export const importLimits = (limits: Limits) => ({
  uploadBytesMax: limits.uploadBytesMax, columnsMax: 2_000, lineBytesMax: 16 * 1024 ** 2, fieldBytesMax: 16 * 1024 ** 2, tablesMax: 2_000,
});

interface Outcome {
  file: string;
  format: string;
  encoding?: string;
  delimiter?: string;
  tables: Table[];
  warnings: Record<string, unknown>[];
  rowsAdded?: number;
  rowsUpdated?: number;
}

/** Runs the import in a sandboxed child that may write only to `folder`; what it leaves there is a checked SQLite file. */
export async function importFile(options: {
  folder: string;
  upload: Upload;
  limits: Limits;
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
}): Promise<Imported> {
  const { folder, upload, limits, signal, onProgress } = options;
  const workDir = folder;
  let request: object;
  if (upload.kind === "rows") {
    await copyFile(upload.copyOf, join(folder, "in.sqlite"), constants.COPYFILE_FICLONE);
    // The child may run as another user; nobody else can enter the folder.
    await chmod(join(folder, "in.sqlite"), 0o666);
    request = { workDir, file: "in.sqlite", table: upload.table, key: upload.key, counts: countsOf(upload.tables), limits: importLimits(limits) };
  } else {
    const { fileName, contentType, sizeBytes, choices, isRemembered } = upload;
    request = { workDir, fileName, contentType, sizeBytes, choices, isRemembered, limits: importLimits(limits) };
  }
  const outcome = (await runOnce(upload.kind === "rows" ? "append" : "import", request, {
    input: upload.input, workDir, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: limits.uploadBytesMax * 4, timeoutMs: importMs, idleTimeoutMs: idleMs,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress: (progress: unknown) => onProgress(readProgress(progress)) } : {}),
  })) as Outcome;
  const isPassedOver = outcome.warnings.some(({ code }) => code === "CHOICES_PASSED_OVER");
  return {
    file: outcome.file,
    tables: outcome.tables,
    source: {
      format: outcome.format, fileName: upload.kind === "file" ? upload.fileName : "rows", warnings: outcome.warnings,
      ...(upload.choices && !isPassedOver ? { choices: upload.choices } : {}),
      ...(outcome.encoding ? { encoding: outcome.encoding } : {}), ...(outcome.delimiter ? { delimiter: outcome.delimiter } : {}),
    },
    ...(outcome.rowsAdded === undefined ? {} : { rowsAdded: outcome.rowsAdded }),
    ...(outcome.rowsUpdated === undefined ? {} : { rowsUpdated: outcome.rowsUpdated }),
  };
}

const countsOf = (tables: Table[]): Record<string, number> => Object.fromEntries(tables.flatMap(({ name, rows }) => (rows === null ? [] : [[name, rows]])));

function readProgress(progress: unknown): Progress {
  const { done, total, unit } = progress as { done?: number; total?: number; unit?: string };
  return { done: done ?? 0, total: total ?? null, unit: unit ?? "bytes" };
}

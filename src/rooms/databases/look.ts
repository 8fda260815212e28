import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Limits } from "#src/base/config.ts";
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Work } from "#src/base/work.ts";
import type { Choices } from "./import/choices.ts";
import type { Preview } from "./import/preview.ts";
import { importLimits } from "./intake.ts";
import { previewLimits } from "./previewschema.ts";
import type { Looked } from "./previewstore.ts";

/** A stored file, and how it is going to be read. */
export interface LookedAt {
  blobKey: string;
  fileName: string;
  contentType: string;
  sizeBytes: number;
  choices: Choices;
  isRemembered: boolean;
}

const lookMs = 60_000;
const idleMs = 30_000;
const atOnceMax = 2;

/** What a person's correction may mend: the file may be read, only not so. */
const correctable = new Set(["FILE_ENCODING", "FILE_ENCODING_UNKNOWN", "FILE_QUOTE_OPEN", "FILE_ROW_WIDTH", "FILE_COLUMNS_TOO_MANY"]);

/** Looks at stored files in sandboxed children, a few at once. */
export function createLook({ blobs, work, limits }: { blobs: Blobs; work: Work; limits: Limits }) {
  const inTurn = createTurns(atOnceMax);
  return (file: LookedAt, { signal }: { signal: AbortSignal }): Promise<Preview> =>
    inTurn(async () => {
      const workDir = work.makeFolder(file.sizeBytes);
      let body: Readable | null = null;
      try {
        ({ body } = await blobs.get(file.blobKey));
        const { fileName, contentType, sizeBytes, choices, isRemembered } = file;
        const request = { workDir, fileName, contentType, sizeBytes, choices, isRemembered, limits: importLimits(limits), rowsMax: previewLimits.rowsMax };
        return (await runOnce("preview", request, {
          input: body, workDir, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: limits.uploadBytesMax * 4, timeoutMs: lookMs, idleTimeoutMs: idleMs, signal,
        })) as Preview;
      } finally {
        // Of a long text the beginning was enough.
        body?.destroy();
        await rm(workDir, { recursive: true, force: true });
      }
    });
}

/** A file that cannot be shown, and yet is kept: its person may correct how it is read, or import it without looking. */
export function unread(error: unknown, language: Language): Looked {
  const isTooLong = error instanceof Problem && error.code === "WORK_TIMEOUT";
  if (!(error instanceof Problem) || !(isTooLong || correctable.has(error.code))) throw error;
  return {
    format: isTooLong ? "unknown" : "text", corrections: isTooLong ? [] : ["encoding", "delimiter", "header"], isWhole: false, tables: [], warnings: [], misfits: [],
    problem: problemBody(error, language) as unknown as Record<string, unknown>,
  };
}

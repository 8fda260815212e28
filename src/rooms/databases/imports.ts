import type { Readable } from "node:stream";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Queue } from "#src/base/queue.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Jobs } from "#src/rooms/jobs/jobs.ts";
import type { Databases, FileUpload } from "./databases.ts";

export interface Imports {
  /** Stores the file as it arrives, and answers with a job once it is durable; the import then happens in the background. */
  queue(options: { team: string; name?: string; database?: string; upload: FileUpload; by: Doer; language: Language }): Promise<string>;
  /** Takes up queued imports, also those that a killed node had begun. */
  work(): Promise<void>;
  /** Removes stored uploads that no import waits for any more: what a kill between two steps left. */
  sweep(): Promise<void>;
}

const uploadPrefix = "uploads/";
const importsAtOnceMax = 1;
const orphanMs = 24 * 3_600_000;

interface Input {
  blobKey: string;
  sizeBytes: number;
  fileName: string;
  contentType: string;
  name: string | null;
  database: string | null;
  by: Doer;
  language: Language;
}

export interface ImportsParts {
  databases: Databases;
  jobs: Jobs;
  queue: Queue;
  blobs: Blobs;
  clock: Clock;
  /** Shows a made database as the API does, for the job's result. */
  show(database: Awaited<ReturnType<Databases["get"]>>): object;
}

export function createImports(parts: ImportsParts): Imports {
  const { jobs, queue, blobs, clock } = parts;
  return {
    async queue({ team, name, database, upload, by, language }) {
      const id = newId("job", clock);
      const blobKey = `${uploadPrefix}${team}/${id}`;
      const head = await blobs.put(blobKey, upload.input);
      const input: Input = {
        blobKey, sizeBytes: head.sizeBytes, fileName: upload.fileName, contentType: upload.contentType, name: name ?? null, database: database ?? null, by, language,
      };
      await jobs.create({ id, team, user: by.user, kind: "import", input });
      await queue.send("import", { team, job: id });
      return id;
    },
    sweep: () => sweep(parts),
    work: () => queue.work("import", { concurrency: importsAtOnceMax }, (data: { team: string; job: string }, signal) => perform(parts, data, signal)),
  };
}

async function sweep({ blobs, jobs, clock }: ImportsParts): Promise<void> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list(uploadPrefix, { limit: 1_000, ...(after === undefined ? {} : { after }) });
    for (const { key, modifiedAt } of items) {
      const [, team = "", job = ""] = key.split("/");
      if (clock.now() - modifiedAt > orphanMs && !(await jobs.isPending(team, job))) await blobs.delete(key);
    }
    if (next === null) return;
    after = next;
  }
}

async function perform(parts: ImportsParts, { team, job }: { team: string; job: string }, stopping: AbortSignal): Promise<void> {
  const { databases, jobs, blobs } = parts;
  // An import that ended already may be given out again when the node died right after it: then there is nothing to do.
  if (!(await jobs.begin(team, job))) return;
  const input = (await jobs.get(team, job)).input as unknown as Input;
  const watch = jobs.watch(job);
  const options = {
    signal: AbortSignal.any([watch.signal, stopping]), by: input.by,
    onProgress: (progress: { done: number; total: number | null; unit: string }) => void jobs.progress(team, job, { ...progress, total: progress.total ?? input.sizeBytes }),
  };
  let body: Readable | null = null;
  try {
    ({ body } = await blobs.get(input.blobKey));
    const upload: FileUpload = { kind: "file", fileName: input.fileName, contentType: input.contentType, sizeBytes: input.sizeBytes, input: body };
    const made = input.database
      ? await databases.replace({ team, id: input.database, upload, ...options })
      : await databases.create({ team, name: input.name ?? input.fileName, upload, ...options });
    await jobs.finish(team, job, parts.show(made));
  } catch (error) {
    // A stopping node leaves the work to the next one.
    if (stopping.aborted) throw error;
    const problem = error instanceof Problem ? error : new Problem("INTERNAL", { values: { request: job }, cause: error });
    await jobs.fail(team, job, problem, input.language);
    if (problem.status >= 500) throw error;
  } finally {
    watch.release();
    // An import that is refused at once has not read it: left alone, its file would stay open.
    body?.destroy();
  }
  await blobs.delete(input.blobKey);
}

import type { Readable } from "node:stream";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Log } from "#src/base/log.ts";
import { newId } from "#src/base/ids.ts";
import { markMade } from "#src/base/once.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Queue } from "#src/base/queue.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Jobs } from "#src/rooms/jobs/jobs.ts";
import type { Plans } from "#src/rooms/teams/teams.ts";
import type { CurrentRow, Databases, FileUpload } from "./databases.ts";
import type { Choices } from "./import/choices.ts";
import { deletePreview } from "./previewstore.ts";

export interface Imports {
  /** Stores the file as it arrives, and answers with a job once it is durable; the import then happens in the background. */
  queue(options: { team: string; name?: string; database?: string; upload: FileUpload; by: Doer; language: Language }): Promise<string>;
  /** The same for a file that is stored already: `prepare` says what it is, in the transaction that makes the job. */
  queueStored(options: { team: string; by: Doer }, prepare: (tx: Tx) => Promise<{ input: StoredInput; begun(job: string): Promise<void> }>): Promise<string>;
  /** Takes up queued imports, also those that a killed node had begun. */
  work(): Promise<void>;
  /** Removes stored uploads that no import waits for any more: what a kill between two steps left. */
  sweep(): Promise<void>;
}

const uploadPrefix = "uploads/";
/** Of different teams; one team's are done one after the other. */
const importsAtOnceMax = 2;
const againSeconds = 60;
const orphanMs = 24 * 3_600_000;

/** A stored file and what is to become of it. */
export interface StoredInput {
  blobKey: string;
  sizeBytes: number;
  fileName: string;
  contentType: string;
  name: string | null;
  database: string | null;
  by: Doer;
  language: Language;
  choices?: Choices;
  isRemembered?: boolean;
  /** The preview that it was looked at in: it goes when the database is there, and until then the file is its. */
  preview?: string;
}

interface Work {
  team: string;
  job: string;
}

export interface ImportsParts {
  postgres: Postgres;
  databases: Databases;
  jobs: Jobs;
  queue: Queue;
  plans: Plans;
  blobs: Blobs;
  clock: Clock;
  log: Log;
  /** Shows a made database as the API does, for the job's result. */
  show(database: CurrentRow): object;
}

export function createImports(parts: ImportsParts): Imports {
  const { postgres, jobs, queue, blobs, plans, clock } = parts;
  /** How many of the team's imports wait already. Throws WORK_TEAM_FULL. */
  const waitingOf = async (tx: Tx, team: string): Promise<number> => {
    const { importsWaitingMax: max } = await plans.limitsOf(team);
    const waiting = await jobs.countQueued(tx, { team, kind: "import" });
    if (waiting >= max) throw new Problem("WORK_TEAM_FULL", { values: { max, seconds: againSeconds }, retryAfterSeconds: againSeconds });
    return waiting;
  };
  return {
    async queue({ team, name, database, upload, by, language }) {
      await postgres.transaction({ teams: [team] }, (tx) => waitingOf(tx, team));
      const id = newId("job", clock);
      const blobKey = `${uploadPrefix}${team}/${id}`;
      const head = await blobs.put(blobKey, upload.input);
      const input: StoredInput = {
        blobKey, sizeBytes: head.sizeBytes, fileName: upload.fileName, contentType: upload.contentType, name: name ?? null, database: database ?? null, by, language,
      };
      await postgres.transaction({ teams: [team] }, async (tx) => {
        const waiting = await jobs.countQueued(tx, { team, kind: "import" });
        await jobs.create(tx, { id, team, user: by.user, kind: "import", input });
        await markMade(tx, { kind: "job", id });
        await queue.send(tx, "import", { team, job: id } satisfies Work, { team, waiting });
      });
      queue.wake("import");
      return id;
    },
    async queueStored({ team, by }, prepare) {
      const id = newId("job", clock);
      await postgres.transaction({ teams: [team] }, async (tx) => {
        const waiting = await waitingOf(tx, team);
        const { input, begun } = await prepare(tx);
        await jobs.create(tx, { id, team, user: by.user, kind: "import", input });
        await markMade(tx, { kind: "job", id });
        await begun(id);
        await queue.send(tx, "import", { team, job: id } satisfies Work, { team, waiting });
      });
      queue.wake("import");
      return id;
    },
    sweep: () => sweep(parts),
    async work() {
      await queue.work("import", { concurrency: importsAtOnceMax, eachTeamMax: 1 }, (data: Work, signal) => perform(parts, data, signal));
      await queue.work("import-given-up", { concurrency: 1 }, (data: Work) => giveUp(parts, data));
    },
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

// Begun again and again by nodes that did not live to end it: whoever waits for it is told.
async function giveUp({ jobs, blobs }: ImportsParts, { team, job }: Work): Promise<void> {
  const { input } = await jobs.get(team, job);
  const { language, blobKey, preview } = input as unknown as Partial<StoredInput> & Pick<StoredInput, "language">;
  await jobs.fail(team, job, new Problem("INTERNAL", { values: { request: job } }), language);
  // A file that was to be fetched is not stored.
  if (preview === undefined && blobKey !== undefined) await blobs.delete(blobKey);
}

async function perform(parts: ImportsParts, { team, job }: Work, stopping: AbortSignal): Promise<void> {
  const { databases, jobs, blobs } = parts;
  // An import that ended already may be given out again when the node died right after it: then there is nothing to do.
  if (!(await jobs.begin(team, job))) return;
  const input = (await jobs.get(team, job)).input as unknown as StoredInput;
  const watch = jobs.watch(job);
  const options = {
    signal: AbortSignal.any([watch.signal, stopping]), by: input.by,
    async onMade(tx: Tx, made: CurrentRow) {
      await jobs.finish(tx, job, parts.show(made));
      if (input.preview !== undefined) await deletePreview(tx, input.preview);
    },
    onProgress: (progress: { done: number; total: number | null; unit: string }) => void jobs.progress(team, job, { ...progress, total: progress.total ?? input.sizeBytes }),
  };
  let body: Readable | null = null;
  const startedMs = performance.now();
  const tell = (code?: string): void =>
    parts.log("import", { job, team, durationMs: Math.round(performance.now() - startedMs), bytes: input.sizeBytes, ...(input.by.user === null ? {} : { user: input.by.user }), ...(code === undefined ? {} : { code }) });
  try {
    ({ body } = await blobs.get(input.blobKey));
    const { fileName, contentType, sizeBytes, choices, isRemembered = false } = input;
    const upload: FileUpload = { kind: "file", fileName, contentType, sizeBytes, choices, isRemembered, input: body };
    if (input.database) await databases.replace({ team, id: input.database, upload, ...options });
    else await databases.create({ team, name: input.name ?? input.fileName, upload, ...options });
    tell();
  } catch (error) {
    // A stopping node leaves the work to the next one.
    if (stopping.aborted) throw error;
    const problem = error instanceof Problem ? error : new Problem("INTERNAL", { values: { request: job }, cause: error });
    await jobs.fail(team, job, problem, input.language);
    tell(problem.code);
    if (problem.status >= 500) throw error;
    // Whoever looked at it may correct it and begin again.
    if (input.preview !== undefined) return;
  } finally {
    watch.release();
    // An import that is refused at once has not read it: left alone, its file would stay open.
    body?.destroy();
  }
  await blobs.delete(input.blobKey);
}

import type { Clock } from "#src/base/clock.ts";
import type { Config } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import type { Download, Outbound } from "#src/base/outbound/outbound.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Queue } from "#src/base/queue.ts";
import { homeKey, openText, sealText } from "#src/base/secrets.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Jobs } from "#src/rooms/jobs/jobs.ts";
import type { FileUpload } from "./databases.ts";
import type { Previews } from "./previews.ts";
import { labelOf } from "./upload.ts";

export interface Fetches {
  /** Answers with a job that fetches the file; its result names the preview. Throws OUTBOUND_REFUSED. */
  queue(options: { team: string; url: string; database?: string; by: Doer; language: Language }): Promise<string>;
  work(): Promise<void>;
}

interface Input {
  /** An address may hold a token: it lies here sealed, and is in no log. */
  sealedUrl: string;
  database: string | null;
  by: Doer;
  language: Language;
}

interface Work {
  team: string;
  job: string;
}

export interface FetchesParts {
  config: Config;
  postgres: Postgres;
  audit: Audit;
  outbound: Outbound;
  previews: Previews;
  jobs: Jobs;
  queue: Queue;
  clock: Clock;
  log: Log;
}

export const fetchLimits = { fetchMs: 3_600_000, idleMs: 60_000 };
const atOnceMax = 2;

export function createFetches(parts: FetchesParts): Fetches {
  const { config, postgres, audit, outbound, jobs, queue, clock } = parts;
  return {
    async queue({ team, url, database, by, language }) {
      await outbound.judge("files", url);
      const id = newId("job", clock);
      const input: Input = { sealedUrl: sealText(homeKey(config.home, "sources"), url, id), database: database ?? null, by, language };
      await postgres.transaction({ teams: [team] }, async (tx) => {
        await jobs.create(tx, { id, team, user: by.user, kind: "fetch", input });
        await audit.record(tx, { team, action: "preview:fetch", by, resource: { kind: "job", id }, facts: { host: new URL(url).hostname } });
        await queue.send(tx, "fetch", { team, job: id } satisfies Work);
      });
      queue.wake("fetch");
      return id;
    },
    work: () => queue.work("fetch", { concurrency: atOnceMax }, (data: Work, signal) => perform(parts, data, signal)),
  };
}

async function perform(parts: FetchesParts, { team, job }: Work, stopping: AbortSignal): Promise<void> {
  const { config, outbound, previews, jobs } = parts;
  if (!(await jobs.begin(team, job))) return;
  const { sealedUrl, database, by, language } = (await jobs.get(team, job)).input as unknown as Input;
  const watch = jobs.watch(job);
  const signal = AbortSignal.any([watch.signal, stopping]);
  try {
    const url = openText(homeKey(config.home, "sources"), sealedUrl, job);
    const found = await outbound.download("files", url, { signal, timeoutMs: fetchLimits.fetchMs, idleMs: fetchLimits.idleMs, bytesMax: config.limits.uploadBytesMax });
    const onBytes = (done: number): void => void jobs.progress(team, job, { done, total: sizeOf(found) ?? null, unit: "bytes" });
    await previews.create({
      team, ...(database === null ? {} : { database }), upload: uploadOfDownload(found, onBytes), by, language, signal,
      onMade: (tx, { id }) => jobs.finish(tx, job, { preview: id }),
    });
  } catch (error) {
    // A stopping node leaves the work to the next one.
    if (stopping.aborted) throw error;
    const problem = error instanceof Problem ? error : new Problem("INTERNAL", { values: { request: job }, cause: error });
    await jobs.fail(team, job, problem, language);
    // What the other system did is not a fault here: nothing is tried again by itself.
    if (problem.status >= 500 && !problem.code.startsWith("OUTBOUND")) throw error;
  } finally {
    watch.release();
  }
}

/** A file from another system, as one that was uploaded. Throws URL_ANSWERED where it is not the file that came. */
export function uploadOfDownload(found: Download, onBytes?: (done: number) => void): FileUpload {
  const { status, headers, url, body } = found;
  if (status !== 200) {
    void body.return(undefined);
    throw new Problem("URL_ANSWERED", { values: { host: url.hostname, status } });
  }
  return { kind: "file", fileName: fileNameOf(headers, url), contentType: headers.get("content-type") ?? "", sizeBytes: sizeOf(found), input: onBytes ? counted(body, onBytes) : body };
}

function sizeOf({ headers }: Download): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

async function* counted(body: AsyncGenerator<Uint8Array>, onBytes: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const part of body) {
    done += part.length;
    onBytes(done);
    yield part;
  }
}

/** As the server calls it, or by the end of its address. */
function fileNameOf(headers: Headers, url: URL): string {
  const disposition = headers.get("content-disposition") ?? "";
  const extended = /filename\*=\s*(?:utf-8|iso-8859-1)'[^']*'([^;]+)/i.exec(disposition)?.[1];
  const plain = /filename="([^"]*)"/i.exec(disposition)?.[1] ?? /filename=([^;]+)/i.exec(disposition)?.[1];
  const last = url.pathname.split("/").filter((part) => part !== "").at(-1);
  const name = decoded(extended?.trim() ?? plain?.trim() ?? last ?? url.hostname);
  // Another's name for a file leads nowhere: a strange one is only not used.
  return name.split(/[\\/]/).includes("..") ? "download" : labelOf(name);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import type { Actor, Resource } from "#src/access/access.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Work } from "#src/base/work.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Jobs } from "#src/rooms/jobs/jobs.ts";
import type { Databases, FileUpload } from "./databases.ts";
import type { Choices } from "./import/choices.ts";
import type { Imports } from "./imports.ts";
import { createLook, unread } from "./look.ts";
import type { LookedAt } from "./look.ts";
import { previewLimits } from "./previewschema.ts";
import * as store from "./previewstore.ts";
import type { Looked, PreviewRow } from "./previewstore.ts";

export interface Previews {
  find(actor: Actor, id: string): Promise<Resource | null>;
  /** Stores the file durably, looks at it in the sandbox, and keeps it for a day. */
  create(options: { team: string; database?: string; upload: FileUpload; by: Doer; language: Language; signal: AbortSignal; onMade?(tx: Tx, preview: PreviewRow): Promise<void> }): Promise<PreviewRow>;
  get(team: string, id: string): Promise<PreviewRow>;
  /** Those of one uploader, a person or a service account. */
  list(options: { team: string; uploader: string; before?: string | undefined; limit: number }): Promise<PreviewRow[]>;
  /** Looks again, with other choices. */
  update(options: { team: string; id: string; choices: Choices; by: Doer; language: Language; signal: AbortSignal }): Promise<PreviewRow>;
  /** Begins its import, which takes it away once the database is there. Throws PREVIEW_BUSY. */
  import(options: { team: string; id: string; name?: string; by: Doer; language: Language }): Promise<string>;
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** Removes what has expired, and objects that no preview points to. */
  sweep(): Promise<void>;
}

export interface PreviewsParts {
  postgres: Postgres;
  audit: Audit;
  blobs: Blobs;
  work: Work;
  limits: Limits;
  clock: Clock;
  jobs: Jobs;
  databases: Databases;
  imports: Imports;
}

const previewPrefix = "previews/";
const keptMs = previewLimits.keptHours * 3_600_000;
const orphanMs = 24 * 3_600_000;

export function createPreviews(parts: PreviewsParts): Previews {
  const { postgres, audit, blobs, clock, databases, imports } = parts;
  const look = createLook(parts);
  const seen = (file: LookedAt, { language, signal }: { language: Language; signal: AbortSignal }): Promise<Looked> =>
    look(file, { signal }).then((preview): Looked => ({ ...preview, problem: null }), (error: unknown) => unread(error, language));
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const get = (team: string, id: string): Promise<PreviewRow> => within(team, async (tx) => (await store.findPreview(tx, id)) ?? missing());
  return {
    async find(actor, id) {
      const row = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => store.findPreview(tx, id));
      // Its sample shows rows: it is there for its uploader alone.
      return row && (row.user_id ?? row.service_id) === actor.user ? { kind: "preview", id, team: row.team_id } : null;
    },
    async create({ team, database, upload, by, language, signal, onMade }) {
      if ((await within(team, (tx) => store.countPreviews(tx, team))) >= previewLimits.openMax) throw new Problem("PREVIEWS_TOO_MANY", { values: { max: previewLimits.openMax } });
      const id = newId("prv", clock);
      const blobKey = `${previewPrefix}${team}/${id}`;
      const choices = database === undefined ? undefined : (await databases.get(team, database)).source.choices;
      const { sizeBytes } = await blobs.put(blobKey, upload.input);
      const file: LookedAt = { blobKey, fileName: upload.fileName, contentType: upload.contentType, sizeBytes, choices: choices ?? {}, isRemembered: choices !== undefined };
      try {
        const looked = await seen(file, { language, signal });
        return await within(team, async (tx) => {
          const now = clock.now();
          await store.insertPreview(tx, {
            id, team_id: team, user_id: by.user, service_id: by.service ?? null, database_id: database ?? null, file_name: file.fileName, content_type: file.contentType,
            size_bytes: sizeBytes, blob_key: blobKey, choices: file.choices, is_remembered: file.isRemembered, looked, created_at: new Date(now), expires_at: new Date(now + keptMs),
          });
          await audit.record(tx, { team, action: "preview:create", by, resource: { kind: "preview", id }, facts: { sizeBytes } });
          const row = (await store.findPreview(tx, id)) ?? missing();
          await onMade?.(tx, row);
          return row;
        });
      } catch (error) {
        // What a kill leaves here the sweep takes.
        await blobs.delete(blobKey);
        throw error;
      }
    },
    get,
    list: (options) => within(options.team, (tx) => store.listPreviews(tx, options)),
    async update({ team, id, choices, by, language, signal }) {
      const looked = await seen({ ...fileOf(await get(team, id)), choices, isRemembered: false }, { language, signal });
      return await within(team, async (tx) => {
        if (!(await store.lockPreview(tx, id))) missing();
        await store.updatePreview(tx, id, { choices, is_remembered: false, looked });
        await audit.record(tx, { team, action: "preview:update", by, resource: { kind: "preview", id } });
        return (await store.findPreview(tx, id)) ?? missing();
      });
    },
    import: ({ team, id, name, by, language }) =>
      imports.queueStored({ team, by }, async (tx) => {
        const row = (await store.lockPreview(tx, id)) ?? missing();
        await holdIdle(parts, row);
        const file = fileOf(row);
        return {
          input: {
            ...file, name: name ?? (file.fileName.replace(/\.[^.]+$/, "") || file.fileName), database: row.database_id, by, language, preview: id,
            // Choices that nobody looked at hold only for a file of their shape.
            isRemembered: row.is_remembered,
          },
          async begun(job) {
            await store.updatePreview(tx, id, { job_id: job });
            await audit.record(tx, { team, action: "preview:import", by, resource: { kind: "preview", id }, facts: { job } });
          },
        };
      }),
    async delete({ team, id, by }) {
      const { blob_key: blobKey } = await within(team, async (tx) => {
        const row = (await store.lockPreview(tx, id)) ?? missing();
        await holdIdle(parts, row);
        await store.deletePreview(tx, id);
        await audit.record(tx, { team, action: "preview:delete", by, resource: { kind: "preview", id } });
        return row;
      });
      await blobs.delete(blobKey);
    },
    sweep: () => sweep(parts),
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

/** A file that is being imported is neither imported again nor taken away. */
async function holdIdle({ jobs }: PreviewsParts, row: PreviewRow): Promise<void> {
  if (row.job_id !== null && (await jobs.isPending(row.team_id, row.job_id))) throw new Problem("PREVIEW_BUSY");
}

function fileOf(row: PreviewRow): LookedAt {
  return { blobKey: row.blob_key, fileName: row.file_name, contentType: row.content_type, sizeBytes: row.size_bytes, choices: row.choices, isRemembered: row.is_remembered };
}

async function sweep(parts: PreviewsParts): Promise<void> {
  const { postgres, blobs, clock, jobs } = parts;
  const expired = await postgres.transaction({ operator: true }, (tx) => store.listExpired(tx, clock.date()));
  for (const row of expired) {
    if (row.job_id !== null && (await jobs.isPending(row.team_id, row.job_id))) continue;
    await postgres.transaction({ teams: [row.team_id] }, (tx) => store.deletePreview(tx, row.id));
    await blobs.delete(row.blob_key);
  }
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list(previewPrefix, { limit: 1_000, ...(after === undefined ? {} : { after }) });
    const old = items.filter((item) => clock.now() - item.modifiedAt > orphanMs).map((item) => item.key);
    const known = await postgres.transaction({ operator: true }, (tx) => store.knownPreviewKeys(tx, old));
    for (const key of old.filter((one) => !known.has(one))) await blobs.delete(key);
    if (next === null) return;
    after = next;
  }
}

/** A preview as the API shows it. */
export function showPreview(row: PreviewRow) {
  return {
    id: row.id, team: row.team_id, database: row.database_id, fileName: row.file_name, sizeBytes: row.size_bytes, choices: row.choices, ...row.looked,
    job: row.job_id, expiresAt: row.expires_at.toISOString(),
  };
}

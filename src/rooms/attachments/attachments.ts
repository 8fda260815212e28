import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Actor, Resource } from "#src/access/access.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { runOnce } from "#src/base/sandbox/once.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Work } from "#src/base/work.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { InspectOutcome } from "./inspect/inspect.ts";
import { attachmentLimits, mediaTypes } from "./schema.ts";
import type { Format } from "./schema.ts";
import * as store from "./store.ts";
import type { AttachmentRow } from "./store.ts";

export type { AttachmentRow } from "./store.ts";

/** What a page needs to show one; a publication keeps it so, frozen. */
export interface Shown {
  name: string;
  format: Format;
  blobKey: string;
  smallKey: string | null;
  sha256: string;
  sizeBytes: number;
  width: number | null;
  height: number | null;
  pages: number | null;
}

export interface Attachments {
  find(actor: Actor, id: string): Promise<Resource | null>;
  get(team: string, id: string): Promise<AttachmentRow>;
  list(options: { team: string; before?: string | undefined; limit: number }): Promise<AttachmentRow[]>;
  /** Decoded and made anew in the sandbox, stored durably, then visible. Throws ATTACHMENT_* and FILE_EMPTY. */
  create(options: { team: string; name: string; input: AsyncIterable<Uint8Array>; signal?: AbortSignal; by: Doer }): Promise<AttachmentRow>;
  /** Throws ATTACHMENT_IN_USE. */
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** Of these ids those that are there, as pages show them. */
  show(team: string, ids: readonly string[]): Promise<Record<string, Shown>>;
  /** The bytes for a reader. Throws ATTACHMENT_CONTENTS_MISSING. */
  open(shown: Pick<Shown, "blobKey">): Promise<Readable>;
  /** The small copy as a data: address, or null where there is none. */
  small(shown: Pick<Shown, "smallKey">): Promise<string | null>;
  /** The event of a document that leaves. */
  recordDownload(options: { team: string; id: string; by: Doer }): Promise<void>;
  /** Removes objects that nothing points to: what a kill between two steps left. */
  sweep(): Promise<number>;
}

interface Parts {
  postgres: Postgres;
  audit: Audit;
  blobs: Blobs;
  work: Work;
  limits: Limits;
  clock: Clock;
  log: Log;
}

const prefix = "attachments/";
const inspectMs = 60_000;
const idleMs = 120_000;
const inspectionsAtOnceMax = 2;
const orphanMs = 24 * 3_600_000;
/** What a child may write beyond the picture: an SVG is at most a little longer than it was, a PNG may grow. */
const outBytesMax = 256 * 1024 ** 2;

export function createAttachments(parts: Parts): Attachments {
  const { postgres, audit, blobs } = parts;
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  const inTurn = createTurns(inspectionsAtOnceMax);
  const find = async (tx: Tx, team: string, id: string): Promise<AttachmentRow> => {
    const row = await store.findAttachment(tx, id);
    if (row?.team_id !== team) throw new Problem("NOT_FOUND");
    return row;
  };
  return {
    async find(actor, id) {
      const row = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => store.findAttachment(tx, id));
      return row && { kind: "attachment", id, team: row.team_id };
    },
    get: (team, id) => within(team, (tx) => find(tx, team, id)),
    list: (options) => within(options.team, (tx) => store.listAttachments(tx, options)),
    create: (options) => create(parts, inTurn, options),
    async delete({ team, id, by }) {
      const row = await within(team, async (tx) => {
        // Held against a publication at the same time, which holds it too: one of the two sees the other.
        await store.holdAttachments(tx, { team, ids: [id] });
        const found = await find(tx, team, id);
        const reports = await store.countReports(tx, { team, id });
        if (reports > 0) throw new Problem("ATTACHMENT_IN_USE", { values: { reports } });
        await store.deleteAttachment(tx, id);
        await audit.record(tx, { team, action: "attachment:delete", by, resource: { kind: "attachment", id } });
        return found;
      });
      // What a crash leaves here the sweep takes.
      for (const key of [row.blob_key, row.small_key]) if (key) await blobs.delete(key);
    },
    async show(team, ids) {
      if (ids.length === 0) return {};
      const rows = await within(team, (tx) => store.findAttachments(tx, team, ids));
      return Object.fromEntries(rows.map((row) => [row.id, shownOf(row)]));
    },
    async open({ blobKey }) {
      if (blobKey === "") throw new Problem("ATTACHMENT_CONTENTS_MISSING");
      return (await blobs.get(blobKey)).body;
    },
    async small({ smallKey }) {
      if (smallKey === null) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of (await blobs.get(smallKey)).body) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      return `data:image/${bytes[0] === 0x89 ? "png" : "jpeg"};base64,${bytes.toString("base64")}`;
    },
    recordDownload: ({ team, id, by }) => within(team, (tx) => audit.record(tx, { team, action: "attachment:download", by, resource: { kind: "attachment", id } })),
    sweep: () => sweep(parts),
  };
}

export function shownOf(row: AttachmentRow): Shown {
  return {
    name: row.name, format: row.format, blobKey: row.blob_key, smallKey: row.small_key, sha256: row.sha256, sizeBytes: row.size_bytes,
    width: row.width, height: row.height, pages: row.pages,
  };
}

async function create(parts: Parts, inTurn: ReturnType<typeof createTurns>, options: Parameters<Attachments["create"]>[0]): Promise<AttachmentRow> {
  const { postgres, audit, blobs, work, clock, limits } = parts;
  const { team, name, input, signal, by } = options;
  await postgres.transaction({ teams: [team] }, (tx) => holdCount(tx, team));
  const folder = work.makeFolder(attachmentLimits.uploadBytesMax);
  try {
    // First all of it: whoever sends slowly takes nobody's turn.
    await pipeline(Readable.from(input), createWriteStream(join(folder, "in"), { mode: 0o600 }), ...(signal ? [{ signal }] : []));
    const outcome = (await inTurn(() => runOnce("inspect", { workDir: folder, fileName: name }, {
      input: createReadStream(join(folder, "in")), workDir: folder, memoryBytesMax: limits.importMemoryBytesMax, fileBytesMax: outBytesMax, timeoutMs: inspectMs, idleTimeoutMs: idleMs,
      ...(signal ? { signal } : {}),
    }))) as InspectOutcome;
    const id = newId("att", clock);
    const { format, width, height, pages, notes } = outcome;
    const put = (file: string, key: string, contentType: string) => blobs.put(key, createReadStream(join(folder, file)), { contentType });
    const head = await put("out", `${prefix}${team}/${id}`, mediaTypes[format]);
    const small = outcome.hasSmall ? `${prefix}${team}/${id}.small` : null;
    if (small) await put("small", small, "application/octet-stream");
    const row: AttachmentRow = {
      id, team_id: team, name: name.slice(0, attachmentLimits.nameCharactersMax), format, size_bytes: head.sizeBytes, sha256: head.sha256, width, height, pages, notes,
      blob_key: `${prefix}${team}/${id}`, small_key: small, created_by: by.user, created_at: clock.date(), portable_id: null,
    };
    return await postgres.transaction({ teams: [team] }, async (tx) => {
      // An imported workspace waits for the bytes of its attachments: they take their places.
      const waiting = await store.fillWaiting(tx, row);
      if (!waiting) {
        await holdCount(tx, team);
        await store.insertAttachment(tx, row);
      }
      const made = waiting?.filled ?? row;
      for (const slug of waiting?.slugs ?? []) await postgres.announce(tx, { kind: "publication", id: slug });
      await audit.record(tx, { team, action: "attachment:create", by, resource: { kind: "attachment", id: made.id }, facts: { format, sizeBytes: head.sizeBytes } });
      return made;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function holdCount(tx: Tx, team: string): Promise<void> {
  const max = attachmentLimits.attachmentsMax;
  if ((await store.countAttachments(tx, team)) >= max) throw new Problem("ATTACHMENTS_TOO_MANY", { values: { max } });
}

async function sweep({ blobs, postgres, clock, log }: Parts): Promise<number> {
  let removed = 0;
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list(prefix, { limit: 1_000, ...(after === undefined ? {} : { after }) });
    const old = items.filter((item) => clock.now() - item.modifiedAt > orphanMs).map((item) => item.key);
    const known = await postgres.transaction({ operator: true }, (tx) => store.knownKeys(tx, old));
    for (const key of old.filter((one) => !known.has(one))) {
      await blobs.delete(key).catch((error: unknown) => log("sweep trouble", describeError(error)));
      removed++;
    }
    if (next === null) return removed;
    after = next;
  }
}

/** Keeps these from being deleted until the transaction ends. Throws NOT_FOUND where one is gone already. */
export async function holdAttachments(tx: Tx, team: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0 && (await store.holdAttachments(tx, { team, ids })) < new Set(ids).size) throw new Problem("NOT_FOUND");
}

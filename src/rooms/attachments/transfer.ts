import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { shownOf } from "./attachments.ts";
import type { Shown } from "./attachments.ts";
import { attachmentLimits } from "./schema.ts";
import type { Format, Note } from "./schema.ts";
import * as store from "./store.ts";

/** An attachment in a workspace's export: all but its bytes, which are named by their SHA-256 and downloaded one by one. */
export interface PortableAttachment {
  id: string;
  name: string;
  format: Format;
  sizeBytes: number;
  sha256: string;
  width: number | null;
  height: number | null;
  pages: number | null;
  notes: Note[];
  createdAt: string;
  createdBy: string | null;
}

/** In the order of their ids, with the name that the export uses for each. */
export async function exportAttachments(tx: Tx, { team, emails }: { team: string; emails: ReadonlyMap<string, string> }): Promise<{ portable: PortableAttachment[]; names: Map<string, string> }> {
  const rows = await store.listPortable(tx, team);
  const portable = rows.map((row): PortableAttachment => ({
    id: row.portable_id ?? row.id, name: row.name, format: row.format, sizeBytes: row.size_bytes, sha256: row.sha256, width: row.width, height: row.height, pages: row.pages, notes: row.notes,
    createdAt: row.created_at.toISOString(), createdBy: emails.get(row.created_by ?? "") ?? null,
  }));
  return { portable: portable.sort((a, b) => (a.id < b.id ? -1 : 1)), names: new Map(rows.map((row) => [row.id, row.portable_id ?? row.id])) };
}

export interface Copied {
  blobKey: string;
  smallKey: string | null;
}

/** Copies the objects with these checksums that the transaction's teams have; the new keys by checksum. */
export async function copyAttachments(options: { blobs: Blobs; found: store.StoredObject[]; newKey(): string }): Promise<Map<string, Copied>> {
  const copied = new Map<string, Copied>();
  for (const { sha256, blob_key: blobKey, small_key: smallKey } of options.found) {
    if (copied.has(sha256)) continue;
    const copy = options.newKey();
    await options.blobs.put(copy, (await options.blobs.get(blobKey)).body);
    if (smallKey !== null) await options.blobs.put(`${copy}.small`, (await options.blobs.get(smallKey)).body);
    copied.set(sha256, { blobKey: copy, smallKey: smallKey === null ? null : `${copy}.small` });
  }
  return copied;
}

/** The objects with these checksums that the transaction reaches. */
export const findAttachmentObjects = store.objectsBySha256;

/** Makes them again under new ids; returns what pages show of them, by the export's name, and the new ids. */
export async function importAttachments(
  tx: Tx,
  options: { team: string; attachments: PortableAttachment[]; users: ReadonlyMap<string, string>; copied: ReadonlyMap<string, Copied>; newId(kind: string): string },
): Promise<{ ids: Map<string, string>; shown: Map<string, Shown> }> {
  const ids = new Map<string, string>();
  const shown = new Map<string, Shown>();
  for (const one of options.attachments) {
    const id = options.newId("att");
    const { blobKey, smallKey } = options.copied.get(one.sha256) ?? { blobKey: "", smallKey: null };
    const row: store.AttachmentRow = {
      id, team_id: options.team, name: one.name.slice(0, attachmentLimits.nameCharactersMax), format: one.format, size_bytes: one.sizeBytes, sha256: one.sha256, width: one.width, height: one.height, pages: one.pages, notes: one.notes,
      blob_key: blobKey, small_key: smallKey, created_by: options.users.get(one.createdBy ?? "") ?? null, created_at: new Date(one.createdAt), portable_id: one.id,
    };
    await store.insertAttachment(tx, row);
    ids.set(one.id, id);
    shown.set(id, shownOf(row));
  }
  return { ids, shown };
}

/** Where a new attachment's objects are. */
export const attachmentKeyOf = (team: string, id: string): string => `attachments/${team}/${id}`;

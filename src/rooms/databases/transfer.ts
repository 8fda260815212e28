import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Table } from "./schema.ts";
import * as store from "./store.ts";
import type { Source } from "./store.ts";

/** Of all objects that versions point to. */
export const versionPrefix = "versions/";

/** A database in a workspace's export: all but its bytes, which are named by their SHA-256 and downloaded one by one. */
export interface PortableDatabase {
  id: string;
  name: string;
  description: string;
  createdAt: string;
  updatedAt: string;
  createdBy: string | null;
  /** Whom it was shared with is not told: where it is imported, owners and administrators see it first. */
  restricted?: true;
  version: { number: number; sha256: string; sizeBytes: number; tables: Table[]; source: Source; createdAt: string };
}

/** In the order of their ids. `emails` gives a person's address by id. */
export async function exportDatabases(tx: Tx, options: { team: string; emails: ReadonlyMap<string, string> }): Promise<PortableDatabase[]> {
  const rows = await store.listPortable(tx, options.team);
  return rows.map((row) => ({
    id: row.portable_id ?? row.id, name: row.name, description: row.description, createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(),
    createdBy: options.emails.get(row.created_by ?? "") ?? null, ...(row.shares === null ? {} : { restricted: true as const }),
    version: {
      number: row.number, sha256: row.sha256, sizeBytes: row.size_bytes, tables: row.tables, source: row.source, createdAt: row.version_created_at.toISOString(),
    },
  }));
}

/** Makes the databases again under new ids; returns the new id by the old. Bytes come along where the importer has them already. */
export async function importDatabases(
  tx: Tx,
  options: { team: string; databases: PortableDatabase[]; users: ReadonlyMap<string, string>; newId(kind: string): string; blobKeys: ReadonlyMap<string, string> },
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const one of options.databases) {
    const id = options.newId("db");
    const version = options.newId("ver");
    const user = options.users.get(one.createdBy ?? "") ?? null;
    ids.set(one.id, id);
    await store.insertDatabase(tx, {
      id, team_id: options.team, name: one.name, description: one.description, version_id: version, created_by: user,
      created_at: new Date(one.createdAt), updated_at: new Date(one.updatedAt), portable_id: one.id, is_restricted: one.restricted ?? false,
    });
    await store.insertVersion(tx, {
      id: version, database_id: id, team_id: options.team, number: one.version.number, blob_key: options.blobKeys.get(one.version.sha256) ?? "",
      size_bytes: one.version.sizeBytes, sha256: one.version.sha256, tables: one.version.tables, source: one.version.source, created_by: user,
      created_at: new Date(one.version.createdAt),
    });
  }
  return ids;
}

/** The objects with these checksums that the transaction reaches, and whose they are. */
export const findContents = store.objectsBySha256;

/** Copies one object for each checksum; returns the new keys. */
export async function copyContents(options: { blobs: Blobs; contents: { sha256: string; blob_key: string }[]; newKey(): string }): Promise<Map<string, string>> {
  const copied = new Map<string, string>();
  for (const { sha256, blob_key: key } of options.contents) {
    if (copied.has(sha256)) continue;
    const { body } = await options.blobs.get(key);
    const copy = options.newKey();
    await options.blobs.put(copy, body, { contentType: "application/vnd.sqlite3" });
    copied.set(sha256, copy);
  }
  return copied;
}

/** Where a version's object is. */
export function blobKeyOf(team: string, version: string): string {
  return `${versionPrefix}${team}/${version}.sqlite`;
}

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import type { Config } from "#src/base/config.ts";
import { logFolder } from "#src/base/logfiles.ts";
import { startEmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { homeKey } from "#src/base/secrets.ts";
import { readLetter } from "#src/http/mailbox.ts";

/** Where something may stand, and no other place. */
const placesOf = {
  password: [],
  token: [],
  session: [],
  factor: [],
  /** The secret of a mailed link. */
  link: ["mail"],
  /** The text of a letter. It may be made of what the database holds. */
  letter: ["mail", "table"],
  /** A value in an uploaded file. */
  cell: ["object"],
  /** What people write in Kliv itself: reports, queries, names. */
  content: ["object", "table", "mail"],
} as const satisfies Record<string, readonly Place[]>;

export type SecretKind = keyof typeof placesOf;
type Place = "mail" | "log" | "table" | "object" | "raw object";

export interface Leak {
  kind: SecretKind;
  /** As `table public.tokens`, `log kliv-2026-11-24.ndjson`. */
  where: string;
  /** The first characters of it. */
  begins: string;
}

/** What is shorter turns up by chance. */
const charactersMin = 12;
const objectBytesMax = 16 * 1024 ** 2;
const linkPattern = /[?&#](?:link|token|code|invitation|change|secret)=([\w.-]{16,})/g;

export interface Secrets {
  /** From now on this may be found nowhere but where its kind may stand. */
  note(kind: SecretKind, ...values: string[]): void;
  /** No longer looked for. */
  forget(value: string): void;
  /** Notes what a request and its answer hold by the names of their fields. */
  watch(sent: { body?: unknown; cookie?: string }, answered: { status: number; json: any; headers: Record<string, string | string[] | undefined> }): void;
  /** Looks for all that was noted in mails, logs, every table, and the object store both as it lies there and decrypted. */
  scan(): Promise<Leak[]>;
  /**
   * Also reads every file of the home that is not searched by `scan`: PostgreSQL's own, with what was written once and
   * deleted since. Only for what may stand nowhere, as it is: the files are large.
   */
  scanDisk(): Promise<Leak[]>;
  /** How many were noted. */
  size(): number;
}

export function createSecrets(config: Config): Secrets {
  const noted = new Map<string, SecretKind>();
  const note: Secrets["note"] = (kind, ...values) => {
    for (const value of values) if (value.length >= charactersMin) noted.set(value, kind);
  };
  return {
    note,
    size: () => noted.size,
    forget: (value) => void noted.delete(value),
    watch({ body }, { status, json, headers }) {
      for (const cookie of [headers["set-cookie"] ?? []].flat()) note("session", cookie.split(";")[0]?.split("=")[1] ?? "");
      if (status >= 400) return;
      for (const [name, value] of stringsIn(body)) if (/password$/i.test(name)) note("password", value);
      for (const [name, value] of stringsIn(json)) {
        if (/^(token|secret)$/.test(name)) note(name === "token" ? "token" : "factor", value);
        if (/^(recoveryCodes|step)$/.test(name)) note("factor", value);
      }
    },
    async scanDisk() {
      const find = finder([...noted].filter(([, kind]) => (placesOf[kind] as readonly Place[]).every((place) => place === "mail")).map(([value, kind]) => ({ value, kind, forms: [Buffer.from(value)] })));
      const found: Leak[] = [];
      for (const entry of readdirSync(config.home, { recursive: true, withFileTypes: true })) {
        const where = join(entry.parentPath, entry.name).slice(config.home.length + 1);
        if (!entry.isFile() || /^(mail|blobs|logs)\//.test(where)) continue;
        for (const { value, kind } of find(readFileSync(join(config.home, where)))) found.push({ kind, where: `file ${where}`, begins: value.slice(0, 6) });
      }
      return found;
    },
    async scan() {
      const letters = lettersOf(config.home);
      for (const letter of letters) {
        for (const [, secret = ""] of letter.matchAll(linkPattern)) note("link", secret);
        note("letter", ...letter.split("\n").filter((line) => line.length >= 40 && !line.includes("://")));
      }
      const found: Leak[] = [];
      const find = finder(needlesOf(noted));
      const look = (place: Place, name: string, bytes: Buffer): void => {
        for (const { value, kind } of find(bytes)) {
          if (!(placesOf[kind] as readonly Place[]).includes(place)) found.push({ kind, where: name === "" ? place : `${place} ${name}`, begins: value.slice(0, 6) });
        }
      };
      for (const letter of letters) look("mail", "", Buffer.from(letter));
      for (const name of filesIn(logFolder(config.home))) look("log", name, readFileSync(join(logFolder(config.home), name)));
      await lookInDatabase(config, (table, bytes) => look("table", table, bytes));
      await lookInStore(config, look);
      return found;
    },
  };
}

interface Needle {
  value: string;
  kind: SecretKind;
  forms: Buffer[];
}

/** Looks for hundreds of texts in one pass, by how they begin: the files of a database have tens of megabytes. */
function finder(needles: Needle[]): (bytes: Buffer) => Set<Needle> {
  const beginnings = new Uint8Array(65_536);
  const byHead = new Map<number, { form: Buffer; needle: Needle }[]>();
  for (const needle of needles) {
    for (const form of needle.forms) {
      beginnings[form.readUInt16LE(0)] = 1;
      const head = form.readUInt32LE(0);
      byHead.set(head, [...(byHead.get(head) ?? []), { form, needle }]);
    }
  }
  return (bytes) => {
    const found = new Set<Needle>();
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (beginnings[bytes[at]! | (bytes[at + 1]! << 8)] === 0) continue;
      for (const { form, needle } of byHead.get(bytes.readUInt32LE(at)) ?? []) if (bytes.subarray(at, at + form.length).equals(form)) found.add(needle);
    }
    return found;
  };
}

/** Each as it is, and as something else on the way may have written it. */
function needlesOf(noted: Map<string, SecretKind>): Needle[] {
  return [...noted].map(([value, kind]) => {
    const bytes = Buffer.from(value);
    const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url"), bytes.toString("hex")];
    return { value, kind, forms: [...new Set(forms)].map((form) => Buffer.from(form)) };
  });
}

function* stringsIn(value: unknown, name = ""): Generator<[name: string, value: string]> {
  if (typeof value === "string") yield [name, value];
  else if (Array.isArray(value)) for (const one of value) yield* stringsIn(one, name);
  else if (typeof value === "object" && value !== null && !Buffer.isBuffer(value)) for (const [key, one] of Object.entries(value)) yield* stringsIn(one, key);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Every letter as its reader sees it, and as it was sent. */
function lettersOf(home: string): string[] {
  const folder = join(home, "mail");
  return filesIn(folder).filter((name) => name.endsWith(".eml")).flatMap((name) => {
    const raw = readFileSync(join(folder, name), "utf8");
    const { subject, text } = readLetter(raw);
    return [`${subject}\n${text}`, raw];
  });
}

async function lookInDatabase(config: Config, look: (table: string, bytes: Buffer) => void): Promise<void> {
  const connectionString = config.databaseUrl ?? (await startEmbeddedPostgres({ home: config.home, attach: true })).ownerUrl;
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
  } catch (error) {
    // Some tests stop it, and look at what the server does then.
    if (["ECONNREFUSED", "ENOENT", "57P03"].includes((error as { code?: string }).code ?? "")) return;
    throw error;
  }
  try {
    // Rows that a policy hides would be passed over in silence; so it is an error.
    await client.query("set row_security = off");
    const { rows: tables } = await client.query<{ name: string }>("select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1");
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
      look(name, Buffer.from(rows.map(({ row }) => row).join("\n")));
    }
  } finally {
    await client.end();
  }
}

async function lookInStore(config: Config, look: (place: Place, name: string, bytes: Buffer) => void): Promise<void> {
  if (!config.blobsUrl.startsWith("dir:")) return;
  const folder = config.blobsUrl.slice("dir:".length);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(path).size <= objectBytesMax) look("raw object", path.slice(folder.length + 1), readFileSync(path));
  }
  const blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment });
  try {
    for await (const { key, sizeBytes } of objectsOf(blobs)) if (sizeBytes <= objectBytesMax) look("object", key, await bytesOf(blobs, key).catch(emptyIfDamaged));
  } finally {
    await blobs.close();
  }
}

async function* objectsOf(blobs: Blobs): AsyncGenerator<{ key: string; sizeBytes: number }> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list("", after === undefined ? {} : { after });
    yield* items;
    if (next === null) return;
    after = next;
  }
}

/** Some tests damage an object; as it lies there it was searched all the same. */
function emptyIfDamaged(error: unknown): Buffer {
  if (error instanceof Problem && (error.code === "BLOB_DAMAGED" || error.code === "BLOB_NOT_FOUND")) return Buffer.alloc(0);
  throw error;
}

async function bytesOf(blobs: Blobs, key: string): Promise<Buffer> {
  const { body } = await blobs.get(key);
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

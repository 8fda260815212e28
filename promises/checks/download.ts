import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const rows = 3_000;

/** PORT-2. */
export function checkDownload(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `A database of ${facts.bytes} bytes was downloaded whole and resumed in pieces. Its SHA-256 is that of what was stored, and it passes SQLite's integrity check with all its rows.`,
      ja: `${facts.bytes}バイトのデータベースを一括でも途中からの再開でもダウンロードできました。SHA-256は保存時のものと一致し、SQLiteの整合性検査に合格し、すべての行を読み取れました。`,
    }),
    (sight) => withProbes(context, (probe) => downloadBoth({ context, probe, sight })),
  );
}

interface Stored {
  sha256: string;
  sizeBytes: number;
  table: string;
  values: string[];
}

async function downloadBoth({ context, probe, sight }: { context: CheckContext; probe: Probe; sight: Sight }): Promise<void> {
  const values = Array.from({ length: rows }, () => randomBytes(12).toString("hex"));
  const file = Buffer.from(`name,place\n${values.map((value) => `${value},東京`).join("\n")}\n`);
  const upload = need(
    await context.request("POST", `/api/v1/teams/${probe.team}/databases?name=download`, { token: probe.token, body: file, headers: { "content-type": "text/csv", "x-filename": "download.csv" } }),
    [201], { en: "upload a database", ja: "データベースのアップロード" },
  );
  const { id, sha256, sizeBytes, tables } = upload.json;
  const get = (headers: Record<string, string> = {}) => context.request("GET", `/api/v1/databases/${id}/download`, { token: probe.token, headers });
  const whole = await get();
  if (whole.status === 429 || whole.status === 503) need(whole, [200], { en: "download a database", ja: "データベースのダウンロード" });
  if (whole.status !== 200) return sight.breach(`The download was answered with ${whole.status}.`, `ダウンロードに対する応答が${whole.status}でした。`);
  sight.facts.bytes = whole.bytes.length;
  const stored: Stored = { sha256, sizeBytes, table: tables?.[0]?.name ?? "", values };
  holdChecksum({ whole, stored, sight });
  await resume({ get, whole, sight });
  await openWithSqlite({ bytes: whole.bytes, stored, sight });
}

function holdChecksum({ whole, stored, sight }: { whole: Reply; stored: Stored; sight: Sight }): void {
  const found = createHash("sha256").update(whole.bytes).digest("hex");
  if (found !== stored.sha256 || whole.bytes.length !== stored.sizeBytes) sight.breach("The downloaded bytes are not those that were stored.", "ダウンロードした内容が保存時のものと一致しません。");
  if (header(whole, "etag") !== `"${found}"`) sight.breach("The download's ETag is not its SHA-256.", "ダウンロードのETagがSHA-256と一致しません。");
}

async function resume({ get, whole, sight }: { get(headers: Record<string, string>): Promise<Reply>; whole: Reply; sight: Sight }): Promise<void> {
  const { bytes } = whole;
  const etag = header(whole, "etag");
  const cut = Math.floor(bytes.length / 3) + 1;
  const first = await get({ range: `bytes=0-${cut - 1}` });
  const rest = await get({ range: `bytes=${cut}-`, "if-range": etag });
  const isWhole = first.status === 206 && rest.status === 206 && Buffer.concat([first.bytes, rest.bytes]).equals(bytes);
  if (!isWhole || header(rest, "content-range") !== `bytes ${cut}-${bytes.length - 1}/${bytes.length}`) {
    sight.breach("A download that was cut off cannot be resumed.", "途中で切れたダウンロードを再開できません。");
  }
  // The file is another by now: the rest of the old one must not be joined to it.
  const changed = await get({ range: `bytes=${cut}-`, "if-range": `"${"0".repeat(64)}"` });
  if (changed.status !== 200 || !changed.bytes.equals(bytes)) sight.breach("Resuming a file that has changed gives a part instead of the whole.", "内容が変わったファイルの再開で、全体ではなく一部が返されました。");
  const beyond = await get({ range: `bytes=${bytes.length}-` });
  if (beyond.status !== 416) sight.breach(`A range beyond the end was answered with ${beyond.status}.`, `末尾を超える範囲に対する応答が${beyond.status}でした。`);
}

async function openWithSqlite({ bytes, stored, sight }: { bytes: Buffer; stored: Stored; sight: Sight }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kliv-promise-"));
  try {
    const file = join(folder, "download.sqlite");
    await writeFile(file, bytes);
    const complaint = readDatabase(file, stored);
    sight.facts.integrityCheck = complaint === null;
    if (complaint) sight.breach(complaint.en, complaint.ja);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Our own rows, made a moment ago, in a file of our own: this needs no sandbox.
function readDatabase(file: string, { table, values }: Stored): { en: string; ja: string } | null {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      const [result] = db.prepare("pragma integrity_check").all() as { integrity_check: string }[];
      if (result?.integrity_check !== "ok") return { en: "SQLite's integrity check fails on the downloaded file.", ja: "ダウンロードしたファイルがSQLiteの整合性検査に合格しません。" };
      const found = db.prepare(`select name from "${table.replaceAll('"', '""')}" order by rowid`).all() as { name: string }[];
      const isSame = found.length === values.length && found.every((row, at) => row.name === values[at]);
      return isSame ? null : { en: "Rows are missing from the downloaded file.", ja: "ダウンロードしたファイルに行が欠けています。" };
    } finally {
      db.close();
    }
  } catch {
    return { en: "SQLite cannot read the downloaded file.", ja: "ダウンロードしたファイルをSQLiteで読み取れません。" };
  }
}

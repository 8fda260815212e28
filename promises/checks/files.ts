import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { judgeAttachments } from "./attached.ts";
import { damagedRows, damagedSamples, soundSamples, sqliteSample } from "./damaged.ts";
import type { Sample } from "./damaged.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** VALID-1, for the formats that Kliv takes, and for rows that are added. */
export function checkFiles(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `${facts.refused} damaged SQLite, SQL, CSV, TSV, JSON, NDJSON, Parquet and Excel files, packed ones too, were refused, each with its name and a reason and, where it is known, the line; nothing of them was stored. ${facts.accepted} sound files were accepted, and ${facts.rowsRefused} damaged sets of JSON rows added nothing to them. ${facts.unfit} unfit attachments (PNG, JPEG, SVG, PDF) were refused.`,
      ja: `壊れたSQLite、SQL、CSV、TSV、JSON、NDJSON、Parquet、Excelファイル（圧縮したものを含む）${facts.refused}件が、ファイル名と理由、分かる場合は行番号を示して拒否され、何も保存されませんでした。正しいファイル${facts.accepted}件は受け付けられ、壊れたJSONの行${facts.rowsRefused}組は何も追加されずに拒否されました。不正な添付ファイル（PNG、JPEG、SVG、PDF）${facts.unfit}件も拒否されました。`,
    }),
    (sight) =>
      withProbes(context, async (probe) => {
        const database = await sqliteSample();
        await refuseDamaged({ context, probe, sight, samples: damagedSamples(database) });
        const table = await takeSound({ context, probe, sight, database });
        if (table) await refuseRows({ context, probe, sight, table });
        await judgeAttachments({ context, probe, sight });
      }),
  );
}

function send(context: CheckContext, probe: Probe, { fileName, type, bytes }: Sample): Promise<Reply> {
  return context.request("POST", `/api/v1/teams/${probe.team}/databases?name=${encodeURIComponent(fileName)}`, {
    token: probe.token, body: bytes, headers: { "content-type": type, "x-filename": fileName },
  });
}

async function refuseDamaged({ context, probe, sight, samples }: { context: CheckContext; probe: Probe; sight: Sight; samples: Sample[] }): Promise<void> {
  sight.facts.refused = 0;
  for (const sample of samples) {
    const before = sight.breaches.length + sight.doubts.length;
    const reply = await send(context, probe, sample);
    judge(sample, reply, sight);
    if (sight.breaches.length + sight.doubts.length === before) sight.facts.refused = Number(sight.facts.refused) + 1;
  }
  const { json } = need(await context.request("GET", `/api/v1/teams/${probe.team}/databases`, { token: probe.token }), [200], { en: "list the databases", ja: "データベース一覧の取得" });
  const left = await objectsOf(context, probe);
  if ((json?.items?.length ?? 0) > 0) sight.breach("After the refusals there are databases.", "拒否した後にデータベースが残っています。");
  if (left > 0) sight.breach(`After the refusals there are ${left} stored objects.`, `拒否した後に${left}個のオブジェクトが残っています。`);
}

function judge({ fileName, line }: Sample, reply: Reply, sight: Sight): void {
  const { status, json } = reply;
  if (status === 429 || status === 503 || status === 401 || status === 403) {
    sight.doubt(`${fileName} was answered with ${status}, which says nothing of the file.`, `${fileName}への応答が${status}で、ファイルの検証について何も分かりませんでした。`);
  } else if (status >= 500) {
    sight.breach(`${fileName} made the server fail (${status}).`, `${fileName}によりサーバーがエラー（${status}）になりました。`);
  } else if (status < 400) {
    sight.breach(`The damaged file ${fileName} was accepted.`, `壊れたファイル${fileName}が受け付けられました。`);
  } else if (!header(reply, "content-type").startsWith("application/problem+json") || typeof json?.code !== "string" || !json.detail) {
    sight.breach(`${fileName} was refused without a reason.`, `${fileName}の拒否に理由が示されていません。`);
  } else if (json.file !== fileName && !json.file?.startsWith(`${fileName}/`)) {
    sight.breach(`The refusal of ${fileName} does not name the file.`, `${fileName}の拒否にファイル名が示されていません。`);
  } else if (line !== undefined && json.line !== line) {
    sight.breach(`The refusal of ${fileName} names line ${json.line ?? "none"} instead of ${line}.`, `${fileName}の拒否に示された行が${json.line ?? "なし"}で、正しい${line}行目ではありません。`);
  }
}

interface Table {
  database: string;
  name: string;
  rows: number;
}

/** Answers with the first table that was taken, or null. */
async function takeSound({ context, probe, sight, database }: { context: CheckContext; probe: Probe; sight: Sight; database: Buffer }): Promise<Table | null> {
  sight.facts.accepted = 0;
  let first: Table | null = null;
  for (const sample of soundSamples(database)) {
    const { status, json } = await send(context, probe, sample);
    if (status === 429 || status >= 500) {
      sight.doubt(`The sound file ${sample.fileName} was answered with ${status}.`, `正しいファイル${sample.fileName}への応答が${status}でした。`);
    } else if (status !== 201 || json?.tables?.[0]?.rows !== sample.rows) {
      sight.breach(`The sound file ${sample.fileName} was not accepted whole (${status}).`, `正しいファイル${sample.fileName}が正しく受け付けられませんでした（${status}）。`);
    } else {
      sight.facts.accepted = Number(sight.facts.accepted) + 1;
      first ??= { database: json.id, name: json.tables[0].name, rows: sample.rows };
    }
  }
  // Now there must be something: had nothing been seen here either, the look before would have been at the wrong place.
  if (Number(sight.facts.accepted) > 0 && (await objectsOf(context, probe)) === 0) {
    sight.doubt("The objects of the team could not be found in the store.", "チームのオブジェクトを保存先で確認できませんでした。");
  }
  return first;
}

/** Of rows that are damaged in the middle none is added, not even those before the damage. */
async function refuseRows({ context, probe, sight, table }: { context: CheckContext; probe: Probe; sight: Sight; table: Table }): Promise<void> {
  const { token } = probe;
  sight.facts.rowsRefused = 0;
  for (const { name, body } of damagedRows) {
    const { status, json } = await context.request("POST", `/api/v1/databases/${table.database}/tables/${encodeURIComponent(table.name)}/rows`, {
      token, body: Buffer.from(body), headers: { "content-type": body.startsWith("[") ? "application/json" : "application/x-ndjson" },
    });
    if (status === 429 || status >= 500) sight.doubt(`Damaged rows (${name}) were answered with ${status}.`, `壊れた行（${name}）への応答が${status}でした。`);
    else if (status < 400) sight.breach(`Damaged rows (${name}) were accepted.`, `壊れた行（${name}）が受け付けられました。`);
    else if (json?.line !== 2 || !json.detail) sight.breach(`The refusal of damaged rows (${name}) does not name line 2 and a reason.`, `壊れた行（${name}）の拒否に、行番号（2行目）または理由が示されていません。`);
    else sight.facts.rowsRefused = Number(sight.facts.rowsRefused) + 1;
  }
  const { json } = need(await context.request("GET", `/api/v1/databases/${table.database}`, { token }), [200], { en: "read the database", ja: "データベースの取得" });
  if (json?.tables?.[0]?.rows !== table.rows) sight.breach("After the refusals the table has other rows than before.", "拒否した後、テーブルの行が変わっています。");
}

// Keys name their team: versions of databases, and uploads on their way.
async function objectsOf({ live }: CheckContext, probe: Probe): Promise<number> {
  let count = 0;
  for (const prefix of ["versions/", "uploads/"]) count += (await live.blobs.list(`${prefix}${probe.team}/`)).items.length;
  return count;
}

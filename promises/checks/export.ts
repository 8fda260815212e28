import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** PORT-1. */
export function checkExport(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `A workspace with a database, a saved query and reports was exported (${facts.bytes} bytes), imported into an empty team and exported again: the same, byte for byte${facts.renamed === 0 ? "" : ` but for ${facts.renamed} new ids`}.`,
      ja: `データベース、保存したクエリ、レポートを含むワークスペースをエクスポート（${facts.bytes}バイト）し、空のチームに取り込んで再びエクスポートしました。${facts.renamed === 0 ? "" : `新しいID${facts.renamed}個を除き、`}1バイトも違いません。`,
    }),
    (sight) => withProbes(context, (probe, another) => roundTrip({ context, probe, another, sight })),
  );
}

const exportOf = async (context: CheckContext, probe: Probe): Promise<Reply> =>
  need(await context.request("GET", `/api/v1/teams/${probe.team}/export`, { token: probe.token }), [200], { en: "export the workspace", ja: "ワークスペースのエクスポート" });

async function roundTrip({ context, probe, another, sight }: { context: CheckContext; probe: Probe; another: () => Promise<Probe>; sight: Sight }): Promise<void> {
  const made = await fillWorkspace(context, probe);
  const first = await exportOf(context, probe);
  const again = await exportOf(context, probe);
  sight.facts.bytes = first.bytes.length;
  if (!first.bytes.equals(again.bytes)) sight.breach("The same workspace exported twice gave different files.", "同じワークスペースを2回エクスポートすると異なる内容になりました。");
  holdWhole({ exported: first, made, sight });
  const stranger = await context.request("GET", `/api/v1/teams/${probe.team}/export`);
  if (stranger.status !== 401) sight.breach(`Without a token the export was answered with ${stranger.status}.`, `トークンなしのエクスポートに対する応答が${stranger.status}でした。`);
  const target = await another();
  const imported = await context.request("POST", `/api/v1/teams/${target.team}/import`, { token: target.token, body: first.bytes, headers: { "content-type": "application/json" } });
  if (imported.status < 200 || imported.status > 299) {
    const code = imported.json?.code ?? "";
    if (imported.status === 429 || imported.status >= 500) need(imported, [201], { en: "import the export", ja: "エクスポートの取り込み" });
    sight.breach(`The export could not be imported (${imported.status} ${code}).`, `エクスポートを取り込めませんでした（${imported.status} ${code}）。`);
    return;
  }
  await bringContents({ context, from: probe, to: target, database: made.database });
  compare({ first: first.bytes, second: (await exportOf(context, target)).bytes, sight });
}

const queryName = "人口の多い順";

interface Made {
  database: string;
  sha256: string;
  titles: string[];
}

async function fillWorkspace(context: CheckContext, probe: Probe): Promise<Made> {
  const { token, team } = probe;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) => context.request("POST", path, { token, body, headers });
  const file = Buffer.from("city,people,code\n東京,14000000,0013\n大阪,8800000,0027\n");
  const upload = need(await post(`/api/v1/teams/${team}/databases?name=${encodeURIComponent("都市 & cities")}`, file, { "content-type": "text/csv", "x-filename": "cities.csv" }), [201], {
    en: "upload a database", ja: "データベースのアップロード",
  });
  const { id, sha256, tables } = upload.json;
  const sql = `select city, people from "${tables[0].name}" order by people desc`;
  need(await post(`/api/v1/teams/${team}/queries`, { name: queryName, database: id, sql }), [201], { en: "save a query", ja: "クエリの保存" });
  const titles = ["人口 “quoted” <b>", "Second & last"];
  for (const title of titles) {
    const report = need(await post(`/api/v1/teams/${team}/reports`, {
      schema: 1, title, description: "改行\nと\ttab", language: "ja", parameters: [{ name: "least", type: "number", default: 0 }],
      blocks: [
        { id: "t", kind: "text", layout: { x: 0, y: 0, w: 12, h: 2 }, markdown: "# 見出し\n\n*text*" },
        { id: "c", kind: "chart", layout: { x: 0, y: 2, w: 6, h: 6 }, database: id, sql, chart: { mark: "bar", encoding: { x: { field: "city", type: "nominal" }, y: { field: "people", type: "quantitative" } } } },
        { id: "d", kind: "table", layout: { x: 6, y: 2, w: 6, h: 6 }, database: id, sql },
      ],
    }), [201], { en: "create a report", ja: "レポートの作成" });
    if (title === titles[0]) need(await post(`/api/v1/reports/${report.json.id}/publication`, { visibility: "team" }), [200, 201], { en: "publish a report", ja: "レポートの公開" });
  }
  return { database: id, sha256, titles };
}

/** The export names all that was made, in its documented places. */
function holdWhole({ exported, made, sight }: { exported: Reply; made: Made; sight: Sight }): void {
  const { json } = exported;
  const titles: unknown[] = (json?.reports ?? []).map((report: any) => report.definition?.title ?? report.title);
  const hasQuery = (json?.queries ?? []).some((query: any) => query.name === queryName && typeof query.sql === "string");
  const isWhole = json?.schema === 1 && Array.isArray(json.users) && json.users.length > 0 && hasQuery && titles.length === made.titles.length && made.titles.every((title) => titles.includes(title));
  if (!isWhole) sight.breach("The export lacks its version, the people, a saved query or a report.", "エクスポートに版、ユーザー、保存したクエリ、またはレポートが欠けています。");
  if (!exported.bytes.includes(made.sha256)) sight.breach("The export does not name the database's contents by checksum.", "エクスポートにデータベースのチェックサムがありません。");
}

// An import elsewhere brings definitions; contents come as downloads. Here they may have come along already.
async function bringContents({ context, from, to, database }: { context: CheckContext; from: Probe; to: Probe; database: string }): Promise<void> {
  const { json } = need(await context.request("GET", `/api/v1/teams/${to.team}/databases`, { token: to.token }), [200], { en: "list the databases", ja: "データベース一覧の取得" });
  const [target] = json?.items ?? [];
  if (!target) return;
  const there = await context.request("GET", `/api/v1/databases/${target.id}/download`, { token: to.token });
  if (there.status === 200) return;
  const file = need(await context.request("GET", `/api/v1/databases/${database}/download`, { token: from.token }), [200], { en: "download a database", ja: "データベースのダウンロード" });
  need(
    await context.request("PUT", `/api/v1/databases/${target.id}/contents`, { token: to.token, body: file.bytes, headers: { "content-type": "application/vnd.sqlite3", "x-filename": "contents.sqlite" } }),
    [200, 204], { en: "bring a database's contents", ja: "データベースの内容の取り込み" },
  );
}

function compare({ first, second, sight }: { first: Buffer; second: Buffer; sight: Sight }): void {
  sight.facts.renamed = 0;
  if (first.equals(second)) return;
  const names = renaming(JSON.parse(first.toString("utf8")), JSON.parse(second.toString("utf8")));
  if (typeof names === "string") {
    sight.breach(`After import and export the workspace differs at ${names}.`, `取り込んで再びエクスポートしたワークスペースが、${names}の位置で異なっています。`);
    return;
  }
  sight.facts.renamed = names.size;
  // The very bytes, with each new id in the place of the old one: order and spelling count too.
  let renamed = first.toString("utf8");
  for (const [from, to] of names) renamed = renamed.replaceAll(JSON.stringify(from), JSON.stringify(to));
  if (renamed !== second.toString("utf8")) sight.breach("After import and export the file is written differently.", "取り込んで再びエクスポートしたファイルの書式が異なっています。");
}

// As ids are made, and as a publication's address is: what has to be new in the same installation.
const newName = /^[a-z]{2,5}_[0-9A-Za-z]{8,}$/;

/** Which id became which, one to one; or the place where something else differs. */
export function renaming(first: unknown, second: unknown): Map<string, string> | string {
  const to = new Map<string, string>();
  const from = new Map<string, string>();
  const walk = (a: any, b: any, place: string): string | null => {
    if (typeof a === "string" && typeof b === "string") {
      if (a === b && !to.has(a)) return null;
      const isName = (newName.test(a) && newName.test(b)) || place.endsWith("/slug");
      if (!isName || (to.get(a) ?? b) !== b || (from.get(b) ?? a) !== a) return place;
      to.set(a, b);
      from.set(b, a);
      return null;
    }
    if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b ? null : place;
    const [keys, others] = [Object.keys(a), Object.keys(b)];
    if (Array.isArray(a) !== Array.isArray(b) || keys.length !== others.length) return place;
    for (const [at, key] of keys.entries()) {
      const found = key === others[at] ? walk(a[key], b[key], `${place}/${key}`) : `${place}/${key}`;
      if (found !== null) return found;
    }
    return null;
  };
  return walk(first, second, "") ?? to;
}

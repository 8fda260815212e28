import { randomBytes } from "node:crypto";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const galleryPage = 100;
const galleryPagesMax = 1_000;

/** ACCESS-6. */
export function checkPublic(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Without signing in, ${facts.addressesCalled} addresses of the API were called: none gave anything private. A report was in the gallery as soon as it was published and gone as soon as it was withdrawn, and the gallery shows all ${facts.publications ?? "its"} public reports.`,
      ja: `サインインせずにAPIの${facts.addressesCalled}個のアドレスを呼び出し、非公開の情報が返らないことを確認しました。レポートは公開と同時にギャラリーに現れ、取り下げと同時に消えました。ギャラリーには公開レポート${facts.publications === undefined ? "" : `${facts.publications}件`}がすべて表示されています。`,
    }),
    (sight) =>
      withProbes(context, async (probe) => {
        const made = await makePrivate(context, probe);
        await crawl({ context, made, sight });
        await publishAndWithdraw({ context, probe, made, sight });
      }),
  );
}

interface Made {
  team: string;
  database: string;
  report: string;
  /** Published to the team only. */
  slug: string;
  /** Words that no stranger may see. */
  secrets: string[];
}

const word = (): string => `canary${randomBytes(10).toString("hex")}`;

function definition(title: string): object {
  return { schema: 1, title, description: title, language: "en", parameters: [], blocks: [{ id: "a", kind: "text", layout: { x: 0, y: 0, w: 12, h: 2 }, markdown: title }] };
}

async function makePrivate(context: CheckContext, probe: Probe): Promise<Made> {
  const { team, token } = probe;
  const secrets = [word(), word(), word()];
  const [cell, name, title] = secrets as [string, string, string];
  const database = need(
    await context.request("POST", `/api/v1/teams/${team}/databases?name=${name}`, { token, body: Buffer.from(`name,value\n${cell},1\n`), headers: { "content-type": "text/csv", "x-filename": "private.csv" } }),
    [201], { en: "upload a database", ja: "データベースのアップロード" },
  );
  const report = need(await context.request("POST", `/api/v1/teams/${team}/reports`, { token, body: definition(title) }), [201], { en: "create a report", ja: "レポートの作成" });
  const shared = need(await publish({ context, token, report: report.json.id, visibility: "team" }), [200, 201], { en: "publish to the team", ja: "チームへの公開" });
  return { team, database: database.json.id, report: report.json.id, slug: slugOf(shared.json), secrets };
}

const publish = ({ context, token, report, visibility }: { context: CheckContext; token: string; report: string; visibility: string }): Promise<Reply> =>
  context.request("POST", `/api/v1/reports/${report}/publication`, { token, body: { visibility } });

function slugOf(publication: { slug?: string; url?: string } | undefined): string {
  return publication?.slug ?? publication?.url?.split("/").at(-1) ?? "";
}

/** Every address that can be read, and the pages of the private report, as somebody who has only guessed the ids. */
async function crawl({ context, made, sight }: { context: CheckContext; made: Made; sight: Sight }): Promise<void> {
  const { paths } = await context.live.openapi();
  const readable = Object.keys(paths ?? {}).filter((path) => paths[path].get);
  sight.facts.addressesDescribed = readable.length;
  if (readable.length === 0) sight.doubt("The API's description names nothing to read.", "APIの定義に読み取りのアドレスがありません。");
  const calls = readable.flatMap((path) => fill(path, made).map((address) => ({ address, path, hasPrivate: address !== path })));
  for (const page of [`/r/${made.slug}`, `/r/${made.slug}/picture.png`, `/embed/${made.slug}`]) calls.push({ address: page, path: page.replace(made.slug, "{slug}"), hasPrivate: true });
  sight.facts.addressesCalled = calls.length;
  for (const { address, path, hasPrivate } of calls) {
    const reply = await context.request("GET", address);
    const isOpen = reply.status >= 200 && reply.status < 300;
    const text = reply.bytes.toString("latin1");
    const isLeak = made.secrets.some((secret) => text.includes(secret)) || (isOpen && [made.database, made.report].some((id) => text.includes(id)));
    if (isLeak) sight.breach(`GET ${path} shows private things to a stranger.`, `GET ${path} が、サインインしていない人に非公開の情報を返します。`);
    // The web app's own page is the same for every address; it is no answer to the id in it.
    else if (isOpen && hasPrivate && !header(reply, "content-type").startsWith("text/html")) {
      sight.breach(`GET ${path} answers a stranger about a private thing.`, `GET ${path} が、非公開の対象についてサインインしていない人に応答します。`);
    } else if (isOpen && needsSignIn(paths[path]?.get)) sight.breach(`GET ${path} is described as closed and answers a stranger.`, `GET ${path} は要サインインと定義されていますが、サインインなしで応答します。`);
    else if (reply.status >= 500) sight.doubt(`GET ${path} failed with ${reply.status}.`, `GET ${path} がエラー（${reply.status}）になりました。`);
  }
}

function needsSignIn(operation: { security?: object[] } | undefined): boolean {
  const ways = operation?.security ?? [];
  return ways.length > 0 && ways.every((way) => Object.keys(way).length > 0);
}

/** The path with private ids in its places: by the noun before the place, or each of them where that says nothing. */
function fill(path: string, made: Made): string[] {
  const known: Record<string, string[]> = {
    teams: [made.team], databases: [made.database], reports: [made.report], tables: ["private"], r: [made.slug], publications: [made.slug, made.report],
  };
  const any = [made.team, made.database, made.report, made.slug];
  let addresses = [""];
  const segments = path.split("/");
  for (const [at, segment] of segments.entries()) {
    if (at === 0) continue;
    const hasPlace = /\{[^}]+\}/.test(segment);
    const values = hasPlace ? (known[segments[at - 1] ?? ""] ?? any).map((value) => segment.replace(/\{[^}]+\}/, encodeURIComponent(value))) : [segment];
    addresses = addresses.flatMap((address) => values.map((value) => `${address}/${value}`)).slice(0, 16);
  }
  return addresses;
}

async function publishAndWithdraw({ context, probe, made, sight }: { context: CheckContext; probe: Probe; made: Made; sight: Sight }): Promise<void> {
  const { token, team } = probe;
  const title = word();
  const report = need(await context.request("POST", `/api/v1/teams/${team}/reports`, { token, body: definition(title) }), [201], { en: "create a report", ja: "レポートの作成" });
  const { id } = report.json;
  const isFound = async (text: string): Promise<boolean> => {
    const reply = need(await context.request("GET", `/api/v1/gallery?q=${text}`), [200], { en: "read the gallery", ja: "ギャラリーの取得" });
    return (reply.json?.items ?? []).some((item: unknown) => JSON.stringify(item).includes(text));
  };
  if (await isFound(title)) sight.breach("A report that was not published is in the gallery.", "公開していないレポートがギャラリーに表示されています。");
  const publication = need(await publish({ context, token, report: id, visibility: "public" }), [200, 201], { en: "publish a report", ja: "レポートの公開" });
  const page = `/r/${slugOf(publication.json)}`;
  const isShown = async (): Promise<boolean> => {
    const reply = await context.request("GET", page);
    return reply.status === 200 && reply.bytes.includes(title);
  };
  if (!(await isFound(title))) sight.breach("A report that was just published is not in the gallery.", "公開したばかりのレポートがギャラリーに表示されません。");
  if (!(await isShown())) sight.breach("The page of a public report is not shown to a stranger.", "公開レポートのページが、サインインしていない人に表示されません。");
  if (await isFound(made.secrets[2] ?? "")) sight.breach("A report that is published to its team only is in the gallery.", "チーム限定のレポートがギャラリーに表示されています。");
  // While at least this one is public, so that the comparison is never one of nothing with nothing.
  await compareGallery(context, sight);
  need(await context.request("DELETE", `/api/v1/reports/${id}/publication`, { token }), [200, 204], { en: "withdraw a report", ja: "レポートの取り下げ" });
  if (await isFound(title)) sight.breach("A report that was withdrawn is still in the gallery.", "取り下げたレポートがギャラリーに残っています。");
  if (await isShown()) sight.breach("The page of a withdrawn report is still shown.", "取り下げたレポートのページがまだ表示されます。");
}

/** The gallery shows all that is public, as the database itself has it, and nothing else. */
async function compareGallery(context: CheckContext, sight: Sight): Promise<void> {
  const { publicSlugs } = context.live;
  if (!publicSlugs) return;
  const before = new Set(await publicSlugs());
  const shown = new Set<string>();
  let cursor: string | null = null;
  for (let page = 0; page < galleryPagesMax; page++) {
    const path: string = `/api/v1/gallery?sort=recent&limit=${galleryPage}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const reply = need(await context.request("GET", path), [200], { en: "read the gallery", ja: "ギャラリーの取得" });
    for (const item of reply.json?.items ?? []) shown.add(slugOf(item));
    cursor = reply.json?.nextCursor ?? null;
    if (cursor === null) break;
  }
  if (cursor !== null) return sight.doubt("The gallery is too long to read to its end.", "ギャラリーが長すぎて最後まで確認できませんでした。");
  // Others publish meanwhile: only what was public before and after must be there.
  const after = new Set(await publicSlugs());
  const missing = [...before].filter((slug) => after.has(slug) && !shown.has(slug)).length;
  const extra = [...shown].filter((slug) => !before.has(slug) && !after.has(slug)).length;
  sight.facts.publications = shown.size;
  if (missing > 0) sight.breach(`${missing} public reports are not in the gallery.`, `${missing}件の公開レポートがギャラリーに表示されていません。`);
  if (extra > 0) sight.breach(`${extra} reports in the gallery are not public.`, `ギャラリーの${extra}件のレポートは公開されていません。`);
}

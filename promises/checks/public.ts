import { randomBytes } from "node:crypto";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const galleryPage = 100;
const galleryPagesMax = 1_000;
const reportsOpenedMax = 20;

/** ACCESS-6. */
export function checkPublic(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Without signing in, ${facts.addressesCalled} addresses of the API were called: none gave anything private. A report was in the gallery as soon as it was published and gone as soon as it was withdrawn, and of the ${facts.publications} reports that are public here the gallery shows every one and nothing else.`,
      ja: `サインインせずにAPIの${facts.addressesCalled}個のアドレスを呼び出し、非公開の情報が返らないことを確認しました。レポートは公開と同時にギャラリーに現れ、取り下げと同時に消えました。ギャラリーには、この環境の公開レポート${facts.publications}件がすべて表示され、それ以外は表示されません。`,
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
  /** Published to who has the link. */
  linkSlug: string;
  /** Words that no stranger may see. */
  secrets: string[];
  /** The title of what has a link: not to be found without it. */
  linkTitle: string;
}

const word = (): string => `canary${randomBytes(10).toString("hex")}`;

function definition(title: string): object {
  return { schema: 1, title, description: title, language: "en", parameters: [], blocks: [{ id: "a", kind: "text", layout: { x: 0, y: 0, w: 12, h: 2 }, markdown: title }] };
}

async function makePrivate(context: CheckContext, probe: Probe): Promise<Made> {
  const { team, token } = probe;
  const [cell, name, title, draft, linkTitle] = Array.from({ length: 5 }, word) as [string, string, string, string, string];
  const database = need(
    await context.request("POST", `/api/v1/teams/${team}/databases?name=${name}`, { token, body: Buffer.from(`name,value\n${cell},1\n`), headers: { "content-type": "text/csv", "x-filename": "private.csv" } }),
    [201], { en: "upload a database", ja: "データベースのアップロード" },
  );
  const make = async (of: string): Promise<string> =>
    need(await context.request("POST", `/api/v1/teams/${team}/reports`, { token, body: definition(of) }), [201], { en: "create a report", ja: "レポートの作成" }).json.id;
  const [report, linked] = [await make(title), await make(linkTitle)];
  await make(draft);
  const shared = need(await publish({ context, token, report, visibility: "team" }), [200, 201], { en: "publish to the team", ja: "チームへの公開" });
  const link = need(await publish({ context, token, report: linked, visibility: "link" }), [200, 201], { en: "publish by link", ja: "リンクによる公開" });
  return { team, database: database.json.id, report, slug: slugOf(shared.json), linkSlug: slugOf(link.json), secrets: [cell, name, title, draft], linkTitle };
}

const publish = ({ context, token, report, visibility }: { context: CheckContext; token: string; report: string; visibility: string }): Promise<Reply> =>
  context.request("POST", `/api/v1/reports/${report}/publication`, { token, body: { visibility } });

function slugOf(publication: { slug?: string; url?: string } | undefined): string {
  return publication?.slug ?? publication?.url?.split("/").at(-1) ?? "";
}

/** Every address that can be read, and the pages of the private report, as somebody who has only guessed the ids. */
async function crawl({ context, made, sight }: { context: CheckContext; made: Made; sight: Sight }): Promise<void> {
  const described = need(await context.request("GET", "/api/v1/openapi.json"), [200], { en: "read the API's description", ja: "APIの定義の取得" });
  const { paths } = described.json ?? {};
  const readable = Object.keys(paths ?? {}).filter((path) => paths[path].get);
  sight.facts.addressesDescribed = readable.length;
  if (readable.length === 0) sight.doubt("The API's description names nothing to read.", "APIの定義に読み取りのアドレスがありません。");
  const calls = readable.flatMap((path) => fill(path, made).map((address) => ({ address, path, hasPrivate: address !== path })));
  for (const page of ["", "/picture.png", "/charts/a"]) calls.push({ address: `/r/${made.slug}${page}`, path: `/r/{slug}${page}`, hasPrivate: true });
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
    const page = need(await context.request("GET", `/gallery?q=${text}`), [200], { en: "read the gallery's page", ja: "ギャラリーのページの取得" });
    const isListed = (reply.json?.items ?? []).some((item: unknown) => JSON.stringify(item).includes(text));
    // The page says the word that was searched for; only a card has it as the name of a link.
    const isOnPage = page.bytes.includes(`>${text}</a>`);
    if (isListed !== isOnPage) sight.breach("The gallery's page and its API do not show the same reports.", "ギャラリーのページとAPIで、表示されるレポートが異なります。");
    return isListed;
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
  if (await isFound(made.linkTitle)) sight.breach("A report that only its link opens is in the gallery.", "リンク限定のレポートがギャラリーに表示されています。");
  if (await isFound(made.secrets[2] ?? "")) sight.breach("A report that is published to its team only is in the gallery.", "チーム限定のレポートがギャラリーに表示されています。");
  await compareGallery({ context, made, sight });
  need(await context.request("DELETE", `/api/v1/reports/${id}/publication`, { token }), [200, 204], { en: "withdraw a report", ja: "レポートの取り下げ" });
  if (await isFound(title)) sight.breach("A report that was withdrawn is still in the gallery.", "取り下げたレポートがギャラリーに残っています。");
  if (await isShown()) sight.breach("The page of a withdrawn report is still shown.", "取り下げたレポートのページがまだ表示されます。");
}

/** The gallery and its pages show all that is public, as the database itself has it, and nothing else. */
async function compareGallery({ context, made, sight }: { context: CheckContext; made: Made; sight: Sight }): Promise<void> {
  const before = new Set(await context.live.publicSlugs());
  const listed = await readList(context);
  const walked = await walkPages({ context, made, sight });
  // Others publish meanwhile: only what was public before and after must be there, and what is there must have been public at one of the two.
  const after = new Set(await context.live.publicSlugs());
  sight.facts.publications = [...before].filter((slug) => after.has(slug)).length;
  for (const shown of [listed, walked]) {
    if (shown === null) {
      sight.doubt("The gallery is too long to read to its end.", "ギャラリーが長すぎて最後まで確認できませんでした。");
      continue;
    }
    const missing = [...before].filter((slug) => after.has(slug) && !shown.has(slug)).length;
    const extra = [...shown].filter((slug) => !before.has(slug) && !after.has(slug)).length;
    const [en, ja] = shown === listed ? ["gallery", "ギャラリー"] : ["gallery's pages", "ギャラリーのページ"];
    if (missing > 0) sight.breach(`${missing} public reports are not in the ${en}.`, `${missing}件の公開レポートが${ja}に表示されていません。`);
    if (extra > 0) sight.breach(`${extra} reports in the ${en} are not public.`, `${ja}の${extra}件のレポートは公開されていません。`);
  }
}

async function readList(context: CheckContext): Promise<Set<string> | null> {
  const shown = new Set<string>();
  let cursor: string | null = null;
  for (let page = 0; page < galleryPagesMax; page++) {
    const path: string = `/api/v1/gallery?sort=recent&limit=${galleryPage}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const reply = need(await context.request("GET", path), [200], { en: "read the gallery", ja: "ギャラリーの取得" });
    for (const item of reply.json?.items ?? []) shown.add(slugOf(item));
    cursor = reply.json?.nextCursor ?? null;
    if (cursor === null) return shown;
  }
  return null;
}

/** From page to page by their links alone, as a reader without scripts; opens some of the reports that it comes by. */
async function walkPages({ context, made, sight }: { context: CheckContext; made: Made; sight: Sight }): Promise<Set<string> | null> {
  const shown = new Set<string>();
  let next: string | null = "/gallery";
  let opened = 0;
  for (let page = 0; next !== null; page++) {
    if (page === galleryPagesMax) return null;
    const html: string = need(await context.request("GET", next), [200], { en: "read the gallery's page", ja: "ギャラリーのページの取得" }).bytes.toString();
    if (made.secrets.some((secret) => html.includes(secret))) sight.breach("The gallery's page shows private things.", "ギャラリーのページに非公開の情報が表示されています。");
    for (const [, slug = ""] of html.matchAll(/<a href="\/r\/([^"/?]+)"/g)) {
      if (shown.has(slug)) continue;
      shown.add(slug);
      if (opened++ < reportsOpenedMax) await openReport({ context, slug, sight });
    }
    next = /<a rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? null;
  }
  return shown;
}

async function openReport({ context, slug, sight }: { context: CheckContext; slug: string; sight: Sight }): Promise<void> {
  // Not GET: that would count as a reading.
  const { status } = await context.request("HEAD", `/r/${slug}`);
  if (status === 200) return;
  // Withdrawn since the gallery was read: that is nobody's fault.
  const isStillPublic = (await context.live.publicSlugs()).includes(slug);
  if (status >= 500) sight.doubt(`The page of a public report failed with ${status}.`, `公開レポートのページがエラー（${status}）になりました。`);
  else if (isStillPublic) sight.breach("A report in the gallery is not shown to a stranger.", "ギャラリーのレポートが、サインインしていない人に表示されません。");
}

import type { Language } from "#src/base/problems/problem.ts";

/** What the gallery and the pages of reports say around their contents. */
export const words = {
  en: {
    title: "Gallery",
    intro: "Reports that teams have published for everyone.",
    databases: "Public databases",
    description: "Public reports, made with Kliv: charts and tables from real data, each with its figures.",
    search: "Search the gallery",
    find: "Search",
    sort: "Order",
    recent: "Newest",
    popular: "Most read",
    tagged: (tag: string) => `Tagged “${tag}”`,
    all: "Show all",
    found: (count: number, isMore: boolean) => `${count}${isMore ? "+" : ""} ${count === 1 && !isMore ? "report" : "reports"}`,
    none: "No public report has that.",
    noneHint: "Try fewer or other words.",
    empty: "Nothing has been published yet.",
    emptyHint: "A report appears here the moment its team publishes it for everyone.",
    more: "More reports",
    pictureOf: (title: string) => `Picture of the report “${title}”`,
    views: (count: string) => `read ${count} times`,
    published: "Published",
    version: (version: number) => `version ${version}`,
    tags: "Tags",
    anything: "All",
    apply: "Apply",
    invalid: "This is no value that fits here; the usual one is shown.",
    failed: "This part could not be filled",
    emptyReport: "This report has no blocks yet.",
    frozen: "Data as of the day of publication.",
    inGallery: "More in the gallery",
    pages: (count: number) => `${count} ${count === 1 ? "page" : "pages"}`,
    filtered: "The figures follow your choice.",
    notFound: "There is no such report",
    notFoundText: "The address is wrong, or its team has withdrawn the report.",
    toGallery: "To the gallery",
  },
  ja: {
    title: "ギャラリー",
    intro: "だれでも読めるように公開されたレポートです。",
    databases: "公開データベース",
    description: "Kliv で作られた公開レポート。実データのグラフと表を、数値とともに読めます。",
    search: "ギャラリーを検索",
    find: "検索",
    sort: "並び順",
    recent: "新着順",
    popular: "よく読まれている順",
    tagged: (tag: string) => `タグ「${tag}」`,
    all: "すべて表示",
    found: (count: number, isMore: boolean) => `${count} 件${isMore ? "以上" : ""}`,
    none: "該当する公開レポートはありません。",
    noneHint: "語を減らすか、別の語でお試しください。",
    empty: "公開されたレポートはまだありません。",
    emptyHint: "チームがレポートを一般公開すると、すぐにここに表示されます。",
    more: "続きを表示",
    pictureOf: (title: string) => `レポート「${title}」の画像`,
    views: (count: string) => `閲覧 ${count} 回`,
    published: "公開日",
    version: (version: number) => `第 ${version} 版`,
    tags: "タグ",
    anything: "すべて",
    apply: "適用",
    invalid: "指定できない値のため、既定の値で表示しています。",
    failed: "この部分を表示できませんでした",
    emptyReport: "このレポートにはまだ内容がありません。",
    frozen: "データは公開日時点のものです。",
    inGallery: "ほかのレポートを見る",
    pages: (count: number) => `${count}ページ`,
    filtered: "選択した条件で表示しています。",
    notFound: "レポートが見つかりません",
    notFoundText: "アドレスが間違っているか、公開が取り下げられています。",
    toGallery: "ギャラリーへ",
  },
} satisfies Record<Language, Record<string, unknown>>;

export type Words = (typeof words)[Language];

/** The day of a moment, as the language writes it. */
export function dayOf(date: Date, language: Language): string {
  return new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "long", timeZone: language === "ja" ? "Asia/Tokyo" : "UTC" }).format(date);
}

export function countOf(count: number, language: Language): string {
  return new Intl.NumberFormat(language).format(count);
}

import type { Language } from "#src/base/problems/problem.ts";

/** What the pages of public databases say around their contents. */
export const words = {
  en: {
    list: "Public databases",
    listIntro: "Data that teams have opened to everyone: look, ask in SQL, download.",
    listDescription: "Open data hosted with Kliv: schemas, samples, SQL and downloads.",
    search: "Search the databases",
    find: "Search",
    all: "Show all",
    more: "More databases",
    empty: "No database has been opened yet.",
    emptyHint: "One appears here the moment its team opens it to everyone.",
    none: "No public database has that.",
    noneHint: "Try fewer or other words.",
    toGallery: "Reports in the gallery",
    tables: (count: string, isOne: boolean) => `${count} ${isOne ? "table" : "tables"}`,
    rows: (count: string, isOne: boolean) => `${count} ${isOne ? "row" : "rows"}`,
    updated: "Data as of",
    columns: "Columns",
    first: (count: string) => `The first ${count} rows`,
    sampleFailed: "The rows cannot be shown",
    download: "Download",
    wholeFile: "SQLite",
    ask: "Ask in SQL",
    askHint: "One SELECT in SQLite's SQL. It only reads, for up to five seconds.",
    run: "Run",
    answered: "Answer",
    answer: (rows: string, ms: string) => `${rows} in ${ms} ms`,
    cut: (rows: string) => `Only the first ${rows} are shown.`,
    noRows: "The question has an answer, but no rows in it.",
    failed: "The question was not answered",
    place: (line: number, column: number) => `Line ${line}, column ${column}.`,
    nothing: "null",
    bytes: (count: string) => `${count} bytes`,
    program: "For programs",
    notFound: "There is no such database",
    notFoundText: "The address is wrong, or its team does not show the database to everyone any more.",
    toList: "All public databases",
    of: (name: string) => `The database “${name}”, open to everyone: its tables, SQL and downloads.`,
    moreTables: (count: string) => `and ${count} more`,
  },
  ja: {
    list: "公開データベース",
    listIntro: "チームが一般に公開したデータです。内容の確認、SQLでの質問、ダウンロードができます。",
    listDescription: "Kliv で公開されているオープンデータ。テーブル定義、サンプル、SQL、ダウンロード。",
    search: "公開データベースを検索",
    find: "検索",
    all: "すべて表示",
    more: "続きを表示",
    empty: "公開されたデータベースはまだありません。",
    emptyHint: "チームがデータベースを一般公開すると、すぐにここに表示されます。",
    none: "該当する公開データベースはありません。",
    noneHint: "語を減らすか、別の語でお試しください。",
    toGallery: "ギャラリーのレポート",
    tables: (count: string) => `${count} テーブル`,
    rows: (count: string) => `${count} 行`,
    updated: "データの日付",
    columns: "列",
    first: (count: string) => `先頭の ${count} 行`,
    sampleFailed: "行を表示できません",
    download: "ダウンロード",
    wholeFile: "SQLite",
    ask: "SQLで質問する",
    askHint: "SQLite の文法で SELECT 文を 1 つ書いてください。読み取り専用で、実行時間は 5 秒までです。",
    run: "実行",
    answered: "回答",
    answer: (rows: string, ms: string) => `${rows}・${ms} ミリ秒`,
    cut: (rows: string) => `先頭の ${rows}だけを表示しています。`,
    noRows: "質問は成功しましたが、該当する行はありませんでした。",
    failed: "質問に答えられませんでした",
    place: (line: number, column: number) => `${line} 行目、${column} 文字目です。`,
    nothing: "null",
    bytes: (count: string) => `${count} バイト`,
    program: "プログラムから使う",
    notFound: "データベースが見つかりません",
    notFoundText: "アドレスが間違っているか、一般公開されなくなりました。",
    toList: "公開データベースの一覧",
    of: (name: string) => `一般公開されているデータベース「${name}」のテーブル、SQL、ダウンロード。`,
    moreTables: (count: string) => `ほか ${count} 件`,
  },
} satisfies Record<Language, Record<string, unknown>>;

export const countOf = (count: number, language: Language): string => new Intl.NumberFormat(language).format(count);

/** A size in the unit that fits. */
export function sizeOf(bytes: number, language: Language): string {
  const step = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const unit = (["byte", "kilobyte", "megabyte", "gigabyte"] as const)[step]!;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: step === 0 ? 0 : 1 }).format(bytes / 1_000 ** step);
}

export function dayOf(date: Date, language: Language): string {
  return new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "long", timeZone: language === "ja" ? "Asia/Tokyo" : "UTC" }).format(date);
}

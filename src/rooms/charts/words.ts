import type { Language } from "./schema.ts";

type Both = Record<Language, string>;

/** What the drawing itself says. `{name}` places are filled by `say`. */
export const words = {
  other: { en: "Other", ja: "その他" },
  empty: { en: "(empty)", ja: "（空）" },
  yes: { en: "Yes", ja: "はい" },
  no: { en: "No", ja: "いいえ" },
  noData: { en: "No rows to show", ja: "表示するデータがありません" },
  count: { en: "Count", ja: "件数" },
  sum: { en: "Total {field}", ja: "{field}の合計" },
  mean: { en: "Average {field}", ja: "{field}の平均" },
  average: { en: "Average {field}", ja: "{field}の平均" },
  median: { en: "Median {field}", ja: "{field}の中央値" },
  min: { en: "Lowest {field}", ja: "{field}の最小値" },
  max: { en: "Highest {field}", ja: "{field}の最大値" },
  distinct: { en: "Distinct {field}", ja: "{field}の種類数" },
  share: { en: "Share", ja: "構成比" },
  rowsCut: { en: "First {shown} of {all} rows", ja: "{all} 行のうち先頭の {shown} 行を表示" },
  rowsTruncated: { en: "The query's result was cut at its row limit", ja: "クエリの結果は行数の上限で打ち切られています" },
  categoriesLargest: { en: "Largest {shown} of {all}", ja: "{all} 件のうち上位 {shown} 件を表示" },
  categoriesFirst: { en: "First {shown} of {all}", ja: "{all} 件のうち先頭の {shown} 件を表示" },
  linesCut: { en: "{shown} of {all} lines", ja: "{all} 本の線のうち {shown} 本を表示" },
  facetsCut: { en: "{shown} of {all} panels", ja: "{all} 面のうち {shown} 面を表示" },
  pointsCounted: { en: "{all} points, counted by cell", ja: "{all} 個の点を区画ごとに集計" },
  marksCut: { en: "First {shown} of {all} marks", ja: "{all} 個のうち先頭の {shown} 個を表示" },
  groupsCut: { en: "First {shown} groups", ja: "先頭の {shown} 組を表示" },
  skipped: { en: "{count} rows without a usable value left out", ja: "値のない {count} 行を除外" },
  descriptionTime: {
    en: "{measure} from {from} to {to}: peak {peak} ({peakAt}), low {low} ({lowAt}), {change}.",
    ja: "{from}から{to}までの{measure}。最高は{peak}（{peakAt}）、最低は{low}（{lowAt}）、{change}。",
  },
  changeUp: { en: "up {percent} from the first to the last", ja: "最初から最後までで{percent}増加" },
  changeDown: { en: "down {percent} from the first to the last", ja: "最初から最後までで{percent}減少" },
  changeNone: { en: "ending where it began", ja: "最初と最後は同水準" },
  changeFrom: { en: "from {first} to {last}", ja: "{first}から{last}へ推移" },
  descriptionCategories: {
    en: "{measure} by {dimension}, {count} values: highest {peakAt} with {peak}, lowest {lowAt} with {low}.",
    ja: "{dimension}別の{measure}（{count} 件）。最大は{peakAt}の{peak}、最小は{lowAt}の{low}。",
  },
  descriptionOne: { en: "{measure}: {peak} ({peakAt}).", ja: "{measure}は{peak}（{peakAt}）。" },
  descriptionFigure: { en: "{measure}: {peak}.", ja: "{measure}は{peak}。" },
  descriptionEqual: { en: "{measure} by {dimension}, {count} values, all of them {peak}.", ja: "{dimension}別の{measure}（{count} 件）。すべて{peak}。" },
  descriptionHistogram: {
    en: "Distribution of {dimension} over {count} rows: from {low} to {peak}, median {median}.",
    ja: "{dimension}の分布（{count} 行）。{low}から{peak}まで、中央値は{median}。",
  },
  descriptionPoints: {
    en: "{count} points: {x} from {xLow} to {xHigh}, {y} from {yLow} to {yHigh}.",
    ja: "{count} 個の点。{x}は{xLow}から{xHigh}、{y}は{yLow}から{yHigh}。",
  },
  descriptionCells: {
    en: "{measure} by {x} and {y}: highest {peak} ({peakAt}), lowest {low} ({lowAt}).",
    ja: "{x}と{y}別の{measure}。最大は{peak}（{peakAt}）、最小は{low}（{lowAt}）。",
  },
  dataSummary: { en: "Data", ja: "データを表示" },
  moreRows: { en: "{count} more rows", ja: "ほか {count} 行" },
  compared: { en: "from {value}", ja: "比較対象 {value}" },
  madeWith: { en: "Made with Kliv", ja: "Kliv で作成" },
  filter: { en: "{name}: {value}", ja: "{name}：{value}" },
  all: { en: "All", ja: "すべて" },
  emptyReport: { en: "This report has no blocks yet.", ja: "このレポートにはまだ内容がありません。" },
  failed: { en: "This part could not be drawn", ja: "この部分を表示できませんでした" },
  moreBlocks: { en: "Continued in the report", ja: "続きはレポートで" },
} satisfies Record<string, Both>;

export function say(word: keyof typeof words, language: Language, values: Record<string, string | number> = {}): string {
  return words[word][language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

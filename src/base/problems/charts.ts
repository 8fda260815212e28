import { entries } from "./entry.ts";

/** Chart specifications. */
export const chartProblems = entries({
  CHART_INVALID: {
    status: 422,
    title: { en: "The chart is not accepted", ja: "グラフの定義を受け付けられません" },
    detail: {
      en: "The chart is refused at {pointer}. Accepted there: {allowed}. Change or remove that part; /api/v1/schemas/chart.json describes every chart.",
      ja: "グラフ定義の {pointer} を受け付けられません。ここで使えるもの: {allowed}。該当箇所を直すか削除してください。定義全体は /api/v1/schemas/chart.json にあります。",
    },
  },
  CHART_FIELD_UNKNOWN: {
    status: 422,
    title: { en: "The chart names a column that is not there", ja: "グラフが存在しない列を参照しています" },
    detail: {
      en: 'The chart uses the column "{field}" at {pointer}, and the query does not answer it. Columns there are: {columns}. Choose one of them, or add the column to the query.',
      ja: "グラフ定義の {pointer} で使われている列「{field}」は、クエリの結果にありません。結果にある列: {columns}。いずれかを選ぶか、クエリに列を追加してください。",
    },
  },
  CHART_SIZE_REFUSED: {
    status: 422,
    title: { en: "The chart's size is not accepted", ja: "グラフの大きさを受け付けられません" },
    detail: {
      en: "A side of {pixels} pixels is not accepted. Give a whole number from {pixelsMin} to {pixelsMax}.",
      ja: "1 辺 {pixels} ピクセルは指定できません。{pixelsMin} から {pixelsMax} までの整数を指定してください。",
    },
  },
});

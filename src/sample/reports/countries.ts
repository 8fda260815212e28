import { regions } from "../data.ts";
import type { SampleReport } from "../reports.ts";

// The same colour for a region in every chart.
const region = { field: "地域", type: "nominal", scale: { domain: regions } };

/** Japanese; a filter with a usual value, points, stacked area, bars, table. */
export const countries: SampleReport = ({ countries: database }) => ({
  schema: 1,
  title: "人口・寿命・出生率で見る世界の 50 年",
  description: "63 か国の半世紀を、5 年ごとの数値で比べます。年を選ぶと、すべての数値が切り替わります。",
  language: "ja",
  tags: ["人口", "健康", "サンプル"],
  parameters: [{ name: "year", label: "年", type: "choice", default: 2005, options: { database, sql: "select distinct 年, 年 || '年' from countries order by 1 desc" } }],
  blocks: [
    { id: "year", kind: "filter", layout: { x: 0, y: 0, w: 3, h: 2 }, parameter: "year" },
    {
      id: "people", kind: "number", title: "合計人口", description: "50 年前（1955 年）との比較", layout: { x: 3, y: 0, w: 3, h: 3 }, database, format: { kind: "number", compact: true }, compareField: "以前",
      sql: "select sum(人口) as 人口, (select sum(人口) from countries where 年 = 1955) as 以前 from countries where 年 = :year",
    },
    {
      id: "life", kind: "number", title: "平均寿命", description: "年。人口で重み付けした平均", layout: { x: 6, y: 0, w: 3, h: 3 }, database, format: { kind: "number", decimals: 1 },
      sql: "select sum(平均寿命 * 人口) / sum(人口) from countries where 年 = :year",
    },
    {
      id: "births", kind: "number", title: "出生率", description: "女性 1 人あたりの子どもの数", layout: { x: 9, y: 0, w: 3, h: 3 }, database, format: { kind: "number", decimals: 2 },
      sql: "select sum(出生率 * 人口) / sum(人口) from countries where 年 = :year",
    },
    {
      id: "scatter", kind: "chart", title: "子どもが少ない国ほど長生き", description: "円の大きさは人口", layout: { x: 0, y: 3, w: 7, h: 8 }, database,
      sql: "select 国, 地域, 出生率, 平均寿命, 人口 from countries where 年 = :year order by 人口 desc",
      chart: {
        mark: { type: "point", opacity: 0.75 },
        encoding: {
          x: { field: "出生率", type: "quantitative", title: "出生率（人）" }, y: { field: "平均寿命", type: "quantitative", title: "平均寿命（年）", scale: { zero: false } },
          size: { field: "人口", type: "quantitative", legend: null }, color: region, tooltip: [{ field: "国" }, { field: "人口" }, { field: "平均寿命" }, { field: "出生率" }],
        },
      },
    },
    {
      id: "largest", kind: "chart", title: "人口の多い 10 か国", layout: { x: 7, y: 3, w: 5, h: 8 }, database,
      sql: "select 国, 人口 from countries where 年 = :year order by 人口 desc limit 10",
      chart: { mark: "bar", encoding: { y: { field: "国", type: "nominal", sort: null, title: null }, x: { field: "人口", type: "quantitative", title: "人口（人）" } } },
    },
    {
      id: "regions", kind: "chart", title: "地域別の人口の推移", layout: { x: 0, y: 11, w: 7, h: 7 }, database,
      sql: "select 年, 地域, sum(人口) as 人口 from countries group by 1, 2 order by 1",
      chart: { mark: "area", encoding: { x: { field: "年", type: "temporal", title: null }, y: { field: "人口", type: "quantitative", title: "人口（人）" }, color: region } },
    },
    {
      id: "table", kind: "table", title: "平均寿命の長い国", layout: { x: 7, y: 11, w: 5, h: 7 }, database, rowsMax: 20,
      sql: "select 国, 地域, 平均寿命, 出生率 from countries where 年 = :year order by 平均寿命 desc limit 20",
      columns: [{ field: "国" }, { field: "地域" }, { field: "平均寿命", format: { kind: "number", decimals: 1 } }, { field: "出生率", format: { kind: "number", decimals: 2 } }],
    },
    { id: "about", kind: "text", layout: { x: 0, y: 18, w: 12, h: 2 }, markdown: "出典: [Gapminder](https://www.gapminder.org/data/)（npm パッケージ **vega-datasets** による）。収録されている 63 か国の合計であり、世界全体の値ではありません。" },
  ],
});

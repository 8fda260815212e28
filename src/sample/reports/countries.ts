import { regions } from "../data.ts";
import type { SampleReport } from "../reports.ts";

const chosen = "(:region is null or 地域 = :region)";
const inYear = "(:year is null or 年 = :year)";
// The same colour for a region in every chart.
const order = ["東アジア・太平洋", "南アジア", "南北アメリカ", "ヨーロッパ", "中東・北アフリカ", "サハラ以南アフリカ"];
const region = { field: "地域", type: "nominal", sort: order, scale: { domain: order } };
const years = [1955, 1960, 1965, 1970, 1975, 1980, 1985, 1990, 1995, 2000, 2005];

/** One figure of 2005 beside the same of 1955. */
function compared(figure: string): { sql: string; field: string; compareField: string } {
  const of = (year: number): string => `(select ${figure} from countries where 年 = ${year} and ${chosen})`;
  return { sql: `select\n  ${of(2005)} as "2005年",\n  ${of(1955)} as "1955年"`, field: "2005年", compareField: "1955年" };
}

/** Japanese; two filters, numbers with a comparison, stacked area, bubbles, small multiples, heatmap, bars, table. */
export const countries: SampleReport = ({ countries: database }) => ({
  schema: 1,
  title: "人口・寿命・出生率で見る世界の50年",
  description: "62の国と地域の半世紀。生まれる子どもの数は減り、人は長く生きるようになりました。地域を選ぶと、すべての図表が切り替わります。",
  language: "ja",
  background: "light",
  tags: ["人口", "世界", "サンプル"],
  parameters: [
    { name: "region", label: "地域", type: "choice", options: regions.map((value) => ({ value })) },
    { name: "year", label: "年", type: "choice", default: 2005, options: years.map((value) => ({ value, label: `${value}年` })) },
  ],
  blocks: [
    { id: "region", kind: "filter", layout: { x: 0, y: 0, w: 4, h: 1 }, parameter: "region" },
    { id: "year", kind: "filter", layout: { x: 4, y: 0, w: 3, h: 1 }, parameter: "year" },
    { id: "hint", kind: "text", layout: { x: 7, y: 0, w: 5, h: 1 }, markdown: "「地域」はすべての図表に、「年」は円のグラフと「人口の多い国」に反映されます。" },
    { id: "population", kind: "number", layout: { x: 0, y: 1, w: 3, h: 2 }, title: "人口（2005年）", database, ...compared("sum(人口)"), better: "neither", format: { kind: "number", compact: true } },
    { id: "life", kind: "number", layout: { x: 3, y: 1, w: 3, h: 2 }, title: "平均寿命（歳）", database, ...compared("sum(平均寿命 * 人口) / sum(人口)"), format: { kind: "number", decimals: 1 } },
    {
      id: "births", kind: "number", layout: { x: 6, y: 1, w: 3, h: 2 }, title: "女性1人あたりの子ども", database, ...compared("sum(出生率 * 人口) / sum(人口)"), better: "neither",
      format: { kind: "number", decimals: 1 },
    },
    { id: "count", kind: "number", layout: { x: 9, y: 1, w: 3, h: 2 }, title: "対象の国と地域", database, sql: `select count(distinct 国) from countries where ${chosen}` },
    {
      id: "area", kind: "chart", layout: { x: 0, y: 3, w: 6, h: 6 }, title: "人口は50年で2.4倍に", description: "地域別の人口", database,
      sql: `select 年, 地域, sum(人口) as 人口\nfrom countries\nwhere ${chosen}\ngroup by 1, 2\norder by 1`,
      chart: { mark: "area", encoding: { x: { field: "年", type: "temporal" }, y: { field: "人口", type: "quantitative", title: null }, color: region } },
    },
    {
      id: "bubbles", kind: "chart", layout: { x: 6, y: 3, w: 6, h: 6 }, title: "子どもが少ない国ほど長生き", description: "選んだ年の各国。円の面積は人口を表します", database,
      sql: `select 国, 地域, 出生率, 平均寿命, 人口\nfrom countries\nwhere ${inYear} and ${chosen}\norder by 人口 desc`,
      chart: {
        mark: { type: "point", opacity: 0.75 },
        encoding: {
          x: { field: "出生率", type: "quantitative", title: "女性1人あたりの子どもの数" },
          y: { field: "平均寿命", type: "quantitative", title: "平均寿命（歳）" },
          size: { field: "人口", type: "quantitative", legend: null }, color: region,
          tooltip: [{ field: "国" }, { field: "人口" }, { field: "平均寿命" }, { field: "出生率" }],
        },
      },
    },
    {
      id: "lines", kind: "chart", layout: { x: 0, y: 9, w: 12, h: 5 }, title: "地域ごとの平均寿命", description: "線は1つの国、縦軸は歳", database,
      sql: `select 年, 国, 平均寿命, 地域\nfrom countries\nwhere ${chosen}\norder by 1`,
      chart: {
        mark: { type: "line", strokeWidth: 1.5, opacity: 0.8 },
        encoding: {
          x: { field: "年", type: "temporal" }, y: { field: "平均寿命", type: "quantitative", title: null, scale: { zero: false } }, detail: { field: "国" },
          column: { field: "地域", type: "nominal", sort: order },
        },
      },
    },
    {
      id: "heat", kind: "chart", layout: { x: 0, y: 14, w: 6, h: 6 }, title: "出生率の低下", description: "女性1人あたりの子どもの数（人口で重み付けした平均）", database,
      sql: `select 年, 地域, sum(出生率 * 人口) / sum(人口) as 子どもの数\nfrom countries\nwhere ${chosen}\ngroup by 1, 2\norder by 1`,
      chart: {
        mark: "rect",
        encoding: { x: { field: "年", type: "ordinal", title: null }, y: { field: "地域", type: "nominal", sort: order }, color: { field: "子どもの数", type: "quantitative", title: "人" } },
      },
    },
    {
      id: "gains", kind: "chart", layout: { x: 6, y: 14, w: 6, h: 6 }, title: "寿命が最も延びた国", description: "1955年から2005年までに延びた年数", database,
      sql: `select 国, max(平均寿命) filter (where 年 = 2005) - max(平均寿命) filter (where 年 = 1955) as 延び\nfrom countries\nwhere ${chosen}\ngroup by 国\norder by 2 desc\nlimit 12`,
      chart: { mark: "bar", encoding: { y: { field: "国", type: "nominal", sort: null }, x: { field: "延び", type: "quantitative", title: null, format: { kind: "number", decimals: 1 } } } },
    },
    {
      id: "table", kind: "table", layout: { x: 0, y: 20, w: 12, h: 8 }, title: "人口の多い国", database, rowsMax: 12,
      sql: `select 国, 地域, 人口 / 10000.0 as 人口, 人口 * 1.0 / sum(人口) over () as 割合, 平均寿命, 出生率\nfrom countries\nwhere ${inYear} and ${chosen}\norder by countries.人口 desc\nlimit 12`,
      columns: [
        { field: "国", title: "国・地域" }, { field: "地域", title: "区分" },
        { field: "人口", title: "人口（万人）", format: { kind: "number", decimals: 0 } }, { field: "割合", title: "対象国に占める割合", format: { kind: "percent", decimals: 1 } },
        { field: "平均寿命", title: "平均寿命（歳）", format: { kind: "number", decimals: 1 } }, { field: "出生率", title: "女性1人あたりの子ども", format: { kind: "number", decimals: 2 } },
      ],
    },
    {
      id: "about", kind: "text", layout: { x: 0, y: 28, w: 12, h: 1 },
      markdown: "出典：[Gapminder](https://www.gapminder.org/data/)（CC BY 4.0）。npm パッケージ **vega-datasets** に収録された62の国と地域の値で、世界全体の値ではありません。",
    },
  ],
});

import type { Chart, QueryResult } from "./schema.ts";

/* Small data for tests: every chart type of docs/charts.md once. */

const quantitative = (field: string) => ({ field, type: "quantitative" }) as const;
const nominal = (field: string) => ({ field, type: "nominal" }) as const;

export function result(names: string[], rows: unknown[][]): QueryResult {
  return { columns: names.map((name) => ({ name })), rows };
}

const prefectures = ["東京都", "大阪府", "神奈川県", "愛知県", "福岡県", "北海道", "兵庫県", "埼玉県", "千葉県", "京都府", "広島県"];
const years = result(["year", "revenue"], [[2009, 449.46], [2010, 481.45], [2011, 469.58], [2012, 477.53], [2013, 450.58]]);
const months = result(
  ["month", "売上"],
  Array.from({ length: 18 }, (_, i) => [`${2024 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`, 31_000 + ((i * 7) % 11) * 2_500]),
);
const named = result(["都道府県", "売上"], prefectures.map((name, i) => [name, (11 - i) ** 2 * 1_234_567]));
const split = result(
  ["年", "都道府県", "売上"],
  [2021, 2022, 2023].flatMap((year, y) => prefectures.map((name, i) => [year, name, (12 - i) * 1_000_000 + ((i * 3 + y * 5) % 7) * 210_000])),
);
const few = { ...split, rows: split.rows.filter((row) => prefectures.indexOf(String(row[1])) < 3) };
const points = result(
  ["weight", "price", "origin"],
  Array.from({ length: 40 }, (_, i) => [((i * 37) % 100) / 10 + 1, ((i * 37) % 100) * 200 + ((i * 79) % 97) * 80, ["USA", "Japan", "Europe"][i % 3]]),
);

export const chartFixtures: Record<string, { chart: Chart; result: QueryResult; title?: string }> = {
  bar: { chart: { mark: "bar", encoding: { x: { field: "year", type: "ordinal" }, y: quantitative("revenue") } }, result: years, title: "Revenue" },
  "bar-horizontal": { chart: { mark: "bar", encoding: { x: nominal("都道府県"), y: quantitative("売上") } }, result: named },
  "bar-stacked": { chart: { mark: "bar", encoding: { x: { field: "年", type: "ordinal" }, y: quantitative("売上"), color: nominal("都道府県") } }, result: split },
  "bar-normalized": {
    chart: { mark: "bar", encoding: { x: { field: "年", type: "ordinal" }, y: { ...quantitative("売上"), stack: "normalize" }, color: nominal("都道府県") } },
    result: few,
  },
  "bar-grouped": {
    chart: { mark: "bar", encoding: { x: { field: "年", type: "ordinal" }, xOffset: nominal("都道府県"), y: quantitative("売上"), color: nominal("都道府県") } },
    result: few,
  },
  "bar-time": { chart: { mark: "bar", encoding: { x: { field: "month", type: "temporal" }, y: quantitative("売上") } }, result: months },
  line: {
    chart: { mark: "line", encoding: { x: { field: "month", type: "temporal" }, y: { ...quantitative("売上"), format: { kind: "currency", currency: "JPY" } } } },
    result: months,
  },
  "line-other": { chart: { mark: "line", encoding: { x: { field: "年", type: "temporal" }, y: quantitative("売上"), color: nominal("都道府県") } }, result: split },
  area: { chart: { mark: "area", encoding: { x: { field: "month", type: "temporal" }, y: quantitative("売上") } }, result: months },
  point: { chart: { mark: "point", encoding: { x: quantitative("weight"), y: quantitative("price"), color: nominal("origin") } }, result: points },
  arc: { chart: { mark: { type: "arc", innerRadius: 50 }, encoding: { theta: quantitative("売上"), color: nominal("都道府県") } }, result: named },
  heatmap: {
    chart: { mark: "rect", encoding: { x: { field: "年", type: "ordinal" }, y: nominal("都道府県"), color: quantitative("売上") } },
    result: split,
  },
  histogram: { chart: { mark: "bar", encoding: { x: { ...quantitative("price"), bin: true }, y: { aggregate: "count" } } }, result: points },
  facets: { chart: { mark: "line", encoding: { x: { field: "年", type: "temporal" }, y: quantitative("売上"), column: nominal("都道府県") } }, result: few },
  tick: { chart: { mark: "tick", encoding: { x: quantitative("price"), y: nominal("origin") } }, result: points },
  rule: { chart: { mark: "rule", encoding: { y: { ...quantitative("revenue"), aggregate: "mean" } } }, result: years },
};

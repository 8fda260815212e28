import type { SampleReport } from "../reports.ts";

const sources = ["Fossil Fuels", "Nuclear Energy", "Renewables"];
const source = { field: "source", type: "nominal", sort: sources, scale: { domain: sources, range: ["#6B6258", "#C77B30", "#1F8A70"] } };

/** A chosen background; stacked area, shares, ring, grouped bars. */
export const electricity: SampleReport = ({ electricity: database }) => ({
  schema: 1,
  title: "How Iowa came to run on wind",
  description: "Electricity made in the state of Iowa by source, 2001 to 2017, in thousand megawatt hours.",
  language: "en",
  background: "#FBF7F0",
  tags: ["energy", "sample"],
  parameters: [],
  blocks: [
    {
      id: "about", kind: "text", layout: { x: 0, y: 0, w: 6, h: 3 },
      markdown: "In 2001 nearly all of Iowa's electricity came from **coal and gas**. Sixteen years later **wind and water** make about two fifths of it. Source: U.S. Energy Information Administration, by way of *vega-datasets*.",
    },
    {
      id: "renewable", kind: "number", title: "Renewable share, 2017", description: "against 2001", layout: { x: 6, y: 0, w: 3, h: 3 }, database, format: { kind: "percent", decimals: 1 }, compareField: "before",
      sql: "with shares as (\n  select year, sum(generation) filter (where source = 'Renewables') * 1.0 / sum(generation) as share from electricity group by year\n)\nselect share, (select share from shares order by year limit 1) as before from shares order by year desc limit 1",
    },
    {
      id: "total", kind: "number", title: "Made in 2017", description: "thousand MWh, against 2001", layout: { x: 9, y: 0, w: 3, h: 3 }, database, format: { kind: "number", decimals: 0 }, compareField: "before",
      sql: "with years as (select year, sum(generation) as made from electricity group by year)\nselect made, (select made from years order by year limit 1) as before from years order by year desc limit 1",
    },
    {
      id: "stacked", kind: "chart", title: "Electricity by source", description: "Thousand megawatt hours a year", layout: { x: 0, y: 3, w: 8, h: 7 }, database,
      sql: "select year, source, generation from electricity order by year",
      chart: { mark: "area", encoding: { x: { field: "year", type: "temporal", title: null }, y: { field: "generation", type: "quantitative", title: null }, color: source } },
    },
    {
      id: "ring", kind: "chart", title: "Sources in 2017", layout: { x: 8, y: 3, w: 4, h: 7 }, database,
      sql: "select source, generation from electricity where year = (select max(year) from electricity) order by generation desc",
      chart: { mark: { type: "arc", innerRadius: 80 }, encoding: { theta: { field: "generation", type: "quantitative" }, color: { ...source, legend: { orient: "bottom" } } } },
    },
    {
      id: "grouped", kind: "chart", title: "Then and now", description: "Thousand megawatt hours", layout: { x: 0, y: 10, w: 6, h: 6 }, database,
      sql: "select cast(year as text) as year, source, generation from electricity where year in (2001, 2009, 2017) order by year, source",
      chart: { mark: "bar", encoding: { x: { field: "year", type: "ordinal", title: null }, xOffset: { field: "source", sort: sources }, y: { field: "generation", type: "quantitative", title: null }, color: source } },
    },
    {
      id: "shares", kind: "chart", title: "Share of each source", layout: { x: 6, y: 10, w: 6, h: 6 }, database,
      sql: "select year, source, generation from electricity order by year",
      chart: { mark: "area", encoding: { x: { field: "year", type: "temporal", title: null }, y: { field: "generation", type: "quantitative", stack: "normalize", title: null }, color: source } },
    },
  ],
});

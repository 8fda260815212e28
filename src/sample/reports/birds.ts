import type { SampleReport } from "../reports.ts";

const sized = `(:size is null or "Wildlife Size" = :size)`;
/** AIRPORTS ARE SHOUTED in this file. */
const airport = `trim(replace(replace("Airport Name", ' ARPT', ''), ' INTL', ''))`;

/** Dark; stacked area, ring, grouped bars, scatter on a log scale, bars, table, money. */
export const birds: SampleReport = ({ strikes: database }) => ({
  schema: 1,
  title: "When birds meet aircraft",
  description: "Ten thousand reports of wildlife strikes in the United States, 1990 to 2002: mostly harmless, mostly on approach, now and then very expensive.",
  language: "en",
  background: "dark",
  tags: ["aviation", "nature", "sample"],
  parameters: [
    {
      name: "size", label: "Size of the animal", type: "choice", default: null,
      options: { database, sql: `select "Wildlife Size", "Wildlife Size" || ' (' || count(*) || ')' from strikes group by 1 order by count(*) desc` },
    },
  ],
  blocks: [
    { id: "size", kind: "filter", layout: { x: 0, y: 0, w: 4, h: 1 }, parameter: "size" },
    { id: "hint", kind: "text", layout: { x: 4, y: 0, w: 8, h: 1 }, markdown: "Small birds are hit most often and rarely matter. Choose a size, and every figure follows: a goose is another matter." },
    {
      id: "reports", kind: "number", layout: { x: 0, y: 1, w: 3, h: 2 }, title: "Strikes in 2001", database,
      sql: `select sum("Flight Date" like '2001%') as now, sum("Flight Date" like '2000%') as before from strikes where ${sized}`, field: "now", compareField: "before", better: "less",
    },
    {
      id: "damage", kind: "number", layout: { x: 3, y: 1, w: 3, h: 2 }, title: "With damage", database,
      sql: `select avg("Effect Amount of damage" <> 'None') as share from strikes where ${sized}`, format: { kind: "percent", decimals: 1 },
    },
    {
      id: "cost", kind: "number", layout: { x: 6, y: 1, w: 3, h: 2 }, title: "Cost of all", database,
      sql: `select sum("Cost Total $") as cost from strikes where ${sized}`, format: { kind: "currency", currency: "USD", compact: true },
    },
    {
      id: "worst", kind: "number", layout: { x: 9, y: 1, w: 3, h: 2 }, title: "The most expensive one", database,
      sql: `select max("Cost Total $") as cost from strikes where ${sized}`, format: { kind: "currency", currency: "USD", compact: true },
    },
    {
      id: "months", kind: "chart", layout: { x: 0, y: 3, w: 8, h: 6 }, title: "August to October is the season", description: "Strikes by month, by the size of the animal", database,
      sql: `select strftime('%Y-%m', "Flight Date") as month, "Wildlife Size" as size, count(*) as strikes\nfrom strikes\nwhere "Flight Date" < '2002-01-01' and ${sized}\ngroup by 1, 2\norder by 1`,
      chart: {
        mark: "area",
        encoding: {
          x: { field: "month", type: "temporal" },
          y: { field: "strikes", type: "quantitative", title: null, stack: "zero" },
          color: { field: "size", type: "nominal", sort: ["Large", "Medium", "Small"] },
        },
      },
    },
    {
      id: "phases", kind: "chart", layout: { x: 8, y: 3, w: 4, h: 6 }, title: "Close to the ground", description: "Phase of flight", database,
      sql: `select case when "Phase of flight" in ('Parked', 'Taxi') then 'On the ground' else "Phase of flight" end as phase, count(*) as strikes\nfrom strikes\nwhere ${sized}\ngroup by 1\norder by 2 desc`,
      chart: {
        mark: { type: "arc", innerRadius: 62 },
        encoding: { theta: { field: "strikes", type: "quantitative" }, color: { field: "phase", type: "nominal", legend: { orient: "bottom" } } },
      },
    },
    {
      id: "damages", kind: "chart", layout: { x: 0, y: 9, w: 6, h: 6 }, title: "Large animals do the damage", description: "Share of strikes with damage, by time of day", database,
      sql: `select "Time of day" as time, "Wildlife Size" as size, avg("Effect Amount of damage" <> 'None') as damaged\nfrom strikes\nwhere ${sized}\ngroup by 1, 2`,
      chart: {
        mark: "bar",
        encoding: {
          x: { field: "time", type: "ordinal", sort: ["Dawn", "Day", "Dusk", "Night"], title: null },
          xOffset: { field: "size", sort: ["Large", "Medium", "Small"] },
          y: { field: "damaged", type: "quantitative", title: null, format: { kind: "percent", decimals: 0 } },
          color: { field: "size", type: "nominal", sort: ["Large", "Medium", "Small"] },
        },
      },
    },
    {
      id: "speed", kind: "chart", layout: { x: 6, y: 9, w: 6, h: 6 }, title: "Speed does not decide", description: "Strikes that cost more than $1,000: speed in knots and cost", database,
      sql: `select "Speed IAS in knots" as knots, "Cost Total $" as cost, "Wildlife Size" as size\nfrom strikes\nwhere "Cost Total $" > 1000 and knots between 40 and 350 and ${sized}`,
      chart: {
        mark: { type: "point", opacity: 0.75 },
        encoding: {
          x: { field: "knots", type: "quantitative", title: "Knots" },
          y: { field: "cost", type: "quantitative", title: null, scale: { type: "log" }, format: { kind: "currency", currency: "USD" } },
          color: { field: "size", type: "nominal", sort: ["Large", "Medium", "Small"] },
        },
      },
    },
    {
      id: "airports", kind: "chart", layout: { x: 0, y: 15, w: 5, h: 8 }, title: "Where it is reported most", description: "Strikes by airport", database,
      sql: `select ${airport} as airport, count(*) as strikes\nfrom strikes\nwhere ${sized}\ngroup by 1\norder by 2 desc\nlimit 12`,
      chart: { mark: "bar", encoding: { y: { field: "airport", type: "nominal", sort: null }, x: { field: "strikes", type: "quantitative", title: null } } },
    },
    {
      id: "species", kind: "table", layout: { x: 5, y: 15, w: 7, h: 8 }, title: "The expensive dozen", database,
      sql: `select "Wildlife Species" as species, count(*) as strikes, avg("Effect Amount of damage" <> 'None') as damaged, sum("Cost Total $") as cost, max("Flight Date") as last
from strikes
where ${sized} and "Wildlife Species" not like 'Unknown%'
group by 1
order by cost desc
limit 12`,
      columns: [
        { field: "species", title: "Species" },
        { field: "strikes", title: "Strikes", format: { kind: "number", decimals: 0 } },
        { field: "damaged", title: "With damage", format: { kind: "percent", decimals: 0 } },
        { field: "cost", title: "Cost", format: { kind: "currency", currency: "USD", decimals: 0 } },
        { field: "last", title: "Last seen", format: { kind: "date" } },
      ],
      rowsMax: 12,
    },
    {
      id: "source", kind: "text", layout: { x: 0, y: 23, w: 12, h: 1 },
      markdown: "Source: FAA Wildlife Strike Database (public domain), a sample of 10,000 reports, as `birdstrikes.csv` of vega-datasets. Costs are as reported, often missing.",
    },
  ],
});

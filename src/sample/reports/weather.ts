import type { SampleReport } from "../reports.ts";

const chosen = "location = coalesce(:place, location)";

/** Light; filters, heatmap, histogram, shares, lines, numbers. */
export const weather: SampleReport = ({ weather: database }) => ({
  schema: 1,
  title: "Seattle and New York, day by day",
  description: "Four years of weather in two cities. Choose one, and every figure follows.",
  language: "en",
  tags: ["weather", "sample"],
  parameters: [
    { name: "place", label: "City", type: "choice", options: { database, sql: "select distinct location from weather order by 1" } },
    { name: "since", label: "From day", type: "date", default: "2012-01-01" },
  ],
  blocks: [
    { id: "place", kind: "filter", layout: { x: 0, y: 0, w: 3, h: 2 }, parameter: "place" },
    { id: "since", kind: "filter", layout: { x: 3, y: 0, w: 3, h: 2 }, parameter: "since" },
    {
      id: "hottest", kind: "number", title: "Hottest day", layout: { x: 6, y: 0, w: 2, h: 2 }, database, format: { kind: "number", decimals: 1 }, description: "°C",
      sql: `select max(temp_max) from weather where ${chosen} and date >= :since`,
    },
    {
      id: "wet", kind: "number", title: "Days with rain", layout: { x: 8, y: 0, w: 2, h: 2 }, database, format: { kind: "percent", decimals: 0 }, description: "of all days",
      sql: `select avg(precipitation > 0) from weather where ${chosen} and date >= :since`,
    },
    {
      id: "rain", kind: "number", title: "Rain a year", layout: { x: 10, y: 0, w: 2, h: 2 }, database, format: { kind: "number", decimals: 0 }, description: "millimetres",
      sql: `select sum(precipitation) / count(*) * 365.25 from weather where ${chosen} and date >= :since`,
    },
    {
      id: "months", kind: "chart", title: "Warm and cold through the year", description: "Mean of the daily highs, °C", layout: { x: 0, y: 2, w: 7, h: 6 }, database,
      sql: `select cast(strftime('%m', date) as integer) as month, location as city, avg(temp_max) as high\nfrom weather where ${chosen} and date >= :since group by 1, 2 order by 1`,
      chart: {
        mark: { type: "line", point: true },
        encoding: { x: { field: "month", type: "ordinal", title: "month" }, y: { field: "high", type: "quantitative", title: "°C" }, color: { field: "city", type: "nominal" } },
      },
    },
    {
      id: "kinds", kind: "chart", title: "What kind of day", description: "Share of the days of each month", layout: { x: 7, y: 2, w: 5, h: 6 }, database,
      sql: `select cast(strftime('%m', date) as integer) as month, weather as kind, count(*) as days\nfrom weather where ${chosen} and date >= :since group by 1, 2 order by 1`,
      chart: {
        mark: "bar",
        encoding: { x: { field: "month", type: "ordinal", title: "month" }, y: { field: "days", type: "quantitative", stack: "normalize", title: null }, color: { field: "kind", type: "nominal" } },
      },
    },
    {
      id: "heat", kind: "chart", title: "Mean daily high, month by month", description: "°C", layout: { x: 0, y: 8, w: 7, h: 6 }, database,
      sql: `select strftime('%Y', date) as year, cast(strftime('%m', date) as integer) as month, avg(temp_max) as high\nfrom weather where ${chosen} and date >= :since group by 1, 2 order by 1, 2`,
      chart: { mark: "rect", encoding: { x: { field: "month", type: "ordinal", title: "month" }, y: { field: "year", type: "ordinal", title: null }, color: { field: "high", type: "quantitative", title: "°C", scale: { scheme: "yelloworangered" } } } },
    },
    {
      id: "spread", kind: "chart", title: "How days spread", description: "Days by their high, °C", layout: { x: 7, y: 8, w: 5, h: 6 }, database,
      sql: `select temp_max as high from weather where ${chosen} and date >= :since`,
      chart: { mark: "bar", encoding: { x: { field: "high", type: "quantitative", bin: { maxbins: 24 }, title: "°C" }, y: { aggregate: "count", title: "days" } } },
    },
    {
      id: "wettest", kind: "table", title: "The ten wettest days", layout: { x: 0, y: 14, w: 12, h: 7 }, database, rowsMax: 10,
      sql: `select date, location as city, precipitation as rain, temp_max as high, wind from weather\nwhere ${chosen} and date >= :since order by precipitation desc limit 10`,
      columns: [
        { field: "date", title: "Day", format: { kind: "date" } }, { field: "city", title: "City" }, { field: "rain", title: "Rain, mm", format: { kind: "number", decimals: 1 } },
        { field: "high", title: "High, °C", format: { kind: "number", decimals: 1 } }, { field: "wind", title: "Wind, m/s", format: { kind: "number", decimals: 1 } },
      ],
    },
  ],
});

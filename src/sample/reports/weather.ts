import { readFileSync } from "node:fs";
import type { SampleReport } from "../reports.ts";

const monthNames = `substr('JanFebMarAprMayJunJulAugSepOctNovDec', cast(strftime('%m', date) as integer) * 3 - 2, 3)`;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const inCity = "(:city is null or location = :city)";
const chosen = `${inCity} and (:year is null or strftime('%Y', date) = cast(:year as text))`;
/** A reader may ask for all cities and years: what is added up is then that of one. */
const perYear = (sum: string): string => `${sum} * 1.0 / count(distinct location || strftime('%Y', date))`;

/** One figure of the chosen year beside the same of the year before it; without that year, alone. */
function compared(figure: string): string {
  return `select
  (select ${figure} from weather where ${chosen}) as now,
  (select ${figure} from weather where ${inCity} and strftime('%Y', date) = cast(:year - 1 as text)) as before`;
}

const read = (): string => `data:image/png;base64,${readFileSync(new URL("../pictures/map.png", import.meta.url)).toString("base64")}`;

/** Light; filters, numbers with a comparison, line, picture, heatmap, histogram, shares, grouped bars, table. */
export const weather: SampleReport = ({ weather: database }) => ({
  schema: 1,
  title: "Two climates: Seattle and New York",
  description: "Four years of daily weather. Seattle is grey and gentle, New York swings: what that looks like in degrees, millimetres and days.",
  language: "en",
  background: "light",
  tags: ["weather", "sample"],
  parameters: [
    { name: "city", label: "City", type: "choice", default: "Seattle", options: [{ value: "Seattle" }, { value: "New York" }] },
    { name: "year", label: "Year", type: "choice", default: 2015, options: [2012, 2013, 2014, 2015].map((value) => ({ value })) },
  ],
  blocks: [
    { id: "city", kind: "filter", layout: { x: 0, y: 0, w: 3, h: 1 }, parameter: "city" },
    { id: "year", kind: "filter", layout: { x: 3, y: 0, w: 3, h: 1 }, parameter: "year" },
    { id: "hint", kind: "text", layout: { x: 6, y: 0, w: 6, h: 1 }, markdown: "Choose a city and a year, and every figure follows. Two charts always show both cities, to compare them." },
    {
      id: "high", kind: "number", layout: { x: 0, y: 1, w: 3, h: 2 }, title: "Average high, °C", database,
      sql: compared("avg(temp_max)"), field: "now", compareField: "before", better: "neither", format: { kind: "number", decimals: 1 },
    },
    {
      id: "warmest", kind: "number", layout: { x: 3, y: 1, w: 3, h: 2 }, title: "Warmest day, °C", database,
      sql: compared("max(temp_max)"), field: "now", compareField: "before", better: "neither", format: { kind: "number", decimals: 1 },
    },
    {
      id: "wet", kind: "number", layout: { x: 6, y: 1, w: 3, h: 2 }, title: "Days with rain or snow", database,
      sql: compared(perYear("sum(precipitation > 0)")), field: "now", compareField: "before", better: "neither", format: { kind: "number", decimals: 0 },
    },
    {
      id: "water", kind: "number", layout: { x: 9, y: 1, w: 3, h: 2 }, title: "Precipitation, mm", database,
      sql: compared(perYear("sum(precipitation)")), field: "now", compareField: "before", better: "neither", format: { kind: "number", decimals: 0 },
    },
    {
      id: "highs", kind: "chart", layout: { x: 0, y: 3, w: 8, h: 6 }, title: "New York swings further", description: "Average daily high by month, °C",
      database,
      sql: "select strftime('%Y-%m', date) as month, location, round(avg(temp_max), 2) as high\nfrom weather\ngroup by 1, 2\norder by 1, 2",
      chart: {
        mark: "line",
        encoding: {
          x: { field: "month", type: "temporal" },
          y: { field: "high", type: "quantitative", title: null },
          color: { field: "location", type: "nominal", sort: ["Seattle", "New York"] },
        },
      },
    },
    { id: "map", kind: "image", layout: { x: 8, y: 3, w: 4, h: 4 }, title: "Where it was measured", alt: "A map of the United States with Seattle in the far north-west and New York in the north-east.", picture: read() },
    {
      id: "why", kind: "text", layout: { x: 8, y: 7, w: 4, h: 2 },
      markdown: "The **Pacific** keeps Seattle's winters mild and its summers dry. New York's weather comes from the **continent**: hot in July, frosty in February.",
    },
    {
      id: "calendar", kind: "chart", layout: { x: 0, y: 9, w: 8, h: 7 }, title: "The chosen year, day by day", description: "Daily high, °C", database,
      sql: `select cast(strftime('%d', date) as integer) as day, ${monthNames} as month, avg(temp_max) as high\nfrom weather\nwhere ${chosen}\ngroup by strftime('%m-%d', date)\norder by strftime('%m-%d', date)`,
      chart: {
        mark: "rect",
        encoding: {
          x: { field: "day", type: "ordinal", title: "Day of the month" },
          y: { field: "month", type: "ordinal", sort: months },
          color: { field: "high", type: "quantitative", title: "°C", scale: { scheme: "yelloworangered" } },
        },
      },
    },
    {
      id: "spread", kind: "chart", layout: { x: 8, y: 9, w: 4, h: 7 }, title: "How warm days are", description: "Days of the chosen year by their high, °C", database,
      sql: `select temp_max as high from weather where ${chosen}`,
      chart: { mark: "bar", encoding: { x: { field: "high", bin: { step: 5 }, title: null }, y: { aggregate: "count", title: "Days" } } },
    },
    {
      id: "skies", kind: "chart", layout: { x: 0, y: 16, w: 6, h: 6 }, title: "What the sky does", description: "Share of days, 2012 to 2015, in the chosen city", database,
      sql: `select ${monthNames} as month, weather as sky, count(*) as days\nfrom weather\nwhere ${inCity}\ngroup by strftime('%m', date), 2\norder by strftime('%m', date)`,
      chart: {
        mark: "bar",
        encoding: {
          x: { field: "month", type: "ordinal", sort: months, title: null },
          y: { field: "days", type: "quantitative", stack: "normalize", title: null },
          color: { field: "sky", type: "nominal", sort: ["sun", "fog", "drizzle", "rain", "snow"], scale: { range: ["#E6B325", "#8A94A0", "#7FB6D9", "#2F74B5", "#5C4E9E"] } },
        },
      },
    },
    {
      id: "rain", kind: "chart", layout: { x: 6, y: 16, w: 6, h: 6 }, title: "Seattle's dry summer", description: "Precipitation of an average month, mm", database,
      sql: `select ${monthNames} as month, location, sum(precipitation) / count(distinct strftime('%Y', date)) as mm\nfrom weather\ngroup by strftime('%m', date), 2\norder by strftime('%m', date)`,
      chart: {
        mark: "bar",
        encoding: {
          x: { field: "month", type: "ordinal", sort: months, title: null },
          xOffset: { field: "location", sort: ["Seattle", "New York"] },
          y: { field: "mm", type: "quantitative", title: null },
          color: { field: "location", type: "nominal", sort: ["Seattle", "New York"] },
        },
      },
    },
    {
      id: "table", kind: "table", layout: { x: 0, y: 22, w: 12, h: 8 }, title: "The chosen year in figures", database,
      sql: `select ${monthNames} as month, avg(temp_max) as high, avg(temp_min) as low, max(temp_max) as warmest, ${perYear("sum(precipitation)")} as rain,
  sum(weather = 'sun') * 1.0 / count(*) as sunny, max(wind) as gust
from weather
where ${chosen}
group by strftime('%m', date)
order by strftime('%m', date)`,
      columns: [
        { field: "month", title: "Month" },
        { field: "high", title: "Average high, °C", format: { kind: "number", decimals: 1 } },
        { field: "low", title: "Average low, °C", format: { kind: "number", decimals: 1 } },
        { field: "warmest", title: "Warmest day, °C", format: { kind: "number", decimals: 1 } },
        { field: "rain", title: "Precipitation, mm", format: { kind: "number", decimals: 0 } },
        { field: "sunny", title: "Sunny days", format: { kind: "percent", decimals: 0 } },
        { field: "gust", title: "Strongest wind, m/s", format: { kind: "number", decimals: 1 } },
      ],
      rowsMax: 12,
    },
    {
      id: "source", kind: "text", layout: { x: 0, y: 30, w: 12, h: 1 },
      markdown: "Source: NOAA, Climate Data Online (public domain), as `weather.csv` of vega-datasets. “Sky” is one word a day, derived from several observations.",
    },
  ],
});

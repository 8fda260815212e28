import type { SampleReport } from "../reports.ts";

/** Dark; lines, bars coloured by a value's sign, numbers with a comparison, a table. */
export const warming: SampleReport = ({ carbon, temperature }) => ({
  schema: 1,
  title: "A warmer planet, in two measurements",
  description: "What the air at Mauna Loa and thermometers on land and sea have recorded.",
  language: "en",
  background: "dark",
  tags: ["climate", "sample"],
  parameters: [],
  blocks: [
    {
      id: "co2-now", kind: "number", title: "Carbon dioxide, newest year", layout: { x: 0, y: 0, w: 4, h: 3 }, database: carbon, format: { kind: "number", decimals: 1 },
      description: "parts per million, against ten years before", compareField: "before", better: "less",
      sql: "with yearly as (\n  select substr(Date, 1, 4) as year, avg(CO2) as co2 from co2 group by 1 having count(*) = 12\n)\nselect co2, (select co2 from yearly as old where old.year = cast(yearly.year - 10 as text)) as before\nfrom yearly order by year desc limit 1",
    },
    {
      id: "warmest", kind: "number", title: "Warmest year", layout: { x: 4, y: 0, w: 4, h: 3 }, database: temperature, format: { kind: "text" },
      description: "largest difference from the mean of 1951 to 1980", sql: "select cast(year as text) from temperature order by temp desc limit 1",
    },
    {
      id: "decade", kind: "number", title: "Newest ten years", layout: { x: 8, y: 0, w: 4, h: 3 }, database: temperature, format: { kind: "number", decimals: 2 },
      description: "°C above the mean of 1951 to 1980", sql: "select avg(temp) from (select temp from temperature order by year desc limit 10)",
    },
    {
      id: "co2", kind: "chart", title: "Carbon dioxide in the air", description: "Parts per million at Mauna Loa, each month", layout: { x: 0, y: 3, w: 12, h: 6 }, database: carbon,
      sql: "select Date as month, CO2 as co2 from co2 order by Date",
      chart: { mark: { type: "line", strokeWidth: 1.5 }, encoding: { x: { field: "month", type: "temporal", title: null }, y: { field: "co2", type: "quantitative", title: null, scale: { zero: false } } } },
    },
    {
      id: "temperature", kind: "chart", title: "Temperature of land and sea", description: "Difference in °C from the mean of 1951 to 1980, each year", layout: { x: 0, y: 9, w: 8, h: 7 }, database: temperature,
      sql: "select year, temp, case when temp >= 0 then 'warmer' else 'colder' end as side from temperature order by year",
      chart: {
        mark: "bar",
        encoding: {
          x: { field: "year", type: "temporal", title: null }, y: { field: "temp", type: "quantitative", title: null },
          color: { field: "side", type: "nominal", scale: { domain: ["colder", "warmer"], range: ["#56B4E9", "#E8743B"] } },
        },
      },
    },
    {
      id: "decades", kind: "table", title: "Decade by decade", description: "Mean difference in °C", layout: { x: 8, y: 9, w: 4, h: 7 }, database: temperature, rowsMax: 20,
      sql: "select (year / 10 * 10) || 's' as decade, round(avg(temp), 2) as mean, round(max(temp), 2) as warmest from temperature group by 1 order by 1 desc",
      columns: [{ field: "decade", title: "Decade" }, { field: "mean", title: "Mean", format: { kind: "number", decimals: 2 } }, { field: "warmest", title: "Warmest year", format: { kind: "number", decimals: 2 } }],
    },
    {
      id: "about", kind: "text", layout: { x: 0, y: 16, w: 12, h: 2 },
      markdown: "## Where the figures come from\n\nCarbon dioxide: [Scripps CO₂ Program](https://scrippsco2.ucsd.edu/). Temperature: [NASA GISS](https://data.giss.nasa.gov/gistemp/). Both by way of the npm package **vega-datasets**. Open *Data* under a chart to read the figures themselves.",
    },
  ],
});

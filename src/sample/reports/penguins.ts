import type { SampleReport } from "../reports.ts";

// The same colour for a species in every chart.
const species = { field: "species", type: "nominal", sort: ["Adelie", "Gentoo", "Chinstrap"] };

/** Points, facets, a choice with fixed options. */
export const penguins: SampleReport = ({ penguins: database }) => ({
  schema: 1,
  title: "Three species of penguins, measured",
  description: "342 penguins on three islands of the Palmer Archipelago, Antarctica.",
  language: "en",
  tags: ["nature", "sample"],
  parameters: [{ name: "sex", label: "Sex", type: "choice", options: [{ value: "female", label: "Female" }, { value: "male", label: "Male" }] }],
  blocks: [
    {
      id: "about", kind: "text", layout: { x: 0, y: 0, w: 9, h: 1 },
      markdown: "Gentoo penguins are **heavier and longer-winged** than the two others; what tells Adelie from Chinstrap is the **beak**. Data: K. Gorman and Palmer Station LTER (CC0).",
    },
    { id: "sex", kind: "filter", layout: { x: 9, y: 0, w: 3, h: 1 }, parameter: "sex" },
    {
      id: "points", kind: "chart", title: "Flipper and weight", layout: { x: 0, y: 1, w: 7, h: 8 }, database,
      sql: "select species, flipper_mm as flipper, mass_g as mass from penguins where sex = coalesce(:sex, sex)",
      chart: {
        mark: "point",
        encoding: {
          x: { field: "flipper", type: "quantitative", title: "flipper, mm", scale: { zero: false } }, y: { field: "mass", type: "quantitative", title: "weight, g", format: { kind: "number", decimals: 0 }, scale: { zero: false } },
          color: species,
        },
      },
    },
    {
      id: "islands", kind: "chart", title: "Who lives where", layout: { x: 7, y: 1, w: 5, h: 8 }, database,
      sql: "select island, species, count(*) as penguins from penguins where sex = coalesce(:sex, sex) group by 1, 2 order by 1",
      chart: { mark: "bar", encoding: { x: { field: "island", type: "nominal", title: null }, y: { field: "penguins", type: "quantitative" }, color: species } },
    },
    {
      id: "beaks", kind: "chart", title: "Length of the beak", description: "Penguins by millimetres", layout: { x: 0, y: 9, w: 12, h: 6 }, database,
      sql: "select species, beak_mm as beak from penguins where sex = coalesce(:sex, sex)",
      chart: { mark: "bar", encoding: { x: { field: "beak", type: "quantitative", bin: { maxbins: 20 }, title: "mm" }, y: { aggregate: "count", title: "penguins" }, color: { ...species, legend: null }, column: species } },
    },
  ],
});

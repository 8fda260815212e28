import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import * as vega from "vega";

/* Draws the picture of an image block: `node src/sample/pictures/draw.ts` writes map.png, which is kept beside it. */

const require = createRequire(import.meta.url);
const data = join(dirname(dirname(require.resolve("vega-datasets"))), "data");
const font = require.resolve("@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf");

const cities = [
  { name: "Seattle", lon: -122.33, lat: 47.61, dx: 11, colour: "#0072B2" },
  { name: "New York", lon: -74.01, lat: 40.71, dx: -11, colour: "#C98437" },
];

const spec: vega.Spec = {
  width: 448,
  height: 280,
  padding: 4,
  projections: [{ name: "map", type: "albers", fit: { signal: "data('land')" }, size: [440, 272] }],
  data: [
    // Without Alaska, Hawaii and Puerto Rico.
    {
      name: "land", values: JSON.parse(readFileSync(join(data, "us-10m.json"), "utf8")) as unknown as unknown[], format: { type: "topojson", feature: "states" },
      transform: [{ type: "filter", expr: "datum.id !== 2 && datum.id !== 15 && datum.id < 60" }],
    },
    { name: "cities", values: cities, transform: [{ type: "geopoint", projection: "map", fields: ["lon", "lat"] }] },
  ],
  marks: [
    { type: "shape", from: { data: "land" }, encode: { enter: { fill: { value: "#E6ECF1" }, stroke: { value: "#FFFFFF" }, strokeWidth: { value: 0.8 } } }, transform: [{ type: "geoshape", projection: "map" }] },
    { type: "symbol", from: { data: "cities" }, encode: { enter: { x: { field: "x" }, y: { field: "y" }, size: { value: 130 }, fill: { field: "colour" }, stroke: { value: "#FFFFFF" }, strokeWidth: { value: 2 } } } },
    {
      type: "text", from: { data: "cities" },
      encode: {
        enter: {
          x: { field: "x" }, y: { field: "y" }, dx: { field: "dx" }, align: { signal: "datum.dx > 0 ? 'left' : 'right'" }, baseline: { value: "middle" },
          text: { field: "name" }, fontSize: { value: 17 }, fontWeight: { value: 700 }, font: { value: "Noto Sans JP" }, fill: { value: "#1F2328" },
        },
      },
    },
  ],
};

const svg = await new vega.View(vega.parse(spec), { renderer: "none" }).toSVG();
const picture = new Resvg(svg, { font: { loadSystemFonts: false, fontFiles: [font] } }).render().asPng();
writeFileSync(join(import.meta.dirname, "map.png"), picture);

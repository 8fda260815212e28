/** Draws the installable app's icons from favicon.svg: `node web/icons/draw.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";

const folder = join(import.meta.dirname, "../public");
const svg = readFileSync(join(folder, "favicon.svg"), "utf8");
// A maskable icon is cut to any shape: the ground fills all of it and the sign stands within the middle 80 %.
const maskable = svg.replace('rx="14"', 'rx="0"').replace('<g fill="#fff">', '<g fill="#fff" transform="translate(8 8) scale(.75)">');

const draw = (source: string, pixels: number, name: string): void =>
  writeFileSync(join(folder, name), new Resvg(source, { fitTo: { mode: "width", value: pixels } }).render().asPng());

draw(svg, 192, "icon-192.png");
draw(svg, 512, "icon-512.png");
draw(maskable, 512, "icon-maskable.png");

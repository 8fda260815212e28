import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { chartFixtures } from "./fixtures.ts";
import { useFontWidths } from "./font.ts";
import { drawChart } from "./render.ts";
import { checkChart } from "./validate.ts";

/* KLIV_GOLDENS=write node --test src/rooms/charts/goldens.test.ts draws them anew: look at the difference before keeping it. */

const folder = new URL("./goldens/", import.meta.url);
const write = process.env["KLIV_GOLDENS"] === "write";
useFontWidths();

const looks = [
  { language: "en", background: "light" },
  { language: "ja", background: "dark" },
] as const;

for (const [name, fixture] of Object.entries(chartFixtures)) {
  for (const look of looks) {
    const file = `${name}.${look.language}.svg`;
    test(`draws ${file} as kept`, async () => {
      checkChart(fixture.chart);
      const { svg } = await drawChart({ ...fixture, ...look, width: 420, height: 280, id: "golden" });
      if (write) writeFileSync(new URL(file, folder), svg);
      assert.ok(existsSync(new URL(file, folder)), `no golden ${file}: draw it with KLIV_GOLDENS=write`);
      assert.equal(svg, readFileSync(new URL(file, folder), "utf8"));
    });
  }
}

test("no golden is left over", () => {
  const known = new Set(Object.keys(chartFixtures).flatMap((name) => looks.map((look) => `${name}.${look.language}.svg`)));
  const files = readdirSync(folder);
  assert.deepEqual(files.filter((file) => !known.has(file)), []);
  assert.equal(files.length, known.size);
});

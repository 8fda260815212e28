/*
 * npm run bench [-- name ...] [-- --json]
 * Measures, each against its baseline in the same run. Exit 1 where something could not be measured; a goal that is
 * missed is a result like another.
 */
import { parseArgs } from "node:util";
import { append } from "./append.ts";
import { authorize } from "./authorize.ts";
import { builder2m } from "./builder-2m.ts";
import { removeHosted } from "./hosted.ts";
import { importCsv } from "./import-csv.ts";
import { importJson } from "./import-json.ts";
import { importParquet } from "./import-parquet.ts";
import { importXlsx } from "./import-xlsx.ts";
import { many } from "./many.ts";
import type { Measured, Measurement } from "./measurement.ts";
import { memory } from "./memory.ts";
import { neighbours } from "./neighbours.ts";
import { picture } from "./picture.ts";
import { publicPage } from "./public-page.ts";
import { queryCached } from "./query-cached.ts";
import { queryLarge } from "./query-large.ts";
import { querySmall } from "./query-small.ts";
import { result100k } from "./result-100k.ts";
import { serve } from "./served.ts";
import type { Served } from "./served.ts";
import { signin } from "./signin.ts";
import { start } from "./start.ts";
import { upload2g } from "./upload-2g.ts";

const measurements: Measurement[] = [queryLarge, querySmall, queryCached, result100k, builder2m, importCsv, importJson, importParquet, importXlsx, publicPage, picture, signin, authorize, start, memory, upload2g, neighbours, append, many];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean" }, databases: { type: "string" }, help: { type: "boolean" } } });
  const unknown = positionals.find((name) => !measurements.some((one) => one.name === name));
  if (unknown !== undefined || values.help) {
    process.stderr.write(`${unknown === undefined ? "" : `There is no measurement ${unknown}.\n`}Usage: npm run bench [-- name ...] [-- --json] [-- --databases N]\n`);
    for (const { name, about } of measurements) process.stderr.write(`  ${name.padEnd(13)} ${about}\n`);
    return unknown === undefined ? 0 : 2;
  }
  const wanted = positionals.length === 0 ? measurements : measurements.filter(({ name }) => positionals.includes(name));
  const { results, failures } = await measureAll(wanted, values.databases === undefined ? {} : { databases: Number(values.databases) });
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : tableOf(results));
  for (const failure of failures) process.stderr.write(`Not measured: ${failure}\n`);
  return failures.length > 0 ? 1 : 0;
}

async function measureAll(wanted: Measurement[], sizes: { databases?: number }): Promise<{ results: Measured[]; failures: string[] }> {
  let shared: Promise<Served> | null = null;
  const results: Measured[] = [];
  const failures: string[] = [];
  try {
    for (const { name, measure } of wanted) {
      const tell = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
      tell("measuring ...");
      try {
        results.push(await measure({ shared: () => (shared ??= serve()), tell, ...sizes }));
      } catch (error) {
        failures.push(`${name}: ${(error as Error).message}`);
      }
    }
  } finally {
    removeHosted();
    await (shared as Promise<Served> | null)?.then((served) => served.stop(), () => {});
  }
  return { results, failures };
}

function tableOf(results: Measured[]): string {
  const head = ["name", "value", "baseline", "ratio", "goal", ""];
  const lines = results.map(({ name, value, unit, baseline, baselineName, ratio, goal, ok }) => [name, `${value} ${unit}`, `${baseline} ${unit} (${baselineName})`, `${ratio} x`, goal, ok ? "ok" : "MISSED"]);
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i]?.length ?? 0)));
  return [head, ...lines].map((line) => `${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()}\n`).join("");
}

process.exitCode = await main();

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { countryNames } from "./country-names.ts";

/** A file of the sample: real figures of the npm package vega-datasets, as CSV. */
export interface SampleFile {
  name: string;
  description: string;
  fileName: string;
  csv(): Buffer;
}

// The package tells the place of its code only; its data lies beside that.
const folder = join(dirname(dirname(createRequire(import.meta.url).resolve("vega-datasets"))), "data");
const read = (name: string): Buffer => readFileSync(join(folder, name));
const rowsOf = (name: string): Record<string, unknown>[] => JSON.parse(read(name).toString("utf8")) as Record<string, unknown>[];

/** Rows as CSV under other column names; `columns` gives a cell for each. */
function csvOf(rows: Record<string, unknown>[], columns: Record<string, (row: Record<string, unknown>) => unknown>): Buffer {
  const cell = (value: unknown): string => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((of) => of(row)))];
  return Buffer.from(`${lines.map((line) => line.map(cell).join(",")).join("\n")}\n`);
}

/** The regions of the sample's countries: gapminder.json gives their numbers. */
export const regions = ["南アジア", "ヨーロッパ", "サハラ以南アフリカ", "南北アメリカ", "東アジア・太平洋", "中東・北アフリカ"];

export const sampleFiles = {
  weather: {
    name: "Weather",
    description: "Daily weather of Seattle and New York, 2012 to 2015. Source: NOAA National Climatic Data Center, by way of vega-datasets.",
    fileName: "weather.csv",
    csv: () => read("weather.csv"),
  },
  carbon: {
    name: "Carbon dioxide",
    description: "Carbon dioxide in the air at Mauna Loa, parts per million, month by month. Source: Scripps CO₂ Program, by way of vega-datasets.",
    fileName: "co2.csv",
    csv: () => read("co2-concentration.csv"),
  },
  temperature: {
    name: "Global temperature",
    description: "Temperature of land and sea, difference in °C from the mean of 1951 to 1980, year by year. Source: NASA GISS, by way of vega-datasets.",
    fileName: "temperature.csv",
    csv: () => read("global-temp.csv"),
  },
  electricity: {
    name: "Electricity in Iowa",
    description: "Electricity made in Iowa by source, thousand megawatt hours a year, 2001 to 2017. Source: U.S. Energy Information Administration, by way of vega-datasets.",
    fileName: "electricity.csv",
    csv: () => csvOf(csvRows("iowa-electricity.csv"), { year: (row) => String(row["year"]).slice(0, 4), source: (row) => row["source"], generation: (row) => row["net_generation"] }),
  },
  strikes: {
    name: "Wildlife strikes",
    description: "Reports of birds and other animals hit by aircraft in the United States, 1990 to 2002, a sample of 10,000. Source: FAA Wildlife Strike Database, by way of vega-datasets.",
    fileName: "strikes.csv",
    csv: () => read("birdstrikes.csv"),
  },
  penguins: {
    name: "Penguins",
    description: "Penguins of the Palmer Archipelago, measured 2007 to 2009. Source: K. Gorman and Palmer Station LTER (CC0), by way of vega-datasets.",
    fileName: "penguins.csv",
    csv: () =>
      csvOf(rowsOf("penguins.json").filter((row) => row["Body Mass (g)"] !== null), {
        species: (row) => row["Species"], island: (row) => row["Island"], sex: (row) => (row["Sex"] === "MALE" ? "male" : row["Sex"] === "FEMALE" ? "female" : null),
        beak_mm: (row) => row["Beak Length (mm)"], flipper_mm: (row) => row["Flipper Length (mm)"], mass_g: (row) => row["Body Mass (g)"],
      }),
  },
  countries: {
    name: "世界の人口と健康",
    description: "62の国と地域の人口・平均寿命・出生率（1955～2005年、5年ごと）。出典：Gapminder（CC BY 4.0、vega-datasets 収録）。",
    fileName: "countries.csv",
    csv: () =>
      csvOf(rowsOf("gapminder.json"), {
        年: (row) => row["year"], 国: (row) => countryNames[String(row["country"])], 地域: (row) => regions[Number(row["cluster"])], 人口: (row) => row["pop"], 平均寿命: (row) => row["life_expect"],
        出生率: (row) => row["fertility"],
      }),
  },
} satisfies Record<string, SampleFile>;

export type SampleFileKey = keyof typeof sampleFiles;

// These files have neither quotes nor line breaks in their cells.
function csvRows(name: string): Record<string, unknown>[] {
  const [head = "", ...lines] = read(name).toString("utf8").trim().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i] ?? "", cell])));
}

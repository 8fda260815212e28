import { datesOfParts, quoted, rolesOf } from "./roles.ts";
import type { Role } from "./roles.ts";
import type { Chart, Language, ResultColumn } from "./schema.ts";
import { words } from "./words.ts";

export interface Suggestion {
  title: { en: string; ja: string };
  /** SQLite's SQL over the table, names quoted. */
  sql: string;
  chart: Chart;
  /** 0 to 100: how much the chart is likely to say. */
  score: number;
}

export interface SuggestRequest {
  table: string;
  columns: ResultColumn[];
  /** Up to 1,000 rows of the table, as arrays in the columns' order. */
  rows: unknown[][];
  /** The language of what stands in the data itself: the word for "other". */
  language?: Language;
}

const sampleRowsMax = 1_000;
const suggestionsMax = 6;
const barsMax = 12;
const topMax = 10;

/** Up to six charts that a table of these columns is likely to be asked for, best first. */
export function suggestCharts({ table, columns, rows, language = "en" }: SuggestRequest): Suggestion[] {
  if (table === "" || table.includes("\0")) return [];
  const [looked, sample] = [columns.slice(0, 200), rows.slice(0, sampleRowsMax)];
  const roles = rolesOf(looked, sample);
  const of = (kind: Role["kind"]) => roles.filter((role) => role.kind === kind).sort((a, b) => b.weight - a.weight);
  const [dates, years, measures, categories] = [of("date"), of("year"), of("measure"), of("category")];
  const from = quoted(table);
  const counted = countName(columns);
  const all: Suggestion[] = [];
  const time = dates[0] ?? datesOfParts(roles, looked, sample) ?? years[0];
  if (time) {
    measures.slice(0, 2).forEach((measure, i) => all.push(overTime({ from, time, measure, score: 100 - i * 18 })));
    all.push(overTime({ from, time, measure: counted, score: measures.length > 0 ? 58 : 92 }));
  }
  categories.slice(0, 3).forEach((category, i) => {
    if (measures[0]) all.push(byCategory({ from, category, measure: measures[0], language, score: 88 - i * 12 }));
    // Where hardly any value comes twice, counting says nothing.
    if (category.distinct <= category.filled * 0.7) all.push(byCategory({ from, category, measure: counted, language, score: (measures[0] ? 56 : 86) - i * 8 }));
  });
  const split = categories.find((category) => category.distinct <= 8);
  if (time && split) all.push(splitOverTime({ from, time, split, measure: measures[0] ?? counted }));
  if (measures[0] && measures[0].distinct > 15) all.push(histogram(from, measures[0]));
  if (measures[0] && measures[1]) all.push(scatter(from, measures[0], measures[1], split));
  const [one, two] = categories;
  if (one && two) all.push(heatmap({ from, one, two, measure: measures[0] ?? counted }));
  const seen = new Set<string>();
  return all
    .sort((a, b) => b.score - a.score)
    .filter((suggestion) => !seen.has(suggestion.sql) && Boolean(seen.add(suggestion.sql)))
    .slice(0, suggestionsMax);
}

/** Rows are counted under a name that no column has. */
function countName(columns: ResultColumn[]): Role {
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  let name = "count";
  for (let i = 1; names.has(name); i += 1) name = i === 1 ? "row_count" : `row_count_${i}`;
  return { name, kind: "measure", distinct: 0, filled: 0, additive: true, weight: 0 };
}

const isCount = (measure: Role) => measure.weight === 0;
const figure = (measure: Role) => (isCount(measure) ? "count(*)" : `${measure.additive ? "sum" : "avg"}(${quoted(measure.name)})`);

function named(measure: Role): { en: string; ja: string } {
  if (isCount(measure)) return { en: "Number of rows", ja: "件数" };
  return measure.additive ? { en: /total|sum/i.test(measure.name) ? measure.name : `Total ${measure.name}`, ja: measure.name } : { en: `Average ${measure.name}`, ja: `${measure.name}の平均` };
}

function grainOfTime(time: Role): { expression: string; en: string; ja: string } {
  if (!time.dates) return { expression: quoted(time.name), en: "year", ja: "年" };
  const { spanDays } = time.dates;
  const grain = spanDays > 365 * 12 ? "year" : spanDays > 62 ? "month" : "day";
  return { expression: time.dates.expression(grain), en: grain, ja: { year: "年", month: "月", day: "日" }[grain] };
}

interface TimeRequest {
  from: string;
  time: Role;
  measure: Role;
  score: number;
}

function overTime({ from, time, measure, score }: TimeRequest): Suggestion {
  const grain = grainOfTime(time);
  const name = named(measure);
  return {
    title: { en: `${name.en} by ${grain.en}`, ja: `${grain.ja}別の${name.ja}` },
    sql: `select ${grain.expression} as ${quoted(time.name)}, ${figure(measure)} as ${quoted(measure.name)}\nfrom ${from}\nwhere ${quoted(time.name)} is not null\ngroup by 1\norder by 1`,
    chart: { mark: "line", encoding: { x: { field: time.name, type: "temporal" }, y: yOf(measure) } },
    score,
  };
}

function yOf(measure: Role): { field: string; type: "quantitative" } {
  return { field: measure.name, type: "quantitative" };
}

interface CategoryRequest {
  from: string;
  category: Role;
  measure: Role;
  language: Language;
  score: number;
}

function byCategory({ from, category, measure, language, score }: CategoryRequest): Suggestion {
  const [dimension, value] = [quoted(category.name), figure(measure)];
  const name = named(measure);
  const many = category.distinct > barsMax;
  const plain = `select ${dimension} as ${dimension}, ${value} as ${quoted(measure.name)}\nfrom ${from}\nwhere ${dimension} is not null\ngroup by 1\norder by 2 desc`;
  const other = words.other[language];
  // Averages cannot be added up into "other": the largest stand alone.
  const top = !measure.additive
    ? `${plain}\nlimit ${topMax}`
    : `with ranked as (\n  select ${dimension} as name, ${value} as total, row_number() over (order by ${value} desc) as place\n  from ${from}\n  where ${dimension} is not null\n  group by 1\n)\nselect case when place <= ${topMax} then name else '${other}' end as ${dimension}, sum(total) as ${quoted(measure.name)}\nfrom ranked\ngroup by 1\norder by min(place)`;
  return {
    title: {
      en: `${name.en} by ${category.name}${many ? `: top ${topMax}` : ""}`,
      ja: `${category.name}別の${name.ja}${many ? `（上位 ${topMax} 件）` : ""}`,
    },
    sql: many ? top : plain,
    chart: { mark: "bar", encoding: { x: yOf(measure), y: { field: category.name, type: "nominal" } } },
    score: many ? score - 4 : score,
  };
}

function splitOverTime({ from, time, split, measure }: { from: string; time: Role; split: Role; measure: Role }): Suggestion {
  const grain = grainOfTime(time);
  const name = named(measure);
  const additive = measure.additive;
  return {
    title: { en: `${name.en} by ${grain.en} and ${split.name}`, ja: `${grain.ja}・${split.name}別の${name.ja}` },
    sql: `select ${grain.expression} as ${quoted(time.name)}, ${quoted(split.name)} as ${quoted(split.name)}, ${figure(measure)} as ${quoted(measure.name)}\nfrom ${from}\nwhere ${quoted(time.name)} is not null and ${quoted(split.name)} is not null\ngroup by 1, 2\norder by 1, 2`,
    chart: { mark: additive ? "bar" : "line", encoding: { x: { field: time.name, type: "temporal" }, y: yOf(measure), color: { field: split.name, type: "nominal" } } },
    score: 78,
  };
}

function histogram(from: string, measure: Role): Suggestion {
  const column = quoted(measure.name);
  return {
    title: { en: `Distribution of ${measure.name}`, ja: `${measure.name}の分布` },
    sql: `select ${column} as ${column}\nfrom ${from}\nwhere ${column} is not null\nlimit 50000`,
    chart: { mark: "bar", encoding: { x: { field: measure.name, type: "quantitative", bin: true }, y: { aggregate: "count" } } },
    score: 62,
  };
}

function scatter(from: string, x: Role, y: Role, split: Role | undefined): Suggestion {
  const [across, up] = [quoted(x.name), quoted(y.name)];
  const color = split ? { color: { field: split.name, type: "nominal" as const } } : {};
  return {
    title: { en: `${y.name} against ${x.name}`, ja: `${x.name}と${y.name}の関係` },
    sql: `select ${across} as ${across}, ${up} as ${up}${split ? `, ${quoted(split.name)} as ${quoted(split.name)}` : ""}\nfrom ${from}\nwhere ${across} is not null and ${up} is not null\nlimit 20000`,
    chart: { mark: "point", encoding: { x: yOf(x), y: yOf(y), ...color } },
    score: 60,
  };
}

function heatmap({ from, one, two, measure }: { from: string; one: Role; two: Role; measure: Role }): Suggestion {
  const [rows, columns] = one.distinct >= two.distinct ? [one, two] : [two, one];
  const name = named(measure);
  return {
    title: { en: `${name.en} by ${rows.name} and ${columns.name}`, ja: `${rows.name}・${columns.name}別の${name.ja}` },
    sql: `select ${quoted(columns.name)} as ${quoted(columns.name)}, ${quoted(rows.name)} as ${quoted(rows.name)}, ${figure(measure)} as ${quoted(measure.name)}\nfrom ${from}\nwhere ${quoted(columns.name)} is not null and ${quoted(rows.name)} is not null\ngroup by 1, 2\norder by 1, 2\nlimit 2000`,
    chart: {
      mark: "rect",
      encoding: { x: { field: columns.name, type: "nominal" }, y: { field: rows.name, type: "nominal" }, color: yOf(measure) },
    },
    score: 48,
  };
}

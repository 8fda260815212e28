import type { Queries, QueryRequest, QueryResult } from "#src/rooms/queries/queries.ts";
import type { Sight } from "#src/rooms/queries/queries.ts";
import { catalogLimits } from "./schema.ts";
import type { Profile } from "./schema.ts";

export interface Asked {
  version: Sight;
  table: string;
  column: string;
  /** Null where it is not known, as for a reader from whom some are hidden. */
  rows: number | null;
  /** Whether the table's rows have numbers to take every so-manieth by. */
  hasRowid: boolean;
  signal?: AbortSignal | undefined;
}

const { sampleRows, topMax, binsMax } = catalogLimits;
const valueCharactersMax = 200;
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Asks what stands in a column, by questions like anybody's: in the sandbox, within its limits, of the rows in sight.
 * A version never changes, so the answers are kept with those of other questions. Throws what a question throws.
 */
export async function profile(queries: Pick<Queries, "result">, asked: Asked): Promise<Profile> {
  const { version, signal } = asked;
  const { values, isSample } = sourceOf(asked);
  const ask = async (text: string, rest: Partial<QueryRequest> = {}): Promise<QueryResult["rows"]> =>
    (await queries.result({ version, sql: `with picked(v) as (${values})\n${text}`, rowsMax: 1_000, signal, ...rest })).rows;
  const isNumber = "typeof(v) in ('integer', 'real')";
  const [facts = []] = await ask(`select count(*), count(v), count(distinct v), coalesce(sum(${isNumber}), 0), coalesce(sum(typeof(v) = 'text'), 0), coalesce(sum(typeof(v) = 'blob'), 0),
    min(case when typeof(v) = 'text' then substr(v, 1, ${valueCharactersMax}) when typeof(v) <> 'blob' then v end), max(case when typeof(v) = 'text' then substr(v, 1, ${valueCharactersMax}) when typeof(v) <> 'blob' then v end),
    avg(case when ${isNumber} then v end), min(case when ${isNumber} then v end), max(case when ${isNumber} then v end),
    coalesce(sum(typeof(v) = 'text' and v glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'), 0) from picked`);
  const [rows, filled, distinct, numbers, texts, blobs] = facts.slice(0, 6).map(Number) as [number, number, number, number, number, number];
  const top = await ask(`select case when typeof(v) = 'text' then substr(v, 1, ${valueCharactersMax}) else v end, count(*) from picked where typeof(v) not in ('blob', 'null') group by v order by 2 desc, 1 limit ${topMax}`);
  const [least, greatest, average, from, to, dates] = [cell(facts[6]), cell(facts[7]), facts[8], facts[9], facts[10], Number(facts[11])];
  return {
    rows, isSample, nulls: rows - filled, distinct, numbers, texts, blobs, least, greatest, average: typeof average === "number" ? average : null,
    top: top.map(([value, count]) => ({ value: cell(value), count: Number(count) })),
    histogram: await histogram({ ask, numbers, dates, texts, range: [Number(from), Number(to)], isWhole: Number.isSafeInteger(Number(from)) && Number.isSafeInteger(Number(to)), span: [least, greatest] }),
  };
}

function sourceOf({ table, column, rows, hasRowid, version }: Asked): { values: string; isSample: boolean } {
  const from = `select ${quote(column)} from ${quote(table)}`;
  if (rows !== null && rows <= sampleRows) return { values: from, isSample: false };
  // Every so-manieth row, so that the sample is of all times of a table that grew; hidden rows have no numbers to skip by.
  if (rows !== null && hasRowid && version.rows === null) return { values: `${from} where rowid % ${Math.ceil(rows / sampleRows)} = 0`, isSample: true };
  return { values: `${from} limit ${sampleRows}`, isSample: rows !== null };
}

// Whole numbers beyond 2^53 come as text, which is what they are shown as.
const cell = (value: unknown): string | number | null => (typeof value === "string" || typeof value === "number" ? value : null);

interface Ranges {
  ask(text: string, rest?: Partial<QueryRequest>): Promise<QueryResult["rows"]>;
  numbers: number;
  dates: number;
  texts: number;
  range: [number, number];
  isWhole: boolean;
  span: [unknown, unknown];
}

async function histogram({ ask, numbers, dates, texts, range: [from, to], isWhole, span }: Ranges): Promise<Profile["histogram"]> {
  if (numbers > 0 && Number.isFinite(to - from) && to > from) {
    const width = widthOf(to - from, isWhole);
    const start = Math.floor(from / width) * width;
    const last = Math.floor((to - start) / width);
    const found = await ask("select min(cast((v - :start) / :width as integer), :last), count(*) from picked where typeof(v) in ('integer', 'real') group by 1 order by 1", { parameters: { start: start + 0.0, width: width + 0.0, last } });
    const counts = new Map(found.map(([bin, count]) => [Number(bin), Number(count)]));
    // Decimal widths add up to 0.30000000000000004 and the like.
    const place = (at: number): number => Number((start + at * width).toPrecision(12));
    return { kind: "number", bins: Array.from({ length: last + 1 }, (_, at) => ({ from: place(at), to: place(at + 1), count: counts.get(at) ?? 0 })) };
  }
  // Nearly all texts: a few notes among dates do not hide them.
  if (dates > 0 && dates >= texts * 0.95) {
    const [first, end] = span.map((text) => Date.parse(String(text).slice(0, 10)));
    const days = ((end ?? 0) - (first ?? 0)) / 86_400_000;
    const length = !Number.isFinite(days) || days > 366 * 3 ? 4 : days > 62 ? 7 : 10;
    const found = await ask(`select substr(v, 1, ${length}), count(*) from picked where typeof(v) = 'text' and v glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' group by 1 order by 1 limit 200`);
    return found.length < 2 ? null : { kind: "date", bins: found.map(([name, count]) => ({ from: String(name), to: null, count: Number(count) })) };
  }
  return null;
}

/** A width of 1, 2 or 5 times a power of ten that makes at most `binsMax` ranges. */
function widthOf(span: number, isWhole: boolean): number {
  const least = span / (binsMax - 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const width = [1, 2, 5, 10].map((step) => step * power).find((one) => one >= least) ?? 10 * power;
  return isWhole ? Math.max(1, width) : width;
}

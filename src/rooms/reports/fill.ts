import { Problem, problemBody } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Queries, QueryResult, Sight } from "#src/rooms/queries/queries.ts";
import { parametersOf } from "#src/rooms/queries/queries.ts";
import type { ReportBlock, ReportDefinition, ReportParameter } from "./schema.ts";
import type { Option, Value } from "./values.ts";

/** What a block that asks a question shows: the answer, or why there is none. */
export type Filled = QueryResult | { problem: Problem };

export interface FillRequest {
  definition: Pick<ReportDefinition, "parameters" | "blocks">;
  /** The version to ask, by database; what is not there is a problem of the block. */
  pins: Record<string, Sight>;
  values: Record<string, Value>;
  signal?: AbortSignal | undefined;
}

/** A chart of more rows would be no chart; a table shows at most 1,000. */
const rowsMax = { chart: 50_000, table: 1_000, number: 1 };
const choicesMax = 1_000;
/** Questions of one report at the same time: the others wait here, not in the sandbox's queue. */
const questionsAtOnce = 4;

export function isFilled(filled: Filled | undefined): filled is QueryResult {
  return filled !== undefined && !("problem" in filled);
}

/** Asks what the blocks ask. Never throws for one block: its problem stands in its place. */
export async function fillBlocks(queries: Pick<Queries, "result">, request: FillRequest): Promise<Record<string, Filled>> {
  const { definition, pins, values, signal } = request;
  const filled: Record<string, Filled> = {};
  const asking = definition.blocks.filter((block): block is Asking => "sql" in block);
  await eachOf(asking, async (block) => {
    filled[block.id] = await answerOf(async () => {
      const version = pins[block.database] ?? gone();
      return await queries.result({ version, sql: block.sql, engine: block.engine, question: block.question, parameters: given(block.sql, values), rowsMax: rowsOf(block), signal });
    });
  });
  return filled;
}

type Asking = Extract<ReportBlock, { sql: string }>;

function rowsOf(block: Asking): number {
  return block.kind === "table" ? (block.rowsMax ?? rowsMax.table) : rowsMax[block.kind];
}

function gone(): never {
  throw new Problem("NOT_FOUND");
}

/** Of the report's values those that the SQL names: a query refuses what it does not know. */
function given(sql: string, values: Record<string, Value>): Record<string, Value> {
  const named: Record<string, Value> = {};
  for (const name of parametersOf(sql)) if (Object.hasOwn(values, name)) named[name] = values[name]!;
  return named;
}

async function answerOf(ask: () => Promise<QueryResult>): Promise<Filled> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problem: error };
  }
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: questionsAtOnce }, async () => {
    for (const item of waiting) await work(item);
  }));
}

/** The choices of the parameters that have some, fixed or asked. A query that fails leaves its parameter without. */
export async function choicesOf(queries: Pick<Queries, "result">, request: Pick<FillRequest, "pins" | "signal"> & { parameters: readonly ReportParameter[] }): Promise<Map<string, Option[]>> {
  const choices = new Map<string, Option[]>();
  await eachOf(request.parameters, async ({ name, type, options }) => {
    if (type !== "choice" || options === undefined) return;
    if (Array.isArray(options)) return void choices.set(name, options.map(({ value, label }) => ({ value, label: label ?? String(value ?? "") })));
    const { pins, signal } = request;
    const answer = await answerOf(() => queries.result({ version: pins[options.database] ?? gone(), sql: options.sql, parameters: {}, rowsMax: choicesMax, signal }));
    if (isFilled(answer)) choices.set(name, answer.rows.map(([value, label]) => ({ value: scalar(value), label: String(label ?? value ?? "") })));
  });
  return choices;
}

function scalar(value: unknown): Value {
  return typeof value === "number" || typeof value === "string" ? value : value === null || value === undefined ? null : JSON.stringify(value);
}

/** One sentence for the place of a block that could not be filled. */
export function reasonOf(problem: Problem, language: Language): string {
  return String(problemBody(problem, language).detail ?? "");
}

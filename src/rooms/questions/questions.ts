import type { Clock } from "#src/base/clock.ts";
import { createKept } from "#src/base/kept.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import type { QuestionSql } from "#src/rooms/queries/queries.ts";
import { compile } from "./compile.ts";
import type { CompiledQuestion, QuestionParameter } from "./compile.ts";
import { isDay } from "./expressions.ts";
import { dayParameter, Flaw } from "./question.ts";
import type { QuestionSchema } from "./question.ts";
import { readQuestion } from "./read.ts";

export type { CompiledQuestion } from "./compile.ts";
export type { QuestionSchema } from "./question.ts";

/** Questions without SQL: held to a version's schema, and written as SQL. */
export interface Questions extends QuestionSql {
  /** Tables, columns and keys of a version. */
  schemaOf(version: VersionRef): Promise<QuestionSchema>;
  /** `at`: where in a larger JSON the question stands. Throws QUESTION_INVALID with the place and what to do. */
  compile(options: { version: VersionRef; question: unknown; dialect?: "sqlite" | "duckdb"; at?: string }): Promise<CompiledQuestion>;
}

export interface QuestionsParts {
  databases: Databases;
  clock: Clock;
}

const schemasBytesMax = 16 * 1024 ** 2;

export function createQuestions({ databases, clock }: QuestionsParts): Questions {
  // A version never changes, nor does its schema.
  const kept = createKept<QuestionSchema>({ bytesMax: schemasBytesMax, weigh: (schema) => JSON.stringify(schema).length * 2 });
  const schemaOf = async (version: VersionRef): Promise<QuestionSchema> => {
    const known = kept.get(version.id);
    if (known) return known;
    const schema = (await databases.describe(version)) as unknown as QuestionSchema;
    kept.set(version.id, schema);
    return schema;
  };
  const compileOn: Questions["compile"] = async ({ version, question, dialect = "sqlite", at = "" }) => {
    const schema = await schemaOf(version);
    return attempt(at, () => compile(readQuestion(question), schema, dialect));
  };
  return {
    schemaOf,
    compile: compileOn,
    write: async (options) => (await compileOn(options)).sql,
    async prepare({ version, question, parameters = {}, at = "/question" }) {
      const { sql, parameters: wanted } = await compileOn({ version, question, at });
      return { sql, parameters: bind(wanted, parameters, clock) };
    },
  };
}

function attempt<T>(at: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    throw new Problem("QUESTION_INVALID", { values: { pointer: `${at}${error.pointer}` || "/", reason: error.en, reasonJa: error.ja } });
  }
}

/** The values as the SQL takes them. Without the asked-for day, it is today; what may be left out is null. */
function bind(wanted: QuestionParameter[], given: Record<string, unknown>, clock: Clock): Record<string, unknown> {
  const bound: Record<string, unknown> = { ...given };
  for (const { name, type, optional } of wanted) {
    if (!Object.hasOwn(given, name)) {
      if (name === dayParameter && type === "date") bound[name] = clock.date().toISOString().slice(0, 10);
      else if (optional) bound[name] = null;
      continue;
    }
    bound[name] = valueOf({ name, type, optional }, given[name]);
  }
  return bound;
}

function valueOf({ name, type, optional }: QuestionParameter, value: unknown): unknown {
  if (value === null && optional) return null;
  const unfit = (expected: string, expectedJa: string): Problem => new Problem("QUESTION_PARAMETER_UNFIT", { values: { parameter: name, expected, expectedJa } });
  switch (type) {
    case "number":
      if (typeof value !== "number") throw unfit("a number", "数値");
      return value;
    case "text":
      if (typeof value !== "string") throw unfit("a text", "文字列");
      return value;
    case "date":
      if (typeof value !== "string" || !isDay(value)) throw unfit("a day such as 2026-01-31", "2026-01-31 の形式の日付");
      return value;
    case "list":
      if (!Array.isArray(value) || !value.every((one) => typeof one === "string" || typeof one === "number")) throw unfit("a list of texts or numbers", "文字列または数値の配列");
      return JSON.stringify(value);
  }
}

import type { Clock } from "#src/base/clock.ts";
import { createKept } from "#src/base/kept.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Log } from "#src/base/log.ts";
import type { Columnar } from "#src/rooms/columnar/columnar.ts";
import type { Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import type { PreparedQuestion, QuestionSql, Sight } from "#src/rooms/queries/queries.ts";
import { compile } from "./compile.ts";
import type { CompiledQuestion, QuestionParameter } from "./compile.ts";
import { createEngines, pays } from "./engine.ts";
import { isDay } from "./expressions.ts";
import { dayParameter, Flaw } from "./question.ts";
import type { Question, QuestionSchema } from "./question.ts";
import { readQuestion } from "./read.ts";

export type { CompiledQuestion } from "./compile.ts";
export type { QuestionSchema } from "./question.ts";

/** Questions without SQL: held to a version's schema, and written as SQL. */
export interface Questions extends QuestionSql {
  /** Tables, columns and keys of a version. */
  schemaOf(version: VersionRef): Promise<QuestionSchema>;
  /**
   * `at`: where in a larger JSON the question stands. For DuckDB as far as there is a columnar copy that the reader may ask.
   * Throws QUESTION_INVALID with the place and what to do.
   */
  compile(options: { version: Sight; question: unknown; dialect?: "sqlite" | "duckdb"; at?: string }): Promise<CompiledQuestion>;
}

export interface QuestionsParts {
  databases: Databases;
  columnar: Columnar;
  log: Log;
  clock: Clock;
}

const schemasBytesMax = 16 * 1024 ** 2;

export function createQuestions({ databases, columnar, clock, log }: QuestionsParts): Questions {
  // A version never changes, nor does its schema.
  const kept = createKept<QuestionSchema>({ bytesMax: schemasBytesMax, weigh: (schema) => JSON.stringify(schema).length * 2 });
  const engines = createEngines({ columnar, log });
  const schemaOf = async (version: VersionRef): Promise<QuestionSchema> => {
    const known = kept.get(version.id);
    if (known) return known;
    const schema = (await databases.describe(version)) as unknown as QuestionSchema;
    kept.set(version.id, schema);
    return schema;
  };
  return {
    schemaOf,
    async compile({ version, question, dialect = "sqlite", at = "" }) {
      const schema = await schemaOf(version);
      const copied = dialect === "duckdb" ? await engines.copied(version, schema) : null;
      return attempt(at, () => compile(readQuestion(question), copied?.schema ?? schema, dialect));
    },
    async write({ version, question, at = "" }) {
      const schema = await schemaOf(version);
      return attempt(at, () => compile(readQuestion(question), schema, "sqlite").sql);
    },
    async prepare({ version, question, parameters = {}, engine, at = "/question" }) {
      const schema = await schemaOf(version);
      const read = attempt(at, () => readQuestion(question));
      const written = attempt(at, () => compile(read, schema, "sqlite"));
      const bySqlite = { sql: written.sql, parameters: bind(written.parameters, parameters, clock) };
      const copied = engine === "sqlite" ? null : await engines.copied(version, schema);
      if (copied === null || (engine === undefined && !pays(copied.copy, tablesOf(read)))) {
        if (engine === "duckdb") throw noCopy();
        return bySqlite;
      }
      const byDuck = attempt(at, () => compile(read, copied.schema, "duckdb"));
      if (byDuck.sqliteOnly.length === 0) return { ...bySqlite, sql: byDuck.sql, engine: "duckdb", ...(engine === undefined ? { instead: bySqlite } : {}) } satisfies PreparedQuestion;
      const [{ pointer, en, ja }] = byDuck.sqliteOnly as [CompiledQuestion["sqliteOnly"][number]];
      if (engine === "duckdb") throw new Problem("ENGINE_UNAVAILABLE", { values: { engine, reason: `${at}${pointer}: ${en}`, reasonJa: `${at}${pointer}: ${ja}` } });
      return bySqlite;
    },
  };
}

const tablesOf = ({ from, joins = [] }: Question): string[] => [from, ...joins.map((join) => join.table)];

function noCopy(): Problem {
  const reason = "there is no columnar copy of this version that you may ask";
  return new Problem("ENGINE_UNAVAILABLE", { values: { engine: "duckdb", reason, reasonJa: "このバージョンには、あなたが使えるカラム形式のコピーがありません" } });
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

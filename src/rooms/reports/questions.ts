import { isDeepStrictEqual } from "node:util";
import { Problem } from "#src/base/problems/problem.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { QuestionSql } from "#src/rooms/queries/queries.ts";
import type { ReportBlock, ReportDefinition } from "./schema.ts";

interface Asked {
  database: string;
  sql: string;
  question?: Record<string, unknown> | undefined;
}

/** Asks the same of the same database. */
export function isSameQuestion(a: Asked, b: Asked): boolean {
  return a.database === b.database && a.sql === b.sql && isDeepStrictEqual(a.question, b.question);
}

/**
 * Gives blocks that were asked without SQL the SQL of their question, for the database as it is now. What was there before
 * keeps what it had: a new version of a database that it no longer fits must not keep others from being edited. Where only
 * the SQL was changed, it was edited as SQL, and is a question no longer.
 */
export async function writeQuestions(options: {
  parts: { databases: Databases; questions: Pick<QuestionSql, "write"> }; team: string; definition: ReportDefinition; before: ReportDefinition | null;
}): Promise<ReportDefinition> {
  const { parts: { databases, questions }, team, definition, before } = options;
  if (!definition.blocks.some((block) => "question" in block && block.question)) return definition;
  const blocks: ReportBlock[] = [];
  for (const [i, block] of definition.blocks.entries()) {
    if (!("database" in block) || !block.question) {
      blocks.push(block);
      continue;
    }
    const { question, database } = block;
    const known = before?.blocks.find((one) => "database" in one && one.database === database && isDeepStrictEqual(one.question, question));
    if (known && "sql" in known) {
      const { question: _, ...bySql } = block;
      blocks.push(block.sql === known.sql ? block : bySql);
      continue;
    }
    const { engine: _, ...rest } = block;
    blocks.push({ ...rest, sql: await write() } as ReportBlock);

    async function write(): Promise<string> {
      const at = `/blocks/${i}/question`;
      try {
        return await questions.write({ version: await databases.currentVersion(team, database), question, at });
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "NOT_FOUND") throw error;
        throw new Problem("REPORT_INVALID", { values: { pointer: at, reason: `the database ${database} is no longer there`, reasonJa: `データベース ${database} はもうありません` } });
      }
    }
  }
  return { ...definition, blocks };
}

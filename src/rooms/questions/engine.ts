import { createKept } from "#src/base/kept.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Columnar, ColumnarCopy } from "#src/rooms/columnar/columnar.ts";
import { columnarLimits } from "#src/rooms/columnar/schema.ts";
import type { ColumnarTable } from "#src/rooms/columnar/schema.ts";
import type { Sight } from "#src/rooms/queries/queries.ts";
import { fold } from "./names.ts";
import type { QuestionSchema } from "./question.ts";

const schemasBytesMax = 16 * 1024 ** 2;

/** A version's schema with how the columnar copy holds each column. */
export interface CopiedSchema {
  schema: QuestionSchema;
  copy: ColumnarCopy;
}

/** Which of the engines there is for a reader's questions about a version. */
export function createEngines({ columnar, log }: { columnar: Columnar; log: Log }) {
  const kept = createKept<QuestionSchema>({ bytesMax: schemasBytesMax, weigh: (schema) => JSON.stringify(schema).length * 2 });
  return {
    /** Null while there is no copy, or where rules hide rows from the reader. Has one made where that pays. */
    async copied(version: Sight, schema: QuestionSchema): Promise<CopiedSchema | null> {
      // The copy holds all rows; and how it holds a column tells of them.
      if (version.rows !== null) return null;
      try {
        const copy = await columnar.find(version);
        if (copy === null) {
          if (version.sizeBytes >= columnarLimits.bytesMin) await columnar.want(version);
          return null;
        }
        const known = kept.get(version.id) ?? withCopy(schema, copy.tables);
        kept.set(version.id, known);
        return { schema: known, copy };
      } catch (error) {
        // SQLite answers without it.
        if (!(error instanceof Problem)) log("columnar trouble", describeError(error));
        return null;
      }
    },
  };
}

/** The schema with how the copy holds its columns. */
export function withCopy(schema: QuestionSchema, tables: ColumnarTable[]): QuestionSchema {
  const copies = new Map(tables.map((table) => [fold(table.name), new Map(table.columns.map((column) => [fold(column.name), column]))]));
  return {
    tables: schema.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => {
        const copy = copies.get(fold(table.name))?.get(fold(column.name));
        return copy === undefined ? column : { ...column, columnar: { type: copy.type, unclean: copy.unclean } };
      }),
    })),
  };
}

/** Of the tables that a question names, one is so large that DuckDB is the faster. */
export function pays({ tables }: ColumnarCopy, names: string[]): boolean {
  const asked = new Set(names.map(fold));
  return tables.some(({ name, rows }) => rows >= columnarLimits.questionRowsMin && asked.has(fold(name)));
}

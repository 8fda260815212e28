import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answerData } from "../api/data.ts";
import type { QueryAsk } from "../api/types.ts";
import type { ReportBlock } from "./definition.ts";
import { givenTo } from "./useValues.ts";
import type { Value } from "./useValues.ts";

export type AskingBlock = Extract<ReportBlock, { sql: string }>;

/** As many rows as a published page asks for. */
const rowsMax = { chart: 50_000, table: 1_000, number: 1 };

/** What a block asks; null while there is nothing to ask. */
export function questionOf(block: AskingBlock, values: Record<string, Value>, sql = block.sql): QueryAsk | null {
  if (block.database === "" || sql.trim() === "") return null;
  const parameters = givenTo(sql, values);
  return { sql, ...(block.engine ? { engine: block.engine } : {}), rowsMax: block.kind === "table" ? (block.rowsMax ?? rowsMax.table) : rowsMax[block.kind], ...(parameters ? { parameters } : {}) };
}

/** The answer to a block's question; the one before stays until the next is there. */
export function useAnswer(block: AskingBlock, values: Record<string, Value>, sql?: string) {
  const question = questionOf(block, values, sql);
  const answer = useQuery({ ...answerData(block.database, question ?? { sql: "" }), enabled: question !== null, placeholderData: keepPreviousData });
  return { answer, question };
}

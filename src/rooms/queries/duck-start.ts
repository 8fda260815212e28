import { availableParallelism } from "node:os";
import { foldName } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxAnswer } from "#src/base/sandbox/pool.ts";
import { columnarLimits } from "#src/rooms/columnar/schema.ts";
import { narrowLimits } from "#src/rooms/teams/teams.ts";
import type { DuckRequest } from "./duck.ts";
import type { QueriesParts, QueryRequest } from "./queries.ts";
import { nameOf, tokenize } from "./sql.ts";

/** Starts a question in DuckDB's SQL on the columnar copy; the time until there is one counts as the question's own. */
export function createDuckStart({ columnar, columnarPool, plans, limits: all }: Pick<QueriesParts, "columnar" | "columnarPool" | "plans" | "limits">) {
  return async ({ version, sql, parameters, rowsMax }: QueryRequest, signal: AbortSignal): Promise<SandboxAnswer> => {
    // The copy holds all rows.
    if (version.rows) {
      const reason = "rules hide some of the rows from you, and the columnar copy holds all of them";
      throw new Problem("ENGINE_UNAVAILABLE", { values: { engine: "duckdb", reason, reasonJa: "あなたには表示されない行があり、カラム形式のコピーにはすべての行が含まれます" } });
    }
    const limits = narrowLimits(all, await plans.limitsOf(version.team));
    const copy = await columnar.wait(version, { waitMs: limits.queryTimeoutMs, signal });
    const mentioned = namesIn(sql);
    const tables = await columnar.open(copy, (table) => mentioned.has(foldName(table.name)));
    const request: DuckRequest = {
      file: tables.map((table) => table.path).join("\n"), tables, version: version.id, sql, parameters: parameters ?? {},
      rowsMax: Math.min(rowsMax ?? limits.queryRowsMax, limits.queryRowsMax), bytesMax: limits.queryBytesMax,
      memoryBytesMax: limits.queryMemoryBytesMax, threads: Math.min(availableParallelism(), columnarLimits.threadsMax),
    };
    return await columnarPool.run("query-columnar", request, { timeoutMs: limits.queryTimeoutMs, team: version.team, signal });
  };
}

/** Every name that the text could mean: a table that is not among them is not asked. */
function namesIn(sql: string): Set<string> {
  return new Set(tokenize(sql).filter(({ kind }) => kind === "word" || kind === "name" || kind === "string").map((token) => foldName(nameOf(token))));
}

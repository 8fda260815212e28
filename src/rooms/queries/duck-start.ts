import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { foldName } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxAnswer } from "#src/base/sandbox/pool.ts";
import { columnarLimits } from "#src/rooms/columnar/schema.ts";
import type { DuckRequest } from "./duck.ts";
import type { QueriesParts, QueryRequest, Sight } from "./queries.ts";
import { nameOf, tokenize } from "./sql.ts";

interface Bounds {
  timeoutMs: number;
  bytesMax: number;
  rowsMax: number;
  /** Whose turn it is. */
  team: string;
  signal: AbortSignal;
}

/** Starts a question in DuckDB's SQL on the columnar copy; the time until there is one counts as the question's own. */
export function createDuckStart({ columnar, columnarPool, limits }: Pick<QueriesParts, "columnar" | "columnarPool" | "limits">) {
  return async ({ version, sql, parameters }: QueryRequest, { timeoutMs, bytesMax, rowsMax, team, signal }: Bounds): Promise<SandboxAnswer> => {
    holdAllRows(version);
    const copy = await columnar.wait(version, { waitMs: timeoutMs, signal });
    const mentioned = namesIn(sql);
    const question = {
      version: version.id, sql, parameters: parameters ?? {}, rowsMax, bytesMax, memoryBytesMax: limits.queryMemoryBytesMax, threads: Math.min(availableParallelism(), columnarLimits.threadsMax),
    };
    for (let isFirst = true; ; isFirst = false) {
      const tables = await columnar.open(copy, (table) => mentioned.has(foldName(table.name)));
      const request: DuckRequest = { ...question, file: tables.map((table) => table.path).join("\n"), tables };
      try {
        return await columnarPool.run("query-columnar", request, { timeoutMs, team, signal });
      } catch (error) {
        // Put out of the cache while the question waited for its turn.
        if (!isFirst || signal.aborted || tables.every(({ path }) => existsSync(path))) throw error;
      }
    }
  };
}

export type PrepareDuck = (request: Pick<QueryRequest, "version" | "sql" | "parameters">, signal: AbortSignal) => Promise<Omit<DuckRequest, "rowsMax" | "bytesMax">>;

/** How a child of another pool asks the columnar copy, which is made first where it is not there. */
export function createDuckPrepare({ columnar, limits }: Pick<QueriesParts, "columnar" | "limits">): PrepareDuck {
  return async ({ version, sql, parameters }, signal) => {
    holdAllRows(version);
    const copy = await columnar.wait(version, { waitMs: limits.queryTimeoutMs, signal });
    const mentioned = namesIn(sql);
    const tables = await columnar.open(copy, (table) => mentioned.has(foldName(table.name)));
    return {
      file: tables.map((table) => table.path).join("\n"), tables, version: version.id, sql, parameters: parameters ?? {},
      memoryBytesMax: limits.queryMemoryBytesMax, threads: Math.min(availableParallelism(), columnarLimits.threadsMax),
    };
  };
}

/** The copy holds all rows. */
function holdAllRows(version: Sight): void {
  if (version.rows === null) return;
  const reason = "rules hide some of the rows from you, and the columnar copy holds all of them";
  throw new Problem("ENGINE_UNAVAILABLE", { values: { engine: "duckdb", reason, reasonJa: "あなたには表示されない行があり、カラム形式のコピーにはすべての行が含まれます" } });
}

/** Every name that the text could mean: a table that is not among them is not asked. */
function namesIn(sql: string): Set<string> {
  return new Set(tokenize(sql).filter(({ kind }) => kind === "word" || kind === "name" || kind === "string").map((token) => foldName(nameOf(token))));
}

import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxPool } from "#src/base/sandbox/pool.ts";
import { createTurns } from "#src/base/turns.ts";
import type { Databases } from "./databases.ts";

export interface Comparison {
  from: string;
  to: string;
  tables: { name: string; trouble: string | null }[];
  truncated: boolean;
}

export interface Comparisons {
  /** What differs between two versions of a database, by key. Throws COMPARE_KEY_UNFIT, TABLE_NOT_FOUND, what opening a version throws. */
  compare(options: { team: string; database: string; from: string; to: string; table?: string; key?: string[]; signal: AbortSignal }): Promise<Comparison>;
}

/** Rows are compared for so long; the child is stopped a little later. */
const rowsMs = 20_000;
const compareMs = 30_000;
/** Each reads two whole files. */
const atOnceMax = 2;

export function createComparisons({ databases, pool }: { databases: Databases; pool: SandboxPool }): Comparisons {
  const inTurn = createTurns(atOnceMax);
  return {
    compare: ({ team, database, from, to, table, key, signal }) =>
      inTurn(async () => {
        const [first, second] = [await databases.getVersion({ team, database, version: from }), await databases.getVersion({ team, database, version: to })];
        const request = { before: await databases.open(first), after: await databases.open(second), ...(table === undefined ? {} : { table }), ...(key ? { key } : {}), rowsMs };
        const { head } = await pool.run("compare", request, { timeoutMs: compareMs, team, signal });
        const found = head as Omit<Comparison, "from" | "to">;
        if (table !== undefined && found.tables.length === 0) throw new Problem("COMPARE_TABLE_MISSING", { values: { table: table.slice(0, 200) } });
        const trouble = key && found.tables.find((one) => one.trouble?.startsWith("key"))?.trouble;
        if (trouble) throw new Problem("COMPARE_KEY_UNFIT", { values: { key: key.join(", ").slice(0, 200), table: table ?? "" } });
        return { from, to, ...found };
      }),
  };
}

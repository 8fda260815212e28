import type { Problem } from "#src/base/problems/problem.ts";
import { refuse } from "./refuse.ts";

export function damaged(reason: string): Problem {
  return refuse("FILE_DAMAGED", { reason: reason.replaceAll("*** in database main ***\n", "").replaceAll("\n", "; ").slice(0, 500) });
}

/** SQLite's own words for what it cannot read. Anything that is not SQLite's is a fault of this program. */
export function asDamage(error: unknown): unknown {
  return error instanceof Error && (error as { code?: string }).code === "ERR_SQLITE_ERROR" ? refuse("FILE_DAMAGED", { reason: error.message.slice(0, 500) }, error) : error;
}

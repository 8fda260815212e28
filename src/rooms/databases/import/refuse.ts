import { Problem } from "#src/base/problems/problem.ts";
import type { ProblemCode } from "#src/base/problems/registry.ts";

/**
 * A refusal whose text can name its place: `line` and `column` (1-based) go both where clients read
 * them and into the sentence, since the sentence is often shown alone.
 */
export function refuse(code: ProblemCode, values: Record<string, string | number> & { line?: number; column?: number } = {}, cause?: unknown): Problem {
  const { line, column } = values;
  return new Problem(code, {
    values,
    ...(typeof line === "number" ? { line } : {}),
    ...(typeof column === "number" ? { column } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The same problem, saying also whose file it concerns. */
export function named(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof Problem) || file === undefined || error.options.file !== undefined) return error;
  return new Problem(error.code, { ...error.options, file, values: { ...error.options.values, file } });
}

import { problems } from "./registry.ts";
import type { ProblemCode } from "./registry.ts";

export type Language = "en" | "ja";

export interface ProblemPlace {
  /** The file's name as the person gave it. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
}

export interface ProblemOptions extends ProblemPlace {
  /** Values for the `{name}` places of the registry's detail. */
  values?: Record<string, string | number>;
  /** Seconds, for the Retry-After header. */
  retryAfterSeconds?: number;
  /** Of the answer, beside what every problem has. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** What every refusal and failure is made of: a code of the registry and the place it concerns. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(`${code}: ${fill(problems[code].detail.en, options.values)}`, { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** The problem as RFC 9457 JSON in one language. */
export function problemBody(problem: Problem, language: Language): Record<string, unknown> {
  const entry = problems[problem.code];
  const { file, line, column, values } = problem.options;
  return {
    type: `https://kliv.dev/problems/${problem.code.toLowerCase().replaceAll("_", "-")}`,
    title: entry.title[language],
    status: entry.status,
    code: problem.code,
    detail: fill(entry.detail[language], values),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

function fill(text: string, values: Record<string, string | number> = {}): string {
  // A value that reads differently in Japanese is given twice: as `reason` and as `reasonJa`.
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? values[name.replace(/Ja$/, "")] ?? ""));
}

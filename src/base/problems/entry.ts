export interface ProblemEntry {
  /** The HTTP status. */
  status: number;
  title: { en: string; ja: string };
  /** What happened, where, and what to do. `{name}` is filled from the problem's values. */
  detail: { en: string; ja: string };
}

/** Keeps the codes as literal types while holding every entry to its shape. */
export function entries<T extends Record<string, ProblemEntry>>(all: T): T {
  return all;
}

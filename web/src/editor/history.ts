/** What can be undone and redone. Never changed in place. */
export interface History<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
  /** What the last step was about; another about the same, soon after, joins it. */
  about: string | null;
  atMs: number;
}

const stepsMax = 200;
const joinMs = 1_000;

export const begin = <T>(now: T): History<T> => ({ past: [], now, future: [], about: null, atMs: 0 });

/** One step further. Steps about the same thing that come quickly, as letters typed, are undone together. */
export function step<T>(history: History<T>, next: T, { about = null, atMs }: { about?: string | null; atMs: number }): History<T> {
  if (next === history.now) return history;
  const joins = about !== null && about === history.about && atMs - history.atMs < joinMs && history.past.length > 0;
  const past = joins ? history.past : [...history.past.slice(-stepsMax + 1), history.now];
  return { past, now: next, future: [], about, atMs };
}

/** What follows from the step by itself, and is undone with it. */
export const amend = <T>(history: History<T>, now: T): History<T> => ({ ...history, now });

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], about: null, atMs: 0 };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, about: null, atMs: 0 };
}

/** Every state with something of another's put in: undoing one's own steps then leaves theirs alone. */
export function rebase<T>(history: History<T>, onto: (state: T) => T): History<T> {
  return { ...history, past: history.past.map(onto), now: onto(history.now), future: history.future.map(onto) };
}

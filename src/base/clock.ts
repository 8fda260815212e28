/** The one source of time. Tests make their own and move it; nothing else reads the system's clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** The same as a Date. */
  date(): Date;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  date: () => new Date(),
};

/** A clock that stands still until it is moved. `startMs` is milliseconds since the epoch. */
export function movableClock(startMs: number): Clock & { move(byMs: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    date: () => new Date(nowMs),
    move(byMs) {
      nowMs += byMs;
    },
  };
}

/** Lets so many pieces of work run at once; the others wait in the order in which they came. */
export function createTurns(atOnceMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // The place is handed on rather than given up, so that nobody who comes just now gets before those who wait.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

import { createKept } from "#src/base/kept.ts";

/** Things that are made once by their key and never change. */
export interface Shelf<T> {
  /** The kept thing at once, or the one being made: those who ask meanwhile share it. A failure is not kept. */
  get(key: string, make: () => Promise<{ value: T; isKept: boolean }>): T | Promise<T>;
}

export function createShelf<T>(options: { bytesMax: number; weigh(value: T): number }): Shelf<T> {
  const kept = createKept(options);
  const making = new Map<string, Promise<T>>();
  const start = (key: string, make: () => Promise<{ value: T; isKept: boolean }>): Promise<T> => {
    const running = make()
      .then(({ value, isKept }) => {
        if (isKept) kept.set(key, value);
        return value;
      })
      .finally(() => making.delete(key));
    making.set(key, running);
    return running;
  };
  return { get: (key, make) => kept.get(key) ?? making.get(key) ?? start(key, make) };
}

/** Things that are made once by their key and never change, least recently used out first, bounded in bytes. */
export interface Shelf<T> {
  /** The kept thing at once, or the one being made: those who ask meanwhile share it. A failure is not kept. */
  get(key: string, make: () => Promise<{ value: T; isKept: boolean }>): T | Promise<T>;
}

export function createShelf<T>({ bytesMax, weigh }: { bytesMax: number; weigh(value: T): number }): Shelf<T> {
  const kept = new Map<string, T>();
  const making = new Map<string, Promise<T>>();
  let bytes = 0;
  const weight = (key: string, value: T): number => weigh(value) + key.length * 2 + 200;
  const keep = (key: string, value: T): void => {
    kept.set(key, value);
    bytes += weight(key, value);
    for (const [oldest, one] of kept) {
      if (bytes <= bytesMax) break;
      kept.delete(oldest);
      bytes -= weight(oldest, one);
    }
  };
  return {
    get(key, make) {
      const found = kept.get(key);
      if (found !== undefined) {
        kept.delete(key);
        kept.set(key, found);
        return found;
      }
      let running = making.get(key);
      if (!running) {
        running = make()
          .then(({ value, isKept }) => {
            if (isKept) keep(key, value);
            return value;
          })
          .finally(() => making.delete(key));
        making.set(key, running);
      }
      return running;
    },
  };
}

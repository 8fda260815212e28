/** Values by key, bounded in bytes, least recently used out first. */
export interface Kept<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

// What a map's entry takes beside its key and value.
const entryBytes = 200;

export function createKept<T>({ bytesMax, weigh }: { bytesMax: number; weigh(value: T): number }): Kept<T> {
  const values = new Map<string, T>();
  let bytes = 0;
  const weight = (key: string, value: T): number => weigh(value) + key.length * 2 + entryBytes;
  const drop = (key: string, value: T): void => {
    values.delete(key);
    bytes -= weight(key, value);
  };
  return {
    get(key) {
      const value = values.get(key);
      // Moved to the end: the map's order is the order of use.
      if (value !== undefined) {
        values.delete(key);
        values.set(key, value);
      }
      return value;
    },
    set(key, value) {
      const old = values.get(key);
      if (old !== undefined) drop(key, old);
      values.set(key, value);
      bytes += weight(key, value);
      for (const [oldest, one] of values) {
        if (bytes <= bytesMax) break;
        drop(oldest, one);
      }
    },
  };
}

/** Values by key, bounded in bytes; what was not asked for since it was last looked at goes first. */
export interface Kept<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

interface Entry<T> {
  value: T;
  bytes: number;
  wasUsed: boolean;
}

// What a map's entry takes beside its key and value.
const entryBytes = 200;

/**
 * The second-chance rule: reading only marks an entry. Moving it to the map's end at each read would leave a hole in
 * the map each time, and for a key that is read all the time every next read walks over all of its holes.
 */
export function createKept<T>({ bytesMax, weigh }: { bytesMax: number; weigh(value: T): number }): Kept<T> {
  const entries = new Map<string, Entry<T>>();
  let bytes = 0;
  const drop = (key: string, entry: Entry<T>): void => {
    entries.delete(key);
    bytes -= entry.bytes;
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry) entry.wasUsed = true;
      return entry?.value;
    },
    set(key, value) {
      const old = entries.get(key);
      if (old) drop(key, old);
      const added: Entry<T> = { value, bytes: weigh(value) + key.length * 2 + entryBytes, wasUsed: false };
      entries.set(key, added);
      bytes += added.bytes;
      if (added.bytes > bytesMax) return drop(key, added);
      for (const [oldest, entry] of entries) {
        if (bytes <= bytesMax) break;
        if (entry === added) continue;
        drop(oldest, entry);
        if (!entry.wasUsed) continue;
        entry.wasUsed = false;
        entries.set(oldest, entry);
        bytes += entry.bytes;
      }
    },
  };
}

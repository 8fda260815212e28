/** Ready-made response bytes by key, least recently used out first, bounded in bytes. */
export interface ResultCache {
  get(key: string): Buffer | undefined;
  set(key: string, body: Buffer): void;
}

export function createResultCache(bytesMax: number): ResultCache {
  const bodies = new Map<string, Buffer>();
  let bytes = 0;
  const weigh = (key: string, body: Buffer): number => key.length * 2 + body.length + 200;
  return {
    get(key) {
      const body = bodies.get(key);
      if (body) {
        bodies.delete(key);
        bodies.set(key, body);
      }
      return body;
    },
    set(key, body) {
      const old = bodies.get(key);
      if (old) bytes -= weigh(key, old);
      bodies.delete(key);
      bodies.set(key, body);
      bytes += weigh(key, body);
      for (const [oldest, value] of bodies) {
        if (bytes <= bytesMax) break;
        bodies.delete(oldest);
        bytes -= weigh(oldest, value);
      }
    },
  };
}

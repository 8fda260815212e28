/** A number as text that is read as the same kind of number again: 5.0 is no whole number. */
export function realText(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** Names of which no two are equal, as SQLite compares them: a later one gets a number. */
export function uniqueNames(names: readonly string[]): string[] {
  const fold = (name: string): string => name.toLowerCase();
  const given = new Set(names.map(fold));
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(fold(free)); number++) {
      const next = `${name}_${number}`;
      if (!given.has(fold(next)) && !taken.has(fold(next))) free = next;
    }
    taken.add(fold(free));
    return free;
  });
}

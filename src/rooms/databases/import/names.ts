const characterMax = 120;

/** A name for the table from the file's: a label only, never a path. */
export function tableName(fileName: string, wanted?: string): string {
  const base = (wanted ?? fileName.replaceAll("\\", "/").split("/").pop() ?? "").normalize("NFC");
  const plain = clean(wanted === undefined ? base.replace(/\.(gz|gzip|zst|zstd)$/i, "").replace(/\.(csv|tsv|tab|txt|dat|json|geojson|ndjson|jsonl|jsonlines|sql|sqlite3?|db|zip|parquet|xlsx|xlsm)$/i, "") : base);
  if (plain === "" || /^\.+$/.test(plain)) return "data";
  return /^sqlite_/i.test(plain) ? `_${plain}` : plain;
}

/** Names for columns from the cells of the header: none empty, none twice (letters' case aside). */
export function columnNames(cells: string[]): { names: string[]; changed: number } {
  const taken = new Set<string>();
  let changed = 0;
  const wanted = cells.map(clean);
  // A name that stands in the file is kept for the first column that has it.
  const inFile = new Set(wanted.map((name) => name.toLowerCase()));
  const names = wanted.map((name, i) => {
    const base = name === "" ? `column_${i + 1}` : name;
    let unique = base;
    for (let n = 2; taken.has(unique.toLowerCase()) || (unique !== name && inFile.has(unique.toLowerCase())); n++) unique = `${base}_${n}`;
    taken.add(unique.toLowerCase());
    if (unique !== name) changed++;
    return unique;
  });
  return { names, changed };
}

/** The names, none twice (letters' case aside): an equal one gets a number. */
export function uniqueNames(wanted: readonly string[]): string[] {
  const taken = new Set<string>();
  const all = new Set(wanted.map((name) => name.toLowerCase()));
  return wanted.map((name) => {
    let unique = name;
    for (let n = 2; taken.has(unique.toLowerCase()) || (unique !== name && all.has(unique.toLowerCase())); n++) unique = `${name}_${n}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function clean(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]+/gu, " ").trim();
  // By characters, so that none is cut in two.
  return [...plain].slice(0, characterMax).join("").trim().toWellFormed();
}

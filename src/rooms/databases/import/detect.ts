/** What is read here, as people call it. */
export const formatNames = { sqlite: "SQLite", text: "CSV / TSV", json: "JSON", parquet: "Parquet", xlsx: "Excel (xlsx)", gzip: "gzip", zstd: "Zstandard", zip: "ZIP", sql: "SQL" } as const;
export type Format = keyof typeof formatNames;

/** What the first bytes of a file say it is. `text` may still turn out not to be readable. */
export type Found = { format: Format } | { format: "empty" } | { format: "other"; looksLike: string };

/** What holds old Excel files, and new ones that are locked by a password. */
export const oleName = "Excel 97-2003 (xls)";

const signatures: [string, string][] = [
  ["1f8b", "gzip"],
  ["504b0304", "ZIP"],
  ["504b0506", "ZIP"],
  ["28b52ffd", "Zstandard"],
  ["fd377a585a00", "xz"],
  ["425a68", "bzip2"],
  ["377abcaf271c", "7-Zip"],
  ["526172211a07", "RAR"],
  ["04224d18", "LZ4"],
  ["4152524f5731", "Apache Arrow"],
  ["4f626a01", "Avro"],
  ["4f5243", "ORC"],
  ["89484446", "HDF5"],
  ["d0cf11e0a1b11ae1", oleName],
  ["89504e47", "PNG"],
  ["ffd8ff", "JPEG"],
  ["47494638", "GIF"],
  ["52494646", "RIFF (WebP, WAV, AVI)"],
  ["255044462d", "PDF"],
  ["7f454c46", "ELF"],
  ["cafebabe", "Java class / Mach-O"],
  ["0061736d", "WebAssembly"],
  ["377f0682", "SQLite WAL"],
  ["377f0683", "SQLite WAL"],
  ["d9d505f920a163d7", "SQLite rollback journal"],
  ["fffe0000", "UTF-32"],
  ["0000feff", "UTF-32"],
];

export const headBytes = 64 * 1024;

/** Decides by content. The name and the type a client sends are never believed against it. */
export function formatOf(head: Buffer): Found {
  if (head.length === 0) return { format: "empty" };
  // Also one whose first bytes are damaged at the end: SQLite then says so.
  if (head.toString("latin1", 0, 13) === "SQLite format") return { format: "sqlite" };
  if (head.toString("latin1", 0, 4) === "PAR1") return { format: "parquet" };
  const hex = head.toString("hex", 0, 16);
  const signature = signatures.find(([magic]) => hex.startsWith(magic));
  const kind = signature?.[1] === "ZIP" ? zipKind(head) : signature?.[1];
  const packed = (["gzip", "zstd", "zip", "xlsx"] as const).find((format) => formatNames[format] === kind);
  if (packed) return { format: packed };
  if (kind) return { format: "other", looksLike: kind };
  if (head.toString("latin1", 4, 8) === "ftyp") return { format: "other", looksLike: "MP4 / HEIF" };
  if (head.toString("latin1", 8, 12) === "DUCK") return { format: "other", looksLike: "DuckDB" };
  if (head.toString("latin1", 257, 262) === "ustar") return { format: "other", looksLike: "tar" };
  if (head.toString("latin1", 4, 19) === "Standard Jet DB" || head.toString("latin1", 4, 19) === "Standard ACE DB") return { format: "other", looksLike: "Microsoft Access" };
  const start = textStart(head);
  if (isJson(start)) return { format: "json" };
  if (isSql(head)) return { format: "sql" };
  const text = textKind(start);
  return text ? { format: "other", looksLike: text } : { format: "text" };
}

// Of what may be inside a file so called. Any other ending, and none, says nothing.
const endings: Record<string, Format | "other"> = {
  sqlite: "sqlite", sqlite3: "sqlite", db: "sqlite", db3: "sqlite", csv: "text", tsv: "text", tab: "text",
  sql: "sql", json: "json", geojson: "json", ndjson: "json", jsonl: "json", jsonlines: "json",
  xlsx: "xlsx", xlsm: "xlsx", xls: "other", ods: "other", parquet: "parquet", zip: "zip", gz: "gzip", gzip: "gzip", tgz: "gzip", zst: "zstd", zstd: "zstd", png: "other", jpg: "other", jpeg: "other", gif: "other", pdf: "other",
  html: "other", xml: "other", docx: "other", exe: "other",
};

/** The ending of a name that contradicts the content, which is more likely the wrong file than a wrong name. */
export function contradictionOf(fileName: string, format: Format): string | null {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(fileName)?.[1]?.toLowerCase();
  const promised = ending === undefined ? undefined : endings[ending];
  return promised === undefined || promised === format ? null : (ending ?? null);
}

function zipKind(head: Buffer): string {
  // Its parts come in any order, and so does the rest of a ZIP file that only has a folder of this name.
  if (/PK.{28}(xl[/\\](workbook|worksheets|_rels|sharedstrings|styles|theme)|\[content_types\]\.xml.*xl\/workbook)/is.test(head.toString("latin1"))) return formatNames.xlsx;
  if (head.includes("opendocument.spreadsheet")) return "OpenDocument (ods)";
  return "ZIP";
}

function textStart(head: Buffer): string {
  const start = head.subarray(0, 1024);
  const isWide = start.length > 1 && start.length % 2 === 0 && ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff));
  const text = isWide ? (start[0] === 0xff ? start : Buffer.from(start).swap16()).toString("utf16le") : start.toString("utf8");
  return text.replace(/^\ufeff/, "").trimStart();
}

/** A list or an object. A list of plain values is one only if what follows its first value is that of a list: a text may begin with "[1]". */
function isJson(start: string): boolean {
  return /^\{\s*("|\}\s*$)/.test(start) || /^\[\s*(\{\s*["}]|\[|\]\s*$)/.test(start) || /^\[\s*(-?\d[\d.eE+-]*|"([^"\\]|\\.)*"|true|false|null)\s*(,|\]\s*$|\]\s*[\r\n]\s*\[)/.test(start);
}

/** Statements, after any comments. What only another system writes is one too: it is refused with words of its own. */
function isSql(head: Buffer): boolean {
  const text = head.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at)) && at < text.length) at++;
    const isLine = text.startsWith("--", at);
    if (!isLine && (!text.startsWith("/*", at) || text.startsWith("/*!", at))) break;
    const end = isLine ? text.indexOf("\n", at) : text.indexOf("*/", at);
    if (end < 0) return false;
    at = end + 2 - (isLine ? 1 : 0);
  }
  const start = text.slice(at, at + 400);
  return /^(CREATE\s+(TEMP\w*\s+|UNIQUE\s+|VIRTUAL\s+|OR\s+REPLACE\s+)?(TABLE|INDEX|VIEW|TRIGGER|DATABASE|SCHEMA)\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|DROP\s+(TABLE|VIEW|INDEX|DATABASE)\s|BEGIN(\s+TRANSACTION)?\s*;|START\s+TRANSACTION\s*;|PRAGMA\s+\w+\s*[=;(]|SET\s+@?\w+\s*(=|ON\b|OFF\b|NOCOUNT|ANSI)|USE\s+[[`\w]+\]?;?\s*$|LOCK\s+TABLES\s|\/\*!\d{5}|\\(restrict|connect)\s)/im.test(start);
}

function textKind(start: string): string | undefined {
  if (/^<(!doctype html|html|head|body|table)\b/i.test(start)) return "HTML";
  if (/^<\?xml\b/i.test(start)) return "XML";
  return start.startsWith("PGDMP") ? "pg_dump" : undefined;
}

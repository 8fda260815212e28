import { damaged } from "./damage.ts";
import { contradictionOf, formatNames, formatOf, headBytes, oleName } from "./detect.ts";
import type { Format } from "./detect.ts";
import { refuseOle } from "./ole.ts";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report } from "./run.ts";
import type { ByteSource } from "./source.ts";

/** Reads the source as its format and leaves `out.sqlite` in the work folder. */
export type Importer = (request: ImportRequest, source: ByteSource, report: Report) => Promise<ImportOutcome>;

/** One function a format, loaded when a file of that format comes. */
const importers: Record<Format, () => Promise<Importer>> = {
  sqlite: async () => (await import("./sqlite.ts")).importSqlite,
  json: async () => (await import("./jsonfile.ts")).importJson,
  sql: async () => (await import("./sqldump.ts")).importDump,
  gzip: async () => (await import("./packed.ts")).importGzip,
  zstd: async () => (await import("./packed.ts")).importZstd,
  zip: async () => (await import("./zip.ts")).importZip,
  parquet: async () => (await import("./parquet.ts")).importParquet,
  xlsx: async () => (await import("./xlsx.ts")).importXlsx,
  text: async () => (await import("./csv.ts")).importText,
};

/** A packed file may be in a ZIP file, and that is all: whatever is nested deeper is rather a trap than data. */
function holdNesting({ fileName, within = [] }: ImportRequest, format: Format): void {
  if (format !== "gzip" && format !== "zstd" && format !== "zip") return;
  const isTaken = within.length === 0 || (within.length === 1 && within[0] === "zip" && format !== "zip");
  if (!isTaken) throw refuse("FILE_PACKED_NESTED", { name: fileName.slice(0, 200), inner: formatNames[format], outer: within.map((one) => formatNames[one as Format]).join(" / ") });
}

/** Imports a file as what its first bytes say it is, unless its name says otherwise. */
export async function importSource(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const head = await source.peek(headBytes);
  const found = formatOf(head);
  if (found.format === "empty") throw refuse("FILE_EMPTY");
  if (found.format === "other" && found.looksLike === oleName) throw refuseOle(request, head);
  if (found.format === "other") throw refuse("FILE_FORMAT_UNSUPPORTED", { looksLike: found.looksLike });
  holdNesting(request, found.format);
  const extension = contradictionOf(request.fileName, found.format);
  // A database whose begin is overwritten is no text either.
  if (extension !== null && found.format === "text" && head.includes(0)) throw damaged("its first 16 bytes are not those of SQLite 3");
  if (extension !== null) throw refuse("FILE_EXTENSION_WRONG", { extension, found: formatNames[found.format] });
  const importer = await importers[found.format]();
  return await importer(request, source, report);
}

import { closeSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { dialectOf } from "./dialect.ts";
import type { Dialect } from "./dialect.ts";
import { TextBlocks, UnreadableText, unreadable } from "./encoding.ts";
import { columnNames, tableName } from "./names.ts";
import { RecordBuffer, RecordScanner } from "./records.ts";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import type { ByteSource } from "./source.ts";
import { fits, TableFile } from "./tablefile.ts";
import type { Rewritten } from "./tablefile.ts";
import { declaredTypes, isRestored, kindOf, kinds, widen } from "./types.ts";

const sampleBytes = 1024 * 1024;
const reportBytes = 4 * 1024 * 1024;

/**
 * Reads a CSV or TSV file into one table of `out.sqlite`. Types are guessed from the first megabyte
 * and rows are stored at once. Where a later cell contradicts a number's column ("N/A", "007"), the
 * rest of the text is read for its types only, and the table is made again from a copy of the text:
 * whatever the types come to, every cell is stored exactly.
 */
export async function importText(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const text = new TextBlocks(source, request.limits.lineBytesMax);
  const { sample, whole } = await readSample(text);
  if (isEmptyText(sample)) throw refuse("FILE_EMPTY");
  const dialect = dialectOf({ sample, whole, preferred: preferredDelimiter(request), columnsMax: request.limits.columnsMax });
  const load = new Load(request, dialect);
  try {
    load.feed(dialect.skippedBytes > 0 ? sample.subarray(dialect.skippedBytes) : sample, false);
    let reported = 0;
    for (;;) {
      const block = await nextBlock(text, load);
      if (!block) break;
      load.feed(block, false);
      if (source.bytesRead - reported >= reportBytes) {
        reported = source.bytesRead;
        report({ done: reported, ...(request.sizeBytes ? { total: request.sizeBytes } : {}), unit: "bytes", phase: "reading" });
      }
    }
    load.feed(Buffer.alloc(0), true);
    const table = load.finish(report);
    return {
      file: "out.sqlite", format: dialect.delimiter === "\t" ? "tsv" : "csv", encoding: text.encoding, delimiter: dialect.delimiter, header: dialect.header,
      tables: [table], sizeBytes: statSync(load.path).size, warnings: load.warnings(),
    };
  } finally {
    load.close();
  }
}

/** The beginning of the text. What cannot be read in it has its place here already. */
async function readSample(text: TextBlocks): Promise<{ sample: Buffer; whole: boolean }> {
  const blocks: Buffer[] = [];
  let bytes = 0;
  while (bytes < sampleBytes) {
    let block: Buffer | null;
    try {
      block = await text.next();
    } catch (error) {
      if (!(error instanceof UnreadableText)) throw error;
      const nothing = new RecordBuffer(new RecordScanner(0, 1), { lineBytesMax: 0, fieldBytesMax: 0 });
      throw unreadable(error, nothing.placeAfter(Buffer.concat([...blocks, error.before])));
    }
    if (!block) return { sample: Buffer.concat(blocks), whole: true };
    blocks.push(block);
    bytes += block.length;
  }
  return { sample: Buffer.concat(blocks), whole: false };
}

async function nextBlock(text: TextBlocks, load: Load): Promise<Buffer | null> {
  try {
    return await text.next();
  } catch (error) {
    throw error instanceof UnreadableText ? unreadable(error, load.placeAfter(error.before)) : error;
  }
}

function isEmptyText(sample: Buffer): boolean {
  return sample.every((byte) => byte === 32 || byte === 9 || byte === 10 || byte === 13);
}

function preferredDelimiter({ fileName, contentType }: ImportRequest): string | undefined {
  if (/\.(tsv|tab)$/i.test(fileName) || /tab-separated/i.test(contentType ?? "")) return "\t";
  return /\.csv$/i.test(fileName) || /\bcsv\b/i.test(contentType ?? "") ? "," : undefined;
}

/** The table while it is filled. */
class Load {
  readonly path: string;
  readonly #spoolPath: string;
  readonly #request: ImportRequest;
  readonly #dialect: Dialect;
  readonly #table: string;
  readonly #columns: string[];
  readonly #renamed: number;
  readonly #warnings = new Map<string, { count: number; line: number }>();
  #records: RecordBuffer;
  #file: TableFile | null;
  #spool: number | null = null;
  #spooledBytes = 0;
  // Once numbers stored already would have to be text, rows are only looked at.
  #restored: Uint8Array | null = null;
  #rows = 0;
  #rewritten: Rewritten = { nulls: 0, numbers: 0, dates: 0 };
  #headerRead: boolean;

  constructor(request: ImportRequest, dialect: Dialect) {
    const { limits, workDir } = request;
    const { columns, firstRow, header } = dialect;
    if (columns > limits.columnsMax) throw refuse("FILE_COLUMNS_TOO_MANY", { columns, columnsMax: limits.columnsMax, line: 1 });
    const { names, changed } = columnNames(header ? firstRow : firstRow.map(() => ""));
    this.path = join(workDir, "out.sqlite");
    this.#spoolPath = join(workDir, "text.spool");
    this.#request = request;
    this.#dialect = dialect;
    this.#columns = names;
    this.#renamed = header ? changed : 0;
    this.#table = tableName(request.fileName, request.tableName);
    this.#headerRead = !header;
    this.#records = this.#newRecords();
    this.#file = this.#newFile(dialect.kinds);
    // Text is stored as it stands: nothing can contradict it so that it has to be read again.
    if (dialect.kinds.some((kind) => kind < kinds.text)) this.#spool = openSync(this.#spoolPath, "w+");
  }

  #newRecords(): RecordBuffer {
    // A wider row is an error that says how wide: one cell more is kept, the others are counted.
    const scanner = new RecordScanner(this.#dialect.delimiter.charCodeAt(0), this.#columns.length + 1);
    return new RecordBuffer(scanner, this.#request.limits, this.#dialect.skippedLines + 1);
  }

  #newFile(of: ArrayLike<number>): TableFile {
    return new TableFile({ path: this.path, table: this.#table, columns: this.#columns, kinds: of, decimal: this.#dialect.decimal });
  }

  placeAfter(more: Buffer): { line: number; column: number } {
    return this.#records.placeAfter(more);
  }

  /** Takes a block of the text. `final`: it was the last. */
  feed(block: Buffer, final: boolean): void {
    if (this.#spool !== null && block.length > 0) {
      writeSync(this.#spool, block);
      this.#spooledBytes += block.length;
    }
    this.#read(block, final);
  }

  #read(block: Buffer, final: boolean): void {
    const records = this.#records;
    const { scanner } = records;
    const rowsMax = this.#request.limits.rowsMax ?? Number.POSITIVE_INFINITY;
    const columns = this.#columns.length;
    records.add(block);
    while (records.next(final)) {
      if (scanner.isBlank) {
        this.#warn("LINES_BLANK");
        continue;
      }
      if (!this.#headerRead) {
        this.#headerRead = true;
        continue;
      }
      if (scanner.cells !== columns) this.#checkWidth();
      if (scanner.oddQuotes > 0) this.#warn("QUOTES_UNUSUAL");
      if (++this.#rows > rowsMax) throw refuse("FILE_ROWS_TOO_MANY", { rowsMax, line: records.line });
      if (this.#restored !== null) this.#widen(0);
      else this.#store();
    }
  }

  #store(): void {
    const file = this.#file!;
    const { scanner, bytes } = this.#records;
    for (;;) {
      const column = file.add(bytes, scanner.starts, scanner.ends, scanner.cells);
      if (column === fits) return;
      const before = file.kinds[column]!;
      const found = widen(before, kindOf(bytes, scanner.starts[column]!, scanner.ends[column]!, this.#dialect.decimal));
      // In a column that was empty so far, spaces are text. What is not stored as it is has to make a difference.
      const after = found === before ? kinds.text : found;
      if (isRestored(before, after, file.altered[column] === 1)) {
        this.#restored = Uint8Array.from(file.kinds);
        this.#restored[column] = after;
        this.#widen(column);
        return;
      }
      file.kinds[column] = after;
    }
  }

  #widen(from: number): void {
    const found = this.#restored!;
    const { scanner, bytes } = this.#records;
    const cells = Math.min(scanner.cells, found.length);
    for (let i = from; i < cells; i++) {
      if (found[i] !== kinds.text) found[i] = widen(found[i]!, kindOf(bytes, scanner.starts[i]!, scanner.ends[i]!, this.#dialect.decimal));
    }
  }

  #checkWidth(): void {
    const { scanner, line } = this.#records;
    const columns = this.#columns.length;
    if (scanner.cells < columns) return this.#warn("ROWS_SHORT");
    // Spreadsheets leave delimiters behind the last column: nothing is lost with them. Only the first can be seen here.
    if (scanner.cells === columns + 1 && scanner.ends[columns] === scanner.starts[columns]) return this.#warn("CELLS_EXTRA_EMPTY");
    const shown = this.#dialect.delimiter === "\t" ? "TAB" : this.#dialect.delimiter;
    throw refuse("FILE_ROW_WIDTH", { line, cells: scanner.cells, columns, delimiter: shown });
  }

  #warn(code: string): void {
    const warning = this.#warnings.get(code);
    if (warning) warning.count++;
    else this.#warnings.set(code, { count: 1, line: this.#records.line });
  }

  /** Completes the table, from the copy of the text where its types turned out to be others. */
  finish(report: Report): ImportOutcome["tables"][number] {
    if (this.#restored !== null) this.#readAgain(this.#restored, report);
    const file = this.#file!;
    file.finish();
    this.#file = null;
    this.#rewritten = file.rewritten;
    const columns = this.#columns.map((name, i) => ({ name, type: declaredTypes[file.kinds[i]!]! }));
    return { name: this.#table, rows: file.rows, columns };
  }

  #readAgain(found: Uint8Array, report: Report): void {
    this.#file!.discard();
    this.#file = this.#newFile(found);
    this.#restored = null;
    this.#records = this.#newRecords();
    this.#rows = 0;
    this.#headerRead = !this.#dialect.header;
    this.#warnings.clear();
    const block = Buffer.allocUnsafeSlow(sampleBytes);
    for (let at = 0; at < this.#spooledBytes; ) {
      const bytes = readSync(this.#spool!, block, 0, block.length, at);
      at += bytes;
      // A block may end inside a character: that is nothing to the scanner, which stops at ASCII only.
      this.#read(block.subarray(0, bytes), false);
      if (at % (16 * sampleBytes) < sampleBytes) report({ done: at, total: this.#spooledBytes, unit: "bytes", phase: "storing" });
    }
    this.#read(Buffer.alloc(0), true);
  }

  warnings(): Warning[] {
    const all: Warning[] = [...this.#warnings].map(([code, { count, line }]) => ({ code, count, line }));
    if (this.#renamed > 0) all.push({ code: "COLUMNS_RENAMED", count: this.#renamed });
    if (this.#dialect.titleLines > 0) all.push({ code: "LINES_ABOVE", count: this.#dialect.titleLines });
    const { nulls, numbers, dates } = this.#rewritten;
    if (nulls > 0) all.push({ code: "CELLS_NULL", count: nulls });
    if (numbers > 0) all.push({ code: "NUMBERS_REWRITTEN", count: numbers });
    if (dates > 0) all.push({ code: "DATES_REWRITTEN", count: dates });
    return all;
  }

  /** Removes what is only for the work. */
  close(): void {
    this.#file?.discard();
    this.#file = null;
    if (this.#spool === null) return;
    closeSync(this.#spool);
    this.#spool = null;
    rmSync(this.#spoolPath, { force: true });
  }
}

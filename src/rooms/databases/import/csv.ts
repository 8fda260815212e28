import { closeSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Misfits, choiceOf, isOfShape, planOf, restated } from "./choices.ts";
import type { Plan } from "./choices.ts";
import { dialectOf } from "./dialect.ts";
import type { Dialect } from "./dialect.ts";
import { TextBlocks, UnreadableText, unreadable } from "./encoding.ts";
import { tableName } from "./names.ts";
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
  const text = new TextBlocks(source, request.limits.lineBytesMax, request.choices?.encoding);
  const { sample, whole } = await readSample(text);
  if (isEmptyText(sample)) throw refuse("FILE_EMPTY");
  const { dialect, plan, isPassedOver } = readingOf(request, { sample, whole });
  const load = new Load(request, { dialect, plan });
  try {
    load.feed(dialect.skippedBytes > 0 ? sample.subarray(dialect.skippedBytes) : sample, false);
    const isCut = request.looksOnly === true && !whole;
    let reported = 0;
    while (!isCut) {
      const block = await nextBlock(text, load);
      if (!block) break;
      load.feed(block, false);
      if (source.bytesRead - reported >= reportBytes) {
        reported = source.bytesRead;
        report({ done: reported, ...(request.sizeBytes ? { total: request.sizeBytes } : {}), unit: "bytes", phase: "reading" });
      }
    }
    if (!isCut) load.feed(Buffer.alloc(0), true);
    const table = load.finish(report);
    return {
      file: "out.sqlite", format: dialect.delimiter === "\t" ? "tsv" : "csv", encoding: text.encoding, delimiter: dialect.delimiter, header: dialect.header,
      tables: [table], sizeBytes: statSync(load.path).size, warnings: [...load.warnings(), ...(isPassedOver ? [{ code: "CHOICES_PASSED_OVER" }] : [])],
      from: [{ table: load.from, columns: plan.from }], misfits: load.misfits.list, isCut,
    };
  } finally {
    load.close();
  }
}

/** How the text is going to be read: as chosen, and as it turns out where nothing was. */
function readingOf(request: ImportRequest, { sample, whole }: { sample: Buffer; whole: boolean }): { dialect: Dialect; plan: Plan; isPassedOver: boolean } {
  const { choices, fileName, limits } = request;
  const read = (chosen: ImportRequest["choices"]) => {
    const dialect = dialectOf({ sample, whole, preferred: preferredDelimiter(request), columnsMax: limits.columnsMax, chosen: { ...(chosen?.delimiter === undefined ? {} : { delimiter: chosen.delimiter }), ...(chosen?.header === undefined ? {} : { header: chosen.header }) } });
    const { columns, firstRow, header } = dialect;
    if (columns > limits.columnsMax) throw refuse("FILE_COLUMNS_TOO_MANY", { columns, columnsMax: limits.columnsMax, line: 1 });
    const choice = choiceOf(chosen, tableName(fileName, request.tableName), 1);
    return { dialect, choice, plan: planOf({ choice, fileName, tableName: request.tableName, header: header ? firstRow : firstRow.map(() => "") }) };
  };
  const found = read(choices);
  if (!request.isRemembered || isOfShape(found.choice, found.plan.from)) return { ...found, isPassedOver: false };
  return { ...read(undefined), isPassedOver: true };
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
  readonly #plan: Plan;
  readonly #columns: string[];
  readonly misfits: Misfits;
  /** What the table would be called by itself. */
  readonly from: string;
  readonly #renamed: number;
  readonly #warnings = new Map<string, { count: number; line: number }>();
  #records: RecordBuffer;
  #file: TableFile | null;
  #spool: number | null = null;
  #spooledBytes = 0;
  // Once numbers stored already would have to be text, rows are only looked at.
  #restored: Uint8Array | null = null;
  #rows = 0;
  /** Cells of the current row, as far as they are kept. */
  #cells = 0;
  #restated = 0;
  #rewritten: Rewritten = { nulls: 0, numbers: 0, dates: 0 };
  #headerRead: boolean;
  /** The kinds that columns are held to; null where the cells decide. */
  readonly #fixed: (number | null)[];

  constructor(request: ImportRequest, { dialect, plan }: { dialect: Dialect; plan: Plan }) {
    const { workDir } = request;
    const { header } = dialect;
    this.path = join(workDir, "out.sqlite");
    this.#spoolPath = join(workDir, "text.spool");
    this.#request = request;
    this.#dialect = dialect;
    this.#plan = plan;
    this.#columns = keptOf(plan.names, plan);
    this.misfits = new Misfits(request.choices, "line");
    this.from = tableName(request.fileName, request.tableName);
    this.#renamed = header ? plan.changed : 0;
    this.#headerRead = !header;
    this.#records = this.#newRecords();
    const first = keptOf(dialect.kinds.map((kind, i) => plan.fixed[i] ?? kind), plan);
    this.#fixed = keptOf(plan.fixed, plan);
    this.#file = this.#newFile(first);
    // Text is stored as it stands, and a chosen type stays: nothing can contradict them so that it has to be read again.
    if (first.some((kind, i) => kind < kinds.text && this.#fixed[i] === null)) this.#spool = openSync(this.#spoolPath, "w+");
  }

  #newRecords(): RecordBuffer {
    // A wider row is an error that says how wide: one cell more is kept, the others are counted.
    const scanner = new RecordScanner(this.#dialect.delimiter.charCodeAt(0), this.#plan.from.length + 1);
    return new RecordBuffer(scanner, this.#request.limits, this.#dialect.skippedLines + 1);
  }

  #newFile(of: ArrayLike<number>): TableFile {
    return new TableFile({ path: this.path, table: this.#plan.table, columns: this.#columns, kinds: of, decimal: this.#dialect.decimal });
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
    const columns = this.#plan.from.length;
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
      this.#cells = this.#plan.kept === null ? scanner.cells : pick(scanner, this.#plan.kept);
      if (this.#restored !== null) this.#widen(0);
      else this.#store();
    }
  }

  #store(): void {
    const file = this.#file!;
    const { scanner, bytes } = this.#records;
    for (;;) {
      const column = file.add(bytes, scanner.starts, scanner.ends, this.#cells);
      if (column === fits) return;
      if (this.#fixed[column] !== null) {
        this.#hold(column);
        continue;
      }
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

  /** A cell that contradicts its column's chosen type, as that type takes it; else it is a misfit. */
  #hold(column: number): void {
    const { scanner, bytes, line } = this.#records;
    const [start, end] = [scanner.starts[column]!, scanner.ends[column]!];
    const text = bytes.toString("utf8", start, end);
    const kind = this.#fixed[column]!;
    const again = restated(text, kind);
    // What is longer than it was has no room, unless its cell is written to the end.
    if (again !== null && again !== text && again.length <= end - start) {
      scanner.ends[column] = start + bytes.write(again, start, "latin1");
      this.#restated++;
      return;
    }
    this.misfits.add({ table: this.#plan.table, column: this.#columns[column]!, kind, line, value: text });
    scanner.ends[column] = start;
  }

  #widen(from: number): void {
    const found = this.#restored!;
    const { scanner, bytes } = this.#records;
    const cells = Math.min(this.#cells, found.length);
    for (let i = from; i < cells; i++) {
      if (found[i] !== kinds.text && this.#fixed[i] === null) found[i] = widen(found[i]!, kindOf(bytes, scanner.starts[i]!, scanner.ends[i]!, this.#dialect.decimal));
    }
  }

  #checkWidth(): void {
    const { scanner, line } = this.#records;
    const columns = this.#plan.from.length;
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
    return { name: this.#plan.table, rows: file.rows, columns };
  }

  #readAgain(found: Uint8Array, report: Report): void {
    this.#file!.discard();
    this.#file = this.#newFile(found);
    this.#restored = null;
    this.#records = this.#newRecords();
    this.#rows = 0;
    this.#headerRead = !this.#dialect.header;
    this.#warnings.clear();
    this.misfits.clear();
    this.#restated = 0;
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
    if (numbers + this.#restated > 0) all.push({ code: "NUMBERS_REWRITTEN", count: numbers + this.#restated });
    for (const { column, line, count } of this.misfits.list) all.push({ code: "CELLS_MISFIT", count, line, column });
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

/** Of a list of the file's columns, those that are kept. */
function keptOf<T>(all: T[], { kept }: Plan): T[] {
  return kept === null ? all : kept.map((i) => all[i]!);
}

/** Moves the kept cells of a record together; answers how many there are. */
function pick(scanner: RecordScanner, kept: number[]): number {
  for (let i = 0; i < kept.length; i++) {
    const from = kept[i]!;
    scanner.starts[i] = from < scanner.cells ? scanner.starts[from]! : 0;
    scanner.ends[i] = from < scanner.cells ? scanner.ends[from]! : 0;
  }
  return kept.length;
}

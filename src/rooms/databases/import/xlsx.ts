import { renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { openArchive } from "./archive.ts";
import type { ArchivedFile } from "./archive.ts";
import { combine } from "./combine.ts";
import { tableName } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import { SharedStrings } from "./sharedstrings.ts";
import { layoutOf, sampleRows } from "./sheetlayout.ts";
import { MergesListener, SheetListener, StringsListener } from "./sheetrows.ts";
import type { SheetRow } from "./sheetrows.ts";
import { SheetTable } from "./sheettable.ts";
import type { ByteSource } from "./source.ts";
import { spool } from "./spool.ts";
import { Expansion } from "./unpack.ts";
import { Parts, readWorkbook } from "./workbook.ts";
import type { Sheet, Workbook } from "./workbook.ts";
import { enough } from "./xml.ts";

const namesShownMax = 20;
const reportBytes = 8 * 1024 ** 2;
const lookRows = 10_000;

/**
 * Reads an Excel workbook: each sheet with cells becomes a table. One row is in memory at a time, and of the texts that the
 * cells share as many as are worth it. Only the parts that are looked for are ever read, and nothing is unpacked to a file.
 */
export async function importXlsx(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const path = join(request.workDir, "in.xlsx");
  try {
    const sizeBytes = await spool(path, { request, source, report });
    const archive = await openArchive(path);
    const strings = new SharedStrings(join(request.workDir, "texts.spool"));
    try {
      return await new XlsxFile({ request, report, files: archive.files, sizeBytes, strings }).read();
    } finally {
      strings.close();
      archive.close();
    }
  } finally {
    rmSync(path, { force: true });
  }
}

interface Made {
  sheet: Sheet;
  table: SheetTable;
}

class XlsxFile {
  readonly #request: ImportRequest;
  readonly #report: Report;
  readonly #parts: Parts;
  readonly #expansion: Expansion;
  readonly #strings: SharedStrings;
  readonly #newExpansion: () => Expansion;
  readonly #made: Made[] = [];
  readonly #empty: string[] = [];
  #total = 0;
  #done = 0;
  #reported = 0;
  #isCut = false;
  readonly #odd = { errors: 0, uncalculated: 0, firstError: "" };

  constructor(options: { request: ImportRequest; report: Report; files: ArchivedFile[]; sizeBytes: number; strings: SharedStrings }) {
    const { request, report, files, sizeBytes, strings } = options;
    this.#request = request;
    this.#report = report;
    this.#strings = strings;
    this.#newExpansion = () => new Expansion({ inBytes: () => sizeBytes, bytesMax: request.limits.uploadBytesMax });
    this.#expansion = this.#newExpansion();
    this.#parts = new Parts(files.map((file) => this.#told(file)), this.#expansion);
  }

  async read(): Promise<ImportOutcome> {
    const workbook = await readWorkbook(this.#parts);
    const shown = workbook.sheets.filter(({ isHidden }) => !isHidden);
    const { tablesMax } = this.#request.limits;
    if (shown.length > tablesMax) throw refuse("FILE_TABLES_TOO_MANY", { tables: shown.length, tablesMax });
    this.#total = [workbook.strings, ...shown.map(({ file }) => file)].reduce((sum, file) => sum + (file?.sizeBytes ?? 0), 0);
    try {
      if (workbook.strings) await this.#parts.read(workbook.strings, new StringsListener((text) => this.#strings.add(text)));
      for (const sheet of shown) await this.#sheet(sheet, workbook);
      if (this.#made.length === 0) throw refuse("FILE_SHEETS_EMPTY", { names: listed(workbook.sheets.map(({ name }) => name)) || "-" });
      return this.#finish(workbook);
    } finally {
      for (const { table } of this.#made) table.discard();
    }
  }

  /** A part whose bytes count as progress. */
  #told(file: ArchivedFile): ArchivedFile {
    const read = async function* (this: XlsxFile, expansion: Expansion): AsyncGenerator<Buffer> {
      for await (const chunk of file.read(expansion)) {
        yield chunk;
        this.#done += chunk.length;
        if (this.#done - this.#reported < reportBytes) continue;
        this.#reported = this.#done;
        this.#report({ done: Math.min(this.#done, this.#total), total: this.#total, unit: "bytes", phase: "storing" });
      }
    }.bind(this);
    return { ...file, read };
  }

  /** Looks at the first rows, to know where the table begins; then reads all of them. */
  async #sheet(sheet: Sheet, workbook: Workbook): Promise<void> {
    const sample: SheetRow[] = [];
    await this.#rows(sheet, { workbook, expansion: this.#newExpansion(), onRow: ({ number, columns, values, isText }) => {
      sample.push({ number, columns: [...columns], values: [...values], isText: [...isText] });
      if (sample.length >= sampleRows) throw enough;
    } });
    if (sample.length === 0) {
      this.#empty.push(sheet.name);
      return;
    }
    const merges = new MergesListener(sample.at(-1)!.number);
    if (!isPlain(sample)) await this.#parts.read(sheet.file, merges, this.#newExpansion());
    const table = new SheetTable({ path: join(this.#request.workDir, `sheet${this.#made.length}.sqlite`), layout: layoutOf(sample, merges.merges), limits: this.#request.limits });
    this.#made.push({ sheet, table });
    const oddities = await this.#rows(sheet, { workbook, expansion: this.#expansion, onRow: (row) => {
      table.add(row);
      if (this.#request.looksOnly !== true || table.rows < lookRows) return;
      this.#isCut = true;
      throw enough;
    } });
    if (this.#odd.errors === 0) this.#odd.firstError = oddities.firstError;
    this.#odd.errors += oddities.errors;
    this.#odd.uncalculated += oddities.uncalculated;
  }

  async #rows(sheet: Sheet, options: { workbook: Workbook; expansion: Expansion; onRow: (row: SheetRow) => void }): Promise<SheetListener["oddities"]> {
    const { workbook, expansion, onRow } = options;
    const listener = new SheetListener({ name: sheet.name.slice(0, 100), strings: this.#strings, styles: workbook.styles, is1904: workbook.is1904, onRow });
    await this.#parts.read(sheet.file, listener, expansion);
    return listener.oddities;
  }

  #finish(workbook: Workbook): ImportOutcome {
    const { workDir, fileName, tableName: wanted, limits } = this.#request;
    // The only table of a file is named as the file.
    const parts = this.#made.map(({ sheet, table }) => ({ path: table.path, tables: [table.finish(this.#made.length === 1 ? tableName(fileName, wanted) : tableName("", sheet.name))] }));
    const out = join(workDir, "out.sqlite");
    let tables = parts[0]!.tables;
    if (parts.length === 1) renameSync(parts[0]!.path, out);
    else tables = combine({ workDir, parts, limits, report: this.#report });
    return { file: "out.sqlite", format: "xlsx", tables, sizeBytes: statSync(out).size, warnings: this.#warnings(workbook), isCut: this.#isCut };
  }

  #warnings({ sheets }: Workbook): Warning[] {
    const all: Warning[] = [];
    const add = (code: string, count: number, names?: string[]): void => {
      if (count > 0) all.push({ code, count, ...(names ? { names: listed(names) } : {}) });
    };
    const hidden = sheets.filter(({ isHidden }) => isHidden).map(({ name }) => name);
    const sum = (of: (table: SheetTable) => number): number => this.#made.reduce((total, { table }) => total + of(table), 0);
    const mixed = this.#made.flatMap(({ table }) => table.mixed);
    add("SHEETS_EMPTY", this.#empty.length, this.#empty);
    add("SHEETS_HIDDEN", hidden.length, hidden);
    add("LINES_ABOVE", sum(({ layout }) => layout.above));
    add("HEADERS_JOINED", sum(({ layout }) => layout.joined));
    add("COLUMNS_RENAMED", sum(({ renamed }) => renamed));
    add("COLUMNS_MIXED", mixed.length, mixed);
    add("CELLS_ERROR", this.#odd.errors, [this.#odd.firstError]);
    add("FORMULAS_UNCALCULATED", this.#odd.uncalculated);
    return all;
  }
}

/** Whether the first row names all columns, one each: then no cell above the data can be merged. */
function isPlain(rows: readonly SheetRow[]): boolean {
  const [first, ...others] = rows;
  const columns = new Set(first!.columns);
  return first!.isText.every(Boolean) && new Set(first!.values).size === columns.size && others.every((row) => row.columns.every((column) => columns.has(column)));
}

function listed(names: string[]): string {
  return names.slice(0, namesShownMax).map((name) => name.slice(0, 80)).join(", ") + (names.length > namesShownMax ? ", …" : "");
}

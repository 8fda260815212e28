import { columnNames } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome } from "./run.ts";
import type { Layout } from "./sheetlayout.ts";
import type { SheetRow } from "./sheetrows.ts";
import { ValueFile } from "./valuefile.ts";
import type { CellValue } from "./valuefile.ts";

const sheetColumnsMax = 16_384;

/** The table of one sheet while it is filled. */
export class SheetTable {
  readonly path: string;
  readonly layout: Layout;
  readonly #limits: ImportLimits;
  readonly #file: ValueFile;
  /** The table's column for each of the sheet's; -1 where there is none yet. */
  readonly #places = new Int32Array(sheetColumnsMax).fill(-1);
  readonly #labels: string[] = [];
  #cells: CellValue[] = [];
  renamed = 0;
  mixed: string[] = [];

  constructor({ path, layout, limits }: { path: string; layout: Layout; limits: ImportLimits }) {
    this.path = path;
    this.layout = layout;
    this.#limits = limits;
    this.#file = new ValueFile({ path, table: "t", columns: [] });
    for (const column of layout.columns) this.#addColumn(column);
  }

  get rows(): number {
    return this.#file.rows;
  }

  add(row: SheetRow): void {
    if (row.number < this.layout.dataFrom) return;
    const cells = this.#cells;
    cells.fill(null);
    for (let i = 0; i < row.columns.length; i++) {
      const column = row.columns[i]!;
      let place = this.#places[column]!;
      if (place < 0) place = this.#addColumn(column);
      const value = row.values[i];
      if (typeof value === "string" && value.length > this.#limits.fieldBytesMax) throw refuse("FILE_FIELD_TOO_LONG", { line: row.number, cell: column + 1, bytesMax: this.#limits.fieldBytesMax });
      cells[place] = value;
    }
    const { rowsMax } = this.#limits;
    if (rowsMax !== undefined && this.#file.rows >= rowsMax) throw refuse("FILE_ROWS_TOO_MANY", { rowsMax });
    this.#file.add(cells);
  }

  finish(name: string): ImportOutcome["tables"][number] {
    const { names, changed } = columnNames(this.#labels);
    this.renamed = changed;
    const { mixed, ...table } = this.#file.finish({ table: name, columns: names });
    this.mixed = mixed;
    return table;
  }

  discard(): void {
    this.#file.discard();
  }

  #addColumn(column: number): number {
    const { columnsMax } = this.#limits;
    if (this.#labels.length >= columnsMax) throw refuse("FILE_COLUMNS_TOO_MANY", { columns: this.#labels.length + 1, columnsMax });
    this.#labels.push(this.layout.labels.get(column) ?? "");
    this.#cells.push(null);
    return (this.#places[column] = this.#file.addColumn({ name: "" }));
  }
}

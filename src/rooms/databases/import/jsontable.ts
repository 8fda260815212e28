import { Problem } from "#src/base/problems/problem.ts";
import { RowReader } from "./jsonrow.ts";
import { Shape } from "./jsonshape.ts";
import type { JsonText } from "./jsontext.ts";
import { columnNames } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportLimits, ImportOutcome } from "./run.ts";
import { ValueFile } from "./valuefile.ts";
import { unfinished } from "./window.ts";

const rowsLearnedMax = 1_000;
const comma = 44;

/** A table of rows of JSON while it is filled. */
export class JsonTable {
  readonly #text: JsonText;
  readonly #file: ValueFile;
  readonly #shape: Shape;
  readonly #reader: RowReader;
  /** Columns with numbers and text, and names that had to be others. Known at the end. */
  mixed: string[] = [];
  renamed = 0;
  readonly #rowsMax: number;

  constructor(options: { text: JsonText; path: string; limits: ImportLimits }) {
    const { text, path, limits } = options;
    this.#text = text;
    this.#file = new ValueFile({ path, table: "data", columns: [] });
    this.#shape = new Shape({ columnsMax: limits.columnsMax, onColumn: () => this.#file.addColumn({ name: "" }) });
    this.#reader = new RowReader({ text, shape: this.#shape, file: this.#file, limits });
    this.#rowsMax = limits.rowsMax ?? Number.POSITIVE_INFINITY;
  }

  /** Reads the row at a place and stores it. Answers where it ends. */
  row(at: number): number {
    if (this.#file.rows >= this.#rowsMax) throw refuse("FILE_ROWS_TOO_MANY", { rowsMax: this.#rowsMax, line: this.#text.window.line });
    return this.#reader.row(at);
  }

  get rows(): number {
    return this.#file.rows;
  }

  get odd(): { twice: number; replaced: number } {
    return this.#reader.odd;
  }

  get nested(): number {
    return this.#shape.nested;
  }

  get kept(): string[] {
    return [...this.#shape.kept];
  }

  /** Finds columns in the rows that are in memory already, which begin where the reading is. */
  learn(layout: "lines" | "list"): void {
    const { window } = this.#text;
    const rows: unknown[] = [];
    try {
      for (let at = this.#text.skip(window.at); at < window.end && rows.length < rowsLearnedMax; ) {
        const end = this.#text.pass(at, 1);
        rows.push(JSON.parse(window.bytes.toString("utf8", at, end)));
        at = this.#text.skip(end);
        if (layout === "list" && window.bytes[at] !== comma) break;
        if (layout === "list") at = this.#text.skip(at + 1);
      }
    } catch (error) {
      // What is wrong is said when it is read.
      if (error !== unfinished && !(error instanceof Problem)) throw error;
    } finally {
      window.reset();
    }
    this.#shape.learn(rows, window.line);
  }

  finish(name: string): ImportOutcome["tables"][number] {
    this.#shape.complete();
    const { names, changed } = columnNames(this.#shape.names);
    this.renamed = changed;
    const { mixed, ...table } = this.#file.finish({ table: name, columns: names });
    this.mixed = mixed;
    return table;
  }

  discard(): void {
    this.#file.discard();
  }
}

import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import type { QueryFigures } from "./run.ts";

export interface ResultOptions {
  output: TaskOutput;
  columns: { name: string; declared: string | null }[];
  rowsMax: number;
  bytesMax: number;
}

/** Rows are turned into text in pieces of about this size. */
const pieceCharacters = 48 * 1024;
const pieceRowsMax = 1024;
/** Answers up to here leave in one go, with their figures already in the head. */
const holdBytesMax = 256 * 1024;

/** Writes rows as the JSON of a query's answer, piece by piece, within the limits. */
export class ResultWriter {
  private readonly options: ResultOptions;
  private rows: unknown[][] = [];
  private characters = 0;
  private rowCount = 0;
  private sizeBytes = 0;
  private truncated = false;
  /** Pieces that have not left yet. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  private begun = false;
  private rowsToSkip = 0;
  private types: (string | null)[];

  constructor(options: ResultOptions) {
    this.options = options;
    this.types = options.columns.map((column) => column.declared);
  }

  /** Takes rows until they end or a limit is met. */
  take(rows: Iterator<unknown[]>): void {
    const { rowsMax, bytesMax } = this.options;
    for (let next = rows.next(); next.done !== true; next = rows.next()) {
      if (this.rowsToSkip > 0) {
        this.rowsToSkip -= 1;
        continue;
      }
      if (this.rowCount >= rowsMax || this.sizeBytes + this.characters >= bytesMax) {
        this.truncated = true;
        rows.return?.();
        break;
      }
      this.characters += plain(next.value) + 2;
      this.rowCount += 1;
      if (this.rows.push(next.value) >= pieceRowsMax || this.characters >= pieceCharacters) this.cut();
    }
  }

  /** The rows come once more from the start; what has been written stays written. */
  restart(): void {
    if (this.begun || this.held.length > 0) {
      this.cut();
      this.rowsToSkip = this.rowCount;
      return;
    }
    this.rows = [];
    this.characters = 0;
    this.rowCount = 0;
  }

  figures(elapsedMs: number): QueryFigures {
    const { rowCount, truncated, sizeBytes } = this;
    return { rowCount, truncated, elapsedMs: Math.round(elapsedMs * 1000) / 1000, sizeBytes };
  }

  finish(figures: QueryFigures, version: string | undefined, engine = "sqlite"): void {
    const { rowCount, truncated, elapsedMs } = figures;
    const tail = `],"rowCount":${rowCount},"truncated":${truncated},"elapsedMs":${elapsedMs}${version === undefined ? "" : `,"version":${JSON.stringify(version)}`},"engine":"${engine}"}`;
    const { output } = this.options;
    if (!this.begun && this.held.length === 0) {
      // The common case of a small answer: one text, one piece.
      this.inferTypes();
      const body = Buffer.from(`${this.opening()}${rowsText(this.rows)}${tail}`);
      output.head({ ...figures, sizeBytes: body.length });
      output.body(body);
      return output.end({ ...figures, sizeBytes: body.length });
    }
    this.cut();
    this.held.push(Buffer.from(tail));
    const complete = { ...figures, sizeBytes: this.sizeBytes };
    if (!this.begun) output.head(complete);
    this.send();
    output.end(complete);
  }

  /** Turns the rows at hand into bytes. */
  private cut(): void {
    if (this.rows.length === 0) return;
    if (this.sizeBytes === 0) this.inferTypes();
    const text = rowsText(this.rows);
    const piece = Buffer.from(this.sizeBytes === 0 ? this.opening() + text : `,${text}`);
    this.rows = [];
    this.characters = 0;
    this.sizeBytes += piece.length;
    this.held.push(piece);
    this.heldBytes += piece.length;
    if (this.heldBytes < holdBytesMax) return;
    if (!this.begun) this.options.output.head({});
    this.send();
  }

  private send(): void {
    this.begun = true;
    for (const piece of this.held) this.options.output.body(piece);
    this.held = [];
    this.heldBytes = 0;
  }

  private opening(): string {
    const columns = this.options.columns.map(({ name }, index) => ({ name, type: this.types[index] ?? null }));
    return `{"columns":${JSON.stringify(columns)},"rows":[`;
  }

  /** A column without a declared type gets the one of its values, as far as the first piece shows them. */
  private inferTypes(): void {
    this.types.forEach((type, column) => {
      if (type === null) this.types[column] = typeOf(this.rows, column);
    });
  }
}

function rowsText(rows: unknown[][]): string {
  const text = JSON.stringify(rows);
  return text.slice(1, -1);
}

/**
 * Makes a row of SQLite's values one that JSON can say, in place, and returns its rough length.
 * Whole numbers beyond 2^53 become texts, bytes `{base64}`, infinities the texts Infinity and -Infinity.
 */
function plain(row: unknown[]): number {
  let characters = 0;
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    switch (typeof value) {
      case "string":
        characters += value.length + 3;
        break;
      case "number":
        characters += 8;
        if (value - value !== 0) row[index] = String(value);
        break;
      case "bigint":
        characters += 12;
        row[index] = value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : String(value);
        break;
      default:
        characters += 5;
        if (value !== null) {
          const bytes = value as Uint8Array;
          const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
          row[index] = { base64 };
          characters += base64.length + 13;
        }
    }
  }
  return characters;
}

function typeOf(rows: unknown[][], column: number): string | null {
  let found: string | null = null;
  for (const row of rows) {
    const value = row[column];
    if (value === null) continue;
    if (typeof value === "string") return found ?? (isBigInteger(value) ? "INTEGER" : "TEXT");
    if (typeof value === "object") return found ?? "BLOB";
    if (!Number.isInteger(value)) return "REAL";
    found = "INTEGER";
  }
  return found;
}

/** A text that `plain` has made of a whole number, as far as can be told. */
function isBigInteger(value: string): boolean {
  return /^-?\d{16,19}$/.test(value);
}

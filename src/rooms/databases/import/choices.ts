import type { Encoding } from "./encoding.ts";
import { columnNames, tableName } from "./names.ts";
import { refuse } from "./refuse.ts";
import { declaredTypes, kinds } from "./types.ts";

/** A type that a person gives a column. */
export type ChosenType = "text" | "integer" | "real" | "date" | "datetime";

/**
 * What a person decided about a file after looking at it. What is left open the import finds out by itself. Tables and
 * columns are named as they are found in the file, so that the next file of the same shape is read the same way.
 */
export interface Choices {
  encoding?: Encoding;
  /** Of a text: what stands between cells. */
  delimiter?: string;
  /** Of a text: whether the first row names the columns. */
  header?: boolean;
  /** What becomes of a cell that contradicts its column's chosen type: the import is refused at its place (the default), or the cell is left empty. */
  misfits?: "refuse" | "empty";
  tables?: TableChoice[];
}

export interface TableChoice {
  from: string;
  name?: string;
  leftOut?: boolean;
  columns?: ColumnChoice[];
}

export interface ColumnChoice {
  from: string;
  name?: string;
  type?: ChosenType;
  leftOut?: boolean;
}

/** One table as it is going to be made. All lists are of the file's columns, in their order. */
export interface Plan {
  table: string;
  /** As the file names them. */
  from: string[];
  names: string[];
  /** Of the names in the file, how many had to be changed. */
  changed: number;
  /** The kind that each column is held to; null where the cells decide. */
  fixed: (number | null)[];
  /** The places of the columns that are kept; null where all are. */
  kept: number[] | null;
}

const chosenKinds: Record<ChosenType, number> = { text: kinds.text, integer: kinds.integer, real: kinds.real, date: kinds.date, datetime: kinds.datetime };
const typeWords: Record<ChosenType, { en: string; ja: string }> = {
  text: { en: "a text", ja: "文字列" }, integer: { en: "a whole number", ja: "整数" }, real: { en: "a number", ja: "数値" },
  date: { en: "a date", ja: "日付" }, datetime: { en: "a date with a time", ja: "日時" },
};

/** The kind that a chosen type stands for. */
export const kindOfType = (type: ChosenType): number => chosenKinds[type];

/** The type that a column has, as a person chooses it; null for another program's. */
export function typeOfDeclared(declared: string): ChosenType | null {
  const at = (declaredTypes as readonly string[]).lastIndexOf(declared);
  return (Object.keys(chosenKinds) as ChosenType[]).find((type) => chosenKinds[type] === at) ?? null;
}

/** The choices for a table. Where there is one in the file and one was chosen for, they are the same, whatever the file is called now. */
export function choiceOf(choices: Choices | undefined, table: string, tables: number): TableChoice | undefined {
  const all = choices?.tables ?? [];
  return all.find((one) => one.from === table) ?? (tables === 1 && all.length === 1 ? all[0] : undefined);
}

/** Whether every column that a choice names is there. Choices of an earlier import hold only for a file of the same shape. */
export function isOfShape(choice: TableChoice | undefined, from: readonly string[]): boolean {
  const found = new Set(from);
  return (choice?.columns ?? []).every((column) => found.has(column.from));
}

/** Brings choices and what was found together. `header` are the cells that name columns, empty where none do. */
export function planOf(options: { choice: TableChoice | undefined; fileName: string; tableName?: string | undefined; header: string[] }): Plan {
  const { choice, fileName, header } = options;
  const { names: from, changed } = columnNames(header);
  const byName = new Map((choice?.columns ?? []).map((column) => [column.from, column]));
  const chosen = from.map((name) => byName.get(name));
  const isKept = chosen.map((column) => column?.leftOut !== true);
  if (!isKept.includes(true)) throw refuse("CHOICES_LEAVE_NOTHING");
  return {
    table: tableName(fileName, choice?.name?.trim() || options.tableName), from, changed,
    names: byName.size === 0 ? from : columnNames(from.map((name, i) => chosen[i]?.name?.trim() || name)).names,
    fixed: chosen.map((column) => (column?.type === undefined ? null : chosenKinds[column.type])),
    kept: isKept.includes(false) ? from.map((_, i) => i).filter((i) => isKept[i]) : null,
  };
}

export interface Misfit {
  table: string;
  column: string;
  type: ChosenType;
  line: number;
  value: string;
  count: number;
}

const valueCharactersMax = 80;

/** The cells that contradict a chosen type: the first of each column with its place, and how many there are. */
export class Misfits {
  readonly #first = new Map<string, Misfit>();
  readonly #isRefused: boolean;
  readonly #unit: "line" | "row";

  /** `unit`: what a cell's place is counted in. */
  constructor(choices: Choices | undefined, unit: "line" | "row") {
    this.#isRefused = choices?.misfits !== "empty";
    this.#unit = unit;
  }

  /** Notes a cell that is left empty, or refuses the file for it. */
  add(cell: { table: string; column: string; kind: number; line: number; value: string }): void {
    const { table, column, kind, line } = cell;
    const type = (Object.keys(chosenKinds) as ChosenType[]).find((one) => chosenKinds[one] === kind)!;
    const value = cell.value.length > valueCharactersMax ? `${cell.value.slice(0, valueCharactersMax)}…` : cell.value;
    const where = this.#unit === "line" ? { where: `Line ${line}`, whereJa: `${line} 行目` } : { where: `Row ${line}`, whereJa: `${line} 件目` };
    if (this.#isRefused) throw refuse("FILE_CELL_TYPE", { line, ...where, name: column, value: value.toWellFormed(), type: typeWords[type].en, typeJa: typeWords[type].ja });
    const known = this.#first.get(`${table}\n${column}`);
    if (known) known.count++;
    else this.#first.set(`${table}\n${column}`, { table, column, type, line, value: value.toWellFormed(), count: 1 });
  }

  get list(): Misfit[] {
    return [...this.#first.values()];
  }

  clear(): void {
    this.#first.clear();
  }
}

const digitsMax = 15;

/**
 * A cell as its column's chosen type takes it, where a person who chose it means nothing else: `007` and `+7` are the
 * integer 7, `1e3` is a number. Null where it is none.
 */
export function restated(text: string, kind: number): string | null {
  const plain = text.trim();
  if (kind === kinds.integer) {
    const parts = /^([+-]?)0*(\d+?)(?:\.0*)?$/.exec(plain);
    if (!parts || parts[2]!.length > digitsMax) return null;
    return parts[1] === "-" && parts[2] !== "0" ? `-${parts[2]}` : parts[2]!;
  }
  if (kind !== kinds.real || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(plain)) return null;
  const value = Number(plain);
  if (!Number.isFinite(value)) return null;
  const again = String(value);
  // An exponent is read only after a point: see `realOf`.
  return /^-?\d+e/.test(again) ? again.replace("e", ".0e") : again;
}

import { refuse } from "./refuse.ts";
import { momentOfSerial } from "./serials.ts";
import type { Shown } from "./serials.ts";
import type { SharedStrings } from "./sharedstrings.ts";
import type { CellValue } from "./valuefile.ts";
import { excel } from "./workbook.ts";
import { attributeOf } from "./xml.ts";
import type { XmlListener } from "./xml.ts";

const rowsMax = 1_048_576;
const columnsMax = 16_384;
const escaped = /_x([0-9a-f]{4})_/gi;

/** The cells of a row that have a value: their columns, from 0, and whether each is text in the sheet. */
export interface SheetRow {
  number: number;
  columns: number[];
  values: CellValue[];
  isText: boolean[];
}

/** What cells held that is not a value. */
export interface Oddities {
  errors: number;
  uncalculated: number;
  /** Of the first error. */
  firstError: string;
}

/** The texts of a part with shared strings, or of a cell with its own: how they are read aloud (ふりがな) is no part of them. */
export class StringsListener implements XmlListener {
  isText = false;
  #text = "";
  #isAloud = false;
  readonly #add: (text: string) => void;

  constructor(add: (text: string) => void) {
    this.#add = add;
  }

  open(name: string): void {
    if (name === "si") this.#text = "";
    else if (name === "rPh") this.#isAloud = true;
    else if (name === "t") this.isText = !this.#isAloud;
  }

  close(name: string): void {
    if (name === "t") this.isText = false;
    else if (name === "rPh") this.#isAloud = false;
    else if (name === "si") this.#add(plainText(this.#text));
  }

  text(text: string): void {
    this.#text += text;
  }
}

/** Characters that XML cannot hold stand as `_x000D_`. */
function plainText(text: string): string {
  return text.includes("_x") ? text.replaceAll(escaped, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : text;
}

/** Reads the rows of a worksheet. The row that is handed over is used again for the next. */
export class SheetListener implements XmlListener {
  isText = false;
  readonly oddities: Oddities = { errors: 0, uncalculated: 0, firstError: "" };
  readonly #onRow: (row: SheetRow) => void;
  readonly #strings: SharedStrings;
  readonly #styles: readonly Shown[];
  readonly #is1904: boolean;
  readonly #name: string;
  readonly #row: SheetRow = { number: 0, columns: [], values: [], isText: [] };
  #rowNumber = 0;
  #column = -1;
  #type = "";
  #style = 0;
  #text = "";
  #hasValue = false;
  #hasFormula = false;
  #isAloud = false;
  #isInside = false;

  constructor(options: { name: string; strings: SharedStrings; styles: readonly Shown[]; is1904: boolean; onRow: (row: SheetRow) => void }) {
    this.#name = options.name;
    this.#strings = options.strings;
    this.#styles = options.styles;
    this.#is1904 = options.is1904;
    this.#onRow = options.onRow;
  }

  open(name: string, attributes: string): void {
    if (name === "c") this.#openCell(attributes);
    else if (name === "v") this.isText = this.#hasValue = true;
    else if (name === "t") {
      if (!this.#isAloud) this.isText = this.#hasValue = true;
    } else if (name === "rPh") this.#isAloud = true;
    else if (name === "f") this.#hasFormula = true;
    else if (name === "row" && this.#isInside) this.#openRow(attributes);
    else if (name === "sheetData") this.#isInside = true;
  }

  close(name: string): void {
    if (name === "v" || name === "t") this.isText = false;
    else if (name === "c") this.#closeCell();
    else if (name === "row") {
      if (this.#row.columns.length > 0) this.#onRow(this.#row);
    } else if (name === "rPh") this.#isAloud = false;
    else if (name === "sheetData") this.#isInside = false;
  }

  text(text: string): void {
    this.#text = this.#text === "" ? text : this.#text + text;
  }

  #openRow(attributes: string): void {
    const said = attributeOf(attributes, "r");
    const number = said === undefined ? this.#rowNumber + 1 : Number(said);
    if (!Number.isInteger(number) || number <= this.#rowNumber || number > rowsMax) throw this.#wrong(`row ${(said ?? String(number)).slice(0, 20)} follows row ${this.#rowNumber}, and the last that there can be is ${rowsMax}`);
    this.#rowNumber = this.#row.number = number;
    this.#column = -1;
    this.#row.columns.length = this.#row.values.length = this.#row.isText.length = 0;
  }

  /** The attributes of a cell, of which only those of one letter matter here, without the cost of a pattern. */
  #openCell(attributes: string): void {
    this.#type = "";
    this.#style = 0;
    this.#text = "";
    this.#hasValue = this.#hasFormula = false;
    let column = this.#column + 1;
    const { length } = attributes;
    for (let at = 0; at < length; ) {
      const equals = attributes.indexOf("=", at);
      if (equals < 0) break;
      let open = equals + 1;
      while (open < length && attributes.charCodeAt(open) !== 34 && attributes.charCodeAt(open) !== 39) open++;
      const end = attributes.indexOf(attributes[open]!, open + 1);
      if (end < 0) break;
      let last = equals - 1;
      while (last > 0 && attributes.charCodeAt(last) <= 32) last--;
      const isLetter = last === 0 || attributes.charCodeAt(last - 1) <= 32;
      const letter = isLetter ? attributes.charCodeAt(last) : 0;
      if (letter === 114) column = columnOf(attributes, open + 1, end);
      else if (letter === 115) this.#style = Number(attributes.slice(open + 1, end));
      else if (letter === 116) this.#type = attributes.slice(open + 1, end);
      at = end + 1;
    }
    if (column < 0 || column >= columnsMax) throw this.#wrong(`a cell in row ${this.#rowNumber} is in no column: ${attributes.slice(0, 40)}`);
    this.#column = column;
  }

  #closeCell(): void {
    if (!this.#hasValue) {
      if (this.#hasFormula) this.oddities.uncalculated++;
      return;
    }
    const text = this.#text;
    switch (this.#type) {
      case "s":
        return this.#addText(this.#shared(text));
      case "str":
      case "inlineStr":
        return this.#addText(plainText(text));
      case "b":
        return this.#add(text.trim() === "1" || text.trim() === "true", false);
      case "e":
        if (this.oddities.errors++ === 0) this.oddities.firstError = `${this.#name}!${columnName(this.#column)}${this.#rowNumber}`;
        return;
      case "d":
        return this.#add(momentOfText(text), false);
      default:
        return this.#addNumber(text);
    }
  }

  #addText(text: string): void {
    if (text !== "") this.#add(text, true);
    else if (this.#hasFormula) return;
  }

  #addNumber(text: string): void {
    if (text === "") {
      if (this.#hasFormula) this.oddities.uncalculated++;
      return;
    }
    const number = Number(text);
    if (Number.isNaN(number)) throw this.#wrong(`${columnName(this.#column)}${this.#rowNumber} is said to be a number, and is ${text.slice(0, 40)}`);
    const shown = this.#style === 0 ? "number" : (this.#styles[this.#style] ?? "number");
    if (shown !== "number") {
      const moment = momentOfSerial(number, { shown, is1904: this.#is1904 });
      if (moment !== null) return this.#add(moment, false);
    }
    this.#add(Number.isSafeInteger(number) || !/^-?\d{16,19}$/.test(text) ? number : BigInt(text), false);
  }

  #add(value: CellValue, isText: boolean): void {
    const { columns, values, isText: texts } = this.#row;
    columns.push(this.#column);
    values.push(value);
    texts.push(isText);
  }

  #shared(text: string): string {
    const found = this.#strings.get(text === "" ? -1 : Number(text));
    if (found === undefined) throw this.#wrong(`${columnName(this.#column)}${this.#rowNumber} names the text ${text.slice(0, 20)}, and there are ${this.#strings.count}`);
    return found;
  }

  #wrong(reason: string): Error {
    return refuse("FILE_UNREADABLE", { format: excel, reason: `sheet ${this.#name}: ${reason}` });
  }
}

/** The column of a reference such as `BC12`, from 0; -1 where it is none. */
function columnOf(text: string, start: number, end: number): number {
  let column = 0;
  let at = start;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    const letter = code >= 97 ? code - 96 : code - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
    if (column > columnsMax) return -1;
  }
  return column - 1;
}

export function columnName(column: number): string {
  let name = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  return name;
}

/** A moment that is written as one (ISO 8601). */
function momentOfText(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)Z?)?$/.exec(text.trim());
  if (!parts) return text;
  return parts[2] === undefined || /^00:00(:00(\.0+)?)?$/.test(parts[2]) ? parts[1]! : `${parts[1]} ${parts[2]}`;
}

export interface Merge {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

const mergesMax = 2_000;

/** The merged cells that begin in the first rows. They stand behind all rows in the file. */
export class MergesListener implements XmlListener {
  readonly isText = false;
  readonly merges: Merge[] = [];
  readonly #lastRow: number;

  constructor(lastRow: number) {
    this.#lastRow = lastRow;
  }

  open(name: string, attributes: string): void {
    if (name !== "mergeCell") return;
    const parts = /^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(attributeOf(attributes, "ref") ?? "");
    if (!parts || Number(parts[2]) > this.#lastRow || this.merges.length >= mergesMax) return;
    this.merges.push({ left: columnOf(parts[1]!, 0, parts[1]!.length), top: Number(parts[2]), right: columnOf(parts[3]!, 0, parts[3]!.length), bottom: Number(parts[4]) });
  }

  close(): void {}

  text(): void {}
}

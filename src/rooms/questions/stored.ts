import { columnsOf } from "./dialect.ts";
import type { Obstacle, Stored } from "./dialect.ts";
import { isNumber } from "./typed.ts";
import type { Typed } from "./typed.ts";

/* How values stand in the columnar copy, and where DuckDB could not give SQLite's answer. */

export const isNumeric = (stored: Stored): boolean => stored === "BIGINT" || stored === "DOUBLE" || stored === "NULL";
export const isDated = (stored: Stored): boolean => stored === "DATE" || stored === "TIMESTAMP";

export function storedOf(typed: Typed): Stored {
  switch (typed.node) {
    case "column": return (typed.column.columnar?.type ?? "VARCHAR") as Stored;
    case "literal": return typed.value === null ? "NULL" : typeof typed.value === "string" ? "VARCHAR" : typed.type === "integer" ? "BIGINT" : "DOUBLE";
    case "parameter": return isNumber(typed.type) ? "DOUBLE" : "VARCHAR";
    case "arithmetic": return typed.op !== "/" && typed.of.every((one) => storedOf(one) === "BIGINT") ? "BIGINT" : "DOUBLE";
    case "concat": return "VARCHAR";
    case "round": return "DOUBLE";
    case "part": return "BIGINT";
    case "case": {
      const all = [...typed.when.map((one) => one.value), ...(typed.else ? [typed.else] : [])].map(storedOf).filter((one) => one !== "NULL");
      const first = all[0] ?? "NULL";
      if (all.every((one) => one === first)) return first;
      return all.every(isNumeric) ? "DOUBLE" : "VARCHAR";
    }
  }
}

export class Obstacles {
  readonly found: Obstacle[] = [];

  add(pointer: string, en: string, ja: string): void {
    if (!this.found.some((one) => one.pointer === pointer && one.en === en)) this.found.push({ pointer, en, ja });
  }

  column({ column, at }: Typed & { node: "column" }): void {
    const { name, columnar } = column;
    if (columnar === undefined) return this.add(at, `${name} is not in the columnar copy`, `${name} はカラム形式のコピーにありません`);
    if (columnar.type === "BLOB") return this.add(at, `${name} holds bytes`, `${name} はバイナリの列です`);
    if (columnar.unclean === "mixed") return this.add(at, `${name} holds values of several kinds`, `${name} には複数の型の値が入っています`);
    if (columnar.unclean === "characters") return this.add(at, `${name} holds texts with characters that the two treat differently`, `${name} には扱いの異なる文字を含む文字列があります`);
    if (columnar.unclean === "collation") return this.add(at, `texts of ${name} are compared in a way of their own`, `${name} は独自の照合順序で比較されます`);
  }

  /** Numbers so large that sums and fractions of them are not exact. */
  calculated(typed: Typed): void {
    for (const one of columnsOf(typed)) {
      if (one.column.columnar?.unclean === "range") this.add(one.at, `${one.column.name} holds numbers too large to calculate with exactly`, `${one.column.name} には正確に計算できない大きさの数値があります`);
    }
  }

  /** A number is expected: of a column of any type it is only known here whether it is one. */
  number(typed: Typed): void {
    if (!isNumeric(storedOf(typed))) this.add(typed.at, "it is not stored as a number", "数値として格納されていません");
    this.calculated(typed);
  }

  /** Something is done with a moment that needs to be one for DuckDB. */
  date(typed: Typed): void {
    if (!isDated(storedOf(typed))) this.add(typed.at, "not all of its values are dates as 2026-01-31 or 2026-01-31 23:59:59", "2026-01-31 または 2026-01-31 23:59:59 の形式でない値があります");
  }
}

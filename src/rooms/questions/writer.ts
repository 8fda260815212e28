import { levels, whole, within } from "./dialect.ts";
import type { Dialect, Written } from "./dialect.ts";
import { duckdb } from "./duckdb.ts";
import { writeName, writeText } from "./names.ts";
import { sqlite } from "./sqlite.ts";
import { isDated, isNumeric, Obstacles, storedOf } from "./stored.ts";
import type { Comparison } from "./question.ts";
import { isNumber } from "./typed.ts";
import type { Test, Typed } from "./typed.ts";

export type DialectName = "sqlite" | "duckdb";

const dayShape = /^\d{4}-\d{2}-\d{2}$/;
const momentShape = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const isReal = (shape: RegExp, text: string): boolean => {
  const instant = new Date(`${text.slice(0, 10)}T${text.slice(11) || "00:00:00"}Z`);
  return shape.test(text) && !Number.isNaN(instant.getTime()) && instant.toISOString().slice(0, text.length).replace("T", " ") === text;
};

/** Writes expressions and conditions in one dialect. Names are quoted and texts escaped here and nowhere else. */
export class Writer {
  readonly dialect: Dialect;
  readonly obstacles = new Obstacles();
  private readonly isDuck: boolean;
  readonly isQualified: boolean;

  constructor(name: DialectName, { isQualified }: { isQualified: boolean }) {
    this.isDuck = name === "duckdb";
    this.dialect = this.isDuck ? duckdb : sqlite;
    this.isQualified = isQualified;
  }

  expression(typed: Typed): Written {
    const { dialect } = this;
    switch (typed.node) {
      case "column":
        if (this.isDuck) this.obstacles.column(typed);
        return whole(`${this.isQualified ? `${writeName(typed.alias)}.` : ""}${writeName(typed.column.name)}`);
      case "literal": return this.literal(typed.value);
      case "parameter": return whole(dialect.parameter(typed.name, typed.type));
      case "arithmetic": return this.arithmetic(typed);
      case "concat": return { text: typed.of.map((one) => this.concatenated(one)).join(" || "), level: levels.concat };
      case "round":
        if (this.isDuck) this.obstacles.add(typed.at, "round() rounds halves differently", "round() の端数処理が異なります");
        return whole(`round(${this.expression(typed.of).text}${typed.digits === 0 ? "" : `, ${typed.digits}`})`);
      case "part":
        return whole(dialect.part(this.moment(typed.of), typed.part));
      case "case": {
        const isMixed = this.isDuck && storedOf(typed) === "VARCHAR";
        const result = (one: Typed): string => (isMixed ? this.asText(one) : this.expression(one)).text;
        const when = typed.when.map((one) => `WHEN ${this.test(one.if).text} THEN ${result(one.value)}`);
        return whole(`CASE ${when.join(" ")}${typed.else ? ` ELSE ${result(typed.else)}` : ""} END`);
      }
    }
  }

  /** A date for a function that takes one. */
  moment(typed: Typed): string {
    if (this.isDuck) this.obstacles.date(typed);
    return this.expression(typed).text;
  }

  private literal(value: string | number | null): Written {
    if (value === null) return whole("NULL");
    if (typeof value === "string") return whole(writeText(value));
    const text = Number.isSafeInteger(value) ? String(value) : this.dialect.real(value);
    return { text, level: value < 0 || Object.is(value, -0) ? levels.negative : levels.whole };
  }

  /** A number to calculate with. */
  private number(typed: Typed): Written {
    if (this.isDuck) this.obstacles.number(typed);
    if (typed.node !== "literal" || typeof typed.value !== "number" || !Number.isSafeInteger(typed.value)) return this.expression(typed);
    return { text: this.dialect.integer(typed.value), level: typed.value < 0 ? levels.negative : levels.whole };
  }

  private arithmetic(typed: Typed & { node: "arithmetic" }): Written {
    const [first, ...rest] = typed.of;
    const level = typed.op === "+" || typed.op === "-" ? levels.sum : levels.product;
    let so = this.number(first!);
    let isFraction = isAlwaysReal(first!);
    for (const one of rest) {
      const next = this.number(one);
      if (typed.op === "/") {
        const isNeverZero = one.node === "literal" && typeof one.value === "number" && one.value !== 0;
        so = this.dialect.divide(so, next, { isReal: isFraction, isNeverZero });
        isFraction = true;
      } else {
        so = { text: `${within(so, level)} ${typed.op} ${within(next, level + 1)}`, level };
      }
    }
    return so;
  }

  private concatenated(typed: Typed): string {
    if (!this.isDuck) return within(this.expression(typed), levels.concat + 1);
    if (storedOf(typed) === "DOUBLE") this.obstacles.add(typed.at, "fractions are written differently as a text", "小数の文字列表現が異なります");
    return within(this.asText(typed), levels.concat + 1);
  }

  /** In DuckDB a text is asked for where SQLite has one anyway. */
  private asText(typed: Typed): Written {
    const written = this.expression(typed);
    if (!this.isDuck || storedOf(typed) === "VARCHAR" || storedOf(typed) === "NULL") return written;
    return whole(`CAST(${written.text} AS VARCHAR)`);
  }

  test(test: Test): Written {
    switch (test.node) {
      case "and":
      case "or": {
        const level = levels[test.node];
        if (test.of.length === 1) return this.test(test.of[0]!);
        return { text: test.of.map((one) => within(this.test(one), level + 1)).join(` ${test.node.toUpperCase()} `), level };
      }
      case "not": return { text: `NOT ${within(this.test(test.of), levels.comparison + 1)}`, level: levels.not };
      case "compare": return this.optional(test.optional, this.compare(test.of, test.is, test.to));
      case "between": {
        if (!this.isDuck) {
          const side = (one: Typed): string => within(this.expression(one), levels.concat);
          return { text: `${within(this.expression(test.of), levels.concat)} BETWEEN ${side(test.from)} AND ${side(test.to)}`, level: levels.comparison };
        }
        return { text: `${this.compare(test.of, ">=", test.from).text} AND ${this.compare(test.of, "<=", test.to).text}`, level: levels.and };
      }
      case "in": return this.inList(test);
      case "empty": return this.empty(test);
      case "text": return this.optional(test.optional, this.textTest(test));
      case "during": {
        const low = this.dayOf(test.from, 0);
        const high = this.dayOf(test.to, 1);
        return this.span(test.of, low, high);
      }
      case "last": {
        const day = this.dialect.parameter(test.day, "date");
        const start = this.dialect.periodStart(day, test.unit, test.complete ? -test.count : 1 - test.count);
        return this.span(test.of, start, this.dialect.periodStart(day, test.unit, test.complete ? 0 : 1));
      }
    }
  }

  private optional(name: string | null, { text, level }: Written): Written {
    if (name === null) return { text, level };
    const given = `${this.isDuck ? "$" : ":"}${name}`;
    return { text: `${given} IS NULL OR ${text}`, level: levels.or };
  }

  private compare(of: Typed, is: Comparison, to: Typed): Written {
    const sign = is === "!=" ? "<>" : is;
    const write = (a: Written, as: string, b: Written): Written => ({ text: `${within(a, levels.concat)} ${as} ${within(b, levels.concat)}`, level: levels.comparison });
    if (!this.isDuck) return write(this.expression(of), sign, this.expression(to));
    const [a, b] = [storedOf(of), storedOf(to)];
    if (isNumeric(a) !== isNumeric(b)) this.obstacles.add(to.at, "numbers and texts are compared", "数値と文字列を比較しています");
    if (isNumeric(a)) {
      if (a !== b) for (const one of [of, to]) this.obstacles.calculated(one);
      return write(this.expression(of), sign, this.expression(to));
    }
    const typed = this.datedLiteral(a, sign, to);
    if (typed) return write(this.expression(of), typed.sign, whole(typed.text));
    if (isDated(a) && a === b) return write(this.expression(of), sign, this.expression(to));
    return write(this.asText(of), sign, this.asText(to));
  }

  /** A day or moment as DuckDB has it, where it compares as its text does. */
  private datedLiteral(stored: string, sign: string, to: Typed): { sign: string; text: string } | null {
    if (to.node !== "literal" || typeof to.value !== "string") return null;
    if (stored === "DATE" && isReal(dayShape, to.value)) return { sign, text: `DATE '${to.value}'` };
    if (stored !== "TIMESTAMP") return null;
    if (isReal(momentShape, to.value)) return { sign, text: `TIMESTAMP '${to.value}'` };
    // The text of a day stands before that of its first moment.
    if (!isReal(dayShape, to.value) || sign === "=" || sign === "<>") return null;
    return { sign: sign === ">" ? ">=" : sign === "<=" ? "<" : sign, text: `TIMESTAMP '${to.value} 00:00:00'` };
  }

  private inList({ of, to, isNot, at }: Test & { node: "in" }): Written {
    const sign = isNot ? "NOT IN" : "IN";
    if (!Array.isArray(to)) {
      if (this.isDuck) this.obstacles.add(at, "a list is given as a parameter", "リストがパラメーターで渡されます");
      return { text: `${within(this.expression(of), levels.concat)} ${sign} (SELECT value FROM json_each(:${to.parameter}))`, level: levels.comparison };
    }
    const isTexts = typeof to[0] === "string";
    if (this.isDuck) {
      if (isNumeric(storedOf(of)) === to.some((one) => typeof one === "string") || to.some((one) => typeof one !== typeof to[0])) this.obstacles.add(at, "numbers and texts are compared", "数値と文字列を比較しています");
      if (to.some((one) => typeof one === "number" && !Number.isSafeInteger(one))) this.obstacles.calculated(of);
    }
    const written = this.isDuck && isTexts ? this.asText(of) : this.expression(of);
    return { text: `${within(written, levels.concat)} ${sign} (${to.map((one) => this.literal(one).text).join(", ")})`, level: levels.comparison };
  }

  private empty({ of, isNot }: Test & { node: "empty" }): Written {
    const x = within(this.expression(of), levels.concat);
    // What is declared a number is never the empty text; of a column of any type it may be.
    const isPlain = isNumber(of.type) || (this.isDuck && storedOf(of) !== "VARCHAR");
    if (isPlain) return { text: `${x} IS ${isNot ? "NOT " : ""}NULL`, level: levels.comparison };
    // Never unknown: within a NOT, what is not there would be neither.
    return isNot ? { text: `coalesce(${x}, '') <> ''`, level: levels.comparison } : { text: `${x} IS NULL OR ${x} = ''`, level: levels.or };
  }

  private textTest({ is, of, to }: Test & { node: "text" }): Written {
    const { dialect } = this;
    if (this.isDuck && isNumeric(storedOf(of))) this.obstacles.add(of.at, "it is not stored as a text", "文字列として格納されていません");
    const x = dialect.lower(this.asText(of).text);
    const text = to.node === "literal" && typeof to.value === "string" ? writeText(to.value.replace(/[A-Z]/g, (letter) => letter.toLowerCase())) : dialect.lower(this.asText(to).text);
    if (is === "starts with") return { text: dialect.startsWith(x, text), level: levels.comparison };
    const found = dialect.contains(x, text);
    return is === "contains" ? { text: found, level: levels.comparison } : { text: `NOT ${found.includes(">") ? `(${found})` : found}`, level: levels.not };
  }

  private dayOf(typed: Typed, moved: number): string {
    if (typed.node === "parameter") return this.dialect.periodStart(this.dialect.parameter(typed.name, "date"), "day", moved);
    const day = new Date(`${(typed as { value: string }).value}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + moved);
    const text = writeText(day.toISOString().slice(0, 10));
    return this.isDuck ? `DATE ${text}` : text;
  }

  /** Texts of dates and of moments stand after the text of the day that they begin with, as days do. */
  private span(of: Typed, low: string, high: string): Written {
    const stored = storedOf(of);
    if (this.isDuck && isNumeric(stored)) this.obstacles.date(of);
    const written = this.expression(of);
    const x = within(written, levels.concat);
    const asText = (day: string): string => (this.isDuck && !isDated(stored) ? `CAST(${day} AS VARCHAR)` : day);
    return { text: `${x} >= ${asText(low)} AND ${x} < ${asText(high)}`, level: levels.and };
  }
}

/** SQLite keeps fractions as such, whatever their value. */
function isAlwaysReal(typed: Typed): boolean {
  if (typed.node === "column") return /REAL|FLOA|DOUB/i.test(typed.column.type) && !/INT/i.test(typed.column.type);
  if (typed.node === "literal") return typeof typed.value === "number" && !Number.isSafeInteger(typed.value);
  return typed.node === "round" || (typed.node === "arithmetic" && typed.op === "/");
}

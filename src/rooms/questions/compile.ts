import { whole, within, levels } from "./dialect.ts";
import type { Obstacle, Written } from "./dialect.ts";
import { fold, writeName } from "./names.ts";
import { Flaw } from "./question.ts";
import type { Bin, Question, QuestionSchema, ValueType } from "./question.ts";
import { isAmbiguous, resolve } from "./resolve.ts";
import type { Scope } from "./scope.ts";
import { isNumeric, storedOf } from "./stored.ts";
import type { QuestionParameter, Typed, TypedAggregate, TypedGroup, TypedQuestion } from "./typed.ts";
import { Writer } from "./writer.ts";
import type { DialectName } from "./writer.ts";

export type { Obstacle } from "./dialect.ts";
export type { QuestionParameter } from "./typed.ts";

export interface CompiledQuestion {
  /** One SELECT. For DuckDB the empty text where something stands in its way. */
  sql: string;
  /** Of the answer, in their order. */
  columns: { name: string; type: ValueType }[];
  parameters: QuestionParameter[];
  /** Why DuckDB would not give SQLite's answer; empty where it does. Known only with dialect "duckdb". */
  sqliteOnly: Obstacle[];
}

const sqlCharactersMax = 100_000;

/**
 * Writes a question as SQL of one dialect. Both give the same answer, except where `sqliteOnly` says why not; sums of
 * fractions may differ in their last digits. Throws a Flaw where the question does not fit the schema.
 */
export function compile(question: Question, schema: QuestionSchema, dialect: DialectName): CompiledQuestion {
  const typed = resolve(question, schema);
  const hasBounds = typed.groups.some(({ bin }) => isCount(bin));
  const writer = new Writer(dialect, { isQualified: typed.scope.joins.length > 0 || hasBounds || isAmbiguous(typed) });
  const select = new Select(typed, writer, dialect === "duckdb");
  const sql = select.write();
  if (sql.length > sqlCharactersMax) {
    const max = sqlCharactersMax.toLocaleString("en");
    throw new Flaw("", `its SQL would have more than ${max} characters: use calculated columns less often, or shorter lists`, `SQLが ${max} 文字を超えます。計算列の使用を減らすか、リストを短くしてください`);
  }
  const sqliteOnly = writer.obstacles.found;
  const columns = [...typed.groups, ...typed.aggregates, ...typed.columns.map(({ name, value }) => ({ name, type: value.type }))].map(({ name, type }) => ({ name, type }));
  return { sql: sqliteOnly.length > 0 ? "" : sql, columns, parameters: typed.parameters, sqliteOnly };
}

const isCount = (bin: Bin | null): bin is { count: number } => typeof bin === "object" && bin !== null && "count" in bin;

class Select {
  private readonly typed: TypedQuestion;
  private readonly writer: Writer;
  private readonly isDuck: boolean;
  private readonly bounds: string;

  constructor(typed: TypedQuestion, writer: Writer, isDuck: boolean) {
    this.typed = typed;
    this.writer = writer;
    this.isDuck = isDuck;
    const taken = new Set([typed.scope.from, ...typed.scope.joins].flatMap(({ alias, table }) => [fold(alias), fold(table.name)]));
    let name = "bounds";
    for (let number = 2; taken.has(name); number += 1) name = `bounds_${number}`;
    this.bounds = name;
  }

  write(): string {
    const { groups, aggregates, columns, limit } = this.typed;
    const shown = [
      ...groups.map((group, i) => named(this.group(group, i), group.name, this.isPlain(group))),
      ...aggregates.map((aggregate) => named(this.aggregate(aggregate), aggregate.name, false)),
      ...columns.map(({ value, name }) => named(this.writer.expression(value), name, isPlain(value, name) && !this.writer.isQualified)),
    ];
    const source = this.source();
    const lines = [...this.boundsOf(source)];
    lines.push(shown.length === 1 ? `SELECT ${shown[0]}` : `SELECT\n  ${shown.join(",\n  ")}`, ...source.from);
    if (this.hasBounds) lines.push(`CROSS JOIN ${this.bounds}`);
    lines.push(...source.where);
    if (groups.length > 0) lines.push(`GROUP BY ${groups.map((_, i) => i + 1).join(", ")}`);
    const order = this.order();
    if (order.length > 0) lines.push(`ORDER BY ${order.join(", ")}`);
    if (limit !== null) {
      lines.push(`LIMIT ${limit}`);
      if (this.isDuck && columns.length > 0 && !this.isTotal()) this.writer.obstacles.add("/limit", "which rows come first is not said to the last", "先頭に来る行が並べ替えで一意に決まりません");
    }
    return lines.join("\n");
  }

  private get hasBounds(): boolean {
    return this.typed.groups.some(({ bin }) => isCount(bin));
  }

  private isPlain({ value, bin, name }: TypedGroup): boolean {
    return bin === null && isPlain(value, name) && !this.writer.isQualified;
  }

  private source(): { from: string[]; where: string[] } {
    const { scope, filter } = this.typed;
    const from = [`FROM ${writeName(scope.from.table.name)}`, ...this.joins(scope)];
    if (this.isDuck) {
      for (const [i, { table }] of [scope.from, ...scope.joins].entries()) {
        if (!table.columns.some((column) => column.columnar)) this.writer.obstacles.add(i === 0 ? "/from" : `/joins/${i - 1}/table`, `${table.name} is not in the columnar copy`, `${table.name} はカラム形式のコピーにありません`);
      }
    }
    if (!filter) return { from, where: [] };
    const all = filter.node === "and" ? filter.of : [filter];
    const least = all.length === 1 ? levels.or : levels.and;
    return { from, where: all.map((test, i) => `${i === 0 ? "WHERE" : "  AND"} ${within(this.writer.test(test), least)}`) };
  }

  private joins(scope: Scope): string[] {
    return scope.joins.map(({ table, alias, kind, on }, i) => {
      const name = writeName(table.name);
      const pairs = on.map(({ left, right }, n) => {
        const at = `/joins/${i}/on/${n}`;
        const sides = [{ alias, column: right }, left].map((one): Typed => ({ node: "column", ...one, type: "any", at }));
        if (this.isDuck && new Set(sides.map((one) => (isNumeric(storedOf(one)) ? "number" : storedOf(one)))).size > 1) this.writer.obstacles.add(at, "the two columns are stored in different ways", "2つの列の格納形式が異なります");
        return sides.map((one) => this.writer.expression(one).text).join(" = ");
      });
      return `${kind === "left" ? "LEFT JOIN" : "JOIN"} ${name}${alias === table.name ? "" : ` AS ${writeName(alias)}`} ON ${pairs.join(" AND ")}`;
    });
  }

  private group({ value, bin }: TypedGroup, i: number): Written {
    const { writer } = this;
    if (bin === null) return writer.expression(value);
    if (typeof bin === "string") return whole(writer.dialect.bin(writer.moment(value), bin));
    if (this.isDuck) writer.obstacles.number(value);
    const x = within(writer.expression(value), levels.product);
    if ("width" in bin) return { text: `floor(${x} / ${writer.dialect.real(bin.width)}) * ${bin.width}`, level: levels.product };
    const low = `${this.bounds}.low_${i + 1}`;
    const step = `${this.bounds}.step_${i + 1}`;
    const place = `floor((${x} - ${low}) / ${step})`;
    // Null is the least for DuckDB only where nothing else is.
    const capped = this.isDuck ? `CASE WHEN ${x} IS NOT NULL THEN least(${place}, ${bin.count - 1}) END` : `min(${place}, ${bin.count - 1})`;
    return { text: `${low} + ${capped} * ${step}`, level: levels.sum };
  }

  /** Of the rows that are asked for: from where to where the numbers reach, and how wide one of so many bins is. */
  private boundsOf({ from, where }: { from: string[]; where: string[] }): string[] {
    if (!this.hasBounds) return [];
    const { writer } = this;
    const shown = this.typed.groups.flatMap(({ value, bin }, i) => {
      if (!isCount(bin)) return [];
      const x = writer.expression(value).text;
      return [`min(${x}) AS low_${i + 1}`, `coalesce(nullif((max(${x}) - min(${x})) / ${writer.dialect.real(bin.count)}, 0), 1) AS step_${i + 1}`];
    });
    return [`WITH ${this.bounds} AS (`, ...["SELECT", `  ${shown.join(",\n    ")}`, ...from, ...where].map((line) => `  ${line}`), ")"];
  }

  private aggregate({ kind, of }: TypedAggregate): Written {
    const { writer, isDuck } = this;
    const x = of && writer.expression(of).text;
    const isFraction = of !== null && isDuck && storedOf(of) === "DOUBLE";
    if (isDuck && of && kind !== "count" && kind !== "count distinct" && kind !== "min" && kind !== "max") writer.obstacles.number(of);
    switch (kind) {
      case "count": return whole(`count(${x ?? "*"})`);
      case "count distinct": return whole(`count(DISTINCT ${x})`);
      case "min":
      case "max": return whole(`${kind}(${x})`);
      case "median": return whole(`median(${x})`);
      case "average": return whole(`${isFraction ? "favg" : "avg"}(${x})`);
      case "sum": return whole(this.sum(x!, isFraction));
      case "share": {
        const part = of ? this.sum(x!, isFraction) : "count(*)";
        const total = `sum(${part}) OVER ()`;
        return { text: isDuck ? `${part} / nullif(${total}, 0)` : `${part} * 1.0 / ${total}`, level: levels.product };
      }
    }
  }

  private sum(x: string, isFraction: boolean): string {
    if (!this.isDuck) return `sum(${x})`;
    // Compensated, as SQLite's is; and whole numbers stay within 64 bits.
    return isFraction ? `fsum(${x})` : `CAST(sum(${x}) AS BIGINT)`;
  }

  /** As asked for, then by the groups: so an answer's order, and what a limit leaves, is the same each time. */
  private order(): string[] {
    const { groups, sort } = this.typed;
    const { ascending, descending } = this.writer.dialect;
    const rest = groups.filter(({ name }) => !sort.some(({ by }) => by === name)).map(({ name }) => ({ by: name, descending: false }));
    return [...sort, ...rest].map(({ by, descending: isDown }) => `${writeName(by)}${isDown ? descending : ascending}`);
  }

  /** Whether rows that the sort holds for equal look the same. */
  private isTotal(): boolean {
    const { columns, sort, scope } = this.typed;
    const sorted = columns.filter(({ name }) => sort.some(({ by }) => by === name));
    if (sorted.length === columns.length) return true;
    const key = scope.from.table.columns.filter((column) => column.primaryKey);
    const isThere = (wanted: unknown): boolean => sorted.some(({ value }) => value.node === "column" && value.column === wanted && value.alias === scope.from.alias);
    return key.length > 0 && key.every(isThere) && !scope.joins.some((join) => join.repeats);
  }
}

const isPlain = (value: Typed, name: string): boolean => value.node === "column" && value.column.name === name;

/** Qualified, a column is named all the same: so ORDER BY means the answer's. */
function named({ text }: Written, name: string, isPlain: boolean): string {
  return isPlain ? text : `${text} AS ${writeName(name)}`;
}

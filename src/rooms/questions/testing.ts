/*
 * A question answered row by row in plain TypeScript: slow, and with nothing of the code that writes SQL, so that the two can
 * be held to each other. It knows the values of clean columns only: numbers up to 2^53, texts, null.
 */
import type { Aggregate, Bin, Condition, DatePart, DateUnit, Expression, Join, Operand, Question } from "./question.ts";

export type Value = number | string | null;
export type Row = Record<string, Value>;
type Truth = boolean | null;

export interface Evaluation {
  columns: string[];
  rows: Value[][];
  /** The order of all rows is said; without it, only which they are. */
  isOrdered: boolean;
}

/** Where a question is answered: rows and column names by table, parameters by name. */
export interface World {
  tables: ReadonlyMap<string, { columns: string[]; rows: Row[] }>;
  /** The columns that a key joins, as the question may leave them out: of the joined table and of one before it. */
  keys: Record<string, { table: string; column: string; right: string }>;
  parameters: Record<string, unknown>;
}

type Joined = Map<string, Row | null>;

/** Date.UTC takes the years before 100 for those after 1900. */
function utc(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

/** A moment's fields, of a text that begins with a day. */
function moment(value: Value): Date | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?$/.exec(String(value));
  if (!found) return null;
  const [year, month, day, hour = 0, minute = 0, second = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const date = utc(year!, month! - 1, day!);
  date.setUTCHours(hour, minute, second);
  return date;
}

const dayText = (date: Date): string => date.toISOString().slice(0, 10);
const addDays = (date: Date, days: number): Date => new Date(date.getTime() + days * 86_400_000);
const weekday = (date: Date): number => date.getUTCDay() || 7;

function startOf(date: Date, unit: DateUnit): Date {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const midnight = utc(year, month, date.getUTCDate());
  switch (unit) {
    case "year": return utc(year, 0, 1);
    case "quarter": return utc(year, Math.floor(month / 3) * 3, 1);
    case "month": return utc(year, month, 1);
    case "week": return addDays(midnight, 1 - weekday(midnight));
    case "day": return midnight;
  }
}

function moved(start: Date, unit: DateUnit, by: number): Date {
  if (unit === "day" || unit === "week") return addDays(start, unit === "week" ? by * 7 : by);
  const months = { year: 12, quarter: 3, month: 1 }[unit] * by;
  return utc(start.getUTCFullYear(), start.getUTCMonth() + months, 1);
}

/** ISO 8601: the week of a day is that of its Thursday, counted in the Thursday's year. */
function isoWeek(date: Date): number {
  const thursday = addDays(startOf(date, "week"), 3);
  return 1 + Math.floor((thursday.getTime() - utc(thursday.getUTCFullYear(), 0, 1).getTime()) / (7 * 86_400_000));
}

function part(value: Value, wanted: DatePart): Value {
  const date = moment(value);
  if (!date) return null;
  switch (wanted) {
    case "year": return date.getUTCFullYear();
    case "quarter": return Math.floor(date.getUTCMonth() / 3) + 1;
    case "month": return date.getUTCMonth() + 1;
    case "week": return isoWeek(date);
    case "day": return date.getUTCDate();
    case "hour": return date.getUTCHours();
    case "minute": return date.getUTCMinutes();
    case "weekday": return weekday(date);
  }
}

/** As SQLite orders: null, then numbers, then texts by their bytes. */
export function order(a: Value, b: Value): number {
  const rank = (value: Value): number => (value === null ? 0 : typeof value === "number" ? 1 : 2);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

const lower = (text: Value): string => String(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase());

class Evaluator {
  private readonly question: Question;
  private readonly world: World;
  private readonly indexes = new Map<string, Map<string, Row[]>>();

  constructor(question: Question, world: World) {
    this.question = question;
    this.world = world;
  }

  private column({ column, table }: { column: string; table?: string | undefined }, row: Joined): Value {
    for (const [alias, one] of row) {
      if (table !== undefined && alias !== table) continue;
      const { columns } = this.world.tables.get(this.tableOf(alias))!;
      if (columns.includes(column)) return one?.[column] ?? null;
    }
    throw new Error(`no column ${column}`);
  }

  private tableOf(alias: string): string {
    return this.question.joins?.find((join) => (join.as ?? join.table) === alias)?.table ?? this.question.from;
  }

  value(expression: Expression, row: Joined): Value {
    if ("column" in expression) return this.column(expression, row);
    if ("calculated" in expression) return this.value(this.question.calculated!.find((one) => one.name === expression.calculated)!.value, row);
    if ("value" in expression) return typeof expression.value === "boolean" ? Number(expression.value) : expression.value;
    if ("parameter" in expression) return this.world.parameters[expression.parameter] as Value;
    switch (expression.op) {
      case "part": return part(this.value(expression.of, row), expression.part);
      case "round": {
        const value = this.value(expression.of, row);
        return value === null ? null : Number(Number(value).toFixed(expression.digits ?? 0));
      }
      case "case": {
        const found = expression.when.find((one) => this.test(one.if, row) === true);
        return found ? this.value(found.value, row) : expression.else ? this.value(expression.else, row) : null;
      }
    }
    const values = expression.of.map((one) => this.value(one, row));
    if (values.includes(null)) return null;
    if (expression.op === "concat") return values.join("");
    const [first, ...rest] = values as number[];
    return rest.reduce<number | null>((so, next) => {
      if (so === null || (expression.op === "/" && next === 0)) return null;
      return { "+": so + next, "-": so - next, "*": so * next, "/": so / next }[expression.op as "+"];
    }, first!);
  }

  private operand(operand: Operand, row: Joined): Value {
    return typeof operand === "object" ? this.value(operand, row) : typeof operand === "boolean" ? Number(operand) : operand;
  }

  test(condition: Condition, row: Joined): Truth {
    if ("and" in condition) {
      const all = condition.and.map((one) => this.test(one, row));
      return all.includes(false) ? false : all.includes(null) ? null : true;
    }
    if ("or" in condition) {
      const all = condition.or.map((one) => this.test(one, row));
      return all.includes(true) ? true : all.includes(null) ? null : false;
    }
    if ("not" in condition) {
      const so = this.test(condition.not, row);
      return so === null ? null : !so;
    }
    const value = this.value(condition.value, row);
    if (condition.is === "empty") return value === null || value === "";
    if (condition.is === "not empty") return value !== null && value !== "";
    if ("optional" in condition && condition.optional && this.operand(condition.to, row) === null) return true;
    if (value === null) return null;
    return this.compare(condition, value, row);
  }

  private compare(condition: Exclude<Condition, { and: unknown } | { or: unknown } | { not: unknown }>, value: Value, row: Joined): Truth {
    switch (condition.is) {
      case "in":
      case "not in": {
        const list = Array.isArray(condition.to) ? condition.to : (this.world.parameters[condition.to.parameter] as Value[]);
        return list.some((one) => (typeof one === "boolean" ? Number(one) : one) === value) === (condition.is === "in");
      }
      case "between": {
        const [from, to] = [this.operand(condition.from, row), this.operand(condition.to, row)];
        const [low, high] = [from === null ? null : order(value, from) >= 0, to === null ? null : order(value, to) <= 0];
        return low === false || high === false ? false : low === null || high === null ? null : true;
      }
      case "during": return this.days(value, moment(this.operand(condition.from, row))!, addDays(moment(this.operand(condition.to, row))!, 1));
      case "last": {
        const start = startOf(moment(this.world.parameters[condition.day ?? "today"] as Value)!, condition.unit);
        const first = condition.complete ? -condition.count : 1 - condition.count;
        return this.days(value, moved(start, condition.unit, first), moved(start, condition.unit, condition.complete ? 0 : 1));
      }
      case "empty":
      case "not empty": return null;
      default: {
        const to = this.operand(condition.to, row);
        if (to === null) return null;
        const by = order(value, to);
        switch (condition.is) {
          case "=": return by === 0;
          case "!=": return by !== 0;
          case "<": return by < 0;
          case "<=": return by <= 0;
          case ">": return by > 0;
          case ">=": return by >= 0;
          case "contains": return lower(value).includes(lower(to));
          case "not contains": return !lower(value).includes(lower(to));
          case "starts with": return lower(value).startsWith(lower(to));
        }
      }
    }
  }

  private days(value: Value, from: Date, before: Date): boolean {
    return order(value, dayText(from)) >= 0 && order(value, dayText(before)) < 0;
  }

  rows(): Joined[] {
    const { from, joins = [], filter } = this.question;
    let rows: Joined[] = this.world.tables.get(from)!.rows.map((row) => new Map([[from, row]]));
    for (const join of joins) rows = rows.flatMap((row) => this.join(row, join));
    return filter ? rows.filter((row) => this.test(filter, row) === true) : rows;
  }

  /** Only so that a test takes seconds: rows by what they are joined by. */
  private indexOf(table: string, columns: string[]): Map<string, Row[]> {
    const name = JSON.stringify([table, columns]);
    const known = this.indexes.get(name) ?? Map.groupBy(this.world.tables.get(table)!.rows, (row) => JSON.stringify(columns.map((column) => row[column])));
    this.indexes.set(name, known);
    return known;
  }

  private join(row: Joined, join: Join): Joined[] {
    const alias = join.as ?? join.table;
    const key = this.world.keys[join.table]!;
    const on = join.on ?? [{ left: { column: key.column, table: key.table }, right: key.right }];
    const wanted = on.map(({ left }) => this.column(left, row));
    const found = wanted.includes(null) ? [] : (this.indexOf(join.table, on.map(({ right }) => right)).get(JSON.stringify(wanted)) ?? []);
    if (found.length === 0) return join.kind === "inner" ? [] : [new Map([...row, [alias, null]])];
    return found.map((one) => new Map([...row, [alias, one]]));
  }
}

function bounds(values: Value[]): { low: number; high: number } {
  const numbers = values.filter((value): value is number => typeof value === "number");
  return { low: numbers.reduce((a, b) => Math.min(a, b), Infinity), high: numbers.reduce((a, b) => Math.max(a, b), -Infinity) };
}

function binOf(value: Value, bin: Bin | undefined, { low, high }: { low: number; high: number }): Value {
  if (value === null || bin === undefined) return value;
  if (typeof bin === "object") {
    if ("width" in bin) return Math.floor((value as number) / bin.width) * bin.width;
    const step = (high - low) / bin.count || 1;
    return low + Math.min(Math.floor(((value as number) - low) / step), bin.count - 1) * step;
  }
  if (bin === "weekday") return part(value, bin);
  const date = moment(value);
  if (!date) return null;
  return bin === "hour" ? `${date.toISOString().slice(0, 13).replace("T", " ")}:00:00` : dayText(startOf(date, bin));
}

function aggregate({ kind, of }: Aggregate, values: Value[], count: number): Value {
  const there = values.filter((value) => value !== null);
  if (kind === "count") return of ? there.length : count;
  if (kind === "count distinct") return new Set(there).size;
  if (there.length === 0) return null;
  const numbers = (there as number[]).toSorted((a, b) => a - b);
  const sum = (there as number[]).reduce((a, b) => a + b, 0);
  switch (kind) {
    case "sum":
    case "share": return sum;
    case "average": return sum / there.length;
    case "median": {
      const middle = (numbers.length - 1) / 2;
      return (numbers[Math.floor(middle)]! + numbers[Math.ceil(middle)]!) / 2;
    }
    case "min":
    case "max": return there.toSorted(order).at(kind === "min" ? 0 : -1)!;
  }
}

/** The answer to a question that fits. `columns` are the names of the answer's columns, as it is sorted by them. */
export function evaluate(question: Question, world: World, columns: string[]): Evaluation {
  const evaluator = new Evaluator(question, world);
  const rows = evaluator.rows();
  const { groups = [], aggregates = [], sort = [], limit = Infinity } = question;
  const sorted = (all: Value[][], by: { at: number; down: boolean }[]): Value[][] =>
    all.toSorted((a, b) => by.reduce((so, { at, down }) => so || order(a[at]!, b[at]!) * (down ? -1 : 1), 0));
  const asked = sort.map(({ by, direction }) => ({ at: columns.indexOf(by), down: direction === "descending" }));
  if (groups.length === 0 && aggregates.length === 0) {
    const shown = question.columns ?? world.tables.get(question.from)!.columns.map((column) => ({ value: { column, table: question.from } }));
    const list = rows.map((row) => shown.map(({ value }) => evaluator.value(value, row)));
    return { columns, rows: sorted(list, asked).slice(0, limit), isOrdered: asked.length === columns.length };
  }
  const keys = groups.map(({ value, bin }) => {
    const values = rows.map((row) => evaluator.value(value, row));
    const reach = bounds(values);
    return values.map((one) => binOf(one, bin, reach));
  });
  const cells = new Map<string, { key: Value[]; rows: Joined[] }>();
  rows.forEach((row, at) => {
    const key = keys.map((values) => values[at]!);
    const name = JSON.stringify(key);
    if (!cells.has(name)) cells.set(name, { key, rows: [] });
    cells.get(name)!.rows.push(row);
  });
  if (groups.length === 0 && cells.size === 0) cells.set("", { key: [], rows: [] });
  const made = [...cells.values()].map(({ key, rows: own }) => [
    ...key, ...aggregates.map((one) => aggregate(one.kind === "share" && !one.of ? { kind: "count" } : one, one.of ? own.map((row) => evaluator.value(one.of!, row)) : [], own.length)),
  ]);
  aggregates.forEach(({ kind }, i) => {
    if (kind !== "share") return;
    const at = groups.length + i;
    const total = made.reduce((so, row) => so + Number(row[at] ?? 0), 0);
    for (const row of made) row[at] = total === 0 || row[at] === null ? null : Number(row[at]) / total;
  });
  const rest = groups.map((_, at) => ({ at, down: false })).filter(({ at }) => !asked.some((one) => one.at === at));
  return { columns, rows: sorted(made, [...asked, ...rest]).slice(0, limit), isOrdered: true };
}

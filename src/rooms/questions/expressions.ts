import { fold } from "./names.ts";
import { Flaw, questionLimits } from "./question.ts";
import type { Condition, Expression, Operand, ParameterType, Question, ValueType } from "./question.ts";
import { findColumn, typeOf } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { fits, isNumber, isTemporal, isText } from "./typed.ts";
import type { QuestionParameter, Test, Typed } from "./typed.ts";

type Expected = "number" | "text" | "date" | null;

const typeOfParameter: Record<ParameterType, ValueType> = { number: "real", text: "text", date: "date" };
const expectedOf = (type: ValueType): Expected => (isNumber(type) ? "number" : isTemporal(type) ? "date" : type === "text" ? "text" : null);

/** A day that there is. After the last one that is written so, no other follows. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text === "9999-12-31") return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}
const isMoment = (text: string): boolean => /^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/.test(text);

/** Finds what the expressions and conditions of one question mean. Throws a Flaw. */
export class Expressions {
  readonly parameters = new Map<string, QuestionParameter>();
  private readonly scope: Scope;
  private readonly calculated: { name: string; value: Expression; at: string }[];
  private count = 0;

  constructor(scope: Scope, question: Question) {
    this.scope = scope;
    this.calculated = (question.calculated ?? []).map((one, i) => ({ ...one, at: `/calculated/${i}` }));
    this.calculated.forEach(({ name, at }, i) => {
      if (this.calculated.findIndex((one) => fold(one.name) === fold(name)) < i) throw new Flaw(`${at}/name`, `the name ${name} is used twice`, `名前 ${name} が重複しています`);
    });
    // Also those that nothing uses must be right.
    this.calculated.forEach(({ value, at }, i) => this.find(value, `${at}/value`, { before: i }));
    // But what only they take, the SQL does not.
    this.parameters.clear();
  }

  /** `before`: only calculated columns before this one may be used. */
  find(expression: Expression, at: string, { before = this.calculated.length, expected = null as Expected } = {}): Typed {
    this.count += 1;
    if (this.count > questionLimits.expressionsMax) {
      throw new Flaw(at, `the question has more than ${questionLimits.expressionsMax} expressions; a calculated column counts wherever it is used`, `式が ${questionLimits.expressionsMax} 個を超えています（計算列は使われる場所ごとに数えます）`);
    }
    if ("column" in expression) {
      const { alias, column } = findColumn(this.scope, expression, at);
      return { node: "column", alias, column, type: typeOf(column), at };
    }
    if ("calculated" in expression) {
      const found = this.calculated.slice(0, before).findIndex((one) => fold(one.name) === fold(expression.calculated));
      if (found < 0) throw new Flaw(`${at}/calculated`, `no calculated column before this place is called ${expression.calculated}`, `これより前に ${expression.calculated} という計算列はありません`);
      return this.find(this.calculated[found]!.value, `${this.calculated[found]!.at}/value`, { before: found, expected });
    }
    if ("value" in expression) return literal(expression.value, at);
    if ("parameter" in expression) return this.parameter(expression.parameter, { type: expression.type ?? expected, at });
    const typed = (one: Expression, place: string, wanted: Expected): Typed => this.find(one, place, { before, expected: wanted });
    switch (expression.op) {
      case "concat":
        return { node: "concat", of: expression.of.map((one, i) => typed(one, `${at}/of/${i}`, "text")), type: "text", at };
      case "round": {
        const of = holdNumber(typed(expression.of, `${at}/of`, "number"), "round");
        return { node: "round", of, digits: expression.digits ?? 0, type: "real", at };
      }
      case "part":
        return { node: "part", part: expression.part, of: holdDate(typed(expression.of, `${at}/of`, "date")), type: "integer", at };
      case "case": {
        const when = expression.when.map((one, i) => ({ if: this.test(one.if, `${at}/when/${i}/if`, before), value: typed(one.value, `${at}/when/${i}/value`, expected) }));
        const last = expression.else === undefined ? null : typed(expression.else, `${at}/else`, expected);
        const all = [...when.map((one) => one.value), ...(last ? [last] : [])].filter((one) => !(one.node === "literal" && one.value === null));
        const type = all.reduce<ValueType | null>((so, one) => (so === null ? one.type : together(so, one)), null) ?? "any";
        return { node: "case", when, else: last, type, at };
      }
      default: {
        const of = expression.of.map((one, i) => holdNumber(typed(one, `${at}/of/${i}`, "number"), expression.op));
        const type = expression.op !== "/" && of.every((one) => one.type === "integer") ? "integer" : "real";
        return { node: "arithmetic", op: expression.op, of, type, at };
      }
    }
  }

  private parameter(name: string, { type, at }: { type: ParameterType | "list" | null; at: string }): Typed {
    const known = this.parameters.get(name);
    const found = type ?? known?.type ?? null;
    if (found === null) throw new Flaw(at, `nothing says what the parameter ${name} is; give it "type": "number", "text" or "date"`, `パラメーター ${name} の型が分かりません。"type" に "number"、"text"、"date" のいずれかを指定してください`);
    if (known && known.type !== found) throw new Flaw(at, `the parameter ${name} is ${known.type} elsewhere and ${found} here`, `パラメーター ${name} の型が場所によって違います（${known.type} と ${found}）`);
    this.parameters.set(name, { name, type: found, optional: known?.optional ?? false });
    return { node: "parameter", name, type: found === "list" ? "any" : typeOfParameter[found], at };
  }

  private operand(operand: Operand, at: string, options: { before: number; expected: Expected }): Typed {
    return typeof operand === "object" ? this.find(operand, at, options) : literal(operand, at);
  }

  test(condition: Condition, at: string, before = this.calculated.length): Test {
    if ("and" in condition) return { node: "and", of: condition.and.map((one, i) => this.test(one, `${at}/and/${i}`, before)), at };
    if ("or" in condition) return { node: "or", of: condition.or.map((one, i) => this.test(one, `${at}/or/${i}`, before)), at };
    if ("not" in condition) return { node: "not", of: this.test(condition.not, `${at}/not`, before), at };
    const value = (expected: Expected): Typed => this.find(condition.value, `${at}/value`, { before, expected });
    const other = (one: Operand, key: string, expected: Expected): Typed => this.operand(one, `${at}/${key}`, { before, expected });
    switch (condition.is) {
      case "empty":
      case "not empty":
        return { node: "empty", isNot: condition.is === "not empty", of: value("text"), at };
      case "in":
      case "not in": {
        const of = value("text");
        const isNot = condition.is === "not in";
        if (!Array.isArray(condition.to)) {
          this.parameter(condition.to.parameter, { type: "list", at: `${at}/to` });
          return { node: "in", isNot, of, to: condition.to, at };
        }
        const to = condition.to.map((one, i) => literalBeside(of, literal(one, `${at}/to/${i}`)));
        return { node: "in", isNot, of, to, at };
      }
      case "during": {
        const day = (key: "from" | "to"): Typed => holdDay(other(condition[key], key, "date"), `${at}/${key}`);
        return { node: "during", of: holdDate(value("date")), from: day("from"), to: day("to"), at };
      }
      case "last": {
        const day = condition.day ?? "today";
        this.parameter(day, { type: "date", at });
        return { node: "last", of: holdDate(value("date")), count: condition.count, unit: condition.unit, day, complete: condition.complete ?? false, at };
      }
      case "between": {
        const of = value(null);
        const side = (key: "from" | "to"): Typed => holdFit(of, other(condition[key], key, expectedOf(of.type)));
        return { node: "between", of, from: side("from"), to: side("to"), at };
      }
      case "contains":
      case "not contains":
      case "starts with": {
        const of = holdText(value("text"));
        const to = holdText(other(condition.to, "to", "text"));
        if (to.node === "literal" && to.value === "") throw new Flaw(`${at}/to`, "every text contains the empty text: give at least one character", "空文字はすべての文字列に含まれます。1文字以上を指定してください");
        return { node: "text", is: condition.is, of, to, optional: this.optional(condition, to, `${at}/optional`), at };
      }
      default: {
        const of = value(null);
        const to = holdFit(of, other(condition.to, "to", expectedOf(of.type)));
        return { node: "compare", is: condition.is, of, to, optional: this.optional(condition, to, `${at}/optional`), at };
      }
    }
  }

  private optional(condition: { optional?: boolean }, to: Typed, at: string): string | null {
    if (condition.optional !== true) return null;
    if (to.node !== "parameter") throw new Flaw(at, `only a comparison to a parameter can be left out: write "to": {"parameter": …}`, `省略できるのはパラメーターとの比較だけです。"to": {"parameter": …} と書いてください`);
    const { name } = to;
    const known = this.parameters.get(name)!;
    this.parameters.set(name, { ...known, optional: true });
    return name;
  }
}

export function literal(value: string | number | boolean | null, at: string): Typed {
  if (value === null) return { node: "literal", value, type: "any", at };
  if (typeof value === "boolean") return { node: "literal", value: value ? 1 : 0, type: "integer", at };
  if (typeof value === "number") return { node: "literal", value, type: Number.isSafeInteger(value) ? "integer" : "real", at };
  return { node: "literal", value, type: "text", at };
}

const saidEn: Record<ValueType, string> = { integer: "a number", real: "a number", text: "a text", date: "a date", datetime: "a date and time", any: "of any type" };
const saidJa: Record<ValueType, string> = { integer: "数値", real: "数値", text: "文字列", date: "日付", datetime: "日時", any: "型なし" };

function holdNumber(typed: Typed, what: string): Typed {
  if (isNumber(typed.type) || typed.type === "any") return typed;
  throw new Flaw(typed.at, `${what} takes numbers, and this is ${saidEn[typed.type]}`, `${what} に使えるのは数値だけですが、${saidJa[typed.type]}です`);
}

export function holdDate(typed: Typed): Typed {
  if (!isNumber(typed.type)) return typed;
  throw new Flaw(typed.at, "a date is needed, as a text such as 2026-01-31, and this is a number", "日付（2026-01-31 のような文字列）が必要ですが、数値です");
}

function holdText(typed: Typed): Typed {
  if (isText(typed.type) || typed.type === "any") return typed;
  throw new Flaw(typed.at, "a text is needed, and this is a number", "文字列が必要ですが、数値です");
}

function holdDay(typed: Typed, at: string): Typed {
  if (typed.node === "parameter") return typed;
  if (typed.node === "literal" && typeof typed.value === "string" && isDay(typed.value)) return typed;
  throw new Flaw(at, "a day is needed, such as 2026-01-31, or a parameter", "日付（2026-01-31 の形式）またはパラメーターを指定してください");
}

function holdFit(of: Typed, to: Typed): Typed {
  if (to.node === "literal" && to.value === null) throw new Flaw(to.at, `nothing is equal to null: ask with "is": "empty"`, `null とは比較できません。"is": "empty" を使ってください`);
  if (!fits(of.type, to.type)) throw new Flaw(to.at, `${saidEn[of.type]} is compared to ${saidEn[to.type]}`, `${saidJa[of.type]}と${saidJa[to.type]}は比較できません`);
  if (isTemporal(of.type) && to.node === "literal" && typeof to.value === "string" && !isMoment(to.value)) {
    throw new Flaw(to.at, "a date is needed, such as 2026-01-31 or 2026-01-31 23:59:59", "日付（2026-01-31 または 2026-01-31 23:59:59 の形式）を指定してください");
  }
  return to;
}

function literalBeside(of: Typed, to: Typed): string | number {
  holdFit(of, to);
  return (to as Typed & { node: "literal" }).value as string | number;
}

function together(so: ValueType, { type, at }: Typed): ValueType {
  if (so === type || type === "any" || so === "any") return so === "any" ? so : type === "any" ? type : so;
  if (isNumber(so) && isNumber(type)) return "real";
  if (isText(so) && isText(type)) return "text";
  throw new Flaw(at, `the other results of this case are ${saidEn[so]}, and this one is ${saidEn[type]}`, `case のほかの結果は${saidJa[so]}ですが、これは${saidJa[type]}です`);
}

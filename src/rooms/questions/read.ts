import { aggregateKinds, arithmetics, comparisons, dateBins, dateParts, dateUnits, Flaw, parameterTypes, questionLimits, textTests } from "./question.ts";
import type { Question } from "./question.ts";

/*
 * Holds a value to the shape of a question, and says where it does not fit. schema.ts publishes the same shape; a test
 * holds the two to each other.
 */

type Fields = Record<string, unknown>;
type Check = (value: unknown, at: string, depth: number) => unknown;

const limits = questionLimits;

/** A question of the right shape, or a Flaw with the place and what is accepted there. */
export function readQuestion(value: unknown): Question {
  const question = fields(value, "", "a question: { schema: 1, from, … }", "質問のオブジェクト { schema: 1, from, … }");
  only(question, "", {
    schema: (one, at) => oneOf(one, at, [1]),
    from: name,
    joins: list(join, limits.joinsMax),
    calculated: list((one, at) => only(object(one, at), at, { name, value: expression }, ["name", "value"]), limits.calculatedMax),
    filter: condition,
    groups: list((one, at) => only(object(one, at), at, { value: expression, name, bin }, ["value"]), limits.groupsMax),
    aggregates: list((one, at) => only(object(one, at), at, { kind: (kind, place) => oneOf(kind, place, aggregateKinds), of: expression, name }, ["kind"]), limits.aggregatesMax),
    columns: list((one, at) => only(object(one, at), at, { value: expression, name }, ["value"]), limits.columnsMax, 1),
    sort: list((one, at) => only(object(one, at), at, { by: name, direction: (way, place) => oneOf(way, place, ["ascending", "descending"]) }, ["by"]), limits.sortMax),
    limit: whole(1, limits.rowsMax),
  }, ["schema", "from"]);
  return value as Question;
}

export const pointerOf = (at: string, key: string | number): string => `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

function refuse(at: string, en: string, ja: string): never {
  throw new Flaw(at, en, ja);
}

function fields(value: unknown, at: string, en: string, ja: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(at, `it must be ${en}`, `${ja} を指定してください`);
  return value as Fields;
}

const object = (value: unknown, at: string): Fields => fields(value, at, "an object", "オブジェクト");

/** Every key is known, and none is missing. Checks those that are there. */
function only(value: Fields, at: string, checks: Record<string, Check>, needed: string[], depth = 0): void {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(checks, key)) {
      const known = Object.keys(checks).join(", ");
      refuse(pointerOf(at, key), `there is no such key here; known are ${known}`, `ここに使えないキーです（使えるキー: ${known}）`);
    }
  }
  for (const key of needed) if (value[key] === undefined) refuse(pointerOf(at, key), "it is missing", "指定がありません");
  for (const [key, check] of Object.entries(checks)) if (value[key] !== undefined) check(value[key], pointerOf(at, key), depth);
}

const list = (check: Check, itemsMax: number, itemsMin = 0): Check => (value, at, depth) => {
  if (!Array.isArray(value) || value.length > itemsMax || value.length < itemsMin) {
    refuse(at, `it must be a list of ${itemsMin} to ${itemsMax} items`, `${itemsMin}〜${itemsMax} 個の配列を指定してください`);
  }
  value.forEach((one, i) => check(one, pointerOf(at, i), depth));
};

function oneOf(value: unknown, at: string, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  const said = allowed.map((one) => JSON.stringify(one)).join(", ");
  refuse(at, `it must be one of ${said}`, `${said} のいずれかを指定してください`);
}

const whole = (least: number, most: number): Check => (value, at) => {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) refuse(at, `it must be a whole number from ${least} to ${most}`, `${least} から ${most} までの整数を指定してください`);
};

const flag: Check = (value, at) => oneOf(value, at, [true, false]);

function text(value: unknown, at: string, charactersMax: number, charactersMin = 0): void {
  if (typeof value !== "string" || value.length > charactersMax || value.length < charactersMin) refuse(at, `it must be a text of ${charactersMin} to ${charactersMax} characters`, `${charactersMin}〜${charactersMax} 文字の文字列を指定してください`);
  if (!value.isWellFormed() || value.includes("\0")) refuse(at, "it has characters that no text has (a zero, or half of a pair)", "文字列に使えない文字（NUL、または不完全なサロゲート）が含まれています");
}

const name: Check = (value, at) => text(value, at, limits.nameCharactersMax, 1);

const parameterName: Check = (value, at) => {
  if (typeof value !== "string" || !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(value)) {
    refuse(at, "a parameter's name has letters, digits and _ only, at most 64, and begins with no digit", "パラメーター名は英数字と _ で64文字まで、数字以外で始めてください");
  }
};

function scalar(value: unknown, at: string): void {
  if (typeof value === "string") return text(value, at, limits.textCharactersMax);
  if (typeof value === "boolean") return;
  if (typeof value !== "number" || !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63)) {
    refuse(at, "it must be a text, a number up to 2^53, true or false", "文字列、2^53 までの数値、true、false のいずれかを指定してください");
  }
}

const join: Check = (value, at) => {
  const right = (pair: unknown, place: string): void =>
    only(object(pair, place), place, { left: (one, there) => only(object(one, there), there, { column: name, table: name }, ["column"]), right: name }, ["left", "right"]);
  only(object(value, at), at, { table: name, as: name, kind: (kind, place) => oneOf(kind, place, ["left", "inner"]), on: list(right, 10, 1), multiplies: flag }, ["table"]);
};

const bin: Check = (value, at) => {
  if (typeof value === "string") return oneOf(value, at, dateBins);
  const given = fields(value, at, `one of ${dateBins.join(", ")}, { width } or { count }`, `${dateBins.join("、")}、{ width }、{ count } のいずれか`);
  const width: Check = (one, place) => {
    if (typeof one !== "number" || !Number.isFinite(one) || one <= 0) refuse(place, "it must be a number above 0", "0 より大きい数値を指定してください");
  };
  only(given, at, given["count"] === undefined ? { width } : { count: whole(1, limits.binsMax) }, [given["count"] === undefined ? "width" : "count"]);
};

function deep(at: string, depth: number): number {
  if (depth >= limits.depthMax) refuse(at, `it is nested more than ${limits.depthMax} deep`, `入れ子が ${limits.depthMax} 段を超えています`);
  return depth + 1;
}

const shapes = "{ column }, { calculated }, { value }, { parameter } or { op, of }";

const expression: Check = (value, at, depth) => {
  const given = fields(value, at, `an expression: ${shapes}`, `式（${shapes}）`);
  const below = deep(at, depth);
  if ("column" in given) return only(given, at, { column: name, table: name }, []);
  if ("calculated" in given) return only(given, at, { calculated: name }, []);
  if ("value" in given) return only(given, at, { value: (one, place) => one === null || scalar(one, place) }, []);
  if ("parameter" in given) return only(given, at, { parameter: parameterName, type: (type, place) => oneOf(type, place, parameterTypes) }, []);
  const { op } = given;
  const known: Check = (one, place) => oneOf(one, place, [...arithmetics, "concat", "round", "part", "case"]);
  if (op === "round") return only(given, at, { op: known, of: expression, digits: whole(0, 15) }, ["of"], below);
  if (op === "part") return only(given, at, { op: known, part: (part, place) => oneOf(part, place, dateParts), of: expression }, ["part", "of"], below);
  if (op === "case") {
    const branch: Check = (one, place, inner) => only(object(one, place), place, { if: condition, value: expression }, ["if", "value"], inner);
    return only(given, at, { op: known, when: list(branch, limits.operandsMax, 1), else: expression }, ["when"], below);
  }
  if (op === undefined) refuse(at, `it must be an expression: ${shapes}`, `式（${shapes}）を指定してください`);
  only(given, at, { op: known, of: list(expression, limits.operandsMax, 2) }, ["of"], below);
};

const operand: Check = (value, at, depth) => (typeof value === "object" && value !== null ? expression(value, at, depth) : scalar(value, at));

const condition: Check = (value, at, depth) => {
  const given = fields(value, at, "a condition: { and }, { or }, { not } or { value, is, … }", "条件（{ and }、{ or }、{ not }、{ value, is, … }）");
  const below = deep(at, depth);
  for (const key of ["and", "or"]) if (key in given) return only(given, at, { [key]: list(condition, limits.conditionsMax, 1) }, [key], below);
  if ("not" in given) return only(given, at, { not: condition }, ["not"], below);
  const is: Check = (one, place) => oneOf(one, place, [...comparisons, ...textTests, "between", "in", "not in", "empty", "not empty", "during", "last"]);
  const base = { value: expression, is };
  const rest = (more: Record<string, Check>, needed: string[]): void => only(given, at, { ...base, ...more }, ["value", ...needed], below);
  is(given["is"], pointerOf(at, "is"), 0);
  switch (given["is"]) {
    case "between":
    case "during":
      return rest({ from: operand, to: operand }, ["from", "to"]);
    case "in":
    case "not in":
      return rest({ to: (to, place, inner) => (Array.isArray(to) ? list(scalar, limits.listMax, 1)(to, place, inner) : only(object(to, place), place, { parameter: parameterName }, ["parameter"])) }, ["to"]);
    case "empty":
    case "not empty":
      return rest({}, []);
    case "last":
      return rest({ count: whole(1, limits.periodsMax), unit: (unit, place) => oneOf(unit, place, dateUnits), day: parameterName, complete: flag }, ["count", "unit"]);
    default:
      return rest({ to: operand, optional: flag }, ["to"]);
  }
};

import { isPlainNumber } from "./blocks.ts";
import { parseDate } from "./dates.ts";
import type { ResultColumn } from "./schema.ts";

/** What a column can be in a chart. */
export interface Role {
  name: string;
  kind: "date" | "year" | "measure" | "category" | "skip";
  /** Distinct values in the sample. */
  distinct: number;
  /** Values in the sample that are there. */
  filled: number;
  /** With dates: how SQL shortens it to a grain. */
  dates?: { expression(grain: "year" | "month" | "day"): string; spanDays: number };
  /** A number that is a piece of a date: nothing to add up. */
  part?: "month" | "day" | "other";
  /** Measures: whether adding up means something. */
  additive: boolean;
  /** How likely a person asks for it first. */
  weight: number;
}

const skipped = /(^|[_\s])(uuid|guid|hash|token|url|uri|link|href|email|e-mail|mail|phone|tel|fax|zip|postcode|postal|lat|lon|lng|latitude|longitude|password|address|(?:first|last|full|family|given|middle)_?name|surname)([_\s]|$)|(郵便番号|電話|メール|住所|緯度|経度|コード|番号|氏名|姓|名前)$/i;
/** "BillingAddress" is read as "Billing_Address". */
const isSkipped = (name: string): boolean => skipped.test(name.replaceAll(/([a-z])([A-Z])/g, "$1_$2"));
const birth = /birth|dob|生年月日|誕生/i;
const ratio = /(rate|ratio|percent|pct|share|avg|average|mean|median|score|temp|temperature|price|rating|age|index|speed|height|weight|density|率|割合|平均|単価|価格|年齢|得点|点数|気温|温度|指数|単位|身長|体重)/i;
const likely = /(amount|total|sales|revenue|profit|cost|income|value|quantity|qty|population|count|gross|budget|金額|売上|合計|利益|数量|人口|件数|収入|支出|予算)/i;

/** The name in double quotes, as SQLite reads it whatever it holds. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Looks at a sample of a table's rows and says what each column is good for. */
export function rolesOf(columns: ResultColumn[], rows: unknown[][]): Role[] {
  return columns.map((column, at) => roleOf(column, rows.map((row) => row[at]), rows.length));
}

function roleOf(column: ResultColumn, all: unknown[], rowCount: number): Role {
  const { name } = column;
  const values = all.filter((value) => value !== null && value !== undefined && value !== "");
  const distinct = new Set(values).size;
  const role: Role = { name, kind: "skip", distinct, filled: values.length, additive: !ratio.test(name), weight: likely.test(name) ? 2 : 1 };
  if (values.length === 0 || name === "" || name.length > 200 || name.includes("\0")) return role;
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length >= values.length * 0.9) return numberRole(role, numbers, column, rowCount);
  const texts = values.filter((value) => typeof value === "string");
  if (texts.length < values.length * 0.9) return role;
  if (isSkipped(name)) return role;
  const dates = textDates(name, texts);
  if (dates) return birth.test(name) ? role : { ...role, kind: "date", dates };
  const length = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  // Numbers that came as text, because of a dash or a note between them, name nothing.
  if (distinct > 12 && texts.filter((text) => /^\s*[-+]?[\d,.]+\s*%?$/.test(text)).length >= texts.length * 0.5) return role;
  const repeats = distinct <= Math.max(12, rowCount * 0.5);
  if (distinct > 1 && length <= 60 && repeats && (distinct < rowCount || rowCount <= 12)) return { ...role, kind: "category", weight: distinct <= 12 ? 2 : 1 };
  return role;
}

function numberRole(role: Role, numbers: number[], column: ResultColumn, rowCount: number): Role {
  const { name } = role;
  const whole = numbers.every(Number.isInteger);
  if (whole && /(^|[^a-z])(year|yr)$|^year|年$|年度$|Year$/i.test(name) && numbers.every((value) => value >= 1000 && value <= 2999)) {
    return role.distinct > 1 ? { ...role, kind: "year" } : role;
  }
  const epoch = epochDates(name, column, numbers);
  if (epoch) return { ...role, kind: "date", dates: epoch };
  if (isSkipped(name) || isPlainNumber(name, numbers)) return role;
  const part = whole ? datePart(name, numbers) : undefined;
  if (part) return { ...role, kind: role.distinct > 1 && part !== "day" ? "category" : "skip", part, weight: 0.5 };
  // A running number is a name, not a figure.
  if (whole && rowCount >= 20 && role.distinct === numbers.length && isRun(numbers)) return role;
  if (whole && role.distinct <= 2 && numbers.every((value) => value === 0 || value === 1)) return role.distinct === 2 ? { ...role, kind: "category" } : role;
  return role.distinct > 1 ? { ...role, kind: "measure" } : role;
}

const parts: [RegExp, number, number, Role["part"]][] = [
  [/(^|[^a-z])(month|mon)$|月$/i, 1, 12, "month"], [/(^|[^a-z])(day|date|dom|mday)$|日$/i, 1, 31, "day"],
  [/(^|[^a-z])(hour|weekday|dow|quarter|qtr|week)$|(時|曜日|四半期|週)$/i, 0, 53, "other"],
];

function datePart(name: string, numbers: number[]): Role["part"] {
  return parts.find(([words, from, to]) => words.test(name) && numbers.every((value) => value >= from && value <= to))?.[3];
}

/** Year, month and perhaps day that stand in columns of their own, as one date. */
export function datesOfParts(roles: Role[], columns: ResultColumn[], rows: unknown[][]): Role | null {
  const year = roles.find((role) => role.kind === "year");
  const month = roles.find((role) => role.part === "month" && role.distinct > 1);
  if (!year || !month) return null;
  const day = roles.find((role) => role.part === "day");
  const [atYear, atMonth] = [year, month].map((role) => columns.findIndex((column) => column.name === role.name)) as [number, number];
  const moments = rows.map((row) => Date.UTC(Number(row[atYear]), Number(row[atMonth]) - 1)).filter(Number.isFinite);
  const columnsOf = { year: [year], month: [year, month], day: day ? [year, month, day] : [year, month] };
  const shape = (count: number): string => ["%04d", "%02d", "%02d"].slice(0, count).join("-");
  return {
    ...month, kind: "date", weight: 1,
    dates: { spanDays: spanOf(moments), expression: (grain) => `printf('${shape(columnsOf[grain].length)}', ${columnsOf[grain].map((role) => quoted(role.name)).join(", ")})` },
  };
}

function isRun(numbers: number[]): boolean {
  const low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const high = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  return high - low < numbers.length * 1.1;
}

/** Dates as text: only forms whose beginning sorts and shortens as text does. */
function textDates(name: string, texts: string[]): Role["dates"] | null {
  const slashes = texts.every((text) => /^\d{4}\/\d{2}\/\d{2}/.test(text));
  const fitting = texts.filter((text) => (slashes || /^\d{4}-\d{2}(-\d{2}|$)/.test(text)) && parseDate(text.slice(0, 10)) !== null);
  if (fitting.length < texts.length * 0.9) return null;
  const column = slashes ? `replace(${quoted(name)}, '/', '-')` : quoted(name);
  const lengths = { year: 4, month: 7, day: 10 };
  return { spanDays: spanOf(fitting.map((text) => parseDate(text.slice(0, 10))!)), expression: (grain) => `substr(${column}, 1, ${lengths[grain]})` };
}

/** Seconds or milliseconds since 1970, where the name says that it is a time. */
function epochDates(name: string, column: ResultColumn, numbers: number[]): Role["dates"] | null {
  if (!/(_at|At|date|time|timestamp|日時|日付)$/i.test(name) && !/date|time/i.test(column.type ?? "")) return null;
  const millis = numbers.every((value) => value > 1e11 && value < 1e13);
  if (!millis && !numbers.every((value) => value > 3e8 && value < 1e10)) return null;
  const seconds = millis ? `${quoted(name)} / 1000` : quoted(name);
  const patterns = { year: "%Y", month: "%Y-%m", day: "%Y-%m-%d" };
  return { spanDays: spanOf(numbers.map((value) => (millis ? value : value * 1000))), expression: (grain) => `strftime('${patterns[grain]}', ${seconds}, 'unixepoch')` };
}

function spanOf(moments: number[]): number {
  return (moments.reduce((a, b) => Math.max(a, b), -Infinity) - moments.reduce((a, b) => Math.min(a, b), Infinity)) / 86_400_000;
}

import { formatDate, formatPattern, grainOf, isTimePattern, parseDate } from "./dates.ts";
import type { Grain } from "./dates.ts";
import type { FormatChoice, Language, ValueFormat } from "./schema.ts";

/** A pattern of d3-format, of which only what has a meaning here is accepted. */
export interface NumberPattern {
  plus: boolean;
  dollar: boolean;
  comma: boolean;
  precision: number | null;
  trim: boolean;
  type: "" | "f" | "d" | "%" | "e" | "g" | "r" | "s" | "p";
}

const pattern = /^(\+)?(\$)?(,)?(?:\.(\d{1,2}))?(~)?([fd%egrsp])?$/;

/** The parts of a d3-format pattern, or null where it is not one of the accepted. */
export function parsePattern(text: string): NumberPattern | null {
  const found = pattern.exec(text);
  if (!found || (found[4] !== undefined && Number(found[4]) > 20)) return null;
  return {
    plus: Boolean(found[1]), dollar: Boolean(found[2]), comma: Boolean(found[3]),
    precision: found[4] === undefined ? null : Number(found[4]), trim: Boolean(found[5]), type: (found[6] ?? "") as NumberPattern["type"],
  };
}

/** The pattern itself where every letter is known, else null. */
export function parseTimePattern(text: string): string | null {
  return isTimePattern(text) ? text : null;
}

const unitsByLanguage: Record<Language, [number, string][]> = {
  en: [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]],
  ja: [[1e12, "兆"], [1e8, "億"], [1e4, "万"]],
};

/** A number with separators and at most `decimalsMax` decimals; figures below 1 keep three that count. */
export function formatNumber(value: number, language: Language, options: { decimals?: number; decimalsMax?: number } = {}): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const most = options.decimals ?? Math.max(options.decimalsMax ?? 2, size > 0 && size < 1 ? Math.min(12, 2 - Math.floor(Math.log10(size))) : 0);
  return tidyMinus(group(value, options.decimals ?? 0, most, language));
}

/** K, M, B; 万, 億, 兆: one decimal at most, or `decimals`. */
export function formatCompact(value: number, language: Language, decimals = 1): string {
  if (!Number.isFinite(value)) return "–";
  const units = unitsByLanguage[language];
  let index = units.findIndex(([size]) => Math.abs(value) >= size);
  if (index < 0) return formatNumber(value, language, { decimalsMax: Math.max(decimals, 1) });
  // 999,950 is 1M, not 1,000K.
  const rounded = Number((Math.abs(value) / units[index]![0]).toFixed(decimals)) * units[index]![0];
  if (index > 0 && rounded >= units[index - 1]![0]) index -= 1;
  const [size, name] = units[index]!;
  // Three figures say enough: 4,690万, not 4,690.2万.
  if (decimals <= 1 && Math.abs(value) / size >= 100) decimals = 0;
  return tidyMinus(group(value / size, 0, decimals, language)) + name;
}

/** 0.123 is 12.3%. */
export function formatPercent(value: number, language: Language, decimals?: number): string {
  if (!Number.isFinite(value)) return "–";
  return `${tidyMinus(group(value * 100, decimals ?? 0, decimals ?? 1, language))}%`;
}

const currencySigns: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", CNY: "CN¥", KRW: "₩", INR: "₹", AUD: "A$", CAD: "C$", TWD: "NT$", HKD: "HK$" };
const wholeCurrencies = new Set(["JPY", "KRW", "VND", "CLP", "ISK", "HUF"]);

/** $1,234.50; ¥1,234 in English and 1,234円 in Japanese. */
export function formatCurrency(value: number, language: Language, options: { currency?: string; decimals?: number; compact?: boolean } = {}): string {
  if (!Number.isFinite(value)) return "–";
  const currency = options.currency ?? (language === "ja" ? "JPY" : "USD");
  const decimals = options.decimals ?? (wholeCurrencies.has(currency) || (Number.isInteger(value) && (value === 0 || Math.abs(value) >= 1000)) ? 0 : 2);
  const size = Math.abs(value);
  const digits = options.compact && size >= (language === "ja" ? 1e4 : 1e3) ? formatCompact(size, language, options.decimals ?? 1) : group(size, decimals, decimals, language);
  const minus = value < 0 && /[1-9]/.test(digits) ? "−" : "";
  if (currency === "JPY") return language === "ja" ? `${minus}${digits}円` : `${minus}¥${digits}`;
  const sign = currencySigns[currency];
  return sign ? `${minus}${sign}${digits}` : `${minus}${digits} ${currency}`;
}

/** A value as a table, a tooltip or a label shows it: by its format, else by the language's custom. */
export function formatValue(value: unknown, format: FormatChoice | undefined, language: Language, grain?: Grain): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof format === "string") return formatByPattern(value, format, language);
  const kind = format?.kind ?? (typeof value === "number" || typeof value === "bigint" ? "number" : "text");
  if (kind === "text") return textOf(value);
  if (kind === "date") {
    const ms = parseDate(value);
    return ms === null ? textOf(value) : formatDate(ms, grain ?? grainOf([ms]), language);
  }
  const number = numberOf(value);
  if (number === null) return textOf(value);
  return formatKind(number, kind, format ?? {}, language);
}

function formatKind(value: number, kind: string, format: ValueFormat, language: Language): string {
  if (kind === "percent") return formatPercent(value, language, format.decimals);
  if (kind === "currency") return formatCurrency(value, language, format);
  if (format.compact) return formatCompact(value, language, format.decimals ?? 1);
  return formatNumber(value, language, format.decimals === undefined ? {} : { decimals: format.decimals });
}

function formatByPattern(value: unknown, format: string, language: Language): string {
  if (isTimePattern(format)) {
    const ms = parseDate(value);
    if (ms !== null) return formatPattern(ms, format, language);
  }
  const number = numberOf(value);
  const parsed = parsePattern(format);
  if (number === null || parsed === null) return textOf(value);
  const size = Math.abs(number);
  const text = byType(size, parsed, language);
  const sign = number < 0 && /[1-9]/.test(text) ? "−" : parsed.plus ? "+" : "";
  return `${sign}${parsed.dollar ? "$" : ""}${text}`;
}

function byType(size: number, parsed: NumberPattern, language: Language): string {
  const precision = parsed.precision ?? 6;
  const trim = (text: string) => (parsed.trim ? text.replace(/(\.\d*?)0+(?=e|$)/, "$1").replace(/\.(?=e|$)/, "") : text);
  const plain = (text: string) => (parsed.comma ? text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",")) : text);
  switch (parsed.type) {
    case "d": return plain(size.toFixed(0));
    case "f": return plain(trim(size.toFixed(precision)));
    case "%": return `${plain(trim((size * 100).toFixed(precision)))}%`;
    case "p": return `${plain(trim((size * 100).toPrecision(precision || 1)))}%`;
    case "e": return trim(size.toExponential(precision));
    case "g": case "r": return plain(trim(size.toPrecision(precision || 1)));
    case "s": return formatCompact(size, language, parsed.precision === null ? 1 : Math.max(0, parsed.precision - 1));
    default: return plain(parsed.precision === null ? String(Number(size.toPrecision(12))) : trim(size.toPrecision(precision || 1)));
  }
}

/** A cell as plain text: `{base64}` blobs by their size, anything else as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "object") {
    const base64 = (value as { base64?: unknown }).base64;
    if (typeof base64 === "string") return `⟨${Math.floor((base64.length * 3) / 4)} B⟩`;
    return JSON.stringify(value);
  }
  return String(value);
}

/** The number in a cell: numbers, and integers beyond 2^53 that came as strings. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" && value.length <= 40 && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return Number(value);
  return null;
}

const groupers = new Map<string, Intl.NumberFormat>();

/** Intl's grouping, kept by its settings because making one costs more than using it. */
function group(value: number, least: number, most: number, language: Language): string {
  const key = `${language} ${least} ${most}`;
  let grouper = groupers.get(key);
  if (!grouper) {
    grouper = new Intl.NumberFormat(language, { minimumFractionDigits: least, maximumFractionDigits: Math.max(least, most) });
    groupers.set(key, grouper);
  }
  return grouper.format(value);
}

/** The minus sign instead of the hyphen, and none before a zero. */
function tidyMinus(text: string): string {
  if (!text.startsWith("-")) return text;
  return /[1-9]/.test(text) ? `−${text.slice(1)}` : text.slice(1);
}

import type { ReportParameter } from "./schema.ts";

export type Value = string | number | null;

export interface Option {
  value: Value;
  label: string;
}

export interface Values {
  /** One for each parameter of the report. */
  values: Record<string, Value>;
  /** The parameters whose given text is no value of their type; they have their default. */
  invalid: string[];
}

const valueCharactersMax = 1_000;

/**
 * The parameters' values from the texts of an address or a form. An empty text means "anything": null. `options` gives
 * the choices of a parameter, whose own types a text then takes.
 */
export function readValues(parameters: readonly ReportParameter[], given: Record<string, string | undefined>, options: ReadonlyMap<string, readonly Option[]>): Values {
  const values: Values = { values: {}, invalid: [] };
  for (const parameter of parameters) {
    const text = given[parameter.name];
    const fallback = parameter.default ?? null;
    const value = text === undefined ? fallback : readValue(parameter, text, options.get(parameter.name) ?? []);
    if (value === undefined) values.invalid.push(parameter.name);
    values.values[parameter.name] = value === undefined ? fallback : value;
  }
  return values;
}

function readValue({ type }: ReportParameter, text: string, options: readonly Option[]): Value | undefined {
  if (text === "") return null;
  if (text.length > valueCharactersMax) return undefined;
  if (type === "number") {
    const number = Number(text);
    return text.trim() !== "" && Number.isFinite(number) ? number : undefined;
  }
  if (type === "date") return isDate(text) ? text : undefined;
  if (type === "choice") return options.find((option) => String(option.value ?? "") === text)?.value;
  return text;
}

/** The values as the texts of an address: what `readValues` reads back. Only what differs from the defaults. */
export function writeValues(parameters: readonly ReportParameter[], values: Record<string, Value>): URLSearchParams {
  const search = new URLSearchParams();
  for (const { name, default: fallback = null } of parameters) {
    const value = values[name] ?? null;
    if (value !== fallback) search.set(name, value === null ? "" : String(value));
  }
  return search;
}

/** A day that exists, as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

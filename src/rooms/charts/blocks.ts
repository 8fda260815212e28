import { grainOf, parseDate } from "./dates.ts";
import type { Grain } from "./dates.ts";
import { formatCompact, formatNumber, formatPercent, formatValue, numberOf, textOf } from "./format.ts";
import type { Language, QueryResult, ValueFormat } from "./schema.ts";

/** What drawing needs of a table block of a report. */
export interface TableLike {
  columns?: { field: string; title?: string | undefined; align?: "left" | "right" | "center" | undefined; format?: ValueFormat | undefined }[] | undefined;
  rowsMax?: number | undefined;
}

/** What drawing needs of a number block of a report. */
export interface NumberLike {
  field?: string | undefined;
  compareField?: string | undefined;
  better?: "more" | "less" | "neither" | undefined;
  format?: ValueFormat | undefined;
}

export interface TableModel {
  columns: { title: string; align: "left" | "right" | "center" }[];
  rows: string[][];
  /** Rows that the result has and the table does not show. */
  more: number;
}

export const tableRowsDefault = 100;

/** A result as the cells of a table: formatted, aligned, one number of decimals a column. */
export function tableModel(block: TableLike, result: QueryResult, language: Language): TableModel {
  const chosen = block.columns && block.columns.length > 0 ? block.columns : result.columns.map((column) => ({ field: column.name }) as NonNullable<TableLike["columns"]>[number]);
  const rows = result.rows.slice(0, block.rowsMax ?? tableRowsDefault);
  const cells = chosen.map((column) => {
    const at = result.columns.findIndex((one) => one.name === column.field);
    const values = rows.map((row) => (at < 0 ? null : (row[at] ?? null)));
    const numbers = values.filter((value) => value !== null);
    const numeric = numbers.length > 0 && numbers.every((value) => typeof value === "number" || typeof value === "bigint");
    const known = column.format?.kind === "number" || column.format?.kind === "percent" || column.format?.kind === "currency";
    return {
      title: column.title ?? column.field,
      align: column.align ?? ((numeric && !(column.format === undefined && isPlainNumber(column.field, values))) || known ? "right" : "left"),
      texts: numeric && column.format?.kind === undefined ? numberTexts(column, values) : dateOrText(values, column.format),
    } as const;
  });

  function numberTexts(column: { field: string; format?: ValueFormat | undefined }, values: unknown[]): string[] {
    if (!column.format && isPlainNumber(column.field, values)) return values.map(textOf);
    if (column.format) return values.map((value) => formatValue(value, column.format, language));
    const decimals = Math.max(0, ...values.map((value) => decimalsOf(value)));
    return values.map((value) => (value === null ? "–" : formatNumber(Number(value), language, { decimals: Math.min(2, decimals), decimalsMax: 2 })));
  }

  function dateOrText(values: unknown[], format: ValueFormat | undefined): string[] {
    let grain: Grain | undefined;
    if (format?.kind === "date") grain = grainOf(values.map(parseDate).filter((ms) => ms !== null));
    return values.map((value) => formatValue(value, format, language, grain));
  }

  return {
    columns: cells.map(({ title, align }) => ({ title, align })),
    rows: rows.map((_, i) => cells.map((cell) => cell.texts[i]!)),
    more: result.rows.length - rows.length,
  };
}

/** Years, ids, codes and the like: numbers that count nothing, written without separators. */
export function isPlainNumber(name: string, values: unknown[]): boolean {
  if (!values.every((value) => value === null || Number.isInteger(value))) return false;
  if (/(^|[^a-z])(id|ids|year|yr|code|zip|zipcode|postcode|postal|no|number)$/i.test(name) || /[a-z](Id|ID|Code|Year)$/.test(name) || /^(year|zip)/i.test(name)) return true;
  return /(番号|コード|年|年度|ID)$/.test(name);
}

function decimalsOf(value: unknown): number {
  if (typeof value !== "number" || Number.isInteger(value)) return 0;
  return Math.min(2, String(Number(value.toPrecision(12))).split(".")[1]?.length ?? 0);
}

export interface NumberModel {
  value: string;
  /** Present with a column to compare with. */
  change?: { text: string; from: string; direction: "up" | "down" | "none"; tone: "good" | "bad" | "plain" };
}

/** The figure of a number block: the first row's column, and its change against another column. */
export function numberModel(block: NumberLike, result: QueryResult, language: Language): NumberModel {
  const row = result.rows[0];
  const at = block.field === undefined ? 0 : result.columns.findIndex((column) => column.name === block.field);
  const value = row === undefined || at < 0 ? null : row[at];
  const show = (one: unknown) => {
    const number = typeof one === "number" ? one : null;
    if (!block.format && number !== null && Math.abs(number) >= 1e7) return formatCompact(number, language);
    if (!block.format && number !== null && Math.abs(number) >= 1000) return formatNumber(number, language, { decimalsMax: 0 });
    return formatValue(one, block.format, language);
  };
  const model: NumberModel = { value: show(value) };
  if (block.compareField === undefined) return model;
  const compareAt = result.columns.findIndex((column) => column.name === block.compareField);
  const [now, then] = [numberOf(value), row === undefined || compareAt < 0 ? null : numberOf(row[compareAt])];
  if (now === null || then === null) return model;
  const direction = now > then ? "up" : now < then ? "down" : "none";
  const share = then === 0 ? null : (now - then) / Math.abs(then);
  const sign = direction === "up" ? "+" : direction === "down" ? "−" : "±";
  const text = share === null ? `${sign}${show(Math.abs(now - then))}` : `${sign}${formatPercent(Math.abs(share), language)}`;
  const { better = "more" } = block;
  const tone = direction === "none" || better === "neither" ? "plain" : (direction === "up") === (better === "more") ? "good" : "bad";
  return { ...model, change: { text, from: show(then), direction, tone } };
}

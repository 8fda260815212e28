import type { TableBrief } from "../api/types.ts";

/** The table with the most to tell: many rows, of many columns. A table that only links others is long and says little. */
export function mainTable(tables: readonly TableBrief[]): TableBrief | undefined {
  const weight = ({ rows, columns }: TableBrief): number => columns.length * Math.log10((rows ?? 0) + 1);
  return tables.toSorted((a, b) => weight(b) - weight(a))[0];
}

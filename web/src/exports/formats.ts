import type { Words } from "../words/en.ts";

export interface Choice {
  key: keyof Words["exports"]["formats"];
  format: string;
  bom?: true;
}

/** What rows can leave as, in the order of the menu. */
export const choices: Choice[] = [
  { key: "xlsx", format: "xlsx" },
  { key: "csv", format: "csv" },
  { key: "excelCsv", format: "csv", bom: true },
  { key: "tsv", format: "tsv" },
  { key: "json", format: "json" },
  { key: "ndjson", format: "ndjson" },
  { key: "sqlite", format: "sqlite" },
  { key: "parquet", format: "parquet" },
];

export function tableAddress({ database, table, choice }: { database: string; table: string; choice: Choice }): string {
  return `/api/v1/databases/${encodeURIComponent(database)}/tables/${encodeURIComponent(table)}/export?format=${choice.format}${choice.bom ? "&bom=true" : ""}`;
}

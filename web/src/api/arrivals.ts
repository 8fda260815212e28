/* What the REST API answers of files before their import, and of where they come from. */

/** Where a database is refreshed from, without what opens it. */
export interface Source {
  kind: "url" | "s3";
  address: string;
  accessKeyId: string | null;
  every: "hour" | "day" | "week";
  nextAt: string | null;
  isPaused: boolean;
  isRunning: boolean;
  checkedAt: string | null;
  changedAt: string | null;
  failures: number;
  problem: { title: string; detail: string } | null;
}

export type ColumnType = "text" | "integer" | "real" | "date" | "datetime";

/** What a person decided about a file. Tables and columns are named as they are found in it. */
export interface Choices {
  encoding?: string;
  delimiter?: string;
  header?: boolean;
  misfits?: "refuse" | "empty";
  tables?: TableChoice[];
}

export interface TableChoice {
  from: string;
  name?: string;
  leftOut?: boolean;
  columns?: ColumnChoice[];
}

export interface ColumnChoice {
  from: string;
  name?: string;
  type?: ColumnType;
  leftOut?: boolean;
}

/** A file that waits for its import, as it would be read. */
export interface Preview {
  id: string;
  fileName: string;
  sizeBytes: number;
  database: string | null;
  choices: Choices;
  format: string;
  encoding?: string;
  delimiter?: string;
  header?: boolean;
  corrections: string[];
  isWhole: boolean;
  tables: PreviewTable[];
  warnings: { code: string; count?: number; line?: number; names?: string; file?: string }[];
  misfits: { table: string; column: string; type: ColumnType; line: number; value: string; count: number }[];
  problem: { code: string; title: string; detail: string } | null;
}

export interface PreviewTable {
  from: string;
  name: string;
  leftOut: boolean;
  rows: number | null;
  columns: { from: string; name: string; type: string; leftOut: boolean }[];
  sample: (string | number | null)[][];
}

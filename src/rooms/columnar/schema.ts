/** Changes when copies made before are no longer what this program would make: they are then made again. */
export const columnarFormat = 1;

/** How a column is stored in the copy. */
export type ColumnarType = "BIGINT" | "DOUBLE" | "VARCHAR" | "DATE" | "TIMESTAMP" | "BLOB";

/** Why a column's values, or what is calculated from them, may differ from SQLite's. */
export type Unclean = "mixed" | "characters" | "collation" | "range";

export interface ColumnarColumn {
  name: string;
  type: ColumnarType;
  /** Null: every value is the same as in SQLite, and so is what generated questions calculate from it. */
  unclean: Unclean | null;
}

/** One table of a version as a Parquet file. */
export interface ColumnarTable {
  name: string;
  rows: number;
  columns: ColumnarColumn[];
}

export const columnarLimits = {
  /** For questions without SQL a copy of smaller files is not made: SQLite answers as soon as DuckDB has opened its file. */
  bytesMin: 4 * 1024 ** 2,
  /** And where no table that is asked has so many rows, SQLite is asked. */
  questionRowsMin: 20_000,
  tablesMax: 500,
  makeMs: 60 * 60_000,
  /** A copy that could not be made is tried again when it is asked for after so long. */
  retryMs: 60 * 60_000,
  threadsMax: 4,
};
